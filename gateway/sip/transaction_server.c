/* SPDX-License-Identifier: Apache-2.0 */
#include "transaction_server.h"

#include "transaction_client.h"

enum {
    SEND_100 = CW_SIP_SERVER_SEND_100,
    SEND_FINAL = CW_SIP_SERVER_SEND_FINAL,
    START_J = CW_SIP_SERVER_START_J,
    FORGET = CW_SIP_SERVER_FORGET,
    FREE = CW_SIP_SERVER_FREE
};

struct step {
    uint8_t next;
    uint8_t effects;
};

#define TO(state, effects)                                                                         \
    {                                                                                              \
        CW_SIP_SERVER_##state, (effects)                                                           \
    }

/* RFC 3261 figure 8, RFC 4320 section 4. A row a state, a column an event. MSG-48, MSG-49 */
static const struct step table[CW_SIP_SERVER_STATES][CW_SIP_SERVER_EVENTS] =
    {
        [CW_SIP_SERVER_TRYING] =
            {
                [CW_SIP_SERVER_REQUEST] = TO(TRYING, 0),
                [CW_SIP_SERVER_FINAL] = TO(COMPLETED, SEND_FINAL | START_J),
                [CW_SIP_SERVER_TIMER_100] = TO(PROCEEDING, SEND_100),
                [CW_SIP_SERVER_TIMER_END] = TO(EXPIRED, FORGET),
                [CW_SIP_SERVER_TIMER_J] = TO(TRYING, 0),
                [CW_SIP_SERVER_TRANSPORT_ERROR] = TO(TRYING, 0),
            },
        [CW_SIP_SERVER_PROCEEDING] =
            {
                [CW_SIP_SERVER_REQUEST] = TO(PROCEEDING, SEND_100),
                [CW_SIP_SERVER_FINAL] = TO(COMPLETED, SEND_FINAL | START_J),
                [CW_SIP_SERVER_TIMER_100] = TO(PROCEEDING, 0),
                [CW_SIP_SERVER_TIMER_END] = TO(EXPIRED, FORGET),
                [CW_SIP_SERVER_TIMER_J] = TO(PROCEEDING, 0),
                [CW_SIP_SERVER_TRANSPORT_ERROR] = TO(PROCEEDING, 0),
            },
        [CW_SIP_SERVER_COMPLETED] =
            {
                [CW_SIP_SERVER_REQUEST] = TO(COMPLETED, SEND_FINAL),
                [CW_SIP_SERVER_FINAL] = TO(COMPLETED, 0),
                [CW_SIP_SERVER_TIMER_100] = TO(COMPLETED, 0),
                [CW_SIP_SERVER_TIMER_END] = TO(COMPLETED, 0),
                [CW_SIP_SERVER_TIMER_J] = TO(TERMINATED, FORGET | FREE),
                /* RFC 6026 spirit: an error while sending does not unlearn what was answered */
                [CW_SIP_SERVER_TRANSPORT_ERROR] = TO(COMPLETED, 0),
            },
        [CW_SIP_SERVER_EXPIRED] =
            {
                [CW_SIP_SERVER_REQUEST] = TO(EXPIRED, 0),
                [CW_SIP_SERVER_FINAL] = TO(TERMINATED, FREE),
                [CW_SIP_SERVER_TIMER_100] = TO(EXPIRED, 0),
                [CW_SIP_SERVER_TIMER_END] = TO(EXPIRED, 0),
                [CW_SIP_SERVER_TIMER_J] = TO(EXPIRED, 0),
                [CW_SIP_SERVER_TRANSPORT_ERROR] = TO(EXPIRED, 0),
            },
        [CW_SIP_SERVER_TERMINATED] =
            {
                [CW_SIP_SERVER_REQUEST] = TO(TERMINATED, 0),
                [CW_SIP_SERVER_FINAL] = TO(TERMINATED, 0),
                [CW_SIP_SERVER_TIMER_100] = TO(TERMINATED, 0),
                [CW_SIP_SERVER_TIMER_END] = TO(TERMINATED, 0),
                [CW_SIP_SERVER_TIMER_J] = TO(TERMINATED, 0),
                [CW_SIP_SERVER_TRANSPORT_ERROR] = TO(TERMINATED, 0),
            },
};

/* How long a client's timer E needs to reach T2: 3.5 s with T1 = 0.5 s (RFC 4320 section 4.1). */
static uint32_t hundred_after_ms(uint32_t t1_ms)
{
    uint32_t sum_ms = 0;

    for (uint32_t e_ms = t1_ms; e_ms != 0 && e_ms < CW_SIP_T2_MS; e_ms *= 2) {
        sum_ms += e_ms;
    }
    return sum_ms;
}

struct cw_sip_server cw_sip_server_new(uint32_t t1_ms, bool reliable, uint64_t now_ms)
{
    return (struct cw_sip_server){.hundred_at_ms = now_ms + hundred_after_ms(t1_ms),
                                  .end_at_ms = now_ms + 64ull * t1_ms,
                                  .t1_ms = t1_ms,
                                  .state = CW_SIP_SERVER_TRYING,
                                  .reliable = reliable};
}

unsigned cw_sip_server_step(struct cw_sip_server *server, enum cw_sip_server_event event,
                            uint64_t now_ms)
{
    const struct step *const step = &table[server->state][event];
    unsigned effects = step->effects;

    server->state = step->next;
    if ((effects & SEND_100) != 0) {
        server->hundred_at_ms = 0;
    }
    if ((effects & START_J) != 0) {
        server->hundred_at_ms = 0;
        server->end_at_ms = now_ms + 64ull * server->t1_ms;
        if (server->reliable) { /* timer J is zero: nothing is sent twice */
            server->state = CW_SIP_SERVER_TERMINATED;
            effects |= FORGET | FREE;
        }
    }
    return effects;
}

uint64_t cw_sip_server_due_ms(const struct cw_sip_server *server)
{
    if (server->state == CW_SIP_SERVER_EXPIRED || server->state == CW_SIP_SERVER_TERMINATED) {
        return UINT64_MAX;
    }
    if (server->hundred_at_ms != 0 && server->hundred_at_ms < server->end_at_ms) {
        return server->hundred_at_ms;
    }
    return server->end_at_ms;
}

unsigned cw_sip_server_tick(struct cw_sip_server *server, uint64_t now_ms)
{
    if (cw_sip_server_due_ms(server) > now_ms) {
        return 0;
    }
    if (server->state == CW_SIP_SERVER_COMPLETED) {
        return cw_sip_server_step(server, CW_SIP_SERVER_TIMER_J, now_ms);
    }
    return cw_sip_server_step(
        server, now_ms >= server->end_at_ms ? CW_SIP_SERVER_TIMER_END : CW_SIP_SERVER_TIMER_100,
        now_ms);
}
