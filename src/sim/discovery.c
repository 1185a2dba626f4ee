#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "doc/json.h"
#include "request.h"

static void add_words(cJSON *object, const char *name, const char *words)
{
    if (words[0] == '\0') {
        return;
    }
    cJSON *list = cJSON_AddArrayToObject(object, name);
    for (const char *at = words; *at != '\0';) {
        char word[64];
        size_t length = strcspn(at, " ");
        snprintf(word, sizeof(word), "%.*s", (int)length, at);
        cJSON_AddItemToArray(list, cJSON_CreateString(word));
        at += length + (at[length] == ' ' ? 1 : 0);
    }
}

static cJSON *verbs(unsigned bits)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {
        {SIM_CREATE, "create"}, {SIM_DELETE, "delete"}, {SIM_DELETE_COLLECTION, "deletecollection"},
        {SIM_GET, "get"},       {SIM_LIST, "list"},     {SIM_PATCH, "patch"},
        {SIM_UPDATE, "update"}, {SIM_WATCH, "watch"}};
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if ((bits & names[i].bit) != 0) {
            cJSON_AddItemToArray(list, cJSON_CreateString(names[i].name));
        }
    }
    return list;
}

/* Subresources speak kinds of their own groups. */
struct sub {
    const char *name;
    const char *group;
    const char *version;
    const char *kind; /* "": the parent's */
    unsigned verbs;
};

static const struct sub subs[] = {
    {"status", "", "", "", SIM_GET | SIM_PATCH | SIM_UPDATE},
    {"scale", "autoscaling", "v1", "Scale", SIM_GET | SIM_PATCH | SIM_UPDATE},
    {"eviction", "policy", "v1", "Eviction", SIM_CREATE},
    {"token", "authentication.k8s.io", "v1", "TokenRequest", SIM_CREATE},
    {"log", "", "", "", SIM_GET},
};

/* The resources of a group in order of their names; i counts from 0, NULL behind the last. */
static const struct sim_resource *nth_of_group(const char *group, size_t i)
{
    const struct sim_resource *last = NULL;
    for (size_t rounds = 0; rounds <= i; rounds++) {
        const struct sim_resource *next = NULL;
        for (size_t j = 0; j < sim_resource_count(); j++) {
            const struct sim_resource *one = sim_resource_at(j);
            if (strcmp(one->group, group) == 0 &&
                (last == NULL || strcmp(one->plural, last->plural) > 0) &&
                (next == NULL || strcmp(one->plural, next->plural) < 0)) {
                next = one;
            }
        }
        if (next == NULL) {
            return NULL;
        }
        last = next;
    }
    return last;
}

static bool is_served(const struct sim_request *request, const struct sim_resource *resource)
{
    return request->sim->minor >= 28 || strcmp(resource->plural, "selfsubjectreviews") != 0;
}

/* --- /api, /apis
 * ---------------------------------------------------------------------------------------- */

static bool is_first_of_group(size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(sim_resource_at(i)->group, sim_resource_at(index)->group) == 0) {
            return false;
        }
    }
    return true;
}

static cJSON *group_object(const struct sim_resource *resource, bool alone)
{
    char full[64];
    sim_resource_api_version(resource, full);
    cJSON *group = cJSON_CreateObject();
    if (alone) {
        cJSON_AddStringToObject(group, "kind", "APIGroup");
        cJSON_AddStringToObject(group, "apiVersion", "v1");
    }
    cJSON_AddStringToObject(group, "name", resource->group);
    cJSON *version = cJSON_CreateObject();
    cJSON_AddStringToObject(version, "groupVersion", full);
    cJSON_AddStringToObject(version, "version", resource->version);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(group, "versions"), version);
    cJSON_AddItemToObject(group, "preferredVersion", cJSON_Duplicate(version, true));
    return group;
}

static cJSON *core_versions(struct sim_request *request)
{
    char address[64];
    const char *host = sim_request_header(request, "host");
    snprintf(address, sizeof(address), "%s", host != NULL ? host : "127.0.0.1");
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddStringToObject(answer, "kind", "APIVersions");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(answer, "versions"), cJSON_CreateString("v1"));
    cJSON *one = cJSON_CreateObject();
    cJSON_AddStringToObject(one, "clientCIDR", "0.0.0.0/0");
    cJSON_AddStringToObject(one, "serverAddress", address);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(answer, "serverAddressByClientCIDRs"), one);
    return answer;
}

