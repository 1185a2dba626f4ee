#include "runner.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "doc/json.h"
#include "kube/review.h"
#include "scene.h"

Suite *suite_client(void);

struct answer {
    int status;
    const char *headers;
    const char *body;
};

/* Answers one after the other; the last one stays. */
struct script {
    const struct answer *answers;
    size_t count;
    size_t next;
};

static void play(void *context, struct fake_connection *connection, const char *request)
{
    struct script *script = context;
    (void)request;
    const struct answer *answer = &script->answers[script->next];
    if (script->next + 1 < script->count) {
        script->next++;
    }
    fake_answer(connection, answer->status, answer->headers, answer->body);
}

#define JSON "Content-Type: application/json\r\n"

static void get_pod(struct kube_scene *scene)
{
    kube_get(scene->client, &kube_pods, "ns", "a", kube_scene_on_response, scene);
    ck_assert_int_eq(scene->calls, 0);
    loop_run(scene->loop);
    ck_assert_int_eq(scene->calls, 1);
}

START_TEST(a_get_brings_the_object_and_its_warnings)
{
    struct answer answers[] = {{200, JSON "Warning: 299 - \"old \\\"thing\\\"\"\r\n",
                                "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}"}};
    struct script script = {answers, 1, 0};
    struct kube_scene scene;
    kube_scene_set_up(&scene, play, &script, false);
    get_pod(&scene);
    ck_assert_str_eq(scene.requests.data, "GET /api/v1/namespaces/ns/pods/a HTTP/1.1\n");
    ck_assert_int_eq(scene.status, 200);
    ck_assert(scene.answered);
    ck_assert_str_eq(json_string(scene.object, "kind"), "Pod");
    ck_assert_str_eq(scene.warning, "old \"thing\"");
    kube_scene_tear_down(&scene);
}
END_TEST

#define STATUS(code, reason, message, details)                                                     \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","           \
    "\"message\":\"" message "\",\"reason\":\"" reason "\",\"details\":" details ",\"code\":" code \
    "}"

