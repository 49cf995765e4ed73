/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/**
 * @file
 * Frames of the link between gateway and edge, to the byte (docs/PROTOCOL.md, protocol 1).
 *
 *   0      1      2      4              8
 *   +------+------+------+--------------+---------------------------------------------+
 *   | ver  | type | flags| payload len  | payload                                     |
 *   +------+------+------+--------------+---------------------------------------------+
 * Numbers are big-endian. An unknown type is skipped when flag OPTIONAL is set, else the link ends.
 */

#include <causeway/permit.h>
#include <causeway/wire.h>

#define CW_FRAME_VERSION       1u
#define CW_FRAME_HEADER_LEN    8u
#define CW_FRAME_MAX_PAYLOAD   CW_PERMITS_MAX_LEN /* octets: 256 KiB */
#define CW_FRAME_FLAG_OPTIONAL 1u
#define CW_FRAME_PROTOCOL      1u    /* highest spoken */
#define CW_FRAME_MAX_NODE      64u   /* octets of a node or pool name */
#define CW_FRAME_MAX_NAME      255u  /* octets of a domain or a text */
#define CW_FRAME_MAX_SMALL     2048u /* octets: any frame but PERMITS, STANZA and KNOCK */

enum cw_frame_type {
    CW_FRAME_HELLO = 1, /**< gateway, first */
    CW_FRAME_WELCOME,   /**< edge, answers HELLO */
    CW_FRAME_PERMITS,   /**< gateway to edge: the whole policy as permits */
    CW_FRAME_APPLIED,   /**< edge to gateway: revision is in force */
    CW_FRAME_STANZA,    /**< one stanza, either direction */
    CW_FRAME_ACK,       /**< fate of stanzas received */
    CW_FRAME_CREDIT,    /**< receiver grants that many further stanzas of a partner */
    CW_FRAME_PING,      /**< heartbeat; answered by PONG */
    CW_FRAME_PONG,
    CW_FRAME_GOAWAY, /**< no new stanzas; last sequence taken; reason */
    CW_FRAME_REPORT, /**< edge to gateway, optional: a stream came or went */
    CW_FRAME_KNOCK,  /**< edge to gateway, optional: see frame_knock.h */
    CW_FRAME_TYPES
};

enum cw_stanza_class {
    CW_CLASS_MESSAGE,
    CW_CLASS_SUBSCRIPTION,
    CW_CLASS_IQ,
    CW_CLASS_PRESENCE,
    CW_CLASSES
};

/** Fate of a stanza, told by ACK. */
enum cw_fate {
    CW_FATE_TAKEN = 1, /**< cumulative up to seq: the receiver answers for it from now on */
    CW_FATE_HANDED,    /**< written to an authenticated stream */
    CW_FATE_FAILED,    /**< certainly not delivered; `reason` says why */
    CW_FATE_AMBIGUOUS  /**< written, but the stream died before it was sure */
};

/** Why a stanza could not go out; each has its XMPP condition (ERR-34) in the gateway. */
enum cw_fail {
    CW_FAIL_NONE,
    CW_FAIL_NO_PERMIT,  /**< not a partner (any more) */
    CW_FAIL_DNS,        /**< the domain does not resolve, or says it has no service */
    CW_FAIL_CONNECT,    /**< resolved, nobody answers */
    CW_FAIL_TLS,        /**< TLS could not be had as the permit demands */
    CW_FAIL_AUTH,       /**< neither EXTERNAL nor dialback succeeded */
    CW_FAIL_TIMEOUT,    /**< no authenticated stream in time */
    CW_FAIL_QUEUE_FULL, /**< outbox limit */
    CW_FAIL_SHUTDOWN,   /**< the edge goes down */
    CW_FAIL_STREAM,     /**< the stream ended */
    CW_FAIL_KEY,        /**< the peer calls our dialback key invalid */
    CW_FAILS
};

