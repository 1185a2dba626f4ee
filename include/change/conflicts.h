#ifndef CHANGE_CONFLICTS_H
#define CHANGE_CONFLICTS_H

#include <cjson/cJSON.h>
#include <stddef.h>

/* A field that a change writes and that somebody else owns by server-side apply. */
struct change_conflict {
    char *field;   /* as kubectl writes it: .spec.template.spec.imagePullSecrets[name="a"] */
    char *manager; /* who applies it */
};

/*
 * The fields in which live and desired differ and that a manager owns by Apply (managedFields), in
 * its order; what pullmend itself owns is none. Rules: structured-merge-diff's sets, in which "f:"
 * is a member, "k:" a list's element by its keys, "v:" one by its value. free() with
 * change_conflicts_free().
 */
struct change_conflict *change_conflicts_find(const cJSON *live, const cJSON *desired,
                                              size_t *count);
void change_conflicts_free(struct change_conflict *conflicts, size_t count);

#endif
