cw_test(policy gateway-core gateway)
cw_test(partners gateway-core gateway)
cw_test(negotiation gateway-core gateway)
target_compile_definitions(test_negotiation PRIVATE
  CAUSEWAY_MATRIX="${PROJECT_SOURCE_DIR}/docs/reference/negotiation-matrix.csv")
cw_test(store gateway-control gateway)
