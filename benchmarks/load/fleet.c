/* The load generator: thousands of WebSocket clients on one epoll, told by lines on stdin what to do. Its arguments are
 * the server's process, and the port to which triggers go.
 *
 *   connect FILE PORT IN_FLIGHT SMALL PATIENCE   clients from FILE, one a line: path TAB header TAB hello
 *   run EXPECT VOTES AFTER SPREAD TOTAL AT QUESTION ROUND PATIENCE FILE   one window (window.h); FILE holds the HTTP
 *                                                request that triggers it, "-" where nothing does
 *   quiet MS PATIENCE     until nothing has come in for so long
 *   stall | resume        every 20th client stops reading, reads again
 *   counts                the fewest and the most messages of each kind that a client has had
 *
 * Times are milliseconds. Every command answers with one line of JSON. It measures; what figures mean is told elsewhere.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "window.h"

#define MS 1000000LL
#define STALLS_EVERY 20
#define BATCH 512
#define MAX_CLIENTS 65536

static int poll_fd;
static struct fleet fleet;
static char commands[65536];
static size_t command_size;
static struct client at_stdin, at_trigger; /* stand for what is no client */
static unsigned port, trigger_port;
static char *trigger;
static size_t trigger_size;

/* The connects under way. */
static unsigned connect_from, connect_next, in_flight, max_in_flight;
static bool is_connecting, is_small;
static int64_t connect_until;
static double connect_cpu, connect_own;

/* The wait for quiet. */
static int64_t last_heard, quiet_for, quiet_until;

static void hear(struct client *client, const char *text, size_t size, int64_t now) {
    last_heard = now;
    window_hear(client, kind_of(text, size), text, size, now);
}

static void watch(struct client *client, uint32_t events, int how) {
    struct epoll_event event = {.events = events, .data.ptr = client};
    if (client->fd >= 0) epoll_ctl(poll_fd, how, client->fd, &event);
}

/* ------------------------------------------------------------ connecting */

static char *field(char **line) {
    char *text = strsep(line, "\t\n");
    return text && *text ? text : NULL;
}

static void add_client(char *line) {
    struct client *client = &fleet.clients[fleet.size];
    char *path = field(&line), *header = field(&line), *hello = field(&line);
    *client = (struct client){.fd = -1, .may_stall = fleet.size % STALLS_EVERY == 0};
    if (asprintf(&client->request,
                 "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s%s\r\n",
                 path ? path : "/", port, header ? header : "", header ? "\r\n" : "") < 0)
        exit(1);
    client->hello = hello ? strdup(hello) : NULL;
    fleet.size++;
}

static void start_connecting(const char *file, double patience) {
    FILE *lines = fopen(file, "r");
    char *line = NULL;
    size_t room = 0;
    connect_from = connect_next = fleet.size;
    while (lines && fleet.size < MAX_CLIENTS && getline(&line, &room, lines) > 0) add_client(line);
    if (lines) fclose(lines);
    free(line);
    is_connecting = true, in_flight = 0;
    connect_until = now_ns() + (int64_t)(patience * MS);
    connect_cpu = cpu_seconds(fleet.server), connect_own = cpu_seconds(getpid());
}