START_TEST(refusals_become_sentences_of_the_right_kind)
{
    static const struct {
        struct answer answer;
        enum error_kind kind;
        const char *text;
    } cases[] = {
        {{401, JSON, STATUS("401", "Unauthorized", "Unauthorized", "{}")},
         ERROR_AUTH,
         "get pods ns/a: the server does not accept the credential"},
        {{403, JSON, STATUS("403", "Forbidden", "pods is forbidden: User x", "{}")},
         ERROR_FORBIDDEN,
         "pods is forbidden: User x"},
        {{404, JSON, STATUS("404", "NotFound", "pods \\\"a\\\" not found", "{}")},
         ERROR_NOT_FOUND,
         "pods \"a\" not found"},
        {{404, "Content-Type: text/plain\r\n", "404 page not found\n"},
         ERROR_NOT_FOUND,
         "HTTP 404: 404 page not found"},
        {{409, JSON,
          STATUS("409", "Conflict", "Apply failed",
                 "{\"causes\":[{\"reason\":\"FieldManagerConflict\",\"message\":\"with me\","
                 "\"field\":\".spec.x\"}]}")},
         ERROR_CONFLICT,
         "Apply failed; .spec.x: with me"},
        {{422, JSON, STATUS("422", "Invalid", "spec.x: Required", "{}")},
         ERROR_INVALID,
         "spec.x: Required"},
        {{429, "Content-Type: text/plain\r\n", "Too many requests, please try again later.\n"},
         ERROR_UNAVAILABLE,
         "Too many requests"},
        {{504, "Content-Type: text/plain\r\n", STATUS("504", "Timeout", "took too long", "{}")},
         ERROR_TIMEOUT,
         "took too long"},
        {{200, "Content-Type: text/html\r\n", "<html>Log in</html>"}, ERROR_PROTOCOL, "web page"},
        {{503, "Content-Type: text/html\r\n", "<html>Down</html>"}, ERROR_PROTOCOL, "web page"},
        {{302, "Location: https://login.example/\r\n", ""}, ERROR_PROTOCOL, "redirects to"},
        {{200, JSON, "{\"kind\":"}, ERROR_PROTOCOL, "cut off"},
        {{200, JSON, ""}, ERROR_PROTOCOL, "empty"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct script script = {&cases[i].answer, 1, 0};
        struct kube_scene scene;
        kube_scene_set_up(&scene, play, &script, false);
        get_pod(&scene);
        ck_assert_msg(text_find(scene.err.message, cases[i].text) != NULL, "%zu: %s", i,
                      scene.err.message);
        ck_assert_int_eq(scene.err.kind, cases[i].kind);
        ck_assert(scene.answered);
        kube_scene_tear_down(&scene);
    }
}
END_TEST

START_TEST(a_busy_server_is_asked_again_when_it_says_so)
{
    struct answer answers[] = {{429, "Retry-After: 0\r\n", "busy"},
                               {503, "Retry-After: 0\r\n", "starting"},
                               {200, JSON, "{\"kind\":\"Pod\"}"}};
    struct script script = {answers, 3, 0};
    struct kube_scene scene;
    kube_scene_set_up(&scene, play, &script, false);
    get_pod(&scene);
    ck_assert_int_eq(scene.status, 200);
    ck_assert_int_eq(fake_server_requests(scene.server), 3);
    kube_scene_tear_down(&scene);
}
END_TEST

START_TEST(a_write_is_repeated_after_429_but_never_after_503)
{
    struct answer answers[] = {{429, "Retry-After: 0\r\n", "busy"},
                               {503, "Retry-After: 0\r\n", "starting"},
                               {201, JSON, "{\"kind\":\"Secret\"}"}};
    struct script script = {answers, 3, 0};
    struct kube_scene scene;
    kube_scene_set_up(&scene, play, &script, false);
    cJSON *object = cJSON_Parse("{\"metadata\":{\"name\":\"s\"}}");
    kube_create(scene.client, &kube_secrets, "ns", object, NULL, kube_scene_on_response, &scene);
    loop_run(scene.loop);
    ck_assert_int_eq(scene.status, 503);
    ck_assert_int_eq(fake_server_requests(scene.server), 2);
    cJSON_Delete(object);
    kube_scene_tear_down(&scene);
}
END_TEST

START_TEST(writes_carry_manager_dry_run_validation_and_force)
{
    struct answer answers[] = {{200, JSON, "{\"kind\":\"DaemonSet\"}"}};
    struct script script = {answers, 1, 0};
    struct kube_scene scene;
    kube_scene_set_up(&scene, play, &script, false);
    cJSON *patch = cJSON_Parse("[{\"op\":\"test\"}]");
    struct kube_write write = {.dry_run = true, .strict = true, .force = true};
    kube_patch(scene.client, &kube_daemon_sets, "ns", "d", KUBE_PATCH_JSON, patch, &write,
               kube_scene_on_response, &scene);
    loop_run(scene.loop);
    ck_assert_str_eq(scene.requests.data,
                     "PATCH /apis/apps/v1/namespaces/ns/daemonsets/d?fieldManager=pullmend&"
                     "fieldValidation=Strict&dryRun=All HTTP/1.1\n");
    ck_assert(text_find(scene.last_request, "Content-Type: application/json-patch+json\r\n"));
    ck_assert(text_ends_with(scene.last_request, "[{\"op\":\"test\"}]"));
    write = (struct kube_write){.field_manager = "me", .force = true};
    kube_patch(scene.client, &kube_daemon_sets, "ns", "d", KUBE_PATCH_APPLY, patch, &write,
               kube_scene_on_response, &scene);
    loop_run(scene.loop);
    ck_assert(text_find(scene.requests.data, "?fieldManager=me&force=true HTTP") != NULL);
    kube_delete(scene.client, &kube_secrets, "ns", "s", "u-1", "5", NULL, kube_scene_on_response,
                &scene);
    loop_run(scene.loop);
    ck_assert(text_find(scene.requests.data, "DELETE /api/v1/namespaces/ns/secrets/s HTTP"));
    ck_assert(text_find(scene.last_request,
                        "\"preconditions\":{\"uid\":\"u-1\",\"resourceVersion\":\"5\"}"));
    cJSON_Delete(patch);
    kube_scene_tear_down(&scene);
}
END_TEST

START_TEST(a_refused_secret_does_not_show_what_it_held)
{
    struct answer answers[] = {
        {422, JSON,
         STATUS("422", "Invalid", "Invalid value: c2VzYW1l",
                "{\"causes\":[{\"reason\":\"FieldValueInvalid\",\"message\":\"c2VzYW1l\","
                "\"field\":\"data[x]\"}]}")},
        {400, JSON, STATUS("400", "BadRequest", "cannot parse c2VzYW1l", "{}")},
        {409, JSON, STATUS("409", "AlreadyExists", "secrets s already exists", "{}")},
    };
    struct script script = {answers, 3, 0};
    struct kube_scene scene;
    kube_scene_set_up(&scene, play, &script, false);
    cJSON *object = cJSON_Parse("{\"metadata\":{\"name\":\"s\"},\"data\":{\"x\":\"c2VzYW1l\"}}");
    for (int i = 0; i < 3; i++) {
        kube_create(scene.client, &kube_secrets, "ns", object, NULL, kube_scene_on_response,
                    &scene);
        loop_run(scene.loop);
        ck_assert(text_find(scene.err.message, "c2VzYW1l") == NULL);
        ck_assert(text_starts_with(scene.err.message, "create secrets ns/s: "));
        if (i == 0) {
            ck_assert(text_find(scene.err.message, "data[x] FieldValueInvalid") != NULL);
        }
    }
    ck_assert(text_find(scene.err.message, "already exists") != NULL);
    cJSON_Delete(object);
    kube_scene_tear_down(&scene);
}
END_TEST

START_TEST(a_refused_patch_does_not_quote_the_whole_object)
{
#define QUOTED                                                                                     \
    "Invalid value: \\\"{\\\\\\\"kind\\\\\\\":\\\\\\\"Pod\\\\\\\"}\\\": strict decoding error: "   \
    "unknown field \\\"x\\\""
    struct answer answers[] = {
        {422, JSON,
         STATUS("422", "Invalid", "\\\"\\\" is invalid: patch: " QUOTED,
                "{\"causes\":[{\"reason\":\"FieldValueInvalid\",\"message\":\"" QUOTED
                "\",\"field\":\"patch\"}]}")},
    };
    struct script script = {answers, 1, 0};
    struct kube_scene scene;
    kube_scene_set_up(&scene, play, &script, false);
    get_pod(&scene);
    ck_assert_msg(text_ends_with(scene.err.message, ": strict decoding error: unknown field \"x\""),
                  "%s", scene.err.message);
    ck_assert_ptr_null(strstr(scene.err.message, "kind"));
    kube_scene_tear_down(&scene);
}
END_TEST

START_TEST(a_lost_connection_leaves_it_open_what_happened)
{
    struct answer answers[] = {{200, JSON, "{}"}};
    struct script script = {answers, 1, 0};
    struct kube_scene scene;
    kube_scene_set_up(&scene, play, &script, false);
    fake_server_stop_listening(scene.server);
    get_pod(&scene);
    ck_assert_int_eq(scene.err.kind, ERROR_UNAVAILABLE);
    ck_assert(scene.answered); /* nothing was sent, so nothing can have happened */
    kube_scene_tear_down(&scene);
}
END_TEST

static void cut_off(void *context, struct fake_connection *connection, const char *request)
{
    (void)context;
    (void)request;
    fake_close(connection);
}

START_TEST(a_request_that_was_sent_and_not_answered_is_unknown)
{
    struct kube_scene scene;
    kube_scene_set_up(&scene, cut_off, NULL, false);
    cJSON *object = cJSON_Parse("{}");
    kube_create(scene.client, &kube_secrets, "ns", object, NULL, kube_scene_on_response, &scene);
    loop_run(scene.loop);
    ck_assert_int_eq(scene.err.kind, ERROR_UNAVAILABLE);
    ck_assert(!scene.answered);
    cJSON_Delete(object);
    kube_scene_tear_down(&scene);
}
END_TEST

START_TEST(read_only_refuses_every_write_before_it_leaves)
{
    struct answer answers[] = {{200, JSON, "{}"}};
    struct script script = {answers, 1, 0};
    struct kube_scene scene;
    kube_scene_set_up(&scene, play, &script, true);
    cJSON *object = cJSON_Parse("{}");
    for (int i = 0; i < 3; i++) {
        struct kube_client *client = scene.client;
        if (i == 0) {
            kube_create(client, &kube_secrets, "n", object, NULL, kube_scene_on_response, &scene);
        } else if (i == 1) {
            kube_patch(client, &kube_secrets, "n", "s", KUBE_PATCH_MERGE, object, NULL,
                       kube_scene_on_response, &scene);
        } else {
            kube_delete(client, &kube_secrets, "n", "s", NULL, NULL, NULL, kube_scene_on_response,
                        &scene);
        }
        loop_run(scene.loop);
        ck_assert_int_eq(scene.err.kind, ERROR_FORBIDDEN);
        ck_assert(scene.answered);
    }
    ck_assert_int_eq(fake_server_connections(scene.server), 0);
    cJSON_Delete(object);
    kube_scene_tear_down(&scene);
}
END_TEST

static void on_review(void *context, enum kube_answer answer, const char *reason)
{
    struct kube_scene *scene = context;
    scene->status = (int)answer;
    free(scene->warning);
    scene->warning = xstrdup(reason);
    loop_stop(scene->loop, 0);
}

START_TEST(a_review_says_yes_no_or_that_nobody_knows)
{
    static const struct {
        struct answer answer;
        bool read_only;
        enum kube_answer expected;
    } cases[] = {
        {{201, JSON, "{\"status\":{\"allowed\":true}}"}, false, KUBE_ALLOWED},
        {{201, JSON, "{\"status\":{\"allowed\":false,\"reason\":\"no\"}}"}, false, KUBE_DENIED},
        {{403, JSON, STATUS("403", "Forbidden", "x", "{}")}, false, KUBE_UNKNOWN},
        {{201, JSON, "{\"status\":{\"allowed\":true}}"}, true, KUBE_UNKNOWN},
    };
    struct kube_question question = {"patch", &kube_daemon_sets, "ns", NULL};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct script script = {&cases[i].answer, 1, 0};
        struct kube_scene scene;
        kube_scene_set_up(&scene, play, &script, cases[i].read_only);
        kube_review(scene.client, &question, on_review, &scene);
        loop_run(scene.loop);
        ck_assert_int_eq(scene.status, (int)cases[i].expected);
        ck_assert_int_eq(fake_server_connections(scene.server), cases[i].read_only ? 0 : 1);
        kube_scene_tear_down(&scene);
    }
}
END_TEST

