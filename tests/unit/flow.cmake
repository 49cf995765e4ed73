# SPDX-License-Identifier: Apache-2.0
foreach(module IN ITEMS authorization delivery dialog flow_parts iq notifier presence_cache roster)
  cw_test(${module} gateway-core gateway)
endforeach()
cw_test(flow gateway-flow gateway)
target_sources(test_flow PRIVATE ${CMAKE_CURRENT_LIST_DIR}/flow_world.c)