static void go_on_connecting(void) {
    for (unsigned begun = 0; connect_next < fleet.size && in_flight < max_in_flight && begun < BATCH; begun++) {
        struct client *client = &fleet.clients[connect_next];
        if (client_connect(client, port, connect_next, is_small && client->may_stall)) {
            watch(client, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
            in_flight++;
        } else {
            client_let_go(client);
        }
        connect_next++;
    }
}

static bool is_greeted(const struct client *client) { return !client->hello || client->greeted; }

static void report_connects(void) {
    unsigned count = fleet.size - connect_from, opened = 0, greeted = 0, waiting = 0;
    int64_t *times = calloc(count + 1, sizeof *times), first = INT64_MAX, last = 0, last_greeted = 0;
    for (unsigned i = connect_from; i < fleet.size; i++) {
        struct client *client = &fleet.clients[i];
        waiting += client->state == CONNECTING || client->state == UPGRADING ||
                   (client->state == OPEN && !is_greeted(client));
        if (!client->opened) continue;
        times[opened++] = client->opened - client->began;
        if (client->began < first) first = client->began;
        if (client->opened > last) last = client->opened;
        if (client->greeted > last_greeted) last_greeted = client->greeted;
        greeted += client->greeted != 0;
    }
    if (waiting && now_ns() < connect_until) {
        free(times);
        return;
    }
    is_connecting = false;
    double wall = opened ? (double)(last - first) / 1e9 : 0, until_now = (double)(now_ns() - first) / 1e9;
    printf("{\"opened\":%u,\"failed\":%u,\"greeted\":%u,\"seconds\":%.6f,\"greeting_seconds\":%.6f,", opened,
           count - opened, greeted, wall, greeted ? (double)(last_greeted - first) / 1e9 : wall);
    printf("\"server_cpu\":%.6f,\"busy\":%.4f,", cpu_seconds(fleet.server) - connect_cpu,
           opened ? (cpu_seconds(getpid()) - connect_own) / until_now : 0);
    print_spread("handshakes", times, opened);
    printf("}\n");
    fflush(stdout);
    free(times);
}

/* ------------------------------------------------------------ the trigger */

static void prepare_trigger(const char *file) {
    trigger_size = 0;
    if (!strcmp(file, "-")) return;
    FILE *request = fopen(file, "r");
    if (!request) exit(1);
    free(trigger);
    trigger = malloc(65536);
    trigger_size = fread(trigger, 1, 65536, request);
    fclose(request);
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)trigger_port)};
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (at_trigger.fd >= 0) close(at_trigger.fd);
    at_trigger.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    setsockopt(at_trigger.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(at_trigger.fd, (struct sockaddr *)&there, sizeof there)) {
        fprintf(stderr, "the server does not listen any more\n");
        exit(1);
    }
    fcntl(at_trigger.fd, F_SETFL, O_NONBLOCK);
    watch(&at_trigger, EPOLLIN, EPOLL_CTL_ADD);
}

static void pull_trigger(void) {
    if (!trigger_size || !window_is_due_for_trigger()) return;
    window_triggered();
    if (send(at_trigger.fd, trigger, trigger_size, MSG_NOSIGNAL) != (ssize_t)trigger_size) window_answered(599);
}

static void read_answer(void) {
    char answer[65536];
    ssize_t size = recv(at_trigger.fd, answer, sizeof answer - 1, 0);
    if (size > 12 && !memcmp(answer, "HTTP/1.", 7)) window_answered(atoi(answer + 9));
    if (size <= 0 && !(size < 0 && errno == EAGAIN)) {
        close(at_trigger.fd);
        at_trigger.fd = -1;
        if (trigger_size) window_answered(598); /* else it is the end of an earlier request's connection */
    }
}

/* ------------------------------------------------------------ commands */

static void stall(bool is_stalled) {
    unsigned count = 0;
    for (unsigned i = 0; i < fleet.size; i++) {
        struct client *client = &fleet.clients[i];
        if (!client->may_stall || client->state != OPEN) continue;
        client->is_stalled = is_stalled;
        watch(client, is_stalled ? 0 : EPOLLIN, EPOLL_CTL_MOD);
        count++;
    }
    printf("{\"clients\":%u}\n", count);
}

static void report_counts(void) {
    static const char *const names[] = {"new_question", "lock_status", "results", "vote_ack", "question_closed"};
    unsigned open = 0, closed = 0, code = 0;
    for (unsigned i = 0; i < fleet.size; i++) {
        open += fleet.clients[i].state == OPEN;
        closed += fleet.clients[i].state == GONE;
        if (fleet.clients[i].close_code) code = fleet.clients[i].close_code;
    }
    printf("{\"open\":%u,\"closed\":%u,\"close_code\":%u", open, closed, code);
    for (int kind = 0; kind < 5; kind++) {
        unsigned least = UINT32_MAX, most = 0;
        for (unsigned i = 0; i < fleet.size; i++) {
            unsigned count = fleet.clients[i].counts[kind];
            if (fleet.clients[i].state != OPEN) continue;
            if (count < least) least = count;
            if (count > most) most = count;
        }
        printf(",\"%s\":[%u,%u]", names[kind], open ? least : 0, most);
    }
    printf("}\n");
}

