/* SPDX-License-Identifier: Apache-2.0 */
/* No include guard: read several times with different X (see metrics.h).
 *
 * X(id, name without prefix, type, label names in order, buckets, help). Label words are closed
 * sets: `partner` is a configured primary domain or "_unlisted"; `direction` is
 * xmpp_to_sip|sip_to_xmpp in the gateway and in|out on wires (OPERATOR.md 2.4). */
/* clang-format off */
#ifndef CW_METRICS_TABLE_BUCKETS
#define CW_METRICS_TABLE_BUCKETS
#define CW_BUCKETS_LAG         "0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 1"
#define CW_BUCKETS_TRANSLATION "0.00005 0.0001 0.00025 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1"
#define CW_BUCKETS_DELIVERY    "0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 32"
#define CW_BUCKETS_SETUP       "0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 30 60"
#define CW_BUCKETS_DNS         "0.001 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5"
#define CW_BUCKETS_LINK        "0.0002 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.5 1"
#define CW_BUCKETS_STORE       "0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1"
#define CW_BUCKETS_HTTP        "0.0005 0.001 0.005 0.01 0.05 0.1 0.5 1 5"
#endif

X(BUILD_INFO, "build_info", GAUGE, "version revision role openssl libuv libstrophe sofia_sip libxml2", "",
  "Build and library versions; the value is always 1.")
X(START_TIME_SECONDS, "start_time_seconds", GAUGE, "", "", "Start time of the process since unix epoch in seconds.")
X(READY, "ready", GAUGE, "", "", "1 when this process accepts new work, else 0.")
X(DRAINING, "draining", GAUGE, "", "", "1 while this process is draining, else 0.")
X(CONFIG_REVISION, "config_revision", GAUGE, "", "", "Revision of what is in force, files and policy document together; grows with each change.")
X(POLICY_REVISION, "policy_revision", GAUGE, "", "", "Revision of the policy document in force; 0 when none was committed.")
X(POLICY_COMMITS_TOTAL, "policy_commits_total", COUNTER, "result", "", "Commits of the policy document by outcome.")
X(CONFIG_LAST_RELOAD_SUCCESSFUL, "config_last_reload_successful", GAUGE, "", "",
  "Whether the last configuration reload attempt was successful.")
X(CONFIG_LAST_RELOAD_SUCCESS_TIMESTAMP_SECONDS, "config_last_reload_success_timestamp_seconds", GAUGE, "", "",
  "Time of the last successful configuration reload.")
X(CONFIG_RELOADS_TOTAL, "config_reloads_total", COUNTER, "trigger result", "",
  "Configuration reloads by trigger and result.")
X(EVENT_LOOP_LAG_SECONDS, "event_loop_lag_seconds", HISTOGRAM, "thread", CW_BUCKETS_LAG,
  "How late a 100 ms timer fires on each event loop.")
X(EVENT_LOOP_BUSY_SECONDS_TOTAL, "event_loop_busy_seconds_total", COUNTER, "thread", "",
  "Time each event loop spent outside poll.")
X(LOG_MESSAGES_TOTAL, "log_messages_total", COUNTER, "level", "", "Log records written by level.")
X(LOG_SUPPRESSED_TOTAL, "log_suppressed_total", COUNTER, "event", "", "Log records withheld by per-event rate limits.")
X(TRANSLATIONS_TOTAL, "translations_total", COUNTER, "partner direction kind result", "",
  "Units translated between XMPP and SIP by outcome.")
X(TRANSLATION_DURATION_SECONDS, "translation_duration_seconds", HISTOGRAM, "direction kind", CW_BUCKETS_TRANSLATION,
  "Time spent in the translation itself, without waiting for peers.")
X(DELIVERY_DURATION_SECONDS, "delivery_duration_seconds", HISTOGRAM, "direction kind", CW_BUCKETS_DELIVERY,
  "Time from receipt on one side to final outcome on the other.")
