# SPDX-License-Identifier: Apache-2.0
cw_fuzz(settings proxy-link)
cw_fuzz(log proxy-link proxy-link)
