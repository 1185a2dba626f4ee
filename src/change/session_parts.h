#ifndef CHANGE_SESSION_PARTS_H
#define CHANGE_SESSION_PARTS_H

#include "change/journal.h"
#include "change/session.h"
#include "kube/watch.h"

/* What the files of the session share; not for other rooms. */

/* What the session knows of one step besides what it shows. */
struct session_step {
    cJSON *answer;       /* the server's: of the dry run, later of the change itself */
    struct error denial; /* the person may not write this object; ERROR_NONE: may */
    int attempts;        /* of sending */
    int reguards;        /* how often only the status had moved */
    size_t entry;        /* its place in the journal's entry */
    int64_t generation;  /* after the change */
};

/* One workload's rollout: a watch on it alone. */
struct session_rollout {
    struct change_session *session;
    struct kube_watch *watch;
    int64_t generation;      /* the one that the change made: older pictures do not count */
    bool changed;            /* desired, updated... were told at least once */
    cJSON *object;           /* the last one seen, without managedFields */
    char *problem;           /* what keeps it, in the words of pods; NULL */
    bool paused;             /* held where it is by this session */
    cJSON *held;             /* then: the strategy that it had; NULL none */
    int64_t held_generation; /* from which on pictures tell whether it still is */
};

/* The end of it: are references sound, do warnings grow no more. */
struct session_verify {
    int64_t began_ms;      /* monotonic */
    int64_t quiet_ms;      /* monotonic: since when no warning came */
    int64_t period_ms;     /* how often a pod with a missing Secret warns; 0: none ever warned */
    int64_t warned;        /* pods in scope that had warned before the change */
    double per_day;        /* their warnings a day; 0 unknown */
    int64_t watched_ms;    /* monotonic: since when warnings are counted here */
    struct map *sightings; /* pod uid -> its counts */
    double seen;    /* of our own counting, behind the period; 0: it is of the events' times */
    bool throttled; /* pods stay, and their warnings are written every five minutes only */
    int64_t count;  /* warnings in scope when they were last looked at */
    size_t pods;    /* in scope */
    size_t broken;  /* of them, with a reference that is not sound */
    bool sound;     /* no reference in scope is broken */
    bool quiet;     /* two periods without a warning */
    bool grows;     /* they go on */
};

enum session_purpose { SESSION_INTENT, SESSION_UNDO, SESSION_RESUME };

struct change_session {
    struct kube_client *client;
    struct loop *loop;
    struct csi_follow *follow;
    struct change_session_handler handler;
    void *context;
    enum session_purpose purpose;
    struct change_intent *intent;
    struct change_journal_entry *source; /* what is undone or resumed */

    enum change_phase phase;
    struct error error;
    bool stopping;
    bool stopped; /* the waiting was ended before it was over */

    struct kube_call *call;
    struct loop_timer *notice;
    struct loop_timer *timer;
    size_t at; /* which target, step... is under way */

    struct change_target *targets;
    cJSON **live;
    size_t target_count;
    int rereads;

    struct change_plan plan;
    bool planned;
    struct change_step *steps;
    struct session_step *inner;

    struct change_question *questions;
    size_t question_count;

    struct change_journal_entry *entry;
    int64_t applied_ms; /* monotonic: when the first object was sent */
    int64_t ended_ms;

    struct change_rollout *rollouts;
    struct session_rollout *rolling;
    size_t rollout_count;
    bool paused;         /* somebody wants the rollout to stand still */
    bool pausing;        /* requests for it, or for its end, are under way */
    bool pause_wish;     /* what was asked for last, perhaps while they were */
    size_t pause_at;     /* which rollout is */
    char *pause_problem; /* why it failed; NULL */

    struct session_verify verify;
    char *setback; /* who changed again what was written, a line each; NULL: nobody */
};

/* --- session.c ---------------------------------------------------------------------------------
 */
/* Tells the owner, from the loop, once for all that happens in this round. */
void session_notify(struct change_session *session);
void session_enter(struct change_session *session, enum change_phase phase);
void session_fail(struct change_session *session, const struct error *err);
/* Manifests are taken as kubectl apply takes them: a field that the server does not know is
 * refused, since it would drop it without a word (fieldValidation=Strict). */
bool session_is_strict(const struct change_session *session);
/* Runs next after delay_ms; one such timer a session. */
void session_later(struct change_session *session, int64_t delay_ms, void (*next)(void *session));
/* "DaemonSet kube-system/csi-node". free() it. */
char *session_object_name(const struct change_object *object);

/* --- One part a phase --------------------------------------------------------------------------
 */
void session_read_start(struct change_session *session);
void session_preview_start(struct change_session *session);
void session_preview_free(struct change_session *session);
void session_questions_ask(struct change_session *session);
void session_questions_free(struct change_session *session);
bool session_apply_start(struct change_session *session, struct error *err);
void session_rollout_start(struct change_session *session);
/* Works out anew how far that rollout is. */
void session_rollout_judge(struct change_session *session, size_t i);
/* Ends the watches; what was seen stays. */
void session_rollout_stop(struct change_session *session);
void session_rollout_free(struct change_session *session);
void session_pause_free(struct change_session *session);
/* A new picture of a workload: is it held as the journal says? Somebody else may have let it go on,
 * or the answer to the request that held it was lost. */
void session_pause_look(struct change_session *session, size_t i);
/* Appends what to do with workloads that are held; nothing if none is. */
void session_pause_write(const struct change_session *session, struct buffer *out);
void session_verify_start(struct change_session *session);
/* Notes how things stand before the change: who warns, and how often. */
void session_verify_observe(struct change_session *session);
/* False for a moment while it is still worth counting before the change: a pace that was seen is
 * better than one that the events' times tell, and it decides how long to watch afterwards. */
bool session_verify_has_pace(const struct change_session *session);
void session_verify_free(struct change_session *session);
/* Reads what was patched once more, for the verdict; then the session is DONE. */
void session_setback_start(struct change_session *session);

#endif
