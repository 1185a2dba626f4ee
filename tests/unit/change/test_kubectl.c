#include "runner.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "change/last_applied.h"
#include "cluster.h"
#include "sim/patch.h"
#include "sim/writes.h"
#include "trees.h"

Suite *suite_kubectl(void);

/*
 * The same edits of the same manifests, by the machine's kubectl on one copy and by pullmend on the
 * other, must end in equal objects. Without kubectl there is nothing to compare with.
 */

static struct cluster cluster;

struct edit {
    const char *name;
    const char *kind;     /* of the scenario's two workloads: "DaemonSet" or "StatefulSet" */
    const char *manifest; /* JSON patch: what the person changes in the file */
    const char *foreign;  /* JSON patch: what others changed in the cluster meanwhile; NULL */
};

#define TEMPLATE "/spec/template/spec"
#define DS       "DaemonSet"
#define STS      "StatefulSet"

static const struct edit edits[] = {
    {"nothing", DS, "[]", NULL},
    {"the reference goes", DS, "[{'op':'remove','path':'" TEMPLATE "/imagePullSecrets'}]", NULL},
    {"the reference goes", STS, "[{'op':'remove','path':'" TEMPLATE "/imagePullSecrets'}]", NULL},
    {"the reference goes, another's with it", DS,
     "[{'op':'remove','path':'" TEMPLATE "/imagePullSecrets'}]",
     "[{'op':'add','path':'" TEMPLATE "/imagePullSecrets/-','value':{'name':'theirs'}}]"},
    {"the reference is renamed", DS,
     "[{'op':'replace','path':'" TEMPLATE "/imagePullSecrets','value':[{'name':'b'}]}]", NULL},
    {"a second reference", STS,
     "[{'op':'add','path':'" TEMPLATE "/imagePullSecrets/-','value':{'name':'b'}}]", NULL},
    {"two references between others", DS,
     "[{'op':'replace','path':'" TEMPLATE "/imagePullSecrets','value':[{'name':'n'},{'name':"
     "'regcred'},{'name':'m'}]}]",
     "[{'op':'add','path':'" TEMPLATE "/imagePullSecrets/0','value':{'name':'x'}},"
     "{'op':'add','path':'" TEMPLATE "/imagePullSecrets/-','value':{'name':'y'}}]"},
    {"an empty list", DS, "[{'op':'replace','path':'" TEMPLATE "/imagePullSecrets','value':[]}]",
     "[{'op':'add','path':'" TEMPLATE "/imagePullSecrets/-','value':{'name':'theirs'}}]"},
    {"the reference comes back", DS, "[]",
     "[{'op':'remove','path':'" TEMPLATE "/imagePullSecrets'}]"},
    {"another's reference is kept", DS, "[]",
     "[{'op':'add','path':'" TEMPLATE "/imagePullSecrets/-','value':{'name':'theirs'}}]"},
    {"an image", DS, "[{'op':'replace','path':'" TEMPLATE "/containers/0/image','value':'r:v9'}]",
     NULL},
    {"an image that another changed", DS, "[]",
     "[{'op':'replace','path':'" TEMPLATE "/containers/0/image','value':'r:theirs'}]"},
    {"an image under an injected sidecar", DS,
     "[{'op':'replace','path':'" TEMPLATE "/containers/0/image','value':'r:v9'}]",
     "[{'op':'add','path':'" TEMPLATE "/containers/0','value':{'name':'side','image':'s:1'}}]"},
    {"a container goes", STS, "[{'op':'remove','path':'" TEMPLATE "/containers/1'}]", NULL},
    {"a container goes beside a sidecar", STS,
     "[{'op':'remove','path':'" TEMPLATE "/containers/1'}]",
     "[{'op':'add','path':'" TEMPLATE "/containers/-','value':{'name':'side','image':'s:1'}}]"},
    {"a container comes", STS,
     "[{'op':'add','path':'" TEMPLATE "/containers/0','value':{'name':'new','image':'n:1'}}]",
     NULL},
    {"arguments", STS,
     "[{'op':'replace','path':'" TEMPLATE "/containers/0/args','value':['--v=9']}]", NULL},
    {"arguments go", STS, "[{'op':'remove','path':'" TEMPLATE "/containers/0/args'}]", NULL},
    {"an env entry comes", STS,
     "[{'op':'add','path':'" TEMPLATE "/containers/0/env/0','value':{'name':'A','value':'1'}}]",
     NULL},
    {"an env value", STS,
     "[{'op':'replace','path':'" TEMPLATE "/containers/0/env/0/value','value':'/x'}]",
     "[{'op':'add','path':'" TEMPLATE "/containers/0/env/-','value':{'name':'Z','value':'9'}}]"},
    {"env goes", STS, "[{'op':'remove','path':'" TEMPLATE "/containers/0/env'}]", NULL},
    {"a mount moves", STS,
     "[{'op':'replace','path':'" TEMPLATE "/containers/0/volumeMounts/0/mountPath','value':'/x'}]",
     NULL},
    {"a mount comes", STS,
     "[{'op':'add','path':'" TEMPLATE "/containers/0/volumeMounts/-','value':{'name':'socket-dir',"
     "'mountPath':'/y','readOnly':true}}]",
     NULL},
    {"a volume comes", DS,
     "[{'op':'add','path':'" TEMPLATE "/volumes/0','value':{'name':'new','emptyDir':{}}}]", NULL},
    {"a volume beside another's", DS,
     "[{'op':'add','path':'" TEMPLATE "/volumes/-','value':{'name':'new','emptyDir':{}}}]",
     "[{'op':'add','path':'" TEMPLATE "/volumes/-','value':{'name':'theirs','emptyDir':{}}}]"},
    {"a volume changes its source", DS,
     "[{'op':'replace','path':'" TEMPLATE
     "/volumes/0','value':{'name':'registration-dir','emptyDir':{"
     "'medium':'Memory'}}}]",
     NULL},
    {"tolerations", DS,
     "[{'op':'add','path':'" TEMPLATE "/tolerations','value':[{'operator':'Exists'}]}]", NULL},
    {"tolerations over another's", DS,
     "[{'op':'add','path':'" TEMPLATE "/tolerations','value':[{'operator':'Exists'}]}]",
     "[{'op':'add','path':'" TEMPLATE "/tolerations','value':[{'key':'z','operator':'Exists'}]}]"},
    {"a node selector", DS, "[{'op':'add','path':'" TEMPLATE "/nodeSelector/zone','value':'a'}]",
     NULL},
    {"host network goes", DS, "[{'op':'remove','path':'" TEMPLATE "/hostNetwork'}]", NULL},
    {"priority", DS,
     "[{'op':'replace','path':'" TEMPLATE "/priorityClassName','value':'system-cluster-critical'}]",
     NULL},
    {"termination grace of another stays", DS, "[]",
     "[{'op':'add','path':'" TEMPLATE "/terminationGracePeriodSeconds','value':5}]"},
    {"a label of the object", DS, "[{'op':'add','path':'/metadata/labels','value':{'a':'b'}}]",
     "[{'op':'add','path':'/metadata/labels','value':{'z':'z'}}]"},
    {"an annotation of the object", DS,
     "[{'op':'add','path':'/metadata/annotations','value':{'a':'b'}}]", NULL},
    {"an annotation of the template", DS,
     "[{'op':'add','path':'/spec/template/metadata/annotations','value':{'a':'b'}}]",
     "[{'op':'add','path':'/spec/template/metadata/annotations','value':{'z':'z'}}]"},
    {"maxUnavailable", DS,
     "[{'op':'add','path':'/spec/updateStrategy','value':{'rollingUpdate':{'maxUnavailable':"
     "'10%'}}}]",
     NULL},
    {"OnDelete", STS, "[{'op':'add','path':'/spec/updateStrategy','value':{'type':'OnDelete'}}]",
     NULL},
    {"partition", STS,
     "[{'op':'add','path':'/spec/updateStrategy','value':{'rollingUpdate':{'partition':1}}}]",
     NULL},
    {"replicas that another set", STS, "[]",
     "[{'op':'replace','path':'/spec/replicas','value':3}]"},
    {"minReadySeconds comes", STS, "[{'op':'add','path':'/spec/minReadySeconds','value':5}]", NULL},
    {"revisionHistoryLimit", DS, "[{'op':'add','path':'/spec/revisionHistoryLimit','value':3}]",
     NULL},
    {"a probe comes", DS,
     "[{'op':'add','path':'" TEMPLATE "/containers/1/livenessProbe','value':{'httpGet':{'path':"
     "'/healthz','port':9808}}}]",
     NULL},
    {"limits", DS,
     "[{'op':'add','path':'" TEMPLATE "/containers/1/resources','value':{'limits':{'memory':"
     "'64Mi'}}}]",
     "[{'op':'add','path':'" TEMPLATE "/containers/1/resources','value':{'limits':{'cpu':'1'}}}]"},
};

