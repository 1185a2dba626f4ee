#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "base/alloc.h"
#include "doc/json.h"
#include "list_stream.h"
#include "runner.h"
#include "sim/faults.h"

/* What real API servers do and naive doubles do not. */

#define SECRETS   "/api/v1/namespaces/rec/secrets"
#define PODS      "/api/v1/namespaces/rec/pods"
#define EVENTS    "/api/v1/namespaces/rec/events"
#define ACCOUNTS  "/api/v1/namespaces/rec/serviceaccounts"
#define SETS      "/apis/apps/v1/namespaces/rec/daemonsets"
#define MERGE     "application/merge-patch+json"
#define STRATEGIC "application/strategic-merge-patch+json"
#define APPLY     "application/apply-patch+yaml"
#define PARTIAL   "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
#define TABLE     "application/json;as=Table;v=v1;g=meta.k8s.io"

static void make_secret(struct sim *sim, const char *name, const char *labels)
{
    char *text =
        xasprintf("{'metadata':{'name':'%s','labels':{%s}},'data':{'k':'dg=='}}", name, labels);
    must(sim, "POST", SECRETS, NULL, text);
    free(text);
}

static void make_event(struct sim *sim, const char *name)
{
    char *text = xasprintf("{'metadata':{'name':'%s'},'involvedObject':{'namespace':'rec'}}", name);
    must(sim, "POST", EVENTS, NULL, text);
    free(text);
}

static void make_pod(struct sim *sim, const char *name)
{
    char *text = xasprintf("{'metadata':{'name':'%s'},'spec':{'containers':[{'name':'c','image':"
                           "'i:1'}]}}",
                           name);
    must(sim, "POST", PODS, NULL, text);
    free(text);
}

static void make_set(struct sim *sim, const char *secrets)
{
    char *text = xasprintf("{'metadata':{'name':'d'},'spec':{'selector':{'matchLabels':{'a':'b'}},"
                           "'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':["
                           "{'name':'c','image':'i:1'}]%s}}}}",
                           secrets);
    must(sim, "POST", SETS "?fieldManager=first", NULL, text);
    free(text);
}

static int64_t version_of(struct sim *sim)
{
    return sim_store_version(sim->store);
}

static size_t items(const struct answer *answer)
{
    return (size_t)cJSON_GetArraySize(json_list(answer->body, "items"));
}

static char *watch_url(const char *base, int64_t version)
{
    return xasprintf("%s?watch=1&resourceVersion=%lld", base, (long long)version);
}

START_TEST(a_watch_from_a_forgotten_version_is_200_and_one_error_frame)
{
    struct sim *sim = api_new(36);
    struct answer answer;
    int64_t old = version_of(sim);
    make_secret(sim, "s", "");
    sim_store_compact(sim->store, NULL); /* as a restart does, although nothing was compacted */
    char *url = watch_url(SECRETS, old);
    ask(sim, &answer, "GET", url, NULL, NULL);
    ck_assert_int_eq(answer.code, 200);
    ck_assert(hear(&answer));
    ck_assert_ptr_nonnull(strstr(answer.raw.data, "{\"type\":\"ERROR\""));
    ck_assert_ptr_nonnull(strstr(answer.raw.data, "\"code\":410"));
    ck_assert_ptr_nonnull(strstr(answer.raw.data, "\"reason\":\"Expired\""));
    ck_assert(!hear(&answer));
    forget(&answer);
    free(url);
    api_free(sim);
}
END_TEST

START_TEST(a_list_at_version_0_ignores_the_limit_but_for_events)
{
    struct sim *sim = api_new(36);
    struct answer answer;
    for (int i = 0; i < 3; i++) {
        char name[8];
        snprintf(name, sizeof(name), "n%d", i);
        make_secret(sim, name, "");
        make_event(sim, name);
    }
    ask(sim, &answer, "GET", SECRETS "?resourceVersion=0&limit=2", NULL, NULL);
    ck_assert_uint_eq(items(&answer), 3);
    forget(&answer);
    ask(sim, &answer, "GET", EVENTS "?resourceVersion=0&limit=2", NULL, NULL);
    ck_assert_uint_eq(items(&answer), 2);
    ck_assert_str_ne(said(&answer, "metadata.continue"), "");
    forget(&answer);
    api_free(sim);
}
END_TEST

