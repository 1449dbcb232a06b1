#define _GNU_SOURCE
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ADDRESSES 50 /* 28,000 ports each: enough for hundreds of runs while closed ones are still in TIME_WAIT */
#define SMALL_BUFFER 4096
#define CHUNK (256 * 1024)

/* Every client uses the example key of RFC 6455, 1.3: a benchmark has no cache to confuse, and this is its answer. */
static const char ACCEPT[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

static char chunk[CHUNK];

int64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

const char *find(const char *text, size_t size, const char *wanted) {
    return memmem(text, size, wanted, strlen(wanted));
}

enum kind kind_of(const char *text, size_t size) {
    static const char *const names[] = {
        "new-question\"", "lock-status\"", "results-update\"", "vote-ack\"", "question-closed\"", "welcome\"",
    };
    const char *key = find(text, size < 16 ? size : 16, "\"event\"");
    if (!key) return OTHER;
    const char *name = memchr(key + 7, '"', size - (size_t)(key + 7 - text));
    if (!name++) return OTHER;
    size_t left = size - (size_t)(name - text);
    for (int kind = 0; kind < OTHER; kind++) {
        size_t length = strlen(names[kind]);
        if (left >= length && !memcmp(name, names[kind], length)) return (enum kind)kind;
    }
    return OTHER;
}

bool client_connect(struct client *client, unsigned port, unsigned index, bool has_small_buffer) {
    int yes = 1, small = SMALL_BUFFER;
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client->fd < 0) return false;
    struct sockaddr_in here = {.sin_family = AF_INET}, there = {.sin_family = AF_INET};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + index % ADDRESSES);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    there.sin_port = htons((uint16_t)port);
    setsockopt(client->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (has_small_buffer) setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    client->began = now_ns();
    client->state = CONNECTING;
    return bind(client->fd, (struct sockaddr *)&here, sizeof here) == 0 &&
           (connect(client->fd, (struct sockaddr *)&there, sizeof there) == 0 || errno == EINPROGRESS);
}

void client_let_go(struct client *client) {
    if (client->fd >= 0) close(client->fd);
    client->fd = -1;
    client->state = GONE;
    free(client->held);
    client->held = NULL;
    client->held_size = 0;
}

static void write_all(struct client *client, const void *bytes, size_t size) {
    if (send(client->fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size) client_let_go(client);
}

void client_upgrade(struct client *client) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        client_let_go(client);
        return;
    }
    client->state = UPGRADING;
    write_all(client, client->request, strlen(client->request));
}

/* A frame of at most 64 KiB, masked with a key of its own (RFC 6455, 5.3). */
static void send_frame(struct client *client, unsigned char opcode, const char *payload, size_t size) {
    static uint32_t random = 2463534242u;
    unsigned char frame[1024];
    size_t head = size < 126 ? 2 : 4;
    if (size + head + 4 > sizeof frame) return;
    random ^= random << 13, random ^= random >> 17, random ^= random << 5;
    frame[0] = 0x80 | opcode;
    frame[1] = (unsigned char)(0x80 | (size < 126 ? size : 126));
    if (size >= 126) frame[2] = (unsigned char)(size >> 8), frame[3] = (unsigned char)size;
    memcpy(frame + head, &random, 4);
    for (size_t i = 0; i < size; i++) frame[head + 4 + i] = (unsigned char)payload[i] ^ frame[head + i % 4];
    write_all(client, frame, head + 4 + size);
}

void client_send(struct client *client, const char *text) { send_frame(client, 1, text, strlen(text)); }

/* The answer to the upgrade; returns how much of it there was, 0 if more has to come. */
static size_t take_answer(struct client *client, const char *bytes, size_t size) {
    const char *end = find(bytes, size, "\r\n\r\n");
    if (!end) return 0;
    size_t head = (size_t)(end - bytes) + 4;
    if (!find(bytes, head, " 101 ") || !find(bytes, head, ACCEPT)) {
        client_let_go(client);
        return 0;
    }
    client->state = OPEN;
    client->opened = now_ns();
    if (client->hello) client_send(client, client->hello);
    return head;
}

/* One whole frame from the server; returns its size, 0 if more has to come. Servers do not mask or fragment. */
static size_t take_frame(struct client *client, const unsigned char *bytes, size_t size, listener hear, int64_t now) {
    if (size < 2) return 0;
    size_t head = 2, length = bytes[1] & 127;
    if (length >= 126) head = length == 126 ? 4 : 10;
    if (size < head) return 0;
    if (head > 2) {
        length = 0;
        for (size_t i = 2; i < head; i++) length = length << 8 | bytes[i];
    }
    if (size < head + length) return 0;
    const char *payload = (const char *)bytes + head;
    switch (bytes[0] & 15) {
    case 1: hear(client, payload, length, now); break;
    case 8:
        client->close_code = length >= 2 ? (uint16_t)(bytes[head] << 8 | bytes[head + 1]) : 1005;
        client_let_go(client);
        return 0;
    case 9: send_frame(client, 10, payload, length); break;
    }
    return head + length;
}

static size_t take_all(struct client *client, const char *bytes, size_t size, listener hear, int64_t now) {
    size_t taken = 0, last = 1;
    while (last && taken < size && client->state != GONE) {
        last = client->state == UPGRADING
                   ? take_answer(client, bytes + taken, size - taken)
                   : take_frame(client, (const unsigned char *)bytes + taken, size - taken, hear, now);
        taken += last;
    }
    return taken;
}

long client_read(struct client *client, listener hear) {
    memcpy(chunk, client->held, client->held_size);
    ssize_t read = recv(client->fd, chunk + client->held_size, CHUNK - client->held_size, 0);
    if (read < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (read <= 0) {
        client_let_go(client);
        return 0;
    }
    size_t size = client->held_size + (size_t)read;
    size_t taken = take_all(client, chunk, size, hear, now_ns());
    if (client->state == GONE) return read;
    client->held_size = (uint32_t)(size - taken);
    if (client->held_size || client->held) client->held = realloc(client->held, client->held_size + 1);
    if (client->held_size) memcpy(client->held, chunk + taken, client->held_size);
    return read;
}
