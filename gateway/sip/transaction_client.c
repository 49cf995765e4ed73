/* SPDX-License-Identifier: Apache-2.0 */
#include "transaction_client.h"

enum {
    TRANSMIT = CW_SIP_CLIENT_TRANSMIT,
    PASS = CW_SIP_CLIENT_PASS,
    TELL_TIMEOUT = CW_SIP_CLIENT_TELL_TIMEOUT,
    TELL_ERROR = CW_SIP_CLIENT_TELL_ERROR,
    START_F = CW_SIP_CLIENT_START_F,
    NEXT_E = CW_SIP_CLIENT_NEXT_E,
    SLOW_E = CW_SIP_CLIENT_SLOW_E,
    START_K = CW_SIP_CLIENT_START_K,
    FREE = CW_SIP_CLIENT_FREE
};

struct step {
    uint8_t next;
    uint16_t effects;
};

#define TO(state, effects)                                                                         \
    {                                                                                              \
        CW_SIP_CLIENT_##state, (effects)                                                           \
    }

/* RFC 3261 figure 6. A row a state, a column an event. MSG-31 */
static const struct step table[CW_SIP_CLIENT_STATES][CW_SIP_CLIENT_EVENTS] =
    {
        [CW_SIP_CLIENT_IDLE] =
            {
                [CW_SIP_CLIENT_SEND] = TO(TRYING, TRANSMIT | START_F),
                [CW_SIP_CLIENT_PROVISIONAL] = TO(IDLE, 0),
                [CW_SIP_CLIENT_FINAL] = TO(IDLE, 0),
                [CW_SIP_CLIENT_TIMER_E] = TO(IDLE, 0),
                [CW_SIP_CLIENT_TIMER_F] = TO(IDLE, 0),
                [CW_SIP_CLIENT_TIMER_K] = TO(IDLE, 0),
                [CW_SIP_CLIENT_TRANSPORT_ERROR] = TO(TERMINATED, TELL_ERROR | FREE),
            },
        [CW_SIP_CLIENT_TRYING] =
            {
                [CW_SIP_CLIENT_SEND] = TO(TRYING, 0),
                [CW_SIP_CLIENT_PROVISIONAL] = TO(PROCEEDING, SLOW_E),
                [CW_SIP_CLIENT_FINAL] = TO(COMPLETED, PASS | START_K),
                [CW_SIP_CLIENT_TIMER_E] = TO(TRYING, TRANSMIT | NEXT_E),
                [CW_SIP_CLIENT_TIMER_F] = TO(TERMINATED, TELL_TIMEOUT | FREE),
                [CW_SIP_CLIENT_TIMER_K] = TO(TRYING, 0),
                [CW_SIP_CLIENT_TRANSPORT_ERROR] = TO(TERMINATED, TELL_ERROR | FREE),
            },
        [CW_SIP_CLIENT_PROCEEDING] =
            {
                [CW_SIP_CLIENT_SEND] = TO(PROCEEDING, 0),
                [CW_SIP_CLIENT_PROVISIONAL] = TO(PROCEEDING, 0),
                [CW_SIP_CLIENT_FINAL] = TO(COMPLETED, PASS | START_K),
                [CW_SIP_CLIENT_TIMER_E] = TO(PROCEEDING, TRANSMIT | SLOW_E),
                [CW_SIP_CLIENT_TIMER_F] = TO(TERMINATED, TELL_TIMEOUT | FREE),
                [CW_SIP_CLIENT_TIMER_K] = TO(PROCEEDING, 0),
                [CW_SIP_CLIENT_TRANSPORT_ERROR] = TO(TERMINATED, TELL_ERROR | FREE),
            },
        [CW_SIP_CLIENT_COMPLETED] =
            {
                [CW_SIP_CLIENT_SEND] = TO(COMPLETED, 0),
                [CW_SIP_CLIENT_PROVISIONAL] = TO(COMPLETED, 0),
                [CW_SIP_CLIENT_FINAL] = TO(COMPLETED, 0),
                [CW_SIP_CLIENT_TIMER_E] = TO(COMPLETED, 0),
                [CW_SIP_CLIENT_TIMER_F] = TO(COMPLETED, 0),
                [CW_SIP_CLIENT_TIMER_K] = TO(TERMINATED, FREE),
                [CW_SIP_CLIENT_TRANSPORT_ERROR] = TO(COMPLETED, 0),
            },
        [CW_SIP_CLIENT_TERMINATED] =
            {
                [CW_SIP_CLIENT_SEND] = TO(TERMINATED, 0),
                [CW_SIP_CLIENT_PROVISIONAL] = TO(TERMINATED, 0),
                [CW_SIP_CLIENT_FINAL] = TO(TERMINATED, 0),
                [CW_SIP_CLIENT_TIMER_E] = TO(TERMINATED, 0),
                [CW_SIP_CLIENT_TIMER_F] = TO(TERMINATED, 0),
                [CW_SIP_CLIENT_TIMER_K] = TO(TERMINATED, 0),
                [CW_SIP_CLIENT_TRANSPORT_ERROR] = TO(TERMINATED, 0),
            },
};

static void arm_e(struct cw_sip_client *client, uint32_t pause_ms, uint64_t now_ms)
{
    client->e_ms = pause_ms < CW_SIP_T2_MS ? pause_ms : CW_SIP_T2_MS;
    client->e_at_ms = client->reliable ? 0 : now_ms + client->e_ms;
}

struct cw_sip_client cw_sip_client_new(uint32_t t1_ms, bool reliable)
{
    return (struct cw_sip_client){
        .t1_ms = t1_ms, .state = CW_SIP_CLIENT_IDLE, .reliable = reliable};
}

unsigned cw_sip_client_step(struct cw_sip_client *client, enum cw_sip_client_event event,
                            uint64_t now_ms)
{
    const struct step *const step = &table[client->state][event];
    unsigned effects = step->effects;

    client->state = step->next;
    if ((effects & START_F) != 0) {
        client->end_at_ms = now_ms + 64ull * client->t1_ms;
        arm_e(client, client->t1_ms, now_ms);
    }
    if ((effects & NEXT_E) != 0) {
        arm_e(client, client->e_ms * 2, now_ms);
    }
    if ((effects & SLOW_E) != 0) {
        arm_e(client, CW_SIP_T2_MS, now_ms);
    }
    if ((effects & START_K) != 0) {
        client->e_at_ms = 0;
        client->end_at_ms = now_ms + CW_SIP_T4_MS;
        if (client->reliable) { /* timer K is zero: nothing late can come */
            client->state = CW_SIP_CLIENT_TERMINATED;
            effects |= FREE;
        }
    }
    return effects;
}

uint64_t cw_sip_client_due_ms(const struct cw_sip_client *client)
{
    if (client->state == CW_SIP_CLIENT_IDLE || client->state == CW_SIP_CLIENT_TERMINATED) {
        return UINT64_MAX;
    }
    if (client->e_at_ms != 0 && client->e_at_ms < client->end_at_ms) {
        return client->e_at_ms;
    }
    return client->end_at_ms;
}

unsigned cw_sip_client_tick(struct cw_sip_client *client, uint64_t now_ms)
{
    if (cw_sip_client_due_ms(client) > now_ms) {
        return 0;
    }
    if (client->state == CW_SIP_CLIENT_COMPLETED) {
        return cw_sip_client_step(client, CW_SIP_CLIENT_TIMER_K, now_ms);
    }
    return cw_sip_client_step(
        client, now_ms >= client->end_at_ms ? CW_SIP_CLIENT_TIMER_F : CW_SIP_CLIENT_TIMER_E,
        now_ms);
}