static cJSON *all_groups(void)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddStringToObject(answer, "kind", "APIGroupList");
    cJSON_AddStringToObject(answer, "apiVersion", "v1");
    cJSON *groups = cJSON_AddArrayToObject(answer, "groups");
    for (size_t i = 0; i < sim_resource_count(); i++) {
        if (sim_resource_at(i)->group[0] != '\0' && is_first_of_group(i)) {
            cJSON_AddItemToArray(groups, group_object(sim_resource_at(i), false));
        }
    }
    return answer;
}

/* --- One group's resources
 * ------------------------------------------------------------------------------ */

static void add_subresources(cJSON *list, const struct sim_resource *resource)
{
    for (size_t i = 0; i < ARRAY_LENGTH(subs); i++) {
        if (!sim_word_in(resource->subresources, subs[i].name)) {
            continue;
        }
        char name[128];
        snprintf(name, sizeof(name), "%s/%s", resource->plural, subs[i].name);
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "name", name);
        cJSON_AddStringToObject(one, "singularName", "");
        cJSON_AddBoolToObject(one, "namespaced", resource->namespaced);
        if (subs[i].group[0] != '\0') {
            cJSON_AddStringToObject(one, "group", subs[i].group);
            cJSON_AddStringToObject(one, "version", subs[i].version);
        }
        cJSON_AddStringToObject(one, "kind",
                                subs[i].kind[0] != '\0' ? subs[i].kind : resource->kind);
        cJSON_AddItemToObject(one, "verbs", verbs(subs[i].verbs));
        cJSON_AddItemToArray(list, one);
    }
}

static void add_resource(cJSON *list, const struct sim_resource *resource, bool old)
{
    cJSON *one = cJSON_CreateObject();
    cJSON_AddStringToObject(one, "name", resource->plural);
    cJSON_AddStringToObject(one, "singularName", old ? "" : resource->singular);
    cJSON_AddBoolToObject(one, "namespaced", resource->namespaced);
    cJSON_AddStringToObject(one, "kind", resource->kind);
    cJSON_AddItemToObject(one, "verbs", verbs(resource->verbs));
    add_words(one, "shortNames", resource->short_names);
    add_words(one, "categories", resource->categories);
    if (resource->storage_hash[0] != '\0') {
        cJSON_AddStringToObject(one, "storageVersionHash", resource->storage_hash);
    }
    cJSON_AddItemToArray(list, one);
    add_subresources(list, resource);
}

static cJSON *group_resources(const struct sim_request *request, const char *group,
                              const char *version)
{
    char full[200];
    snprintf(full, sizeof(full), "%s%s%s", group, group[0] != '\0' ? "/" : "", version);
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddStringToObject(answer, "kind", "APIResourceList");
    if (group[0] != '\0') {
        cJSON_AddStringToObject(answer, "apiVersion", "v1");
    }
    cJSON_AddStringToObject(answer, "groupVersion", full);
    cJSON *list = cJSON_AddArrayToObject(answer, "resources");
    const struct sim_resource *resource;
    for (size_t i = 0; (resource = nth_of_group(group, i)) != NULL; i++) {
        if (strcmp(resource->version, version) == 0 && is_served(request, resource)) {
            add_resource(list, resource, request->sim->minor < 27);
        }
    }
    if (list->child == NULL) {
        cJSON_Delete(answer);
        return NULL;
    }
    return answer;
}

/* --- Aggregated
 * ------------------------------------------------------------------------------------------ */

static cJSON *response_kind(const char *group, const char *version, const char *kind)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "group", group);
    cJSON_AddStringToObject(object, "version", version);
    cJSON_AddStringToObject(object, "kind", kind);
    return object;
}

