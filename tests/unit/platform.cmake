# SPDX-License-Identifier: Apache-2.0
# Certificates for tests; whoever needs them links cw-mint.
add_library(cw-mint STATIC ${PROJECT_SOURCE_DIR}/tests/unit/cw_mint.c)
target_include_directories(cw-mint PUBLIC ${PROJECT_SOURCE_DIR}/tests/unit)
target_link_libraries(cw-mint PUBLIC PkgConfig::OPENSSL PRIVATE causeway-warnings)

foreach(module IN ITEMS tls tls_stream)
  cw_test(${module} proxy-link)
  target_link_libraries(test_${module} PRIVATE cw-mint)
endforeach()

cw_test(http proxy-link)
cw_test(log proxy-link proxy-link)
cw_test(metrics proxy-link)
cw_test(notify proxy-link)
cw_test(settings_file proxy-link)

# What a connection costs; built on demand, run by hand.
add_executable(bench_tls_stream EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/tests/bench/bench_tls_stream.c)
target_link_libraries(bench_tls_stream PRIVATE proxy-link cw-mint causeway-warnings)