/* --- Manifests and copies -----------------------------------------------------------------------
 */

static const struct sim_resource *resource_of(const struct edit *edit)
{
    return strcmp(edit->kind, DS) == 0 ? sim_daemonsets() : sim_statefulsets();
}

static cJSON *patched(const struct edit *edit, const cJSON *object, const char *patch)
{
    struct sim_patch_context context = {
        .resource = resource_of(edit),
        .name = json_string_or(json_object(object, "metadata"), "name", ""),
        .ns = "kube-system",
        .minor = 36};
    struct sim_status status = SIM_STATUS_INIT;
    cJSON *operations = tree(patch);
    cJSON *out = NULL;
    ck_assert_msg(sim_patch_apply(SIM_PATCH_JSON, object, operations, &context, &out, &status),
                  "%s: %s", edit->name, patch);
    cJSON_Delete(operations);
    return out;
}

/* The scenario's manifest under another name, rolling no pods. */
static cJSON *manifest_of(const struct edit *edit, const char *name)
{
    const char *original =
        strcmp(edit->kind, DS) == 0 ? "csi-upcloud-node" : "csi-upcloud-controller";
    cJSON *manifest = change_last_applied_read(cluster_get(&cluster, resource_of(edit), original));
    ck_assert_ptr_nonnull(manifest);
    json_set_string(json_object(manifest, "metadata"), "name", name);
    cJSON *pod = json_at(manifest, "spec", "template", "spec", NULL);
    json_set_string(json_need_object(pod, "nodeSelector"), "csi-demo", "none");
    if (strcmp(edit->kind, STS) == 0) {
        json_set(json_object(manifest, "spec"), "replicas", cJSON_CreateNumber(0));
    }
    return manifest;
}

