#include "fixtures.h"
#include "runner.h"

#include <stdlib.h>
#include <string.h>

#include "../../../src/csi/follow_internal.h"
#include "base/buffer.h"
#include "csi/findings.h"
#include "doc/json.h"
#include "doc/pick.h"

Suite *suite_fields(void);

/*
 * Of a list's items only some fields are read. These tests show that the census of these fields is
 * the census of the whole objects, whatever stands in them.
 */
static const char pod_text[] =
    "{'metadata':{'name':'csi-upcloud-node-0','namespace':'kube-system','uid':'u','labels':{'app':"
    "'csi-upcloud-node','pod-template-generation':'3','pod-template-hash':'abc',"
    "'controller-revision-hash':'h'},'annotations':{'kubernetes.io/config.mirror':'m','other':'o'},"
    "'creationTimestamp':'2026-01-01T00:00:00Z','deletionTimestamp':'2026-01-02T00:00:00Z',"
    "'ownerReferences':[{'kind':'DaemonSet','name':'csi-upcloud-node','controller':true,'uid':'x'}]"
    ",'managedFields':[{'manager':'m'}]},'spec':{'nodeName':'n','serviceAccountName':'sa',"
    "'serviceAccount':'sb','imagePullSecrets':[{'name':'regcred'},{'name':'other'}],'containers':[{"
    "'name':'node-driver-registrar','image':'r/node-driver-registrar:v1','imagePullPolicy':'Always'"
    ",'args':['--kubelet-registration-path=/var/lib/kubelet/plugins/a.example.com/csi.sock'],"
    "'command':['/x','--driver-name=b.example.com'],'env':[{'name':'P','value':"
    "'/var/lib/kubelet/plugins/c.example.com/csi.sock'},{'name':'Q','valueFrom':{'secretKeyRef':"
    "{'name':'other','key':'k'}}}],'envFrom':[{'secretRef':{'name':'regcred'}}]}],"
    "'initContainers':[{'name':'i','image':'r/init:v1','args':['a']}],'volumes':[{'name':'v',"
    "'hostPath':{'path':'/var/lib/kubelet/plugins/d.example.com'}},{'name':'s','secret':{"
    "'secretName':'other'}},{'name':'e','emptyDir':{}}]},'status':{'phase':'Pending',"
    "'containerStatuses':[{'name':'node-driver-registrar','ready':false,'restartCount':2,'state':"
    "{'waiting':{'reason':'ErrImagePull','message':'401 Unauthorized'}}}],'initContainerStatuses':"
    "[{'name':'i','ready':true,'restartCount':1,'state':{'terminated':{}}}],'podIP':'10.0.0.1'}}";
static const char event_text[] =
    "{'metadata':{'name':'e','namespace':'kube-system','uid':'v','creationTimestamp':"
    "'2026-01-01T00:00:00Z','managedFields':[{}]},'involvedObject':{'kind':'Pod','namespace':"
    "'kube-system','name':'csi-upcloud-node-0','uid':'u'},'reason':"
    "'FailedToRetrieveImagePullSecret','message':'Unable','note':'n','count':5,'series':{'count':7,"
    "'lastObservedTime':'2026-01-01T02:00:00Z'},'firstTimestamp':'2026-01-01T00:10:00Z',"
    "'lastTimestamp':'2026-01-01T01:00:00Z','eventTime':'2026-01-01T00:20:00Z','source':{'host':"
    "'n'}}";
static const char row_text[] =
    "{'cells':['regcred','kubernetes.io/dockerconfigjson',1,'5m'],'object':{'kind':"
    "'PartialObjectMetadata','metadata':{'name':'regcred','namespace':'kube-system','uid':'s',"
    "'resourceVersion':'7','creationTimestamp':'2026-01-01T00:00:00Z','labels':{"
    "'app.kubernetes.io/managed-by':'Helm'},'annotations':{"
    "'kubectl.kubernetes.io/last-applied-configuration':'{}','meta.helm.sh/release-name':'r'},"
    "'ownerReferences':[{'kind':'ExternalSecret','name':'x','controller':true}],'managedFields':"
    "[{'manager':'helm','time':'2026-01-01T03:00:00Z','subresource':'status','fieldsV1':{}}]}}}";
static const char account_text[] =
    "{'metadata':{'name':'sa','namespace':'kube-system','uid':'a'},'imagePullSecrets':[{'name':"
    "'regcred'},{'name':'other'}],'secrets':[{'name':'token'}]}";

struct objects {
    cJSON *pod, *event, *row, *account;
};

static const cJSON *picked(struct json_pick *pick, const char *const *fields, const cJSON *object)
{
    struct buffer text;
    struct error err = ERROR_INIT;
    buffer_init(&text, 1 << 20);
    for (; *fields != NULL; fields++) {
        json_pick_want(pick, "", *fields);
    }
    ck_assert(json_write(&text, object));
    const cJSON *tree = json_pick_read(pick, text.data, text.length, "test", &err);
    ck_assert_msg(tree != NULL, "%s", err.message);
    buffer_free(&text);
    return tree;
}