static void page_after_compaction(int minor, int code)
{
    struct sim *sim = api_new(minor);
    struct answer answer;
    for (int i = 0; i < 3; i++) {
        char name[8];
        snprintf(name, sizeof(name), "n%d", i);
        make_secret(sim, name, "");
    }
    ask(sim, &answer, "GET", SECRETS "?limit=1", NULL, NULL);
    char *url = xasprintf(SECRETS "?limit=1&continue=%s", said(&answer, "metadata.continue"));
    forget(&answer);
    make_secret(sim, "later", "");
    sim->compacted = version_of(sim);
    ask(sim, &answer, "GET", url, NULL, NULL);
    free(url);
    ck_assert_int_eq(answer.code, code);
    if (code == 410) { /* the token in it goes on at the newest state */
        url = xasprintf(SECRETS "?limit=5&continue=%s", said(&answer, "metadata.continue"));
        forget(&answer);
        ask(sim, &answer, "GET", url, NULL, NULL);
        free(url);
        ck_assert_int_eq(answer.code, 200);
        ck_assert_uint_eq(items(&answer), 2);
    }
    forget(&answer);
    api_free(sim);
}

START_TEST(an_expired_page_is_410_with_a_token_on_old_servers_and_served_by_new_ones)
{
    page_after_compaction(20, 410);
    page_after_compaction(36, 200);
}
END_TEST

START_TEST(initial_events_end_with_a_mark_on_new_servers_and_never_on_old_ones)
{
    static const char url[] = SECRETS "?watch=1&sendInitialEvents=true&allowWatchBookmarks=true";
    static const char full[] = SECRETS "?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&"
                                       "resourceVersionMatch=NotOlderThan";
    struct answer answer;
    struct sim *sim = api_new(36);
    make_secret(sim, "s", "");
    ask(sim, &answer, "GET", full, NULL, NULL);
    ck_assert(hear(&answer));
    ck_assert_ptr_nonnull(strstr(answer.raw.data, "\"ADDED\""));
    ck_assert_ptr_nonnull(strstr(answer.raw.data, "\"k8s.io/initial-events-end\":\"true\""));
    forget(&answer);
    ask(sim, &answer, "GET", url, NULL, NULL);
    ck_assert_int_eq(answer.code, 422);
    forget(&answer);
    api_free(sim);
    sim = api_new(20);
    make_secret(sim, "s", "");
    ask(sim, &answer, "GET", full, NULL, NULL);
    ck_assert_int_eq(answer.code, 422);
    forget(&answer);
    ask(sim, &answer, "GET", url, NULL, NULL);
    ck_assert(hear(&answer));
    ck_assert_ptr_nonnull(strstr(answer.raw.data, "\"ADDED\""));
    ck_assert_ptr_null(strstr(answer.raw.data, "BOOKMARK"));
    forget(&answer);
    api_free(sim);
}
END_TEST

START_TEST(leaving_a_selector_is_deleted_with_the_old_body_and_the_new_version)
{
    struct sim *sim = api_new(36);
    struct answer answer;
    make_secret(sim, "s", "'color':'red'");
    char *url = xasprintf(SECRETS "?watch=1&labelSelector=color%%3Dred&resourceVersion=%lld",
                          (long long)version_of(sim));
    ask(sim, &answer, "GET", url, NULL, NULL);
    must(sim, "PATCH", SECRETS "/s", MERGE, "{'metadata':{'labels':{'color':'blue'}}}");
    char *version = xasprintf("\"resourceVersion\":\"%lld\"", (long long)version_of(sim));
    ck_assert(hear(&answer));
    ck_assert_ptr_nonnull(strstr(answer.raw.data, "\"DELETED\""));
    ck_assert_ptr_nonnull(strstr(answer.raw.data, "\"color\":\"red\""));
    ck_assert_ptr_nonnull(strstr(answer.raw.data, version));
    must(sim, "PATCH", SECRETS "/s", MERGE, "{'metadata':{'labels':{'color':'red'}}}");
    ck_assert(hear(&answer));
    ck_assert_ptr_nonnull(strstr(answer.raw.data, "\"ADDED\""));
    forget(&answer);
    free(version);
    free(url);
    api_free(sim);
}
END_TEST

