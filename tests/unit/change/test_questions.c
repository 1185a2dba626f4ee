#include "runner.h"

#include "change/conflicts.h"
#include "cluster.h"
#include "sim/writes.h"
#include "trees.h"

Suite *suite_questions(void);

#define STS "csi-upcloud-controller"
#define DS  "csi-upcloud-node"

static struct cluster cluster;

/* --- Fields of others ---------------------------------------------------------------------------
 */

/* "manager field;..." */
static void assert_conflicts(const char *managed, const char *live, const char *desired,
                             const char *expected)
{
    cJSON *from = tree(live);
    cJSON *to = tree(desired);
    cJSON *metadata = json_need_object(from, "metadata");
    json_set(metadata, "managedFields", tree(managed));
    size_t count = 0;
    struct change_conflict *conflicts = change_conflicts_find(from, to, &count);
    struct buffer text;
    buffer_init(&text, 1 << 16);
    for (size_t i = 0; i < count; i++) {
        buffer_printf(&text, "%s %s;", conflicts[i].manager, conflicts[i].field);
    }
    ck_assert_str_eq(text.data, expected);
    buffer_free(&text);
    change_conflicts_free(conflicts, count);
    cJSON_Delete(from);
    cJSON_Delete(to);
}

#define OWNED(manager, operation, fields)                                                          \
    "[{'manager':'" manager "','operation':'" operation "','fieldsV1':" fields "}]"
#define LIST_OF(fields) "{'f:spec':{'f:imagePullSecrets':{" fields "}}}"
#define SPEC(list)      "{'spec':{'imagePullSecrets':[" list "]}}"
#define KEY_A           "'k:{\\\"name\\\":\\\"a\\\"}':{'.':{},'f:name':{}}"

START_TEST(fields_of_others_are_found_one_by_one)
{
    assert_conflicts(OWNED("gitops", "Apply", LIST_OF(KEY_A)), SPEC("{'name':'a'},{'name':'b'}"),
                     SPEC("{'name':'b'}"), "gitops .spec.imagePullSecrets[name=\"a\"];");
    /* What the change leaves alone is no conflict. */
    assert_conflicts(OWNED("gitops", "Apply", LIST_OF(KEY_A)), SPEC("{'name':'a'},{'name':'b'}"),
                     SPEC("{'name':'a'}"), "");
    /* Who only wrote once does not come back for it. */
    assert_conflicts(OWNED("gitops", "Update", LIST_OF(KEY_A)), SPEC("{'name':'a'}"),
                     SPEC("{'name':'b'}"), "");
    assert_conflicts(OWNED("pullmend", "Apply", LIST_OF(KEY_A)), SPEC("{'name':'a'}"),
                     SPEC("{'name':'b'}"), "");
    /* An atomic list is one field; sets are told by value, maps by their members. */
    assert_conflicts(OWNED("flux", "Apply", "{'f:imagePullSecrets':{}}"),
                     "{'imagePullSecrets':[{'name':'a'}]}", "{'imagePullSecrets':[]}",
                     "flux .imagePullSecrets;");
    assert_conflicts(
        OWNED("x", "Apply",
              "{'f:metadata':{'f:finalizers':{'v:\\\"f\\\"':{}},'f:labels':{'f:l':{}}}}"),
        "{'metadata':{'finalizers':['f'],'labels':{'l':'1'}}}",
        "{'metadata':{'finalizers':[],'labels':{'l':'2'}}}",
        "x .metadata.finalizers[=\"f\"];x .metadata.labels.l;");
    assert_conflicts("[{'manager':'k','operation':'Apply','subresource':'status','fieldsV1':"
                     "{'f:status':{'f:x':{}}}}]",
                     "{'status':{'x':1}}", "{'status':{'x':2}}", "");
}
END_TEST

/* --- Questions of a session ---------------------------------------------------------------------
 */

