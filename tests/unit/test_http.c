/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_test.h"

#include <causeway/http.h>
#include <causeway/metrics.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

enum { ANSWER_LEN = 65536 };

struct fixture {
    uv_loop_t loop;
    struct cw_http *http;
    struct cw_metrics *metrics;
    char folder[64];
    char socket[96];
    char listen[32];
    uint16_t port;
    struct cw_http_later *waiting[4]; /* requests to be answered by the test */
    unsigned waiting_count;
};

/** What a blocking client on another thread sends and gets. */
struct client {
    uv_work_t work;
    const struct fixture *fixture;
    bool local;
    const char *request;
    size_t request_len;
    char answer[ANSWER_LEN];
    bool leave;    /**< goes without an answer */
    uv_sem_t left; /**< when it may */
    bool done;
};

static void echo(const struct cw_http_request *request, struct cw_http_response *response,
                 void *user)
{
    char text[512];
    const char *who = cw_http_query(request, "who");
    assert_non_null(user);
    (void)snprintf(text, sizeof(text), "%s %s local=%d who=%s body=%zu uid=%s", request->method,
                   request->path, request->local, who == NULL ? "-" : who, request->body.len,
                   request->peer_uid == (int64_t)getuid() ? "ours"
                   : request->peer_uid == -1              ? "none"
                                                          : "?");
    cw_http_text(response, 200, "text/plain", text);
}

static void empty(const struct cw_http_request *request, struct cw_http_response *response,
                  void *user)
{
    (void)request;
    (void)user;
    response->status = 204;
}

/* What it fills in beside asking for time is of no account. */
static void wait(const struct cw_http_request *request, struct cw_http_response *response,
                 void *user)
{
    struct fixture *f = user;
    assert_true(f->waiting_count < CW_COUNT(f->waiting));
    f->waiting[f->waiting_count++] = cw_http_later(request);
    cw_http_text(response, 418, "text/plain", "not this");
}

static void answer_one(struct fixture *f, unsigned which, const char *text)
{
    struct cw_http_response response = {.status = 0};
    cw_http_text(&response, 201, "text/plain", text);
    cw_http_add_field(&response, "ETag", "\"7\"");
    cw_http_answer(&f->waiting[which], &response);
    assert_null(f->waiting[which]);
}

/* Has what it needs already when it has asked for time. */
static void at_once(const struct cw_http_request *request, struct cw_http_response *response,
                    void *user)
{
    wait(request, response, user);
    answer_one(user, ((struct fixture *)user)->waiting_count - 1, "at once");
}

static void without_status(const struct cw_http_request *request, struct cw_http_response *response,
                           void *user)
{
    struct cw_http_later *later = cw_http_later(request);
    struct cw_http_response none = {.status = 0};
    (void)response;
    (void)user;
    cw_http_answer(&later, &none);
}

static void fields(const struct cw_http_request *request, struct cw_http_response *response,
                   void *user)
{
    char text[256];
    char longer[400];
    const char *thing = cw_http_header(request, "X-Thing");
    (void)user;
    (void)snprintf(text, sizeof(text), "id=%s thing=%s", request->id, thing == NULL ? "-" : thing);
    cw_http_text(response, 200, "text/plain", text);
    (void)snprintf(longer, sizeof(longer), "%0399d", 7);
    cw_http_add_field(response, "ETag", "\"12\"");
    cw_http_add_field(response, "Location", "/v1/things/a");
    cw_http_add_field(response, "X-Long", longer);
}

static const struct cw_http_route ROUTES[] = {
    {"GET", "/livez", echo, false},
    {"POST", "/v1/things", echo, false},
    {"GET", "/v1/things/", echo, false},
    {"POST", "/v1/drain", echo, true},
    {"DELETE", "/v1/nothing", empty, false},
    {"GET", "/v1/wait", wait, false},
    {"POST", "/v1/wait", wait, false},
    {"GET", "/v1/at-once", at_once, false},
    {"GET", "/v1/without", without_status, false},
    {"GET", "/v1/fields", fields, false},
};

static uint16_t free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    (void)close(fd);
    return ntohs(at.sin_port);
}

