#include "fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "doc/json.h"

enum { DEPTH = 64, PATH_LIMIT = 4096 };

static void add(cJSON *found, const char *what, const char *path)
{
    char *text = xasprintf("%s field \"%s\"", what, path);
    cJSON_AddItemToArray(found, cJSON_CreateString(text));
    free(text);
}

/* --- Members that stand twice --------------------------------------------------------------------
 */

/* The names met so far in each open object, and the path to it. */
struct walk {
    cJSON *names[DEPTH];
    size_t path_length[DEPTH];
    int index[DEPTH]; /* of the present element, in lists */
    bool list[DEPTH];
    int depth;
    struct buffer path;
};

static size_t string_end(const char *text, size_t length, size_t at)
{
    for (at++; at < length && text[at] != '"'; at++) {
        at += text[at] == '\\' ? 1 : 0;
    }
    return at;
}

static void open_value(struct walk *walk, bool list)
{
    if (walk->depth + 1 >= DEPTH) {
        return;
    }
    walk->depth++;
    walk->list[walk->depth] = list;
    walk->index[walk->depth] = 0;
    walk->names[walk->depth] = list ? NULL : cJSON_CreateObject();
    walk->path_length[walk->depth] = walk->path.length;
    if (list) {
        buffer_append_string(&walk->path, "[0]");
    }
}

static void close_value(struct walk *walk)
{
    if (walk->depth > 0) {
        cJSON_Delete(walk->names[walk->depth]);
        buffer_truncate(&walk->path, walk->path_length[walk->depth]);
        walk->depth--;
    }
}

static void meet_name(struct walk *walk, const char *name, size_t length, cJSON *found)
{
    char *key = xstrndup(name, length);
    cJSON *names = walk->names[walk->depth];
    buffer_truncate(&walk->path, walk->path_length[walk->depth]);
    buffer_printf(&walk->path, "%s%s", walk->path.length > 0 ? "." : "", key);
    if (json_member(names, key) != NULL) {
        add(found, "duplicate", walk->path.data);
    } else {
        cJSON_AddNullToObject(names, key);
    }
    free(key);
}

void sim_fields_duplicate(const char *text, size_t length, cJSON *found)
{
    struct walk walk = {.depth = 0};
    buffer_init(&walk.path, PATH_LIMIT);
    bool wants_name = false;
    for (size_t at = 0; at < length; at++) {
        char c = text[at];
        bool in_object = walk.depth > 0 && !walk.list[walk.depth];
        if (c == '"') {
            size_t end = string_end(text, length, at);
            if (wants_name && in_object && end < length) {
                meet_name(&walk, text + at + 1, end - at - 1, found);
            }
            wants_name = false;
            at = end;
        } else if (c == '{' || c == '[') {
            open_value(&walk, c == '[');
            wants_name = c == '{';
        } else if (c == '}' || c == ']') {
            close_value(&walk);
        } else if (c == ',' && in_object) {
            wants_name = true;
        } else if (c == ',' && walk.depth > 0) {
            buffer_truncate(&walk.path, walk.path_length[walk.depth]);
            buffer_printf(&walk.path, "[%d]", ++walk.index[walk.depth]);
        }
    }
    while (walk.depth > 0) {
        close_value(&walk);
    }
    buffer_free(&walk.path);
}