START_TEST(a_patch_without_effect_tells_nobody_and_labels_do_not_count_as_generation)
{
    struct sim *sim = api_new(36);
    struct answer watch;
    struct answer answer;
    make_set(sim, "");
    int64_t before = version_of(sim);
    char *url = watch_url(SETS, before);
    ask(sim, &watch, "GET", url, NULL, NULL);
    must(sim, "PATCH", SETS "/d", MERGE, "{'spec':{'revisionHistoryLimit':10}}");
    ck_assert_int_eq(version_of(sim), before);
    ck_assert(hear(&watch));
    ck_assert_uint_eq(watch.raw.length, 0);
    ask(sim, &answer, "PATCH", SETS "/d", MERGE, "{'metadata':{'labels':{'x':'y'}}}");
    ck_assert_int_eq(json_int(json_object(answer.body, "metadata"), "generation", 0), 1);
    forget(&answer);
    before = version_of(sim);
    ask(sim, &answer, "PATCH", SETS "/d?dryRun=All", STRATEGIC,
        "{'spec':{'template':{'spec':{'imagePullSecrets':[{'name':'p'}]}}}}");
    ck_assert_int_eq(json_int(json_object(answer.body, "metadata"), "generation", 0), 2);
    ck_assert_int_eq(strtoll(said(&answer, "metadata.resourceVersion"), NULL, 10), before);
    ck_assert_int_eq(version_of(sim), before);
    forget(&answer);
    forget(&watch);
    free(url);
    api_free(sim);
}
END_TEST

