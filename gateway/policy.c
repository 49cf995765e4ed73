/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include <stddef.h>

#define BIT(n)      (1u << (n))
#define ANY         0xFFu
#define NEED(facts) (facts), (facts)
#define LACK(facts) (facts), 0
#define WHATEVER    0, 0
#define FEDERATED   BIT(CW_PARTNER_FEDERATED)
#define VERIFIED    BIT(CW_PARTNER_PUBLIC_VERIFIED)
#define UNVERIFIED  BIT(CW_PARTNER_PUBLIC_UNVERIFIED)
#define FROM_XMPP   BIT(CW_FROM_XMPP)
#define FROM_SIP    BIT(CW_FROM_SIP)
#define CANCEL      BIT(CW_REQUEST_CANCEL)
#define PROBE       BIT(CW_REQUEST_PROBE)
#define TALK        (BIT(CW_REQUEST_MESSAGE) | BIT(CW_REQUEST_TYPING))
#define ALLOW       CW_VERDICT_ALLOW
#define REFUSE      CW_VERDICT_REFUSE
#define AS_UNKNOWN  CW_VERDICT_REFUSE_AS_UNKNOWN

struct rule {
    uint8_t partners;   /* bit set of enum cw_partner_type */
    uint8_t directions; /* bit set of enum cw_direction */
    uint8_t requests;   /* bit set of enum cw_request */
    uint8_t facts_mask; /* which facts matter ... */
    uint8_t facts_want; /* ... and what they must be */
    enum cw_verdict verdict;
    enum cw_reason reason;
};

/* First row that fits decides; the order is that of docs/reference/partners.md section 3: partner
 * exists, partner enabled, master switch, user entitled, user's block, partner type. Whoever is not
 * let in from outside learns nothing, not even that the user exists; our own user is told why. */
/* clang-format off */
static const struct rule RULES[] = {
    /* partner   direction  request  facts                   verdict     reason */
    {ANY,        ANY,       ANY,     LACK(CW_FACT_LISTED),   REFUSE,     CW_REASON_UNLISTED},
    {ANY,        ANY,       ANY,     LACK(CW_FACT_ENABLED),  REFUSE,     CW_REASON_PARTNER_DISABLED},
    {ANY,        ANY,       ANY,     LACK(CW_FACT_MASTER),   REFUSE,     CW_REASON_MASTER_OFF},
    {ANY,        FROM_SIP,  ANY,     LACK(CW_FACT_ENTITLED), REFUSE,     CW_REASON_NOT_ENTITLED},
    {ANY,        FROM_XMPP, ANY,     LACK(CW_FACT_ENTITLED), AS_UNKNOWN, CW_REASON_NOT_ENTITLED},
    {ANY,        FROM_SIP,  ANY,     NEED(CW_FACT_BLOCKED),  REFUSE,     CW_REASON_BLOCKED_BY_USER},
    {ANY,        FROM_XMPP, ANY,     NEED(CW_FACT_BLOCKED),  AS_UNKNOWN, CW_REASON_BLOCKED_BY_USER},

    {ANY,        FROM_SIP,  ANY,     WHATEVER,               ALLOW,      CW_REASON_OWN_USER_ASKS},
    {ANY,        FROM_XMPP, CANCEL,  WHATEVER,               ALLOW,      CW_REASON_GIVES_UP_RIGHTS},

    {FEDERATED,  FROM_XMPP, ANY,     WHATEVER,               ALLOW,      CW_REASON_PARTNER_FEDERATED},
    {VERIFIED,   FROM_XMPP, PROBE,   LACK(CW_FACT_GRANTED),  AS_UNKNOWN, CW_REASON_NOT_GRANTED},
    {VERIFIED,   FROM_XMPP, ANY,     WHATEVER,               ALLOW,      CW_REASON_PARTNER_VERIFIED},
    {UNVERIFIED, FROM_XMPP, ANY,     NEED(CW_FACT_INVITED),  ALLOW,      CW_REASON_INVITED},
    {UNVERIFIED, FROM_XMPP, TALK,    NEED(CW_FACT_REPLY),    ALLOW,      CW_REASON_REPLY_WINDOW},
    {UNVERIFIED, FROM_XMPP, ANY,     LACK(CW_FACT_INVITED),  AS_UNKNOWN, CW_REASON_NOT_INVITED},
};
/* clang-format on */

static bool fits(const struct rule *rule, const struct cw_question *q)
{
    return (rule->partners & BIT(q->partner)) != 0 && (rule->directions & BIT(q->direction)) != 0 &&
           (rule->requests & BIT(q->request)) != 0 &&
           (q->facts & rule->facts_mask) == rule->facts_want;
}

struct cw_decision cw_policy_decide(const struct cw_question *question)
{
    for (size_t i = 0; i < sizeof(RULES) / sizeof(RULES[0]); i++) {
        if (fits(&RULES[i], question)) {
            return (struct cw_decision){RULES[i].verdict, RULES[i].reason};
        }
    }
    return (struct cw_decision){REFUSE, CW_REASON_NO_RULE};
}

bool cw_policy_shows_notes(enum cw_partner_type partner)
{
    return partner == CW_PARTNER_FEDERATED;
}

static const struct {
    const char *label;
    const char *text;
} REASONS[CW_REASONS] = {
#define X(name, label, text) [CW_REASON_##name] = {label, text},
    CW_REASON_MAP(X)
#undef X
};

const char *cw_reason_label(enum cw_reason reason)
{
    return (unsigned)reason < CW_REASONS ? REASONS[reason].label : REASONS[0].label;
}

const char *cw_reason_text(enum cw_reason reason)
{
    return (unsigned)reason < CW_REASONS ? REASONS[reason].text : REASONS[0].text;
}
