#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "client_internal.h"
#include "doc/json.h"

/* Calls with one object as the answer: get, create, replace, patch, delete. */

enum { WRITE_LIMIT = 8 * 1024 * 1024, PATH_LIMIT = 64 * 1024 };

struct simple_call {
    struct kube_call call;
    struct request *request;
    char *label;
    kube_callback callback;
    void *context;
};

static void free_simple(struct kube_call *call)
{
    struct simple_call *simple = (struct simple_call *)call;
    request_cancel(simple->request);
    free(simple->label);
    free(simple);
}

static void on_end(void *context, struct request_result *result)
{
    struct simple_call *simple = context;
    struct error err = ERROR_INIT;
    simple->request = NULL;
    if (result->err != NULL) {
        err = *result->err;
        error_wrap(&err, "%s", simple->label);
    }
    struct kube_response response = {
        .status = result->status,
        .err = result->err == NULL ? NULL : &err,
        .object = result->object,
        .warnings = result->warnings,
        .answered = result->answered,
    };
    kube_callback callback = simple->callback;
    void *own = simple->context;
    call_unlink(&simple->call);
    free_simple(&simple->call);
    callback(own, &response);
    result->object = response.object;
}

cJSON *kube_response_take(struct kube_response *response)
{
    cJSON *object = response->object;
    response->object = NULL;
    return object;
}

/* Takes over label. */
static struct kube_call *start(struct kube_client *client, const struct request_spec *spec,
                               char *label, kube_callback callback, void *context)
{
    static const struct request_handler handler = {.on_end = on_end};
    struct simple_call *simple = xcalloc(1, sizeof(*simple));
    simple->label = label;
    simple->callback = callback;
    simple->context = context;
    call_link(client, &simple->call, free_simple);
    simple->request = request_start(client, spec, &handler, simple);
    return &simple->call;
}

struct kube_call *kube_get_path(struct kube_client *client, const char *path,
                                kube_callback callback, void *context)
{
    struct request_spec spec = {.method = HTTP_GET, .path = path};
    return start(client, &spec, xasprintf("get %s", path), callback, context);
}

struct kube_call *kube_get(struct kube_client *client, const struct kube_resource *resource,
                           const char *ns, const char *name, kube_callback callback, void *context)
{
    struct buffer path;
    buffer_init(&path, PATH_LIMIT);
    kube_resource_append_path(&path, resource, ns, name);
    struct request_spec spec = {.method = HTTP_GET, .path = path.data};
    struct kube_call *call =
        start(client, &spec, call_label("get", resource, ns, name), callback, context);
    buffer_free(&path);
    return call;
}

static void append_write(struct buffer *path, enum http_method method,
                         const struct kube_write *write, bool apply)
{
    static const struct kube_write plain;
    const struct kube_write *how = write == NULL ? &plain : write;
    if (method != HTTP_DELETE) {
        query_append(path, "fieldManager",
                     how->field_manager == NULL ? "pullmend" : how->field_manager);
        /* Servers before 1.25 do not know it and say nothing. */
        query_append(path, "fieldValidation", how->strict ? "Strict" : NULL);
        query_append(path, "force", apply && how->force ? "true" : NULL);
    }
    query_append(path, "dryRun", how->dry_run ? "All" : NULL);
}

struct write_request {
    enum http_method method;
    const char *verb;
    const struct kube_resource *resource;
    const char *ns;
    const char *name;
    const char *content_type;
    const cJSON *body;
    bool apply;
};

static bool is_secret(const struct kube_resource *resource)
{
    return strcmp(resource->plural, "secrets") == 0 && resource->group[0] == '\0';
}

static struct kube_call *start_write(struct kube_client *client, const struct write_request *what,
                                     const struct kube_write *write, kube_callback callback,
                                     void *context)
{
    struct buffer path;
    struct buffer body;
    buffer_init(&path, PATH_LIMIT);
    buffer_init_secret(&body, WRITE_LIMIT);
    kube_resource_append_path(&path, what->resource, what->ns, what->name);
    append_write(&path, what->method, write, what->apply);
    if (what->body != NULL) {
        json_write(&body, what->body);
    }
    struct request_spec spec = {
        .method = what->method,
        .path = path.data,
        .content_type = what->content_type,
        .body = body.data,
        .body_length = body.length,
        .secret = is_secret(what->resource),
    };
    const char *name =
        what->name != NULL ? what->name : json_string(json_object(what->body, "metadata"), "name");
    struct kube_call *call = start(
        client, &spec, call_label(what->verb, what->resource, what->ns, name), callback, context);
    buffer_free(&path);
    buffer_free(&body);
    return call;
}

struct kube_call *kube_create(struct kube_client *client, const struct kube_resource *resource,
                              const char *ns, const cJSON *object, const struct kube_write *write,
                              kube_callback callback, void *context)
{
    struct write_request what = {
        .method = HTTP_POST,
        .verb = "create",
        .resource = resource,
        .ns = ns,
        .content_type = "application/json",
        .body = object,
    };
    return start_write(client, &what, write, callback, context);
}

struct kube_call *kube_patch(struct kube_client *client, const struct kube_resource *resource,
                             const char *ns, const char *name, enum kube_patch_type type,
                             const cJSON *patch, const struct kube_write *write,
                             kube_callback callback, void *context)
{
    static const char *const types[] = {
        [KUBE_PATCH_JSON] = "application/json-patch+json",
        [KUBE_PATCH_MERGE] = "application/merge-patch+json",
        [KUBE_PATCH_STRATEGIC] = "application/strategic-merge-patch+json",
        [KUBE_PATCH_APPLY] = "application/apply-patch+yaml",
    };
    struct write_request what = {
        .method = HTTP_PATCH,
        .verb = type == KUBE_PATCH_APPLY ? "apply" : "patch",
        .resource = resource,
        .ns = ns,
        .name = name,
        .content_type = types[type],
        .body = patch,
        .apply = type == KUBE_PATCH_APPLY,
    };
    return start_write(client, &what, write, callback, context);
}

struct kube_call *kube_delete(struct kube_client *client, const struct kube_resource *resource,
                              const char *ns, const char *name, const char *uid,
                              const char *resource_version, const struct kube_write *write,
                              kube_callback callback, void *context)
{
    cJSON *options = cJSON_CreateObject();
    json_set_string(options, "kind", "DeleteOptions");
    json_set_string(options, "apiVersion", "v1");
    if (uid != NULL || resource_version != NULL) {
        cJSON *conditions = json_need_object(options, "preconditions");
        if (uid != NULL) {
            json_set_string(conditions, "uid", uid);
        }
        if (resource_version != NULL) {
            json_set_string(conditions, "resourceVersion", resource_version);
        }
    }
    struct write_request what = {
        .method = HTTP_DELETE,
        .verb = "delete",
        .resource = resource,
        .ns = ns,
        .name = name,
        .content_type = "application/json",
        .body = options,
    };
    struct kube_call *call = start_write(client, &what, write, callback, context);
    cJSON_Delete(options);
    return call;
}
