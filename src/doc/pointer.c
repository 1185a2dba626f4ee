#include "doc/pointer.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"

/* Undoes ~1 and ~0 in place; false if a ~ stands before anything else. */
static bool unescape(char *name)
{
    char *to = name;
    for (const char *from = name; *from != '\0'; from++) {
        if (*from != '~') {
            *to++ = *from;
            continue;
        }
        from++;
        if (*from != '0' && *from != '1') {
            return false;
        }
        *to++ = *from == '0' ? '~' : '/';
    }
    *to = '\0';
    return true;
}

/* An index is 0 or digits without a leading 0 (RFC 6901, section 4). */
static cJSON *element_at(const cJSON *list, const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > 9 || strspn(name, "0123456789") != length ||
        (length > 1 && name[0] == '0')) {
        return NULL;
    }
    return cJSON_GetArrayItem(list, (int)strtol(name, NULL, 10));
}

static cJSON *step(const cJSON *at, const char *escaped, size_t length)
{
    char *name = xstrndup(escaped, length);
    cJSON *next = NULL;
    if (unescape(name)) {
        next = cJSON_IsArray(at) ? element_at(at, name) : json_member(at, name);
    }
    free(name);
    return next;
}

cJSON *pointer_get(const cJSON *root, const char *pointer)
{
    const cJSON *at = root;
    while (at != NULL && *pointer == '/') {
        size_t length = strcspn(pointer + 1, "/");
        at = step(at, pointer + 1, length);
        pointer += 1 + length;
    }
    return *pointer == '\0' ? (cJSON *)at : NULL;
}

void pointer_append(struct buffer *pointer, const char *name)
{
    buffer_append_char(pointer, '/');
    for (; *name != '\0'; name++) {
        if (*name == '~' || *name == '/') {
            buffer_append_string(pointer, *name == '~' ? "~0" : "~1");
        } else {
            buffer_append_char(pointer, *name);
        }
    }
}

void pointer_append_index(struct buffer *pointer, size_t index)
{
    buffer_printf(pointer, "/%zu", index);
}
