# SPDX-License-Identifier: Apache-2.0
# The SIP side: its pure half goes into gateway-core, the shell is gateway-sip.
target_sources(gateway-core PRIVATE
  sip/field.c
  sip/framing.c
  sip/guard.c
  sip/header.c
  sip/message_write.c
  sip/route.c
  sip/table.c
  sip/transaction_client.c
  sip/transaction_server.c
  sip/wheel.c)

add_library(gateway-sip STATIC
  sip/client.c
  sip/counters.c
  sip/facade.c
  sip/hop.c
  sip/message.c
  sip/probe.c
  sip/server.c
  sip/transport_layer.c
  sip/transport_stream.c
  sip/transport_udp.c)
target_include_directories(gateway-sip PRIVATE .)
target_include_directories(gateway-sip SYSTEM PRIVATE ${SOFIA_INCLUDE_DIRS})
target_link_libraries(gateway-sip PUBLIC gateway-core proxy-link
  PRIVATE PkgConfig::UV PkgConfig::SOFIA causeway-warnings)
