/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* struct ucred */
#include "http_socket.h"

#include <causeway/settings_file.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

enum { BACKLOG = 64, PROBLEM_LEN = 256, HOST_LEN = 64, LOOPBACK_NET = 127 };

static _Thread_local char last_problem[PROBLEM_LEN];

static enum cw_err complain(enum cw_err err, const char *where, const char *what,
                            const char **problem)
{
    (void)snprintf(last_problem, sizeof(last_problem), "%s: %s", where, what);
    *problem = last_problem;
    return err;
}

static enum cw_err complain_system(int fd, const char *where, const char **problem)
{
    const int cause = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    return complain(CW_ERR_IO, where, strerror(cause), problem); // NOLINT(concurrency-mt-unsafe)
}

static int new_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/** Does a process answer at `to`? */
static bool is_served(const struct sockaddr_un *to)
{
    const int fd = new_socket(AF_UNIX);
    if (fd < 0) {
        return false;
    }
    const bool served =
        connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0 || errno == EAGAIN;
    (void)close(fd);
    return served;
}

enum cw_err cw_http_listen_unix(const char *path, int *out, const char **problem)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct stat found;
    if (path[0] == '\0' || strlen(path) >= sizeof(to.sun_path)) {
        return complain(CW_ERR_CONFIG, path, "the path of a unix socket has 1 to 107 octets",
                        problem);
    }
    memcpy(to.sun_path, path, strlen(path) + 1);
    if (lstat(path, &found) == 0) {
        if (!S_ISSOCK(found.st_mode)) {
            return complain(CW_ERR_IO, path, "there is a file that is no socket", problem);
        }
        if (is_served(&to)) {
            return complain(CW_ERR_IO, path, "another process serves this socket", problem);
        }
        (void)unlink(path);
    }
    const int fd = new_socket(AF_UNIX);
    /* The mode is set before listen(): nobody can connect in between. */
    if (fd < 0 || bind(fd, (const struct sockaddr *)&to, sizeof(to)) != 0 ||
        chmod(path, S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP) != 0 || listen(fd, BACKLOG) != 0) {
        return complain_system(fd, path, problem);
    }
    *out = fd;
    return CW_OK;
}

int64_t cw_http_peer_uid(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 ? (int64_t)peer.uid : -1;
}

static bool is_loopback(const char *host, uint16_t port, struct sockaddr_storage *out,
                        socklen_t *len)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (uv_ip4_addr(strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, port, &v4) == 0) {
        memcpy(out, &v4, sizeof(v4));
        *len = sizeof(v4);
        return ntohl(v4.sin_addr.s_addr) >> 24U == LOOPBACK_NET;
    }
    if (uv_ip6_addr(host, port, &v6) == 0) {
        memcpy(out, &v6, sizeof(v6));
        *len = sizeof(v6);
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
    }
    return false;
}

enum cw_err cw_http_listen_tcp(const char *address, int *out, const char **problem)
{
    char host[HOST_LEN];
    uint16_t port = 0;
    struct sockaddr_storage to;
    socklen_t len = 0;
    const int on = 1;
    memset(&to, 0, sizeof(to));
    if (cw_settings_address(address, host, sizeof(host), &port) != CW_OK) {
        return complain(CW_ERR_CONFIG, address, "this is not an address and port", problem);
    }
    if (!is_loopback(host, port, &to, &len)) {
        return complain(CW_ERR_CONFIG, address,
                        "only a loopback address is served, such as 127.0.0.1:9269", problem);
    }
    const int fd = new_socket(to.ss_family);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(fd, (const struct sockaddr *)&to, len) != 0 || listen(fd, BACKLOG) != 0) {
        return complain_system(fd, address, problem);
    }
    *out = fd;
    return CW_OK;
}
