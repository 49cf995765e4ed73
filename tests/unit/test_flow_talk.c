/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_world.h"

#include "deliver.h"

#include <stdio.h>

#define FED CW_PARTNER_FEDERATED
#define UNV CW_PARTNER_PUBLIC_UNVERIFIED

#define TYPING_TYPE "application/im-iscomposing+xml"
#define CPIM_TYPE   "message/cpim"
#define HOUR_MS     UINT64_C(3600000)

/* Of juliet, from her balcony. */
#define STANZA(attributes, inner)                                                                  \
    "<message from='juliet@fabrikam.example/balcony' to='romeo@contoso.example' " attributes       \
    ">" inner "</message>"
#define CHAT(id, inner) STANZA("type='chat' id='" id "'", inner)
#define STATE(name)     "<" name " xmlns='http://jabber.org/protocol/chatstates'/>"
#define REQUEST         "<request xmlns='urn:xmpp:receipts'/>"
#define MARKABLE        "<markable xmlns='urn:xmpp:chat-markers:0'/>"
#define RECEIVED(id)    "<received xmlns='urn:xmpp:receipts' id='" id "'/>"
#define DISPLAYED(id)   "<displayed xmlns='urn:xmpp:chat-markers:0' id='" id "'/>"

/* Of romeo. */
#define COMPOSING(state, more)                                                                     \
    "<?xml version='1.0' encoding='UTF-8'?>"                                                       \
    "<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'><state>" state "</state>" more     \
    "</isComposing>"
#define PARTIES "From: <im:romeo@contoso.example>\r\nTo: <im:juliet@fabrikam.example>\r\n"
#define PLAIN   "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
#define WANTS(id, what, text)                                                                      \
    PARTIES "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: " id                              \
            "\r\nDateTime: 2026-03-02T09:00:00Z\r\nimdn.Disposition-Notification: " what           \
            "\r\n" PLAIN text
#define IMDN_HEAD                                                                                  \
    PARTIES "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: dev7-1\r\n\r\n"                   \
            "Content-Type: message/imdn+xml\r\nContent-Disposition: notification\r\n\r\n"          \
            "<imdn xmlns='urn:ietf:params:xml:ns:imdn'><message-id>"
#define IMDN_TAIL(kind, status)                                                                    \
    "</message-id><datetime>2026-03-02T09:00:00Z</datetime><" kind                                 \
    "-notification><status><" status "/></status></" kind "-notification></imdn>"

static const double ONE = 1.0;

/* A MESSAGE of `from` to juliet. */
static void say_as(struct world *w, const char *from, const char *type, const char *body)
{
    static uint32_t cseq;
    struct cw_sip_message request;

    cw_sip_message_init(&request);
    request.method = CW_SIP_MESSAGE;
    request.request_uri = CW_LIT("sip:juliet@fabrikam.example");
    request.from.uri = (struct cw_bytes){from, strlen(from)};
    request.from.tag = CW_LIT("phone");
    request.to.uri = CW_LIT("sip:juliet@fabrikam.example");
    request.call_id = CW_LIT("talk-1");
    request.cseq = ++cseq;
    request.content_type = (struct cw_bytes){type, strlen(type)};
    request.body = (struct cw_bytes){body, strlen(body)};
    (void)world_request(w, &request);
}

static void say(struct world *w, const char *type, const char *body)
{
    say_as(w, LOCAL, type, body);
}

/* romeo's text reaches juliet's server. */
static void tell(struct world *w, const char *type, const char *body, const char *stanza)
{
    say(w, type, body);
    world_expect(w, stanza);
    world_fate(w, CW_FATE_HANDED, CW_FAIL_NONE);
    world_expect(w, "R 202");
}

/* juliet may see romeo. */
static void sees_him(struct world *w)
{
    world_stanza(w, "<presence from='juliet@fabrikam.example' to='romeo@contoso.example' "
                    "type='subscribe' id='p1'/>");
    world_commit(w);
    world_answer(w, 200, 3600);
    world_commit(w);
    world_notify(w, "active", NULL, NULL);
    world_skip(w);
}

/* romeo may see juliet. */
static void sees_her(struct world *w)
{
    world_subscribe(w, 3600, 0, 1);
    world_commit(w);
    world_fate(w, CW_FATE_HANDED, CW_FAIL_NONE);
    world_answer(w, 200, -1);
    world_stanza(w, "<presence from='juliet@fabrikam.example' to='romeo@contoso.example' "
                    "type='subscribed'/>");
    world_commit(w);
    world_answer(w, 200, -1);
    world_skip(w);
    assert_null(world_unanswered(w));
}

/* juliet has written, in a way that says that her client knows chat states. */
static void has_talked(struct world *w)
{
    world_stanza(w, CHAT("t0", "<body>Ay me</body>" STATE("active")));
    world_expect(w, "S MESSAGE Ay me");
    world_answer(w, 200, -1);
    world_skip(w);
}

/* What follows `piece` in `text`; NULL: it is not there. */
static const char *behind(struct cw_bytes text, const char *piece)
{
    const size_t len = strlen(piece);

    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.base + i, piece, len) == 0) {
            return text.base + i + len;
        }
    }
    return NULL;
}

static bool has(struct cw_bytes text, const char *piece)
{
    return behind(text, piece) != NULL;
}

/* What stands behind `name` until the end of its line, in the body of the oldest request. */
static const char *line_of(const struct world *w, const char *name)
{
    static char value[128];
    const struct cw_bytes body = world_unanswered(w)->body;
    const char *at = behind(body, name);
    size_t len = 0;

    if (at == NULL) {
        fail_msg("no %s in: " CW_FMT, name, CW_ARG(body));
    }
    while (at + len < body.base + body.len && at[len] != '\r' && len < sizeof(value) - 1) {
        len++;
    }
    memcpy(value, at, len);
    value[len] = '\0';
    return value;
}

