#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tree.h"

Suite *suite_variables(void);

#define LAYERS "roles/kubernetes-apps/csi_driver/upcloud/templates/layers.yml.j2"
#define AZURE                                                                                      \
    "roles/kubernetes-apps/csi_driver/azuredisk/templates/azure-csi-cloud-config-secret.yml.j2"

static void expect_line(const char *text, const char *line)
{
    ck_assert_msg(strstr(text, line) != NULL, "no %s in:\n%s", line, text);
}

START_TEST(every_layer_has_its_place)
{
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "hosts", "[kube_control_plane]\nn1\n");
    tree_write(&tree, "group_vars/all/b.yml", "layer_group_all: second file\nlayer_vars: lost\n");
    tree_write(&tree, "group_vars/all/a.yml", "layer_group_all: first file\n");
    tree_write(&tree, "group_vars/kube_control_plane.yml", "layer_role: the group\n");
    tree_write(&tree, "host_vars/n1.yml", "driver_version: the host\nbeside_both: the host's\n");
    struct kubespray *kubespray = tree_open(&tree, "hosts");
    char *text = tree_render(kubespray, LAYERS);
    expect_line(text, "defaults: kubespray_defaults/main\n");
    expect_line(text, "role: the group\n");
    expect_line(text, "vars: kubespray_defaults/vars\n");
    expect_line(text, "group_all: second file\n");
    expect_line(text, "image: registry.k8s.io/driver:the host\n");
    expect_line(text, "neighbour: upcloud azuredisk\n");
    expect_line(text, "version: 1.34.1 True\n");
    expect_line(text, "beside: all, the host's, playbook kube_control_plane, -\n");
    free(text);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(a_roles_own_defaults_beat_the_common_ones)
{
    struct tree tree;
    tree_make(&tree);
    struct kubespray *kubespray = tree_open(&tree, NULL);
    char *text = tree_render(kubespray, LAYERS);
    expect_line(text, "role: csi_driver/upcloud\n");
    expect_line(text, "image: registry.k8s.io/driver:latest\n");
    free(text);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(extra_variables_win_and_pairs_are_strings)
{
    struct tree tree;
    struct error err = ERROR_INIT;
    struct buffer out;
    const char *extra[] = {"layer_vars=1 other='a b'", "{\"n\": 5}"};
    tree_make(&tree);
    const struct kubespray_options options = {
        .checkout = tree.checkout, .extra = extra, .extra_count = 2};
    struct kubespray *kubespray = kubespray_open(&options, &err);
    ck_assert_msg(kubespray != NULL, "%s", err.message);
    buffer_init(&out, 1000);
    ck_assert(kubespray_variable(kubespray, NULL, "layer_vars", &out, &err));
    ck_assert(kubespray_variable(kubespray, NULL, "other", &out, &err));
    ck_assert(kubespray_variable(kubespray, NULL, "n", &out, &err));
    ck_assert_str_eq(out.data, "\"1\"\"a b\"5");
    buffer_free(&out);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(a_file_that_is_read_back_is_rendered_first)
{
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "hosts", "[kube_control_plane]\nn1 azure_csi_tenant_id=t\n");
    struct kubespray *kubespray = tree_open(&tree, "hosts");
    char *text = tree_render(kubespray, AZURE);
    expect_line(text, "  cloud-config: ewogICJ0ZW5hbnRJZCI6IHQsCiAg");
    free(text);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

#define ODD "roles/kubernetes-apps/csi_driver/upcloud/templates/odd.yml.j2"

/* The odd template's error, or its text. free() it. */
static char *render_odd(const struct tree *tree, const char *text)
{
    struct kubespray_rendered rendered;
    tree_write(tree, "checkout/" ODD, text);
    struct kubespray *kubespray = tree_open(tree, "hosts");
    kubespray_render(kubespray, ODD, &rendered);
    char *result = xstrdup(rendered.rendered ? rendered.bytes.data : rendered.error.message);
    kubespray_rendered_free(&rendered);
    kubespray_close(kubespray);
    return result;
}

START_TEST(facts_that_tasks_set_are_known_as_far_as_they_need_no_command)
{
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "hosts", "[kube_control_plane]\nn1 base=3 second=inventory\n");
    tree_write(&tree, "checkout/roles/kubernetes-apps/csi_driver/upcloud/tasks/main.yml",
               "---\n- set_fact:\n    first: \"{{ base + 1 }}\"\n    yes_word: \"{{ 'Yes' }}\"\n"
               "- set_fact:\n    second: skipped\n  when: [base > 0, base > 5]\n"
               "- set_fact:\n    third: \"{{ first }}{{ first }}\"\n"
               "- set_fact:\n    counted: \"{{ counted | default(0) }}\"\n  loop: [1, 2]\n"
               "- set_fact:\n    asked: \"{{ result.rc }}\"\n"
               "- ansible.builtin.set_fact:\n    when_asked: 1\n  when: result.rc == 0\n"
               "- template: {src: odd.yml.j2, dest: /x}\n  vars:\n    own: \"{{ third }}!\"\n");
    char *text =
        render_odd(&tree, "{{ first }} {{ second }} {{ own }} {{ yes_word is sameas true }}");
    ck_assert_str_eq(text, "4 inventory 44! True");
    free(text);
    static const struct {
        const char *text;
        const char *reason;
    } unknown[] = {
        {"{{ counted }}", "'counted' is undefined"},
        {"{{ asked }}", "'result' is undefined"},
        {"{{ when_asked }}", "'result' is undefined"},
    };
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        text = render_odd(&tree, unknown[i].text);
        ck_assert_msg(strstr(text, unknown[i].reason) != NULL, "%s", text);
        free(text);
    }
    tree_remove(&tree);
}
END_TEST