static cJSON *aggregated_resource(const struct sim_resource *resource)
{
    cJSON *one = cJSON_CreateObject();
    cJSON_AddStringToObject(one, "resource", resource->plural);
    cJSON_AddItemToObject(one, "responseKind", response_kind("", "", resource->kind));
    cJSON_AddStringToObject(one, "scope", resource->namespaced ? "Namespaced" : "Cluster");
    cJSON_AddStringToObject(one, "singularResource", resource->singular);
    cJSON_AddItemToObject(one, "verbs", verbs(resource->verbs));
    add_words(one, "shortNames", resource->short_names);
    add_words(one, "categories", resource->categories);
    cJSON *list = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(subs); i++) {
        if (!sim_word_in(resource->subresources, subs[i].name)) {
            continue;
        }
        list = list != NULL ? list : cJSON_AddArrayToObject(one, "subresources");
        cJSON *sub = cJSON_CreateObject();
        cJSON_AddStringToObject(sub, "subresource", subs[i].name);
        cJSON_AddItemToObject(
            sub, "responseKind",
            response_kind(subs[i].group, subs[i].version,
                          subs[i].kind[0] != '\0' ? subs[i].kind : resource->kind));
        cJSON_AddItemToObject(sub, "verbs", verbs(subs[i].verbs));
        cJSON_AddItemToArray(list, sub);
    }
    return one;
}

static cJSON *aggregated_group(const struct sim_request *request, const char *group)
{
    cJSON *item = cJSON_CreateObject();
    cJSON *metadata = cJSON_AddObjectToObject(item, "metadata");
    if (group[0] != '\0') {
        cJSON_AddStringToObject(metadata, "name", group);
    }
    cJSON *version = cJSON_CreateObject();
    cJSON_AddStringToObject(version, "version", "v1");
    cJSON *list = cJSON_AddArrayToObject(version, "resources");
    const struct sim_resource *resource;
    for (size_t i = 0; (resource = nth_of_group(group, i)) != NULL; i++) {
        if (is_served(request, resource)) {
            cJSON_AddItemToArray(list, aggregated_resource(resource));
        }
    }
    cJSON_AddStringToObject(version, "freshness", "Current");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(item, "versions"), version);
    return item;
}

static cJSON *aggregated(const struct sim_request *request, bool core)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddStringToObject(answer, "kind", "APIGroupDiscoveryList");
    cJSON_AddStringToObject(answer, "apiVersion", "apidiscovery.k8s.io/v2");
    cJSON_AddObjectToObject(answer, "metadata");
    cJSON *items = cJSON_AddArrayToObject(answer, "items");
    for (size_t i = 0; i < sim_resource_count(); i++) {
        const char *group = sim_resource_at(i)->group;
        if ((group[0] == '\0') == core && is_first_of_group(i)) {
            cJSON_AddItemToArray(items, aggregated_group(request, group));
        }
    }
    return answer;
}

/* --- Version and health
 * ----------------------------------------------------------------------------------- */

static cJSON *version_info(const struct sim_request *request)
{
    int minor = request->sim->minor;
    char text[32];
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddStringToObject(answer, "major", "1");
    snprintf(text, sizeof(text), "%d", minor);
    cJSON_AddStringToObject(answer, "minor", text);
    if (minor >= 33) {
        cJSON_AddStringToObject(answer, "emulationMajor", "1");
        cJSON_AddStringToObject(answer, "emulationMinor", text);
        cJSON_AddStringToObject(answer, "minCompatibilityMajor", "1");
        snprintf(text, sizeof(text), "%d", minor - 1);
        cJSON_AddStringToObject(answer, "minCompatibilityMinor", text);
    }
    snprintf(text, sizeof(text), "v1.%d.0", minor);
    cJSON_AddStringToObject(answer, "gitVersion", text);
    cJSON_AddStringToObject(answer, "gitCommit", "0000000000000000000000000000000000000000");
    cJSON_AddStringToObject(answer, "gitTreeState", "clean");
    cJSON_AddStringToObject(answer, "buildDate", "2026-01-01T00:00:00Z");
    cJSON_AddStringToObject(answer, "goVersion", minor >= 30 ? "go1.26" : "go1.15.5");
    cJSON_AddStringToObject(answer, "compiler", "gc");
    cJSON_AddStringToObject(answer, "platform", "linux/amd64");
    return answer;
}

