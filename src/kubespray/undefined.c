/* All undefined variables at once, with who uses them. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "context.h"

enum { MAX_UNDEFINED = 100 };

size_t kubespray_undefined(struct kubespray *kubespray, const char *template,
                           void (*callback)(void *context, const char *name, const char *message),
                           void *context)
{
    struct jinja_arena *arena = kubespray->arena;
    struct jinja_dict *stand_ins = jinja_dict(arena).as.dict;
    for (bool more = true; more && stand_ins->count < MAX_UNDEFINED;) {
        struct kubespray_rendered rendered;
        render_with(kubespray, template, stand_ins->count == 0 ? NULL : stand_ins, &rendered);
        more = !rendered.rendered && rendered.undefined[0] != '\0' &&
               jinja_dict_get_text(stand_ins, rendered.undefined) == NULL;
        if (more) {
            callback(context, rendered.undefined, rendered.error.message);
            jinja_dict_set_text(arena, stand_ins, rendered.undefined,
                                jinja_undefined_lenient(arena, rendered.undefined));
        }
        kubespray_rendered_free(&rendered);
    }
    return stand_ins->count;
}

static struct kubespray_missing_variable *find_missing(struct kubespray_missing *missing,
                                                       const char *name)
{
    for (size_t i = 0; i < missing->count; i++) {
        if (strcmp(missing->items[i].name, name) == 0) {
            return &missing->items[i];
        }
    }
    missing->items = xreallocarray(missing->items, missing->count + 1, sizeof(*missing->items));
    struct kubespray_missing_variable *item = &missing->items[missing->count++];
    *item = (struct kubespray_missing_variable){.name = xstrdup(name)};
    return item;
}

/* "TEMPLATE:LINE", with which the message begins. */
static void add_user(void *context, const char *name, const char *message)
{
    struct kubespray_missing_variable *item = find_missing(context, name);
    const char *colon = strchr(message, ':');
    size_t length = colon == NULL ? 0 : (size_t)(colon + 1 - message);
    length += strspn(message + length, "0123456789");
    item->users = xreallocarray(item->users, item->user_count + 1, sizeof(char *));
    item->users[item->user_count++] = xstrndup(message, length);
}

bool kubespray_missing_add(struct kubespray *kubespray, const char *template,
                           struct kubespray_missing *missing)
{
    return kubespray_undefined(kubespray, template, add_user, missing) > 0;
}

void kubespray_missing_free(struct kubespray_missing *missing)
{
    for (size_t i = 0; i < missing->count; i++) {
        for (size_t k = 0; k < missing->items[i].user_count; k++) {
            free(missing->items[i].users[k]);
        }
        free(missing->items[i].users);
        free(missing->items[i].name);
    }
    free(missing->items);
    memset(missing, 0, sizeof(*missing));
}
