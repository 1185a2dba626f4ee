#include "runner.h"

#include <string.h>

#include "kubespray/check.h"
#include "tree.h"

Suite *suite_check(void);

#define TEMPLATES "roles/kubernetes-apps/csi_driver/upcloud/templates/"

static size_t count_of(const struct kubespray_findings *findings, const char *rule)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++) {
        count += strcmp(findings->items[i].rule, rule) == 0;
    }
    return count;
}

static const struct kubespray_finding *first_of(const struct kubespray_findings *findings,
                                                const char *rule)
{
    for (size_t i = 0; i < findings->count; i++) {
        if (strcmp(findings->items[i].rule, rule) == 0) {
            return &findings->items[i];
        }
    }
    ck_abort_msg("no finding of %s", rule);
    return NULL;
}

START_TEST(the_upcloud_fault_is_found_with_its_place)
{
    struct tree tree;
    struct kubespray_findings findings;
    struct error err = ERROR_INIT;
    tree_make(&tree);
    struct kubespray *kubespray = tree_open(&tree, NULL);
    ck_assert(kubespray_check(kubespray, "upcloud", &findings, &err));
    ck_assert_uint_eq(count_of(&findings, "hard-coded-pull-secret"), 2);
    ck_assert_uint_eq(count_of(&findings, "pull-secret-wrong-type"), 2);
    ck_assert_uint_eq(count_of(&findings, "pull-secret-not-created"), 0);
    ck_assert_uint_eq(count_of(&findings, "pull-secret-unread"), 0);
    const struct kubespray_finding *found = first_of(&findings, "hard-coded-pull-secret");
    ck_assert_str_eq(found->file, TEMPLATES "upcloud-csi-controller.yml.j2");
    ck_assert_int_eq(found->line, 29);
    ck_assert_int_eq(found->column, 17);
    ck_assert(found->mendable);
    kubespray_findings_free(&findings);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(a_variable_that_nothing_reads_is_found)
{
    struct tree tree;
    struct kubespray_findings findings;
    tree_make(&tree);
    struct kubespray *kubespray = tree_open(&tree, NULL);
    ck_assert(kubespray_check(kubespray, NULL, &findings, NULL));
    ck_assert_uint_eq(count_of(&findings, "pull-secret-unread"), 1);
    const struct kubespray_finding *found = first_of(&findings, "pull-secret-unread");
    ck_assert_str_eq(found->file, "inventory/sample/group_vars/all/oci.yml");
    ck_assert_int_eq(found->line, 2);
    kubespray_findings_free(&findings);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(names_that_nothing_creates_and_open_conditions_are_found)
{
    struct tree tree;
    struct kubespray_findings findings;
    tree_make(&tree);
    tree_write(
        &tree, "checkout/" TEMPLATES "a.yml.j2",
        "kind: DaemonSet\nspec:\n  imagePullSecrets: [{name: regcred}, {name: \"other\"}]\n");
    tree_write(&tree, "checkout/" TEMPLATES "b.yml.j2",
               "{% if x_pull_secret is defined %}\nimagePullSecrets:\n- name: {{ x_pull_secret }}\n"
               "{% endif %}\n");
    tree_write(&tree, "checkout/" TEMPLATES "c.yml.j2",
               "imagePullSecrets:\n- name: {{ y_pull_secret }}\n");
    tree_write(&tree, "checkout/" TEMPLATES "crd.yml.j2",
               "properties:\n  imagePullSecrets:\n    description: a list\n    items: {}\n");
    struct kubespray *kubespray = tree_open(&tree, NULL);
    ck_assert(
        kubespray_check(kubespray, "roles/kubernetes-apps/csi_driver/upcloud", &findings, NULL));
    ck_assert_uint_eq(count_of(&findings, "pull-secret-not-created"), 2);
    ck_assert_uint_eq(count_of(&findings, "hard-coded-pull-secret"), 4);
    ck_assert_uint_eq(count_of(&findings, "pull-secret-unguarded"), 2);
    kubespray_findings_free(&findings);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(a_registry_secret_of_the_right_type_is_no_wrong_type)
{
    struct tree tree;
    struct kubespray_findings findings;
    tree_make(&tree);
    tree_write(&tree, "checkout/" TEMPLATES "upcloud-csi-cred-secret.yml.j2",
               "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/dockerconfigjson\nmetadata:\n"
               "  name: upcloud\ndata: {}\n");
    struct kubespray *kubespray = tree_open(&tree, NULL);
    ck_assert(kubespray_check(kubespray, "upcloud", &findings, NULL));
    ck_assert_uint_eq(count_of(&findings, "pull-secret-wrong-type"), 0);
    ck_assert_uint_eq(count_of(&findings, "hard-coded-pull-secret"), 2);
    kubespray_findings_free(&findings);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(hosts_of_registries_and_credentials_in_clear_are_told)
{
    struct tree tree;
    struct kubespray_findings findings;
    tree_make(&tree);
    struct kubespray *kubespray = tree_open(&tree, NULL);
    ck_assert(kubespray_check(kubespray, "upcloud", &findings, NULL));
    ck_assert_uint_eq(count_of(&findings, "hard-coded-registry"), 2);
    ck_assert_uint_eq(count_of(&findings, "credentials-in-last-applied"), 1);
    ck_assert_uint_eq(count_of(&findings, "credentials-world-readable"), 1);
    const struct kubespray_finding *found = first_of(&findings, "hard-coded-registry");
    ck_assert(strstr(found->message, "2 images name a registry's host") != NULL);
    kubespray_findings_free(&findings);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

Suite *suite_check(void)
{
    static const TTest *tests[6];
    size_t n = 0;
    tests[n++] = the_upcloud_fault_is_found_with_its_place;
    tests[n++] = a_variable_that_nothing_reads_is_found;
    tests[n++] = names_that_nothing_creates_and_open_conditions_are_found;
    tests[n++] = a_registry_secret_of_the_right_type_is_no_wrong_type;
    tests[n++] = hosts_of_registries_and_credentials_in_clear_are_told;
    return suite_of("check", tests);
}
