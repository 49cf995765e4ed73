# SPDX-License-Identifier: Apache-2.0
add_library(sip-bench STATIC ${PROJECT_SOURCE_DIR}/tests/unit/sip_bench.c)
target_include_directories(sip-bench PUBLIC ${PROJECT_SOURCE_DIR}/gateway
  PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit)
target_link_libraries(sip-bench PUBLIC gateway-sip PkgConfig::UV
  PRIVATE PkgConfig::CMOCKA causeway-warnings)

cw_test(sip sip-bench)
target_link_libraries(test_sip PRIVATE cw-mint)
foreach(module IN ITEMS sip_transaction sip_route)
  cw_test(${module} gateway-core gateway)
endforeach()
foreach(module IN ITEMS sip_guard sip_message)
  cw_test(${module} gateway-sip gateway)
endforeach()
cw_test(sip_splits gateway-core gateway)
cw_test(translation_properties gateway-sip gateway)
target_sources(test_translation_properties PRIVATE ${CMAKE_CURRENT_LIST_DIR}/translation_property.c)
