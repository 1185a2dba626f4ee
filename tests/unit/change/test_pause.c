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

static bool all_rolled_out(void *context)
{
    (void)context;
    return change_session_phase(session) != CHANGE_APPLYING &&
           change_session_phase(session) != CHANGE_ROLLING;
}

/* The view or the program goes away while the rollout stands still. */
static char *abandon(void)
{
    begin_and_hold();
    char *id = xstrdup(change_session_journal_id(session));
    change_session_free(session);
    return id;
}

START_TEST(a_rollout_that_was_left_held_is_found_and_let_go_on)
{
    struct error err = ERROR_INIT;
    char *id = abandon();
    struct change_journal_entry *entry =
        change_journal_interrupted(kube_config_server(cluster.config), &err);
    ck_assert_msg(entry != NULL, "%s", err.message);
    ck_assert_str_eq(entry->id, id);
    ck_assert(entry->held);
    ck_assert(!entry->interrupted);
    change_journal_entry_free(entry);
    session = cluster_preview_journal(&cluster, id, true);
    const struct change_plan *plan = change_session_plan(session);
    ck_assert_msg(plan != NULL, "%s", change_session_error(session)->message);
    ck_assert_msg(strncmp(plan->title, "Let it go on: ", 14) == 0, "%s", plan->title);
    ck_assert_int_gt(plan->restarts, 0);
    ck_assert_ptr_nonnull(strstr(plan->costs[0], "goes on with its rollout"));
    ck_assert(change_session_apply(session, &err));
    cluster_run(&cluster, all_rolled_out, NULL);
    ck_assert_ptr_nonnull(daemon_set()); /* it was written before, and is waited for */
    ck_assert_int_eq(daemon_set()->updated, daemon_set()->desired);
    change_session_free(session);
    ck_assert_str_eq(strategy(), "RollingUpdate");
    entry = change_journal_read(id, &err);
    ck_assert(!entry->held);
    ck_assert_int_eq(entry->state, CHANGE_JOURNAL_DONE);
    change_journal_entry_free(entry);
    ck_assert_ptr_null(change_journal_interrupted(kube_config_server(cluster.config), &err));
    free(id);
    cluster_close(&cluster);
}
END_TEST

START_TEST(a_rollout_that_was_left_held_can_be_left_so)
{
    struct error err = ERROR_INIT;
    char *id = abandon();
    ck_assert_msg(change_journal_leave(id, &err), "%s", err.message);
    ck_assert_ptr_null(change_journal_interrupted(kube_config_server(cluster.config), &err));
    ck_assert(!change_journal_leave(id, &err));
    ck_assert_str_eq(strategy(), "OnDelete");
    session = cluster_preview_journal(&cluster, id, false); /* and is taken back all the same */
    cluster_apply(&cluster, session);
    ck_assert_str_eq(strategy(), "RollingUpdate");
    change_session_free(session);
    free(id);
    cluster_close(&cluster);
}
END_TEST

/* kubectl patch, by somebody else: whatever this program held. */
static void release_by_hand(void)
{
    static const char partition[] =
        "{'spec':{'updateStrategy':{'type':'RollingUpdate','rollingUpdate':{'partition':0}}}}";
    static const char unavailable[] =
        "{'spec':{'updateStrategy':{'type':'RollingUpdate','rollingUpdate':{'maxUnavailable':1}}}}";
    cluster_patch(&cluster, sim_statefulsets(), "csi-upcloud-controller", partition);
    cluster_patch(&cluster, sim_daemonsets(), DS, unavailable);
}

START_TEST(a_rollout_that_somebody_else_let_go_on_counts_as_held_no_more)
{
    struct error err = ERROR_INIT;
    begin_and_hold();
    char *id = xstrdup(change_session_journal_id(session));
    release_by_hand();
    cluster_run(&cluster, all_rolled_out, NULL);
    ck_assert(!change_session_is_paused(session));
    change_session_free(session);
    struct change_journal_entry *entry = change_journal_read(id, &err);
    ck_assert(!entry->held);
    change_journal_entry_free(entry);
    free(id);
    cluster_close(&cluster);
    /* And where this program was not there to see it, there is nothing to do. */
    id = abandon();
    release_by_hand();
    session = cluster_preview_journal(&cluster, id, true);
    ck_assert(!change_session_has_changes(session));
    change_session_free(session);
    ck_assert_ptr_null(change_journal_interrupted(kube_config_server(cluster.config), &err));
    free(id);
    cluster_close(&cluster);
}
END_TEST

Suite *suite_pause(void)
{
    const TTest *const tests[] = {a_rollout_that_is_held_goes_on_when_it_is_let,
                                  undo_of_a_held_rollout_brings_the_strategy_back_too,
                                  a_rollout_that_was_left_held_is_found_and_let_go_on,
                                  a_rollout_that_was_left_held_can_be_left_so,
                                  a_rollout_that_somebody_else_let_go_on_counts_as_held_no_more,
                                  NULL};
    return suite_of("pause", tests);
}
