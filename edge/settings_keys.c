/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include <stddef.h>

#define END                                                                                        \
    {                                                                                              \
        .name = NULL                                                                               \
    }
#define AT(field)         .offset = offsetof(struct cw_edge_settings, field)
#define PLACE(field)      .place_offset = offsetof(struct cw_edge_settings, field)
#define CERT(field)       .offset = offsetof(struct cw_edge_certificate, field)
#define CERT_PLACE(field) .place_offset = offsetof(struct cw_edge_certificate, field)
#define NOWHERE           .place_offset = CW_NO_PLACE
#define KIB               INT64_C(1024)
#define MIB               (KIB * 1024)

static const char *const FORMATS[] = {"auto", "logfmt", "json", "journal", NULL};
static const char *const LEVELS[] = {"debug", "info", "notice", "warning", "error", NULL};

/* clang-format off */
static const struct cw_key NODE_KEYS[] = {
    {"name", CW_KEY_TEXT, AT(node.name), PLACE(node.name_place), .required = true, .help = "unique in the pool"},
    {"pool", CW_KEY_TEXT, AT(node.pool), NOWHERE, .fallback = "default", .help = "name of the pool"},
    {"state_dir", CW_KEY_TEXT, AT(node.state_dir), NOWHERE, .fallback = "/var/lib/causeway", .help = "directory that the process may write to"},
    END
};

static const struct cw_key CERTIFICATE_KEYS[] = {
    {"domain", CW_KEY_TEXT, CERT(domain), CERT_PLACE(domain_place), .required = true, .help = "domain of ours that it proves"},
    {"certificate", CW_KEY_TEXT, CERT(certificate), CERT_PLACE(certificate_place), .required = true, .help = "PEM chain, leaf first"},
    {"key", CW_KEY_SECRET_PATH, CERT(key), NOWHERE, .required = true, .help = "PEM key: file:PATH or credential:NAME"},
    END
};

static const struct cw_key S2S_KEYS[] = {
    {"listen", CW_KEY_TEXTS, AT(s2s.listen), NOWHERE, .required = true, .help = "ADDRESS:PORT; tls:ADDRESS:PORT for direct TLS (XEP-0368)"},
    {"ca", CW_KEY_TEXT, AT(s2s.ca), NOWHERE, .fallback = "", .help = "PEM trust anchors of partners; empty: the system's"},
    {"certificates", CW_KEY_LIST, AT(s2s.certificates), NOWHERE, .required = true, .keys = CERTIFICATE_KEYS, .item_size = sizeof(struct cw_edge_certificate), .help = "our certificates, one a domain; the first serves domains without one"},
    END
};

static const struct cw_key LINK_TLS_KEYS[] = {
    {"certificate", CW_KEY_TEXT, AT(link.certificate), PLACE(link.certificate_place), .required = true, .help = "PEM chain of the internal CA, leaf first"},
    {"key", CW_KEY_SECRET_PATH, AT(link.key), NOWHERE, .required = true, .help = "PEM key: file:PATH or credential:NAME"},
    {"ca", CW_KEY_TEXT, AT(link.ca), NOWHERE, .required = true, .help = "PEM internal CA"},
    END
};

static const struct cw_key LINK_KEYS[] = {
    {"listen", CW_KEY_TEXT, AT(link.listen), PLACE(link.listen_place), .required = true, .help = "ADDRESS:PORT; gateways dial it"},
    {"tls", CW_KEY_MAP, 0, NOWHERE, .required = true, .keys = LINK_TLS_KEYS, .help = "mutual TLS 1.3"},
    {"peer_names", CW_KEY_TEXTS, AT(link.peer_names), NOWHERE, .required = true, .help = "names that a gateway's certificate may carry"},
    END
};

static const struct cw_key DNS_KEYS[] = {
    {"servers", CW_KEY_TEXTS, AT(dns.servers), NOWHERE, .help = "ADDRESS:PORT of resolvers; none: resolv.conf"},
    {"dnssec", CW_KEY_BOOL, AT(dns.dnssec), NOWHERE, .fallback = "false", .help = "validate here, from the root's trust anchor"},
    END
};

