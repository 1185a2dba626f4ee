#include "fixtures.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "doc/json.h"

const int64_t fixture_now = 1767247200000;

__attribute__((format(printf, 1, 0))) static cJSON *parse_quoted(const char *format, va_list args)
{
    char *text = xvasprintf(format, args);
    for (char *c = text; *c != '\0'; c++) {
        if (*c == '\'') {
            *c = '"';
        }
    }
    struct error err = ERROR_INIT;
    cJSON *value = json_parse(text, strlen(text), "fixture", &err);
    ck_assert_msg(value != NULL, "%s in %s", err.message, text);
    free(text);
    return value;
}

cJSON *fixture_json(const char *text, ...)
{
    va_list args;
    va_start(args, text);
    cJSON *value = parse_quoted(text, args);
    va_end(args);
    return value;
}

bool put_workload(struct csi_census *census, const char *text, ...)
{
    va_list args;
    va_start(args, text);
    cJSON *value = parse_quoted(text, args);
    va_end(args);
    bool changed = csi_census_put_workload(census, json_string_or(value, "kind", ""), value);
    cJSON_Delete(value);
    return changed;
}

bool put_pod(struct csi_census *census, const char *text, ...)
{
    va_list args;
    va_start(args, text);
    cJSON *value = parse_quoted(text, args);
    va_end(args);
    bool changed = csi_census_put_pod(census, value);
    cJSON_Delete(value);
    return changed;
}

bool put_event(struct csi_census *census, bool listed, int64_t now_ms, const char *text, ...)
{
    va_list args;
    va_start(args, text);
    cJSON *value = parse_quoted(text, args);
    va_end(args);
    bool changed = csi_census_put_event(census, value, listed, now_ms);
    cJSON_Delete(value);
    return changed;
}

bool put_count(struct csi_census *census, bool listed, int64_t now_ms, const char *pod,
               const char *uid, int64_t count, int first_ago_s, int last_ago_s)
{
    char first[32];
    char last[32];
    clock_format_rfc3339(fixture_now - (int64_t)first_ago_s * 1000, first);
    clock_format_rfc3339(fixture_now - (int64_t)last_ago_s * 1000, last);
    return put_event(census, listed, now_ms,
                     "{'metadata':{'name':'%s.18ea9c0c34f294e8','namespace':'kube-system'},"
                     "'involvedObject':{'kind':'Pod','namespace':'kube-system','name':'%s',"
                     "'uid':'%s'},'reason':'FailedToRetrieveImagePullSecret','type':'Warning',"
                     "'message':'Unable to retrieve some image pull secrets (regcred); attempting "
                     "to pull the image may not succeed.','eventTime':null,'count':%lld,"
                     "'firstTimestamp':'%s','lastTimestamp':'%s'}",
                     pod, pod, uid, (long long)count, first, last);
}

static const char controller_spec[] =
    "'serviceAccountName':'csi-upcloud-controller-sa','imagePullSecrets':%s,'containers':["
    "{'name':'csi-provisioner','image':'registry.k8s.io/sig-storage/csi-provisioner:v3.1.0',"
    "'args':['--csi-address=$(ADDRESS)'],"
    "'env':[{'name':'ADDRESS','value':'/var/lib/csi/sockets/pluginproxy/csi.sock'}]},"
    "{'name':'csi-upcloud-plugin','image':'ghcr.io/upcloudltd/upcloud-csi:v1.1.0',"
    "'env':[{'name':'UPCLOUD_USERNAME','valueFrom':{'secretKeyRef':"
    "{'name':'upcloud','key':'username'}}}]}]";

static const char node_spec[] =
    "'serviceAccountName':'csi-upcloud-node-sa','imagePullSecrets':%s,'containers':["
    "{'name':'csi-node-driver-registrar',"
    "'image':'registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.5.0',"
    "'args':['--kubelet-registration-path=$(DRIVER_REG_SOCK_PATH)'],'env':[{'name':"
    "'DRIVER_REG_SOCK_PATH',"
    "'value':'/var/lib/kubelet/plugins/storage.csi.upcloud.com/csi.sock'}]},"
    "{'name':'csi-upcloud-plugin','image':'ghcr.io/upcloudltd/upcloud-csi:v1.1.0',"
    "'imagePullPolicy':'Always',"
    "'env':[{'name':'UPCLOUD_USERNAME','valueFrom':{'secretKeyRef':"
    "{'name':'upcloud','key':'username'}}}]}],"
    "'volumes':[{'name':'plugin-dir','hostPath':"
    "{'path':'/var/lib/kubelet/plugins/storage.csi.upcloud.com'}}]";

void put_upcloud_workloads(struct csi_census *census, const char *list)
{
    char *controller = xasprintf(controller_spec, list);
    char *node = xasprintf(node_spec, list);
    put_workload(
        census,
        "{'kind':'StatefulSet','metadata':{'name':'csi-upcloud-controller','namespace':"
        "'kube-system','uid':'sts-1','generation':1,'annotations':"
        "{'kubectl.kubernetes.io/last-applied-configuration':'{}'}},"
        "'spec':{'replicas':1,'template':{'metadata':{'labels':{'app':'csi-upcloud-controller',"
        "'role':'csi-upcloud'}},'spec':{%s}}},'status':{'observedGeneration':1,'readyReplicas':1,"
        "'replicas':1,'currentReplicas':1,'currentRevision':'c-1','updateRevision':'c-1'}}",
        controller);
    put_workload(census,
                 "{'kind':'DaemonSet','metadata':{'name':'csi-upcloud-node','namespace':"
                 "'kube-system','uid':'ds-1','generation':1,'annotations':"
                 "{'deprecated.daemonset.template.generation':'1'}},"
                 "'spec':{'template':{'metadata':{'labels':{'app':'csi-upcloud-node',"
                 "'role':'csi-upcloud'}},'spec':{%s}}},'status':{'observedGeneration':1,"
                 "'desiredNumberScheduled':2,'numberReady':2,'updatedNumberScheduled':2,"
                 "'numberAvailable':2}}",
                 node);
    free(controller);
    free(node);
}

