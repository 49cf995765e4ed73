# SPDX-License-Identifier: Apache-2.0
foreach(module IN ITEMS ability authorization delivery dialog disposition downgrade flow_parts iq knocks notifier presence_cache quarantine quota receipts recursion reply_window roster
                        shelf spelling thread_table throttle typing)
  cw_test(${module} gateway-core gateway)
endforeach()

# A gateway whose SIP side, edge, store and clock are doubles; linked as objects, so that they are
# found before the real ones.
add_library(flow-world OBJECT
  ${CMAKE_CURRENT_LIST_DIR}/flow_pair.c
  ${CMAKE_CURRENT_LIST_DIR}/flow_record.c
  ${CMAKE_CURRENT_LIST_DIR}/flow_world.c
  ${CMAKE_CURRENT_LIST_DIR}/flow_world_edge.c
  ${CMAKE_CURRENT_LIST_DIR}/flow_world_sip.c
  ${CMAKE_CURRENT_LIST_DIR}/flow_world_store.c)
target_include_directories(flow-world PUBLIC ${CMAKE_CURRENT_LIST_DIR} ${PROJECT_SOURCE_DIR}/gateway)
target_link_libraries(flow-world PUBLIC gateway-flow PkgConfig::CMOCKA PRIVATE causeway-warnings)

foreach(module IN ITEMS flow flow_limits flow_names flow_partner_types flow_presence flow_races flow_restraint flow_rules flow_settings flow_talk flow_ways_round)
  cw_test(${module} flow-world gateway)
endforeach()
target_sources(test_flow_rules PRIVATE ${CMAKE_CURRENT_LIST_DIR}/rules_reference.c)