#define PAGE(version, token, items)                                                                \
    "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"" version                           \
    "\",\"continue\":\"" token "\"},\"items\":[" items "]}"
#define ITEM(name) "{\"metadata\":{\"name\":\"" name "\"}}"

static void list_pods(struct kube_scene *scene, int limit)
{
    struct kube_query query = {
        .resource = &kube_pods, .label_selector = "a in (b,c)", .limit = limit};
    kube_list(scene->client, &query, kube_scene_on_item, kube_scene_on_end, scene);
    loop_run(scene->loop);
}

START_TEST(a_list_goes_on_until_there_is_no_token)
{
    struct answer answers[] = {{200, JSON, PAGE("5", "t/1", ITEM("a") "," ITEM("b"))},
                               {200, JSON, PAGE("5", "t2", "")},
                               {200, JSON, PAGE("5", "", ITEM("c"))}};
    struct script script = {answers, 3, 0};
    struct kube_scene scene;
    kube_scene_set_up(&scene, play, &script, false);
    list_pods(&scene, 2);
    ck_assert_int_eq(scene.err.kind, ERROR_NONE);
    ck_assert_str_eq(scene.items.data, "a b c ");
    ck_assert_str_eq(scene.version, "5");
    ck_assert_str_eq(scene.requests.data,
                     "GET /api/v1/pods?labelSelector=a%20in%20%28b%2Cc%29&limit=2 HTTP/1.1\n"
                     "GET /api/v1/pods?labelSelector=a%20in%20%28b%2Cc%29&limit=2&continue=t%2F1 "
                     "HTTP/1.1\n"
                     "GET /api/v1/pods?labelSelector=a%20in%20%28b%2Cc%29&limit=2&continue=t2 "
                     "HTTP/1.1\n");
    kube_scene_tear_down(&scene);
}
END_TEST

