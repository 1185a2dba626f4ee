/* clang-format off */
/*
 * Drives the client against the simulated cluster for client-*.sh:
 *
 *   kube-driver get PATH            prints the answer's kind, or the error
 *   kube-driver show PATH POINTER...
 *                                   prints what stands there in the answer, members sorted (a real
 *                                   server has an order of its own, the simulated one that of
 *                                   writing)
 *   kube-driver body PATH...        prints whole answers, a line each
 *   kube-driver post PATH JSON      the same for a POST (the simulator's control)
 *   kube-driver delete PATH [JSON]
 *   kube-driver truth               pods of kube-system by name, and the sum of their warnings, as
 *                                   the objects themselves say
 *   kube-driver picture             the same of the last whole line of `pullmend status --watch`
 *                                   on standard input
 *   kube-driver list RESOURCE [LIMIT]
 *   kube-driver watch RESOURCE      prints what happens until standard input ends; a line there
 *                                   asks whether the mirror equals a fresh list
 *
 * $KUBECONFIG says which cluster; $TIMEOUT is a request's limit in milliseconds.
 */
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/kube/client_internal.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/map.h"
#include "doc/json.h"
#include "doc/pointer.h"

struct driver {
    struct loop *loop;
    struct kube_client *client;
    const struct kube_resource *resource;
    struct kube_watch *watch;
    struct map *mirror; /* "ns/name" to resource version */
    struct map *fresh;  /* the same by a list; during a relist what was seen of it */
    struct map *seen;   /* "ns/name@version kind": changes that were told */
    struct loop_fd *input;
    bool relisting;
    int checks;
    int count;
    int code;
    char **pointers; /* show: what is printed of the answer; NULL-terminated */
    cJSON *body;
};

static void fail(struct driver *driver, const struct error *err)
{
    printf("error (%s): %s\n", error_kind_name(err->kind), err->message);
    driver->code = error_exit_code(err->kind);
}

static void on_answer(void *context, struct request_result *result)
{
    struct driver *driver = context;
    if (result->err != NULL) {
        fail(driver, result->err);
    } else if (driver->pointers != NULL) {
        for (char **pointer = driver->pointers; *pointer != NULL; pointer++) {
            const cJSON *value = pointer_get(result->object, *pointer);
            struct buffer text;
            buffer_init(&text, (size_t)64 << 20);
            if (value != NULL) {
                json_write_sorted(&text, value);
            }
            printf("%s\n", value == NULL ? "none" : text.data);
            buffer_free(&text);
        }
    } else {
        printf("%d %s\n", result->status, json_string_or(result->object, "kind", "(no kind)"));
    }
    loop_stop(driver->loop, 0);
}

static void request(struct driver *driver, enum http_method method, const char *path,
                    const char *body)
{
    static const struct request_handler handler = {.on_end = on_answer};
    struct request_spec spec = {
        .method = method,
        .path = path,
        .content_type = "application/json",
        .body = body,
        .body_length = body == NULL ? 0 : strlen(body),
    };
    request_start(driver->client, &spec, &handler, driver);
    loop_run(driver->loop);
}

/* --- What is, and what is told ------------------------------------------------------------------
 */

static void on_body(void *context, struct kube_response *response)
{
    struct driver *driver = context;
    if (response->err != NULL) {
        fail(driver, response->err);
    } else {
        driver->body = kube_response_take(response);
    }
    loop_stop(driver->loop, 0);
}

/* NULL if it failed. */
static cJSON *body_of(struct driver *driver, const char *path)
{
    driver->body = NULL;
    kube_get_path(driver->client, path, on_body, driver);
    loop_run(driver->loop);
    return driver->body;
}

static void print_body(struct driver *driver, const char *path)
{
    cJSON *body = body_of(driver, path);
    char *text = body == NULL ? NULL : cJSON_PrintUnformatted(body);
    if (text != NULL) {
        puts(text);
    }
    cJSON_free(text);
    cJSON_Delete(body);
}

/* Only events of pods that are there count; those of earlier ones bear another uid. */
static int64_t warnings_of(const cJSON *events, const struct map *uids)
{
    int64_t sum = 0;
    const cJSON *event;
    cJSON_ArrayForEach(event, json_list(events, "items"))
    {
        const char *uid = json_string_or(json_object(event, "involvedObject"), "uid", "");
        if (map_get(uids, uid) != NULL &&
            strcmp(json_string_or(event, "reason", ""), "FailedToRetrieveImagePullSecret") == 0) {
            sum += json_int(event, "count", 1);
        }
    }
    return sum;
}

