#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "doc/json.h"
#include "session_parts.h"

#define CENSUS_TICK_MS 50

static void read_next(struct change_session *session);
static void discover_next(struct change_session *session);

/* --- Manifests: lists are taken apart, kinds are found -----------------------------------------
 */

static void add_manifest(struct change_intent *intent, size_t *capacity, cJSON *manifest)
{
    intent->manifests =
        xgrow(intent->manifests, intent->manifest_count, capacity, sizeof(*intent->manifests));
    intent->manifests[intent->manifest_count++] = manifest;
}

/* A List stands for its items, as deep as it goes. */
static void flatten(struct change_intent *intent, size_t *capacity, cJSON *manifest)
{
    cJSON *items = json_list(manifest, "items");
    if (items == NULL || !text_ends_with(json_string_or(manifest, "kind", ""), "List")) {
        add_manifest(intent, capacity, manifest);
        return;
    }
    while (items->child != NULL) {
        flatten(intent, capacity, cJSON_DetachItemFromArray(items, 0));
    }
    cJSON_Delete(manifest);
}

static void flatten_all(struct change_intent *intent)
{
    cJSON **manifests = intent->manifests;
    size_t count = intent->manifest_count;
    size_t capacity = 0;
    intent->manifests = NULL;
    intent->manifest_count = 0;
    for (size_t i = 0; i < count; i++) {
        flatten(intent, &capacity, manifests[i]);
    }
    free(manifests);
    free(intent->manifest_resources);
    intent->manifest_resources =
        xcalloc(intent->manifest_count + 1, sizeof(*intent->manifest_resources));
}

static const struct kube_resource *known_resource(const char *api_version, const char *kind)
{
    const struct kube_resource *resource = kube_resource_by_kind(kind);
    if (resource == NULL) {
        return NULL;
    }
    struct buffer text;
    buffer_init(&text, 1000);
    kube_resource_append_api_version(&text, resource);
    bool same = strcmp(text.data, api_version) == 0;
    buffer_free(&text);
    return same ? resource : NULL;
}

static void on_discovered(void *context, const struct kube_resource *resource,
                          const struct error *err)
{
    struct change_session *session = context;
    struct change_intent *intent = session->intent;
    session->call = NULL;
    if (resource == NULL) {
        struct error why = ERROR_INIT;
        const cJSON *manifest = intent->manifests[session->at];
        if (err != NULL) {
            why = *err;
        } else {
            error_set(&why, ERROR_INVALID, "the server does not know it");
        }
        error_wrap(&why, "kind %s of %s", json_string_or(manifest, "kind", "?"),
                   json_string_or(manifest, "apiVersion", "?"));
        session_fail(session, &why);
        return;
    }
    intent->manifest_resources[session->at++] = resource;
    discover_next(session);
}

static void start_targets(struct change_session *session);

static void discover_next(struct change_session *session)
{
    struct change_intent *intent = session->intent;
    for (; session->at < intent->manifest_count; session->at++) {
        const cJSON *manifest = intent->manifests[session->at];
        const char *api_version = json_string_or(manifest, "apiVersion", "");
        const char *kind = json_string_or(manifest, "kind", "");
        if (api_version[0] == '\0' || kind[0] == '\0') {
            continue; /* the plan says what is wrong */
        }
        intent->manifest_resources[session->at] = known_resource(api_version, kind);
        if (intent->manifest_resources[session->at] == NULL) {
            session->call =
                kube_discover(session->client, api_version, kind, on_discovered, session);
            return;
        }
    }
    start_targets(session);
}

/* --- PodDisruptionBudgets: only for what the plan says of them ----------------------------------
 */

static void budgets_next(struct change_session *session);

static bool on_budget(void *context, const cJSON *item)
{
    struct change_session *session = context;
    change_plan_add_budget(&session->plan, item);
    return true;
}

static void on_budgets(void *context, const struct error *err, int status,
                       const char *resource_version)
{
    struct change_session *session = context;
    (void)err; /* who may not read them is not told of them */
    (void)status;
    (void)resource_version;
    session->call = NULL;
    session->at++;
    budgets_next(session);
}

