/* Planned edits of files: tried, written, freed. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "context.h"
#include "kubespray/fix.h"

enum { MAX_FILE = 4 * 1024 * 1024 };

void kubespray_edit_free(struct kubespray_edit *edit)
{
    free(edit->path);
    free(edit->full);
    free(edit->old_text);
    free(edit->new_text);
    for (size_t i = 0; i < KUBESPRAY_STAGE_COUNT; i++) {
        free(edit->stages[i]);
    }
}

void kubespray_edits_free(struct kubespray_edits *edits)
{
    for (size_t i = 0; i < edits->count; i++) {
        kubespray_edit_free(&edits->items[i]);
    }
    free(edits->items);
    free(edits->variables);
    memset(edits, 0, sizeof(*edits));
}

bool kubespray_try(struct kubespray *kubespray, const struct kubespray_edits *edits,
                   struct error *err)
{
    kubespray->edits = edits;
    kubespray->roles = NULL; /* their defaults are read anew */
    kubespray->role = NULL;
    jinja_environment_forget(kubespray->main.env);
    return edits->variables == NULL ||
           variables_read_extra(kubespray->arena, edits->variables, kubespray->extra,
                                &kubespray->notes, err);
}

/* Nobody may have written since the edit was planned, and a read-only file stays one. */
static bool may_write(const struct kubespray_edit *edit, struct error *err)
{
    struct stat status;
    struct buffer now;
    if (edit->created || stat(edit->full, &status) != 0) {
        return true;
    }
    if ((status.st_mode & 0222) == 0 || access(edit->full, W_OK) != 0) {
        return error_set(err, ERROR_FORBIDDEN, "%s is read-only; make it writable (chmod u+w)",
                         edit->path);
    }
    buffer_init(&now, MAX_FILE);
    bool fine = file_read(edit->full, &now, err) &&
                (strcmp(now.data, edit->old_text) == 0 ||
                 error_set(err, ERROR_CONFLICT, "%s was changed meanwhile; look at the diff again",
                           edit->path));
    buffer_free(&now);
    return fine;
}

bool kubespray_edits_write(const struct kubespray_edits *edits, size_t *written, struct error *err)
{
    *written = 0;
    for (size_t i = 0; i < edits->count; i++) {
        if (!may_write(&edits->items[i], err)) {
            return false;
        }
    }
    for (size_t i = 0; i < edits->count; i++) {
        const struct kubespray_edit *edit = &edits->items[i];
        struct stat status;
        mode_t mode = stat(edit->full, &status) == 0 ? status.st_mode & 07777 : 0644;
        char *folder = file_folder(edit->full);
        bool fine =
            (!edit->created || file_make_folder(folder, 0755, err)) &&
            file_write_atomic(edit->full, edit->new_text, strlen(edit->new_text), mode, err);
        free(folder);
        if (!fine) {
            return false;
        }
        (*written)++;
    }
    return true;
}
