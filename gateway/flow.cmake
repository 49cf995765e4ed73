# SPDX-License-Identifier: Apache-2.0
# The way of a message: the pure machines go into gateway-core, the shell is its own library.
target_sources(gateway-core PRIVATE
  alarm.c
  authorization.c
  delivery.c
  dialog.c
  iq.c
  leg.c
  notifier.c
  presence_cache.c
  roster.c
  table.c)