START_TEST(an_expired_page_goes_on_with_the_token_that_the_server_offers)
{
    struct answer answers[] = {
        {200, JSON, PAGE("5", "old", ITEM("a"))},
        {410, JSON,
         "{\"kind\":\"Status\",\"metadata\":{\"continue\":\"new\"},\"status\":\"Failure\","
         "\"reason\":\"Expired\",\"code\":410}"},
        {200, JSON, PAGE("9", "", ITEM("b"))}};
    struct script script = {answers, 3, 0};
    struct kube_scene scene;
    kube_scene_set_up(&scene, play, &script, false);
    list_pods(&scene, 1);
    ck_assert_int_eq(scene.err.kind, ERROR_NONE);
    ck_assert_str_eq(scene.items.data, "a b ");
    ck_assert_str_eq(scene.version, "9");
    kube_scene_tear_down(&scene);
}
END_TEST

static void truncate(void *context, struct fake_connection *connection, const char *request)
{
    int *mode = context;
    (void)request;
    if (*mode == 0) {
        /* What a server does whose list took longer than its time: 200, and the stream ends. */
        fake_begin(connection, 200, JSON);
        fake_chunk(connection, "{\"kind\":\"PodList\",\"items\":[" ITEM("a") ",{\"meta");
        fake_close(connection);
    } else {
        fake_answer(connection, 200, JSON, "{\"kind\":\"PodList\",\"items\":[" ITEM("a"));
    }
}