START_TEST(a_long_list_is_written_piece_by_piece_and_is_what_it_was_at_the_start)
{
    struct sim *sim = api_new(36);
    struct sim_request request;
    char value[8001];
    memset(value, 'x', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    for (int i = 0; i < 40; i++) {
        char *text = xasprintf("{'metadata':{'name':'m%d'},'data':{'k':'%s'}}", i, value);
        must(sim, "POST", "/api/v1/namespaces/rec/configmaps", NULL, text);
        free(text);
    }
    open_list(sim, &request, "/api/v1/namespaces/rec/configmaps");
    struct buffer text;
    buffer_init(&text, 1024 * 1024);
    ck_assert(sim_list_stream_read(request.list, &text));
    ck_assert_uint_lt(text.length, 80000);
    must(sim, "DELETE", "/api/v1/namespaces/rec/configmaps/m9", NULL, NULL);
    int pieces = 1;
    while (sim_list_stream_read(request.list, &text)) {
        pieces++;
    }
    ck_assert_int_ge(pieces, 4);
    cJSON *list = cJSON_Parse(text.data);
    ck_assert_int_eq(cJSON_GetArraySize(json_list(list, "items")), 40);
    cJSON_Delete(list);
    buffer_free(&text);
    sim_request_clear(&request);
    api_free(sim);
}
END_TEST

START_TEST(apply_leaves_what_others_own_even_by_force)
{
    struct sim *sim = api_new(36);
    struct answer answer;
    make_set(sim, ",'imagePullSecrets':[{'name':'old'}]");
    ask(sim, &answer, "PATCH", SETS "/d?fieldManager=second&force=true", APPLY,
        "{'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'d'},'spec':{'template':{"
        "'spec':{'imagePullSecrets':[{'name':'new'}]}}}}");
    ck_assert_int_eq(answer.code, 200);
    ck_assert_str_eq(said(&answer, "spec.template.spec.imagePullSecrets.0.name"), "old");
    ck_assert_str_eq(said(&answer, "spec.template.spec.imagePullSecrets.1.name"), "new");
    forget(&answer);
    api_free(sim);
}
END_TEST

START_TEST(apply_makes_a_deleted_object_anew_unless_it_names_a_uid)
{
    static const char body[] =
        "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'c'%s},'data':{'a':'b'}}";
    struct sim *sim = api_new(36);
    struct answer answer;
    char *text = xasprintf(body, ",'resourceVersion':'1'");
    char *with_uid = xasprintf(body, ",'uid':'00000000-0000-4000-8000-000000000001'");
    ask(sim, &answer, "PATCH", "/api/v1/namespaces/rec/configmaps/c?fieldManager=m", APPLY,
        with_uid);
    ck_assert_int_eq(answer.code, 409);
    forget(&answer);
    ask(sim, &answer, "PATCH", "/api/v1/namespaces/rec/configmaps/c?fieldManager=m", APPLY, text);
    ck_assert_int_eq(answer.code, 201);
    forget(&answer);
    free(text);
    free(with_uid);
    api_free(sim);
}
END_TEST

START_TEST(patch_delete_on_an_account_keeps_that_entry_and_drops_the_others)
{
    struct sim *sim = api_new(36);
    struct answer answer;
    must(sim, "PATCH", ACCOUNTS "/default", MERGE,
         "{'imagePullSecrets':[{'name':'one'},{'name':'two'},{'name':'three'}]}");
    ask(sim, &answer, "PATCH", ACCOUNTS "/default", STRATEGIC,
        "{'imagePullSecrets':[{'$patch':'delete','name':'three'}]}");
    ck_assert_int_eq(answer.code, 200);
    ck_assert_str_eq(said(&answer, "imagePullSecrets.0.name"), "three");
    ck_assert_str_eq(said(&answer, "imagePullSecrets.1.name"), "");
    forget(&answer);
    api_free(sim);
}
END_TEST

static int create_pull_secret(struct sim *sim, const char *base64)
{
    struct answer answer;
    char *text = xasprintf("{'metadata':{'name':'p'},'type':'kubernetes.io/dockerconfigjson',"
                           "'data':{'.dockerconfigjson':'%s'}}",
                           base64);
    ask(sim, &answer, "POST", SECRETS "?dryRun=All", NULL, text);
    int code = answer.code;
    forget(&answer);
    free(text);
    return code;
}

START_TEST(a_pull_secret_is_only_checked_to_be_an_object_or_null)
{
    struct sim *sim = api_new(36);
    ck_assert_int_eq(create_pull_secret(sim, "bnVsbA=="), 201);             /* null */
    ck_assert_int_eq(create_pull_secret(sim, "eyJhdXRocyI6IngifQ=="), 201); /* {"auths":"x"} */
    ck_assert_int_eq(create_pull_secret(sim, "W10="), 422);                 /* [] */
    ck_assert_int_eq(create_pull_secret(sim, "!!!"), 400);
    api_free(sim);
}
END_TEST

START_TEST(resource_names_allow_a_list_only_of_that_name)
{
    struct sim *sim = api_new(36);
    struct answer answer;
    must(sim, "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/rec/roles", NULL,
         "{'metadata':{'name':'r'},'rules':[{'verbs':['list'],'apiGroups':[''],'resources':["
         "'secrets'],'resourceNames':['x']}]}");
    must(sim, "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/rec/rolebindings", NULL,
         "{'metadata':{'name':'r'},'roleRef':{'kind':'Role','name':'r'},'subjects':[{'kind':'User',"
         "'name':'viewer'}]}");
    ask_as_viewer(sim, &answer, "GET", SECRETS, NULL, NULL);
    ck_assert_int_eq(answer.code, 403);
    forget(&answer);
    ask_as_viewer(sim, &answer, "GET", SECRETS "?fieldSelector=metadata.name%3Dx", NULL, NULL);
    ck_assert_int_eq(answer.code, 200);
    forget(&answer);
    api_free(sim);
}
END_TEST

/* The versions that ADDED frames tell, in their order; how many there were. */
static size_t added_versions(const char *frames, int64_t *out, size_t limit)
{
    static const char mark[] = "\"resourceVersion\":\"";
    size_t count = 0;
    for (const char *at = strstr(frames, mark); at != NULL && count < limit;
         at = strstr(at + 1, mark)) {
        out[count++] = strtoll(at + sizeof(mark) - 1, NULL, 10);
    }
    return count;
}

static void initial_frames_of(int minor)
{
    struct sim *sim = api_new(minor);
    struct answer answer;
    static const char *const names[] = {"f", "b", "e", "a", "d", "c"}; /* made in this order */
    int64_t versions[16];
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        make_secret(sim, names[i], "");
    }
    ask(sim, &answer, "GET", SECRETS "?watch=1", NULL, NULL);
    ck_assert(hear(&answer));
    size_t count = added_versions(answer.raw.data, versions, ARRAY_LENGTH(versions));
    ck_assert_uint_eq(count, ARRAY_LENGTH(names));
    bool rising = true;
    for (size_t i = 1; i < count; i++) {
        rising = rising && versions[i] > versions[i - 1];
    }
    ck_assert(!rising);
    /* Who goes on from the last one is told of others again, or misses them. */
    ck_assert_int_ne(versions[count - 1], version_of(sim));
    forget(&answer);
    api_free(sim);
}

