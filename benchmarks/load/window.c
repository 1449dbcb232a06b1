#define _GNU_SOURCE
#include "window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE 32 /* votes that are cast between two looks at what came in */
#define MS 1000000LL
#define NAP 20000  /* ns between two looks at what came in */
#define SETTLING (5 * MS) /* until a server is idle again: the kernel books the time of a running program late */

static struct order order;
static struct fleet *fleet;
static bool is_open, is_triggered, is_settling;
static int http_status;
static int64_t began, triggered, ended;
static double server_cpu;
static int64_t idle;
static unsigned missing_events, missing_results, missing_acks, next_voter, serial;
static unsigned accepted, rejected, wrong, event_bytes;
static int64_t first_vote, last_ack;
static int64_t *events, *acks, *results;
static unsigned event_count, ack_count, result_count;
static int32_t due[RING];
static unsigned due_count, due_slot;

double cpu_seconds(pid_t process) {
    clockid_t clock;
    struct timespec time;
    if (clock_getcpuclockid(process, &clock) || clock_gettime(clock, &time)) return 0;
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int compare(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Percentiles by rank, in microseconds. */
void print_spread(const char *name, int64_t *values, unsigned count) {
    qsort(values, count, sizeof *values, compare);
    if (!count) {
        printf("\"%s\":null", name);
        return;
    }
    printf("\"%s\":{\"n\":%u,\"first\":%.1f,\"p50\":%.1f,\"p99\":%.1f,\"last\":%.1f}", name, count, (double)values[0] / 1e3,
           (double)values[(count - 1) / 2] / 1e3, (double)values[(unsigned)((count - 1) * 0.99)] / 1e3,
           (double)values[count - 1] / 1e3);
}

static bool takes_part(const struct client *client) { return client->state == OPEN && !client->is_stalled; }

/* Clients that have had the last window's event or an ack of it more often than once. Some of it may come after the
 * window's end, so the next one tells. */
static unsigned surplus(void) {
    unsigned count = 0;
    for (unsigned i = 0; fleet && i < fleet->size; i++) {
        const struct client *client = &fleet->clients[i];
        if (!client->takes_part) continue;
        count += order.expect >= 0 && client->counts[order.expect] - client->events_before > 1;
        count += client->counts[VOTE_ACK] - client->acks_before > order.votes;
    }
    return count;
}

/* Clients that were in and are not any more; one that does not read may be closed for it. */
static unsigned gone(void) {
    unsigned count = 0;
    for (unsigned i = 0; i < fleet->size; i++) {
        const struct client *client = &fleet->clients[i];
        count += client->opened && client->state == GONE && !client->is_stalled;
    }
    return count;
}

void window_open(struct fleet *of, const struct order *wanted) {
    wrong = surplus();
    order = *wanted, fleet = of;
    size_t votes = (size_t)of->size * (order.votes + 1);
    events = realloc(events, of->size * sizeof *events);
    results = realloc(results, of->size * sizeof *results);
    acks = realloc(acks, votes * sizeof *acks);
    event_count = ack_count = result_count = missing_events = missing_results = missing_acks = 0;
    accepted = rejected = event_bytes = 0, http_status = 0, next_voter = 0, due_count = due_slot = 0;
    for (unsigned i = 0; i < of->size; i++) {
        struct client *client = &of->clients[i];
        bool in = client->takes_part = takes_part(client);
        client->events_before = order.expect < 0 ? 0 : client->counts[order.expect];
        client->acks_before = client->counts[VOTE_ACK];
        client->has_event = !in || order.expect < 0;
        client->has_results = !in || !order.total;
        client->votes_left = in ? order.votes : 0;
        client->voted = 0;
        missing_events += !client->has_event;
        missing_results += !client->has_results;
        missing_acks += client->votes_left;
    }
    if (order.after_event || !order.votes) next_voter = of->size;
    memset(due, -1, sizeof due);
    serial++;
    is_open = true, is_triggered = is_settling = false;
    began = triggered = now_ns(), first_vote = last_ack = 0;
    server_cpu = cpu_seconds(of->server), idle = 0;
}

void window_triggered(void) { is_triggered = true, triggered = now_ns(); }

void window_answered(int status) {
    if (!http_status) http_status = status;
}

bool window_is_due_for_trigger(void) {
    return is_open && !is_triggered && accepted + rejected >= order.trigger_after;
}

bool window_is_open(void) { return is_open; }

bool window_is_over(int64_t now) {
    bool is_done = !missing_events && !missing_results && !missing_acks && (!is_triggered || http_status);
    bool has_failed = http_status && http_status != 200;
    if (is_open && (is_done || has_failed || now - began > order.patience)) {
        ended = now;
        is_open = false, is_settling = true;
    }
    if (!is_settling || now - ended < SETTLING) return false;
    is_settling = false;
    server_cpu = cpu_seconds(fleet->server) - server_cpu;
    return true;
}

static void cast(struct client *client, int64_t now) {
    char text[256];
    unsigned index = (unsigned)(client - fleet->clients);
    client->rev++;
    snprintf(text, sizeof text,
             "{\"event\":\"vote\",\"data\":{\"questionId\":\"%s\",\"round\":%u,\"answer\":\"%c\",\"op\":\"%u-%u-%u\",\"rev\":%u}}",
             order.question, order.round, 'a' + (char)((index + client->rev) % 4), serial, index, client->rev, client->rev);
    if (!first_vote) first_vote = now;
    client->voted = now;
    client_send(client, text);
}

static void schedule(struct client *client, int64_t when) {
    int64_t slot = (when - began) / MS;
    slot = slot < due_slot ? due_slot : slot >= RING ? RING - 1 : slot;
    client->next_due = due[slot];
    due[slot] = (int32_t)(client - fleet->clients);
    due_count++;
}

static void cast_due(int64_t now) {
    for (; due_count && due_slot < RING && began + due_slot * MS <= now; due_slot++) {
        for (; due[due_slot] >= 0; due_count--) {
            struct client *client = &fleet->clients[due[due_slot]];
            due[due_slot] = client->next_due;
            if (client->state == OPEN) cast(client, now_ns());
        }
    }
}

void window_vote(int64_t now) {
    if (!is_open) return;
    for (unsigned cast_now = 0; next_voter < fleet->size && cast_now < AT_ONCE; next_voter++) {
        struct client *client = &fleet->clients[next_voter];
        if (!client->votes_left) continue;
        cast(client, now_ns());
        cast_now++;
    }
    cast_due(now);
}

int window_wait(void) { return is_open ? 0 : is_settling ? 1 : -1; }

/* In a window we sleep by our own clock. A server would pay for waking us, as it would for no phone; and it would pay
 * for our looking all the time, where both cores are threads of one. */
void window_idle(int64_t since) {
    if (!is_open || next_voter < fleet->size) return;
    nanosleep(&(struct timespec){.tv_nsec = NAP}, NULL);
    idle += now_ns() - since;
}

static void hear_ack(struct client *client, const char *text, size_t size, int64_t now) {
    char op[64];
    snprintf(op, sizeof op, "\"%u-%u-%u\"", serial, (unsigned)(client - fleet->clients), client->rev);
    if (!client->voted || !find(text, size, op)) {
        wrong++;
        return;
    }
    acks[ack_count++] = now - client->voted;
    client->voted = 0;
    last_ack = now;
    missing_acks--;
    if (find(text, size, "\"accepted\"")) accepted++;
    else rejected++;
    if (--client->votes_left) cast(client, now_ns());
}

static bool tells_total(const char *text, size_t size) {
    const char *total = find(text, size, "\"total\"");
    return total && (unsigned)strtoul(total + 8, NULL, 10) == order.total;
}

static void hear_event(struct client *client, size_t size, int64_t now) {
    client->has_event = true;
    missing_events--;
    event_bytes = (unsigned)size;
    events[event_count++] = now - triggered;
    if (order.after_event && client->votes_left) schedule(client, now + (int64_t)(drand48() * (double)order.spread));
}

void window_hear(struct client *client, enum kind kind, const char *text, size_t size, int64_t now) {
    client->counts[kind]++;
    if (kind == WELCOME) client->greeted = now;
    if (!is_open) return;
    if (kind == VOTE_ACK) hear_ack(client, text, size, now);
    if ((int)kind == order.expect && is_triggered && !client->has_event) hear_event(client, size, now);
    if (kind == RESULTS && !client->has_results && tells_total(text, size)) {
        client->has_results = true;
        missing_results--;
        results[result_count++] = now - triggered;
    }
}

void window_report(void) {
    double wall = (double)(ended - began) / 1e9;
    printf("{\"seconds\":%.6f,\"missing\":%u,\"accepted\":%u,\"rejected\":%u,\"wrong\":%u,\"http_status\":%d,", wall,
           missing_events + missing_results + missing_acks + gone(), accepted, rejected, wrong + surplus(), http_status);
    printf("\"server_cpu\":%.6f,\"busy\":%.4f,\"event_bytes\":%u,\"voting_seconds\":%.6f,", server_cpu,
           1 - (double)idle / 1e9 / wall, event_bytes, (double)(last_ack - first_vote) / 1e9);
    print_spread("events", events, event_count), printf(",");
    print_spread("acks", acks, ack_count), printf(",");
    print_spread("results", results, result_count), printf("}\n");
    fflush(stdout);
}
