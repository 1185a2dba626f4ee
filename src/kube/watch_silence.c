#include "base/clock.h"
#include "base/log.h"
#include "watch_internal.h"

/*
 * What silence means. An idle watch is silent for long and rightly so; a server that hangs, a line
 * that died without a word and a proxy that holds answers back look the same. So the server is
 * asked, and bookmarks are missed where they used to come.
 */

const struct watch_pace watch_default_pace = {
    .check_ms = 5000,
    .head_wait_ms = 15000,
    .initial_wait_ms = 5000,
    .silence_ms = 15000,
    .probe_timeout_ms = 8000,
    .bookmark_silence_ms = 150000,
};

static bool is_silent(const struct kube_watch *watch)
{
    return watch->request != NULL &&
           clock_monotonic_ms() - watch->heard_ms >= watch->client->pace.silence_ms;
}

/* Nobody answers: all watches that hear nothing are lost at once, whoever asked. */
static void on_probed(void *context, struct request_result *result)
{
    struct kube_watch *asked = context;
    struct kube_client *client = asked->client;
    asked->probe = NULL;
    if (result->status != 0) {
        return; /* someone is there, whatever he says */
    }
    /* The owner may stop any of them in between, so each time from the beginning. */
    watch_enter(asked);
    struct kube_watch *watch = client->watches;
    while (watch != NULL) {
        if (!is_silent(watch)) {
            watch = watch->next;
            continue;
        }
        struct error err = *result->err;
        error_wrap(&err, "%s: nothing was heard for a while, and", watch->label);
        watch_lose(watch, &err);
        if (asked->doomed) {
            break; /* and the client with it, perhaps; the others will ask for themselves */
        }
        watch = client->watches;
    }
    watch_leave(asked);
}

static bool is_probing(const struct kube_client *client)
{
    const struct kube_watch *watch = client->watches;
    while (watch != NULL && watch->probe == NULL) {
        watch = watch->next;
    }
    return watch != NULL;
}

/* One asks for all. */
static void probe(struct kube_watch *watch)
{
    static const struct request_handler handler = {.on_end = on_probed};
    struct request_spec spec = {
        .method = HTTP_GET,
        .path = "/version",
        .timeout_ms = watch->client->pace.probe_timeout_ms,
        .fresh_connection = true,
        .no_retry = true,
    };
    if (!is_probing(watch->client)) {
        watch->probe = request_start(watch->client, &spec, &handler, watch);
    }
}

void watch_on_check(void *context)
{
    struct kube_watch *watch = context;
    const struct watch_pace *pace = &watch->client->pace;
    watch->check = loop_after(watch->client->loop, pace->check_ms, watch_on_check, watch);
    if (watch->request == NULL) {
        return;
    }
    int64_t now = clock_monotonic_ms();
    int64_t silent = now - watch->heard_ms;
    if (watch->initial && silent >= pace->initial_wait_ms) {
        request_cancel(watch->request);
        watch->request = NULL;
        watch_without_list(watch, false);
    } else if (!watch->head && silent >= pace->head_wait_ms && !watch->buffered &&
               watch->client->last_answer_ms > watch->opened_ms) {
        log_message(LOG_WARNING,
                    "%s: no answer has begun; a proxy may hold it back until it is complete, so "
                    "changes are asked for every %d seconds",
                    watch->label, WATCH_BUFFERED_S);
        watch->buffered = true;
        watch_reopen(watch);
    } else if (watch->had_bookmark && silent >= pace->bookmark_silence_ms) {
        watch_reopen(watch);
    } else if (silent >= pace->silence_ms &&
               now - watch->client->last_answer_ms >= pace->silence_ms) {
        probe(watch);
    }
}
