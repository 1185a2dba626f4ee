#include "base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

enum { SIGNAL_LIMIT = 65, FD_LIMIT = 256 };

struct loop_timer {
    struct loop_timer *next; /* sorted by due */
    int64_t due;
    void (*callback)(void *);
    void *context;
};

struct loop_fd {
    struct loop_fd *next;
    int fd;
    int events;
    bool gone; /* unwatched; swept when no dispatch is under way */
    void (*callback)(void *, int);
    void *context;
};

struct loop_child {
    struct loop_child *next;
    pid_t pid;
    bool gone; /* cancelled, but still to be reaped */
    void (*callback)(void *, int);
    void *context;
};

struct transfer {
    struct transfer *next;
    CURL *easy;
    void (*callback)(void *, CURL *, CURLcode);
    void *context;
    bool paused;
    unsigned turn; /* that it was woken in last */
};

struct signal_slot {
    void (*callback)(void *, int);
    void *context;
    struct sigaction before;
};

struct loop {
    CURLM *multi;
    struct loop_timer *timers;
    struct loop_fd *fds;
    struct loop_child *children;
    struct transfer *transfers;
    int slice_ms; /* 0: no end */
    int64_t slice_ends_ms;
    unsigned turn;
    struct signal_slot signals[SIGNAL_LIMIT];
    int pipe[2];
    struct loop_fd *pipe_watch;
    bool stopped;
    int code;
};

/* The write end of the self-pipe; a signal handler can reach nothing else. One loop a program. */
static volatile sig_atomic_t signal_pipe = -1;

static void on_signal(int number)
{
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t ignored = write(signal_pipe, &byte, 1);
    (void)ignored;
    errno = saved;
}

static void reap_children(struct loop *loop)
{
    struct loop_child **link = &loop->children;
    while (*link != NULL) {
        struct loop_child *child = *link;
        int status = 0;
        pid_t got = waitpid(child->pid, &status, WNOHANG);
        if (got == 0) {
            link = &child->next;
            continue;
        }
        *link = child->next;
        if (!child->gone) {
            child->callback(child->context, got < 0 ? -1 : status);
            link = &loop->children; /* the callback may have changed the list */
        }
        free(child);
    }
}

static void read_signals(void *context, int events)
{
    struct loop *loop = context;
    (void)events;
    unsigned char numbers[64];
    bool seen[SIGNAL_LIMIT] = {false};
    ssize_t got;
    while ((got = read(loop->pipe[0], numbers, sizeof(numbers))) > 0) {
        for (ssize_t i = 0; i < got; i++) {
            if (numbers[i] < SIGNAL_LIMIT) {
                seen[numbers[i]] = true;
            }
        }
    }
    for (int number = 1; number < SIGNAL_LIMIT; number++) {
        if (!seen[number]) {
            continue;
        }
        if (number == SIGCHLD) {
            reap_children(loop);
        }
        if (loop->signals[number].callback != NULL) {
            loop->signals[number].callback(loop->signals[number].context, number);
        }
    }
}

static void set_pipe_flags(int fd)
{
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
}

static void catch_signal(struct loop *loop, int number)
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, &loop->signals[number].before);
}

struct loop *loop_new(void)
{
    struct loop *loop = xcalloc(1, sizeof(*loop));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    loop->multi = curl_multi_init();
    if (loop->multi == NULL || pipe(loop->pipe) != 0) {
        abort(); /* no memory or no descriptors at the very start */
    }
    set_pipe_flags(loop->pipe[0]);
    set_pipe_flags(loop->pipe[1]);
    signal_pipe = loop->pipe[1];
    loop->pipe_watch = loop_watch_fd(loop, loop->pipe[0], LOOP_READ, read_signals, loop);
    catch_signal(loop, SIGCHLD);
    signal(SIGPIPE, SIG_IGN);
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL) {
        return;
    }
    for (int number = 1; number < SIGNAL_LIMIT; number++) {
        if (number == SIGCHLD || loop->signals[number].callback != NULL) {
            sigaction(number, &loop->signals[number].before, NULL);
        }
    }
    signal_pipe = -1;
    while (loop->transfers != NULL) {
        loop_remove_transfer(loop, loop->transfers->easy);
    }
    while (loop->timers != NULL) {
        struct loop_timer *next = loop->timers->next;
        free(loop->timers);
        loop->timers = next;
    }
    while (loop->fds != NULL) {
        struct loop_fd *next = loop->fds->next;
        free(loop->fds);
        loop->fds = next;
    }
    while (loop->children != NULL) {
        struct loop_child *next = loop->children->next;
        free(loop->children);
        loop->children = next;
    }
    curl_multi_cleanup(loop->multi);
    curl_global_cleanup();
    close(loop->pipe[0]);
    close(loop->pipe[1]);
    free(loop);
}

struct loop_timer *loop_after(struct loop *loop, int64_t delay_ms, void (*callback)(void *),
                              void *context)
{
    struct loop_timer *timer = xcalloc(1, sizeof(*timer));
    timer->due = clock_monotonic_ms() + (delay_ms < 0 ? 0 : delay_ms);
    timer->callback = callback;
    timer->context = context;
    struct loop_timer **link = &loop->timers;
    while (*link != NULL && (*link)->due <= timer->due) {
        link = &(*link)->next;
    }
    timer->next = *link;
    *link = timer;
    return timer;
}

