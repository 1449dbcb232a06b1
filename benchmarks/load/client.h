/* One WebSocket client: its socket, its handshake, its frames (RFC 6455, the client's side). It measures nothing. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum state { CONNECTING, UPGRADING, OPEN, GONE };

enum kind { NEW_QUESTION, LOCK_STATUS, RESULTS, VOTE_ACK, QUESTION_CLOSED, WELCOME, OTHER, KINDS };

struct client {
    int fd;
    enum state state;
    bool may_stall, is_stalled;
    uint16_t close_code;
    char *request, *hello;      /* what is sent once connected, and once upgraded (NULL: nothing) */
    char *held;                 /* the bytes of a frame that has not come in whole */
    uint32_t held_size;
    uint32_t counts[KINDS];     /* messages so far, by kind */
    int64_t began, opened, greeted; /* ns; 0: not yet */
    /* The window that is being measured. */
    bool takes_part, has_event, has_results;
    uint32_t events_before, acks_before;
    uint32_t votes_left, rev;
    int64_t voted;              /* when the vote that waits for its ack was sent; 0: none waits */
    int32_t next_due;           /* the next client that votes in the same millisecond */
};

int64_t now_ns(void);
enum kind kind_of(const char *text, size_t size);
const char *find(const char *text, size_t size, const char *wanted);

/* False if no socket could be had. The listener is 127.0.0.1:port, the own address one of many loopback addresses. */
bool client_connect(struct client *client, unsigned port, unsigned index, bool has_small_buffer);
/* The connection stands: send the request for an upgrade. */
void client_upgrade(struct client *client);
void client_send(struct client *client, const char *text);
/* Read once. `hear` is told each message; the socket's end shows in `state`. Returns the bytes read. */
typedef void (*listener)(struct client *client, const char *text, size_t size, int64_t now);
long client_read(struct client *client, listener hear);
void client_let_go(struct client *client);
