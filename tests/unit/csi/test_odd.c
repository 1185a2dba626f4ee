#include "fixtures.h"
#include "runner.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/intern.h"
#include "csi/findings.h"
#include "doc/json.h"

Suite *suite_odd(void);

static const char *odd_of(const char *pod)
{
    static char text[512];
    struct csi_census *census = csi_census_new();
    put_pod(census, "%s", pod);
    csi_census_settle(census, fixture_now);
    const struct csi_pod *row = csi_census_pod(census, "x", "p");
    ck_assert_msg(row != NULL, "no row of %s", pod);
    text[0] = '\0';
    if (row->odd != NULL) {
        strncpy(text, row->odd, sizeof(text) - 1);
    }
    csi_census_free(census);
    return text;
}

#define SPEC "'spec':{'containers':[{'name':'c','image':'r/csi-attacher'}]"

START_TEST(rows_say_what_is_odd)
{
    ck_assert_str_eq(odd_of("{'metadata':{'name':'p','namespace':'x','uid':'1'}," SPEC "}}"), "");
    ck_assert_ptr_nonnull(
        strstr(odd_of("{'metadata':{'name':'p','namespace':'x'}," SPEC "}}"), "no uid"));
    ck_assert_ptr_nonnull(strstr(odd_of("{'metadata':{'name':'p','namespace':'x','uid':'1'}," SPEC
                                        "},'status':{'containerStatuses':[{'restartCount':'3'}]}}"),
                                 "number stands in quotes"));
    ck_assert_ptr_nonnull(strstr(odd_of("{'metadata':{'name':'p','namespace':'x','uid':'1'}," SPEC
                                        ",'imagePullSecrets':['regcred',null]}}"),
                                 "no object with a name"));
    ck_assert_ptr_nonnull(
        strstr(odd_of("{'metadata':{'name':'p','namespace':'x','uid':'1','creationTimestamp':"
                      "'yesterday'}," SPEC ",'imagePullSecrets':{'a':1},'nodeName':{}}}"),
               "wrong type"));
    ck_assert_ptr_nonnull(strstr(odd_of("{'metadata':{'name':'p','namespace':'x','uid':'1'}," SPEC
                                        ",'nodeName':'a\\u001b[31mb'}}"),
                                 "control characters"));
}
END_TEST

START_TEST(null_lists_are_empty_lists)
{
    ck_assert_str_eq(
        odd_of("{'metadata':{'name':'p','namespace':'x','uid':'1','labels':null,'ownerReferences':"
               "null,'annotations':null}," SPEC ",'imagePullSecrets':null,'volumes':null,"
               "'initContainers':null},'status':{'containerStatuses':null}}"),
        "");
}
END_TEST

START_TEST(names_of_253_bytes_fit_and_longer_texts_are_cut)
{
    char name[254];
    memset(name, 'n', 253);
    name[253] = '\0';
    struct csi_census *census = csi_census_new();
    put_pod(census, "{'metadata':{'name':'%s','namespace':'x','uid':'1'}," SPEC "}}", name);
    csi_census_settle(census, fixture_now);
    ck_assert_ptr_nonnull(csi_census_pod(census, "x", name));
    ck_assert_ptr_null(csi_census_pod(census, "x", name)->odd);
    char *message = xmalloc(1 << 20);
    memset(message, 'm', (1 << 20) - 1);
    message[(1 << 20) - 1] = '\0';
    put_pod(census,
            "{'metadata':{'name':'long','namespace':'x','uid':'2'}," SPEC
            "},'status':{'containerStatuses':[{'name':'c','state':{'waiting':{'reason':"
            "'ErrImagePull','message':'%s'}}}]}}",
            message);
    free(message);
    csi_census_settle(census, fixture_now);
    ck_assert_uint_eq(strlen(csi_census_pod(census, "x", "long")->pull_message), 1024);
    csi_census_free(census);
}
END_TEST

START_TEST(two_pods_may_have_one_uid)
{
    struct csi_census *census = csi_census_new();
    begin_lists(census);
    put_pod(census, "{'metadata':{'name':'a','namespace':'x','uid':'1'}," SPEC "}}");
    put_pod(census, "{'metadata':{'name':'b','namespace':'x','uid':'1'}," SPEC "}}");
    put_count(census, true, fixture_now, "a", "1", 10, 600, 10);
    end_lists(census);
    csi_census_settle(census, fixture_now);
    ck_assert_int_eq(csi_census_pod(census, "x", "a")->warnings.count, 10);
    ck_assert(csi_census_remove(census, "Pod", "x", "a"));
    csi_census_settle(census, fixture_now);
    ck_assert_int_eq(csi_census_pod(census, "x", "b")->warnings.count, 10);
    csi_census_free(census);
}
END_TEST

/* Every member of a good object left out, and replaced by everything JSON has, one after another.
 */
static void feed_all(const cJSON *object)
{
    struct csi_census *census = csi_census_new();
    struct csi_findings findings;
    begin_lists(census);
    csi_census_put_workload(census, "DaemonSet", object);
    csi_census_put_pod(census, object);
    csi_census_put_event(census, object, true, fixture_now);
    csi_census_put_event(census, object, false, fixture_now);
    csi_census_put_secret_row(census, object);
    csi_census_put_secret(census, object);
    csi_census_put_service_account(census, object);
    csi_census_put_csi_driver(census, object);
    csi_census_put_node_row(census, object);
    put_upcloud_pods(census, 1, "[{'name':'p'}]");
    end_lists(census);
    csi_census_settle(census, fixture_now);
    csi_diagnose(census, &findings);
    csi_findings_free(&findings);
    csi_census_free(census);
}