void loop_cancel_timer(struct loop *loop, struct loop_timer *timer)
{
    for (struct loop_timer **link = &loop->timers; *link != NULL; link = &(*link)->next) {
        if (*link == timer) {
            *link = timer->next;
            free(timer);
            return;
        }
    }
}

struct loop_fd *loop_watch_fd(struct loop *loop, int fd, int events, void (*callback)(void *, int),
                              void *context)
{
    struct loop_fd *watch = xcalloc(1, sizeof(*watch));
    watch->fd = fd;
    watch->events = events;
    watch->callback = callback;
    watch->context = context;
    watch->next = loop->fds;
    loop->fds = watch;
    return watch;
}

void loop_change_fd(struct loop_fd *watch, int events)
{
    watch->events = events;
}

void loop_unwatch_fd(struct loop *loop, struct loop_fd *watch)
{
    (void)loop;
    if (watch != NULL) {
        watch->gone = true;
    }
}

static void sweep_fds(struct loop *loop)
{
    struct loop_fd **link = &loop->fds;
    while (*link != NULL) {
        struct loop_fd *watch = *link;
        if (watch->gone) {
            *link = watch->next;
            free(watch);
        } else {
            link = &watch->next;
        }
    }
}

void loop_on_signal(struct loop *loop, int number, void (*callback)(void *, int), void *context)
{
    if (number <= 0 || number >= SIGNAL_LIMIT) {
        return;
    }
    struct signal_slot *slot = &loop->signals[number];
    bool caught = slot->callback != NULL || number == SIGCHLD;
    if (callback != NULL && !caught) {
        catch_signal(loop, number);
    } else if (callback == NULL && caught && number != SIGCHLD) {
        sigaction(number, &slot->before, NULL);
    }
    slot->callback = callback;
    slot->context = context;
}

struct loop_child *loop_watch_child(struct loop *loop, pid_t pid, void (*callback)(void *, int),
                                    void *context)
{
    struct loop_child *child = xcalloc(1, sizeof(*child));
    child->pid = pid;
    child->callback = callback;
    child->context = context;
    child->next = loop->children;
    loop->children = child;
    /* It may have ended before anyone watched. */
    on_signal(SIGCHLD);
    return child;
}

void loop_cancel_child(struct loop *loop, struct loop_child *child)
{
    for (struct loop_child *one = loop->children; one != NULL; one = one->next) {
        if (one == child) {
            one->gone = true;
            return;
        }
    }
}

bool loop_add_transfer(struct loop *loop, CURL *easy, void (*callback)(void *, CURL *, CURLcode),
                       void *context, struct error *err)
{
    struct transfer *transfer = xcalloc(1, sizeof(*transfer));
    transfer->easy = easy;
    transfer->callback = callback;
    transfer->context = context;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    CURLMcode code = curl_multi_add_handle(loop->multi, easy);
    if (code != CURLM_OK) {
        free(transfer);
        return error_set(err, ERROR_INTERNAL, "cannot start a transfer: %s",
                         curl_multi_strerror(code));
    }
    transfer->next = loop->transfers;
    loop->transfers = transfer;
    return true;
}

static struct transfer *unlink_transfer(struct loop *loop, CURL *easy)
{
    for (struct transfer **link = &loop->transfers; *link != NULL; link = &(*link)->next) {
        if ((*link)->easy == easy) {
            struct transfer *transfer = *link;
            *link = transfer->next;
            return transfer;
        }
    }
    return NULL;
}

void loop_remove_transfer(struct loop *loop, CURL *easy)
{
    struct transfer *transfer = unlink_transfer(loop, easy);
    if (transfer != NULL) {
        curl_multi_remove_handle(loop->multi, easy);
        free(transfer);
    }
}

void loop_set_slice(struct loop *loop, int milliseconds)
{
    loop->slice_ms = milliseconds;
}

static bool slice_is_over(const struct loop *loop)
{
    return loop->slice_ms > 0 && clock_monotonic_ms() >= loop->slice_ends_ms;
}

bool loop_must_pause(struct loop *loop, CURL *easy)
{
    if (!slice_is_over(loop)) {
        return false;
    }
    for (struct transfer *one = loop->transfers; one != NULL; one = one->next) {
        if (one->easy == easy) {
            one->paused = true;
            return true;
        }
    }
    return false;
}

static bool any_is_paused(const struct loop *loop)
{
    for (const struct transfer *one = loop->transfers; one != NULL; one = one->next) {
        if (one->paused) {
            return true;
        }
    }
    return false;
}

/* The first that waits and was not woken in this turn; it goes to the end, for the others come
 * first the next time. */
static struct transfer *next_paused(struct loop *loop)
{
    struct transfer **link = &loop->transfers;
    while (*link != NULL && (!(*link)->paused || (*link)->turn == loop->turn)) {
        link = &(*link)->next;
    }
    struct transfer *found = *link;
    if (found != NULL) {
        *link = found->next;
        while (*link != NULL) {
            link = &(*link)->next;
        }
        *link = found;
        found->next = NULL;
    }
    return found;
}