/* Asks once for each namespace in which pods restart. */
static void budgets_next(struct change_session *session)
{
    const struct change_plan *plan = &session->plan;
    for (; session->at < plan->count; session->at++) {
        const struct change_object *object = &plan->objects[session->at];
        bool asked = object->restarts == 0 || object->ns == NULL;
        for (size_t i = 0; i < session->at && !asked; i++) {
            const struct change_object *other = &plan->objects[i];
            asked = other->restarts > 0 && other->ns != NULL && strcmp(other->ns, object->ns) == 0;
        }
        if (!asked) {
            struct kube_query query = {.resource = &kube_pod_disruption_budgets, .ns = object->ns};
            session->call = kube_list(session->client, &query, on_budget, on_budgets, session);
            return;
        }
    }
    session_preview_start(session);
}

/* --- Live objects ------------------------------------------------------------------------------
 */

static void make_plan(struct change_session *session)
{
    struct error err = ERROR_INIT;
    struct csi_census *census = csi_follow_census(session->follow);
    csi_census_settle(census, clock_wall_ms());
    change_plan_free(&session->plan);
    bool good = session->purpose == SESSION_INTENT
                    ? change_plan_make(session->intent, census, session->targets, session->live,
                                       session->target_count, &session->plan, &err)
                    : change_journal_plan(session->source, session->live,
                                          session->purpose == SESSION_RESUME, &session->plan, &err);
    if (!good) {
        session_fail(session, &err);
        return;
    }
    session->planned = true;
    session_verify_observe(session);
    session->at = 0;
    budgets_next(session);
}

static void on_live(void *context, struct kube_response *response)
{
    struct change_session *session = context;
    const struct change_target *target = &session->targets[session->at];
    session->call = NULL;
    json_delete_secret(session->live[session->at]);
    session->live[session->at] = NULL;
    if (response->err == NULL) {
        session->live[session->at] = kube_response_take(response);
    } else if (response->err->kind != ERROR_NOT_FOUND &&
               !(response->err->kind == ERROR_FORBIDDEN && target->resource == &kube_secrets)) {
        /* Who may make Secrets need not be allowed to read them: the server tells if one exists. */
        struct error why = *response->err;
        error_wrap(&why, "reading %s %s", target->resource->kind, target->name);
        session_fail(session, &why);
        return;
    }
    cJSON *live = session->live[session->at];
    if (live != NULL && json_string(live, "kind") == NULL) {
        json_set_string(live, "kind", target->resource->kind);
    }
    session->at++;
    read_next(session);
}

static void read_next(struct change_session *session)
{
    if (session->at >= session->target_count) {
        make_plan(session);
        return;
    }
    const struct change_target *target = &session->targets[session->at];
    session->call =
        kube_get(session->client, target->resource, target->ns, target->name, on_live, session);
}

static void start_targets(struct change_session *session)
{
    struct error err = ERROR_INIT;
    if (session->targets == NULL) {
        if (session->purpose != SESSION_INTENT) {
            change_journal_targets(session->source, &session->targets, &session->target_count);
        } else if (!change_plan_targets(session->intent, csi_follow_census(session->follow),
                                        &session->targets, &session->target_count, &err)) {
            session_fail(session, &err);
            return;
        }
        session->live = xcalloc(session->target_count + 1, sizeof(cJSON *));
    }
    session->at = 0;
    read_next(session);
}

/* --- The start ---------------------------------------------------------------------------------
 */

static void await_census(void *context)
{
    struct change_session *session = context;
    session->timer = NULL;
    if (!csi_follow_state(session->follow)->complete) {
        session_later(session, CENSUS_TICK_MS, await_census);
        return;
    }
    session->at = 0;
    csi_census_settle(csi_follow_census(session->follow), clock_wall_ms());
    if (session->intent->manifest_count > 0 && session->intent->manifest_resources == NULL) {
        flatten_all(session->intent);
    }
    discover_next(session);
}

void session_read_start(struct change_session *session)
{
    session->phase = CHANGE_READING;
    session_later(session, 0, await_census);
}
