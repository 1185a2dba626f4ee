#include <stdio.h>
#include <string.h>

#include "request.h"

/* The API's RequestInfo (apiserver/pkg/endpoints/request/requestinfo.go), for what is served here.
 */
enum { PART_LIMIT = 16 };

struct parts {
    char text[2048];
    const char *part[PART_LIMIT];
    size_t count;
};

static void split(struct parts *parts, const char *path)
{
    parts->count = 0;
    snprintf(parts->text, sizeof(parts->text), "%s", path);
    for (char *at = parts->text; *at != '\0' && parts->count < PART_LIMIT;) {
        if (*at == '/') {
            *at++ = '\0';
            continue;
        }
        parts->part[parts->count++] = at;
        while (*at != '\0' && *at != '/') {
            at++;
        }
    }
}

static void take(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from);
}

static const char *verb_of(const char *method, bool named, bool watch)
{
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0) {
        return named ? "get" : watch ? "watch" : "list";
    }
    if (strcmp(method, "POST") == 0) {
        return "create";
    }
    if (strcmp(method, "PUT") == 0) {
        return "update";
    }
    if (strcmp(method, "PATCH") == 0) {
        return "patch";
    }
    if (strcmp(method, "DELETE") == 0) {
        return named ? "delete" : "deletecollection";
    }
    return "";
}

/* parts from `at` on: [namespaces NS] resource [name [subresource...]] */
static void read_resource(struct sim_target *target, const struct parts *parts, size_t at)
{
    size_t left = parts->count - at;
    const char *const *part = parts->part + at;
    if (left >= 2 && strcmp(part[0], "namespaces") == 0) {
        take(target->ns, sizeof(target->ns), part[1]);
        if (left > 2 && strcmp(part[2], "status") != 0 && strcmp(part[2], "finalize") != 0) {
            part += 2;
            left -= 2;
        }
    }
    take(target->plural, sizeof(target->plural), left > 0 ? part[0] : "");
    take(target->name, sizeof(target->name), left > 1 ? part[1] : "");
    take(target->subresource, sizeof(target->subresource), left > 2 ? part[2] : "");
}

void sim_target_parse(struct sim_target *target, const char *method, const char *path,
                      const struct sim_request *request)
{
    struct parts parts;
    split(&parts, path);
    memset(target, 0, sizeof(*target));
    target->verb = "";
    size_t at;
    if (parts.count >= 3 && strcmp(parts.part[0], "api") == 0) {
        take(target->version, sizeof(target->version), parts.part[1]);
        at = 2;
    } else if (parts.count >= 4 && strcmp(parts.part[0], "apis") == 0) {
        take(target->group, sizeof(target->group), parts.part[1]);
        take(target->version, sizeof(target->version), parts.part[2]);
        at = 3;
    } else {
        static const char *const verbs[][2] = {{"GET", "get"},     {"HEAD", "head"},
                                               {"POST", "post"},   {"PUT", "put"},
                                               {"PATCH", "patch"}, {"DELETE", "delete"}};
        for (size_t i = 0; i < ARRAY_LENGTH(verbs); i++) {
            target->verb = strcmp(method, verbs[i][0]) == 0 ? verbs[i][1] : target->verb;
        }
        return;
    }
    target->is_resource = true;
    if (strcmp(parts.part[at], "watch") == 0 && parts.count > at + 1) {
        target->old_watch = true;
        at++;
    }
    read_resource(target, &parts, at);
    bool watch = target->old_watch;
    struct sim_status unused = SIM_STATUS_INIT;
    if (!watch) {
        sim_request_bool(request, "watch", false, &watch, &unused);
    }
    bool named = target->name[0] != '\0' && !target->old_watch;
    target->verb = verb_of(method, named, watch);
    target->resource = sim_resource_find(target->group, target->version, target->plural);
}
