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