static struct cw_http_settings settings_of(struct fixture *f)
{
    return (struct cw_http_settings){.socket = f->socket,
                                     .listen = f->listen,
                                     .routes = ROUTES,
                                     .route_count = CW_COUNT(ROUTES),
                                     .user = f,
                                     .metrics = f->metrics};
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    const char *problem = "";
    assert_non_null(f);
    assert_int_equal(uv_loop_init(&f->loop), 0);
    (void)snprintf(f->folder, sizeof(f->folder), "/tmp/cw-http-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    (void)snprintf(f->socket, sizeof(f->socket), "%s/s", f->folder);
    f->port = free_port();
    (void)snprintf(f->listen, sizeof(f->listen), "127.0.0.1:%u", f->port);
    f->metrics = cw_metrics_new("gateway");
    const struct cw_http_settings settings = settings_of(f);
    if (cw_http_start(&f->loop, &settings, &f->http, &problem) != CW_OK) {
        fail_msg("%s", problem);
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    cw_http_stop(&f->http);
    assert_null(f->http);
    assert_int_equal(access(f->socket, F_OK), -1);
    assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&f->loop), 0);
    cw_metrics_free(&f->metrics);
    (void)rmdir(f->folder);
    free(f);
    return 0;
}

static int connect_to(const struct client *client)
{
    struct sockaddr_in tcp = {.sin_family = AF_INET,
                              .sin_port = htons(client->fixture->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    (void)snprintf(local.sun_path, sizeof(local.sun_path), "%s", client->fixture->socket);
    const int fd = socket(client->local ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    const struct sockaddr *to =
        client->local ? (const struct sockaddr *)&local : (const struct sockaddr *)&tcp;
    if (connect(fd, to, client->local ? sizeof(local) : sizeof(tcp)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void talk(uv_work_t *work)
{
    struct client *client = work->data;
    const int fd = connect_to(client);
    size_t sent = 0;
    size_t len = 0;
    ssize_t got = 1;
    while (fd >= 0 && sent < client->request_len && got > 0) {
        got = send(fd, client->request + sent, client->request_len - sent, MSG_NOSIGNAL);
        sent += got > 0 ? (size_t)got : 0;
    }
    got = 1;
    if (client->leave) {
        uv_sem_wait(&client->left);
        got = 0;
    }
    while (fd >= 0 && got > 0 && len < ANSWER_LEN - 1) {
        got = recv(fd, client->answer + len, ANSWER_LEN - 1 - len, 0);
        len += got > 0 ? (size_t)got : 0;
    }
    client->answer[len] = '\0';
    (void)close(fd);
}

static void on_talked(uv_work_t *work, int status)
{
    (void)status;
    ((struct client *)work->data)->done = true;
}

/** Sends `request` as it is. @return the whole answer, valid until the next call */
static const char *ask(struct fixture *f, bool local, const char *request, size_t len)
{
    static struct client client;
    client = (struct client){
        .fixture = f, .local = local, .request = request, .request_len = len, .done = false};
    client.work.data = &client;
    assert_int_equal(uv_queue_work(&f->loop, &client.work, talk, on_talked), 0);
    while (!client.done) {
        (void)uv_run(&f->loop, UV_RUN_ONCE);
    }
    return client.answer;
}

/** Sends `request` and comes back; turn the loop until `client->done`. */
static void begin(struct fixture *f, struct client *client, bool local, const char *request)
{
    client->fixture = f;
    client->local = local;
    client->request = request;
    client->request_len = strlen(request);
    client->done = false;
    client->work.data = client;
    assert_int_equal(uv_queue_work(&f->loop, &client->work, talk, on_talked), 0);
}

/** Turns the loop for `turns` ms, or until `*until` is at least `least`. */
static void turn(struct fixture *f, unsigned turns, const unsigned *until, unsigned least)
{
    for (unsigned i = 0; i < turns && (until == NULL || *until < least); i++) {
        (void)uv_run(&f->loop, UV_RUN_NOWAIT);
        uv_sleep(1);
    }
}

static void finish(struct fixture *f, const struct client *client)
{
    for (unsigned i = 0; i < 5000 && !client->done; i++) {
        turn(f, 1, NULL, 0);
    }
    assert_true(client->done);
}

struct http_case {
    const char *name;
    bool local;
    const char *request;
    const char *status;
    const char *body;
};

#define END "Connection: close\r\n\r\n"

static const struct http_case HTTP_CASES[] = {
    {"health over TCP", false, "GET /livez HTTP/1.1\r\nHost: localhost:9269\r\n" END, "200",
     "GET /livez local=0 who=- body=0 uid=none"},
    {"health over the socket", true, "GET /livez HTTP/1.1\r\nHost: whatever\r\n" END, "200",
     "GET /livez local=1 who=- body=0 uid=ours"},
    {"query", false, "GET /livez?who=me%20too HTTP/1.1\r\nHost: 127.0.0.1\r\n" END, "200",
     "who=me too"},
    {"query without value", false, "GET /livez?who HTTP/1.1\r\nHost: [::1]:1\r\n" END, "200",
     "who= body"},
    {"below a folder", false, "GET /v1/things/a/b HTTP/1.1\r\nHost: localhost\r\n" END, "200",
     "GET /v1/things/a/b"},
    {"body", false,
     "POST /v1/things HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n" END "hello", "200",
     "body=5"},
    {"empty answer", false, "DELETE /v1/nothing HTTP/1.1\r\nHost: localhost\r\n" END, "204", ""},
    {"HEAD", false, "HEAD /livez HTTP/1.1\r\nHost: localhost\r\n" END, "200", "\r\n\r\n"},
    {"unknown path", false, "GET /nothing HTTP/1.1\r\nHost: localhost\r\n" END, "404",
     "{\"title\":\"Not Found\",\"status\":404}"},
    {"the folder itself", false, "GET /v1/things/ HTTP/1.1\r\nHost: localhost\r\n" END, "404", ""},
    {"wrong method", false, "PUT /livez HTTP/1.1\r\nHost: localhost\r\n" END, "405", ""},
    {"local only, over TCP", false,
     "POST /v1/drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n" END, "403", ""},
    {"local only, over the socket", true,
     "POST /v1/drain HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n" END, "200", "POST /v1/drain"},
    {"a name of a web page", false, "GET /livez HTTP/1.1\r\nHost: evil.example\r\n" END, "403", ""},
    {"a name that begins like ours", false,
     "GET /livez HTTP/1.1\r\nHost: localhost.evil.example\r\n" END, "403", ""},
    {"a script of a web page", false,
     "GET /livez HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n" END, "403", ""},
    {"our own page", false,
     "GET /livez HTTP/1.1\r\nHost: localhost\r\nOrigin: http://127.0.0.1:9269\r\n" END, "200", ""},
    {"announced too large", false,
     "POST /v1/things HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n" END, "413", ""},
};

static void test_requests(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < CW_COUNT(HTTP_CASES); i++) {
        const struct http_case *row = &HTTP_CASES[i];
        char status[32];
        cw_case(row->name);
        const char *answer = ask(f, row->local, row->request, strlen(row->request));
        (void)snprintf(status, sizeof(status), "HTTP/1.1 %s ", row->status);
        if (strncmp(answer, status, strlen(status)) != 0 || strstr(answer, row->body) == NULL) {
            fail_msg("%s", answer);
        }
        assert_non_null(strstr(answer, "X-Content-Type-Options: nosniff"));
    }
    const char *const values[] = {"/livez", "GET", "200"};
    assert_true(cw_metrics_value(f->metrics, CW_METRIC_HTTP_REQUESTS_TOTAL, values) > 4.5);
    const char *const refused[] = {"none", "GET", "404"};
    assert_true(cw_metrics_value(f->metrics, CW_METRIC_HTTP_REQUESTS_TOTAL, refused) > 1.5);
}

/* Chunked, so that nobody announces it. */
static void test_large_body(void **state)
{
    struct fixture *f = *state;
    enum { CHUNK = 65536, CHUNKS = 17 };
    static char request[CHUNK * CHUNKS + 4096];
    static const char HEAD[] = "POST /v1/things HTTP/1.1\r\nHost: localhost\r\n"
                               "Transfer-Encoding: chunked\r\n" END;
    for (unsigned chunks = 16; chunks <= CHUNKS; chunks++) {
        size_t len = strlen(HEAD);
        memcpy(request, HEAD, sizeof(HEAD));
        for (unsigned i = 0; i < chunks; i++) {
            memcpy(request + len, "10000\r\n", sizeof("10000\r\n"));
            memset(request + len + 7, 'x', CHUNK);
            memcpy(request + len + 7 + CHUNK, "\r\n", sizeof("\r\n"));
            len += CHUNK + 9;
        }
        memcpy(request + len, "0\r\n\r\n", sizeof("0\r\n\r\n"));
        const char *answer = ask(f, false, request, len + 5);
        if (chunks == 16) {
            assert_non_null(strstr(answer, "HTTP/1.1 200 "));
            assert_non_null(strstr(answer, "body=1048576"));
        } else {
            assert_non_null(strstr(answer, "HTTP/1.1 413 "));
        }
    }
}

static void test_garbage(void **state)
{
    struct fixture *f = *state;
    const char *answer = ask(f, false, "\x16\x03\x01 nonsense\r\n\r\n", 15);
    assert_null(strstr(answer, " 200 "));
    answer = ask(f, true, "GET /livez HTTP/1.1\r\nHost: x\r\n" END,
                 strlen("GET /livez HTTP/1.1\r\nHost: x\r\n" END));
    assert_non_null(strstr(answer, " 200 "));
}

static void test_socket_file(void **state)
{
    struct fixture *f = *state;
    struct stat mode;
    struct cw_http *second = NULL;
    const char *problem = NULL;
    assert_int_equal(stat(f->socket, &mode), 0);
    assert_int_equal(mode.st_mode & 0777, 0660);
    struct cw_http_settings settings = settings_of(f);
    settings.listen = NULL;
    assert_int_equal(cw_http_start(&f->loop, &settings, &second, &problem), CW_ERR_IO);
    assert_non_null(strstr(problem, "another process serves this socket"));
    assert_null(second);
    /* Left behind by a process that died: a bound socket that nobody listens on. */
    char stale[96];
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)snprintf(stale, sizeof(stale), "%s/stale", f->folder);
    (void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", stale);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
    (void)close(fd);
    settings.socket = stale;
    assert_int_equal(cw_http_start(&f->loop, &settings, &second, &problem), CW_OK);
    cw_http_stop(&second);
    assert_int_equal(access(stale, F_OK), -1);
    /* A file that is no socket is somebody's: it stays. */
    FILE *file = fopen(stale, "we");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(cw_http_start(&f->loop, &settings, &second, &problem), CW_ERR_IO);
    assert_int_equal(unlink(stale), 0);
}

static void test_loopback_only(void **state)
{
    struct fixture *f = *state;
    static const char *const BAD[] = {"0.0.0.0:9269", "192.0.2.1:9269", "[::]:9269",
                                      "example:9269", "127.0.0.1",      "128.0.0.1:1"};
    for (size_t i = 0; i < CW_COUNT(BAD); i++) {
        struct cw_http_settings settings = settings_of(f);
        struct cw_http *http = NULL;
        const char *problem = NULL;
        cw_case(BAD[i]);
        settings.socket = NULL;
        settings.listen = BAD[i];
        assert_int_equal(cw_http_start(&f->loop, &settings, &http, &problem), CW_ERR_CONFIG);
        assert_non_null(strstr(problem, BAD[i]));
    }
}

#define WAIT  "GET /v1/wait HTTP/1.1\r\nHost: localhost\r\n" END
#define LIVEZ "GET /livez HTTP/1.1\r\nHost: localhost\r\n" END

/* Over both doors at once, answered the other way round; others are served meanwhile. */
static void test_later(void **state)
{
    static struct client clients[3];
    static const char *const REQUESTS[] = {
        WAIT,
        "POST /v1/wait HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n" END "hello",
        "HEAD /v1/wait HTTP/1.1\r\nHost: localhost\r\n" END,
    };
    struct fixture *f = *state;
    char text[32];
    for (unsigned i = 0; i < 3; i++) {
        begin(f, &clients[i], i == 1, REQUESTS[i]);
        turn(f, 2000, &f->waiting_count, i + 1);
        assert_int_equal(f->waiting_count, i + 1);
    }
    turn(f, 50, NULL, 0);
    assert_non_null(strstr(ask(f, false, LIVEZ, strlen(LIVEZ)), "HTTP/1.1 200 "));
    for (unsigned i = 3; i-- > 0;) {
        assert_false(clients[i].done);
        (void)snprintf(text, sizeof(text), "answer %u", i);
        answer_one(f, i, text);
        finish(f, &clients[i]);
        assert_non_null(strstr(clients[i].answer, "HTTP/1.1 201 "));
        assert_non_null(strstr(clients[i].answer, "\r\nETag: \"7\"\r\n"));
        assert_int_equal(strstr(clients[i].answer, text) != NULL, i != 2); /* HEAD: no body */
        assert_null(strstr(clients[i].answer, "not this"));
    }
    const char *const labels[] = {"/v1/wait", "GET", "201"};
    assert_true(cw_metrics_value(f->metrics, CW_METRIC_HTTP_REQUESTS_TOTAL, labels) > 0.5);
}

static void test_later_answered_at_once(void **state)
{
    static const char AT_ONCE[] = "GET /v1/at-once HTTP/1.1\r\nHost: localhost\r\n" END;
    static const char WITHOUT[] = "GET /v1/without HTTP/1.1\r\nHost: localhost\r\n" END;
    struct fixture *f = *state;
    const char *answer = ask(f, false, AT_ONCE, strlen(AT_ONCE));
    assert_non_null(strstr(answer, "HTTP/1.1 201 "));
    assert_non_null(strstr(answer, "at once"));
    answer = ask(f, true, WITHOUT, strlen(WITHOUT));
    assert_non_null(strstr(answer, "HTTP/1.1 500 "));
}

/* Who waits when it stops is told so; the answer that comes after that goes nowhere. */
static void test_later_after_stop(void **state)
{
    static struct client clients[2];
    struct fixture *f = *state;
    for (unsigned i = 0; i < 2; i++) {
        begin(f, &clients[i], i == 0, WAIT);
        turn(f, 2000, &f->waiting_count, i + 1);
        assert_int_equal(f->waiting_count, i + 1);
    }
    cw_http_stop(&f->http);
    assert_null(f->http);
    for (unsigned i = 0; i < 2; i++) {
        finish(f, &clients[i]);
        assert_non_null(strstr(clients[i].answer, "HTTP/1.1 503 "));
        assert_non_null(strstr(clients[i].answer, "{\"title\":\"Service Unavailable\""));
        answer_one(f, i, "too late");
    }
}

/* One of them leaves before the answer, one before the stop. */
static void test_later_without_a_client(void **state)
{
    static struct client clients[2];
    struct fixture *f = *state;
    for (unsigned i = 0; i < 2; i++) {
        clients[i].leave = true;
        assert_int_equal(uv_sem_init(&clients[i].left, 0), 0);
        begin(f, &clients[i], i == 0, WAIT);
        turn(f, 2000, &f->waiting_count, i + 1);
        assert_int_equal(f->waiting_count, i + 1);
        uv_sem_post(&clients[i].left);
        finish(f, &clients[i]);
        uv_sem_destroy(&clients[i].left);
    }
    turn(f, 50, NULL, 0);
    answer_one(f, 0, "to nobody");
    turn(f, 50, NULL, 0);
    assert_non_null(strstr(ask(f, false, LIVEZ, strlen(LIVEZ)), "HTTP/1.1 200 "));
    cw_http_stop(&f->http);
    answer_one(f, 1, "too late, to nobody");
}

static void test_fields(void **state)
{
    static const char WITH[] =
        "GET /v1/fields HTTP/1.1\r\nHost: localhost\r\nx-thing: a \"b\"\r\n" END;
    static const char WITHOUT[] = "GET /v1/fields HTTP/1.1\r\nHost: localhost\r\n" END;
    struct fixture *f = *state;
    const char *answer = ask(f, false, WITH, strlen(WITH));
    assert_non_null(strstr(answer, " thing=a \"b\""));
    assert_non_null(strstr(answer, "\r\nETag: \"12\"\r\n"));
    assert_non_null(strstr(answer, "\r\nLocation: /v1/things/a\r\n"));
    const char *longer = strstr(answer, "\r\nX-Long: ");
    assert_non_null(longer); /* cut to what a field holds */
    assert_int_equal(strspn(longer + strlen("\r\nX-Long: "), "0"), 299);
    answer = ask(f, false, WITHOUT, strlen(WITHOUT));
    assert_non_null(strstr(answer, " thing=-"));
}

/* The handler knows the id that the client gets, and no two are alike. */
static void test_request_ids(void **state)
{
    enum { REQUESTS = 100, ID_LEN = 16 };
    static const char FIELDS[] = "GET /v1/fields HTTP/1.1\r\nHost: localhost\r\n" END;
    static const char UNKNOWN[] = "GET /nothing HTTP/1.1\r\nHost: localhost\r\n" END;
    static char ids[REQUESTS][ID_LEN + 1];
    char wanted[32];
    struct fixture *f = *state;
    for (unsigned i = 0; i < REQUESTS; i++) {
        const char *answer = i % 2 == 0 ? ask(f, i % 4 == 0, FIELDS, strlen(FIELDS))
                                        : ask(f, false, UNKNOWN, strlen(UNKNOWN));
        const char *id = strstr(answer, "\r\nX-Request-Id: ");
        assert_non_null(id);
        id += strlen("\r\nX-Request-Id: ");
        assert_int_equal(strspn(id, "0123456789abcdef"), ID_LEN);
        (void)snprintf(ids[i], sizeof(ids[i]), "%.16s", id);
        (void)snprintf(wanted, sizeof(wanted), "id=%.24s ", ids[i]);
        assert_int_equal(strstr(answer, wanted) != NULL, i % 2 == 0);
        for (unsigned k = 0; k < i; k++) {
            assert_string_not_equal(ids[i], ids[k]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_requests, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_large_body, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_garbage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_socket_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_loopback_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_later_answered_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_later_after_stop, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_later_without_a_client, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_request_ids, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