static double imdns(struct world *w, const char *direction, const char *status)
{
    return cw_metrics_value(world_gateway(w)->metrics, CW_METRIC_IMDN_TOTAL,
                            (const char *const[]){"fabrikam.example", direction, status});
}

/* ---- typing ---- */

/* MSG-6, CT-1, CT-4, CT-5, CT-8, SEC-11 */
static void shows_sip_who_types(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    world_stanza(w, CHAT("s0", STATE("composing"))); /* they have not talked yet */
    world_pass(w, 100000);
    world_silence(w);
    has_talked(w);
    world_stanza(w, CHAT("s1", STATE("composing")));
    world_expect(w, "S MESSAGE " LOCAL " from=sip:juliet@fabrikam.example <state>active</state> "
                    "<refresh>90</refresh> type=" TYPING_TYPE);
    world_silence(w);
    world_answer(w, 200, -1);
    world_pass(w, 79000);
    world_silence(w);
    world_pass(w, 2000);
    world_expect(w, "S MESSAGE <state>active</state>");
    world_answer(w, 200, -1);
    world_stanza(w, CHAT("s2", STATE("paused")));
    world_expect(w, "S MESSAGE <state>idle</state>");
    world_answer(w, 200, -1);
    world_stanza(w, CHAT("s3", STATE("inactive")));
    world_stanza(w, CHAT("s4", STATE("gone"))); /* CT-12: nothing is outstanding */
    world_pass(w, 300000);
    world_silence(w);
    world_stanza(w, CHAT("s5", STATE("composing")));
    world_expect(w, "S MESSAGE <state>active</state>");
    world_answer(w, 200, -1);
    world_stanza(w, CHAT("t1", "<body>O Romeo</body>" STATE("active"))); /* says idle by itself */
    world_expect(w, "S MESSAGE O Romeo type=text/plain");
    world_answer(w, 200, -1);
    world_pass(w, 700000);
    world_silence(w);
    world_free(w);
}

/* CT-5: who went away types no more. */
static void stops_with_presence(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    sees_her(w);
    world_stanza(w,
                 "<presence from='juliet@fabrikam.example/balcony' to='romeo@contoso.example'/>");
    world_pass(w, 6000);
    world_answer(w, 200, -1);
    world_skip(w);
    has_talked(w);
    world_stanza(w, CHAT("s1", STATE("composing")));
    world_expect(w, "S MESSAGE <state>active</state>");
    world_answer(w, 200, -1);
    world_stanza(w, "<presence from='juliet@fabrikam.example/balcony' to='romeo@contoso.example' "
                    "type='unavailable'/>");
    world_until(w, 10000);
    world_expect(w, "S MESSAGE <state>idle</state>");
    world_free(w);
}

/* CT-7: whoever refuses is not told for a day; his messages go on. */
static void stops_where_refused(void **state)
{
    struct world *w = world_new(FED);
    struct cw_sip_message refusal;

    (void)state;
    has_talked(w);
    world_stanza(w, CHAT("s1", STATE("composing")));
    world_expect(w, "S MESSAGE <state>active</state>");
    cw_sip_message_init(&refusal);
    refusal.status = 415;
    refusal.accept = CW_LIT("text/plain");
    world_answer_with(w, &refusal);
    world_pass(w, 100000);
    world_stanza(w, CHAT("s2", STATE("paused")));
    world_stanza(w, CHAT("s3", STATE("composing")));
    world_pass(w, 100000);
    world_silence(w); /* no status, and no error to her: MSG-44 */
    has_talked(w);
    world_pass(w, 23 * HOUR_MS);
    has_talked(w);
    world_stanza(w, CHAT("s4", STATE("composing")));
    world_silence(w);
    world_stanza(w, CHAT("s5", STATE("paused")));
    world_pass(w, 2 * HOUR_MS);
    has_talked(w);
    world_stanza(w, CHAT("s6", STATE("composing")));
    world_expect(w, "S MESSAGE <state>active</state>");
    world_free(w);
}

/* CT-11, MSG-44: whatever else becomes of a status, nobody hears of it, and the next one goes. */
static void ignores_other_answers(void **state)
{
    static const unsigned ANSWERS[] = {0, 404, 480, 500, 603};
    struct world *w = world_new(FED);

    (void)state;
    has_talked(w);
    for (size_t i = 0; i < CW_COUNT(ANSWERS); i++) {
        world_stanza(w, CHAT("s1", STATE("composing")));
        world_expect(w, "S MESSAGE <state>active</state>");
        world_answer(w, ANSWERS[i], -1);
        world_stanza(w, CHAT("s2", STATE("paused")));
        world_expect(w, "S MESSAGE <state>idle</state>");
        world_no_route(w);
        world_pass(w, 2000);
        world_silence(w);
    }
    world_free(w);
}

/* MSG-29: one MESSAGE at a time from her to him, whatever it says; nothing queues up behind typing.
 */
static void overlaps_nothing(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    sees_her(w);
    has_talked(w);
    tell(w, CPIM_TYPE, WANTS("im-1", "positive-delivery", "hi"), "X message id=im-1");
    world_stanza(w, CHAT("t1", "<body>O Romeo</body>"));
    world_expect(w, "S MESSAGE O Romeo");
    world_stanza(w, CHAT("s1", STATE("composing")));
    world_stanza(w, CHAT("s2", STATE("paused"))); /* is not worth a place in the queue */
    world_stanza(w, CHAT("r1", RECEIVED("im-1")));
    world_silence(w);
    world_answer(w, 200, -1);
    world_expect(w, "S MESSAGE <state>active</state>");
    world_stanza(w, CHAT("t2", "<body>wherefore</body>"));
    world_silence(w);
    world_answer(w, 480, -1);
    world_expect(w, "S MESSAGE <message-id>im-1</message-id> <delivered/>");
    world_silence(w);
    world_answer(w, 0, -1);
    world_expect(w, "S MESSAGE wherefore");
    world_answer(w, 200, -1);
    world_silence(w);
    assert_int_equal(cw_deliver_pending(world_gateway(w)->deliver), 0);
    world_free(w);
}

