# SPDX-License-Identifier: Apache-2.0
# Partners, settings, store, the admin surface and the process itself.
target_sources(gateway-core PRIVATE access.c negotiation.c partners.c policy.c
  lync.c lync_csv.c lync_decode.c lync_finding.c lync_json.c lync_record.c lync_xml.c)
target_link_libraries(gateway-core PRIVATE PkgConfig::JANSSON)

add_library(gateway-control STATIC
  policy_document.c
  policy_edit.c
  settings.c
  settings_keys.c
  settings_partners.c
  settings_read.c
  settings_users.c
  store_policy.c
  store_sqlite.c)
target_include_directories(gateway-control PRIVATE .)
target_link_libraries(gateway-control PUBLIC gateway-core proxy-link PkgConfig::SQLITE PkgConfig::JANSSON
  PRIVATE causeway-warnings)

if(TARGET gateway-flow AND TARGET gateway-sip)
  add_executable(causeway-gateway 
    admin.c
    admin_answer.c
    admin_import.c
    admin_json.c
    admin_partners.c
    admin_policy.c
    change.c
    commit.c
    explain.c
    force.c
    losses.c
    main.c
    process.c
    reload.c
    run.c)
  target_include_directories(causeway-gateway PRIVATE .)
  target_link_libraries(causeway-gateway PRIVATE gateway-flow gateway-control gateway-sip
    PkgConfig::JANSSON causeway-warnings)
endif()
