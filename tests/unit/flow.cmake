# SPDX-License-Identifier: Apache-2.0
cw_test(authorization gateway-core gateway)
cw_test(flow gateway-flow gateway)
target_sources(test_flow PRIVATE ${CMAKE_CURRENT_LIST_DIR}/flow_world.c)