static void print_truth(struct driver *driver)
{
    cJSON *pods = body_of(driver, "/api/v1/namespaces/kube-system/pods");
    cJSON *events = body_of(driver, "/api/v1/namespaces/kube-system/events");
    struct map *uids = map_new(NULL);
    const cJSON *pod;
    cJSON_ArrayForEach(pod, json_list(pods, "items"))
    {
        map_set(uids, json_string_or(json_object(pod, "metadata"), "uid", "?"), driver);
        printf("pod %s\n", json_string_or(json_object(pod, "metadata"), "name", "?"));
    }
    printf("warnings %lld\n", (long long)warnings_of(events, uids));
    map_free(uids);
    cJSON_Delete(pods);
    cJSON_Delete(events);
}

static void print_pods(const cJSON *workload)
{
    const cJSON *pod;
    cJSON_ArrayForEach(pod, json_list(workload, "pods"))
    {
        printf("pod %s\n", json_string_or(pod, "name", "?"));
    }
}

static void print_picture(struct driver *driver)
{
    char *line = NULL;
    char *last = NULL;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, stdin)) > 0) {
        if (line[length - 1] == '\n') {
            free(last);
            last = xstrdup(line);
        }
    }
    struct error err = ERROR_INIT;
    cJSON *status = last == NULL ? NULL : json_parse(last, strlen(last), "the line", &err);
    if (status == NULL) {
        driver->code = 1;
    }
    const cJSON *one;
    cJSON_ArrayForEach(one, json_list(status, "drivers"))
    {
        const cJSON *workload;
        cJSON_ArrayForEach(workload, json_list(one, "workloads"))
        {
            print_pods(workload);
        }
    }
    printf("warnings %lld\n", (long long)json_int(json_object(status, "totals"), "warnings", -1));
    cJSON_Delete(status);
    free(last);
    free(line);
}

static char *identity(const cJSON *item)
{
    const cJSON *metadata = json_object(item, "metadata");
    return xasprintf("%s/%s", json_string_or(metadata, "namespace", ""),
                     json_string_or(metadata, "name", "?"));
}

static const char *version_of(const cJSON *item)
{
    return json_string_or(json_object(item, "metadata"), "resourceVersion", "");
}

static bool on_counted(void *context, const cJSON *item)
{
    struct driver *driver = context;
    (void)item;
    driver->count++;
    return true;
}

static void on_counted_end(void *context, const struct error *err, int status,
                           const char *resource_version)
{
    struct driver *driver = context;
    (void)status;
    (void)resource_version;
    if (err != NULL) {
        fail(driver, err);
    } else {
        printf("%d items\n", driver->count);
    }
    loop_stop(driver->loop, 0);
}

/* --- The mirror --------------------------------------------------------------------------------
 */

static void on_relist(void *context)
{
    struct driver *driver = context;
    map_free(driver->fresh);
    driver->fresh = map_new(free);
    driver->relisting = true;
    puts("relist");
}

static void on_synced(void *context)
{
    struct driver *driver = context;
    map_free(driver->mirror);
    driver->mirror = driver->fresh;
    driver->fresh = NULL;
    driver->relisting = false;
    printf("synced %zu\n", map_count(driver->mirror));
}

static void on_item(void *context, enum kube_event event, const cJSON *item)
{
    struct driver *driver = context;
    static const char *const names[] = {"listed", "added", "modified", "deleted"};
    char *name = identity(item);
    struct map *target = driver->relisting ? driver->fresh : driver->mirror;
    if (event != KUBE_LISTED) {
        char *key = xasprintf("%s@%s %s", name, version_of(item), names[event]);
        if (map_get(driver->seen, key) != NULL) {
            printf("TWICE %s\n", key);
        }
        map_set(driver->seen, key, driver);
        printf("%s %s\n", names[event], name);
        free(key);
    }
    if (event == KUBE_DELETED) {
        map_remove(target, name);
    } else {
        map_set(target, name, xstrdup(version_of(item)));
    }
    free(name);
}

static void on_link(void *context, const struct kube_link_state *state)
{
    static const char *const names[] = {"connecting", "live", "reconnecting", "refused"};
    (void)context;
    printf("link %s%s%s\n", names[state->link], state->error.kind == ERROR_NONE ? "" : ": ",
           state->error.message);
}

static bool on_compared(void *context, const cJSON *item)
{
    struct driver *driver = context;
    char *name = identity(item);
    map_set(driver->fresh, name, xstrdup(version_of(item)));
    free(name);
    return true;
}

static bool equal(const struct map *a, const struct map *b)
{
    size_t position = 0;
    const char *key;
    void *value;
    if (a == NULL || b == NULL || map_count(a) != map_count(b)) {
        return false;
    }
    while (map_next(a, &position, &key, &value)) {
        const char *other = map_get(b, key);
        if (other == NULL || strcmp(other, value) != 0) {
            return false;
        }
    }
    return true;
}