/* As kubectl apply made it, and as others changed it since. */
static void make_copy(const struct edit *edit, const char *name)
{
    struct sim_write write = {.manager = "kubectl-client-side-apply"};
    struct sim_status status = SIM_STATUS_INIT;
    cJSON *manifest = manifest_of(edit, name);
    cJSON *body = cJSON_Duplicate(manifest, true);
    change_last_applied_write(body, manifest);
    cJSON_Delete(manifest);
    ck_assert(sim_write_create(cluster.sim, resource_of(edit), "kube-system", body, &write, NULL,
                               &status));
    if (edit->foreign != NULL) {
        cJSON *operations = tree(edit->foreign);
        write.manager = "somebody";
        ck_assert_msg(sim_write_patch(cluster.sim, resource_of(edit), "kube-system", name,
                                      SIM_PATCH_JSON, operations, &write, NULL, NULL, &status),
                      "%s", edit->name);
        cJSON_Delete(operations);
    }
}

/* --- The two ways ------------------------------------------------------------------------------
 */

struct child {
    int status;
    bool over;
};

static void on_exit_of(void *context, int status)
{
    struct child *child = context;
    child->status = status;
    child->over = true;
}

static bool child_is_over(void *context)
{
    const struct child *child = context;
    return child->over;
}

static void apply_by_kubectl(const struct edit *edit, const cJSON *manifest)
{
    struct error err = ERROR_INIT;
    struct buffer text;
    buffer_init(&text, 1 << 20);
    json_write(&text, manifest);
    char *path = file_join(cluster.folder, "manifest.json");
    char *config = xasprintf("--kubeconfig=%s/kubeconfig", cluster.folder);
    ck_assert(file_write_atomic(path, text.data, text.length, 0600, &err));
    pid_t pid = fork();
    if (pid == 0) {
        setenv("HOME", cluster.folder, 1);
        dup2(STDERR_FILENO, STDOUT_FILENO); /* standard output is the test's protocol */
        execlp("kubectl", "kubectl", config, "apply", "-f", path, (char *)NULL);
        _exit(127);
    }
    struct child child = {0, false};
    loop_watch_child(cluster.loop, pid, on_exit_of, &child);
    cluster_run(&cluster, child_is_over, &child);
    ck_assert_msg(WIFEXITED(child.status) && WEXITSTATUS(child.status) == 0, "kubectl: %s",
                  edit->name);
    free(config);
    free(path);
    buffer_free(&text);
}