START_TEST(a_truncated_list_is_an_error)
{
    for (int mode = 0; mode < 2; mode++) {
        struct kube_scene scene;
        kube_scene_set_up(&scene, truncate, &mode, false);
        list_pods(&scene, 0);
        ck_assert_msg(scene.err.kind == ERROR_UNAVAILABLE, "%s", scene.err.message);
        ck_assert(text_find(scene.err.message, "cut off") != NULL);
        ck_assert(text_starts_with(scene.err.message, "list pods in all namespaces: "));
        kube_scene_tear_down(&scene);
    }
}
END_TEST

START_TEST(what_is_no_list_is_an_error)
{
    static const char *const bodies[] = {"{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}",
                                         "<html>", "[]", "", "{}"};
    for (size_t i = 0; i < ARRAY_LENGTH(bodies); i++) {
        struct answer answers[] = {{200, JSON, bodies[i]}};
        struct script script = {answers, 1, 0};
        struct kube_scene scene;
        kube_scene_set_up(&scene, play, &script, false);
        list_pods(&scene, 0);
        ck_assert_msg(scene.err.kind == ERROR_PROTOCOL, "%zu: %s", i, scene.err.message);
        kube_scene_tear_down(&scene);
    }
}
END_TEST

START_TEST(the_owner_of_a_list_can_have_enough)
{
    struct answer answers[] = {{200, JSON, PAGE("5", "more", ITEM("a") "," ITEM("b"))}};
    struct script script = {answers, 1, 0};
    struct kube_scene scene;
    kube_scene_set_up(&scene, play, &script, false);
    scene.stop_after = 1;
    list_pods(&scene, 2);
    ck_assert_int_eq(scene.err.kind, ERROR_NONE);
    ck_assert_str_eq(scene.items.data, "a ");
    kube_scene_tear_down(&scene);
}
END_TEST

struct canceller {
    struct kube_scene scene;
    struct kube_call *call;
    bool free_client;
    int items;
};

static bool cancel_on_item(void *context, const cJSON *item)
{
    struct canceller *canceller = context;
    (void)item;
    canceller->items++;
    if (canceller->free_client) {
        kube_client_free(canceller->scene.client);
        canceller->scene.client = NULL;
    } else {
        kube_call_cancel(canceller->call);
    }
    loop_stop(canceller->scene.loop, 0);
    return true;
}

static void must_not_end(void *context, const struct error *err, int status, const char *version)
{
    (void)context;
    (void)err;
    (void)status;
    (void)version;
    ck_abort_msg("a cancelled list called back");
}

