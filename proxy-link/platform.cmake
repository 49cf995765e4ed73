# SPDX-License-Identifier: Apache-2.0
# What every process must do alike: clock, TLS, log, metrics, HTTP, configuration reader, notify.
target_sources(proxy-link PRIVATE
  byte_queue.c
  clock.c
  http_route.c
  http_server.c
  http_socket.c
  log_format.c
  log_rate.c
  log_writer.c
  loop_lag.c
  metrics.c
  metrics_text.c
  notify.c
  settings_bind.c
  settings_defaults.c
  settings_nearest.c
  settings_read.c
  settings_pointer.c
  settings_report.c
  settings_secret.c
  settings_value.c
  settings_yaml.c
  tls.c
  tls_listener.c
  tls_pipe.c
  tls_record.c
  tls_stream.c
  tls_stream_facts.c
  tls_stream_read.c
  tls_stream_state.c
  tls_stream_write.c)
target_link_libraries(proxy-link
  PUBLIC PkgConfig::OPENSSL
  PRIVATE PkgConfig::FYAML PkgConfig::MICROHTTPD)

# The build's own revision, for causeway_build_info; packagers set it.
set(CAUSEWAY_REVISION "" CACHE STRING "Revision shown by causeway_build_info; empty: ask git")
set(causeway_revision "${CAUSEWAY_REVISION}")
if(NOT causeway_revision)
  execute_process(COMMAND git rev-parse --short HEAD WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    OUTPUT_VARIABLE causeway_revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT causeway_revision)
  set(causeway_revision unknown)
endif()
set_source_files_properties(metrics.c PROPERTIES COMPILE_DEFINITIONS
  "CAUSEWAY_REVISION=\"${causeway_revision}\";CAUSEWAY_LIBSTROPHE_VERSION=\"${STROPHE_VERSION}\";CAUSEWAY_SOFIA_VERSION=\"${SOFIA_VERSION}\";CAUSEWAY_LIBXML2_VERSION=\"${XML_VERSION}\"")