static const struct cw_key DIALBACK_KEYS[] = {
    {"secret", CW_KEY_SECRET, AT(dialback.secret), PLACE(dialback.secret_place), .required = true, .help = "the same on all edges: file:PATH or credential:NAME"},
    END
};

static const struct cw_key LIMIT_KEYS[] = {
    {"connections", CW_KEY_INTEGER, AT(limits.connections), NOWHERE, .fallback = "5000", .min = 1, .max = 1000000, .help = "connections that came in, in all"},
    {"connections_per_address", CW_KEY_INTEGER, AT(limits.connections_per_address), PLACE(limits.connections_per_address_place), .fallback = "100", .min = 1, .max = 1000000, .help = "of them from one address (IPv6: /64)"},
    {"max_stanza_size", CW_KEY_SIZE, AT(limits.max_stanza_size), NOWHERE, .fallback = "64KiB", .min = 10000, .max = 192 * KIB, .help = "largest stanza taken, from '<' to '>'"},
    {"queue_per_pair", CW_KEY_INTEGER, AT(limits.queue_per_pair), NOWHERE, .fallback = "5000", .min = 1, .max = 100000, .help = "stanzas that wait for a stream between two domains"},
    {"queue_per_partner", CW_KEY_SIZE, AT(limits.queue_per_partner), PLACE(limits.queue_per_partner_place), .fallback = "4MiB", .min = 64 * KIB, .max = 1024 * MIB, .help = "their size for one partner"},
    {"queue_bytes", CW_KEY_SIZE, AT(limits.queue_bytes), NOWHERE, .fallback = "64MiB", .min = 64 * KIB, .max = 4096 * MIB, .help = "their size in all"},
    {"queue_ttl", CW_KEY_DURATION, AT(limits.queue_ttl_ms), NOWHERE, .fallback = "120s", .min = 1000, .max = 3600000, .help = "how long a stanza waits"},
    END
};

static const struct cw_key ADMIN_KEYS[] = {
    {"socket", CW_KEY_TEXT, AT(admin.socket), NOWHERE, .fallback = "/run/causeway/edge.sock", .help = "unix socket of causewayctl"},
    {"listen", CW_KEY_TEXT, AT(admin.listen), PLACE(admin.listen_place), .fallback = "127.0.0.1:9270", .help = "loopback address of metrics and health"},
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

const struct cw_key CW_EDGE_KEYS[] = {
    {"version", CW_KEY_INTEGER, AT(version), NOWHERE, .required = true, .min = 1, .max = 1, .help = "1, the version of this format"},
    {"node", CW_KEY_MAP, 0, NOWHERE, .required = true, .keys = NODE_KEYS, .help = "who we are"},
    {"s2s", CW_KEY_MAP, 0, NOWHERE, .required = true, .keys = S2S_KEYS, .help = "towards XMPP partners"},
    {"link", CW_KEY_MAP, 0, NOWHERE, .required = true, .keys = LINK_KEYS, .help = "towards our gateways"},
    {"dns", CW_KEY_MAP, 0, NOWHERE, .keys = DNS_KEYS, .help = "how partners are found"},
    {"dialback", CW_KEY_MAP, 0, NOWHERE, .required = true, .keys = DIALBACK_KEYS, .help = "server dialback (XEP-0185)"},
    {"limits", CW_KEY_MAP, 0, NOWHERE, .keys = LIMIT_KEYS, .help = "what a peer may make us hold"},
    {"admin", CW_KEY_MAP, 0, NOWHERE, .keys = ADMIN_KEYS, .help = "local surface"},
    {"log", CW_KEY_MAP, 0, NOWHERE, .keys = LOG_KEYS, .help = "structured log"},
    {"drain", CW_KEY_MAP, 0, NOWHERE, .keys = DRAIN_KEYS, .help = "orderly stop"},
    END
};
/* clang-format on */
