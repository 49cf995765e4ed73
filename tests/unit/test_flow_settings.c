/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Settings of gateway.yaml that the whole flow obeys.
 */

#include "flow_pair.h"
#include "flow_world.h"

#include <stdio.h>

struct seen {
    char header[64]; /* of the last request towards SIP */
    char value[128];
    char bodies[1024]; /* log lines that show what users wrote */
};

static void copy(char *out, size_t size, struct cw_bytes text)
{
    (void)snprintf(out, size, "%.*s", (int)text.len, text.base == NULL ? "" : text.base);
}

static void on_request(const struct cw_sip_message *request, void *user)
{
    struct seen *const seen = user;

    copy(seen->header, sizeof(seen->header), request->extra_name);
    copy(seen->value, sizeof(seen->value), request->extra_value);
}

static void on_log(const char *text, void *user)
{
    struct seen *const seen = user;
    const size_t len = strlen(seen->bodies);

    if (strstr(text, "event=message.body") != NULL) {
        (void)snprintf(seen->bodies + len, sizeof(seen->bodies) - len, "%s\n", text);
    }
}

static const struct world_observer OBSERVER = {.on_request = on_request, .on_log = on_log};

static struct world *open_world(struct seen *seen)
{
    *seen = (struct seen){.header = "-"};
    return world_new_as(&(struct world_options){.own = {"contoso.example"},
                                                .partner = "fabrikam.example",
                                                .type = CW_PARTNER_FEDERATED,
                                                .observer = &OBSERVER,
                                                .observer_user = seen});
}

static void say_both_ways(struct world *w)
{
    char id[64];

    pair_talk(w, id);
    pair_say(w, "text/plain", "Good even");
    pair_settle(w, 2000);
}

/* The presence server may know partner and type; whoever wants no such header gets none. */
static void names_the_partner_in_a_header(void **state)
{
    static const struct {
        const char *setting, *value;
    } ROWS[] = {{"P-Causeway-Partner", "fabrikam.example;type=federated"},
                {"X-Federation", "fabrikam.example;type=federated"},
                {"", ""}};

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct seen seen;
        struct world *w = open_world(&seen);

        cw_case(ROWS[i].setting);
        world_settings(w)->sip.partner_header = ROWS[i].setting;
        pair_ask(w);
        assert_string_equal(seen.header, ROWS[i].setting);
        assert_string_equal(seen.value, ROWS[i].value);
        seen.header[0] = '-';
        say_both_ways(w);
        assert_string_equal(seen.header, ROWS[i].setting);
        world_free(w);
    }
}

/* Nobody's words are in the log unless the operator says so. */
static void keeps_bodies_out_of_the_log(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct seen seen;
        struct world *w = open_world(&seen);

        world_debug(w);
        world_settings(w)->security.log_message_bodies = i == 1;
        say_both_ways(w);
        assert_int_equal(strstr(seen.bodies, "Good even") != NULL, i == 1);
        assert_int_equal(strstr(seen.bodies, "dir=xmpp_to_sip") != NULL, i == 1);
        assert_int_equal(strstr(seen.bodies, "dir=sip_to_xmpp") != NULL, i == 1);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_partner_in_a_header),
        cmocka_unit_test(keeps_bodies_out_of_the_log),
    };

    return cmocka_run_group_tests_name("flow_settings", tests, NULL, NULL);
}