START_TEST(initial_frames_are_not_in_the_order_of_their_versions)
{
    initial_frames_of(36);
    initial_frames_of(20);
}
END_TEST

/* What both watches tell until they end by their own time limit. */
static void hear_to_the_end(struct sim *sim, struct answer *one, struct answer *other,
                            struct buffer *first, struct buffer *second)
{
    bool one_goes_on = true;
    bool other_goes_on = true;
    for (int round = 0; round < 10000 && (one_goes_on || other_goes_on); round++) {
        loop_step(sim->loop, 50);
        one_goes_on = one_goes_on && hear(one);
        other_goes_on = other_goes_on && hear(other);
        buffer_append(first, one->raw.data, one->raw.length);
        buffer_append(second, other->raw.data, other->raw.length);
    }
    ck_assert(!one_goes_on && !other_goes_on);
}

START_TEST(events_get_no_bookmarks)
{
    struct sim *sim = api_new(36);
    struct answer secrets;
    struct answer events;
    struct buffer told;
    struct buffer told_of_events;
    buffer_init(&told, 65536);
    buffer_init(&told_of_events, 65536);
    char *rest = xasprintf("?watch=1&allowWatchBookmarks=true&timeoutSeconds=3&resourceVersion=%lld"
                           "&fieldSelector=metadata.name%%3Dnone",
                           (long long)version_of(sim));
    char *secrets_url = xasprintf(SECRETS "%s", rest);
    char *events_url = xasprintf(EVENTS "%s", rest);
    ask(sim, &secrets, "GET", secrets_url, NULL, NULL);
    ask(sim, &events, "GET", events_url, NULL, NULL);
    make_secret(sim, "s", "");
    make_event(sim, "e");
    hear_to_the_end(sim, &secrets, &events, &told, &told_of_events);
    ck_assert_ptr_nonnull(strstr(told.data, "\"BOOKMARK\""));
    ck_assert_uint_eq(told_of_events.length, 0);
    forget(&secrets);
    forget(&events);
    buffer_free(&told);
    buffer_free(&told_of_events);
    free(secrets_url);
    free(events_url);
    free(rest);
    api_free(sim);
}
END_TEST

