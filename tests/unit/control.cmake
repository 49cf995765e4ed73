cw_test(policy gateway-core gateway)
cw_test(partners gateway-core gateway)
cw_test(negotiation gateway-core gateway)
target_compile_definitions(test_negotiation PRIVATE
  CAUSEWAY_MATRIX="${PROJECT_SOURCE_DIR}/docs/reference/negotiation-matrix.csv")
cw_test(lync gateway-core gateway)
target_compile_definitions(test_lync PRIVATE
  CAUSEWAY_EXPORTS="${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/lync"
  CAUSEWAY_PAGE="${PROJECT_SOURCE_DIR}/docs/how-to/migrate-from-lync.md")
cw_test(store gateway-control gateway)
cw_test(settings gateway-control gateway)
target_compile_definitions(test_settings PRIVATE
  CAUSEWAY_EXAMPLE="${PROJECT_SOURCE_DIR}/conf/gateway.yaml")
cw_test(policy_document gateway-control gateway)
cw_test(policy_edit gateway-control gateway)

# Bad files with their exact findings, also as the program tells them.
add_executable(test_bad_config ${PROJECT_SOURCE_DIR}/tests/unit/test_bad_config.c)
target_include_directories(test_bad_config PRIVATE ${PROJECT_SOURCE_DIR}/gateway)
target_link_libraries(test_bad_config PRIVATE gateway-control PkgConfig::CMOCKA causeway-warnings)
target_compile_definitions(test_bad_config PRIVATE
  CAUSEWAY_BAD_CONFIG="${PROJECT_SOURCE_DIR}/tests/unit/bad_config"
  CAUSEWAY_SOURCES="${PROJECT_SOURCE_DIR}"
  CAUSEWAY_FINDINGS="${PROJECT_SOURCE_DIR}/docs/reference/configuration-findings.md")
add_test(NAME unit.bad_config COMMAND test_bad_config $<TARGET_FILE:causeway-gateway>)
set_tests_properties(unit.bad_config PROPERTIES TIMEOUT 120)
