#ifndef CHANGE_SESSION_H
#define CHANGE_SESSION_H

#include "change/plan.h"
#include "csi/follow.h"

/*
 * One change from intent to verdict, as the command line and the screens drive it:
 *
 *   start -> READING -> PREVIEWED -> (change_session_apply) APPLYING -> ROLLING -> VERIFYING ->
 * DONE
 *
 * Asynchronous on the client's loop; on_change after every step. At any failure the session goes to
 * FAILED and tells what was and was not done.
 */
struct change_session;

enum change_phase {
    CHANGE_READING,   /* live objects, then the server's dry run */
    CHANGE_PREVIEWED, /* nothing is written yet */
    CHANGE_APPLYING,
    CHANGE_ROLLING,
    CHANGE_VERIFYING, /* are references sound, have the warnings stopped */
    CHANGE_DONE,
    CHANGE_FAILED,
};

enum change_progress {
    CHANGE_STEP_WAITING,
    CHANGE_STEP_SENT,
    CHANGE_STEP_DONE,
    CHANGE_STEP_FAILED
};

/* One object's preview and progress. */
struct change_step {
    const struct change_object *object;
    char *before;         /* clean, masked YAML; "" when it is created */
    char *after;          /* the server's dry run (or the local guess, see local) */
    char *left_out;       /* pull secrets only: as it would be with the manifest's other differences
                             as well; NULL: there are none */
    bool local;           /* no write permission: computed here, the server was not asked */
    struct error refusal; /* the server's dry run refused; ERROR_NONE if accepted */
    char **warnings;      /* of the server; NULL-terminated */
    enum change_progress progress;
    struct error failure;
};

/* A workload's rollout, by kubectl's rules. */
struct change_rollout {
    const char *kind, *ns, *name;
    int desired, updated, ready, available;
    bool done;
    bool failed;
    bool trouble;  /* pods of it cannot pull, or it waits for one that never gets ready */
    char *message; /* "3 of 5 updated pods are available", problems with the registry's words */
};

struct change_session_handler {
    void (*on_change)(void *context);
};

/* Takes over the intent. follow gives the census and the rollout's pods; it outlives the session.
 */
struct change_session *change_session_start(struct kube_client *client, struct csi_follow *follow,
                                            struct change_intent *intent,
                                            const struct change_session_handler *handler,
                                            void *context);
void change_session_free(struct change_session *session);

enum change_phase change_session_phase(const struct change_session *session);
/* From PREVIEWED on; NULL before. */
const struct change_plan *change_session_plan(const struct change_session *session);
const struct change_step *change_session_steps(const struct change_session *session, size_t *count);
const struct change_rollout *change_session_rollouts(const struct change_session *session,
                                                     size_t *count);
/* FAILED: why. */
const struct error *change_session_error(const struct change_session *session);
/* True if the preview has something to write. */
bool change_session_has_changes(const struct change_session *session);
/* DONE, and nothing was left open: rolled out, references sound, warnings grow no more. False also
 * where the waiting was stopped. */
bool change_session_is_sound(const struct change_session *session);
/* VERIFYING: for how long no warning came, in ms, and (*wanted_ms) for how long none must come: two
 * sync periods; 0 where no warning is waited for. */
int64_t change_session_quiet_ms(const struct change_session *session, int64_t *wanted_ms);
/* The preview as unified diffs of all objects (secrets masked). */
void change_session_write_diff(const struct change_session *session, struct buffer *out);
/* What is left alone because only pull secrets were asked for, in the same form. */
void change_session_write_left_out(const struct change_session *session, struct buffer *out);
/* For export: the equivalent kubectl commands, the desired objects as YAML documents, the JSON
 * patches. Secret values are never in them. */
void change_session_write_commands(const struct change_session *session, struct buffer *out);
void change_session_write_yaml(const struct change_session *session, struct buffer *out);
void change_session_write_patches(const struct change_session *session, struct buffer *out);
/* DONE: what changed, how long it took, how many warnings a day it ended. FAILED: what was done and
 * what was not. */
void change_session_write_verdict(const struct change_session *session, struct buffer *out);
/* DONE: the same without the objects and rollouts, for who shows them anyway, and without the
 * command that takes it back. */
void change_session_write_outcome(const struct change_session *session, struct buffer *out);

/* What has to be confirmed by itself before it is applied, besides the change as a whole: that an
 * owner sets it back, that others own fields of it. From PREVIEWED on. */
struct change_question {
    const char
        *word;  /* what a person types: "argocd", "flux", "helm", "operator"..., "conflicts" */
    char *text; /* whole sentences, parted by newlines; from outside: make it safe */
    bool accepted;
};
#define CHANGE_CONFLICTS "conflicts"
const struct change_question *change_session_questions(const struct change_session *session,
                                                       size_t *count);
/* False: nothing of that word is asked. */
bool change_session_accept(struct change_session *session, const char *word);

/* Only in PREVIEWED, with every question accepted; refuses in read-only mode or when a dry run was
 * refused. */
bool change_session_apply(struct change_session *session, struct error *err);
/* In ROLLING: holds every workload that still rolls where it is (a Deployment is paused, the others
 * get the strategy OnDelete; the journal knows, so undo brings it back), or lets them go on. Pods
 * that are being made are not ended. Errors: ERROR_USAGE where there is nothing to hold. */
bool change_session_pause(struct change_session *session, bool pause, struct error *err);
bool change_session_is_paused(const struct change_session *session);
/* Why the last pause, or its end, failed; NULL: it did not. */
const char *change_session_pause_problem(const struct change_session *session);
/* Stops after the current object (APPLYING), or stops waiting (ROLLING, VERIFYING). */
void change_session_stop(struct change_session *session);
/* The journal's id of this change once it is applied; NULL before. */
const char *change_session_journal_id(const struct change_session *session);
/* After a Secret was rotated: an intent that brings its earlier content back, for a session of its
 * own; NULL if there is none. The content is only in this session's memory. */
struct change_intent *change_session_rotate_back(const struct change_session *session);

#endif