static struct change_session *preview_drop(void)
{
    struct change_session *session =
        cluster_preview(&cluster, change_intent_new(CHANGE_DROP_REFERENCE));
    ck_assert_msg(change_session_phase(session) == CHANGE_PREVIEWED, "%s",
                  change_session_error(session)->message);
    return session;
}

static void assert_refused(struct change_session *session, const char *words)
{
    struct error err = ERROR_INIT;
    ck_assert(!change_session_apply(session, &err));
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_assert_msg(strstr(err.message, words) != NULL, "%s", err.message);
}

START_TEST(each_owner_that_sets_back_is_confirmed_by_itself)
{
    cluster_open(&cluster, "demo", false);
    cluster_patch(&cluster, sim_daemonsets(), DS,
                  "{'metadata':{'labels':{'argocd.argoproj.io/instance':'csi'}}}");
    cluster_patch(&cluster, sim_statefulsets(), STS,
                  "{'metadata':{'labels':{'app.kubernetes.io/managed-by':'Helm'},'annotations':{"
                  "'meta.helm.sh/release-name':'csi'}}}");
    struct change_session *session = preview_drop();
    size_t count = 0;
    const struct change_question *questions = change_session_questions(session, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(questions[0].word, "helm");
    ck_assert_ptr_nonnull(strstr(questions[0].text, "next upgrade"));
    ck_assert_str_eq(questions[1].word, "argocd");
    ck_assert_ptr_nonnull(strstr(questions[1].text, "within minutes"));
    assert_refused(session, "helm");
    ck_assert(change_session_accept(session, "helm"));
    assert_refused(session, "argocd");
    ck_assert(!change_session_accept(session, "flux"));
    ck_assert(change_session_accept(session, "argocd"));
    cluster_apply(&cluster, session);
    ck_assert_int_eq(change_session_phase(session), CHANGE_DONE);
    char *id = xstrdup(change_session_journal_id(session));
    change_session_free(session);
    /* Taking it back is what the owners want. */
    session = cluster_preview_journal(&cluster, id, false);
    change_session_questions(session, &count);
    ck_assert_uint_eq(count, 0);
    change_session_free(session);
    free(id);
    cluster_close(&cluster);
}
END_TEST

START_TEST(fields_that_somebody_applies_are_taken_over_only_when_that_is_confirmed)
{
    cluster_open(&cluster, "demo", false);
    struct sim_write write = {.manager = "deployer", .forced = true};
    struct sim_status status = SIM_STATUS_INIT;
    cJSON *body = tree("{'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'" DS
                       "','namespace':'kube-system'},'spec':{'template':{'spec':{"
                       "'imagePullSecrets':[{'name':'regcred'}]}}}}");
    ck_assert(sim_write_patch(cluster.sim, sim_daemonsets(), "kube-system", DS, SIM_PATCH_APPLY,
                              body, &write, NULL, NULL, &status));
    cJSON_Delete(body);
    struct change_session *session = preview_drop();
    size_t count = 0;
    const struct change_question *questions = change_session_questions(session, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(questions[0].word, CHANGE_CONFLICTS);
    ck_assert_ptr_nonnull(strstr(questions[0].text,
                                 "DaemonSet kube-system/csi-upcloud-node: conflict with "
                                 "\"deployer\": "
                                 ".spec.template.spec.imagePullSecrets[name=\"regcred\"]"));
    ck_assert_ptr_nonnull(strstr(questions[0].text, "Three ways out"));
    assert_refused(session, "conflicts");
    change_session_accept(session, CHANGE_CONFLICTS);
    cluster_apply(&cluster, session);
    ck_assert_int_eq(change_session_phase(session), CHANGE_DONE);
    change_session_free(session);
    cluster_close(&cluster);
}
END_TEST

Suite *suite_questions(void)
{
    const TTest *const tests[] = {
        fields_of_others_are_found_one_by_one, each_owner_that_sets_back_is_confirmed_by_itself,
        fields_that_somebody_applies_are_taken_over_only_when_that_is_confirmed, NULL};
    return suite_of("questions", tests);
}
