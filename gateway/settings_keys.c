/* SPDX-License-Identifier: Apache-2.0 */
#include "settings_keys.h"

#include "settings.h"

#include <stddef.h>

#define END                                                                                        \
    {                                                                                              \
        .name = NULL                                                                               \
    }
#define AT(field)      .offset = offsetof(struct cw_gateway_settings, field)
#define ROUTE(field)   .offset = offsetof(struct cw_gateway_route, field)
#define PARTNER(field) .offset = offsetof(struct cw_gateway_partner, field)
#define GROUP(field)   .offset = offsetof(struct cw_gateway_group, field)
#define USERS(field)   .offset = offsetof(struct cw_gateway_users, field)
#define TLS(field)     .offset = offsetof(struct cw_gateway_tls, field)
#define NOWHERE        .place_offset = CW_NO_PLACE
#define MILLION        1000000

static const char *const FLOORS[] = {"none", "tls", "sasl", NULL};
static const char *const ACCESS[] = {"allow", "deny", NULL};
static const char *const FORMATS[] = {"auto", "logfmt", "json", "journal", NULL};
static const char *const LEVELS[] = {"debug", "info", "notice", "warning", "error", NULL};
static const char *const TYPES[] = {"federated", "public_verified", "public_unverified", NULL};
static const char *const NEGOTIATIONS[] = {"required", "optional", "not_supported", NULL};
static const char *const PARTNER_KINDS[] = {"default", "federated", "public_verified",
                                            "public_unverified", NULL};
static const char *const PARTNER_NEGOTIATIONS[] = {"default", "required", "optional",
                                                   "not_supported", NULL};
static const char *const PARTNER_SWITCHES[] = {"default", "true", "false", NULL};
static const char *const TYPE_MODES[] = {"mirror", "rfc", NULL};
static const char *const LANGUAGES[] = {"one", "all", NULL};
static const char *const ERROR_TEXTS[] = {"generic", "copy", "none", NULL};
static const char *const ACCEPTS[] = {"default", "auto", "ask", NULL};

static const char *const SCHEMES[] = {"pres", "sip", NULL};

/* As enum cw_show. */
static const char *const SHOWS[] = {"none", "away", "chat", "dnd", "xa", NULL};

#define ACTIVITY_NAME(id, name, show, words) name,
static const char *const ACTIVITIES[] = {"none", CW_ACTIVITY_TABLE(ACTIVITY_NAME) NULL};

/* clang-format off */
static const struct cw_key TLS_KEYS[] = {
    {"certificate", CW_KEY_TEXT, TLS(certificate), .place_offset = offsetof(struct cw_gateway_tls, place), .help = "PEM chain, leaf first"},
    {"key", CW_KEY_SECRET_PATH, TLS(key), .place_offset = offsetof(struct cw_gateway_tls, key_place), .help = "PEM key: file:PATH or credential:NAME"},
    {"ca", CW_KEY_TEXT, TLS(ca), NOWHERE, .help = "PEM trust anchors of the peers"},
    {"require_client_certificate", CW_KEY_BOOL, TLS(require_client_certificate), NOWHERE, .fallback = "true", .help = "peers that connect must prove a name"},
    END
};

static const struct cw_key NODE_KEYS[] = {
    {"name", CW_KEY_TEXT, AT(node.name), NOWHERE, .required = true, .help = "unique in the pool"},
    {"pool", CW_KEY_TEXT, AT(node.pool), NOWHERE, .fallback = "default", .help = "name of the pool"},
    {"sip_domains", CW_KEY_TEXTS, AT(node.sip_domains), NOWHERE, .required = true, .help = "domains whose users are ours"},
    {"abuse_contact", CW_KEY_TEXTS, AT(node.abuse_contact), NOWHERE, .help = "mailto:, xmpp: or https: URIs, told to servers that ask (XEP-0157)"},
    {"state_dir", CW_KEY_TEXT, AT(node.state_dir), NOWHERE, .fallback = "/var/lib/causeway", .help = "directory of the store"},
    END
};

static const struct cw_key ROUTE_KEYS[] = {
    {"name", CW_KEY_TEXT, ROUTE(name), NOWHERE, .required = true, .help = "label in metrics and logs"},
    {"uri", CW_KEY_TEXT, ROUTE(uri), .place_offset = offsetof(struct cw_gateway_route, place), .required = true, .help = "next hop, e.g. sip:10.0.0.20:5061;transport=tls"},
    {"priority", CW_KEY_INTEGER, ROUTE(priority), NOWHERE, .fallback = "10", .min = 0, .max = 65535, .help = "lower is tried first"},
    {"weight", CW_KEY_INTEGER, ROUTE(weight), NOWHERE, .fallback = "100", .min = 0, .max = 65535, .help = "share among equals"},
    END
};