struct cw_frame_header {
    uint8_t type;         /**< enum cw_frame_type, or a number that is not known and optional */
    uint32_t payload_len; /**< octets, at most CW_FRAME_MAX_PAYLOAD */
};

/** HELLO and WELCOME. */
struct cw_frame_hello {
    uint16_t protocol;    /**< HELLO: highest spoken; WELCOME: chosen */
    struct cw_bytes node; /**< 1..64 octets */
    struct cw_bytes pool;
    uint64_t epoch;      /**< of this sender's stanza sequence: random, new at each process start */
    uint64_t peer_epoch; /**< the peer's epoch as last seen; 0: never */
    uint64_t received;   /**< highest sequence received in peer_epoch */
    uint64_t oldest;     /**< oldest own sequence that is not settled; 0: none */
    uint64_t revision;   /**< of the policy sent (HELLO) or applied (WELCOME) */
    uint32_t credit;     /**< stanzas a partner may have unsettled towards this side */
};

/** Payload of CW_FRAME_STANZA; runs are borrowed from the frame's buffer. */
struct cw_frame_stanza {
    uint64_t seq; /**< per sender epoch, from 1, without gaps */
    enum cw_stanza_class class;
    enum cw_method method; /**< how the pair was proven; NONE in frames to the edge */
    uint8_t trace[16];
    struct cw_bytes from_domain, to_domain; /**< A-labels */
    struct cw_bytes partner;                /**< primary domain of the remote side's partner */
    struct cw_bytes xml; /**< one complete, well-formed stanza in namespace jabber:server */
};

struct cw_frame_ack {
    uint64_t seq;
    enum cw_fate fate;
    enum cw_fail reason;
};

struct cw_frame_credit {
    struct cw_bytes partner;
    uint32_t count;
};

struct cw_frame_goaway {
    uint64_t last_seq;
    struct cw_bytes reason;
};

/** A stream of the edge, for `causewayctl streams` and metrics of the gateway. */
struct cw_frame_report {
    uint64_t stream; /**< number within the edge's life */
    bool up;         /**< false: it is gone */
    bool outgoing;
    enum cw_method method;
    struct cw_bytes own_domain, remote_domain, partner, tls_version, peer, detail;
};

/**
 * Reads a header.
 *
 * @return CW_OK, CW_ERR_UNSUPPORTED (version; flag; type unknown and not optional) or CW_ERR_LIMIT
 */
CW_MUST_USE enum cw_err cw_frame_read_header(const uint8_t octets[CW_FRAME_HEADER_LEN],
                                             struct cw_frame_header *out);

/** Reads HELLO or WELCOME. @return CW_OK or CW_ERR_MALFORMED; `out` is written only on CW_OK */
CW_MUST_USE enum cw_err cw_frame_read_hello(struct cw_bytes payload, struct cw_frame_hello *out);
/** @return CW_OK or CW_ERR_MALFORMED */
CW_MUST_USE enum cw_err cw_frame_read_stanza(struct cw_bytes payload, struct cw_frame_stanza *out);
/** @return CW_OK or CW_ERR_MALFORMED */
CW_MUST_USE enum cw_err cw_frame_read_ack(struct cw_bytes payload, struct cw_frame_ack *out);
/** @return CW_OK or CW_ERR_MALFORMED */
CW_MUST_USE enum cw_err cw_frame_read_credit(struct cw_bytes payload, struct cw_frame_credit *out);
/** @return CW_OK or CW_ERR_MALFORMED */
CW_MUST_USE enum cw_err cw_frame_read_goaway(struct cw_bytes payload, struct cw_frame_goaway *out);
/** @return CW_OK or CW_ERR_MALFORMED */
CW_MUST_USE enum cw_err cw_frame_read_report(struct cw_bytes payload, struct cw_frame_report *out);
/** Payload of APPLIED (a revision), PING and PONG (a token). @return CW_OK or CW_ERR_MALFORMED */
CW_MUST_USE enum cw_err cw_frame_read_number(struct cw_bytes payload, uint64_t *out);
