# SPDX-License-Identifier: Apache-2.0
foreach(module IN ITEMS authorization delivery dialog flow_parts iq notifier presence_cache receipts roster
                        throttle)
  cw_test(${module} gateway-core gateway)
endforeach()
foreach(module IN ITEMS flow flow_limits flow_presence)
  cw_test(${module} gateway-flow gateway)
  target_sources(test_${module} PRIVATE ${CMAKE_CURRENT_LIST_DIR}/flow_world.c)
endforeach()