static const struct cw_key SIP_KEYS[] = {
    {"listen", CW_KEY_TEXTS, AT(sip.listen), NOWHERE, .required = true, .help = "udp:, tcp: or tls: with address and port"},
    {"advertise", CW_KEY_TEXT, AT(sip.advertise), NOWHERE, .fallback = "", .help = "host[:port] for Contact and Via; empty: address of the socket"},
    {"partner_header", CW_KEY_TEXT, AT(sip.partner_header), .place_offset = offsetof(struct cw_gateway_settings, sip.partner_header_place), .fallback = "P-Causeway-Partner", .help = "header of our requests that names partner and type; empty: none"},
    {"tls", CW_KEY_MAP, AT(sip.tls), NOWHERE, .keys = TLS_KEYS, .help = "certificate towards SIP servers"},
    {"t1", CW_KEY_DURATION, AT(sip.t1_ms), NOWHERE, .fallback = "500ms", .min = 10, .max = 10000, .help = "RFC 3261 T1"},
    {"max_message_size", CW_KEY_SIZE, AT(sip.max_message_size), NOWHERE, .fallback = "64KiB", .min = 4096, .max = 262144, .help = "largest SIP message, whole"},
    {"path_congestion_safe", CW_KEY_BOOL, AT(sip.path_congestion_safe), NOWHERE, .fallback = "true", .help = "every hop to the pool is TCP or TLS: MESSAGE may pass 1300 bytes"},
    {"options_interval", CW_KEY_DURATION, AT(sip.options_interval_ms), NOWHERE, .fallback = "30s", .min = 1000, .max = 3600000, .help = "probing of routes"},
    {"routes", CW_KEY_LIST, AT(sip.routes), NOWHERE, .required = true, .keys = ROUTE_KEYS, .item_size = sizeof(struct cw_gateway_route), .help = "next hops, by priority, then weight"},
    END
};

#define WORD_NONE "none"
#define WORD_AWAY "away"
#define WORD_DND  "dnd"
#define WORD_XA   "xa"
#define ACTIVITY_KEY(id, text, show, words) {text, CW_KEY_CHOICE, AT(presence.activity_to_show[CW_ACTIVITY_##id]), NOWHERE, .fallback = WORD_##show, .choices = SHOWS, .help = "shown as"},

static const struct cw_key ACTIVITY_KEYS[] = {
    CW_ACTIVITY_TABLE(ACTIVITY_KEY)
    {"in-transit+steering", CW_KEY_CHOICE, AT(presence.activity_to_show[CW_DRIVING]), NOWHERE, .fallback = "dnd", .choices = SHOWS, .help = "both at once, shown as"},
    END
};

static const struct cw_key SHOW_KEYS[] = {
    {"none", CW_KEY_CHOICE, AT(presence.show_to_activity[CW_SHOW_NONE]), NOWHERE, .fallback = "none", .choices = ACTIVITIES, .help = "plainly online, told as"},
    {"away", CW_KEY_CHOICE, AT(presence.show_to_activity[CW_SHOW_AWAY]), NOWHERE, .fallback = "away", .choices = ACTIVITIES, .help = "told as"},
    {"chat", CW_KEY_CHOICE, AT(presence.show_to_activity[CW_SHOW_CHAT]), NOWHERE, .fallback = "none", .choices = ACTIVITIES, .help = "told as"},
    {"dnd", CW_KEY_CHOICE, AT(presence.show_to_activity[CW_SHOW_DND]), NOWHERE, .fallback = "busy", .choices = ACTIVITIES, .help = "told as"},
    {"xa", CW_KEY_CHOICE, AT(presence.show_to_activity[CW_SHOW_XA]), NOWHERE, .fallback = "away", .choices = ACTIVITIES, .help = "told as"},
    END
};

static const struct cw_key SHOW_MAP_KEYS[] = {
    {"activity_to_show", CW_KEY_MAP, 0, NOWHERE, .keys = ACTIVITY_KEYS, .help = "what XMPP users see of an activity of RFC 4480"},
    {"show_to_activity", CW_KEY_MAP, 0, NOWHERE, .keys = SHOW_KEYS, .help = "what SIP users see of a show"},
    END
};

