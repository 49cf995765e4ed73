# SPDX-License-Identifier: Apache-2.0
cw_test(address translate)
cw_test(arena translate)
cw_test(error translate)
cw_test(jid translate)
cw_test(pidf translate)
cw_test(sip_uri translate)
cw_test(utf8 translate)
