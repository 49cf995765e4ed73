/* SPDX-License-Identifier: Apache-2.0 */
#include "link_address.h"
#include "link_connection.h"

#include <causeway/clock.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CONNECT_TIMEOUT_MS = 5000,
    FIRST_WAIT_MS = 200,
    LAST_WAIT_MS = 4000, /* and a quarter of jitter: 5 s */
    STABLE_MS = 5000     /* a link that lived shorter does not reset the back-off */
};

struct dialler {
    struct cw_link *link;
    struct cw_link_config *config;
    char *text; /* as configured */
    struct cw_link_address address;
    uv_loop_t *loop;
    uv_timer_t timer;
    uv_timer_cb on_timer; /* dials */
    uv_getaddrinfo_t resolve;
    bool resolving;
    bool timer_closed;
    unsigned failures; /* attempts since the last stable connection; also picks the address */
    uint64_t up_ms;    /* when the connection came up; 0: it never did */
};

static void free_when_idle(struct dialler *dialler)
{
    if (dialler->resolving || !dialler->timer_closed) {
        return;
    }
    cw_link_free(dialler->link);
    cw_link_config_free(&dialler->config);
    free(dialler->text);
    free(dialler);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct dialler *const dialler = handle->data;

    dialler->timer_closed = true;
    free_when_idle(dialler);
}

static uint64_t wait_ms(const struct dialler *dialler)
{
    uint64_t wait = FIRST_WAIT_MS;
    uint16_t dice;

    for (unsigned i = 1; i < dialler->failures && wait < LAST_WAIT_MS; i++) {
        wait *= 2;
    }
    if (wait > LAST_WAIT_MS) {
        wait = LAST_WAIT_MS;
    }
    cw_clock_random(&dice, sizeof(dice));
    return wait + wait * dice / (4 * (uint64_t)UINT16_MAX);
}

static void dial_later(struct dialler *dialler)
{
    dialler->failures++;
    uv_update_time(dialler->loop);
    (void)uv_timer_start(&dialler->timer, dialler->on_timer, wait_ms(dialler), 0);
}

static const char *server_name(const struct cw_link_connection *connection)
{
    const struct dialler *const dialler = connection->owner;
    struct sockaddr_storage literal;

    if (dialler == NULL || cw_link_address_literal(&dialler->address, &literal)) {
        return NULL;
    }
    return dialler->address.host;
}

static void on_trusted(struct cw_link_connection *connection)
{
    const struct dialler *const dialler = connection->owner;

    cw_link_connection_greet(connection, CW_FRAME_HELLO, dialler->link);
}

static const char *on_hello(struct cw_link_connection *connection,
                            const struct cw_frame_hello *hello)
{
    struct dialler *const dialler = connection->owner;
    struct cw_link *const link = dialler->link;
    const char *const objection = cw_session_objection(link->session, hello);

    if (objection != NULL) {
        return objection;
    }
    if (cw_session_meet(link->session, hello) != CW_OK) {
        return "WELCOME does not fit what was sent before";
    }
    link->greeting = NULL;
    dialler->up_ms = cw_clock_now_ms();
    cw_link_up(link, connection, hello);
    return NULL;
}

static void on_end(struct cw_link_connection *connection, enum cw_err why, const char *detail)
{
    struct dialler *const dialler = connection->owner;

    if (!connection->up) {
        dialler->link->greeting = NULL;
        cw_link_note(dialler->link, why, detail);
    } else if (cw_clock_now_ms() - dialler->up_ms >= STABLE_MS) {
        dialler->failures = 0;
    }
    if (!dialler->link->closed) { /* on_down may have closed it */
        dial_later(dialler);
    }
}

static const struct cw_link_role GATEWAY = {
    .on_trusted = on_trusted,
    .on_hello = on_hello,
    .on_end = on_end,
    .server_name = server_name,
    .greeting = CW_FRAME_WELCOME,
};