static const struct cw_key PRESENCE_KEYS[] = {
    {"subscription_refresh_interval", CW_KEY_DURATION, AT(presence.subscription_refresh_interval_ms), NOWHERE, .fallback = "1h", .min = 60000, .max = 86400000, .help = "older XMPP presence is asked for again when a watcher refreshes"},
    {"subscribe_expires", CW_KEY_DURATION, AT(presence.subscribe_expires_ms), NOWHERE, .fallback = "1h", .min = 60000, .max = 86400000, .help = "Expires of our SUBSCRIBE"},
    {"coalesce", CW_KEY_DURATION, AT(presence.coalesce_ms), NOWHERE, .fallback = "250ms", .min = 0, .max = 5000, .help = "changes gathered before a NOTIFY"},
    {"activity_text", CW_KEY_BOOL, AT(presence.activity_text), NOWHERE, .fallback = "true", .help = "where nobody wrote a note, XMPP users read \"On the phone\", \"In a meeting\" ..."},
    {"entity_scheme", CW_KEY_CHOICE, AT(presence.entity_scheme), NOWHERE, .fallback = "pres", .choices = SCHEMES, .help = "of the XMPP user's URI in documents"},
    {"pep", CW_KEY_BOOL, AT(presence.pep), NOWHERE, .fallback = "false", .help = "mood and activity that XMPP contacts publish reach the SIP users who watch them"},
    {"capabilities", CW_KEY_BOOL, AT(presence.capabilities), NOWHERE, .fallback = "false", .help = "documents say what an XMPP client takes (RFC 5196)"},
    {"software_version", CW_KEY_BOOL, AT(presence.software_version), NOWHERE, .fallback = "false", .help = "tell partners name and release (XEP-0092)"},
    {"show_map", CW_KEY_MAP, 0, NOWHERE, .keys = SHOW_MAP_KEYS, .help = "availability of XMPP and rich presence of SIP"},
    END
};

static const struct cw_key MESSAGE_KEYS[] = {
    {"ttl", CW_KEY_DURATION, AT(messages.ttl_ms), NOWHERE, .fallback = "120s", .min = 1000, .max = 3600000, .help = "a message is delivered or reported within"},
    {"hold", CW_KEY_DURATION, AT(messages.hold_ms), NOWHERE, .fallback = "1s", .min = 0, .max = 3000, .help = "a SIP MESSAGE waits so long for the edge's word"},
    {"max_body", CW_KEY_SIZE, AT(messages.max_body), NOWHERE, .fallback = "16KiB", .min = 1024, .max = 131072, .help = "largest text"},
    {"max_stanza", CW_KEY_SIZE, AT(messages.max_stanza), NOWHERE, .fallback = "64KiB", .min = 10000, .max = 262144, .help = "largest stanza that partners take, markup included"},
    {"typing", CW_KEY_BOOL, AT(messages.typing), NOWHERE, .fallback = "true", .help = "who is writing crosses, both ways"},
    {"receipts", CW_KEY_BOOL, AT(messages.receipts), NOWHERE, .fallback = "true", .help = "receipts and display markers cross, both ways"},
    {"receipt_from_200", CW_KEY_BOOL, AT(messages.receipt_from_200), NOWHERE, .fallback = "true", .help = "a 200 to a plain MESSAGE counts as delivered"},
    {"type_mode", CW_KEY_CHOICE, AT(messages.type_mode), NOWHERE, .fallback = "mirror", .choices = TYPE_MODES, .help = "messages to XMPP: of the type that the contact uses, or never typed (RFC 7572)"},
    {"languages", CW_KEY_CHOICE, AT(messages.languages), NOWHERE, .fallback = "one", .choices = LANGUAGES, .help = "a message in several languages goes to SIP in one, or in all as multipart/alternative"},
    {"language", CW_KEY_TEXT, AT(messages.language), NOWHERE, .fallback = "", .help = "language of the local users, where one has to be chosen"},
    {"correction_mark", CW_KEY_TEXT, AT(messages.correction_mark), NOWHERE, .fallback = "* ", .help = "before the text of a corrected message"},
    {"queue_per_pair", CW_KEY_INTEGER, AT(messages.queue_per_pair), NOWHERE, .fallback = "100", .min = 1, .max = 10000, .help = "messages waiting between two users"},
    {"reply_window", CW_KEY_DURATION, AT(messages.reply_window_ms), NOWHERE, .fallback = "0s", .min = 0, .max = 86400000, .help = "a user of a public unverified partner to whom one of ours wrote may answer for so long without an invitation; 0: never"},
    END
};

