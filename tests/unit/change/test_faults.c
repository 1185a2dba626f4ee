#include "runner.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "change/secret.h"
#include "cluster.h"
#include "sim/faults.h"
#include "trees.h"

Suite *suite_faults(void);

/* What can go wrong between preview and verdict: each time it is told what was done and what not,
 * in the server's words, and nothing of others is overwritten. */

static struct cluster cluster;

static char *verdict_of(const struct change_session *session)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    change_session_write_verdict(session, &out);
    return buffer_take(&out);
}

static void assert_says(char *text, const char *words)
{
    ck_assert_msg(strstr(text, words) != NULL, "\"%s\" is not in:\n%s", words, text);
    free(text);
}

static struct change_intent *manifests(const char *list)
{
    struct change_intent *intent = change_intent_new(CHANGE_APPLY);
    cJSON *documents = tree(list);
    intent->manifest_count = (size_t)cJSON_GetArraySize(documents);
    intent->manifests = xcalloc(intent->manifest_count + 1, sizeof(cJSON *));
    for (size_t i = 0; i < intent->manifest_count; i++) {
        intent->manifests[i] = cJSON_DetachItemFromArray(documents, 0);
    }
    cJSON_Delete(documents);
    return intent;
}

static struct change_intent *empty_secret(const char *name)
{
    struct error err = ERROR_INIT;
    struct change_intent *intent = change_intent_new(CHANGE_CREATE_SECRET);
    intent->secret = xstrdup(name);
    intent->secret_object = change_secret_object("kube-system", name, NULL, 0, &err);
    ck_assert_ptr_nonnull(intent->secret_object);
    return intent;
}

#define MAP(name)                                                                                  \
    "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'" name                              \
    "','namespace':'kube-system'},'data':{'a':'1'}}"

static const struct sim_resource *config_maps(void)
{
    return sim_resource_by_kind("v1", "ConfigMap");
}

static bool exists(const char *name)
{
    return cluster_get(&cluster, config_maps(), name) != NULL;
}

/* --- Refusals of the server ---------------------------------------------------------------------
 */

#define TERMINATING                                                                                \
    "configmaps \\\"b\\\" is forbidden: unable to create new content in namespace kube-system "    \
    "because it is being terminated"
#define QUOTA                                                                                      \
    "configmaps \\\"b\\\" is forbidden: exceeded quota: few, requested: count/configmaps=1, "      \
    "used: count/configmaps=9, limited: count/configmaps=9"
#define WEBHOOK                                                                                    \
    "Internal error occurred: failed calling webhook \\\"check.example.com\\\": failed to call "   \
    "webhook: Post \\\"https://check.ns.svc:443/?timeout=10s\\\": context deadline exceeded"
#define DENIED "admission webhook \\\"check.example.com\\\" denied the request: not on Mondays"

struct refusal {
    const char *words;
    const char *fault; /* without method and path */
    enum error_kind kind;
};

static const struct refusal refusals[] = {
    {"because it is being terminated",
     "'code':403,'reason':'Forbidden','message':'" TERMINATING
     "','causes':[{'reason':'NamespaceTerminating','field':'metadata.namespace',"
     "'message':'namespace kube-system is being terminated'}]",
     ERROR_FORBIDDEN},
    {"exceeded quota: few", "'code':403,'reason':'Forbidden','message':'" QUOTA "'",
     ERROR_FORBIDDEN},
    {"context deadline exceeded", "'code':500,'reason':'InternalError','message':'" WEBHOOK "'",
     ERROR_UNAVAILABLE},
    {"not on Mondays", "'code':403,'reason':'Forbidden','message':'" DENIED "'", ERROR_FORBIDDEN},
};

static void set_refusal(const struct refusal *refusal, const char *more)
{
    char *fault = xasprintf("{'kind':'status',%s,'method':'POST','path':'configmaps'%s}",
                            refusal->fault, more);
    cluster_fault(&cluster, fault);
    free(fault);
}