/* MSG-44, CT-11: what waits for its turn in vain, or for a route, ends without a word. */
static void ends_marks_silently(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    sees_her(w);
    has_talked(w);
    tell(w, CPIM_TYPE, WANTS("im-1", "positive-delivery, display", "hi"), "X message id=im-1");
    world_stanza(w, CHAT("t1", "<body>O Romeo</body>"));
    world_expect(w, "S MESSAGE O Romeo");
    world_stanza(w, CHAT("r1", RECEIVED("im-1")));
    world_pass(w, 121000); /* messages.ttl */
    world_answer(w, 200, -1);
    world_silence(w);
    world_stanza(w, CHAT("r2", DISPLAYED("im-1")));
    world_expect(w, "S MESSAGE <displayed/>");
    world_no_route(w);
    world_pass(w, 40000);
    world_silence(w);
    world_stanza(w, CHAT("t2", "<body>wherefore</body>"));
    world_expect(w, "S MESSAGE wherefore");
    world_answer(w, 200, -1);
    cw_deliver_give_up(world_gateway(w)->deliver);
    world_stanza(w, CHAT("s1", STATE("composing")));
    world_silence(w);
    assert_int_equal(cw_flow_pending(world_gateway(w)), 0);
    world_free(w);
}

/* CT-2, CT-6, CT-10, CT-13 */
static void shows_xmpp_who_types(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    has_talked(w);
    say(w, TYPING_TYPE, COMPOSING("active", "<refresh>60</refresh>"));
    world_expect(w, "R 20");
    world_expect(w,
                 "X message chat romeo@contoso.example > " REMOTE " state=composing thread=talk-1");
    say(w, TYPING_TYPE, COMPOSING("active", "<refresh>60</refresh>"));
    world_expect(w, "R 20");
    world_silence(w);
    say(w, TYPING_TYPE, COMPOSING("idle", ""));
    world_expect(w, "R 20");
    world_expect(w, "X message chat state=active");
    say(w, TYPING_TYPE, COMPOSING("active", ""));
    world_expect(w, "R 20");
    world_expect(w, "X message state=composing");
    world_pass(w, 119000);
    world_silence(w);
    world_pass(w, 2000);
    world_expect(w, "X message chat romeo@contoso.example > " REMOTE " state=paused");
    say(w, TYPING_TYPE, COMPOSING("active", ""));
    world_expect(w, "R 20");
    world_expect(w, "X message state=composing");
    tell(w, "text/plain", "I take thee", "X message I take thee state=active");
    world_pass(w, 300000);
    world_silence(w);
    world_free(w);
}

/* CT-9: a client that does not know states is asked once by `active`, and not bothered after. */
static void asks_before_it_shows(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    tell(w, "text/plain", "She speaks", "X message She speaks state=active");
    say(w, TYPING_TYPE, COMPOSING("active", ""));
    world_expect(w, "R 20");
    world_silence(w);
    world_stanza(w, CHAT("t1", "<body>What man art thou</body>"));
    world_expect(w, "S MESSAGE What man art thou");
    world_answer(w, 200, -1);
    say(w, "text/plain", "I know not how");
    assert_true(world_awaits_fate(w));
    world_expect(w, "X message I know not how state=none");
    world_fate(w, CW_FATE_HANDED, CW_FAIL_NONE);
    world_expect(w, "R 202");
    say(w, TYPING_TYPE, COMPOSING("active", ""));
    world_expect(w, "R 20");
    world_silence(w);
    world_free(w);
}

/* What is wrong is said; what is switched off is not. */
static void may_be_off(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    world_settings(w)->messages.typing = false;
    world_settings(w)->messages.receipts = false;
    sees_him(w);
    sees_her(w);
    has_talked(w);
    world_stanza(w, CHAT("s1", STATE("composing")));
    say(w, TYPING_TYPE, COMPOSING("active", ""));
    world_expect(w, "R 20");
    world_silence(w);
    tell(w, CPIM_TYPE, WANTS("im-1", "positive-delivery, display", "hi"),
         "X message id=im-1 hi state=none asks=nothing");
    world_stanza(w, CHAT("r1", RECEIVED("im-1")));
    world_stanza(w, CHAT("m1", "<body>x</body>" REQUEST));
    world_expect(w, "S MESSAGE x type=text/plain");
    world_answer(w, 200, -1);
    world_silence(w);
    say(w, TYPING_TYPE, "<isComposing");
    world_expect(w, "R 400");
    world_silence(w);
    world_free(w);
}

/* PARTNERS section 3: typing as messages, only that nobody is told of a refusal (MSG-44). */
static void keeps_strangers_out(void **state)
{
    struct world *w = world_new(UNV);

    (void)state;
    world_stanza(w, CHAT("s1", STATE("composing")));
    world_stanza(w, CHAT("r1", RECEIVED("im-1")));
    world_pass(w, 2000);
    world_silence(w);
    world_free(w);
}

/* ---- receipts for XMPP ---- */

