# SPDX-License-Identifier: Apache-2.0
cw_fuzz(lync gateway-core gateway)
cw_fuzz(policy_document gateway-control gateway)
