#include "ui/rotations.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "base/language.h"
#include "doc/json.h"
#include "ui/app.h"

static void forget(struct ui_rotation *rotation)
{
    free(rotation->id);
    free(rotation->ns);
    free(rotation->name);
    json_delete_secret(rotation->content);
    *rotation = (struct ui_rotation){0};
}

static const struct ui_rotation *find(const struct ui_app *app, const char *id)
{
    for (int i = 0; i < app->rotation_count; i++) {
        if (strcmp(app->rotations[i].id, id) == 0) {
            return &app->rotations[i];
        }
    }
    return NULL;
}

bool ui_rotation_keep(struct ui_app *app, const struct change_session *session)
{
    const char *id = change_session_journal_id(session);
    if (id == NULL || find(app, id) != NULL) {
        return id != NULL;
    }
    struct change_intent *back = change_session_rotate_back(session);
    if (back == NULL) {
        return false;
    }
    int room = (int)ARRAY_LENGTH(app->rotations);
    if (app->rotation_count == room) {
        forget(&app->rotations[0]);
        memmove(&app->rotations[0], &app->rotations[1],
                (size_t)(room - 1) * sizeof(app->rotations[0]));
        app->rotation_count--;
    }
    app->rotations[app->rotation_count++] = (struct ui_rotation){
        .id = xstrdup(id),
        .ns = xstrdup(back->ns),
        .name = xstrdup(back->secret),
        .content = back->secret_object,
    };
    back->secret_object = NULL;
    change_intent_free(back);
    return true;
}

struct change_intent *ui_rotation_back(const struct ui_app *app, const char *id)
{
    const struct ui_rotation *rotation = find(app, id);
    if (rotation == NULL) {
        return NULL;
    }
    struct change_intent *intent = change_intent_new(CHANGE_ROTATE_SECRET);
    intent->ns = xstrdup(rotation->ns);
    intent->secret = xstrdup(rotation->name);
    intent->secret_object = cJSON_Duplicate(rotation->content, true);
    intent->origin = xstrdup(_("the rotation's earlier content"));
    return intent;
}

void ui_rotations_forget(struct ui_app *app)
{
    for (int i = 0; i < app->rotation_count; i++) {
        forget(&app->rotations[i]);
    }
    app->rotation_count = 0;
}
