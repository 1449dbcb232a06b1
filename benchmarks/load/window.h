/* One measured window: what every client has to get and to send, when it did, and the report. It owns no socket. */
#pragma once
#include <sys/types.h>

#include "client.h"

#define RING 32768 /* milliseconds that a scheduled vote may lie ahead */

struct order { /* what a window waits for */
    int expect;            /* a kind that every reading client must get; -1: none */
    unsigned votes;        /* how many votes each client casts, one after the other's ack */
    bool after_event;      /* whether a client casts its first only after the expected event */
    int64_t spread;        /* ns over which the first votes are spread */
    unsigned total;        /* the results that every client must see at last; 0: none */
    unsigned trigger_after; /* how many acks come in before the trigger is sent; 0: it is sent at once */
    int64_t patience;      /* ns */
    char question[80];
    unsigned round;
};

struct fleet {
    struct client *clients;
    unsigned size, room;
    pid_t server;
};

void window_open(struct fleet *fleet, const struct order *order);
/* The trigger has been sent: times of events count from here. Of its answers the first status holds. */
void window_triggered(void);
void window_answered(int http_status);
bool window_is_due_for_trigger(void);
bool window_is_open(void);
bool window_is_over(int64_t now);
/* Cast what is due, a few at a time, so that acks are read in between. */
void window_vote(int64_t now);
/* Milliseconds that the loop may sleep; -1: as long as it likes. */
int window_wait(void);
/* The loop has had nothing to do. */
void window_idle(int64_t since);
void window_hear(struct client *client, enum kind kind, const char *text, size_t size, int64_t now);
void window_report(void);

double cpu_seconds(pid_t process);
void print_spread(const char *name, int64_t *values, unsigned count);