/* RCPT-5, RCPT-6, RCPT-7, MSG-36: a 200 to plain text, to whoever may see him. */
static void takes_200_for_delivered(void **state)
{
    static const struct {
        const char *name;
        bool granted, setting;
        unsigned answer;
        bool receipt;
    } ROWS[] = {
        {"200", true, true, 200, true},
        {"202", true, true, 202, false},
        {"204", true, true, 204, false},
        {"a stranger", false, true, 200, false},
        {"switched off", true, false, 200, false},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct world *w = world_new(FED);

        cw_case(ROWS[i].name);
        world_settings(w)->messages.receipt_from_200 = ROWS[i].setting;
        if (ROWS[i].granted) {
            sees_him(w);
        }
        world_stanza(w, CHAT("m1", "<body>x</body>" REQUEST));
        world_expect(w, "S MESSAGE x type=text/plain;charset=UTF-8");
        world_answer(w, ROWS[i].answer, -1);
        if (ROWS[i].receipt) {
            world_expect(w, "X message chat romeo@contoso.example > " REMOTE
                            "/balcony id= received=m1");
            assert_true(imdns(w, "sip_to_xmpp", "delivered") == ONE);
        }
        world_pass(w, 2000);
        world_silence(w);
        world_free(w);
    }
}

/* A message of juliet's that asks for all; @return its Message-ID */
static const char *ask(struct world *w, const char *stanza)
{
    static char id[128];

    world_stanza(w, stanza);
    world_expect(w, "S MESSAGE " LOCAL " type=message/cpim");
    (void)snprintf(id, sizeof(id), "%s", line_of(w, "imdn.Message-ID: "));
    return id;
}

static void notify_as(struct world *w, const char *from, const char *id, const char *tail)
{
    char body[1024];

    (void)snprintf(body, sizeof(body), IMDN_HEAD "%s%s", id, tail);
    if (strcmp(from, LOCAL) != 0) {
        char *const at = strstr(body, "romeo");

        memcpy(at, "paris", 5); /* he says who he is */
    }
    say_as(w, from, CPIM_TYPE, body);
    world_expect(w, "R 20");
}

/* RCPT-1, RCPT-2, RCPT-3: asks in message/cpim whoever is known to take that. */
static void asks_sip(void **state)
{
    struct world *w = world_new(FED);
    char first[128];

    (void)state;
    sees_him(w);
    tell(w, CPIM_TYPE, PARTIES PLAIN "hi", "X message hi");
    (void)snprintf(first, sizeof(first), "%s", ask(w, CHAT("m1", "<body>x</body>" REQUEST)));
    assert_true(strlen(first) > 0);
    assert_string_equal(line_of(w, "imdn.Disposition-Notification: "),
                        "positive-delivery, negative-delivery");
    assert_string_equal(line_of(w, "NS: "), "imdn <urn:ietf:params:imdn>");
    assert_non_null(strstr(line_of(w, "From: "), "juliet@fabrikam.example"));
    assert_non_null(strstr(line_of(w, "To: "), "romeo@contoso.example"));
    assert_int_equal(strlen(line_of(w, "DateTime: ")) >= 20, 1);
    world_answer(w, 200, -1);
    world_silence(w); /* RCPT-5: only the notice counts */
    assert_string_not_equal(ask(w, CHAT("m2", "<body>y</body>" MARKABLE)), first);
    assert_non_null(strstr(line_of(w, "imdn.Disposition-Notification: "), "display"));
    world_answer(w, 200, -1);
    world_stanza(w, CHAT("m3", "<body>z</body>")); /* asks for nothing */
    world_expect(w, "S MESSAGE z type=text/plain");
    world_free(w);
}

/* RCPT-4, RCPT-6, SEC-10 */
static void passes_notices_on(void **state)
{
    struct world *w = world_new(FED);
    char id[128];

    (void)state;
    sees_him(w);
    tell(w, CPIM_TYPE, PARTIES PLAIN "hi", "X message hi");
    (void)snprintf(id, sizeof(id), "%s",
                   ask(w, CHAT("m1", "<body>x</body><thread>th</thread>" REQUEST MARKABLE)));
    world_answer(w, 200, -1);
    notify_as(w, "sip:paris@contoso.example", id, IMDN_TAIL("delivery", "delivered"));
    world_silence(w); /* it did not go to him */
    notify_as(w, LOCAL, "unknown", IMDN_TAIL("delivery", "delivered"));
    notify_as(w, LOCAL, id, IMDN_TAIL("processing", "processed"));
    world_silence(w);
    notify_as(w, LOCAL, id, IMDN_TAIL("delivery", "delivered"));
    world_expect(w, "X message chat romeo@contoso.example > " REMOTE "/balcony received=m1");
    notify_as(w, LOCAL, id, IMDN_TAIL("delivery", "delivered"));
    world_silence(w);
    notify_as(w, LOCAL, id, IMDN_TAIL("display", "displayed"));
    world_expect(w, "X message chat > " REMOTE "/balcony displayed=m1");
    world_silence(w);
    assert_true(imdns(w, "sip_to_xmpp", "delivered") == ONE);
    assert_true(imdns(w, "sip_to_xmpp", "displayed") == ONE);
    assert_true(imdns(w, "sip_to_xmpp", "processed") == ONE);
    (void)snprintf(id, sizeof(id), "%s", ask(w, CHAT("m2", "<body>y</body>" REQUEST)));
    world_answer(w, 200, -1);
    notify_as(w, LOCAL, id, IMDN_TAIL("delivery", "failed"));
    world_until(w, 1000);
    world_expect(w, "X message error > " REMOTE "/balcony id=m2 recipient-unavailable "
                    "error-type=wait");
    world_silence(w);
    world_free(w);
}

/* RCPT-6: whoever may not see him learns nothing by asking; ERR-30: nor by a failure. */
static void tells_strangers_nothing(void **state)
{
    struct world *w = world_new(FED);
    char id[128];

    (void)state;
    tell(w, CPIM_TYPE, PARTIES PLAIN "hi", "X message hi");
    (void)snprintf(id, sizeof(id), "%s", ask(w, CHAT("m1", "<body>x</body>" REQUEST MARKABLE)));
    world_answer(w, 200, -1);
    notify_as(w, LOCAL, id, IMDN_TAIL("delivery", "delivered"));
    notify_as(w, LOCAL, id, IMDN_TAIL("display", "displayed"));
    world_pass(w, 2000);
    world_silence(w);
    (void)snprintf(id, sizeof(id), "%s", ask(w, CHAT("m2", "<body>y</body>" REQUEST)));
    world_answer(w, 200, -1);
    notify_as(w, LOCAL, id, IMDN_TAIL("delivery", "failed"));
    world_until(w, 1000);
    world_expect(w, "X message error id=m2 service-unavailable error-type=cancel");
    world_free(w);
}