START_TEST(a_list_can_be_cancelled_from_its_own_item)
{
    for (int i = 0; i < 2; i++) {
        struct answer answers[] = {{200, JSON, PAGE("5", "", ITEM("a") "," ITEM("b"))}};
        struct script script = {answers, 1, 0};
        struct canceller canceller = {.free_client = i == 1};
        kube_scene_set_up(&canceller.scene, play, &script, false);
        struct kube_query query = {.resource = &kube_pods};
        canceller.call =
            kube_list(canceller.scene.client, &query, cancel_on_item, must_not_end, &canceller);
        loop_run(canceller.scene.loop);
        ck_assert_int_eq(canceller.items, 1);
        kube_scene_tear_down(&canceller.scene);
    }
}
END_TEST

START_TEST(a_table_is_asked_for_and_gives_rows)
{
    struct answer answers[] = {
        {200, JSON,
         "{\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"1\"},\"columnDefinitions\":[],"
         "\"rows\":[{\"cells\":[\"x\"],\"object\":{}}]}"}};
    struct script script = {answers, 1, 0};
    struct kube_scene scene;
    kube_scene_set_up(&scene, play, &script, false);
    struct kube_query query = {.resource = &kube_secrets, .ns = "n", .table = true};
    kube_list(scene.client, &query, kube_scene_on_item, kube_scene_on_end, &scene);
    loop_run(scene.loop);
    ck_assert_str_eq(scene.items.data, "? x ");
    ck_assert(text_find(scene.last_request,
                        "Accept: application/json;as=Table;v=v1;g=meta.k8s.io,application/json"));
    kube_scene_tear_down(&scene);
}
END_TEST

static void on_found(void *context, const struct kube_resource *resource, const struct error *err)
{
    struct kube_scene *scene = context;
    scene->calls++;
    scene->err = (struct error)ERROR_INIT;
    if (err != NULL) {
        scene->err = *err;
    } else {
        free(scene->version);
        scene->version = xasprintf("%s %s %s", resource->group, resource->plural,
                                   resource->namespaced ? "namespaced" : "cluster");
    }
    loop_stop(scene->loop, 0);
}

START_TEST(a_kind_is_found_by_discovery_once)
{
    struct answer answers[] = {
        {200, JSON,
         "{\"kind\":\"APIResourceList\",\"resources\":[{\"name\":\"things/status\",\"kind\":"
         "\"Thing\",\"namespaced\":true},{\"name\":\"things\",\"kind\":\"Thing\",\"namespaced\":"
         "true}]}"},
        {404, "Content-Type: text/plain\r\n", "404 page not found"}};
    struct script script = {answers, 2, 0};
    struct kube_scene scene;
    kube_scene_set_up(&scene, play, &script, false);
    for (int i = 0; i < 2; i++) {
        kube_discover(scene.client, "x.io/v1", "Thing", on_found, &scene);
        loop_run(scene.loop);
        ck_assert_str_eq(scene.version, "x.io things namespaced");
    }
    ck_assert_str_eq(scene.requests.data, "GET /apis/x.io/v1 HTTP/1.1\n");
    kube_discover(scene.client, "y.io/v1", "Thing", on_found, &scene);
    loop_run(scene.loop);
    ck_assert_int_eq(scene.err.kind, ERROR_NOT_FOUND);
    kube_scene_tear_down(&scene);
}
END_TEST

Suite *suite_client(void)
{
    const TTest *tests[] = {a_get_brings_the_object_and_its_warnings,
                            refusals_become_sentences_of_the_right_kind,
                            a_busy_server_is_asked_again_when_it_says_so,
                            a_write_is_repeated_after_429_but_never_after_503,
                            writes_carry_manager_dry_run_validation_and_force,
                            a_refused_secret_does_not_show_what_it_held,
                            a_refused_patch_does_not_quote_the_whole_object,
                            a_lost_connection_leaves_it_open_what_happened,
                            a_request_that_was_sent_and_not_answered_is_unknown,
                            read_only_refuses_every_write_before_it_leaves,
                            a_review_says_yes_no_or_that_nobody_knows,
                            a_list_goes_on_until_there_is_no_token,
                            an_expired_page_goes_on_with_the_token_that_the_server_offers,
                            a_truncated_list_is_an_error,
                            what_is_no_list_is_an_error,
                            the_owner_of_a_list_can_have_enough,
                            a_list_can_be_cancelled_from_its_own_item,
                            a_table_is_asked_for_and_gives_rows,
                            a_kind_is_found_by_discovery_once,
                            NULL};
    return suite_of("client", tests);
}