START_TEST(what_is_undefined_is_named_through_the_file_that_needs_it)
{
    struct tree tree;
    struct kubespray_rendered rendered;
    tree_make(&tree);
    struct kubespray *kubespray = tree_open(&tree, NULL);
    kubespray_render(kubespray, AZURE, &rendered);
    ck_assert(!rendered.rendered);
    ck_assert_uint_eq(rendered.bytes.length, 0);
    ck_assert_str_eq(rendered.undefined, "azure_csi_tenant_id");
    expect_line(rendered.error.message, "azure-csi-cloud-config.j2:2:");
    kubespray_rendered_free(&rendered);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

struct named {
    char names[300];
};

static void note_name(void *context, const char *name, const char *message)
{
    struct named *named = context;
    size_t length = strlen(named->names);
    ck_assert(strstr(message, name) != NULL);
    snprintf(named->names + length, sizeof(named->names) - length, "%s ", name);
}

START_TEST(all_undefined_variables_are_told_at_once)
{
    struct tree tree;
    struct named named = {""};
    static const char path[] = "roles/kubernetes-apps/csi_driver/upcloud/templates/many.yml.j2";
    tree_make(&tree);
    tree_write(&tree, "checkout/roles/kubernetes-apps/csi_driver/upcloud/templates/many.yml.j2",
               "{{ first }}{% if second %}x{% endif %}{% for a in third %}{% endfor %}"
               "{{ through }}{{ first ~ fifth }}");
    tree_write(&tree, "hosts", "[kube_control_plane]\nn1 through='{{ fourth }}'\n");
    struct kubespray *kubespray = tree_open(&tree, "hosts");
    ck_assert_uint_eq(kubespray_undefined(kubespray, path, note_name, &named), 5);
    ck_assert_str_eq(named.names, "first second third fourth fifth ");
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(an_encrypted_file_is_left_aside_with_a_note)
{
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "hosts", "[kube_control_plane]\nn1\n");
    tree_write(&tree, "group_vars/all/secret.yml", "$ANSIBLE_VAULT;1.1;AES256\n3132\n");
    struct kubespray *kubespray = tree_open(&tree, "hosts");
    ck_assert_ptr_nonnull(kubespray_note(kubespray, 0));
    expect_line(kubespray_note(kubespray, 0), "group_vars/all/secret.yml is encrypted");
    ck_assert_ptr_null(kubespray_note(kubespray, 1));
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(a_template_cannot_lead_out_of_the_checkout)
{
    struct tree tree;
    struct kubespray_rendered rendered;
    tree_make(&tree);
    tree_write(&tree, "outside.txt", "secret\n");
    tree_write(&tree, "checkout/roles/kubernetes-apps/csi_driver/upcloud/templates/bad.yml.j2",
               "{{ lookup('file', '../../../../../outside.txt') }}\n");
    struct kubespray *kubespray = tree_open(&tree, NULL);
    kubespray_render(kubespray, "roles/kubernetes-apps/csi_driver/upcloud/templates/bad.yml.j2",
                     &rendered);
    ck_assert(!rendered.rendered);
    expect_line(rendered.error.message, "lies outside");
    kubespray_rendered_free(&rendered);
    kubespray_render(kubespray, "roles/x/templates/../../../../outside.txt", &rendered);
    ck_assert(!rendered.rendered);
    kubespray_rendered_free(&rendered);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(a_drivers_templates_come_in_the_order_of_its_tasks)
{
    struct tree tree;
    struct kubespray_paths paths;
    struct error err = ERROR_INIT;
    tree_make(&tree);
    struct kubespray *kubespray = tree_open(&tree, NULL);
    ck_assert_msg(kubespray_templates(kubespray, "storage.csi.upcloud.com", &paths, &err), "%s",
                  err.message);
    ck_assert_uint_eq(paths.count, 5);
    ck_assert(strstr(paths.items[0], "upcloud-csi-cred-secret.yml.j2") != NULL);
    ck_assert(strstr(paths.items[3], "layers.yml.j2") != NULL);
    ck_assert(strstr(paths.items[4], "upcloud-csi-storage-class.yml.j2") != NULL);
    kubespray_paths_free(&paths);
    ck_assert(!kubespray_templates(kubespray, "nonsense", &paths, &err));
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(a_folder_without_roles_is_no_checkout)
{
    struct error err = ERROR_INIT;
    const struct kubespray_options options = {.checkout = "/"};
    ck_assert_ptr_null(kubespray_open(&options, &err));
    ck_assert_int_eq(err.kind, ERROR_USAGE);
}
END_TEST

Suite *suite_variables(void)
{
    static const TTest *tests[14];
    size_t n = 0;
    tests[n++] = every_layer_has_its_place;
    tests[n++] = a_roles_own_defaults_beat_the_common_ones;
    tests[n++] = extra_variables_win_and_pairs_are_strings;
    tests[n++] = a_file_that_is_read_back_is_rendered_first;
    tests[n++] = facts_that_tasks_set_are_known_as_far_as_they_need_no_command;
    tests[n++] = what_is_undefined_is_named_through_the_file_that_needs_it;
    tests[n++] = all_undefined_variables_are_told_at_once;
    tests[n++] = an_encrypted_file_is_left_aside_with_a_note;
    tests[n++] = a_template_cannot_lead_out_of_the_checkout;
    tests[n++] = a_drivers_templates_come_in_the_order_of_its_tasks;
    tests[n++] = a_folder_without_roles_is_no_checkout;
    return suite_of("variables", tests);
}
