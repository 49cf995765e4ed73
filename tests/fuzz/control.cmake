# SPDX-License-Identifier: Apache-2.0
cw_fuzz(lync gateway-core gateway)
