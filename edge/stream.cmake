# SPDX-License-Identifier: Apache-2.0
# One S2S stream: the pure machine and its judgements, then the shell around them.
target_sources(edge-core PRIVATE
  base64.c
  condition.c
  dialback.c
  domain.c
  element.c
  stream_features.c
  guard.c
  header.c
  inherited.c
  limits.c
  pair_set.c
  peer_cert.c
  sasl.c
  stream_fsm.c)

add_library(edge-stream STATIC
  stream.c
  stream_act.c
  stream_auth.c
  stream_dialback.c
  stream_parser.c
  stream_private.c
  stream_read.c
  stream_write.c)
target_include_directories(edge-stream PUBLIC .)
target_link_libraries(edge-stream
  PUBLIC edge-core proxy-link PkgConfig::XML PkgConfig::OPENSSL PkgConfig::UV
  PRIVATE causeway-warnings)
