# SPDX-License-Identifier: Apache-2.0
# The gateway's cases.
add_executable(vectors
  ${CMAKE_CURRENT_LIST_DIR}/gateway_vectors.c
  ${CMAKE_CURRENT_LIST_DIR}/negotiation_vectors.c
  ${CMAKE_CURRENT_LIST_DIR}/script.c
  ${CMAKE_CURRENT_LIST_DIR}/script_sip.c
  ${CMAKE_CURRENT_LIST_DIR}/sip_text.c
  ${CMAKE_CURRENT_LIST_DIR}/table_vectors.c
  ${CMAKE_CURRENT_LIST_DIR}/xml_meaning.c
  ${PROJECT_SOURCE_DIR}/tests/unit/address_property.c)
target_link_libraries(vectors PRIVATE flow-world vector-file gateway-sip PkgConfig::XML
  causeway-warnings)

foreach(area IN ITEMS addresses errors messages partners presence receipts routing subscriptions typing)
  cw_vectors(${area} vectors ${area} "")
endforeach()
cw_vectors(services vectors services PUB-V01)

# The transaction layer, which the world of the others has no room for: real sockets and time.
add_executable(vectors_sip ${CMAKE_CURRENT_LIST_DIR}/endpoint.c ${CMAKE_CURRENT_LIST_DIR}/sip_text.c)
target_include_directories(vectors_sip PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit)
target_link_libraries(vectors_sip PRIVATE sip-bench vector-file PkgConfig::CMOCKA causeway-warnings)
cw_vectors(transactions vectors_sip transactions "")

# The runner itself: what is wrong must be seen.
add_test(NAME vectors.broken COMMAND vectors ${PROJECT_SOURCE_DIR}/tests/vectors/broken.yaml)
set_tests_properties(vectors.broken PROPERTIES TIMEOUT 60
  PASS_REGULAR_EXPRESSION "\n0 passed, 11 failed, 1 not run\n")
