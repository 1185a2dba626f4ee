#ifndef CHANGE_JOURNAL_H
#define CHANGE_JOURNAL_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "change/session.h"

/*
 * What was changed, when, by whom: one JSON file a change in $XDG_STATE_HOME/pullmend/journal
 * (mode 0600), written and synced before anything is sent and after each object. It holds the
 * fields that change, before and after, so that the change can be undone; never a Secret's values.
 */
enum change_journal_state {
    CHANGE_JOURNAL_APPLYING, /* under way; or its program ended in the midst: see interrupted */
    CHANGE_JOURNAL_DONE,
    CHANGE_JOURNAL_FAILED, /* stopped before its end: some objects were changed, others not */
    CHANGE_JOURNAL_UNDONE,
    CHANGE_JOURNAL_LEFT, /* was interrupted, and somebody decided to leave it so */
};
/* "applying", "done"...; never NULL. */
const char *change_journal_state_name(enum change_journal_state state);

/* One field of an object; lists count as one field. */
struct change_journal_field {
    char *path;    /* JSON Pointer; "": the whole object, of one that is made */
    cJSON *before; /* NULL: it was not there */
    cJSON *after;  /* NULL: it is not there */
};

struct change_journal_object {
    char *group, *version, *plural, *kind;
    bool namespaced;
    char *ns; /* NULL where there is none */
    char *name;
    enum change_action action;
    enum change_progress progress; /* SENT: it is not known whether the server did it */
    char *uid;                     /* of the object that was changed or made; NULL unknown */
    char *resource_version;        /* after the change; NULL unknown */
    int64_t generation;            /* after the change; 0 unknown */
    bool hidden;                   /* values were left out: a Secret's content was changed */
    char *failure;                 /* NULL: none */
    /* Its rollout was held where it is and not let go on yet: the field that holds it, before and
     * meanwhile. NULL: it is not. */
    struct change_journal_field *hold;
    struct change_journal_field *fields;
    size_t field_count;
};

struct change_journal_entry {
    char *id;
    char *title;        /* in the person's language */
    cJSON *title_parts; /* see change/title.h; NULL: of an older journal */
    char *origin; /* NULL: none */
    char *context, *server, *user;
    char *undoes; /* the id of the change that this one takes back; NULL */
    char *host;
    int64_t pid;
    int64_t pid_start; /* when that process began, in the system's own count; 0 unknown */
    int64_t started_ms, ended_ms; /* wall; ended 0: not yet */
    enum change_journal_state state;
    bool interrupted; /* APPLYING, but its program runs no more */
    bool held;        /* a rollout of it stands still, and no other program looks after it */
    struct change_journal_object *objects;
    size_t count;
};

void change_journal_entry_free(struct change_journal_entry *entry);

/* A new entry for a plan, with id, time, host and pid; everything waits. Strings are copied. */
struct change_journal_entry *change_journal_entry_new(const struct change_plan *plan);
/* Makes an entry that was read this program's own: APPLYING, with its host and pid. */
void change_journal_take_over(struct change_journal_entry *entry);
/* The fields that differ, save for what the server and its controllers write by themselves.
 * Secret values are left out and set object->hidden. Replaces the fields that are there. */
void change_journal_set_fields(struct change_journal_object *object, const cJSON *before,
                               const cJSON *after);

/* Writes the entry and syncs it to disk. Errors: ERROR_INTERNAL with path and reason. */
bool change_journal_write(const struct change_journal_entry *entry, struct error *err);
/* One entry; ERROR_NOT_FOUND, or ERROR_CONFIG where the file is not what it should be. */
struct change_journal_entry *change_journal_read(const char *id, struct error *err);
/* All entries, newest first; a file that cannot be read is left out (and logged). free() each with
 * change_journal_entry_free(), then the array. True with none where there is no journal. */
bool change_journal_list(struct change_journal_entry ***out, size_t *count, struct error *err);
/* The last change of this server that can be taken back (not undone, itself no undo); NULL:
 * none. server NULL: any. */
struct change_journal_entry *change_journal_last(const char *server, struct error *err);
/* The newest change of this server whose program ended in the midst of it, or while it held a
 * rollout; NULL without an error: none. */
struct change_journal_entry *change_journal_interrupted(const char *server, struct error *err);
/* An interrupted change, or a rollout that is held, stays as it is and is not offered again.
 * ERROR_CONFLICT: it was neither. */
bool change_journal_leave(const char *id, struct error *err);
/* Marks an entry, read and written again; done: all its objects are. No rollout of it counts as
 * held any more. */
bool change_journal_mark(const char *id, enum change_journal_state state, struct error *err);

/* Notes, and forgets, what holds a rollout; in what can be taken back the field stands as well.
 * Trees are copied; before NULL: the field was not there. */
void change_journal_hold(struct change_journal_object *object, const char *path,
                         const cJSON *before, const cJSON *meanwhile);
void change_journal_let_go(struct change_journal_object *object);

/* --- Taking back and taking up ------------------------------------------------------------------
 */

/* The live objects that the entry is about, in its order. */
void change_journal_targets(const struct change_journal_entry *entry, struct change_target **out,
                            size_t *count);

/*
 * A plan that takes the entry back (forward: that finishes it, and lets rollouts go on that it
 * holds), in the opposite (its own) order.
 * Each field is compared with the live one first: what is so already is left alone; where somebody
 * changed it since, nothing is planned. live[i] belongs to entry->objects[i]. Errors:
 * ERROR_CONFLICT with field, expected and found value.
 */
bool change_journal_plan(const struct change_journal_entry *entry, cJSON *const *live, bool forward,
                         struct change_plan *out, struct error *err);

/* A session that undoes (forward: resumes) the entry; otherwise as change_session_start(). */
struct change_session *change_session_start_journal(struct kube_client *client,
                                                    struct csi_follow *follow, const char *id,
                                                    bool forward,
                                                    const struct change_session_handler *handler,
                                                    void *context, struct error *err);

#endif
