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