static bool health(struct sim_request *request)
{
    static const char *const probes[] = {"healthz", "livez", "readyz"};
    static const char *const checks[] = {
        "ping", "log", "etcd", "informer-sync", "autoregister-completion", "shutdown"};
    for (size_t i = 0; i < ARRAY_LENGTH(probes); i++) {
        size_t length = strlen(probes[i]);
        const char *rest = request->path + 1 + length;
        if (strncmp(request->path + 1, probes[i], length) != 0 ||
            (rest[0] != '\0' && rest[0] != '/')) {
            continue;
        }
        struct buffer text;
        buffer_init(&text, 1024);
        if (sim_request_query(request, "verbose") != NULL && rest[0] == '\0') {
            for (size_t j = 0; j < ARRAY_LENGTH(checks); j++) {
                if (strcmp(checks[j], "etcd") == 0 && request->sim->minor >= 30) {
                    continue;
                }
                if (i == 2 || (strcmp(checks[j], "shutdown") != 0 &&
                               strcmp(checks[j], "informer-sync") != 0)) {
                    buffer_printf(&text, "[+]%s ok\n", checks[j]);
                }
            }
            buffer_printf(&text, "%s check passed\n", probes[i]);
        } else {
            buffer_append_string(&text, "ok");
        }
        sim_answer_text(request, 200, "text/plain; charset=utf-8", text.data);
        buffer_free(&text);
        return true;
    }
    return false;
}

static bool not_found(struct sim_request *request, const char *group)
{
    struct sim_status status = SIM_STATUS_INIT;
    for (size_t i = 0; i < sim_resource_count(); i++) {
        if (strcmp(sim_resource_at(i)->group, group) == 0) {
            sim_status_set(&status, 404, "NotFound",
                           "the server could not find the requested resource");
            status.details = cJSON_CreateObject();
            sim_answer_status(request, &status);
            return true;
        }
    }
    return false;
}

/* /apis/GROUP and /apis/GROUP/VERSION, /api/v1 */
static bool below(struct sim_request *request, const char *rest, bool core)
{
    char group[128] = "";
    char version[64] = "";
    if (core) {
        snprintf(version, sizeof(version), "%.*s", (int)strcspn(rest, "/"), rest);
    } else {
        size_t length = strcspn(rest, "/");
        snprintf(group, sizeof(group), "%.*s", (int)length, rest);
        rest += length + (rest[length] == '/' ? 1 : 0);
        snprintf(version, sizeof(version), "%.*s", (int)strcspn(rest, "/"), rest);
    }
    if (version[0] == '\0') {
        for (size_t i = 0; i < sim_resource_count(); i++) {
            if (strcmp(sim_resource_at(i)->group, group) == 0) {
                sim_answer_json(request, 200, group_object(sim_resource_at(i), true));
                return true;
            }
        }
        return false;
    }
    cJSON *answer = group_resources(request, group, version);
    if (answer == NULL) {
        return not_found(request, group);
    }
    sim_answer_json(request, 200, answer);
    return true;
}

bool sim_discovery(struct sim_request *request)
{
    const char *path = request->path;
    bool whole = request->format.shape == SIM_SHAPE_DISCOVERY;
    if (request->target.is_resource || strcmp(request->method, "GET") != 0) {
        return false;
    }
    if (strcmp(path, "/version") == 0 || strcmp(path, "/version/") == 0) {
        request->format.shape = SIM_SHAPE_OBJECT;
        sim_answer_json(request, 200, version_info(request));
        return true;
    }
    if (path[0] == '/' && health(request)) {
        return true;
    }
    if (strcmp(path, "/api") == 0 || strcmp(path, "/api/") == 0) {
        sim_answer_json(request, 200, whole ? aggregated(request, true) : core_versions(request));
        return true;
    }
    if (strcmp(path, "/apis") == 0 || strcmp(path, "/apis/") == 0) {
        sim_answer_json(request, 200, whole ? aggregated(request, false) : all_groups());
        return true;
    }
    request->format.shape = SIM_SHAPE_OBJECT;
    if (text_starts_with(path, "/apis/")) {
        return below(request, path + strlen("/apis/"), false);
    }
    return text_starts_with(path, "/api/") && below(request, path + strlen("/api/"), true);
}
