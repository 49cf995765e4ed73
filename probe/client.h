/* SPDX-License-Identifier: Apache-2.0 */
/* One XMPP account logged in to its server, over libstrophe. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <strophe.h>

struct cw_client;

/** Text members are borrowed for the life of the client; ca_file may be NULL (system trust). */
struct cw_client_options {
    const char *jid; /* bare or full */
    const char *password;
    const char *host;
    unsigned short port;
    const char *ca_file;
    bool plain; /* no TLS: loopback only */
};

/** Called once an event; `event` is borrowed. */
typedef void (*cw_client_event_fn)(void *user, const json_t *event);

/** Starts the log-in. NULL if libstrophe refuses the options. */
struct cw_client *cw_client_new(const struct cw_client_options *options,
                                cw_client_event_fn on_event, void *user);

/** Ends the connection if it is open, frees, sets *client to NULL. */
void cw_client_free(struct cw_client **client);

/**
 * Waits up to `timeout_ms` for the server or for `other_fd` (-1: none) and does what is due. True
 * if `other_fd` is readable.
 */
bool cw_client_step(struct cw_client *client, int other_fd, int timeout_ms);

/** Sends `</stream:stream>`; "closed" follows. */
void cw_client_close(struct cw_client *client);

/** Whether the session is established. */
bool cw_client_is_online(const struct cw_client *client);

/** Whether the server took the TCP connection; if so, a failed start is a refused log-in. */
bool cw_client_was_reached(const struct cw_client *client);

/** Whether the connection has ended or never came up. */
bool cw_client_is_closed(const struct cw_client *client);

/** The connection, for building and sending stanzas. Borrowed. */
xmpp_conn_t *cw_client_connection(const struct cw_client *client);
