/* SPDX-License-Identifier: Apache-2.0 */
#include "name_server.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEADER = 12, TYPE_A = 1, TYPE_SRV = 33, CLASS_IN = 1, NAME_SIZE = 256, ANSWER_SIZE = 2048 };

/* An answer that is being written. */
struct answer {
    unsigned char octets[ANSWER_SIZE];
    size_t len;
};

static void put_octet(struct answer *answer, unsigned value)
{
    if (answer->len == ANSWER_SIZE) {
        abort();
    }
    answer->octets[answer->len++] = (unsigned char)value;
}

static void put_short(struct answer *answer, unsigned value)
{
    put_octet(answer, value >> 8);
    put_octet(answer, value & 255u);
}

static void put_name(struct answer *answer, const char *name)
{
    while (*name != '\0' && strcmp(name, ".") != 0) {
        const size_t len = strcspn(name, ".");

        put_octet(answer, (unsigned)len);
        for (size_t i = 0; i < len; i++) {
            put_octet(answer, (unsigned char)name[i]);
        }
        name += len;
        name += *name == '.' ? 1 : 0;
    }
    put_octet(answer, 0);
}

/* The name of the question as text, and what stands behind it; 0: no question. */
static size_t read_name(const unsigned char *at, size_t len, char name[NAME_SIZE])
{
    size_t used = 0;
    size_t written = 0;

    while (used < len && at[used] != 0) {
        const size_t label = at[used++];

        if (label > 63 || used + label >= len || written + label + 1 >= NAME_SIZE) {
            return 0;
        }
        memcpy(name + written, at + used, label);
        written += label;
        name[written++] = '.';
        used += label;
    }
    name[written == 0 ? 0 : written - 1] = '\0';
    return used < len ? used + 1 : 0;
}

static void put_record(struct answer *answer, const struct name_record *record)
{
    size_t at;

    put_short(answer, 0xc000u | HEADER); /* the name of the question */
    put_short(answer, record->srv != NULL ? TYPE_SRV : TYPE_A);
    put_short(answer, CLASS_IN);
    put_short(answer, 0);
    put_short(answer, 60);
    at = answer->len;
    put_short(answer, 0);
    if (record->srv != NULL) {
        unsigned numbers[3] = {0};
        char target[NAME_SIZE] = "";

        if (sscanf(record->srv, "%u %u %u %255s", &numbers[0], &numbers[1], &numbers[2], target) !=
            4) {
            abort();
        }
        for (size_t i = 0; i < 3; i++) {
            put_short(answer, numbers[i]);
        }
        put_name(answer, target);
    } else {
        for (size_t i = 0; i < 4; i++) {
            put_octet(answer, ((const unsigned char *)&record->address)[i]);
        }
    }
    answer->octets[at] = (unsigned char)((answer->len - at - 2) >> 8);
    answer->octets[at + 1] = (unsigned char)(answer->len - at - 2);
}

static bool knows(const struct name_server *server, const char *name)
{
    for (size_t i = 0; i < server->count; i++) {
        if (strcasecmp(server->records[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* False: no question that could be answered. */
static bool answer_question(const struct name_server *server, const unsigned char *question,
                            size_t len, struct answer *answer)
{
    char name[NAME_SIZE];
    const size_t behind = len > HEADER ? read_name(question + HEADER, len - HEADER, name) : 0;
    const size_t end = HEADER + behind + 4;
    unsigned count = 0;

    if (behind == 0 || end > len) {
        return false;
    }
    const unsigned type = (unsigned)question[end - 4] << 8 | question[end - 3];

    memcpy(answer->octets, question, end);
    answer->len = end;
    for (size_t i = 0; i < server->count; i++) {
        const struct name_record *record = &server->records[i];

        if (strcasecmp(record->name, name) == 0 &&
            type == (record->srv != NULL ? TYPE_SRV : TYPE_A)) {
            put_record(answer, record);
            count++;
        }
    }
    answer->octets[2] = 0x84; /* an authoritative answer */
    answer->octets[3] = knows(server, name) ? 0x80 : 0x83;
    memset(answer->octets + 4, 0, 8);
    answer->octets[5] = 1;
    answer->octets[7] = (unsigned char)count;
    return true;
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
    static char room[ANSWER_SIZE];

    (void)handle;
    (void)size;
    *out = uv_buf_init(room, sizeof(room));
}

static void on_question(uv_udp_t *socket, ssize_t len, const uv_buf_t *buffer,
                        const struct sockaddr *from, unsigned flags)
{
    struct answer answer = {.len = 0};

    (void)flags;
    if (len > 0 && from != NULL &&
        answer_question(socket->data, (const unsigned char *)buffer->base, (size_t)len, &answer)) {
        uv_buf_t out = uv_buf_init((char *)answer.octets, (unsigned)answer.len);

        (void)uv_udp_try_send(socket, &out, 1, from);
    }
}

void name_server_open(struct name_server *server, uv_loop_t *loop)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int len = sizeof(address);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->socket.data = server;
    if (uv_udp_init(loop, &server->socket) != 0 ||
        uv_udp_bind(&server->socket, (const struct sockaddr *)&address, 0) != 0 ||
        uv_udp_getsockname(&server->socket, (struct sockaddr *)&address, &len) != 0 ||
        uv_udp_recv_start(&server->socket, on_alloc, on_question) != 0) {
        abort();
    }
    server->port = ntohs(address.sin_port);
}

void name_server_close(struct name_server *server)
{
    uv_close((uv_handle_t *)&server->socket, NULL);
}
