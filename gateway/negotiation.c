/* SPDX-License-Identifier: Apache-2.0 */
#include "negotiation.h"

#define SASL_TLS     (1u << CW_METHOD_SASL_TLS)
#define TLS_DIALBACK (1u << CW_METHOD_TLS_DIALBACK)
#define TCP_DIALBACK (1u << CW_METHOD_TCP_DIALBACK)

struct finding {
    enum cw_finding_severity severity;
    const char *code;
    const char *text;
    const char *remedy;
};

#define NOTHING                                                                                    \
    {                                                                                              \
        CW_FINDING_NONE, "", "", ""                                                                \
    }
#define UNUSED_DIALBACK                                                                            \
    {                                                                                              \
        CW_FINDING_WARNING, "W101", "dialback never runs when both TLS and SASL are required",     \
            "set dialback to false, or sasl to optional"                                           \
    }
#define LOOSE_TLS                                                                                  \
    {                                                                                              \
        CW_FINDING_WARNING, "W103",                                                                \
            "SASL needs TLS; optional TLS can make session negotiation fail",                      \
            "set tls to required"                                                                  \
    }
#define SASL_WITHOUT_TLS                                                                           \
    {                                                                                              \
        CW_FINDING_ERROR, "E104", "SASL needs TLS, and tls is not_supported",                      \
            "set tls to required (recommended) or optional, or sasl to not_supported"              \
    }
#define NO_METHOD                                                                                  \
    {                                                                                              \
        CW_FINDING_ERROR, "E105", "SASL or dialback must be enabled",                              \
            "set dialback to true, or sasl to optional with tls required"                          \
    }
#define TLS_DIALBACK_NOTE                                                                          \
    {                                                                                              \
        CW_FINDING_INFO, "I106", "the configuration allows TLS dialback", ""                       \
    }
#define EITHER_DIALBACK                                                                            \
    {                                                                                              \
        CW_FINDING_INFO, "I107", "TLS or TCP dialback is accepted, by the other end's choice", ""  \
    }
#define TCP_ONLY                                                                                   \
    {                                                                                              \
        CW_FINDING_INFO, "I108", "TCP dialback is the only method", ""                             \
    }

/* Findings of negotiation-matrix.csv in its order: SASL, then TLS, then dialback true, false. */
static const struct finding FINDINGS[CW_NEGOTIATIONS][CW_NEGOTIATIONS][2] = {
    [CW_REQUIRED] = {[CW_REQUIRED] = {UNUSED_DIALBACK, NOTHING},
                     [CW_OPTIONAL] = {LOOSE_TLS, LOOSE_TLS},
                     [CW_NOT_SUPPORTED] = {SASL_WITHOUT_TLS, SASL_WITHOUT_TLS}},
    [CW_OPTIONAL] = {[CW_REQUIRED] = {NOTHING, NOTHING},
                     [CW_OPTIONAL] = {LOOSE_TLS, LOOSE_TLS},
                     [CW_NOT_SUPPORTED] = {SASL_WITHOUT_TLS, SASL_WITHOUT_TLS}},
    [CW_NOT_SUPPORTED] = {[CW_REQUIRED] = {TLS_DIALBACK_NOTE, NO_METHOD},
                          [CW_OPTIONAL] = {EITHER_DIALBACK, NO_METHOD},
                          [CW_NOT_SUPPORTED] = {TCP_ONLY, NO_METHOD}},
};

static const struct finding BLOCKED_BY_FLOOR = {
    CW_FINDING_ERROR, "E110", "security.floor leaves no method of this combination",
    "set tls to required and sasl to optional, or lower security.floor"};

static const struct finding PINS_WITHOUT_TLS = {
    CW_FINDING_ERROR, "E112", "pins need TLS, and only clear-text dialback is left",
    "set tls to required or optional, or remove the pins"};

/* The three lines of docs/reference/partners.md section 2. */
static uint8_t methods_of(enum cw_negotiation tls, enum cw_negotiation sasl, bool dialback)
{
    unsigned methods = 0;

    if (sasl != CW_NOT_SUPPORTED && tls != CW_NOT_SUPPORTED) {
        methods |= SASL_TLS;
    }
    if (dialback && tls != CW_NOT_SUPPORTED && !(tls == CW_REQUIRED && sasl == CW_REQUIRED)) {
        methods |= TLS_DIALBACK;
    }
    if (dialback && tls != CW_REQUIRED) {
        methods |= TCP_DIALBACK;
    }
    return (uint8_t)methods;
}

static uint8_t above_floor(uint8_t methods, enum cw_floor floor)
{
    static const uint8_t KEPT[CW_FLOORS] = {
        [CW_FLOOR_NONE] = SASL_TLS | TLS_DIALBACK | TCP_DIALBACK,
        [CW_FLOOR_TLS] = SASL_TLS | TLS_DIALBACK,
        [CW_FLOOR_SASL] = SASL_TLS,
    };

    return methods & KEPT[floor];
}

struct cw_negotiated cw_negotiation_judge(enum cw_negotiation tls, enum cw_negotiation sasl,
                                          bool dialback, enum cw_floor floor)
{
    const struct finding *finding = &FINDINGS[sasl][tls][dialback ? 0 : 1];
    const uint8_t methods = methods_of(tls, sasl, dialback);
    const uint8_t effective = above_floor(methods, floor);

    if (finding->severity != CW_FINDING_ERROR && effective == 0) {
        finding = &BLOCKED_BY_FLOOR;
    }
    return (struct cw_negotiated){
        .row = (unsigned)sasl * 6 + (unsigned)tls * 2 + (dialback ? 1u : 2u),
        .methods = methods,
        .effective = finding->severity == CW_FINDING_ERROR ? 0 : effective,
        .severity = finding->severity,
        .code = finding->code,
        .text = finding->text,
        .remedy = finding->remedy,
    };
}

/* A pin is a promise about keys; a method that shows none cannot keep it. */
struct cw_negotiated cw_negotiation_of(const struct cw_partner *partner, enum cw_floor floor)
{
    struct cw_negotiated judged =
        cw_negotiation_judge(partner->tls, partner->sasl, partner->dialback, floor);

    if (partner->pin_count == 0 || judged.severity == CW_FINDING_ERROR) {
        return judged;
    }
    judged.effective = (uint8_t)(judged.effective & ~TCP_DIALBACK);
    if (judged.effective == 0) {
        judged.severity = PINS_WITHOUT_TLS.severity;
        judged.code = PINS_WITHOUT_TLS.code;
        judged.text = PINS_WITHOUT_TLS.text;
        judged.remedy = PINS_WITHOUT_TLS.remedy;
    }
    return judged;
}