static void apply_by_pullmend(const struct edit *edit, cJSON *manifest)
{
    struct error err = ERROR_INIT;
    struct change_intent *intent = change_intent_new(CHANGE_APPLY);
    intent->manifests = xcalloc(1, sizeof(cJSON *));
    intent->manifests[0] = manifest;
    intent->manifest_count = 1;
    struct change_session *session = cluster_preview(&cluster, intent);
    ck_assert_msg(change_session_phase(session) == CHANGE_PREVIEWED, "%s: %s", edit->name,
                  change_session_error(session)->message);
    ck_assert_msg(change_session_apply(session, &err), "%s: %s", edit->name, err.message);
    while (change_session_phase(session) == CHANGE_APPLYING) {
        loop_step(cluster.loop, 100);
    }
    ck_assert_msg(change_session_phase(session) != CHANGE_FAILED, "%s: %s", edit->name,
                  change_session_error(session)->message);
    change_session_free(session);
}

/* What must be equal: everything but names, versions, times, owners of fields and status. */
static char *comparable(const struct edit *edit, const char *name)
{
    cJSON *copy = cJSON_Duplicate(cluster_get(&cluster, resource_of(edit), name), true);
    cJSON *metadata = json_object(copy, "metadata");
    static const char *const own[] = {"name",          "uid",        "resourceVersion",
                                      "managedFields", "generation", "creationTimestamp"};
    for (size_t i = 0; i < ARRAY_LENGTH(own); i++) {
        json_remove(metadata, own[i]);
    }
    cJSON *annotations = json_object(metadata, "annotations");
    json_remove(annotations, "deprecated.daemonset.template.generation");
    json_remove(copy, "status");
    cJSON *last = change_last_applied_read(copy);
    ck_assert_ptr_null(cJSON_GetObjectItem(copy, "last"));
    json_set(json_object(last, "metadata"), "name", cJSON_CreateString(""));
    json_remove(annotations, CHANGE_LAST_APPLIED);
    cJSON_AddItemToObject(copy, "last", last);
    char *text = text_of(copy);
    cJSON_Delete(copy);
    return text;
}

/* Says where the two part, with some text around. */
static void assert_same(const struct edit *edit, const char *got, const char *wanted)
{
    size_t at = 0;
    while (got[at] != '\0' && got[at] == wanted[at]) {
        at++;
    }
    size_t from = at > 100 ? at - 100 : 0;
    ck_assert_msg(got[at] == wanted[at], "%s %s: ours ...%.400s\ntheirs ...%.400s", edit->kind,
                  edit->name, got + from, wanted + from);
}

static void open_cluster(void)
{
    cluster_open(&cluster, "demo", false);
}

static void close_cluster(void)
{
    cluster_close(&cluster);
}

START_TEST(an_edited_manifest_ends_as_kubectl_apply_ends_it)
{
    const struct edit *edit = &edits[_i];
    char *theirs = xasprintf("theirs-%d", _i);
    char *ours = xasprintf("ours-%d", _i);
    make_copy(edit, theirs);
    make_copy(edit, ours);
    cJSON *base = manifest_of(edit, theirs);
    cJSON *edited = patched(edit, base, edit->manifest);
    apply_by_kubectl(edit, edited);
    json_set_string(json_object(edited, "metadata"), "name", ours);
    apply_by_pullmend(edit, edited);
    char *wanted = comparable(edit, theirs);
    char *got = comparable(edit, ours);
    assert_same(edit, got, wanted);
    free(wanted);
    free(got);
    cJSON_Delete(base);
    free(theirs);
    free(ours);
}
END_TEST

static bool has_kubectl(void)
{
    const char *path = getenv("PATH");
    bool found = false;
    while (path != NULL && *path != '\0' && !found) {
        char *folder = xstrndup(path, strcspn(path, ":"));
        char *file = file_join(folder, "kubectl");
        found = access(file, X_OK) == 0;
        path += strlen(folder);
        path += *path == ':' ? 1 : 0;
        free(file);
        free(folder);
    }
    return found;
}

Suite *suite_kubectl(void)
{
    Suite *suite = suite_create("kubectl");
    TCase *test_case = tcase_create("kubectl");
    tcase_set_timeout(test_case, 120);
    tcase_add_checked_fixture(test_case, open_cluster, close_cluster);
    if (has_kubectl()) {
        tcase_add_loop_test(test_case, an_edited_manifest_ends_as_kubectl_apply_ends_it, 0,
                            (int)ARRAY_LENGTH(edits));
    } else {
        printf("# SKIP %zu edits are not compared: there is no kubectl here\n",
               ARRAY_LENGTH(edits));
    }
    suite_add_tcase(suite, test_case);
    return suite;
}