static void dump_pod(const struct csi_pod *pod, struct buffer *out)
{
    buffer_printf(out, "pod %s/%s %s %s %s %s/%s %s %d/%d %d %d%d%d %lld %d %d %s %s %d %s\n",
                  pod->ns, pod->name, pod->uid, pod->node, pod->phase, pod->workload->kind,
                  pod->workload->name, pod->service_account, pod->ready_containers, pod->containers,
                  pod->restarts, pod->stale, pod->deleting, pod->is_static,
                  (long long)pod->created_ms, (int)pod->pulling, (int)pod->trouble,
                  pod->failing_image == NULL ? "-" : pod->failing_image,
                  pod->pull_message == NULL ? "-" : pod->pull_message, pod->always_pull,
                  pod->odd == NULL ? "-" : pod->odd);
    for (size_t i = 0; i < pod->image_count; i++) {
        buffer_printf(out, "  image %s\n", pod->images[i]);
    }
    for (size_t i = 0; i < pod->reference_count; i++) {
        buffer_printf(out, "  reference %s %d %d\n", pod->references[i].name,
                      (int)pod->references[i].source, (int)pod->references[i].state);
    }
    buffer_printf(out, "  warnings %lld %lld %lld %s\n", (long long)pod->warnings.count,
                  (long long)pod->warnings.first_seen_ms, (long long)pod->warnings.last_seen_ms,
                  pod->warnings.message == NULL ? "-" : pod->warnings.message);
}

/* All that shows of a census, its findings included. */
static void dump(struct csi_census *census, struct buffer *out)
{
    size_t count;
    struct csi_findings findings;
    struct csi_driver *const *drivers = csi_census_drivers(census, &count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            const struct csi_workload *workload = drivers[i]->workloads[j];
            buffer_printf(out, "driver %s %s %s\n", drivers[i]->name, csi_role_name(workload->role),
                          workload->name);
            for (size_t k = 0; k < workload->pod_count; k++) {
                dump_pod(workload->pods[k], out);
            }
        }
    }
    const struct csi_secret *const *secrets = csi_census_secrets(census, &count);
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "secret %s/%s %s %s %d %s %lld %lld\n", secrets[i]->ns, secrets[i]->name,
                      secrets[i]->uid, secrets[i]->type, secrets[i]->keys, secrets[i]->managed_by,
                      (long long)secrets[i]->created_ms, (long long)secrets[i]->updated_ms);
    }
    csi_diagnose(census, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        buffer_printf(out, "%s: %s\n", findings.items[i].rule->name, findings.items[i].message);
    }
    csi_findings_free(&findings);
}

static char *census_of(const struct objects *objects, bool whole)
{
    struct csi_census *census = csi_census_new();
    struct json_pick *picks[4];
    struct buffer out;
    buffer_init(&out, 1 << 20);
    for (size_t i = 0; i < ARRAY_LENGTH(picks); i++) {
        picks[i] = json_pick_new(false);
    }
    begin_lists(census);
    csi_census_put_secret_row(census, whole ? objects->row
                                            : picked(picks[0], follow_secret_fields, objects->row));
    csi_census_put_service_account(
        census,
        whole ? objects->account : picked(picks[1], follow_account_fields, objects->account));
    csi_census_put_pod(census,
                       whole ? objects->pod : picked(picks[2], follow_pod_fields, objects->pod));
    csi_census_put_event(
        census, whole ? objects->event : picked(picks[3], follow_event_fields, objects->event),
        true, fixture_now);
    end_lists(census);
    csi_census_settle(census, fixture_now);
    dump(census, &out);
    csi_census_free(census);
    for (size_t i = 0; i < ARRAY_LENGTH(picks); i++) {
        json_pick_free(picks[i]);
    }
    return buffer_take(&out);
}

static void compare(const struct objects *objects, const cJSON *changed)
{
    char *one = census_of(objects, true);
    char *other = census_of(objects, false);
    if (strcmp(one, other) != 0) {
        char *text = cJSON_Print(changed);
        ck_abort_msg("whole:\n%s\nfields:\n%s\nof %s", one, other, text);
    }
    free(one);
    free(other);
}

/* Replaces each member, one after another, by everything JSON has. */
static void compare_changed(const struct objects *objects, cJSON *root, cJSON *value)
{
    static const char *const texts[] = {"null", "7", "true", "\"text\"", "[]", "{}", "[null,{}]"};
    for (cJSON *member = value->child; member != NULL; member = member->next) {
        cJSON kept = *member;
        for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
            cJSON *other = cJSON_Parse(texts[i]);
            member->type = other->type;
            member->child = other->child;
            member->valuestring = other->valuestring;
            member->valueint = other->valueint;
            member->valuedouble = other->valuedouble;
            compare(objects, root);
            member->type = kept.type;
            member->child = kept.child;
            member->valuestring = kept.valuestring;
            member->valueint = kept.valueint;
            member->valuedouble = kept.valuedouble;
            cJSON_Delete(other);
        }
        compare_changed(objects, root, member);
    }
}

START_TEST(the_fields_that_are_read_make_the_same_census)
{
    struct objects objects = {fixture_json("%s", pod_text), fixture_json("%s", event_text),
                              fixture_json("%s", row_text), fixture_json("%s", account_text)};
    char *text = census_of(&objects, true);
    ck_assert_ptr_nonnull(strstr(text, "driver a.example.com"));
    ck_assert_ptr_nonnull(strstr(text, "warnings 7"));
    free(text);
    compare(&objects, objects.pod);
    cJSON *all[] = {objects.pod, objects.event, objects.row, objects.account};
    for (size_t i = 0; i < ARRAY_LENGTH(all); i++) {
        compare_changed(&objects, all[i], all[i]);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(all); i++) {
        cJSON_Delete(all[i]);
    }
}
END_TEST

Suite *suite_fields(void)
{
    const TTest *tests[] = {the_fields_that_are_read_make_the_same_census, NULL};
    return suite_of("fields", tests);
}
