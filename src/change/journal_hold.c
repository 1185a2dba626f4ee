/* What the journal knows of rollouts that are held where they are. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "change/journal.h"

static void clear_field(struct change_journal_field *field)
{
    free(field->path);
    cJSON_Delete(field->before);
    cJSON_Delete(field->after);
}

static struct change_journal_field field_of(const char *path, const cJSON *before,
                                            const cJSON *meanwhile)
{
    return (struct change_journal_field){xstrdup(path),
                                         before == NULL ? NULL : cJSON_Duplicate(before, true),
                                         cJSON_Duplicate(meanwhile, true)};
}

static void forget_field(struct change_journal_object *object, const char *path)
{
    for (size_t i = 0; i < object->field_count; i++) {
        if (strcmp(object->fields[i].path, path) == 0) {
            clear_field(&object->fields[i]);
            object->fields[i] = object->fields[--object->field_count];
            return;
        }
    }
}

void change_journal_hold(struct change_journal_object *object, const char *path,
                         const cJSON *before, const cJSON *meanwhile)
{
    change_journal_let_go(object);
    object->hold = xcalloc(1, sizeof(*object->hold));
    *object->hold = field_of(path, before, meanwhile);
    if (object->action != CHANGE_PATCH) {
        return; /* what was made is deleted when it is taken back, whatever holds it */
    }
    forget_field(object, path);
    object->fields =
        xreallocarray(object->fields, object->field_count + 1, sizeof(*object->fields));
    object->fields[object->field_count++] = field_of(path, before, meanwhile);
}

void change_journal_let_go(struct change_journal_object *object)
{
    if (object->hold == NULL) {
        return;
    }
    forget_field(object, object->hold->path);
    clear_field(object->hold);
    free(object->hold);
    object->hold = NULL;
}
