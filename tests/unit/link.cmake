# SPDX-License-Identifier: Apache-2.0
cw_test(credit proxy-link-core proxy-link)
cw_test(frame proxy-link-core proxy-link)
target_compile_definitions(test_frame PRIVATE
  CAUSEWAY_PROTOCOL="${PROJECT_SOURCE_DIR}/docs/PROTOCOL.md")
cw_test(permit proxy-link-core)
cw_test(session proxy-link-core proxy-link)
cw_test(link_address proxy-link proxy-link)
cw_test(link proxy-link proxy-link)
target_link_libraries(test_link PRIVATE cw-mint)
