# SPDX-License-Identifier: Apache-2.0
cw_fuzz(sip_message gateway-sip gateway)
cw_fuzz(sip_framing gateway-core gateway)
cw_fuzz(sip_header gateway-core gateway)