static bool run(const char *line) {
    struct order order = {0};
    char after[16], file[1024];
    double spread, patience;
    if (sscanf(line, "run %d %u %15s %lf %u %u %79s %u %lf %1023s", &order.expect, &order.votes, after, &spread,
               &order.total, &order.trigger_after, order.question, &order.round, &patience, file) != 10)
        return false;
    order.after_event = !strcmp(after, "event");
    order.spread = (int64_t)(spread * MS), order.patience = (int64_t)(patience * MS);
    prepare_trigger(file);
    window_open(&fleet, &order);
    return true;
}

static bool obey(const char *line) {
    char file[1024];
    double patience, quiet;
    int small;
    if (sscanf(line, "connect %1023s %u %u %d %lf", file, &port, &max_in_flight, &small, &patience) == 5) {
        is_small = small;
        start_connecting(file, patience);
    } else if (sscanf(line, "quiet %lf %lf", &quiet, &patience) == 2) {
        last_heard = now_ns();
        quiet_for = (int64_t)(quiet * MS), quiet_until = last_heard + (int64_t)(patience * MS);
    } else if (!strncmp(line, "stall", 5) || !strncmp(line, "resume", 6)) {
        stall(*line == 's');
    } else if (!strncmp(line, "counts", 6)) {
        report_counts();
    } else {
        return run(line);
    }
    return true;
}

static void read_commands(void) {
    ssize_t size = read(0, commands + command_size, sizeof commands - 1 - command_size);
    if (size <= 0) exit(0);
    command_size += (size_t)size;
    commands[command_size] = 0;
    char *end;
    while ((end = strchr(commands, '\n'))) {
        *end = 0;
        if (!obey(commands)) {
            fprintf(stderr, "no such command: %s\n", commands);
            exit(2);
        }
        command_size -= (size_t)(end + 1 - commands);
        memmove(commands, end + 1, command_size + 1);
    }
    fflush(stdout);
}

/* ------------------------------------------------------------ the loop */

static void serve(struct client *client, uint32_t events) {
    if (client == &at_stdin) {
        read_commands();
    } else if (client == &at_trigger) {
        read_answer();
    } else {
        enum state before = client->state;
        if (before == CONNECTING && events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) {
            client_upgrade(client);
            watch(client, EPOLLIN, EPOLL_CTL_MOD);
        } else if (before != GONE && events & (EPOLLIN | EPOLLERR | EPOLLHUP)) {
            client_read(client, hear);
        }
        if (before < OPEN && client->state >= OPEN && in_flight) in_flight--;
    }
}

static void look(void) {
    int64_t now = now_ns();
    if (is_connecting) {
        go_on_connecting();
        /* A look at all clients costs time, so it waits until no connect is under way. */
        if (connect_next == fleet.size && (!in_flight || now > connect_until)) report_connects();
    }
    if (quiet_for && (now - last_heard > quiet_for || now > quiet_until)) {
        printf("{\"is_quiet\":%s}\n", now - last_heard > quiet_for ? "true" : "false");
        fflush(stdout);
        quiet_for = 0;
    }
    window_vote(now);
    pull_trigger();
    if (window_is_over(now)) window_report();
}

int main(int argc, char **argv) {
    struct epoll_event events[BATCH];
    if (argc != 3) return 2;
    fleet.server = atoi(argv[1]), trigger_port = (unsigned)atoi(argv[2]);
    fleet.clients = calloc(MAX_CLIENTS, sizeof *fleet.clients);
    poll_fd = epoll_create1(EPOLL_CLOEXEC);
    at_trigger.fd = -1;
    watch(&at_stdin, EPOLLIN, EPOLL_CTL_ADD);
    srand48(1);
    prctl(PR_SET_TIMERSLACK, 1); /* a nap is as short as it says */
    for (;;) {
        int64_t since = now_ns();
        int wait = is_connecting ? (connect_next < fleet.size ? 0 : 1) : quiet_for ? 20 : window_wait();
        int count = epoll_wait(poll_fd, events, BATCH, wait);
        for (int i = 0; i < count; i++) serve(events[i].data.ptr, events[i].events);
        look();
        if (!count) window_idle(since);
    }
}
