#include "runner.h"

#include "change/secret.h"
#include "cluster.h"
#include "sim/writes.h"
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

/* --- Secrets -----------------------------------------------------------------------------------
 */

static char *stored_content(const char *name)
{
    return xstrdup(json_string_or(json_object(cluster_get(&cluster, sim_secrets(), name), "data"),
                                  ".dockerconfigjson", "none"));
}

static struct change_intent *secret_intent(enum change_kind kind, const char *name,
                                           const char *password)
{
    struct error err = ERROR_INIT;
    struct registry_credential credential = {NULL};
    registry_credential_set(&credential, "ghcr.io", "puller", password, strlen(password), NULL,
                            NULL);
    struct change_intent *intent = change_intent_new(kind);
    intent->secret = xstrdup(name);
    intent->secret_object = change_secret_object("kube-system", name, &credential, 1, &err);
    ck_assert_ptr_nonnull(intent->secret_object);
    registry_credential_free(&credential);
    return intent;
}

START_TEST(a_new_secret_is_made_and_used_and_its_password_shows_nowhere)
{
    cluster_open(&cluster, "demo", false);
    struct change_intent *intent = secret_intent(CHANGE_CREATE_SECRET, "better", "hunter-two");
    intent->use_secret = true;
    struct change_session *session = cluster_preview(&cluster, intent);
    char *content =
        xstrdup(json_string(json_object(intent->secret_object, "data"), ".dockerconfigjson"));
    struct buffer all;
    buffer_init(&all, 1 << 20);
    change_session_write_diff(session, &all);
    change_session_write_yaml(session, &all);
    change_session_write_commands(session, &all);
    change_session_write_patches(session, &all);
    cluster_apply(&cluster, session);
    change_session_write_verdict(session, &all);
    assert_done(session);
    ck_assert(change_session_is_sound(session));
    ck_assert_ptr_null(strstr(all.data, content));
    ck_assert_ptr_null(strstr(all.data, "hunter-two"));
    ck_assert_tree(references_of(sim_daemonsets(), DS), "[{'name':'better'}]");
    char *stored = stored_content("better");
    ck_assert_str_eq(stored, content);
    free(stored);
    free(content);
    buffer_free(&all);
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

START_TEST(a_rotated_secret_can_be_rotated_back_while_the_program_runs)
{
    cluster_open(&cluster, "demo", false);
    struct change_session *session =
        cluster_preview(&cluster, secret_intent(CHANGE_CREATE_SECRET, "regcred", "first"));
    cluster_apply(&cluster, session);
    assert_done(session);
    change_session_free(session);
    char *first = stored_content("regcred");

    session = cluster_preview(&cluster, secret_intent(CHANGE_ROTATE_SECRET, "regcred", "second"));
    cluster_apply(&cluster, session);
    assert_done(session);
    char *second = stored_content("regcred");
    ck_assert_str_ne(first, second);
    struct change_intent *back = change_session_rotate_back(session);
    ck_assert_ptr_nonnull(back);
    char *id = xstrdup(change_session_journal_id(session));
    change_session_free(session);

    /* The journal never had the old content. */
    session = cluster_preview_journal(&cluster, id, false);
    ck_assert_int_eq(change_session_phase(session), CHANGE_FAILED);
    change_session_free(session);

    session = cluster_preview(&cluster, back);
    cluster_apply(&cluster, session);
    assert_done(session);
    char *again = stored_content("regcred");
    ck_assert_str_eq(first, again);
    change_session_free(session);
    free(first);
    free(second);
    free(again);
    free(id);
    cluster_close(&cluster);
}
END_TEST

START_TEST(a_secret_attached_to_service_accounts_reaches_the_pods)
{
    cluster_open(&cluster, "demo", false);
    struct change_session *session =
        cluster_preview(&cluster, secret_intent(CHANGE_CREATE_SECRET, "better", "x"));
    cluster_apply(&cluster, session);
    assert_done(session);
    change_session_free(session);
    struct change_intent *intent = change_intent_new(CHANGE_ATTACH_TO_SERVICE_ACCOUNT);
    intent->secret = xstrdup("better");
    session = cluster_preview(&cluster, intent);
    cluster_apply(&cluster, session);
    assert_done(session);
    ck_assert(change_session_is_sound(session));
    ck_assert_ptr_null(references_of(sim_daemonsets(), DS));
    size_t count = 0;
    struct sim_object *const *pods =
        sim_store_list(cluster.sim->store, sim_pods(), "kube-system", &count);
    ck_assert_uint_ge(count, 6);
    for (size_t i = 0; i < count; i++) {
        ck_assert_tree(json_at(pods[i]->body, "spec", "imagePullSecrets", NULL),
                       "[{'name':'better'}]");
    }
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

static bool watches_for_warnings(void *context)
{
    return change_session_phase(context) == CHANGE_VERIFYING;
}

START_TEST(what_somebody_sets_back_meanwhile_is_named)
{
    cluster_open(&cluster, "demo", false);
    struct error err = ERROR_INIT;
    struct change_session *session = preview_drop();
    ck_assert_msg(change_session_apply(session, &err), "%s", err.message);
    cluster_run(&cluster, watches_for_warnings, session);
    cluster_patch(&cluster, sim_daemonsets(), DS,
                  "{'spec':{'template':{'spec':{'imagePullSecrets':[{'name':'regcred'}]}}}}");
    cluster_await_end(&cluster, session);
    assert_done(session);
    ck_assert(!change_session_is_sound(session));
    assert_says(verdict_of(session),
                "DaemonSet kube-system/" DS
                ": /spec/template/spec/imagePullSecrets is not as this change left it; somebody "
                "wrote the object last.");
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

/* --- Manifests ---------------------------------------------------------------------------------
 */

static void add_manifest(struct change_intent *intent, const char *text)
{
    intent->manifests =
        xreallocarray(intent->manifests, intent->manifest_count + 1, sizeof(*intent->manifests));
    intent->manifests[intent->manifest_count++] = tree(text);
}

static struct change_intent *list_intent(void)
{
    struct change_intent *intent = change_intent_new(CHANGE_APPLY);
    add_manifest(intent,
                 "{'apiVersion':'v1','kind':'List','items':["
                 "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'c','namespace':'new'},"
                 "'data':{'a':'1'}},"
                 "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'s','namespace':'new'},"
                 "'stringData':{'k':'very-secret'}},"
                 "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'new'}}]}");
    add_manifest(intent, "{'apiVersion':'policy/v1','kind':'PodDisruptionBudget','metadata':{"
                         "'name':'p','namespace':'new'},'spec':{'minAvailable':1,'selector':{}}}");
    return intent;
}

START_TEST(lists_new_namespaces_and_string_data_are_applied_once)
{
    cluster_open(&cluster, "demo", false);
    struct change_session *session = cluster_preview(&cluster, list_intent());
    char *diff = diff_of(session);
    ck_assert_ptr_null(strstr(diff, "very-secret"));
    free(diff);
    cluster_apply(&cluster, session);
    assert_done(session);
    change_session_free(session);
    session = cluster_preview(&cluster, list_intent());
    char *again = diff_of(session);
    ck_assert_str_eq(again, "");
    ck_assert(!change_session_has_changes(session));
    free(again);
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

START_TEST(a_kind_that_the_server_does_not_know_is_named)
{
    cluster_open(&cluster, "demo", false);
    struct change_intent *intent = change_intent_new(CHANGE_APPLY);
    add_manifest(intent,
                 "{'apiVersion':'x.example.com/v1','kind':'Widget','metadata':{'name':'w'}}");
    struct change_session *session = cluster_preview(&cluster, intent);
    ck_assert_int_eq(change_session_phase(session), CHANGE_FAILED);
    ck_assert_ptr_nonnull(strstr(change_session_error(session)->message, "Widget"));
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

/* --- Rights ------------------------------------------------------------------------------------
 */

static void create_object(const char *text)
{
    struct sim_write write = {.manager = "admin"};
    struct sim_status status = SIM_STATUS_INIT;
    cJSON *body = tree(text);
    const struct sim_resource *resource =
        sim_resource_by_kind(json_string(body, "apiVersion"), json_string(body, "kind"));
    ck_assert(sim_write_create(cluster.sim, resource, "kube-system", body, &write, NULL, &status));
}

START_TEST(a_right_lost_after_the_preview_stops_the_rest_and_says_what_was_done)
{
    cluster_open(&cluster, "viewer", false);
    create_object("{'apiVersion':'rbac.authorization.k8s.io/v1','kind':'Role','metadata':{'name':"
                  "'patcher','namespace':'kube-system'},'rules':[{'apiGroups':['apps'],'resources':"
                  "['statefulsets','daemonsets'],'verbs':['patch']}]}");
    create_object("{'apiVersion':'rbac.authorization.k8s.io/v1','kind':'RoleBinding','metadata':{"
                  "'name':'patcher','namespace':'kube-system'},'subjects':[{'kind':'User','name':"
                  "'viewer','apiGroup':'rbac.authorization.k8s.io'}],'roleRef':{'apiGroup':"
                  "'rbac.authorization.k8s.io','kind':'Role','name':'patcher'}}");
    struct change_intent *intent = change_intent_new(CHANGE_DROP_REFERENCE);
    intent->only = xstrdup("regcred");
    struct change_session *session = cluster_preview(&cluster, intent);
    size_t count = 0;
    const struct change_step *steps = change_session_steps(session, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert(!steps[1].local);
    cluster_patch(&cluster, sim_resource_find("rbac.authorization.k8s.io", "v1", "roles"),
                  "patcher",
                  "{'rules':[{'apiGroups':['apps'],'resources':['statefulsets'],'verbs':['patch']}"
                  "]}");
    cluster_apply(&cluster, session);
    ck_assert_int_eq(change_session_phase(session), CHANGE_FAILED);
    ck_assert_int_eq(change_session_error(session)->kind, ERROR_FORBIDDEN);
    ck_assert_int_eq(steps[0].progress, CHANGE_STEP_DONE);
    assert_says(verdict_of(session), "StatefulSet kube-system/csi-upcloud-controller: changed");
    assert_says(verdict_of(session), "DaemonSet kube-system/csi-upcloud-node: not changed");
    assert_says(verdict_of(session), "pullmend undo");
    change_session_free(session);
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
        a_new_secret_is_made_and_used_and_its_password_shows_nowhere,
        a_rotated_secret_can_be_rotated_back_while_the_program_runs,
        a_secret_attached_to_service_accounts_reaches_the_pods,
        what_somebody_sets_back_meanwhile_is_named,
        lists_new_namespaces_and_string_data_are_applied_once,
        a_kind_that_the_server_does_not_know_is_named,
        a_right_lost_after_the_preview_stops_the_rest_and_says_what_was_done,
        NULL};
    return suite_of("session", tests);
}
