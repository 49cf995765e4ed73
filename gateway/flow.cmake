# SPDX-License-Identifier: Apache-2.0
# The way of a message: the pure machines go into gateway-core, the shell is its own library.
target_sources(gateway-core PRIVATE
  ability.c
  alarm.c
  authorization.c
  delivery.c
  dialog.c
  disposition.c
  document.c
  downgrade.c
  iq.c
  knocks.c
  ledger.c
  leg.c
  notifier.c
  presence_cache.c
  quarantine.c
  quota.c
  receipts.c
  recursion.c
  recent.c
  reply_window.c
  roster.c
  shelf.c
  spelling.c
  table.c
  tally.c
  thread_table.c
  throttle.c
  typing.c
  window.c)

add_library(gateway-flow STATIC
  admission.c
  audit.c
  bounce.c
  converse.c
  deliver.c
  deliver_mark.c
  deliver_request.c
  deliver_stanza.c
  edge_pool.c
  edge_stream.c
  flow.c
  inbound.c
  loop.c
  notify.c
  notify_pair.c
  outbound.c
  page.c
  permits.c
  reply.c
  report.c
  restraint.c
  showing.c
  subscribe.c
  tell.c
  turn_away.c
  watch.c
  watch_pair.c
  unit.c
  watcher.c)
target_include_directories(gateway-flow PRIVATE .)
target_link_libraries(gateway-flow PUBLIC gateway-core proxy-link PkgConfig::UV
  PRIVATE causeway-warnings)