X(UNDELIVERED_TOTAL, "undelivered_total", COUNTER, "partner direction kind reason", "",
  "Units that could not be delivered, by reason.")
X(IMDN_TOTAL, "imdn_total", COUNTER, "partner direction status", "", "Delivery notifications by status.")
X(POLICY_DECISIONS_TOTAL, "policy_decisions_total", COUNTER, "partner decision rule", "", "Partner rule decisions.")
X(QUEUE_DEPTH, "queue_depth", GAUGE, "direction", "", "Units waiting for the other side.")
X(QUEUE_BYTES, "queue_bytes", GAUGE, "direction", "", "Bytes held by units waiting for the other side.")
X(SUBSCRIPTIONS, "subscriptions", GAUGE, "partner direction state", "", "Presence subscriptions held, by state.")
X(SUBSCRIPTION_REFRESHES_TOTAL, "subscription_refreshes_total", COUNTER, "direction result", "",
  "Presence subscription refreshes.")
X(PRESENCE_OLDEST_STATE_SECONDS, "presence_oldest_state_seconds", GAUGE, "partner", "",
  "Age of the oldest presence state still shown for this partner without a refresh.")
X(PROBE_SUCCESS, "probe_success", GAUGE, "partner stage", "", "Result of the last scheduled partner test, whole and per stage.")
X(PROBE_DURATION_SECONDS, "probe_duration_seconds", GAUGE, "partner", "", "Duration of the last scheduled partner test.")
X(PIDF_DOCUMENTS_TOTAL, "pidf_documents_total", COUNTER, "direction result", "", "PIDF documents parsed or produced.")
X(SIP_REQUESTS_TOTAL, "sip_requests_total", COUNTER, "direction method transport", "",
  "SIP requests by direction and method.")
X(SIP_RESPONSES_TOTAL, "sip_responses_total", COUNTER, "direction method code", "",
  "SIP final and provisional responses by status code.")
X(SIP_TRANSACTIONS, "sip_transactions", GAUGE, "side", "", "SIP transactions in progress.")
X(SIP_RETRANSMISSIONS_TOTAL, "sip_retransmissions_total", COUNTER, "method", "", "SIP requests sent again after a timer.")
X(SIP_DIALOGS, "sip_dialogs", GAUGE, "event role", "", "SIP event dialogs held.")
X(SIP_ROUTE_UP, "sip_route_up", GAUGE, "route", "", "1 when the SIP next hop answers OPTIONS.")
X(S2S_STREAMS, "s2s_streams", GAUGE, "partner direction auth tls", "", "Established server-to-server streams.")
X(S2S_CONNECTS_TOTAL, "s2s_connects_total", COUNTER, "partner direction result", "",
  "Server-to-server connection attempts by outcome.")
X(S2S_FAILURES_TOTAL, "s2s_failures_total", COUNTER, "partner direction stage reason", "",
  "Server-to-server set-up failures by stage and reason.")
X(S2S_SETUP_DURATION_SECONDS, "s2s_setup_duration_seconds", HISTOGRAM, "direction stage", CW_BUCKETS_SETUP,
  "Time to set up a stream, whole and per stage.")
X(S2S_DOWNGRADES_TOTAL, "s2s_downgrades_total", COUNTER, "partner direction", "",
  "Streams proven by a weaker method than the domain had before.")
X(S2S_STANZAS_TOTAL, "s2s_stanzas_total", COUNTER, "partner direction kind", "", "Stanzas on server-to-server streams.")
X(S2S_BYTES_TOTAL, "s2s_bytes_total", COUNTER, "partner direction", "",
  "Bytes on server-to-server streams before encryption.")
X(S2S_STREAM_ERRORS_TOTAL, "s2s_stream_errors_total", COUNTER, "partner direction condition", "",
  "Stream errors received (in) or sent (out).")
