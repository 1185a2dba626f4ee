#include "change/show.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/text.h"
#include "doc/json.h"
#include "doc/mask.h"
#include "doc/yaml.h"

enum { TEXT_LIMIT = 32 << 20, EVENT_LIMIT = 1000 };

struct event {
    int64_t last_ms;
    char *line;
};

struct change_show {
    struct kube_client *client;
    struct kube_call *call;
    struct loop_timer *refusal; /* a failure that was known at once is told later */
    struct error err;
    struct event *events;
    size_t count, capacity;
    change_show_callback callback;
    void *context;
};

static void free_show(struct change_show *show)
{
    for (size_t i = 0; i < show->count; i++) {
        free(show->events[i].line);
    }
    free(show->events);
    free(show);
}

void change_show_cancel(struct change_show *show)
{
    if (show != NULL) {
        kube_call_cancel(show->call);
        loop_cancel_timer(kube_client_loop(show->client), show->refusal);
        free_show(show);
    }
}

static void tell(struct change_show *show, const char *text, const struct error *err)
{
    show->callback(show->context, text, err);
    free_show(show);
}

static void tell_refusal(void *context)
{
    struct change_show *show = context;
    show->refusal = NULL;
    tell(show, NULL, &show->err);
}

static struct change_show *new_show(struct kube_client *client, const char *kind,
                                    const struct kube_resource **resource,
                                    change_show_callback callback, void *context)
{
    struct change_show *show = xcalloc(1, sizeof(*show));
    show->client = client;
    show->callback = callback;
    show->context = context;
    *resource = kube_resource_by_kind(kind);
    if (*resource == NULL) {
        error_set(&show->err, ERROR_USAGE, "objects of the kind %s are not shown here", kind);
        show->refusal = loop_after(kube_client_loop(client), 0, tell_refusal, show);
    }
    return show;
}

/* --- YAML ---------------------------------------------------------------------------------------
 */

static void on_object(void *context, struct kube_response *response)
{
    struct change_show *show = context;
    show->call = NULL;
    if (response->err != NULL) {
        tell(show, NULL, response->err);
        return;
    }
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    json_remove(json_object(response->object, "metadata"), "managedFields");
    mask_secrets(response->object);
    doc_write_yaml(&text, response->object, false);
    tell(show, text.data, NULL);
    buffer_free(&text);
}

struct change_show *change_show_yaml(struct kube_client *client, const char *kind, const char *ns,
                                     const char *name, change_show_callback callback, void *context)
{
    const struct kube_resource *resource;
    struct change_show *show = new_show(client, kind, &resource, callback, context);
    if (resource != NULL) {
        show->call = kube_get(client, resource, ns, name, on_object, show);
    }
    return show;
}

/* --- Events -------------------------------------------------------------------------------------
 */

/* Old kubelets fill lastTimestamp, new ones series or eventTime. */
static int64_t last_seen(const cJSON *event)
{
    const char *const texts[] = {
        json_string(json_object(event, "series"), "lastObservedTime"),
        json_string(event, "lastTimestamp"),
        json_string(event, "eventTime"),
        json_string(json_object(event, "metadata"), "creationTimestamp"),
    };
    int64_t wall_ms = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        if (texts[i] != NULL && clock_parse_rfc3339(texts[i], &wall_ms)) {
            break;
        }
    }
    return wall_ms;
}

static bool on_event(void *context, const cJSON *event)
{
    struct change_show *show = context;
    int64_t last_ms = last_seen(event);
    char age[32] = "?";
    if (last_ms != 0) {
        clock_format_age(clock_wall_ms() - last_ms, age);
    }
    struct buffer line;
    buffer_init(&line, TEXT_LIMIT);
    long long count = (long long)json_int(event, "count", 0);
    if (count == 0) {
        count = (long long)json_int(json_object(event, "series"), "count", 1);
    }
    buffer_printf(&line, "%-8s %-8s %-32s x%-6lld %s", age, json_string_or(event, "type", ""),
                  json_string_or(event, "reason", ""), count, json_string_or(event, "message", ""));
    show->events = xgrow(show->events, show->count, &show->capacity, sizeof(struct event));
    show->events[show->count++] = (struct event){last_ms, buffer_take(&line)};
    buffer_free(&line);
    return show->count < EVENT_LIMIT;
}

static int by_time(const void *a, const void *b)
{
    const struct event *left = a;
    const struct event *right = b;
    return left->last_ms < right->last_ms ? -1 : left->last_ms > right->last_ms;
}

static void on_events_end(void *context, const struct error *err, int status, const char *version)
{
    struct change_show *show = context;
    (void)status;
    (void)version;
    show->call = NULL;
    if (err != NULL && show->count < EVENT_LIMIT) {
        tell(show, NULL, err);
        return;
    }
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    if (show->count > 0) {
        qsort(show->events, show->count, sizeof(struct event), by_time);
    }
    for (size_t i = 0; i < show->count; i++) {
        text_append_safe(&text, show->events[i].line, strlen(show->events[i].line));
        buffer_append_char(&text, '\n');
    }
    tell(show, text.data, NULL);
    buffer_free(&text);
}

struct change_show *change_show_events(struct kube_client *client, const char *kind, const char *ns,
                                       const char *name, change_show_callback callback,
                                       void *context)
{
    const struct kube_resource *resource;
    struct change_show *show = new_show(client, kind, &resource, callback, context);
    if (resource != NULL) {
        struct buffer selector;
        buffer_init(&selector, 4096);
        buffer_printf(&selector, "involvedObject.kind=%s,involvedObject.name=%s", kind, name);
        struct kube_query query = {
            .resource = &kube_events, .ns = ns, .field_selector = selector.data};
        show->call = kube_list(client, &query, on_event, on_events_end, show);
        buffer_free(&selector);
    }
    return show;
}
