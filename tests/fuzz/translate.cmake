# SPDX-License-Identifier: Apache-2.0
cw_fuzz(address translate)
cw_fuzz(jid translate)
cw_fuzz(pidf_read translate)
cw_fuzz(sip_uri translate)
cw_fuzz(stanza_read translate)
