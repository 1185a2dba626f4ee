#include "runner.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tree.h"

Suite *suite_inventory(void);

static void expect_variable(const char *inventory, const char *name, const char *json)
{
    struct tree tree;
    struct error err = ERROR_INIT;
    struct buffer out;
    tree_make(&tree);
    tree_write(&tree, "hosts", inventory);
    struct kubespray *kubespray = tree_open(&tree, "hosts");
    buffer_init(&out, 100000);
    ck_assert_msg(kubespray_variable(kubespray, NULL, name, &out, &err), "%s", err.message);
    ck_assert_str_eq(out.data, json);
    buffer_free(&out);
    kubespray_close(kubespray);
    tree_remove(&tree);
}

static void expect_refused(const char *file, const char *inventory, const char *part)
{
    struct tree tree;
    struct error err = ERROR_INIT;
    char path[300];
    tree_make(&tree);
    tree_write(&tree, file, inventory);
    snprintf(path, sizeof(path), "%s/%s", tree.root, file);
    const struct kubespray_options options = {.checkout = tree.checkout, .inventory = path};
    ck_assert_ptr_null(kubespray_open(&options, &err));
    ck_assert_msg(strstr(err.message, part) != NULL, "%s", err.message);
    tree_remove(&tree);
}

START_TEST(values_in_an_ini_file_are_python_literals_or_text)
{
    static const char text[] = "[kube_control_plane]\n"
                               "a n=5 t=True s=true l=\"['x', 1]\" q='a b' z=007 e=\n";
    expect_variable(text, "n", "5");
    expect_variable(text, "t", "true");
    expect_variable(text, "s", "\"true\"");
    expect_variable(text, "l", "[\"x\", 1]");
    expect_variable(text, "q", "\"a b\"");
    expect_variable(text, "z", "\"007\"");
    expect_variable(text, "e", "\"\"");
}
END_TEST

START_TEST(ranges_make_names_with_their_zeros_and_steps)
{
    expect_variable("[kube_control_plane]\nn[08:12:2].x\n[all:vars]\nv={{ groups['all'] }}\n", "v",
                    "[\"n08.x\", \"n10.x\", \"n12.x\"]");
}
END_TEST

START_TEST(a_group_of_groups_holds_their_hosts_once)
{
    expect_variable("[kube_control_plane]\na\n[kube_node]\na\nb\n[x:children]\nkube_node\n"
                    "kube_control_plane\n[all:vars]\nv={{ groups['x'] }}\n",
                    "v", "[\"a\", \"b\"]");
}
END_TEST

START_TEST(the_cluster_group_is_there_where_the_inventory_lacks_it)
{
    expect_variable("[kube_control_plane]\na\n[kube_node]\nb\n", "group_names",
                    "[\"k8s_cluster\", \"kube_control_plane\"]");
}
END_TEST

START_TEST(a_child_groups_variables_beat_its_parents)
{
    expect_variable("[kube_control_plane]\na\n[p:children]\nkube_control_plane\n"
                    "[kube_control_plane:vars]\nv=child\n[p:vars]\nv=parent\n[all:vars]\nv=all\n",
                    "v", "\"child\"");
}
END_TEST

START_TEST(mistakes_in_an_ini_file_name_line_and_column)
{
    expect_refused("hosts", "[a\nb\n", "hosts:1:1: a section's name has no ]");
    expect_refused("hosts", "[kube_control_plane]\nh x=1 stray\n", "hosts:2:");
    expect_refused("hosts", "[kube_control_plane]\nh x='open\n", "hosts:2:");
    expect_refused("hosts", "[a:children]\nb\n[b:children]\na\n", "hosts:4:1: this group would");
    expect_refused("hosts", "[kube_control_plane]\nh[9:1]\n", "range in the host name");
}
END_TEST

START_TEST(mistakes_in_a_yaml_file_name_line_and_column)
{
    expect_refused("hosts.yml", "all:\n  hosts: [a, b]\n", "hosts.yml:2:10: hosts must be a map");
    expect_refused("hosts.yml", "all:\n  hostz: {}\n", "hosts.yml:2:3: a group knows hosts");
    expect_refused("hosts.yml", "all:\n\thosts:\n", "hosts.yml:2:");
}
END_TEST

START_TEST(a_program_is_not_run)
{
    struct tree tree;
    struct error err = ERROR_INIT;
    char path[300];
    tree_make(&tree);
    tree_write(&tree, "inventory.sh", "#!/bin/sh\necho '{}'\n");
    snprintf(path, sizeof(path), "%s/inventory.sh", tree.root);
    ck_assert(chmod(path, 0755) == 0);
    const struct kubespray_options options = {.checkout = tree.checkout, .inventory = path};
    ck_assert_ptr_null(kubespray_open(&options, &err));
    ck_assert(strstr(err.message, "is not run") != NULL);
    tree_remove(&tree);
}
END_TEST

START_TEST(a_folder_sets_ini_files_aside_as_the_checkout_says)
{
    struct tree tree;
    struct error err = ERROR_INIT;
    char path[300];
    tree_make(&tree);
    tree_write(&tree, "inv/inventory.ini", "[kube_control_plane]\na\n");
    snprintf(path, sizeof(path), "%s/inv", tree.root);
    const struct kubespray_options options = {.checkout = tree.checkout, .inventory = path};
    struct kubespray *kubespray = kubespray_open(&options, &err);
    ck_assert_ptr_nonnull(kubespray);
    ck_assert(!kubespray_has_host(kubespray, &err));
    ck_assert(strstr(err.message, "names no host") != NULL);
    ck_assert(strstr(kubespray_note(kubespray, 0), "name the file itself") != NULL);
    kubespray_close(kubespray);
    tree_write(&tree, "inv/hosts.yaml", "kube_control_plane: {hosts: {b: }}\n");
    kubespray = tree_open(&tree, "inv");
    ck_assert(kubespray_has_host(kubespray, &err));
    ck_assert_ptr_null(kubespray_note(kubespray, 0));
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

Suite *suite_inventory(void)
{
    static const TTest *tests[12];
    size_t n = 0;
    tests[n++] = values_in_an_ini_file_are_python_literals_or_text;
    tests[n++] = ranges_make_names_with_their_zeros_and_steps;
    tests[n++] = a_group_of_groups_holds_their_hosts_once;
    tests[n++] = the_cluster_group_is_there_where_the_inventory_lacks_it;
    tests[n++] = a_child_groups_variables_beat_its_parents;
    tests[n++] = mistakes_in_an_ini_file_name_line_and_column;
    tests[n++] = mistakes_in_a_yaml_file_name_line_and_column;
    tests[n++] = a_program_is_not_run;
    tests[n++] = a_folder_sets_ini_files_aside_as_the_checkout_says;
    return suite_of("inventory", tests);
}
