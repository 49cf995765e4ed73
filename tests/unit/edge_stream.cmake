# SPDX-License-Identifier: Apache-2.0
# Tests of the stream; edge-world is two servers of ours on loopback.
add_library(edge-world STATIC ${PROJECT_SOURCE_DIR}/tests/unit/edge_world.c)
target_include_directories(edge-world PUBLIC ${PROJECT_SOURCE_DIR}/tests/unit)
target_link_libraries(edge-world PUBLIC edge-stream cw-mint PkgConfig::CMOCKA
  PRIVATE causeway-warnings)

cw_test(guard edge-core)
cw_test(stream_fsm edge-core)
cw_test(stream_parser edge-stream)
cw_test(stream_splits edge-stream)
target_sources(test_stream_splits PRIVATE ${CMAKE_CURRENT_LIST_DIR}/stream_digest.c)
cw_test(stream edge-world)
cw_test(stream_refusals edge-world)
cw_test(dialback edge-core)
cw_test(peer_cert edge-core)
target_link_libraries(test_peer_cert PRIVATE cw-mint)
cw_test(stream_features edge-core)
cw_test(stream_dialback edge-world)
