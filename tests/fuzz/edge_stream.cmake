# SPDX-License-Identifier: Apache-2.0
cw_fuzz(stream_parser edge-stream tests/unit)
if(TARGET fuzz_stream_parser)
  target_sources(fuzz_stream_parser PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit/stream_digest.c)
endif()
cw_fuzz(peer_cert edge-core)
cw_fuzz(stream edge-stream)