static cJSON *strange(int kind)
{
    switch (kind) {
    case 0:
        return cJSON_CreateNull();
    case 1:
        return cJSON_CreateTrue();
    case 2:
        return cJSON_CreateNumber(-1e300);
    case 3:
        return cJSON_CreateString("\x01\xff%s$(x)");
    case 4:
        return cJSON_CreateArray();
    case 5:
        return cJSON_CreateObject();
    default:
        return fixture_json("[null,1,'a',[],{'name':null},{'name':{}}]");
    }
}

static void leave_out(cJSON *root, cJSON *member)
{
    char other[] = "-";
    char *name = member->string;
    if (name != NULL) {
        member->string = other;
        feed_all(root);
        member->string = name;
    }
}

static void mutate(cJSON *root, cJSON *node)
{
    for (cJSON *child = node->child; child != NULL; child = child->next) {
        leave_out(root, child);
        for (int kind = 0; kind < 7; kind++) {
            cJSON saved = *child;
            cJSON *other = strange(kind);
            child->type = other->type;
            child->child = other->child;
            child->valuestring = other->valuestring;
            child->valuedouble = other->valuedouble;
            child->valueint = other->valueint;
            feed_all(root);
            other->child = child->child;
            child->type = saved.type;
            child->child = saved.child;
            child->valuestring = saved.valuestring;
            child->valuedouble = saved.valuedouble;
            child->valueint = saved.valueint;
            cJSON_Delete(other);
        }
        mutate(root, child);
    }
}

START_TEST(no_member_of_an_object_can_be_anything_that_crashes)
{
    static const char *const objects[] = {
        "{'kind':'DaemonSet','metadata':{'name':'p','namespace':'kube-system','uid':'1',"
        "'generation':1,'resourceVersion':'1','labels':{'app':'a'},'annotations':{"
        "'kubectl.kubernetes.io/last-applied-configuration':'{\\u0022imagePullSecrets\\u0022:1}'},"
        "'managedFields':[{'manager':'m','time':'2026-01-01T00:00:00Z'}],'ownerReferences':["
        "{'kind':'K','name':'n','controller':true}]},'spec':{'replicas':1,'updateStrategy':{"
        "'rollingUpdate':{'partition':0}},'template':{'metadata':{'labels':{'app':'a'}},'spec':{"
        "'serviceAccountName':'s','imagePullSecrets':[{'name':'p'}],'containers':[{'name':'c',"
        "'image':'r/csi-attacher','args':['--driver-name=a.b'],'env':[{'name':'E','value':'v',"
        "'valueFrom':{'secretKeyRef':{'name':'p'}}}],'envFrom':[{'secretRef':{'name':'p'}}]}],"
        "'volumes':[{'hostPath':{'path':'/var/lib/kubelet/plugins/a/'},'secret':{'secretName':'p'}}"
        "]}}},'status':{'observedGeneration':1,'numberReady':1}}",
        "{'metadata':{'name':'p','namespace':'kube-system','uid':'1','creationTimestamp':"
        "'2026-01-01T00:00:00Z','labels':{'pod-template-hash':'h'},'ownerReferences':[{'kind':"
        "'ReplicaSet','name':'d-h','controller':true}]},'spec':{'nodeName':'n',"
        "'imagePullSecrets':[{'name':'p'}],'containers':[{'name':'c','image':'r/csi-attacher'}]},"
        "'status':{'phase':'Running','containerStatuses':[{'name':'c','ready':true,'restartCount':"
        "1,'state':{'waiting':{'reason':'ErrImagePull','message':'401 Unauthorized'}}}]}}",
        "{'metadata':{'name':'p.1','namespace':'kube-system'},'involvedObject':{'uid':'uid-0',"
        "'namespace':'n','name':'p'},'reason':'FailedToRetrieveImagePullSecret','count':3,"
        "'series':{'count':2,'lastObservedTime':'2026-01-01T00:00:00Z'},'firstTimestamp':"
        "'2026-01-01T00:00:00Z','lastTimestamp':'2026-01-01T00:00:00Z','message':'m'}",
        "{'metadata':{'name':'p','namespace':'kube-system'},'type':'" DOCKER_TYPE "','data':{"
        "'.dockerconfigjson':'e30='},'cells':['p','" DOCKER_TYPE "',1,'1s','v1.36.2'],'object':{"
        "'metadata':{'name':'p','namespace':'kube-system','resourceVersion':'1'}},"
        "'imagePullSecrets':[{'name':'p'}]}",
    };
    size_t before = intern_count();
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        cJSON *object = fixture_json("%s", objects[i]);
        feed_all(object);
        mutate(object, object);
        cJSON_Delete(object);
    }
    ck_assert_uint_eq(intern_count(), before);
}
END_TEST

Suite *suite_odd(void)
{
    const TTest *tests[] = {rows_say_what_is_odd,
                            null_lists_are_empty_lists,
                            names_of_253_bytes_fit_and_longer_texts_are_cut,
                            two_pods_may_have_one_uid,
                            no_member_of_an_object_can_be_anything_that_crashes,
                            NULL};
    return suite_of("odd", tests);
}