/* What libcurl kept for paused transfers is handed over from inside of this. */
static void wake_transfers(struct loop *loop)
{
    struct transfer *one;
    loop->turn++;
    loop->slice_ends_ms = clock_monotonic_ms() + loop->slice_ms;
    while (!slice_is_over(loop) && (one = next_paused(loop)) != NULL) {
        CURL *easy = one->easy;
        one->paused = false;
        one->turn = loop->turn;
        CURLcode result = curl_easy_pause(easy, CURLPAUSE_CONT);
        if (result != CURLE_OK && unlink_transfer(loop, easy) == one) {
            curl_multi_remove_handle(loop->multi, easy);
            one->callback(one->context, easy, result);
            free(one);
        }
    }
}

static void finish_transfers(struct loop *loop)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(loop->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        CURL *easy = message->easy_handle;
        CURLcode result = message->data.result;
        struct transfer *transfer = unlink_transfer(loop, easy);
        curl_multi_remove_handle(loop->multi, easy);
        if (transfer != NULL) {
            transfer->callback(transfer->context, easy, result);
            free(transfer);
        }
    }
}

static void run_timers(struct loop *loop)
{
    /* Only those that were due at the start: a timer that sets itself anew must not starve the
     * rest. */
    int64_t now = clock_monotonic_ms();
    while (loop->timers != NULL && loop->timers->due <= now && !loop->stopped) {
        struct loop_timer *timer = loop->timers;
        loop->timers = timer->next;
        timer->callback(timer->context);
        free(timer);
    }
}

static int wait_time(const struct loop *loop, int max_wait_ms)
{
    if (loop->timers == NULL) {
        return max_wait_ms;
    }
    int64_t until = loop->timers->due - clock_monotonic_ms();
    int wait = until < 0 ? 0 : until > 3600000 ? 3600000 : (int)until;
    return max_wait_ms >= 0 && max_wait_ms < wait ? max_wait_ms : wait;
}

static short poll_events(int events)
{
    int wanted = ((events & LOOP_READ) ? POLLIN : 0) | ((events & LOOP_WRITE) ? POLLOUT : 0);
    return (short)wanted;
}

static size_t collect_fds(struct loop *loop, struct loop_fd **watches, struct curl_waitfd *waits)
{
    size_t count = 0;
    for (struct loop_fd *watch = loop->fds; watch != NULL && count < FD_LIMIT;
         watch = watch->next) {
        watches[count] = watch;
        waits[count] = (struct curl_waitfd){.fd = watch->fd};
        waits[count].events = (short)(((watch->events & LOOP_READ) ? CURL_WAIT_POLLIN : 0) |
                                      ((watch->events & LOOP_WRITE) ? CURL_WAIT_POLLOUT : 0));
        count++;
    }
    return count;
}

/* curl_multi_poll() does not report a hang-up, so the descriptors are asked once more by poll(). */
static void dispatch_fds(struct loop *loop, struct loop_fd **watches, size_t count)
{
    struct pollfd polls[FD_LIMIT];
    for (size_t i = 0; i < count; i++) {
        polls[i] = (struct pollfd){.fd = watches[i]->fd, .events = poll_events(watches[i]->events)};
    }
    if (poll(polls, (nfds_t)count, 0) <= 0) {
        return;
    }
    for (size_t i = 0; i < count && !loop->stopped; i++) {
        int ready = ((polls[i].revents & POLLIN) ? LOOP_READ : 0) |
                    ((polls[i].revents & POLLOUT) ? LOOP_WRITE : 0);
        if (polls[i].revents & (POLLHUP | POLLERR | POLLNVAL)) {
            ready = LOOP_READ | LOOP_WRITE;
        }
        if (ready != 0 && !watches[i]->gone) {
            watches[i]->callback(watches[i]->context, ready);
        }
    }
}

void loop_step(struct loop *loop, int max_wait_ms)
{
    struct loop_fd *watches[FD_LIMIT];
    struct curl_waitfd waits[FD_LIMIT];
    loop->stopped = false; /* an earlier run's end says nothing about this round */
    sweep_fds(loop);
    size_t count = collect_fds(loop, watches, waits);
    int wait = any_is_paused(loop) ? 0 : wait_time(loop, max_wait_ms);
    int running;
    /* -1 has no meaning for curl_multi_poll(); an hour is as good, the loop comes round again. */
    curl_multi_poll(loop->multi, waits, (unsigned)count, wait < 0 ? 3600000 : wait, NULL);
    dispatch_fds(loop, watches, count);
    wake_transfers(loop);
    curl_multi_perform(loop->multi, &running);
    finish_transfers(loop);
    run_timers(loop);
}

int loop_run(struct loop *loop)
{
    loop->stopped = false;
    while (!loop->stopped) {
        loop_step(loop, -1);
    }
    return loop->code;
}

void loop_stop(struct loop *loop, int code)
{
    loop->stopped = true;
    loop->code = code;
}
