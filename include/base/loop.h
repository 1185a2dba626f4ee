#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * The event loop: one a program, no threads. It waits in curl_multi_poll() on every transfer,
 * watched descriptors, signals (a self-pipe), children and the next timer. Callbacks run on the
 * loop and must not block. Each handle belongs to the loop until its callback says it is over or it
 * is cancelled; cancelling inside any callback, also the handle's own, is allowed.
 */
struct loop;
struct loop_timer;
struct loop_fd;
struct loop_child;

struct loop *loop_new(void);
/* Ends what is still under way without running its callbacks. NULL is allowed. */
void loop_free(struct loop *loop);

/* Runs until loop_stop(). Returns the code given there. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop, int code);
/* One round: waits at most max_wait_ms (-1: until something happens), then runs what is due. */
void loop_step(struct loop *loop, int max_wait_ms);

/* Calls callback once after delay_ms (0: in the next round). */
struct loop_timer *loop_after(struct loop *loop, int64_t delay_ms, void (*callback)(void *context),
                              void *context);
/* NULL is allowed; a timer whose callback has begun is already gone. */
void loop_cancel_timer(struct loop *loop, struct loop_timer *timer);

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

/* events: LOOP_READ | LOOP_WRITE; the callback gets those that are ready (both, on hang-up or
 * error). */
struct loop_fd *loop_watch_fd(struct loop *loop, int fd, int events,
                              void (*callback)(void *context, int events), void *context);
void loop_change_fd(struct loop_fd *watch, int events);
/* Stops watching; the descriptor stays open. NULL is allowed. */
void loop_unwatch_fd(struct loop *loop, struct loop_fd *watch);

/* One callback a signal (a second replaces the first, NULL gives the default back). It runs on the
 * loop, never inside the handler. */
void loop_on_signal(struct loop *loop, int signal_number,
                    void (*callback)(void *context, int signal), void *context);

/* Calls back once when the child ends; status as waitpid() gives it. Cancelling neither kills it
 * nor leaves a zombie. */
struct loop_child *loop_watch_child(struct loop *loop, pid_t pid,
                                    void (*callback)(void *context, int status), void *context);
void loop_cancel_child(struct loop *loop, struct loop_child *child);

/* Adds an easy handle (its CURLOPT_PRIVATE is the loop's from then on); callback gets the result of
 * the transfer after the handle was taken out of the multi handle. The easy handle stays the
 * caller's. */
bool loop_add_transfer(struct loop *loop, CURL *easy,
                       void (*callback)(void *context, CURL *easy, CURLcode result), void *context,
                       struct error *err);
/* Takes it out without a callback; not there: nothing happens. Not from inside a callback of
 * libcurl (write, header, progress...): there, make that callback fail instead. */
void loop_remove_transfer(struct loop *loop, CURL *easy);

/* How long transfers may be worked on before keys and timers get their turn; 0, as at first: as
 * long as there is something. For who has a person in front of it. */
void loop_set_slice(struct loop *loop, int milliseconds);
/* For a transfer's write callback: true if its turn is over. It must return CURL_WRITEFUNC_PAUSE
 * then and gets the same bytes again in a later turn. */
bool loop_must_pause(struct loop *loop, CURL *easy);

#endif
