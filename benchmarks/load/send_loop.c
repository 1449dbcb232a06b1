/* The limit: one process that hands the same bytes to one send(2) after the other, and answers a vote with an ack at
 * once. It parses no JSON, knows no participant, keeps nothing and never waits for a slow peer: no server can do less.
 *
 * GET /publish?round=N&size=BYTES sends an event of that size to all. The first line on stdout is the port.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_PEERS 65536
#define MAX_SIZE 65535

static int peers[MAX_PEERS]; /* open sockets by place, and */
static int places[MAX_PEERS]; /* their places, by descriptor; -1: no socket yet */
static unsigned peer_count;
static int poll_fd, listener;

static void let_go(int fd) {
    if (places[fd] >= 0) {
        int last = peers[--peer_count];
        peers[places[fd]] = last;
        places[last] = places[fd];
        places[fd] = -1;
    }
    close(fd);
}

static size_t frame_of(unsigned char *frame, const char *payload, size_t size) {
    size_t head = size < 126 ? 2 : 4;
    frame[0] = 0x81;
    frame[1] = (unsigned char)(size < 126 ? size : 126);
    if (size >= 126) frame[2] = (unsigned char)(size >> 8), frame[3] = (unsigned char)size;
    memcpy(frame + head, payload, size);
    return head + size;
}

static void publish(const char *request) {
    static char payload[MAX_SIZE + 256];
    static unsigned char frame[MAX_SIZE + 512];
    const char *round = strstr(request, "round="), *wanted = strstr(request, "size=");
    int head = sprintf(payload, "{\"event\":\"new-question\",\"data\":{\"id\":\"q\",\"round\":%d,\"text\":\"",
                       round ? atoi(round + 6) : 1);
    int size = wanted ? atoi(wanted + 5) : 1024;
    size = size > MAX_SIZE ? MAX_SIZE : size < head + 3 ? head + 3 : size;
    memset(payload + head, 'x', (size_t)(size - head - 3));
    memcpy(payload + size - 3, "\"}}", 3);
    size_t length = frame_of(frame, payload, (size_t)size);
    for (unsigned i = 0; i < peer_count; i++) send(peers[i], frame, length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void acknowledge(int fd, unsigned char *bytes, size_t size) {
    while (size >= 6) {
        size_t head = 2, length = bytes[1] & 127;
        if (length == 126) head = 4, length = (size_t)(bytes[2] << 8 | bytes[3]);
        if (size < head + 4 + length) return;
        unsigned char *mask = bytes + head, *text = mask + 4;
        for (size_t i = 0; i < length; i++) text[i] ^= mask[i % 4];
        char ack[256];
        unsigned char frame[300];
        const char *op = memmem(text, length, "\"op\":\"", 6);
        if ((bytes[0] & 15) == 8) return;
        if (op) {
            int made = snprintf(ack, sizeof ack, "{\"event\":\"vote-ack\",\"data\":{\"op\":\"%.*s\",\"status\":\"accepted\"}}",
                                (int)strcspn(op + 6, "\""), op + 6);
            send(fd, frame, frame_of(frame, ack, (size_t)made), MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        bytes += head + 4 + length, size -= head + 4 + length;
    }
}

static void answer(int fd, const char *request) {
    /* The answer to the one key that the load generator uses. */
    static const char upgrade[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    if (strcasestr(request, "Upgrade: websocket")) {
        send(fd, upgrade, sizeof upgrade - 1, MSG_NOSIGNAL);
        places[fd] = (int)peer_count;
        peers[peer_count++] = fd;
        return;
    }
    if (!strncmp(request, "GET /publish", 12)) publish(request);
    send(fd, ok, sizeof ok - 1, MSG_NOSIGNAL);
    let_go(fd);
}

static void accept_all(void) {
    int fd, yes = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= MAX_PEERS) exit(1);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
    }
}

static void serve(int fd) {
    static unsigned char bytes[65536];
    ssize_t size = recv(fd, bytes, sizeof bytes - 1, 0);
    if (size <= 0) {
        let_go(fd);
        return;
    }
    bytes[size] = 0;
    if (places[fd] >= 0) acknowledge(fd, bytes, (size_t)size);
    else answer(fd, (char *)bytes);
}

int main(void) {
    struct sockaddr_in here = {.sin_family = AF_INET};
    struct epoll_event events[512], event = {.events = EPOLLIN};
    socklen_t size = sizeof here;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memset(places, -1, sizeof places);
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 4096)) return 1;
    getsockname(listener, (struct sockaddr *)&here, &size);
    event.data.fd = listener;
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event);
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    for (;;) {
        int count = epoll_wait(poll_fd, events, 512, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listener) accept_all();
            else serve(events[i].data.fd);
        }
    }
}
