#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "doc/json.h"
#include "kinds.h"
#include "sim/life.h"

/* ResourceQuotas of object counts: "secrets", "count/secrets", "count/deployments.apps"
 * (pkg/quota/v1/generic). Amounts of CPU and memory are not counted. */

static const struct sim_resource *quotas(void)
{
    return sim_resource_find("", "v1", "resourcequotas");
}

/* The kind that a name of spec.hard counts; NULL if it counts none. */
static const struct sim_resource *counted(const char *name)
{
    static const char short_names[] = "configmaps persistentvolumeclaims pods resourcequotas "
                                      "secrets services";
    if (sim_word_in(short_names, name)) {
        return sim_resource_find("", "v1", name);
    }
    if (!text_starts_with(name, "count/")) {
        return NULL;
    }
    const char *plural = name + strlen("count/");
    const char *dot = strchr(plural, '.');
    const char *group = dot == NULL ? "" : dot + 1;
    for (size_t i = 0; i < sim_resource_count(); i++) {
        const struct sim_resource *resource = sim_resource_at(i);
        size_t length = strlen(resource->plural);
        if (resource->namespaced && strcmp(resource->group, group) == 0 &&
            strncmp(resource->plural, plural, length) == 0 &&
            (plural[length] == '\0' || plural + length == dot)) {
            return resource;
        }
    }
    return NULL;
}

static size_t used(struct sim *sim, const struct sim_resource *resource, const char *ns)
{
    size_t count = 0;
    sim_store_list(sim->store, resource, ns, &count);
    return count;
}

static bool fits(struct sim *sim, const struct sim_object *quota,
                 const struct sim_resource *resource, const cJSON *body, struct sim_status *status)
{
    const cJSON *limit;
    cJSON_ArrayForEach(limit, json_at(quota->body, "spec", "hard", NULL))
    {
        if (!cJSON_IsString(limit) || counted(limit->string) != resource) {
            continue;
        }
        size_t present = used(sim, resource, quota->ns);
        if ((long long)present + 1 > strtoll(limit->valuestring, NULL, 10)) {
            return sim_status_forbidden(
                status, resource, body,
                "exceeded quota: %s, requested: %s=1, used: %s=%zu, limited: %s=%s", quota->name,
                limit->string, limit->string, present, limit->string, limit->valuestring);
        }
    }
    return true;
}

bool sim_quota_admits(struct sim *sim, const struct sim_resource *resource, const cJSON *body,
                      struct sim_status *status)
{
    size_t count = 0;
    struct sim_object *const *found =
        sim_store_list(sim->store, quotas(),
                       json_string_or(json_member(body, "metadata"), "namespace", ""), &count);
    for (size_t i = 0; i < count; i++) {
        if (!fits(sim, found[i], resource, body, status)) {
            return false;
        }
    }
    return true;
}

static void recount(struct sim *sim, struct sim_object *quota)
{
    const cJSON *hard = json_at(quota->body, "spec", "hard", NULL);
    cJSON *status = cJSON_CreateObject();
    if (hard != NULL) {
        cJSON_AddItemToObject(status, "hard", cJSON_Duplicate(hard, true));
    }
    cJSON *counts = cJSON_AddObjectToObject(status, "used");
    const cJSON *limit;
    cJSON_ArrayForEach(limit, hard)
    {
        const struct sim_resource *resource = counted(limit->string);
        if (resource != NULL) {
            char text[24];
            snprintf(text, sizeof(text), "%zu", used(sim, resource, quota->ns));
            cJSON_AddStringToObject(counts, limit->string, text);
        }
    }
    sim_life_set_status(sim, &quota, status, "kube-controller-manager");
    sim_object_release(quota);
}

void sim_quota_changed(struct sim *sim, const struct sim_object *object)
{
    size_t count = 0;
    if (object->ns[0] == '\0') {
        return;
    }
    struct sim_object *const *found = sim_store_list(sim->store, quotas(), object->ns, &count);
    struct sim_object **kept = xcalloc(count + 1, sizeof(struct sim_object *));
    for (size_t i = 0; i < count; i++) {
        kept[i] = sim_object_retain(found[i]);
    }
    for (size_t i = 0; i < count; i++) {
        recount(sim, kept[i]);
    }
    free(kept);
}