static void connect_to(struct dialler *dialler, const struct sockaddr *address)
{
    struct cw_link_connection *const connection =
        cw_link_connection_new(dialler->loop, dialler->config, &GATEWAY, dialler);

    dialler->link->greeting = connection;
    connection->stream = cw_tls_stream_connect(dialler->loop, address, CONNECT_TIMEOUT_MS,
                                               &cw_link_connection_events, connection);
}

/* Each attempt takes the next of the addresses that the name has. */
static const struct sockaddr *pick(const struct addrinfo *all, unsigned attempt)
{
    const struct addrinfo *at = all;
    unsigned count = 0;

    for (; at != NULL; at = at->ai_next) {
        count++;
    }
    at = all;
    for (unsigned i = attempt % count; i > 0; i--) {
        at = at->ai_next;
    }
    return at->ai_addr;
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct dialler *const dialler = request->data;

    dialler->resolving = false;
    if (dialler->link->closed) {
        uv_freeaddrinfo(found);
        free_when_idle(dialler);
        return;
    }
    if (status == 0 && found != NULL) {
        connect_to(dialler, pick(found, dialler->failures));
    } else {
        char words[CW_LINK_DETAIL_LEN];

        (void)snprintf(words, sizeof(words), "the name of the edge does not resolve: %s",
                       uv_strerror(status));
        cw_link_note(dialler->link, CW_ERR_IO, words);
        dial_later(dialler);
    }
    uv_freeaddrinfo(found);
}

static void resolve(struct dialler *dialler)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    char port[8];

    (void)snprintf(port, sizeof(port), "%u", (unsigned)dialler->address.port);
    dialler->resolve.data = dialler;
    if (uv_getaddrinfo(dialler->loop, &dialler->resolve, on_resolved, dialler->address.host, port,
                       &hints) == 0) {
        dialler->resolving = true;
    } else {
        cw_link_note(dialler->link, CW_ERR_IO, "the name of the edge cannot be looked up");
        dial_later(dialler);
    }
}

static void dial(uv_timer_t *timer)
{
    struct dialler *const dialler = timer->data;
    struct sockaddr_storage literal;

    if (dialler->address.host[0] == '\0') {
        cw_link_note(dialler->link, CW_ERR_CONFIG, "the address of the edge is not host:port");
    } else if (cw_link_address_literal(&dialler->address, &literal)) {
        connect_to(dialler, (const struct sockaddr *)&literal);
    } else {
        resolve(dialler);
    }
}

struct cw_link *cw_link_dial(struct uv_loop_s *loop, const struct cw_link_settings *settings,
                             const char *address, const struct cw_link_events *events, void *user)
{
    struct dialler *const dialler = calloc(1, sizeof(*dialler));

    if (dialler == NULL) {
        abort();
    }
    dialler->loop = loop;
    dialler->config = cw_link_config_new(settings);
    dialler->text = strdup(address);
    if (dialler->text == NULL) {
        abort();
    }
    dialler->link = cw_link_new(dialler->config, false, address, events, user);
    dialler->link->owner = dialler;
    if (cw_link_address_read(address, &dialler->address) != CW_OK) {
        dialler->address.host[0] = '\0';
    }
    (void)uv_timer_init(loop, &dialler->timer);
    dialler->timer.data = dialler;
    dialler->on_timer = dial;
    (void)uv_timer_start(&dialler->timer, dial, 0, 0);
    return dialler->link;
}

void cw_link_set_tls(struct cw_link *link, struct cw_tls *tls)
{
    struct dialler *const dialler = link->owner;

    cw_link_config_set_tls(dialler->config, tls);
}

void cw_link_close(struct cw_link **link)
{
    struct cw_link *const closing = *link;

    *link = NULL;
    if (closing == NULL || closing->closed) {
        return;
    }

    struct dialler *const dialler = closing->owner;

    if (closing->greeting != NULL) {
        cw_link_connection_let_go(closing->greeting);
        closing->greeting = NULL;
    }
    cw_link_shut(closing);
    if (dialler->resolving) {
        (void)uv_cancel((uv_req_t *)&dialler->resolve);
    }
    uv_close((uv_handle_t *)&dialler->timer, on_timer_closed);
}
