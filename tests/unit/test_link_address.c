/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"
#include "link_address.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

static void splits_host_and_port(void **state)
{
    static const struct {
        const char *text, *host; /* host NULL: refused */
        uint16_t port;
        bool literal;
    } ROWS[] = {
        {"edge1.example:23456", "edge1.example", 23456, false},
        {"192.0.2.1:23456", "192.0.2.1", 23456, true},
        {"[2001:db8::1]:1", "2001:db8::1", 1, true},
        {"[::]:0", "::", 0, true},
        {"edge1.example:65535", "edge1.example", 65535, false},
        {"edge1.example:65536", NULL, 0, false},
        {"edge1.example:4294967297", NULL, 0, false},
        {"edge1.example", NULL, 0, false},
        {"edge1.example:", NULL, 0, false},
        {":23456", NULL, 0, false},
        {"[]:23456", NULL, 0, false},
        {"2001:db8::1:23456", NULL, 0, false},
        {"[2001:db8::1]", NULL, 0, false},
        {"edge1.example:12x", NULL, 0, false},
        {"", NULL, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < CW_COUNT(ROWS); i++) {
        struct cw_link_address got;
        struct sockaddr_storage literal;
        const enum cw_err err = cw_link_address_read(ROWS[i].text, &got);

        cw_case(ROWS[i].text);
        assert_int_equal(err, ROWS[i].host == NULL ? CW_ERR_MALFORMED : CW_OK);
        if (ROWS[i].host != NULL) {
            assert_string_equal(got.host, ROWS[i].host);
            assert_int_equal(got.port, ROWS[i].port);
            assert_int_equal(cw_link_address_literal(&got, &literal), ROWS[i].literal);
        }
    }
}

static void bounds_the_host(void **state)
{
    char text[CW_LINK_HOST_LEN + 8];
    struct cw_link_address got;

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text + CW_LINK_HOST_LEN - 1, ":1", sizeof(":1"));
    assert_int_equal(cw_link_address_read(text, &got), CW_OK);
    memset(text, 'a', sizeof(text));
    memcpy(text + CW_LINK_HOST_LEN, ":1", sizeof(":1"));
    assert_int_equal(cw_link_address_read(text, &got), CW_ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_host_and_port),
        cmocka_unit_test(bounds_the_host),
    };

    return cmocka_run_group_tests_name("link_address", tests, NULL, NULL);
}