START_TEST(a_restart_makes_older_watches_too_old_but_not_older_lists)
{
    struct sim *sim = api_new(36);
    struct answer answer;
    make_secret(sim, "s", "");
    int64_t old = version_of(sim);
    make_secret(sim, "t", "");
    must(sim, "POST", "/sim/faults", NULL, "{'kind':'restart'}");
    char *url = watch_url(SECRETS, old);
    ask(sim, &answer, "GET", url, NULL, NULL);
    ck_assert(hear(&answer));
    ck_assert_ptr_nonnull(strstr(answer.raw.data, "\"Expired\""));
    forget(&answer);
    free(url);
    url = xasprintf(SECRETS "?resourceVersion=%lld", (long long)old);
    ask(sim, &answer, "GET", url, NULL, NULL);
    ck_assert_int_eq(answer.code, 200);
    ck_assert_uint_eq(items(&answer), 2);
    forget(&answer);
    free(url);
    api_free(sim);
}
END_TEST

START_TEST(a_manifest_without_the_list_nulls_it_foreign_entries_included)
{
    struct sim *sim = api_new(36);
    struct answer answer;
    make_set(sim, ",'imagePullSecrets':[{'name':'applied'}]");
    must(sim, "PATCH", SETS "/d?fieldManager=second", APPLY,
         "{'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'d'},'spec':{'template':{"
         "'spec':{'imagePullSecrets':[{'name':'foreign'}]}}}}");
    /* What kubectl apply sends when the last applied manifest had the key and the new one has not.
     */
    ask(sim, &answer, "PATCH", SETS "/d?fieldManager=kubectl-client-side-apply", STRATEGIC,
        "{'spec':{'template':{'spec':{'imagePullSecrets':null}}}}");
    ck_assert_int_eq(answer.code, 200);
    ck_assert_ptr_null(json_at(answer.body, "spec", "template", "spec", "imagePullSecrets", NULL));
    forget(&answer);
    api_free(sim);
}
END_TEST

static const char apply_one[] =
    "{'apiVersion':'apps/"
    "v1','kind':'DaemonSet','metadata':{'name':'d'},'spec':{'template':{'spec':{"
    "'imagePullSecrets':[{'name':'one'}]}}}}";

START_TEST(a_name_twice_wipes_ownership_on_old_servers_and_ends_apply_there)
{
    static const char twice[] =
        "{'spec':{'template':{'spec':{'imagePullSecrets':[{'name':'x'},{'name':'x'}]}}}}";
    struct answer answer;
    struct sim *sim = api_new(20);
    make_set(sim, "");
    ask(sim, &answer, "PATCH", SETS "/d", MERGE, twice);
    ck_assert_int_eq(answer.code, 200);
    ck_assert_ptr_null(json_at(answer.body, "metadata", "managedFields", NULL));
    forget(&answer);
    ask(sim, &answer, "PATCH", SETS "/d?fieldManager=m", APPLY, apply_one);
    ck_assert_int_eq(answer.code, 500);
    forget(&answer);
    api_free(sim);
    sim = api_new(36);
    make_set(sim, "");
    ask(sim, &answer, "PATCH", SETS "/d", MERGE, twice);
    ck_assert_ptr_nonnull(json_at(answer.body, "metadata", "managedFields", NULL));
    ck_assert_ptr_nonnull(strstr(answer.request.warnings->child->valuestring, "duplicate name"));
    forget(&answer);
    ask(sim, &answer, "PATCH", SETS "/d?fieldManager=m", APPLY, apply_one);
    ck_assert_int_eq(answer.code, 200);
    forget(&answer);
    api_free(sim);
}
END_TEST

