#include "openapi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

static char *prefix_of(const struct sim_resource *resource)
{
    return resource->group[0] == '\0' ? xasprintf("api/%s", resource->version)
                                      : xasprintf("apis/%s/%s", resource->group, resource->version);
}

static cJSON *index_of_groups(void)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON *paths = cJSON_AddObjectToObject(answer, "paths");
    for (size_t i = 0; i < sim_resource_count(); i++) {
        char *prefix = prefix_of(sim_resource_at(i));
        if (cJSON_GetObjectItemCaseSensitive(paths, prefix) == NULL) {
            char *url = xasprintf("/openapi/v3/%s?hash=0", prefix);
            cJSON_AddStringToObject(cJSON_AddObjectToObject(paths, prefix), "serverRelativeURL",
                                    url);
            free(url);
        }
        free(prefix);
    }
    return answer;
}

static void add_parameter(cJSON *list, const char *name, const char *in, const char *type)
{
    cJSON *one = cJSON_CreateObject();
    cJSON_AddStringToObject(one, "name", name);
    cJSON_AddStringToObject(one, "in", in);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(one, "schema"), "type", type);
    cJSON_AddItemToArray(list, one);
}

static void add_path(cJSON *paths, const struct sim_resource *resource)
{
    char *prefix = prefix_of(resource);
    char *path = xasprintf("/%s/%s%s/{name}", prefix,
                           resource->namespaced ? "namespaces/{namespace}/" : "", resource->plural);
    cJSON *patch = cJSON_AddObjectToObject(cJSON_AddObjectToObject(paths, path), "patch");
    cJSON *parameters = cJSON_AddArrayToObject(patch, "parameters");
    add_parameter(parameters, "dryRun", "query", "string");
    add_parameter(parameters, "fieldManager", "query", "string");
    add_parameter(parameters, "fieldValidation", "query", "string");
    add_parameter(parameters, "force", "query", "boolean");
    cJSON *answers = cJSON_AddObjectToObject(patch, "responses");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(answers, "200"), "description", "OK");
    cJSON *kind = cJSON_AddObjectToObject(patch, "x-kubernetes-group-version-kind");
    cJSON_AddStringToObject(kind, "group", resource->group);
    cJSON_AddStringToObject(kind, "version", resource->version);
    cJSON_AddStringToObject(kind, "kind", resource->kind);
    free(path);
    free(prefix);
}

static cJSON *group_document(const char *wanted)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddStringToObject(answer, "openapi", "3.0.0");
    cJSON *info = cJSON_AddObjectToObject(answer, "info");
    cJSON_AddStringToObject(info, "title", "Kubernetes");
    cJSON_AddStringToObject(info, "version", "simulated");
    cJSON *paths = cJSON_AddObjectToObject(answer, "paths");
    for (size_t i = 0; i < sim_resource_count(); i++) {
        const struct sim_resource *resource = sim_resource_at(i);
        char *prefix = prefix_of(resource);
        if (strcmp(prefix, wanted) == 0 && (resource->verbs & SIM_PATCH) != 0) {
            add_path(paths, resource);
        }
        free(prefix);
    }
    if (paths->child == NULL) {
        cJSON_Delete(answer);
        return NULL;
    }
    return answer;
}

bool sim_openapi(struct sim_request *request)
{
    static const char root[] = "/openapi/v3";
    if (!text_starts_with(request->path, root)) {
        return false;
    }
    const char *rest = request->path + strlen(root);
    request->format.shape = SIM_SHAPE_OBJECT;
    if (rest[0] == '\0') {
        sim_answer_json(request, 200, index_of_groups());
        return true;
    }
    cJSON *document = rest[0] == '/' ? group_document(rest + 1) : NULL;
    if (document == NULL) {
        return false;
    }
    sim_answer_json(request, 200, document);
    return true;
}
