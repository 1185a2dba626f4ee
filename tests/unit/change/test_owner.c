#include "runner.h"

#include "change/owner.h"
#include "trees.h"

Suite *suite_owner(void);

#define LAST "'kubectl.kubernetes.io/last-applied-configuration':'{}'"

START_TEST(managers_are_known_by_their_marks)
{
    static const struct {
        const char *metadata;
        const char *name;
        const char *consequence; /* a part of it; NULL: there is none */
        bool confirm;
    } cases[] = {
        {"{}", "", NULL, false},
        {"{'annotations':{" LAST "}}", "kubectl-client-side-apply", "kubectl apply", false},
        {"{'annotations':{" LAST "},'labels':{'argocd.argoproj.io/instance':'csi'}}",
         "Argo CD application csi", "within minutes", true},
        {"{'annotations':{'argocd.argoproj.io/tracking-id':'csi:apps/DaemonSet:ns/n'}}",
         "Argo CD application csi", "Git", true},
        {"{'labels':{'kustomize.toolkit.fluxcd.io/name':'infra'}}", "Flux Kustomization infra",
         "within minutes", true},
        {"{'labels':{'helm.toolkit.fluxcd.io/name':'csi','app.kubernetes.io/managed-by':'Helm'}}",
         "Flux HelmRelease csi", "HelmRelease", true},
        {"{'labels':{'app.kubernetes.io/managed-by':'Helm'},"
         "'annotations':{'meta.helm.sh/release-name':'csi'}}",
         "Helm release csi", "upgrade", true},
        {"{'ownerReferences':[{'kind':'CSIOperator','name':'main','controller':true}]}",
         "CSIOperator/main", "set the change back", true},
        {"{'ownerReferences':[{'kind':'CSIOperator','name':'main'}]}", "", NULL, false},
        {"{'labels':{'addonmanager.kubernetes.io/mode':'EnsureExists'}}", "", NULL, false},
        {"{'labels':{'addonmanager.kubernetes.io/mode':'Reconcile'}}",
         "the cluster's add-on manager", "minute", true},
        {"{'managedFields':[{'manager':'gitops','operation':'Apply','fieldsV1':{'f:spec':{}}}]}",
         "gitops (server-side apply)", "server-side apply", false},
        {"{'managedFields':[{'manager':'kube-controller-manager','operation':'Update'},"
         "{'manager':'kubectl-edit','operation':'Update','fieldsV1':{'f:spec':{}}}]}",
         "kubectl-edit", NULL, false},
        {"{'managedFields':[{'manager':'pullmend','operation':'Update'}]}", "", NULL, false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        cJSON *live = cJSON_CreateObject();
        cJSON_AddItemToObject(live, "metadata", tree(cases[i].metadata));
        struct change_owner owner;
        change_owner_find(live, NULL, &owner);
        ck_assert_str_eq(owner.name, cases[i].name);
        ck_assert_int_eq(owner.confirm, cases[i].confirm);
        if (cases[i].consequence == NULL) {
            ck_assert_ptr_null(owner.consequence);
        } else {
            ck_assert_ptr_nonnull(owner.consequence);
            ck_assert_ptr_nonnull(strstr(owner.consequence, cases[i].consequence));
        }
        change_owner_free(&owner);
        cJSON_Delete(live);
    }
}
END_TEST

START_TEST(kubespray_is_named_where_the_driver_has_a_role)
{
    cJSON *live = tree("{'metadata':{'annotations':{" LAST "}}}");
    struct change_owner owner;
    change_owner_find(live, "upcloud", &owner);
    ck_assert_ptr_nonnull(strstr(owner.consequence, "role upcloud"));
    change_owner_free(&owner);
    cJSON_Delete(live);
}
END_TEST

Suite *suite_owner(void)
{
    const TTest *const tests[] = {managers_are_known_by_their_marks,
                                  kubespray_is_named_where_the_driver_has_a_role, NULL};
    return suite_of("owner", tests);
}
