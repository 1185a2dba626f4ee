#include "runner.h"

#include "change/secret.h"
#include "cluster.h"
#include "trees.h"

Suite *suite_session(void);

#define STS "csi-upcloud-controller"
#define DS  "csi-upcloud-node"

static struct cluster cluster;

static struct change_session *preview_drop(void)
{
    return cluster_preview(&cluster, change_intent_new(CHANGE_DROP_REFERENCE));
}

static char *diff_of(const struct change_session *session)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    change_session_write_diff(session, &out);
    return buffer_take(&out);
}

static char *verdict_of(const struct change_session *session)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    change_session_write_verdict(session, &out);
    return buffer_take(&out);
}

static void assert_done(const struct change_session *session)
{
    char *verdict = verdict_of(session);
    ck_assert_msg(change_session_phase(session) == CHANGE_DONE, "%s", verdict);
    free(verdict);
}

static const cJSON *references_of(const struct sim_resource *resource, const char *name)
{
    return json_at(cluster_get(&cluster, resource, name), "spec", "template", "spec",
                   "imagePullSecrets", NULL);
}

static void assert_says(char *text, const char *words)
{
    ck_assert_msg(strstr(text, words) != NULL, "\"%s\" is not in:\n%s", words, text);
    free(text);
}

/* --- The main way ------------------------------------------------------------------------------
 */