START_TEST(apply_of_a_new_object_needs_the_right_to_create)
{
    static const char map[] =
        "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'c'},'data':{'a':'b'}}";
    struct sim *sim = api_new(36);
    struct answer answer;
    must(sim, "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/rec/roles", NULL,
         "{'metadata':{'name':'r'},'rules':[{'verbs':['patch'],'apiGroups':[''],'resources':["
         "'configmaps']}]}");
    must(sim, "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/rec/rolebindings", NULL,
         "{'metadata':{'name':'r'},'roleRef':{'kind':'Role','name':'r'},'subjects':[{'kind':'User',"
         "'name':'viewer'}]}");
    ask_as_viewer(sim, &answer, "PATCH", "/api/v1/namespaces/rec/configmaps/c?fieldManager=m",
                  APPLY, map);
    ck_assert_int_eq(answer.code, 403);
    forget(&answer);
    must(sim, "POST", "/api/v1/namespaces/rec/configmaps", NULL, "{'metadata':{'name':'c'}}");
    ask_as_viewer(sim, &answer, "PATCH", "/api/v1/namespaces/rec/configmaps/c?fieldManager=m",
                  APPLY, map);
    ck_assert_int_eq(answer.code, 200);
    forget(&answer);
    api_free(sim);
}
END_TEST

START_TEST(refused_for_rights_comes_before_everything_else)
{
    struct sim *sim = api_new(36);
    struct answer answer;
    ask_as_viewer(sim, &answer, "PATCH", SETS "/none?dryRun=All", "text/plain", "nonsense");
    ck_assert_int_eq(answer.code, 403);
    forget(&answer);
    ask_as_viewer(sim, &answer, "GET", "/api/v1/namespaces/rec/nonsense", NULL, NULL);
    ck_assert_int_eq(answer.code, 403);
    forget(&answer);
    api_free(sim);
}
END_TEST

START_TEST(empty_results_have_the_shapes_of_real_ones)
{
    struct sim *sim = api_new(36);
    struct answer answer;
    ask(sim, &answer, "GET", "/api/v1/namespaces/none/pods", NULL, NULL);
    ck_assert_int_eq(answer.code, 200);
    ck_assert_ptr_nonnull(strstr(answer.raw.data, "\"items\":[]"));
    forget(&answer);
    make_pod(sim, "p");
    ask(sim, &answer, "GET", PODS, NULL, NULL);
    ck_assert_ptr_null(json_string(cJSON_GetArrayItem(json_list(answer.body, "items"), 0), "kind"));
    forget(&answer);
    ask_for(sim, &answer, "/api/v1/namespaces/none/pods", PARTIAL);
    ck_assert_ptr_nonnull(strstr(answer.raw.data, "\"items\":null"));
    forget(&answer);
    ask_for(sim, &answer, "/api/v1/namespaces/none/pods", TABLE);
    ck_assert_ptr_nonnull(strstr(answer.raw.data, "\"rows\":[]"));
    forget(&answer);
    ask(sim, &answer, "GET", "/apis/none.example.com/v1/things", NULL, NULL);
    ck_assert_int_eq(answer.code, 404);
    ck_assert_ptr_nonnull(strstr(answer.type, "text/plain"));
    forget(&answer);
    api_free(sim);
}
END_TEST

START_TEST(an_account_lends_its_pull_secrets_to_pods_without_their_own)
{
    struct sim *sim = api_new(36);
    struct answer answer;
    make_pod(sim, "before");
    must(sim, "PATCH", ACCOUNTS "/default", MERGE, "{'imagePullSecrets':[{'name':'lent'}]}");
    make_pod(sim, "after");
    ask(sim, &answer, "GET", PODS "/before", NULL, NULL);
    ck_assert_str_eq(said(&answer, "spec.imagePullSecrets.0.name"), "");
    forget(&answer);
    ask(sim, &answer, "GET", PODS "/after", NULL, NULL);
    ck_assert_str_eq(said(&answer, "spec.imagePullSecrets.0.name"), "lent");
    forget(&answer);
    ask(sim, &answer, "PATCH", PODS "/after", MERGE, "{'spec':{'imagePullSecrets':null}}");
    ck_assert_int_eq(answer.code, 422);
    forget(&answer);
    api_free(sim);
}
END_TEST

