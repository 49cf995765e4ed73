# SPDX-License-Identifier: Apache-2.0
# Partners, settings, store, the admin surface and the process itself.
target_sources(gateway-core PRIVATE access.c negotiation.c partners.c policy.c)

add_library(gateway-control STATIC
  policy_document.c
  settings.c
  settings_keys.c
  settings_partners.c
  settings_read.c
  settings_users.c
  store_sqlite.c)
target_include_directories(gateway-control PRIVATE .)
target_link_libraries(gateway-control PUBLIC gateway-core proxy-link PkgConfig::SQLITE PkgConfig::JANSSON
  PRIVATE causeway-warnings)

if(TARGET gateway-flow AND TARGET gateway-sip)
  add_executable(causeway-gateway main.c run.c process.c reload.c admin.c admin_json.c)
  target_include_directories(causeway-gateway PRIVATE .)
  target_link_libraries(causeway-gateway PRIVATE gateway-flow gateway-control gateway-sip
    PkgConfig::JANSSON causeway-warnings)
endif()
