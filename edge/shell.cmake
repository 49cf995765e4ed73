# SPDX-License-Identifier: Apache-2.0
# The process causeway-edge around the stream: pure tables, then the shell, then the program.
target_sources(edge-core PRIVATE
  back_off.c
  bounce.c
  connections.c
  outbox.c
  pair.c
  permit_change.c
  permits.c
  routes.c
  srv.c
  turned_away.c
  words.c)

# A library, so that tests can call its parts.
add_library(edge-shell STATIC
  admin.c
  certificates.c
  connector.c
  dns.c
  edge.c
  edge_drain.c
  edge_health.c
  edge_reload.c
  edge_wiring.c
  gateway_link.c
  inbound.c
  listener.c
  review.c
  sender.c
  settings.c
  settings_keys.c
  settings_read.c
  streams.c)
target_include_directories(edge-shell PUBLIC .)
target_link_libraries(edge-shell
  PUBLIC edge-core proxy-link PkgConfig::UV
  PRIVATE PkgConfig::UNBOUND PkgConfig::JANSSON causeway-warnings)
if(TARGET edge-stream)
  target_link_libraries(edge-shell PUBLIC edge-stream)
endif()

add_executable(causeway-edge main.c)
target_link_libraries(causeway-edge PRIVATE edge-shell causeway-warnings)
