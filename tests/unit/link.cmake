# SPDX-License-Identifier: Apache-2.0
cw_test(link proxy-link proxy-link)
target_link_libraries(test_link PRIVATE cw-mint)