static const struct cw_key ERROR_KEYS[] = {
    {"reason_phrase", CW_KEY_CHOICE, AT(errors.reason_phrase), NOWHERE, .fallback = "generic", .choices = ERROR_TEXTS, .help = "text of error stanzas: the standard phrase, the peer's own (federated partners only), or none"},
    {"hide_existence", CW_KEY_BOOL, AT(errors.hide_existence), NOWHERE, .fallback = "false", .help = "SIP users are told 403 where it would be 404"},
    END
};

static const struct cw_key EDGE_KEYS[] = {
    {"connect", CW_KEY_TEXTS, AT(edge.connect), NOWHERE, .required = true, .help = "host:port of every edge's link"},
    {"tls", CW_KEY_MAP, AT(edge.tls), NOWHERE, .keys = TLS_KEYS, .help = "certificate on the link"},
    {"peer_names", CW_KEY_TEXTS, AT(edge.peer_names), NOWHERE, .required = true, .help = "names that an edge's certificate may carry"},
    {"heartbeat", CW_KEY_DURATION, AT(edge.heartbeat_ms), NOWHERE, .fallback = "2s", .min = 100, .max = 60000, .help = "PING on the link"},
    {"fail_after", CW_KEY_DURATION, AT(edge.fail_after_ms), NOWHERE, .fallback = "6s", .min = 300, .max = 600000, .help = "silence after which a link is dead"},
    END
};

static const struct cw_key LIMIT_KEYS[] = {
    {"connection_limit", CW_KEY_INTEGER, AT(limits.connection_limit), NOWHERE, .fallback = "1000", .min = 1, .max = MILLION, .help = "streams of an edge"},
    {"partner_connection_limit", CW_KEY_INTEGER, AT(limits.partner_connection_limit), NOWHERE, .fallback = "20", .min = 1, .max = 10000, .help = "streams to and from one partner"},
    {"keep_alive_interval", CW_KEY_DURATION, AT(limits.keep_alive_interval_ms), NOWHERE, .fallback = "300s", .min = 1000, .max = 86400000, .help = "white space on an idle stream"},
    {"stream_establishment_timeout", CW_KEY_DURATION, AT(limits.stream_establishment_timeout_ms), NOWHERE, .fallback = "60s", .min = 1000, .max = 600000, .help = "a stream is authenticated by then"},
    {"stream_inactivity_timeout", CW_KEY_DURATION, AT(limits.stream_inactivity_timeout_ms), NOWHERE, .fallback = "600s", .min = 1000, .max = 86400000, .help = "an idle stream is closed"},
    {"quarantine", CW_KEY_BOOL, AT(limits.quarantine), NOWHERE, .fallback = "true", .help = "users and strangers of public partners who go on after refusals get nothing for a while"},
    END
};

static const struct cw_key SECURITY_KEYS[] = {
    {"floor", CW_KEY_CHOICE, AT(security.floor), NOWHERE, .fallback = "tls", .choices = FLOORS, .help = "methods below it are taken away from every partner"},
    {"log_message_bodies", CW_KEY_BOOL, AT(security.log_message_bodies), NOWHERE, .fallback = "false", .help = "write what users say to each other into the log"},
    END
};

static const struct cw_key GROUP_KEYS[] = {
    {"name", CW_KEY_TEXT, GROUP(name), .place_offset = offsetof(struct cw_gateway_group, place), .required = true, .help = "of the group, for people and for explain"},
    {"access", CW_KEY_CHOICE, GROUP(access), NOWHERE, .required = true, .choices = ACCESS, .help = "may its members federate"},
    {"members", CW_KEY_TEXTS, GROUP(members), NOWHERE, .help = "user@domain, or @domain for all its users"},
    END
};

static const struct cw_key USER_KEYS[] = {
    {"federation", CW_KEY_BOOL, USERS(federation), NOWHERE, .fallback = "true", .help = "master switch of XMPP federation"},
    {"default", CW_KEY_CHOICE, USERS(default_access), NOWHERE, .fallback = "allow", .choices = ACCESS, .help = "may users without an entry federate"},
    {"allow", CW_KEY_TEXTS, USERS(allow), NOWHERE, .help = "user@domain that may, whatever groups and the default say"},
    {"deny", CW_KEY_TEXTS, USERS(deny), NOWHERE, .help = "user@domain that may not; wins over allow"},
    {"groups", CW_KEY_LIST, USERS(groups), NOWHERE, .keys = GROUP_KEYS, .item_size = sizeof(struct cw_gateway_group), .help = "a refusal wins where a user is in several"},
    END
};