X(S2S_STANZA_ERRORS_TOTAL, "s2s_stanza_errors_total", COUNTER, "partner direction condition", "",
  "Error stanzas received (in) or sent (out).")
X(S2S_UNACKED_STANZAS, "s2s_unacked_stanzas", GAUGE, "partner", "",
  "Stanzas sent and not yet acknowledged (XEP-0198).")
X(S2S_PEER_CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS, "s2s_peer_certificate_expiry_timestamp_seconds", GAUGE, "partner", "",
  "End of validity of the certificate the partner last showed.")
X(DIALBACK_VERIFICATIONS_TOTAL, "dialback_verifications_total", COUNTER, "partner role result", "",
  "Dialback key checks by role.")
X(DNS_LOOKUPS_TOTAL, "dns_lookups_total", COUNTER, "type result", "", "DNS look-ups.")
X(DNS_LOOKUP_DURATION_SECONDS, "dns_lookup_duration_seconds", HISTOGRAM, "type", CW_BUCKETS_DNS, "DNS look-up time.")
X(CONNECTIONS_REJECTED_TOTAL, "connections_rejected_total", COUNTER, "listener reason", "",
  "Connections turned away before any stream was up.")
X(RATE_LIMITED_TOTAL, "rate_limited_total", COUNTER, "partner kind", "", "Units refused by a rate limit.")
X(QUARANTINED, "quarantined", GAUGE, "scope", "", "XMPP users and partners that are in quarantine.")
X(KNOCKS_TOTAL, "knocks_total", COUNTER, "reason", "", "Times that somebody who is no partner, or whom nobody invited, was turned away.")
X(TLS_HANDSHAKES_TOTAL, "tls_handshakes_total", COUNTER, "listener side version resumed result", "", "TLS handshakes.")
X(CERTIFICATE_EXPIRY_TIMESTAMP_SECONDS, "certificate_expiry_timestamp_seconds", GAUGE, "name", "",
  "End of validity of our own certificates.")
X(LINK_UP, "link_up", GAUGE, "peer", "", "1 when the internal mutual-TLS link to this peer is up.")
X(LINK_ROUND_TRIP_SECONDS, "link_round_trip_seconds", HISTOGRAM, "peer", CW_BUCKETS_LINK, "Round trip of link heartbeats.")
X(LINK_FRAMES_TOTAL, "link_frames_total", COUNTER, "peer direction", "", "Frames on the internal link.")
X(LINK_BYTES_TOTAL, "link_bytes_total", COUNTER, "peer direction", "", "Bytes on the internal link.")
X(LINK_IN_FLIGHT, "link_in_flight", GAUGE, "peer", "", "Frames sent on the link and not yet settled.")
X(LINK_RECONNECTS_TOTAL, "link_reconnects_total", COUNTER, "peer reason", "", "Times the link was set up again.")
X(LINK_PEER_CONFIG_REVISION, "link_peer_config_revision", GAUGE, "peer", "",
  "Partner policy revision that the peer reports as applied.")
X(POOL_MEMBERS, "pool_members", GAUGE, "role state", "", "Pool members by state.")
X(STORE_UP, "store_up", GAUGE, "", "", "1 when the shared store answers.")
X(STORE_QUERY_DURATION_SECONDS, "store_query_duration_seconds", HISTOGRAM, "op", CW_BUCKETS_STORE,
  "Shared store query time.")
X(STORE_ERRORS_TOTAL, "store_errors_total", COUNTER, "op sqlstate", "", "Shared store errors by SQLSTATE.")
X(HTTP_REQUESTS_TOTAL, "http_requests_total", COUNTER, "handler method code", "", "Control API requests.")
X(HTTP_REQUEST_DURATION_SECONDS, "http_request_duration_seconds", HISTOGRAM, "handler", CW_BUCKETS_HTTP,
  "Control API request time.")
X(TRACES_DROPPED_TOTAL, "traces_dropped_total", COUNTER, "sink", "", "Trace records not exported.")
/* clang-format on */
