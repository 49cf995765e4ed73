/* SPDX-License-Identifier: Apache-2.0 */
#include "flow_pair.h"

#include "notify.h"

#include <stdio.h>

#define PARTIES "From: <im:romeo@contoso.example>\r\nTo: <im:juliet@fabrikam.example>\r\n"
#define ROUNDS  4u

static void answer(struct world *world, unsigned status)
{
    const struct cw_sip_message *request = world_unanswered(world);

    world_answer(world, status, request->expires_s > 0 ? 3600 : request->expires_s);
}

void pair_settle_with(struct world *world, unsigned status, uint64_t ms)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        world_commit(world);
        while (world_unanswered(world) != NULL) {
            answer(world, status);
        }
        while (world_awaits_fate(world)) {
            world_fate(world, CW_FATE_HANDED, CW_FAIL_NONE);
        }
        world_pass(world, ms / ROUNDS);
    }
    world_skip(world);
}

void pair_settle(struct world *world, uint64_t ms)
{
    pair_settle_with(world, 200, ms);
}

void pair_presence(struct world *world, const char *type)
{
    char xml[256];

    (void)snprintf(
        xml, sizeof(xml),
        "<presence from='juliet@fabrikam.example' to='romeo@contoso.example' type='%s' id='p1'/>",
        type);
    world_stanza(world, xml);
}

void pair_ask(struct world *world)
{
    pair_presence(world, "subscribe");
    pair_settle(world, 0);
    world_notify(world, "pending", NULL, NULL);
    pair_settle(world, 0);
}

void pair_grant(struct world *world)
{
    pair_ask(world);
    world_notify(world, "active", NULL, PAIR_OPEN);
    pair_settle(world, 0);
}

void pair_invite(struct world *world)
{
    world_subscribe(world, 3600, 0, 1);
    pair_settle(world, 0);
    pair_presence(world, "subscribed");
    pair_settle(world, 0);
    world_stanza(world, "<presence from='juliet@fabrikam.example/balcony' "
                        "to='romeo@contoso.example'/>");
    pair_settle(world, 6000);
}

void pair_remove(struct world *world)
{
    assert_true(cw_notify_remove(world_gateway(world)->notify, CW_LIT(LOCAL), CW_LIT(REMOTE)));
    pair_settle(world, 0);
}

void pair_say(struct world *world, const char *type, const char *body)
{
    static uint32_t cseq;
    struct cw_sip_message request;

    cw_sip_message_init(&request);
    request.method = CW_SIP_MESSAGE;
    request.request_uri = CW_LIT("sip:juliet@fabrikam.example");
    request.from.uri = CW_LIT(LOCAL);
    request.from.tag = CW_LIT("phone");
    request.to.uri = CW_LIT("sip:juliet@fabrikam.example");
    request.call_id = CW_LIT("talk-1");
    request.cseq = ++cseq;
    request.content_type = cw_log_text(type);
    request.body = cw_log_text(body);
    (void)world_request(world, &request);
}

/* The value behind "imdn.Message-ID: " of `body`. */
static void read_id(struct cw_bytes body, char id[64])
{
    static const char NAME[] = "imdn.Message-ID: ";
    const size_t name_len = sizeof(NAME) - 1;

    for (size_t i = 0; i + name_len < body.len; i++) {
        if (memcmp(body.base + i, NAME, name_len) == 0) {
            assert_int_equal(sscanf(body.base + i + name_len, "%63[^\r]", id), 1);
            return;
        }
    }
    fail_msg("no imdn.Message-ID in: " CW_FMT, CW_ARG(body));
}

void pair_talk(struct world *world, char id[64])
{
    pair_say(world, "message/cpim",
             PARTIES "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: im-1\r\n"
                     "DateTime: 2026-03-02T09:00:00Z\r\nimdn.Disposition-Notification: "
                     "positive-delivery, display\r\n\r\n"
                     "Content-Type: text/plain; charset=utf-8\r\n\r\nGood even");
    pair_settle(world, 0);
    world_stanza(world, "<message from='juliet@fabrikam.example/balcony' "
                        "to='romeo@contoso.example' type='chat' id='m0'><body>Ay me</body>"
                        "<active xmlns='http://jabber.org/protocol/chatstates'/>"
                        "<request xmlns='urn:xmpp:receipts'/></message>");
    read_id(world_unanswered(world)->body, id);
    pair_settle(world, 0);
}

void pair_confirm(struct world *world, const char *id)
{
    char body[1024];

    (void)snprintf(body, sizeof(body),
                   PARTIES
                   "NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: dev7-1\r\n\r\n"
                   "Content-Type: message/imdn+xml\r\nContent-Disposition: notification\r\n\r\n"
                   "<imdn xmlns='urn:ietf:params:xml:ns:imdn'><message-id>%s</message-id>"
                   "<datetime>2026-03-02T09:00:00Z</datetime><delivery-notification><status>"
                   "<delivered/></status></delivery-notification></imdn>",
                   id);
    pair_say(world, "message/cpim", body);
}