static void compare(void *context);

static void on_compared_end(void *context, const struct error *err, int status,
                            const char *resource_version)
{
    struct driver *driver = context;
    (void)status;
    (void)resource_version;
    bool good = err == NULL && !driver->relisting && equal(driver->mirror, driver->fresh);
    if (good) {
        printf("equal %zu\n", map_count(driver->mirror));
    } else if (--driver->checks > 0) {
        /* The mirror may be a moment behind, or just connecting again. */
        loop_after(driver->loop, 200, compare, driver);
    } else {
        printf("DIFFERENT\n");
    }
}

static void compare(void *context)
{
    struct driver *driver = context;
    struct kube_query query = {.resource = driver->resource};
    if (driver->relisting) {
        loop_after(driver->loop, 200, compare, driver);
        return;
    }
    map_free(driver->fresh);
    driver->fresh = map_new(free);
    kube_list(driver->client, &query, on_compared, on_compared_end, driver);
}

static void on_input(void *context, int events)
{
    struct driver *driver = context;
    char bytes[256];
    (void)events;
    if (read(STDIN_FILENO, bytes, sizeof(bytes)) <= 0) {
        loop_stop(driver->loop, 0);
        return;
    }
    driver->checks = 300;
    compare(driver);
}

static void mirror(struct driver *driver)
{
    static const struct kube_watch_handler handler = {on_relist, on_item, on_synced, on_link};
    struct kube_query query = {.resource = driver->resource};
    driver->mirror = map_new(free);
    driver->seen = map_new(NULL);
    driver->input = loop_watch_fd(driver->loop, STDIN_FILENO, LOOP_READ, on_input, driver);
    driver->watch = kube_watch_start(driver->client, &query, &handler, driver);
    loop_run(driver->loop);
    kube_watch_stop(driver->watch);
    map_free(driver->mirror);
    map_free(driver->fresh);
    map_free(driver->seen);
}

static void print_log(void *context, enum log_level level, const char *line)
{
    (void)context;
    (void)level;
    fprintf(stderr, "%s\n", line);
}

static bool run(struct driver *driver, int argc, char **argv)
{
    const char *what = argv[1];
    if (strcmp(what, "get") == 0 && argc == 3) {
        request(driver, HTTP_GET, argv[2], NULL);
        return true;
    }
    if (strcmp(what, "show") == 0 && argc >= 4) {
        driver->pointers = argv + 3;
        request(driver, HTTP_GET, argv[2], NULL);
        return true;
    }
    if (strcmp(what, "post") == 0 && argc == 4) {
        request(driver, HTTP_POST, argv[2], argv[3]);
        return true;
    }
    if (strcmp(what, "delete") == 0 && argc >= 3) {
        request(driver, HTTP_DELETE, argv[2], argc > 3 ? argv[3] : NULL);
        return true;
    }
    if (strcmp(what, "body") == 0 && argc >= 3) {
        for (int i = 2; i < argc; i++) {
            print_body(driver, argv[i]);
        }
        return true;
    }
    if (strcmp(what, "truth") == 0) {
        print_truth(driver);
        return true;
    }
    if (strcmp(what, "picture") == 0) {
        print_picture(driver);
        return true;
    }
    driver->resource = argc < 3 ? NULL : kube_resource_by_kind(argv[2]);
    if (driver->resource == NULL) {
        return false;
    }
    if (strcmp(what, "list") == 0) {
        struct kube_query query = {.resource = driver->resource,
                                   .limit = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0};
        kube_list(driver->client, &query, on_counted, on_counted_end, driver);
        loop_run(driver->loop);
        return true;
    }
    if (strcmp(what, "watch") == 0) {
        mirror(driver);
        return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    const char *timeout = getenv("TIMEOUT");
    struct kube_config_flags flags = {
        .context = getenv("CONTEXT"),
        .token = getenv("TOKEN"),
        .impersonate = getenv("AS"),
        .request_timeout_ms = timeout == NULL ? 0 : strtol(timeout, NULL, 10),
    };
    setvbuf(stdout, NULL, _IOLBF, 0);
    log_set_sink(print_log, NULL);
    log_set_level(getenv("VERBOSE") == NULL ? LOG_WARNING : LOG_TRACE);
    struct driver driver = {.loop = loop_new()};
    struct kube_config *config = kube_config_load(&flags, &err);
    if (config != NULL) {
        driver.client = kube_client_new(driver.loop, config, false, &err);
    }
    if (driver.client == NULL) {
        fail(&driver, &err);
    } else if (argc < 2 || !run(&driver, argc, argv)) {
        driver.code = 2;
    }
    kube_client_free(driver.client);
    kube_config_free(config);
    loop_free(driver.loop);
    log_close();
    return driver.code;
}