void put_upcloud_pods(struct csi_census *census, int nodes, const char *list)
{
    char *controller = xasprintf(controller_spec, list);
    char *node = xasprintf(node_spec, list);
    put_pod(census,
            "{'metadata':{'name':'csi-upcloud-controller-0','namespace':'kube-system',"
            "'uid':'uid-c','creationTimestamp':'2026-01-01T00:00:00Z','labels':"
            "{'controller-revision-hash':'c-1'},'ownerReferences':[{'kind':'StatefulSet','name':"
            "'csi-upcloud-controller','controller':true}]},'spec':{'nodeName':'worker-0',%s},"
            "'status':{'phase':'Running','containerStatuses':[{'name':'csi-provisioner','ready':"
            "true,'restartCount':1},{'name':'csi-upcloud-plugin','ready':true}]}}",
            controller);
    for (int i = 0; i < nodes; i++) {
        put_pod(census,
                "{'metadata':{'name':'csi-upcloud-node-%d','namespace':'kube-system',"
                "'uid':'uid-%d','creationTimestamp':'2026-01-01T00:00:00Z','labels':"
                "{'pod-template-generation':'1'},'ownerReferences':[{'kind':'DaemonSet','name':"
                "'csi-upcloud-node','controller':true}]},'spec':{'nodeName':'worker-%d',%s},"
                "'status':{'phase':'Running','containerStatuses':[{'name':"
                "'csi-node-driver-registrar','ready':true},{'name':'csi-upcloud-plugin','ready':"
                "true}]}}",
                i, i, i, node);
    }
    free(controller);
    free(node);
}

void put_failing_pod(struct csi_census *census, const char *name, const char *list,
                     const char *reason, const char *message)
{
    char *node = xasprintf(node_spec, list);
    put_pod(census,
            "{'metadata':{'name':'%s','namespace':'kube-system','uid':'uid-%s',"
            "'creationTimestamp':'2026-01-01T00:00:00Z','labels':{'pod-template-generation':'1'},"
            "'ownerReferences':[{'kind':'DaemonSet','name':'csi-upcloud-node','controller':true}]},"
            "'spec':{'nodeName':'worker-9',%s},'status':{'phase':'Pending','containerStatuses':"
            "[{'name':'csi-upcloud-plugin','ready':false,'state':{'waiting':{'reason':'%s',"
            "'message':'%s'}}}]}}",
            name, name, node, reason, message);
    free(node);
}

void put_secret_row(struct csi_census *census, const char *ns, const char *name, const char *type,
                    int keys)
{
    static int version;
    cJSON *row =
        fixture_json("{'cells':['%s','%s',%d,'5m'],'object':{'metadata':{'name':'%s','namespace':"
                     "'%s','uid':'uid-%s-%s','resourceVersion':'%d','creationTimestamp':"
                     "'2026-01-01T05:00:00Z'}}}",
                     name, type, keys, name, ns, ns, name, ++version);
    csi_census_put_secret_row(census, row);
    cJSON_Delete(row);
}

void put_secret(struct csi_census *census, const char *ns, const char *name, const char *type,
                const char *payload)
{
    struct buffer encoded;
    buffer_init(&encoded, 1 << 20);
    base64_encode(&encoded, payload, strlen(payload));
    const char *key =
        strcmp(type, "kubernetes.io/dockercfg") == 0 ? ".dockercfg" : ".dockerconfigjson";
    cJSON *secret = fixture_json("{'metadata':{'name':'%s','namespace':'%s','uid':'u',"
                                 "'resourceVersion':'9','creationTimestamp':"
                                 "'2026-01-01T05:00:00Z'},'type':'%s','data':{'%s':'%s'}}",
                                 name, ns, type, key, encoded.data);
    csi_census_put_secret(census, secret);
    cJSON_Delete(secret);
    buffer_free(&encoded);
}

void put_account(struct csi_census *census, const char *ns, const char *name, const char *list)
{
    cJSON *account = fixture_json(
        "{'metadata':{'name':'%s','namespace':'%s'},'imagePullSecrets':%s}", name, ns, list);
    csi_census_put_service_account(census, account);
    cJSON_Delete(account);
}

void put_csi_driver(struct csi_census *census, const char *name)
{
    cJSON *driver = fixture_json("{'metadata':{'name':'%s'}}", name);
    csi_census_put_csi_driver(census, driver);
    cJSON_Delete(driver);
}

static const char *const kinds[] = {"DaemonSet", "Deployment",     "StatefulSet", "Pod",
                                    "Secret",    "ServiceAccount", "CSIDriver",   "Event"};

void begin_lists(struct csi_census *census)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        csi_census_begin_relist(census, kinds[i]);
    }
}

void end_lists(struct csi_census *census)
{
    csi_census_set_now(census, fixture_now);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        csi_census_end_relist(census, kinds[i]);
    }
}

struct csi_census *upcloud_census(int nodes, const char *list)
{
    struct csi_census *census = csi_census_new();
    begin_lists(census);
    put_upcloud_workloads(census, list);
    put_upcloud_pods(census, nodes, list);
    end_lists(census);
    return census;
}
