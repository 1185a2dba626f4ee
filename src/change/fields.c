#include "fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "doc/json.h"
#include "doc/pointer.h"

#define POINTER_LIMIT ((size_t)64 << 20) /* longer than an object can be */

/* Written by the server or by controllers. */
static const char *const others[] = {
    "/status",
    "/metadata/resourceVersion",
    "/metadata/generation",
    "/metadata/managedFields",
    "/metadata/uid",
    "/metadata/creationTimestamp",
    "/metadata/selfLink",
    "/metadata/annotations/deprecated.daemonset.template.generation",
    "/metadata/annotations/deployment.kubernetes.io~1revision",
};

static bool is_of_others(const char *path)
{
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        if (strcmp(path, others[i]) == 0) {
            return true;
        }
    }
    return false;
}

struct walk {
    struct buffer path;
    field_visitor visit;
    void *context;
};

static void walk_values(struct walk *walk, const cJSON *before, const cJSON *after)
{
    if (json_equal(before, after) || is_of_others(walk->path.data)) {
        return;
    }
    if (!cJSON_IsObject(before) || !cJSON_IsObject(after)) {
        walk->visit(walk->context, walk->path.data, before, after);
        return;
    }
    size_t length = walk->path.length;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, before)
    {
        pointer_append(&walk->path, item->string);
        walk_values(walk, item, json_member(after, item->string));
        buffer_truncate(&walk->path, length);
    }
    cJSON_ArrayForEach(item, after)
    {
        if (json_member(before, item->string) == NULL) {
            pointer_append(&walk->path, item->string);
            walk_values(walk, NULL, item);
            buffer_truncate(&walk->path, length);
        }
    }
}

void fields_differ(const cJSON *before, const cJSON *after, field_visitor visit, void *context)
{
    struct walk walk = {.visit = visit, .context = context};
    buffer_init(&walk.path, POINTER_LIMIT);
    walk_values(&walk, before, after);
    buffer_free(&walk.path);
}

/* The member name between two slashes, unescaped. free() it. */
static char *step_name(const char *start, size_t length)
{
    char *name = xstrndup(start, length);
    char *out = name;
    for (const char *in = name; *in != '\0'; in++) {
        if (in[0] == '~' && (in[1] == '0' || in[1] == '1')) {
            *out++ = in[1] == '0' ? '~' : '/';
            in++;
        } else {
            *out++ = *in;
        }
    }
    *out = '\0';
    return name;
}

bool fields_put(cJSON *root, const char *path, const cJSON *value)
{
    cJSON *at = root;
    while (*path == '/') {
        path++;
        size_t length = strcspn(path, "/");
        char *name = step_name(path, length);
        path += length;
        if (!cJSON_IsObject(at)) {
            free(name);
            return false;
        }
        if (*path == '/') {
            cJSON *next = json_member(at, name);
            if (next == NULL && value == NULL) {
                free(name);
                return true; /* nothing to remove */
            }
            at = next == NULL ? json_need_object(at, name) : next;
        } else if (value == NULL) {
            json_remove(at, name);
        } else {
            json_set(at, name, cJSON_Duplicate(value, true));
        }
        free(name);
    }
    return true;
}

struct matching {
    const cJSON *live;
    bool same;
};

static void match_field(void *context, const char *path, const cJSON *before, const cJSON *after)
{
    struct matching *matching = context;
    (void)before;
    if (!json_equal(pointer_get(matching->live, path), after)) {
        matching->same = false;
    }
}

bool fields_match(const cJSON *live, const cJSON *before, const cJSON *after)
{
    struct matching matching = {live, true};
    fields_differ(before, after, match_field, &matching);
    return matching.same;
}
