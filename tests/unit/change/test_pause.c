#include "runner.h"

#include "cluster.h"
#include "trees.h"

Suite *suite_pause(void);

#define DS "csi-upcloud-node"

static struct cluster cluster;
static struct change_session *session;

static const char *strategy(void)
{
    const cJSON *object = cluster_get(&cluster, sim_daemonsets(), DS);
    return json_string_or(json_at(object, "spec", "updateStrategy", NULL), "type", "");
}

static const struct change_rollout *daemon_set(void)
{
    size_t count = 0;
    const struct change_rollout *rollouts = change_session_rollouts(session, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rollouts[i].name, DS) == 0) {
            return &rollouts[i];
        }
    }
    return NULL;
}

static bool one_is_updated(void *context)
{
    (void)context;
    const struct change_rollout *rollout = daemon_set();
    return rollout != NULL && rollout->updated > 0 && rollout->updated < rollout->desired;
}

static bool is_held(void *context)
{
    (void)context;
    return strcmp(strategy(), "OnDelete") == 0 && strncmp(daemon_set()->message, "held", 4) == 0;
}

static bool goes_on(void *context)
{
    (void)context;
    return strcmp(strategy(), "OnDelete") != 0;
}

/* A rollout that is held after its first pod. */
static void begin_and_hold(void)
{
    struct error err = ERROR_INIT;
    cluster_open(&cluster, "demo", false);
    session = cluster_preview(&cluster, change_intent_new(CHANGE_DROP_REFERENCE));
    ck_assert(!change_session_pause(session, true, &err));
    ck_assert(change_session_apply(session, &err));
    cluster_run(&cluster, one_is_updated, NULL);
    ck_assert_msg(change_session_pause(session, true, &err), "%s", err.message);
    cluster_run(&cluster, is_held, NULL);
    ck_assert(change_session_is_paused(session));
    ck_assert_ptr_null(change_session_pause_problem(session));
    ck_assert_int_eq(change_session_phase(session), CHANGE_ROLLING);
}

START_TEST(a_rollout_that_is_held_goes_on_when_it_is_let)
{
    struct error err = ERROR_INIT;
    begin_and_hold();
    ck_assert_int_lt(daemon_set()->updated, daemon_set()->desired);
    ck_assert_msg(change_session_pause(session, false, &err), "%s", err.message);
    cluster_run(&cluster, goes_on, NULL);
    cluster_await_end(&cluster, session);
    ck_assert_int_eq(change_session_phase(session), CHANGE_DONE);
    ck_assert(change_session_is_sound(session));
    ck_assert_str_eq(strategy(), "RollingUpdate");
    char *id = xstrdup(change_session_journal_id(session));
    change_session_free(session);
    struct change_journal_entry *entry = change_journal_read(id, &err);
    for (size_t i = 0; i < entry->count; i++) {
        for (size_t j = 0; j < entry->objects[i].field_count; j++) {
            ck_assert_str_ne(entry->objects[i].fields[j].path, "/spec/updateStrategy");
        }
    }
    change_journal_entry_free(entry);
    free(id);
    cluster_close(&cluster);
}
END_TEST

START_TEST(undo_of_a_held_rollout_brings_the_strategy_back_too)
{
    cluster_open(&cluster, "demo", false);
    char *before = cluster_specs(&cluster);
    cluster_close(&cluster);
    begin_and_hold();
    char *id = xstrdup(change_session_journal_id(session));
    change_session_stop(session);
    struct buffer verdict;
    buffer_init(&verdict, 1 << 20);
    change_session_write_verdict(session, &verdict);
    ck_assert_msg(strstr(verdict.data, "is held where it is. Let it go on with: kubectl patch") !=
                      NULL,
                  "%s", verdict.data);
    buffer_free(&verdict);
    change_session_free(session);
    session = cluster_preview_journal(&cluster, id, false);
    cluster_apply(&cluster, session);
    ck_assert_int_eq(change_session_phase(session), CHANGE_DONE);
    char *after = cluster_specs(&cluster);
    ck_assert_str_eq(before, after);
    change_session_free(session);
    free(before);
    free(after);
    free(id);
    cluster_close(&cluster);
}
END_TEST

Suite *suite_pause(void)
{
    const TTest *const tests[] = {a_rollout_that_is_held_goes_on_when_it_is_let,
                                  undo_of_a_held_rollout_brings_the_strategy_back_too, NULL};
    return suite_of("pause", tests);
}