START_TEST(a_preview_shows_the_change_and_writes_nothing)
{
    cluster_open(&cluster, "demo", false);
    char *before = cluster_specs(&cluster);
    struct change_session *session = preview_drop();
    ck_assert_int_eq(change_session_phase(session), CHANGE_PREVIEWED);
    ck_assert(change_session_has_changes(session));
    char *diff = diff_of(session);
    ck_assert_ptr_nonnull(strstr(diff, "-      imagePullSecrets:"));
    ck_assert_ptr_null(strstr(diff, "resourceVersion"));
    ck_assert_ptr_null(strstr(diff, "last-applied"));
    free(diff);
    size_t count = 0;
    const struct change_step *steps = change_session_steps(session, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert(!steps[0].local);
    char *after = cluster_specs(&cluster);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

START_TEST(a_dropped_reference_ends_the_warnings_and_undo_brings_back_every_byte)
{
    cluster_open(&cluster, "demo", false);
    char *before = cluster_specs(&cluster);
    struct change_session *session = preview_drop();
    cluster_apply(&cluster, session);
    assert_done(session);
    ck_assert(change_session_is_sound(session));
    ck_assert_ptr_null(references_of(sim_statefulsets(), STS));
    ck_assert_ptr_null(references_of(sim_daemonsets(), DS));
    char *changed = cluster_specs(&cluster);
    ck_assert_ptr_null(strstr(changed, "regcred"));
    free(changed);
    assert_says(verdict_of(session), "warnings a day have ended");
    assert_says(verdict_of(session), "DaemonSet kube-system/csi-upcloud-node: rolled out");
    char *id = xstrdup(change_session_journal_id(session));
    change_session_free(session);

    session = cluster_preview_journal(&cluster, id, false);
    cluster_apply(&cluster, session);
    assert_done(session);
    char *after = cluster_specs(&cluster);
    ck_assert_str_eq(before, after);
    change_session_free(session);
    struct error err = ERROR_INIT;
    struct change_journal_entry *entry = change_journal_read(id, &err);
    ck_assert_int_eq(entry->state, CHANGE_JOURNAL_UNDONE);
    change_journal_entry_free(entry);
    free(id);
    free(before);
    free(after);
    cluster_close(&cluster);
}
END_TEST

START_TEST(an_empty_secret_under_the_used_name_mends_without_a_restart)
{
    cluster_open(&cluster, "demo", false);
    struct error err = ERROR_INIT;
    char *before = cluster_pod_uids(&cluster);
    struct change_intent *intent = change_intent_new(CHANGE_CREATE_SECRET);
    intent->secret = xstrdup("regcred");
    intent->secret_object = change_secret_object("kube-system", "regcred", NULL, 0, &err);
    struct change_session *session = cluster_preview(&cluster, intent);
    ck_assert_int_eq(change_session_plan(session)->restarts, 0);
    cluster_apply(&cluster, session);
    assert_done(session);
    ck_assert(change_session_is_sound(session));
    char *after = cluster_pod_uids(&cluster);
    ck_assert_str_eq(before, after);
    char *id = xstrdup(change_session_journal_id(session));
    change_session_free(session);

    session = cluster_preview_journal(&cluster, id, false);
    cluster_apply(&cluster, session);
    assert_done(session);
    ck_assert_ptr_null(cluster_get(&cluster, sim_secrets(), "regcred"));
    change_session_free(session);
    free(id);
    free(before);
    free(after);
    cluster_close(&cluster);
}
END_TEST

START_TEST(a_second_preview_of_the_same_change_has_nothing_to_do)
{
    cluster_open(&cluster, "demo", false);
    struct change_session *session = preview_drop();
    cluster_apply(&cluster, session);
    assert_done(session);
    change_session_free(session);
    session = preview_drop();
    ck_assert_int_eq(change_session_phase(session), CHANGE_PREVIEWED);
    ck_assert(!change_session_has_changes(session));
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

/* --- Others are at work too --------------------------------------------------------------------
 */

START_TEST(somebody_elses_change_after_the_preview_is_not_overwritten)
{
    cluster_open(&cluster, "demo", false);
    struct change_session *session = preview_drop();
    cluster_patch(&cluster, sim_daemonsets(), DS,
                  "{'spec':{'template':{'metadata':{'labels':{'x':'y'}}}}}");
    cluster_apply(&cluster, session);
    ck_assert_int_eq(change_session_phase(session), CHANGE_FAILED);
    ck_assert_int_eq(change_session_error(session)->kind, ERROR_CONFLICT);
    ck_assert_ptr_nonnull(references_of(sim_daemonsets(), DS));
    ck_assert_ptr_null(references_of(sim_statefulsets(), STS));
    size_t count = 0;
    const struct change_step *steps = change_session_steps(session, &count);
    ck_assert_int_eq(steps[0].progress, CHANGE_STEP_DONE);
    ck_assert_int_eq(steps[1].progress, CHANGE_STEP_FAILED);
    assert_says(verdict_of(session), "/spec/template/metadata/labels/x");
    assert_says(verdict_of(session), "DaemonSet kube-system/csi-upcloud-node: not changed");
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

START_TEST(a_status_that_moved_does_not_hinder_the_change)
{
    cluster_open(&cluster, "demo", false);
    struct change_session *session = preview_drop();
    cluster_patch(&cluster, sim_daemonsets(), DS,
                  "{'metadata':{'annotations':{'deprecated.daemonset.template.generation':'9'}}}");
    cluster_apply(&cluster, session);
    assert_done(session);
    ck_assert_ptr_null(references_of(sim_daemonsets(), DS));
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

START_TEST(an_object_that_is_deleted_after_the_preview_stays_deleted)
{
    cluster_open(&cluster, "demo", false);
    struct change_session *session = preview_drop();
    cluster_delete(&cluster, sim_daemonsets(), DS);
    cluster_apply(&cluster, session);
    ck_assert_int_eq(change_session_phase(session), CHANGE_FAILED);
    ck_assert_int_eq(change_session_error(session)->kind, ERROR_NOT_FOUND);
    ck_assert_ptr_null(cluster_get(&cluster, sim_daemonsets(), DS));
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

START_TEST(of_two_programs_at_once_the_second_sees_that_it_is_done)
{
    cluster_open(&cluster, "demo", false);
    struct change_session *first = preview_drop();
    struct change_session *second = preview_drop();
    cluster_apply(&cluster, first);
    assert_done(first);
    int64_t generation = json_int(
        json_object(cluster_get(&cluster, sim_daemonsets(), DS), "metadata"), "generation", 0);
    cluster_apply(&cluster, second);
    assert_done(second);
    ck_assert_int_eq(json_int(json_object(cluster_get(&cluster, sim_daemonsets(), DS), "metadata"),
                              "generation", 0),
                     generation);
    change_session_free(first);
    change_session_free(second);
    cluster_close(&cluster);
}
END_TEST

START_TEST(undo_refuses_where_somebody_changed_the_field_since)
{
    cluster_open(&cluster, "demo", false);
    struct change_session *session = preview_drop();
    cluster_apply(&cluster, session);
    assert_done(session);
    char *id = xstrdup(change_session_journal_id(session));
    change_session_free(session);
    cluster_patch(&cluster, sim_daemonsets(), DS,
                  "{'spec':{'template':{'spec':{'imagePullSecrets':[{'name':'theirs'}]}}}}");
    session = cluster_preview_journal(&cluster, id, false);
    ck_assert_int_eq(change_session_phase(session), CHANGE_FAILED);
    ck_assert_ptr_nonnull(strstr(change_session_error(session)->message, "theirs"));
    change_session_free(session);
    free(id);
    cluster_close(&cluster);
}
END_TEST

/* --- Faults ------------------------------------------------------------------------------------
 */

START_TEST(lost_answers_are_resolved_by_reading_back)
{
    static const char *const faults[] = {
        /* written, but the answer never arrives */
        "{'kind':'reset','atByte':0,'method':'PATCH','path':'csi-upcloud-node?','count':1}",
        /* not written at all */
        "{'kind':'status','code':503,'method':'PATCH','path':'csi-upcloud-node?','count':1}",
        "{'kind':'status','code':429,'method':'PATCH','path':'csi-upcloud-node?','count':1}",
        "{'kind':'malformed','method':'PATCH','path':'csi-upcloud-node?','count':1}",
        "{'kind':'html','method':'PATCH','path':'csi-upcloud-node?','count':1}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(faults); i++) {
        cluster_open(&cluster, "demo", false);
        struct change_session *session = preview_drop();
        cluster_fault(&cluster, faults[i]);
        cluster_apply(&cluster, session);
        assert_done(session);
        ck_assert_ptr_null(references_of(sim_daemonsets(), DS));
        ck_assert_int_eq(
            json_int(json_object(cluster_get(&cluster, sim_daemonsets(), DS), "metadata"),
                     "generation", 0),
            2);
        change_session_free(session);
        cluster_close(&cluster);
    }
}
END_TEST

START_TEST(a_lost_answer_to_a_creation_does_not_make_it_twice_or_fail)
{
    cluster_open(&cluster, "demo", false);
    struct error err = ERROR_INIT;
    struct change_intent *intent = change_intent_new(CHANGE_CREATE_SECRET);
    intent->secret_object = change_secret_object("kube-system", "regcred", NULL, 0, &err);
    struct change_session *session = cluster_preview(&cluster, intent);
    cluster_fault(&cluster, "{'kind':'reset','atByte':0,'method':'POST','path':'secrets?',"
                            "'count':1}");
    cluster_apply(&cluster, session);
    assert_done(session);
    ck_assert_ptr_nonnull(cluster_get(&cluster, sim_secrets(), "regcred"));
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

START_TEST(without_a_journal_nothing_is_sent)
{
    cluster_open(&cluster, "demo", false);
    char *before = cluster_specs(&cluster);
    struct change_session *session = preview_drop();
    setenv("XDG_STATE_HOME", "/dev/null", 1);
    struct error err = ERROR_INIT;
    ck_assert(!change_session_apply(session, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "nothing was sent"));
    ck_assert_int_eq(change_session_phase(session), CHANGE_PREVIEWED);
    char *after = cluster_specs(&cluster);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

START_TEST(who_may_not_write_gets_a_preview_made_here_and_no_more)
{
    cluster_open(&cluster, "viewer", false);
    struct change_intent *intent = change_intent_new(CHANGE_DROP_REFERENCE);
    /* A viewer may not read Secrets, so no reference is known to be broken. */
    intent->only = xstrdup("regcred");
    struct change_session *session = cluster_preview(&cluster, intent);
    ck_assert_msg(change_session_phase(session) == CHANGE_PREVIEWED, "%s",
                  change_session_error(session)->message);
    size_t count = 0;
    const struct change_step *steps = change_session_steps(session, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert(steps[0].local);
    assert_says(diff_of(session), "computed here, not by the server");
    struct error err = ERROR_INIT;
    ck_assert(!change_session_apply(session, &err));
    ck_assert_int_eq(err.kind, ERROR_FORBIDDEN);
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

START_TEST(read_only_mode_previews_here_and_never_writes)
{
    cluster_open(&cluster, "demo", true);
    struct change_session *session = preview_drop();
    ck_assert_int_eq(change_session_phase(session), CHANGE_PREVIEWED);
    size_t count = 0;
    ck_assert(change_session_steps(session, &count)[0].local);
    struct error err = ERROR_INIT;
    ck_assert(!change_session_apply(session, &err));
    ck_assert_int_eq(err.kind, ERROR_FORBIDDEN);
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

START_TEST(stopping_ends_after_the_current_object_and_undo_takes_it_back)
{
    cluster_open(&cluster, "demo", false);
    char *before = cluster_specs(&cluster);
    struct change_session *session = preview_drop();
    struct error err = ERROR_INIT;
    ck_assert(change_session_apply(session, &err));
    size_t count = 0;
    const struct change_step *steps = change_session_steps(session, &count);
    while (steps[0].progress != CHANGE_STEP_SENT) {
        loop_step(cluster.loop, 100);
    }
    change_session_stop(session);
    cluster_await_end(&cluster, session);
    ck_assert_int_eq(change_session_phase(session), CHANGE_FAILED);
    ck_assert_int_eq(steps[0].progress, CHANGE_STEP_DONE);
    ck_assert_int_eq(steps[1].progress, CHANGE_STEP_WAITING);
    ck_assert_ptr_nonnull(references_of(sim_daemonsets(), DS));
    char *id = xstrdup(change_session_journal_id(session));
    change_session_free(session);
    session = cluster_preview_journal(&cluster, id, false);
    cluster_apply(&cluster, session);
    char *after = cluster_specs(&cluster);
    ck_assert_str_eq(before, after);
    change_session_free(session);
    free(id);
    free(before);
    free(after);
    cluster_close(&cluster);
}
END_TEST

Suite *suite_session(void)
{
    const TTest *const tests[] = {
        a_preview_shows_the_change_and_writes_nothing,
        a_dropped_reference_ends_the_warnings_and_undo_brings_back_every_byte,
        an_empty_secret_under_the_used_name_mends_without_a_restart,
        a_second_preview_of_the_same_change_has_nothing_to_do,
        somebody_elses_change_after_the_preview_is_not_overwritten,
        a_status_that_moved_does_not_hinder_the_change,
        an_object_that_is_deleted_after_the_preview_stays_deleted,
        of_two_programs_at_once_the_second_sees_that_it_is_done,
        undo_refuses_where_somebody_changed_the_field_since,
        lost_answers_are_resolved_by_reading_back,
        a_lost_answer_to_a_creation_does_not_make_it_twice_or_fail,
        without_a_journal_nothing_is_sent,
        who_may_not_write_gets_a_preview_made_here_and_no_more,
        read_only_mode_previews_here_and_never_writes,
        stopping_ends_after_the_current_object_and_undo_takes_it_back,
        NULL};
    return suite_of("session", tests);
}