static const struct cw_key DEFAULT_KEYS[] = {
    {"type", CW_KEY_CHOICE, AT(partner_defaults.type), NOWHERE, .fallback = "public_unverified", .choices = TYPES, .help = "partner type"},
    {"tls", CW_KEY_CHOICE, AT(partner_defaults.tls), NOWHERE, .fallback = "required", .choices = NEGOTIATIONS, .help = "TLS negotiation"},
    {"sasl", CW_KEY_CHOICE, AT(partner_defaults.sasl), NOWHERE, .fallback = "optional", .choices = NEGOTIATIONS, .help = "SASL negotiation"},
    {"dialback", CW_KEY_BOOL, AT(partner_defaults.dialback), NOWHERE, .fallback = "true", .help = "support dialback negotiation"},
    {"keep_alive", CW_KEY_BOOL, AT(partner_defaults.keep_alive), NOWHERE, .fallback = "true", .help = "whether silence closes the stream"},
    END
};

static const struct cw_key RATE_KEYS[] = {
    {"invites_per_minute", CW_KEY_INTEGER, PARTNER(rate.invites_per_minute), NOWHERE, .fallback = "0", .min = 0, .max = MILLION, .help = "new invitations; 0: 600 federated, 20 public"},
    {"messages_per_second", CW_KEY_INTEGER, PARTNER(rate.messages_per_second), NOWHERE, .fallback = "0", .min = 0, .max = MILLION, .help = "0: 1000 federated, 100 public"},
    {"presence_per_second", CW_KEY_INTEGER, PARTNER(rate.presence_per_second), NOWHERE, .fallback = "0", .min = 0, .max = MILLION, .help = "0: 5000 federated, 500 public"},
    END
};

static const struct cw_key PARTNER_KEYS[] = {
    {"domain", CW_KEY_TEXT, PARTNER(domain), .place_offset = offsetof(struct cw_gateway_partner, domain_place), .required = true, .help = "primary domain; the key"},
    {"description", CW_KEY_TEXT, PARTNER(description), NOWHERE, .fallback = "", .help = "notes for people"},
    {"additional_domains", CW_KEY_TEXTS, PARTNER(additional_domains), NOWHERE, .help = "further domains, exact names"},
    {"type", CW_KEY_CHOICE, PARTNER(type), NOWHERE, .fallback = "default", .choices = PARTNER_KINDS, .help = "federated, public_verified or public_unverified"},
    {"tls", CW_KEY_CHOICE, PARTNER(tls), .place_offset = offsetof(struct cw_gateway_partner, tls_place), .fallback = "default", .choices = PARTNER_NEGOTIATIONS, .help = "TLS negotiation"},
    {"sasl", CW_KEY_CHOICE, PARTNER(sasl), .place_offset = offsetof(struct cw_gateway_partner, sasl_place), .fallback = "default", .choices = PARTNER_NEGOTIATIONS, .help = "SASL negotiation"},
    {"dialback", CW_KEY_CHOICE, PARTNER(dialback), NOWHERE, .fallback = "default", .choices = PARTNER_SWITCHES, .help = "support dialback negotiation"},
    {"enabled", CW_KEY_BOOL, PARTNER(enabled), NOWHERE, .fallback = "true", .help = "false pauses the partner"},
    {"keep_alive", CW_KEY_CHOICE, PARTNER(keep_alive), NOWHERE, .fallback = "default", .choices = PARTNER_SWITCHES, .help = "whether silence closes the stream"},
    {"connection_limit", CW_KEY_INTEGER, PARTNER(connection_limit), NOWHERE, .fallback = "0", .min = 0, .max = 10000, .help = "streams to and from it; 0: limits.partner_connection_limit"},
    {"proxy", CW_KEY_TEXT, PARTNER(proxy), .place_offset = offsetof(struct cw_gateway_partner, proxy_place), .fallback = "", .help = "host:port instead of SRV"},
    {"accept", CW_KEY_CHOICE, PARTNER(accept), NOWHERE, .fallback = "default", .choices = ACCEPTS, .help = "invitations: auto or ask; by type"},
    {"rate", CW_KEY_MAP, 0, NOWHERE, .keys = RATE_KEYS, .help = "what it may ask for"},
    {"max_stanza", CW_KEY_INTEGER, PARTNER(max_stanza), .place_offset = offsetof(struct cw_gateway_partner, max_stanza_place), .fallback = "0", .min = 0, .max = 262144, .help = "octets of the largest stanza it takes, 10000 at least; 0: messages.max_stanza"},
    {"pins", CW_KEY_TEXTS, PARTNER(pins), NOWHERE, .help = "SPKI SHA-256 of keys, 64 hex digits; others are refused"},
    END
};

