# SPDX-License-Identifier: Apache-2.0
cw_fuzz(stream_parser edge-stream)
cw_fuzz(peer_cert edge-core)
cw_fuzz(stream edge-stream)
