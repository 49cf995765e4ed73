# SPDX-License-Identifier: Apache-2.0
# The process causeway-edge around the stream: pure tables, then the shell.
target_sources(edge-core PRIVATE
  back_off.c
  connections.c
  outbox.c
  pair.c
  permits.c
  routes.c
  srv.c)