START_TEST(events_written_by_the_new_api_have_no_count_in_the_old_one)
{
    struct sim *sim = api_new(36);
    struct answer answer;
    must(sim, "POST", "/apis/events.k8s.io/v1/namespaces/rec/events", NULL,
         "{'metadata':{'name':'e'},'eventTime':'2026-01-01T00:00:00.000000Z','reason':'Scheduled',"
         "'action':'Binding','type':'Normal','reportingController':'default-scheduler',"
         "'reportingInstance':'s-1','regarding':{'kind':'Pod','namespace':'rec','name':'p'}}");
    ask(sim, &answer, "GET", EVENTS "/e", NULL, NULL);
    ck_assert_ptr_null(json_member(answer.body, "count"));
    ck_assert(cJSON_IsNull(json_member(answer.body, "firstTimestamp")));
    ck_assert_str_eq(said(&answer, "reportingComponent"), "default-scheduler");
    ck_assert_str_eq(said(&answer, "involvedObject.name"), "p");
    forget(&answer);
    api_free(sim);
}
END_TEST

START_TEST(a_fault_hits_as_often_as_it_was_asked_to)
{
    struct sim *sim = api_new(36);
    struct sim_fault fault;
    must(sim, "POST", "/sim/faults", NULL,
         "{'kind':'status','code':429,'retryAfter':1,'path':'/pods','count':2}");
    sim_faults_draw(sim->faults, "GET", "/api/v1/secrets", &fault);
    ck_assert_int_eq(fault.status_code, 0);
    for (int i = 0; i < 3; i++) {
        sim_faults_draw(sim->faults, "GET", "/api/v1/pods", &fault);
        ck_assert_int_eq(fault.status_code, i < 2 ? 429 : 0);
    }
    struct answer answer;
    ask(sim, &answer, "POST", "/sim/faults", NULL, "{'kind':'nonsense'}");
    ck_assert_int_eq(answer.code, 400);
    forget(&answer);
    ask_as_viewer(sim, &answer, "POST", "/sim/faults", NULL, "{'kind':'html'}");
    ck_assert_int_eq(answer.code, 403);
    forget(&answer);
    api_free(sim);
}
END_TEST

Suite *suite_traps(void);
Suite *suite_traps(void)
{
    const TTest *const tests[] = {
        a_watch_from_a_forgotten_version_is_200_and_one_error_frame,
        a_restart_makes_older_watches_too_old_but_not_older_lists,
        a_list_at_version_0_ignores_the_limit_but_for_events,
        an_expired_page_is_410_with_a_token_on_old_servers_and_served_by_new_ones,
        initial_events_end_with_a_mark_on_new_servers_and_never_on_old_ones,
        leaving_a_selector_is_deleted_with_the_old_body_and_the_new_version,
        events_get_no_bookmarks,
        initial_frames_are_not_in_the_order_of_their_versions,
        a_patch_without_effect_tells_nobody_and_labels_do_not_count_as_generation,
        a_long_list_is_written_piece_by_piece_and_is_what_it_was_at_the_start,
        apply_leaves_what_others_own_even_by_force,
        apply_makes_a_deleted_object_anew_unless_it_names_a_uid,
        patch_delete_on_an_account_keeps_that_entry_and_drops_the_others,
        a_manifest_without_the_list_nulls_it_foreign_entries_included,
        a_name_twice_wipes_ownership_on_old_servers_and_ends_apply_there,
        a_pull_secret_is_only_checked_to_be_an_object_or_null,
        resource_names_allow_a_list_only_of_that_name,
        apply_of_a_new_object_needs_the_right_to_create,
        refused_for_rights_comes_before_everything_else,
        empty_results_have_the_shapes_of_real_ones,
        an_account_lends_its_pull_secrets_to_pods_without_their_own,
        events_written_by_the_new_api_have_no_count_in_the_old_one,
        a_fault_hits_as_often_as_it_was_asked_to,
        NULL,
    };
    return suite_of("traps", tests);
}