static const struct cw_key ADMIN_KEYS[] = {
    {"socket", CW_KEY_TEXT, AT(admin.socket), NOWHERE, .fallback = "/run/causeway/gateway.sock", .help = "unix socket of causewayctl"},
    {"listen", CW_KEY_TEXT, AT(admin.listen), NOWHERE, .fallback = "127.0.0.1:9269", .help = "loopback address of metrics and health"},
    END
};

static const struct cw_key LOG_KEYS[] = {
    {"format", CW_KEY_CHOICE, AT(log.format), NOWHERE, .fallback = "auto", .choices = FORMATS, .help = "journal under systemd, else logfmt"},
    {"level", CW_KEY_CHOICE, AT(log.level), NOWHERE, .fallback = "info", .choices = LEVELS, .help = "lowest level written"},
    END
};

static const struct cw_key DRAIN_KEYS[] = {
    {"timeout", CW_KEY_DURATION, AT(drain.timeout_ms), NOWHERE, .fallback = "30s", .min = 0, .max = 600000, .help = "longest wait for what is in flight"},
    END
};

const struct cw_key CW_GATEWAY_KEYS[] = {
    {"version", CW_KEY_INTEGER, AT(version), NOWHERE, .required = true, .min = 1, .max = 1, .help = "1, the version of this format"},
    {"node", CW_KEY_MAP, 0, NOWHERE, .required = true, .keys = NODE_KEYS, .help = "who we are"},
    {"sip", CW_KEY_MAP, 0, NOWHERE, .required = true, .keys = SIP_KEYS, .help = "the SIP side"},
    {"presence", CW_KEY_MAP, 0, NOWHERE, .keys = PRESENCE_KEYS, .help = "subscriptions"},
    {"messages", CW_KEY_MAP, 0, NOWHERE, .keys = MESSAGE_KEYS, .help = "page-mode messages"},
    {"errors", CW_KEY_MAP, 0, NOWHERE, .keys = ERROR_KEYS, .help = "what refusals say"},
    {"edge", CW_KEY_MAP, 0, NOWHERE, .required = true, .keys = EDGE_KEYS, .help = "the gateway dials out; nothing in the DMZ dials in"},
    {"limits", CW_KEY_MAP, 0, NOWHERE, .keys = LIMIT_KEYS, .help = "carried out by the edges"},
    {"security", CW_KEY_MAP, 0, NOWHERE, .keys = SECURITY_KEYS, .help = "gateway-wide minimum"},
    {"users", CW_KEY_MAP, AT(users), NOWHERE, .keys = USER_KEYS, .help = "who may federate at all"},
    {"partner_defaults", CW_KEY_MAP, 0, NOWHERE, .keys = DEFAULT_KEYS, .help = "for partners that leave a key out"},
    {"partners", CW_KEY_LIST, AT(partners), NOWHERE, .keys = PARTNER_KEYS, .item_size = sizeof(struct cw_gateway_partner), .help = "XMPP federated partners, also from included files"},
    {"admin", CW_KEY_MAP, 0, NOWHERE, .keys = ADMIN_KEYS, .help = "local surface"},
    {"log", CW_KEY_MAP, 0, NOWHERE, .keys = LOG_KEYS, .help = "structured log"},
    {"drain", CW_KEY_MAP, 0, NOWHERE, .keys = DRAIN_KEYS, .help = "orderly stop"},
    END
};

const struct cw_key CW_POLICY_KEYS[] = {
    {"partners", CW_KEY_LIST, .offset = offsetof(struct cw_policy_entries, partners), NOWHERE, .keys = PARTNER_KEYS, .item_size = sizeof(struct cw_gateway_partner), .help = "XMPP federated partners"},
    {"users", CW_KEY_MAP, .offset = offsetof(struct cw_policy_entries, users), .place_offset = offsetof(struct cw_policy_entries, users_place), .keys = USER_KEYS, .help = "who may federate; takes the place of users in gateway.yaml"},
    END
};
/* clang-format on */