/* The dry run tells it already: a refusal is shown with the object, and apply is refused. */
START_TEST(a_refused_dry_run_is_shown_in_the_servers_words)
{
    const struct refusal *refusal = &refusals[_i];
    cluster_open(&cluster, "demo", false);
    set_refusal(refusal, "");
    struct change_session *session = cluster_preview(&cluster, manifests("[" MAP("b") "]"));
    ck_assert_int_eq(change_session_phase(session), CHANGE_PREVIEWED);
    size_t count = 0;
    const struct change_step *step = change_session_steps(session, &count);
    ck_assert_msg(strstr(step->refusal.message, refusal->words) != NULL, "%s",
                  step->refusal.message);
    struct error err = ERROR_INIT;
    ck_assert(!change_session_apply(session, &err));
    ck_assert(!exists("b"));
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

/* It comes only with the change itself: what stands before is kept, what follows is not sent. */
START_TEST(a_refusal_in_the_midst_stops_the_rest_and_says_what_was_done)
{
    const struct refusal *refusal = &refusals[_i];
    cluster_open(&cluster, "demo", false);
    struct change_session *session =
        cluster_preview(&cluster, manifests("[" MAP("a") "," MAP("b") "," MAP("c") "]"));
    cluster_fault(&cluster, "{'kind':'latency','milliseconds':1,'count':1}");
    struct error err = ERROR_INIT;
    ck_assert_msg(change_session_apply(session, &err), "%s", err.message);
    size_t count = 0;
    const struct change_step *steps = change_session_steps(session, &count);
    while (steps[0].progress != CHANGE_STEP_DONE) {
        loop_step(cluster.loop, 100);
    }
    set_refusal(refusal, "");
    cluster_await_end(&cluster, session);
    ck_assert_int_eq(change_session_phase(session), CHANGE_FAILED);
    ck_assert_int_eq(change_session_error(session)->kind, refusal->kind);
    ck_assert_int_eq(steps[1].progress, CHANGE_STEP_FAILED);
    ck_assert_int_eq(steps[2].progress, CHANGE_STEP_WAITING);
    ck_assert(exists("a") && !exists("b") && !exists("c"));
    assert_says(verdict_of(session), refusal->words);
    assert_says(verdict_of(session), "ConfigMap kube-system/a: created");
    assert_says(verdict_of(session), "ConfigMap kube-system/b: not created");
    assert_says(verdict_of(session), "ConfigMap kube-system/c: not created");
    assert_says(verdict_of(session), "pullmend undo");
    assert_says(verdict_of(session), "pullmend resume");
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

/* One that passes is no reason to give up: the object was not made, so it is sent again. */
START_TEST(a_webhook_that_times_out_once_is_asked_again)
{
    cluster_open(&cluster, "demo", false);
    struct change_session *session = cluster_preview(&cluster, manifests("[" MAP("b") "]"));
    set_refusal(&refusals[2], ",'count':1");
    cluster_apply(&cluster, session);
    ck_assert_int_eq(change_session_phase(session), CHANGE_DONE);
    ck_assert(exists("b"));
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

START_TEST(forbidden_for_the_third_of_five_leaves_two_changed_and_resume_does_the_rest)
{
    cluster_open(&cluster, "demo", false);
    struct change_session *session = cluster_preview(
        &cluster, manifests("[" MAP("a") "," MAP("b") "," MAP("c") "," MAP("d") "," MAP("e") "]"));
    struct error err = ERROR_INIT;
    ck_assert_msg(change_session_apply(session, &err), "%s", err.message);
    size_t count = 0;
    const struct change_step *steps = change_session_steps(session, &count);
    while (steps[1].progress != CHANGE_STEP_DONE) {
        loop_step(cluster.loop, 100);
    }
    cluster_fault(&cluster,
                  "{'kind':'status','code':403,'reason':'Forbidden','method':'POST','path':"
                  "'configmaps','message':'configmaps is forbidden: User \\\"me\\\" cannot create "
                  "resource \\\"configmaps\\\"'}");
    cluster_await_end(&cluster, session);
    ck_assert_int_eq(change_session_phase(session), CHANGE_FAILED);
    ck_assert_int_eq(change_session_error(session)->kind, ERROR_FORBIDDEN);
    ck_assert(exists("a") && exists("b") && !exists("c") && !exists("d") && !exists("e"));
    char *id = xstrdup(change_session_journal_id(session));
    change_session_free(session);
    sim_faults_clear(cluster.sim->faults);
    session = cluster_preview_journal(&cluster, id, true);
    ck_assert_int_eq(change_session_phase(session), CHANGE_PREVIEWED);
    cluster_apply(&cluster, session);
    ck_assert_int_eq(change_session_phase(session), CHANGE_DONE);
    ck_assert(exists("c") && exists("d") && exists("e"));
    change_session_free(session);
    session = cluster_preview_journal(&cluster, id, false);
    cluster_apply(&cluster, session);
    ck_assert(!exists("a") && !exists("b") && !exists("c") && !exists("d") && !exists("e"));
    change_session_free(session);
    free(id);
    cluster_close(&cluster);
}
END_TEST

/* --- Others between preview and apply -----------------------------------------------------------
 */

START_TEST(an_object_made_by_somebody_since_the_preview_is_not_overwritten)
{
    cluster_open(&cluster, "demo", false);
    struct change_session *session = cluster_preview(&cluster, empty_secret("regcred"));
    struct change_session *theirs = cluster_preview(&cluster, empty_secret("regcred"));
    cluster_apply(&cluster, theirs);
    cluster_patch(&cluster, sim_secrets(), "regcred", "{'data':{'.dockerconfigjson':'e30='}}");
    cluster_apply(&cluster, session);
    ck_assert_int_eq(change_session_phase(session), CHANGE_FAILED);
    ck_assert_int_eq(change_session_error(session)->kind, ERROR_CONFLICT);
    ck_assert_str_eq(
        json_string_or(json_object(cluster_get(&cluster, sim_secrets(), "regcred"), "data"),
                       ".dockerconfigjson", ""),
        "e30=");
    change_session_free(session);
    change_session_free(theirs);
    cluster_close(&cluster);
}
END_TEST

/* --- The journal -------------------------------------------------------------------------------
 */

/* Files of this process may not grow: what a full disk does, but for the error's name. */
static void fill_disk(bool full)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = full ? 16 : limit.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(with_a_full_disk_nothing_is_sent)
{
    cluster_open(&cluster, "demo", false);
    char *before = cluster_specs(&cluster);
    struct change_session *session =
        cluster_preview(&cluster, change_intent_new(CHANGE_DROP_REFERENCE));
    struct error err = ERROR_INIT;
    fill_disk(true);
    bool applied = change_session_apply(session, &err);
    fill_disk(false);
    ck_assert(!applied);
    ck_assert_ptr_nonnull(strstr(err.message, "nothing was sent"));
    ck_assert_int_eq(change_session_phase(session), CHANGE_PREVIEWED);
    char *after = cluster_specs(&cluster);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    struct change_journal_entry **entries = NULL;
    size_t count = 0;
    ck_assert(change_journal_list(&entries, &count, &err));
    ck_assert_uint_eq(count, 0);
    free(entries);
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

START_TEST(a_disk_that_fills_up_in_the_midst_stops_before_the_next_object)
{
    cluster_open(&cluster, "demo", false);
    struct change_session *session =
        cluster_preview(&cluster, manifests("[" MAP("a") "," MAP("b") "]"));
    struct error err = ERROR_INIT;
    ck_assert(change_session_apply(session, &err));
    size_t count = 0;
    const struct change_step *steps = change_session_steps(session, &count);
    while (steps[0].progress == CHANGE_STEP_WAITING) {
        loop_step(cluster.loop, 100);
    }
    fill_disk(true);
    while (change_session_phase(session) == CHANGE_APPLYING) {
        loop_step(cluster.loop, 100);
    }
    fill_disk(false);
    ck_assert_int_eq(change_session_phase(session), CHANGE_FAILED);
    ck_assert(exists("a") && !exists("b"));
    assert_says(verdict_of(session), "the change was made, but the journal could not be written");
    assert_says(verdict_of(session), "ConfigMap kube-system/b: not created");
    char *id = xstrdup(change_session_journal_id(session));
    change_session_free(session);
    /* The journal still says "sent": undo looks, and finds the truth. */
    struct change_journal_entry *entry = change_journal_read(id, &err);
    ck_assert_ptr_nonnull(entry);
    entry->pid = 0;
    ck_assert(change_journal_write(entry, &err));
    change_journal_entry_free(entry);
    session = cluster_preview_journal(&cluster, id, false);
    cluster_apply(&cluster, session);
    ck_assert_int_eq(change_session_phase(session), CHANGE_DONE);
    ck_assert(!exists("a"));
    change_session_free(session);
    free(id);
    cluster_close(&cluster);
}
END_TEST

/* A number of a process is given again: the entry's program is dead all the same. */
START_TEST(another_process_of_the_same_number_does_not_hide_an_interrupted_change)
{
    cluster_open(&cluster, "demo", false);
    struct change_session *session =
        cluster_preview(&cluster, change_intent_new(CHANGE_DROP_REFERENCE));
    struct error err = ERROR_INIT;
    ck_assert(change_session_apply(session, &err));
    struct change_journal_entry *entry =
        change_journal_read(change_session_journal_id(session), &err);
    ck_assert(!entry->interrupted);
    ck_assert_int_gt(entry->pid_start, 0);
    change_session_free(session);
    entry->pid_start++;
    ck_assert(change_journal_write(entry, &err));
    struct change_journal_entry *found = change_journal_interrupted(entry->server, &err);
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq(found->id, entry->id);
    ck_assert_ptr_null(change_journal_interrupted("https://elsewhere", &err));
    ck_assert(change_journal_leave(entry->id, &err));
    ck_assert_ptr_null(change_journal_interrupted(entry->server, &err));
    change_journal_entry_free(found);
    change_journal_entry_free(entry);
    cluster_close(&cluster);
}
END_TEST

Suite *suite_faults(void)
{
    const TTest *const tests[] = {
        a_webhook_that_times_out_once_is_asked_again,
        forbidden_for_the_third_of_five_leaves_two_changed_and_resume_does_the_rest,
        an_object_made_by_somebody_since_the_preview_is_not_overwritten,
        with_a_full_disk_nothing_is_sent,
        a_disk_that_fills_up_in_the_midst_stops_before_the_next_object,
        another_process_of_the_same_number_does_not_hide_an_interrupted_change,
        NULL};
    Suite *suite = suite_of("faults", tests);
    TCase *test_case = tcase_create("refusals");
    tcase_set_timeout(test_case, 120);
    int count = (int)ARRAY_LENGTH(refusals);
    tcase_add_loop_test(test_case, a_refused_dry_run_is_shown_in_the_servers_words, 0, count);
    tcase_add_loop_test(test_case, a_refusal_in_the_midst_stops_the_rest_and_says_what_was_done, 0,
                        count);
    suite_add_tcase(suite, test_case);
    return suite;
}