/* MSG-3, MSG-44: nothing ever comes back to a headline, so it does not ask. */
static void asks_nothing_for_headlines(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    sees_him(w);
    tell(w, CPIM_TYPE, PARTIES PLAIN "hi", "X message hi");
    world_stanza(w, STANZA("type='headline' id='m1'", "<body>x</body>" REQUEST));
    world_expect(w, "S MESSAGE x type=text/plain");
    world_answer(w, 404, -1);
    world_pass(w, 2000);
    world_silence(w);
    world_free(w);
}

/* MSG-40, CT-7: the same message as plain text, and no further try for a day. */
static void goes_back_to_plain_text(void **state)
{
    struct world *w = world_new(FED);
    struct cw_sip_message refusal;
    struct cw_bytes call_id;
    uint32_t cseq;

    (void)state;
    sees_him(w);
    tell(w, CPIM_TYPE, PARTIES PLAIN "hi", "X message hi");
    (void)ask(w, CHAT("m1", "<body>x</body><thread>th</thread>" REQUEST));
    call_id = world_unanswered(w)->call_id;
    cseq = world_unanswered(w)->cseq;
    cw_sip_message_init(&refusal);
    refusal.status = 415;
    refusal.accept = CW_LIT("text/plain");
    world_answer_with(w, &refusal);
    world_until(w, 1000);
    world_expect(w, "S MESSAGE " LOCAL " x type=text/plain;charset=UTF-8");
    cw_assert_bytes(world_unanswered(w)->call_id, call_id);
    assert_true(world_unanswered(w)->cseq > cseq);
    world_answer(w, 200, -1);
    world_expect(w, "X message received=m1"); /* RCPT-5: plain in the end */
    world_stanza(w, CHAT("m2", "<body>y</body>" REQUEST));
    world_expect(w, "S MESSAGE y type=text/plain");
    world_answer_with(w, &refusal); /* and nothing plainer to try */
    world_until(w, 1000);
    world_expect(w, "X message error id=m2");
    world_silence(w);
    world_free(w);
}

/* MSG-33, MSG-43: another of his targets, but not after "everywhere no". */
static void tries_other_targets(void **state)
{
    static const struct {
        const char *name;
        unsigned answer;
        bool next;
    } ROWS[] = {{"busy here", 486, true}, {"decline", 603, false}, {"busy everywhere", 600, false}};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct world *w = world_new(FED);
        struct cw_sip_message moved;

        cw_case(ROWS[i].name);
        world_stanza(w, CHAT("m1", "<body>x</body>"));
        world_expect(w, "S MESSAGE " LOCAL " x cseq=1");
        cw_sip_message_init(&moved);
        moved.status = 302;
        moved.contacts[0] = CW_LIT("sip:romeo@elsewhere.example"); /* not ours to follow */
        moved.contacts[1] = CW_LIT("sip:desk@contoso.example");
        moved.contacts[2] = CW_LIT("sip:hall@contoso.example");
        moved.contact_count = 3;
        world_answer_with(w, &moved);
        world_until(w, 1000);
        world_expect(w, "S MESSAGE sip:desk@contoso.example x cseq=2");
        world_answer(w, ROWS[i].answer, -1);
        world_until(w, 1000);
        if (ROWS[i].next) {
            world_expect(w, "S MESSAGE sip:hall@contoso.example x cseq=3");
            world_answer(w, 200, -1);
        } else {
            world_expect(w, "X message error id=m1");
        }
        world_pass(w, 2000);
        world_silence(w);
        world_free(w);
    }
}

/* ---- notices for SIP ---- */

/* RCPT-8, RCPT-9, RCPT-11: one notice of each kind, as RFC 5438 wants it. */
static void tells_sip(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    sees_her(w);
    tell(w, CPIM_TYPE, WANTS("im-1", "positive-delivery, negative-delivery, display", "hi"),
         "X message id=im-1 hi asks=both");
    world_stanza(w, CHAT("r1", RECEIVED("im-1")));
    world_expect(w, "S MESSAGE " LOCAL " from=sip:juliet@fabrikam.example "
                    "<message-id>im-1</message-id> <delivered/> type=message/cpim");
    assert_non_null(strstr(line_of(w, "From: "), "juliet@fabrikam.example"));
    assert_non_null(strstr(line_of(w, "To: "), "romeo@contoso.example"));
    assert_non_null(strstr(line_of(w, "Content-Type: "), "message/imdn+xml"));
    assert_string_equal(line_of(w, "Content-Disposition: "), "notification");
    assert_string_not_equal(line_of(w, "imdn.Message-ID: "), "im-1");
    assert_true(has(world_unanswered(w)->body, "<datetime>2026-03-02T09:00:00Z</datetime>"));
    assert_true(has(world_unanswered(w)->body, "<recipient-uri>"));
    assert_false(has(world_unanswered(w)->body, "Disposition-Notification"));
    world_answer(w, 404, -1);
    world_pass(w, 2000);
    world_silence(w);                              /* MSG-44 */
    world_stanza(w, CHAT("r2", RECEIVED("im-1"))); /* another of her clients */
    world_stanza(w, CHAT("r3", RECEIVED("im-9")));
    world_silence(w);
    world_stanza(w, CHAT("r4", DISPLAYED("im-1")));
    world_expect(w, "S MESSAGE <message-id>im-1</message-id> <displayed/>");
    world_answer(w, 200, -1);
    assert_true(imdns(w, "xmpp_to_sip", "delivered") == ONE);
    assert_true(imdns(w, "xmpp_to_sip", "displayed") == ONE);
    world_free(w);
}

