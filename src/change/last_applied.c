#include "change/last_applied.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"

/* More than any manifest that is read; what is too long for an annotation the server refuses. */
#define TEXT_LIMIT ((size_t)256 << 20)

cJSON *change_last_applied_read(const cJSON *object)
{
    const char *text =
        json_string(json_at(object, "metadata", "annotations", NULL), CHANGE_LAST_APPLIED);
    if (text == NULL) {
        return NULL;
    }
    cJSON *tree = json_parse(text, strlen(text), "last-applied-configuration", NULL);
    if (tree != NULL && !cJSON_IsObject(tree)) {
        json_delete_secret(tree);
        return NULL;
    }
    return tree;
}

char *change_last_applied_text(const cJSON *manifest)
{
    cJSON *copy = cJSON_Duplicate(manifest, true);
    cJSON *annotations = json_need_object(json_need_object(copy, "metadata"), "annotations");
    json_remove(annotations, CHANGE_LAST_APPLIED);
    struct buffer out;
    buffer_init_secret(&out, TEXT_LIMIT);
    json_write_sorted(&out, copy);
    buffer_append_char(&out, '\n');
    json_delete_secret(copy);
    char *text = xstrdup(out.data);
    buffer_free(&out);
    return text;
}

void change_last_applied_write(cJSON *object, const cJSON *manifest)
{
    char *text = change_last_applied_text(manifest);
    json_set_string(json_need_object(json_need_object(object, "metadata"), "annotations"),
                    CHANGE_LAST_APPLIED, text);
    free(text);
}
