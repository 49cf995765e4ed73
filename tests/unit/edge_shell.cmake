# SPDX-License-Identifier: Apache-2.0
foreach(module IN ITEMS srv permit_change permits routes outbox edge_tables)
  cw_test(${module} edge-core)
endforeach()

cw_test(edge_settings edge-shell)
target_link_libraries(test_edge_settings PRIVATE cw-mint)

# Two real edges, with gateways played by the test.
add_executable(test_edge_process ${PROJECT_SOURCE_DIR}/tests/unit/test_edge_process.c)
target_link_libraries(test_edge_process PRIVATE proxy-link cw-mint PkgConfig::CMOCKA
  causeway-warnings)
add_test(NAME unit.edge_process COMMAND test_edge_process $<TARGET_FILE:causeway-edge>)
set_tests_properties(unit.edge_process PROPERTIES TIMEOUT 180)
