#include "fixtures.h"
#include "runner.h"

#include <stdlib.h>
#include <string.h>

Suite *suite_drivers(void);

/* A DaemonSet or Deployment with one container more than its role needs. */
static void put(struct csi_census *census, const char *kind, const char *ns, const char *name,
                const char *labels, const char *spec)
{
    put_workload(census,
                 "{'kind':'%s','metadata':{'name':'%s','namespace':'%s'},'spec':{'template':{"
                 "'metadata':{'labels':%s},'spec':{%s}}}}",
                 kind, name, ns, labels, spec);
}

static const char *driver_of(struct csi_census *census, const char *kind, const char *ns,
                             const char *name)
{
    csi_census_settle(census, fixture_now);
    const struct csi_workload *workload = csi_census_workload(census, kind, ns, name);
    return workload == NULL || workload->driver == NULL ? "none" : workload->driver->name;
}

#define PROVISIONER "'containers':[{'name':'p','image':'mirror.local/sig/csi-provisioner:v5'}]"

START_TEST(the_name_is_read_from_where_a_driver_leaves_it)
{
    static const struct {
        const char *spec;
        const char *name;
    } cases[] = {
        {"'containers':[{'image':'r/csi-node-driver-registrar:v2','args':"
         "['--kubelet-registration-path=/var/lib/kubelet/plugins/a.example.com/csi.sock']}]",
         "a.example.com"},
        {"'containers':[{'image':'r/node-driver-registrar','args':"
         "['--kubelet-registration-path=$(P)'],'env':[{'name':'P','value':"
         "'/var/snap/microk8s/common/var/lib/kubelet/plugins/b.example.com/csi.sock'}]}]",
         "b.example.com"},
        {"'containers':[{'image':'x','args':['--endpoint=unix:///csi/csi.sock']}],'volumes':"
         "[{'hostPath':{'path':'/var/lib/kubelet/plugins/c.example.com/'}}]",
         "c.example.com"},
        {"'containers':[{'image':'x','args':"
         "['--csi-address=/var/lib/kubelet/plugins/d.example.com/csi.sock']}],'volumes':"
         "[{'hostPath':{'path':'/var/lib/kubelet/plugins'}}]",
         "d.example.com"},
        {"'containers':[{'image':'r/csi-provisioner','args':['--drivername=e.example.com']}]",
         "e.example.com"},
        {"'initContainers':[{'image':'r/csi-attacher'}],'containers':[{'image':"
         "'mirror/amazon/aws-ebs-csi-driver:v1'}]",
         "ebs.csi.aws.com"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct csi_census *census = csi_census_new();
        put(census, "DaemonSet", "x", "thing", "{}", cases[i].spec);
        ck_assert_str_eq(driver_of(census, "DaemonSet", "x", "thing"), cases[i].name);
        csi_census_free(census);
    }
}
END_TEST

START_TEST(all_six_of_kubespray_are_known_by_name_and_role)
{
    static const char *const names[][3] = {
        {"ebs-csi-controller", "ebs.csi.aws.com", "aws_ebs"},
        {"csi-azuredisk-controller", "disk.csi.azure.com", "azuredisk"},
        {"csi-cinder-controllerplugin", "cinder.csi.openstack.org", "cinder"},
        {"csi-gce-pd-controller", "pd.csi.storage.gke.io", "gcp_pd"},
        {"csi-upcloud-controller", "storage.csi.upcloud.com", "upcloud"},
        {"vsphere-csi-controller", "csi.vsphere.vmware.com", "vsphere"},
    };
    struct csi_census *census = csi_census_new();
    for (size_t i = 0; i < 6; i++) {
        put(census, "Deployment", "kube-system", names[i][0], "{}", PROVISIONER);
    }
    for (size_t i = 0; i < 6; i++) {
        ck_assert_str_eq(driver_of(census, "Deployment", "kube-system", names[i][0]), names[i][1]);
        ck_assert_str_eq(csi_census_driver(census, names[i][1])->kubespray, names[i][2]);
    }
    csi_census_free(census);
}
END_TEST

#define NODE(driver)                                                                               \
    "'containers':[{'image':'r/node-driver-registrar'}],'volumes':[{'hostPath':{'path':"           \
    "'/var/lib/kubelet/plugins/" driver "'}}]"

START_TEST(a_controller_joins_the_node_plugin_that_it_resembles)
{
    struct csi_census *census = csi_census_new();
    put(census, "DaemonSet", "kube-system", "acme-csi-node", "{}", NODE("csi.acme.io"));
    put(census, "DaemonSet", "kube-system", "other-node", "{'app':'o'}", NODE("csi.other.io"));
    put(census, "Deployment", "kube-system", "acme-csi-ctl", "{}", PROVISIONER);
    put(census, "Deployment", "kube-system", "whatever", "{'app':'o'}", PROVISIONER);
    put(census, "DaemonSet", "alone", "agents", "{}", NODE("csi.alone.io"));
    put(census, "Deployment", "alone", "csi-provisioner", "{}", PROVISIONER);
    ck_assert_str_eq(driver_of(census, "Deployment", "kube-system", "acme-csi-ctl"), "csi.acme.io");
    ck_assert_str_eq(driver_of(census, "Deployment", "kube-system", "whatever"), "csi.other.io");
    ck_assert_str_eq(driver_of(census, "Deployment", "alone", "csi-provisioner"), "csi.alone.io");
    csi_census_free(census);
}
END_TEST

START_TEST(a_csidriver_object_names_a_controller_that_nothing_resembles)
{
    struct csi_census *census = csi_census_new();
    put(census, "Deployment", "kube-system", "zeta-controller", "{}", PROVISIONER);
    ck_assert_str_eq(driver_of(census, "Deployment", "kube-system", "zeta-controller"),
                     "zeta-controller");
    put_csi_driver(census, "zeta.csi.example.com");
    ck_assert_str_eq(driver_of(census, "Deployment", "kube-system", "zeta-controller"),
                     "zeta.csi.example.com");
    csi_census_remove(census, "CSIDriver", NULL, "zeta.csi.example.com");
    ck_assert_str_eq(driver_of(census, "Deployment", "kube-system", "zeta-controller"),
                     "zeta-controller");
    csi_census_free(census);
}
END_TEST

static void put_job_pod(struct csi_census *census, const char *name, const char *instance,
                        const char *phase)
{
    put_pod(census,
            "{'metadata':{'name':'%s','namespace':'kube-system','uid':'%s','labels':{"
            "'app.kubernetes.io/instance':'%s','app.kubernetes.io/name':'acme-csi'},"
            "'ownerReferences':[{'kind':'Job','name':'%s','controller':true}]},'spec':{"
            "'containers':[{'image':'acme/migrate'}]},'status':{'phase':'%s'}}",
            name, name, instance, name, phase);
}

START_TEST(a_running_job_of_the_driver_is_shown_other_jobs_are_not)
{
    struct csi_census *census = csi_census_new();
    put(census, "DaemonSet", "kube-system", "acme-csi-node",
        "{'app.kubernetes.io/instance':'acme','app.kubernetes.io/name':'acme-csi'}",
        NODE("csi.acme.io"));
    put_job_pod(census, "acme-upgrade", "acme", "Pending");
    put_job_pod(census, "acme-upgrade-done", "acme", "Succeeded");
    put_job_pod(census, "backup", "other", "Running");
    ck_assert_str_eq(driver_of(census, "Job", "kube-system", "acme-upgrade"), "csi.acme.io");
    ck_assert_str_eq(driver_of(census, "Job", "kube-system", "acme-upgrade-done"), "none");
    ck_assert_str_eq(driver_of(census, "Job", "kube-system", "backup"), "none");
    ck_assert_uint_eq(csi_census_driver(census, "csi.acme.io")->pod_count, 1);
    put_job_pod(census, "acme-upgrade", "acme", "Succeeded");
    ck_assert_str_eq(driver_of(census, "Job", "kube-system", "acme-upgrade"), "none");
    csi_census_free(census);
}
END_TEST

START_TEST(a_workload_that_turns_into_something_else_is_dropped)
{
    struct csi_census *census = csi_census_new();
    put(census, "Deployment", "x", "d", "{}", PROVISIONER);
    ck_assert_str_ne(driver_of(census, "Deployment", "x", "d"), "none");
    put(census, "Deployment", "x", "d", "{}", "'containers':[{'image':'nginx'}]");
    ck_assert_str_eq(driver_of(census, "Deployment", "x", "d"), "none");
    csi_census_free(census);
}
END_TEST

START_TEST(who_manages_a_workload_is_read_from_its_marks)
{
    static const struct {
        const char *metadata;
        const char *manager;
    } cases[] = {
        {"'annotations':{'meta.helm.sh/release-name':'r'}", "Helm"},
        {"'labels':{'app.kubernetes.io/managed-by':'Helm'}", "Helm"},
        {"'annotations':{'argocd.argoproj.io/tracking-id':'t'}", "Argo CD"},
        {"'labels':{'kustomize.toolkit.fluxcd.io/name':'n'}", "Flux"},
        {"'annotations':{'kubectl.kubernetes.io/last-applied-configuration':'{}'}",
         "kubectl-client-side-apply"},
        {"'managedFields':[{'manager':'old','time':'2025-01-01T00:00:00Z'},{'manager':'terraform',"
         "'time':'2026-01-01T00:00:00Z'},{'manager':'kubelet','subresource':'status','time':"
         "'2026-02-01T00:00:00Z'}]",
         "terraform"},
        {"'managedFields':[{'manager':'argocd-controller'}]", "Argo CD"},
        {"'labels':null", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct csi_census *census = csi_census_new();
        put_workload(census,
                     "{'kind':'DaemonSet','metadata':{'name':'d','namespace':'x',%s},'spec':{"
                     "'template':{'spec':{" PROVISIONER "}}}}",
                     cases[i].metadata);
        csi_census_settle(census, fixture_now);
        ck_assert_str_eq(csi_census_workload(census, "DaemonSet", "x", "d")->managed_by,
                         cases[i].manager);
        csi_census_free(census);
    }
}
END_TEST

START_TEST(rollouts_are_done_by_kubectls_rules)
{
    static const struct {
        const char *kind;
        const char *rest;
        bool done;
    } cases[] = {
        {"DaemonSet",
         "'status':{'desiredNumberScheduled':2,'updatedNumberScheduled':2,"
         "'numberAvailable':2,'observedGeneration':3}",
         true},
        {"DaemonSet",
         "'status':{'desiredNumberScheduled':2,'updatedNumberScheduled':2,"
         "'numberAvailable':2,'observedGeneration':2}",
         false},
        {"DaemonSet",
         "'status':{'desiredNumberScheduled':2,'updatedNumberScheduled':1,"
         "'numberAvailable':2,'observedGeneration':3}",
         false},
        {"Deployment",
         "'status':{'replicas':1,'updatedReplicas':1,'availableReplicas':1,"
         "'observedGeneration':3}",
         true},
        {"Deployment",
         "'status':{'replicas':2,'updatedReplicas':1,'availableReplicas':1,"
         "'observedGeneration':3}",
         false},
        {"StatefulSet",
         "'status':{'readyReplicas':1,'currentRevision':'a','updateRevision':'a',"
         "'observedGeneration':3}",
         true},
        {"StatefulSet",
         "'status':{'readyReplicas':1,'currentRevision':'a','updateRevision':'b',"
         "'updatedReplicas':0,'observedGeneration':3}",
         false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct csi_census *census = csi_census_new();
        put_workload(census,
                     "{'kind':'%s','metadata':{'name':'d','namespace':'x','generation':3},'spec':{"
                     "'template':{'spec':{" PROVISIONER "}}},%s}",
                     cases[i].kind, cases[i].rest);
        csi_census_settle(census, fixture_now);
        ck_assert_msg(csi_census_workload(census, cases[i].kind, "x", "d")->rollout_done ==
                          cases[i].done,
                      "%s %s", cases[i].kind, cases[i].rest);
        csi_census_free(census);
    }
}
END_TEST

Suite *suite_drivers(void)
{
    const TTest *tests[] = {the_name_is_read_from_where_a_driver_leaves_it,
                            all_six_of_kubespray_are_known_by_name_and_role,
                            a_controller_joins_the_node_plugin_that_it_resembles,
                            a_csidriver_object_names_a_controller_that_nothing_resembles,
                            a_running_job_of_the_driver_is_shown_other_jobs_are_not,
                            a_workload_that_turns_into_something_else_is_dropped,
                            who_manages_a_workload_is_read_from_its_marks,
                            rollouts_are_done_by_kubectls_rules,
                            NULL};
    return suite_of("drivers", tests);
}