/* RCPT-10 */
static void tells_of_all_before(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    sees_her(w);
    tell(w, CPIM_TYPE, WANTS("im-1", "display", "a"), "X message id=im-1 asks=marker");
    tell(w, CPIM_TYPE, WANTS("im-2", "positive-delivery", "b"), "X message id=im-2 asks=receipt");
    tell(w, CPIM_TYPE, WANTS("im-3", "display", "c"), "X message id=im-3");
    tell(w, CPIM_TYPE, WANTS("im-4", "display", "d"), "X message id=im-4");
    world_stanza(w, CHAT("r1", DISPLAYED("im-3")));
    world_expect(w, "S MESSAGE <message-id>im-1</message-id> <displayed/>");
    world_answer(w, 200, -1);
    world_expect(w, "S MESSAGE <message-id>im-3</message-id> <displayed/>");
    world_answer(w, 200, -1);
    world_stanza(w, CHAT("r2", DISPLAYED("im-1")));
    world_silence(w);
    world_free(w);
}

/* RCPT-6, SEC-10: not of a user whom he may not see, and not by somebody else. */
static void believes_only_her(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    tell(w, CPIM_TYPE, WANTS("im-1", "positive-delivery", "hi"), "X message id=im-1");
    world_stanza(w, CHAT("r1", RECEIVED("im-1")));
    world_silence(w);
    sees_her(w);
    tell(w, CPIM_TYPE, WANTS("im-2", "positive-delivery", "hi"), "X message id=im-2");
    world_stanza(w, "<message from='nurse@fabrikam.example' to='romeo@contoso.example'>" RECEIVED(
                        "im-2") "</message>");
    world_stanza(w, "<message from='nurse@fabrikam.example' to='romeo@contoso.example' "
                    "type='error' id='im-2'><error type='cancel'><item-not-found "
                    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    world_silence(w);
    world_stanza(w, CHAT("r2", RECEIVED("im-2")));
    world_expect(w, "S MESSAGE <message-id>im-2</message-id> <delivered/>");
    world_free(w);
}

#define FAILURE(id)                                                                                \
    STANZA("type='error' id='" id "'", "<error type='cancel'><item-not-found "                     \
                                       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>")

/* MSG-50, RCPT-12: a failure that comes after our 2xx. */
static void tells_of_late_failures(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    sees_her(w);
    tell(w, CPIM_TYPE, WANTS("im-1", "negative-delivery", "hi"), "X message id=im-1");
    world_stanza(w, FAILURE("im-1"));
    world_expect(w, "S MESSAGE <message-id>im-1</message-id> <failed/>");
    world_answer(w, 200, -1);
    world_stanza(w, FAILURE("im-1"));
    world_silence(w);
    tell(w, CPIM_TYPE, WANTS("im-2", "positive-delivery", "hi"), "X message id=im-2");
    world_stanza(w, FAILURE("im-2")); /* nobody wants to know */
    world_silence(w);
    say(w, CPIM_TYPE, WANTS("im-3", "negative-delivery", "hi"));
    world_expect(w, "X message id=im-3");
    world_pass(w, 2000);
    world_expect(w, "R 202"); /* the hold is over */
    world_fate(w, CW_FATE_FAILED, CW_FAIL_CONNECT);
    world_expect(w, "S MESSAGE <message-id>im-3</message-id> <failed/>");
    world_answer(w, 200, -1);
    assert_true(imdns(w, "xmpp_to_sip", "failed") == 2.0);
    world_free(w);
}

/* RCPT-12: whoever was told by our answer is not told again. */
static void tells_of_failures_once(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    sees_her(w);
    say(w, CPIM_TYPE, WANTS("im-1", "negative-delivery", "hi"));
    world_expect(w, "X message id=im-1");
    world_fate(w, CW_FATE_FAILED, CW_FAIL_CONNECT);
    world_expect(w, "R "); /* no 2xx */
    world_stanza(w, FAILURE("im-1"));
    world_pass(w, 2000);
    world_silence(w);
    world_free(w);
}

/* RCPT-12, MSG-50: those behind a message that never came through are too late one day. */
static void tells_of_what_waited_too_long(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    sees_her(w);
    say(w, CPIM_TYPE, WANTS("im-1", "negative-delivery", "a"));
    say(w, CPIM_TYPE, WANTS("im-2", "negative-delivery", "b")); /* waits for the first */
    world_expect(w, "X message id=im-1");
    world_pass(w, 2000);
    world_expect(w, "R 202");
    world_expect(w, "R 202");
    world_silence(w);
    world_pass(w, 120000);
    world_expect(w, "S MESSAGE <message-id>im-2</message-id> <failed/>");
    world_silence(w);
    world_free(w);
}

/* RCPT-13: processed when the edge has written it, if that was asked for, and no more than that. */
static void tells_of_processing(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    sees_her(w);
    tell(w, CPIM_TYPE, WANTS("im-1", "processing", "hi"), "X message id=im-1 hi asks=nothing");
    world_expect(w, "S MESSAGE <message-id>im-1</message-id> <processed/>");
    world_answer(w, 200, -1);
    world_stanza(w, CHAT("r1", RECEIVED("im-1")));
    world_silence(w);
    world_free(w);
}

/* RCPT-11: a notice goes back the way that the message recorded; SEC-10: inside our realm only. */
static void follows_the_recorded_way(void **state)
{
    static const struct {
        const char *name, *route, *expected;
    } ROWS[] = {
        {"ours", "sip:relay@contoso.example",
         "S MESSAGE sip:relay@contoso.example imdn.IMDN-Route: <sip:relay@contoso.example> "
         "<delivered/>"},
        {"somebody else's", "sip:relay@elsewhere.example", NULL},
        {"no address", "mailto:relay@contoso.example", NULL},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct world *w = world_new(FED);
        char body[1024];

        cw_case(ROWS[i].name);
        sees_her(w);
        (void)snprintf(body, sizeof(body),
                       PARTIES "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: im-1\r\n"
                               "DateTime: 2026-03-02T09:00:00Z\r\n"
                               "imdn.IMDN-Record-Route: <%s>\r\n"
                               "imdn.Disposition-Notification: positive-delivery\r\n" PLAIN "hi",
                       ROWS[i].route);
        tell(w, CPIM_TYPE, body, "X message id=im-1");
        world_stanza(w, CHAT("r1", RECEIVED("im-1")));
        if (ROWS[i].expected != NULL) {
            world_expect(w, ROWS[i].expected);
        }
        world_silence(w);
        world_free(w);
    }
}

/* ---- conversations ---- */

/* MSG-15, MSG-16, MSG-56: a thread is one Call-ID, both ways; equal requests differ (482). */
static void keeps_conversations(void **state)
{
    struct world *w = world_new(FED);
    struct cw_bytes call_id;
    struct cw_bytes tag;
    struct cw_sip_message answer;

    (void)state;
    world_stanza(w, CHAT("m1", "<body>a</body><thread>our thread</thread>"));
    world_expect(w, "S MESSAGE a");
    call_id = world_unanswered(w)->call_id;
    tag = world_unanswered(w)->from.tag;
    world_answer(w, 200, -1);
    world_stanza(w, CHAT("m2", "<body>b</body><thread>our thread</thread>"));
    world_expect(w, "S MESSAGE b");
    cw_assert_bytes(world_unanswered(w)->call_id, call_id);
    assert_false(cw_bytes_equal(world_unanswered(w)->from.tag, tag));
    world_answer(w, 200, -1);
    world_stanza(w, CHAT("m3", "<body>c</body>"));
    world_expect(w, "S MESSAGE c");
    assert_false(cw_bytes_equal(world_unanswered(w)->call_id, call_id));
    world_answer(w, 200, -1);

    cw_sip_message_init(&answer);
    answer.method = CW_SIP_MESSAGE;
    answer.request_uri = answer.to.uri = CW_LIT("sip:juliet@fabrikam.example");
    answer.from.uri = CW_LIT(LOCAL);
    answer.from.tag = CW_LIT("phone");
    answer.call_id = call_id;
    answer.cseq = 1;
    answer.content_type = CW_LIT("text/plain");
    answer.body = CW_LIT("d");
    (void)world_request(w, &answer);
    world_expect(w, "X message d thread=our thread");
    world_fate(w, CW_FATE_HANDED, CW_FAIL_NONE);
    world_expect(w, "R 202");

    tell(w, "text/plain", "e", "X message e thread=talk-1");
    world_stanza(w, CHAT("m4", "<body>f</body><thread>talk-1</thread>"));
    world_expect(w, "S MESSAGE f");
    cw_assert_bytes(world_unanswered(w)->call_id, CW_LIT("talk-1"));
    world_free(w);
}

/* MSG-53, MSG-62 */
static void says_chat(void **state)
{
    struct world *w = world_new(FED);
    struct cw_sip_message inside;

    (void)state;
    tell(w, "text/plain", "a", "X message normal a");
    cw_sip_message_init(&inside);
    inside.method = CW_SIP_MESSAGE;
    inside.request_uri = inside.to.uri = CW_LIT("sip:juliet@fabrikam.example");
    inside.to.tag = CW_LIT("call");
    inside.from.uri = CW_LIT(LOCAL);
    inside.from.tag = CW_LIT("phone");
    inside.call_id = CW_LIT("dialog-1");
    inside.cseq = 7;
    inside.content_type = CW_LIT("text/plain");
    inside.body = CW_LIT("b");
    (void)world_request(w, &inside);
    world_expect(w, "X message chat b thread=dialog-1");
    world_fate(w, CW_FATE_HANDED, CW_FAIL_NONE);
    world_expect(w, "R 202");
    has_talked(w);
    tell(w, "text/plain", "c", "X message chat c");
    world_settings(w)->messages.type_mode = 1; /* rfc */
    tell(w, "text/plain", "d", "X message normal d");
    world_free(w);
}

/* MSG-51: nobody wants it any more. */
static void lets_messages_expire(void **state)
{
    struct world *w = world_new(FED);
    struct cw_sip_message old;

    (void)state;
    sees_her(w);
    cw_sip_message_init(&old);
    old.method = CW_SIP_MESSAGE;
    old.request_uri = old.to.uri = CW_LIT("sip:juliet@fabrikam.example");
    old.from.uri = CW_LIT(LOCAL);
    old.from.tag = CW_LIT("phone");
    old.call_id = CW_LIT("old-1");
    old.cseq = 1;
    old.content_type = CW_LIT(CPIM_TYPE);
    old.body = CW_LIT(WANTS("im-1", "negative-delivery", "hi"));
    world_set_wall(1772442000000);                      /* 2026-03-02T09:00:00Z */
    old.date = CW_LIT("Mon, 02 Mar 2026 08:59:00 GMT"); /* a minute ago */
    old.expires_s = 59;
    (void)world_request(w, &old);
    world_expect(w, "R 202");
    world_expect(w, "S MESSAGE <message-id>im-1</message-id> <failed/>");
    world_answer(w, 200, -1);
    world_silence(w);
    old.expires_s = 61;
    old.cseq = 2;
    (void)world_request(w, &old);
    world_expect(w, "X message id=im-1 hi");
    world_fate(w, CW_FATE_HANDED, CW_FAIL_NONE);
    world_free(w);
}

/* MSG-70, MSG-71, MSG-72, MSG-74: what cannot be taken is refused with what can. */
static void refuses_what_it_cannot_take(void **state)
{
    static const struct {
        const char *name, *type, *encoding, *body, *expected;
    } ROWS[] = {
        {"type", "application/octet-stream", NULL, "x",
         "R 415 accept=text/plain message/cpim application/im-iscomposing+xml"},
        {"encoding", "text/plain", "gzip", "x", "R 415 accept-encoding=identity"},
        {"identity", "text/plain", "identity", "x", "X message x"},
        {"encrypted", "application/pkcs7-mime; smime-type=enveloped-data", NULL, "x", "R 493"},
        {"somebody else's", CPIM_TYPE, NULL,
         "From: <im:paris@contoso.example>\r\nTo: <im:juliet@fabrikam.example>\r\n" PLAIN "x",
         "R 403 warning=399"},
        {"broken", CPIM_TYPE, NULL, "x", "R 400"},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct world *w = world_new(FED);
        struct cw_sip_message request;

        cw_case(ROWS[i].name);
        cw_sip_message_init(&request);
        request.method = CW_SIP_MESSAGE;
        request.request_uri = request.to.uri = CW_LIT("sip:juliet@fabrikam.example");
        request.from.uri = CW_LIT(LOCAL);
        request.from.tag = CW_LIT("phone");
        request.call_id = CW_LIT("call-1");
        request.cseq = 1;
        request.content_type = (struct cw_bytes){ROWS[i].type, strlen(ROWS[i].type)};
        if (ROWS[i].encoding != NULL) {
            request.content_encoding =
                (struct cw_bytes){ROWS[i].encoding, strlen(ROWS[i].encoding)};
        }
        request.body = (struct cw_bytes){ROWS[i].body, strlen(ROWS[i].body)};
        (void)world_request(w, &request);
        world_expect(w, ROWS[i].expected);
        world_silence(w);
        if (world_awaits_fate(w)) {
            world_fate(w, CW_FATE_HANDED, CW_FAIL_NONE);
        }
        world_free(w);
    }
}

static void keeps_to_the_partners_limit(void **state)
{
    static char body[12001];
    struct world *w = world_new(FED);

    (void)state;
    world_settings(w)->messages.max_stanza = 10000;
    memset(body, '<', sizeof(body) - 1); /* four octets each, as XML */
    body[2000] = '\0';
    tell(w, "text/plain", body, "X message");
    body[2000] = '<';
    body[2600] = '\0';
    say(w, "text/plain", body);
    world_expect(w, "R 513"); /* before any 2xx, and nothing was sent */
    world_silence(w);
    world_free(w);
}

/* EXT-1, EXT-6, EXT-7 */
static void carries_what_it_can(void **state)
{
    struct world *w = world_new(FED);

    (void)state;
    world_stanza(w, CHAT("m1", "<body>Romo</body>"));
    world_expect(w, "S MESSAGE Romo");
    world_answer(w, 200, -1);
    world_stanza(w, CHAT("m2", "<body>Romeo</body>"
                               "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>"));
    world_expect(w, "S MESSAGE * Romeo");
    world_answer(w, 200, -1);
    world_stanza(w, CHAT("m3", "<body>Paris</body>"
                               "<replace xmlns='urn:xmpp:message-correct:0' id='m9'/>"));
    world_expect(w, "S MESSAGE Paris");
    assert_false(has(world_unanswered(w)->body, "*")); /* what it corrects never went */
    world_answer(w, 200, -1);
    world_stanza(w, CHAT("m4", "<encrypted xmlns='eu.siacs.conversations.axolotl'>"
                               "<payload>eA==</payload></encrypted>"));
    world_until(w, 1000);
    world_expect(w, "X message error id=m4 not-acceptable error-type=modify error-text=encrypted "
                    "content");
    world_stanza(w, CHAT("m5", "<received xmlns='urn:xmpp:carbons:2'>"
                               "<forwarded xmlns='urn:xmpp:forward:0'>"
                               "<message xmlns='jabber:client'><body>x</body></message>"
                               "</forwarded></received>"));
    world_pass(w, 2000);
    world_silence(w);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_sip_who_types),
        cmocka_unit_test(stops_with_presence),
        cmocka_unit_test(stops_where_refused),
        cmocka_unit_test(ignores_other_answers),
        cmocka_unit_test(overlaps_nothing),
        cmocka_unit_test(ends_marks_silently),
        cmocka_unit_test(shows_xmpp_who_types),
        cmocka_unit_test(asks_before_it_shows),
        cmocka_unit_test(may_be_off),
        cmocka_unit_test(keeps_strangers_out),
        cmocka_unit_test(takes_200_for_delivered),
        cmocka_unit_test(asks_sip),
        cmocka_unit_test(passes_notices_on),
        cmocka_unit_test(tells_strangers_nothing),
        cmocka_unit_test(asks_nothing_for_headlines),
        cmocka_unit_test(goes_back_to_plain_text),
        cmocka_unit_test(tries_other_targets),
        cmocka_unit_test(tells_sip),
        cmocka_unit_test(tells_of_all_before),
        cmocka_unit_test(believes_only_her),
        cmocka_unit_test(tells_of_late_failures),
        cmocka_unit_test(tells_of_failures_once),
        cmocka_unit_test(tells_of_what_waited_too_long),
        cmocka_unit_test(tells_of_processing),
        cmocka_unit_test(follows_the_recorded_way),
        cmocka_unit_test(keeps_conversations),
        cmocka_unit_test(says_chat),
        cmocka_unit_test(lets_messages_expire),
        cmocka_unit_test(refuses_what_it_cannot_take),
        cmocka_unit_test(keeps_to_the_partners_limit),
        cmocka_unit_test(carries_what_it_can),
    };

    return cmocka_run_group_tests_name("flow_talk", tests, NULL, NULL);
}
