#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "doc/digest.h"
#include "kubespray/check.h"
#include "kubespray/fix.h"
#include "tree.h"

Suite *suite_fix(void);

#define TEMPLATES  "roles/kubernetes-apps/csi_driver/upcloud/templates/"
#define CONTROLLER TEMPLATES "upcloud-csi-controller.yml.j2"

/* Plans and writes; returns how many files changed. */
static size_t mend(const struct tree *tree, const char *inventory, const char *const *names,
                   size_t count)
{
    struct kubespray_edits edits;
    struct error err = ERROR_INIT;
    size_t written;
    const struct kubespray_fix_options options = {
        .driver = "upcloud", .pull_secrets = names, .pull_secret_count = count};
    struct kubespray *kubespray = tree_open(tree, inventory);
    ck_assert_msg(kubespray_fix(kubespray, &options, &edits, &err), "%s", err.message);
    ck_assert_msg(kubespray_edits_write(&edits, &written, &err), "%s", err.message);
    ck_assert_uint_eq(written, edits.count);
    kubespray_edits_free(&edits);
    kubespray_close(kubespray);
    return written;
}

static bool mendable_left(const struct tree *tree)
{
    struct kubespray_findings findings;
    struct kubespray *kubespray = tree_open(tree, NULL);
    bool left = false;
    ck_assert(kubespray_check(kubespray, "upcloud", &findings, NULL));
    for (size_t i = 0; i < findings.count; i++) {
        left = left || findings.items[i].severity != KUBESPRAY_INFO;
    }
    kubespray_findings_free(&findings);
    kubespray_close(kubespray);
    return left;
}

START_TEST(after_a_fix_check_is_clean_and_a_second_changes_nothing)
{
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "hosts", "[kube_control_plane]\nn1\n");
    ck_assert(mendable_left(&tree));
    ck_assert_uint_eq(mend(&tree, "hosts", NULL, 0), 4);
    ck_assert(!mendable_left(&tree));
    ck_assert_uint_eq(mend(&tree, "hosts", NULL, 0), 0);
    tree_remove(&tree);
}
END_TEST

START_TEST(the_block_is_rendered_only_when_the_variable_is_set)
{
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "hosts", "[kube_control_plane]\nn1\n");
    mend(&tree, "hosts", NULL, 0);
    struct kubespray *kubespray = tree_open(&tree, "hosts");
    char *text = tree_render(kubespray, CONTROLLER);
    ck_assert_ptr_null(strstr(text, "imagePullSecrets"));
    ck_assert(strstr(text, "csi-upcloud-plugin\n          image: "
                           "ghcr.io/upcloudltd/upcloud-csi:latest\n      volumes:\n") != NULL);
    free(text);
    kubespray_close(kubespray);
    static const char *const values[] = {"one", "[one, two]", "\"\"", "null"};
    static const char *const blocks[] = {
        "      imagePullSecrets:\n        - name: one\n      volumes:\n",
        "      imagePullSecrets:\n        - name: one\n        - name: two\n      volumes:\n",
        "upcloud-csi:latest\n      volumes:\n", "upcloud-csi:latest\n      volumes:\n"};
    for (size_t i = 0; i < 4; i++) {
        char *line = xasprintf("upcloud_csi_image_pull_secret: %s\n", values[i]);
        tree_write(&tree, "group_vars/all.yml", line);
        free(line);
        kubespray = tree_open(&tree, "hosts");
        text = tree_render(kubespray, CONTROLLER);
        ck_assert_msg(strstr(text, blocks[i]) != NULL, "%s: %s", values[i], text);
        free(text);
        kubespray_close(kubespray);
    }
    tree_remove(&tree);
}
END_TEST

static void expect_value(const char *before, const char *const *names, size_t count,
                         const char *after)
{
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "hosts", "[kube_control_plane]\nn1\n");
    tree_write(&tree, "group_vars/all.yml", before);
    mend(&tree, "hosts", names, count);
    char *text = tree_read(&tree, "group_vars/all.yml");
    ck_assert_str_eq(text, after);
    free(text);
    ck_assert_uint_eq(mend(&tree, "hosts", names, count), 0);
    tree_remove(&tree);
}

START_TEST(the_inventorys_file_keeps_comments_order_and_line_ends)
{
    static const char *const one[] = {"my-registry"};
    static const char *const two[] = {"my-registry", "123"};
    expect_value("# top\na: 1 # note\n\nb: 'x'\n", one, 1,
                 "# top\na: 1 # note\n\nb: 'x'\nupcloud_csi_image_pull_secret: my-registry\n");
    expect_value("a: 1\r\nb: 2", one, 1,
                 "a: 1\r\nb: 2\r\nupcloud_csi_image_pull_secret: my-registry\r\n");
    expect_value("a: 1\n# upcloud_csi_image_pull_secret: x\nb: 2\n", one, 1,
                 "a: 1\n# upcloud_csi_image_pull_secret: x\n"
                 "upcloud_csi_image_pull_secret: my-registry\nb: 2\n");
    expect_value("upcloud_csi_image_pull_secret: old  # why\nb: 2\n", two, 2,
                 "upcloud_csi_image_pull_secret: [my-registry, \"123\"]  # why\nb: 2\n");
    expect_value("upcloud_csi_image_pull_secret:\n  - a\n  - b\nc: 3\n", one, 1,
                 "upcloud_csi_image_pull_secret: my-registry\nc: 3\n");
}
END_TEST

START_TEST(without_a_file_of_group_variables_one_is_made)
{
    static const char *const one[] = {"true"};
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "hosts", "[kube_control_plane]\nn1\n");
    ck_assert_uint_eq(mend(&tree, "hosts", one, 1), 5);
    char *text = tree_read(&tree, "group_vars/all/upcloud.yml");
    ck_assert_str_eq(text, "---\nupcloud_csi_image_pull_secret: \"true\"\n");
    free(text);
    tree_remove(&tree);
}
END_TEST

START_TEST(the_patch_has_what_git_wants_and_only_the_needed_lines)
{
    struct tree tree;
    struct kubespray_edits edits;
    struct buffer patch;
    const struct kubespray_fix_options options = {.driver = "upcloud"};
    tree_make(&tree);
    struct kubespray *kubespray = tree_open(&tree, NULL);
    ck_assert(kubespray_fix(kubespray, &options, &edits, NULL));
    buffer_init(&patch, 100000);
    ck_assert(kubespray_edits_patch(&edits, "upcloud", "A B <a@example.org>", 0, &patch));
    ck_assert(strstr(patch.data, "From: A B <a@example.org>\n"
                                 "Date: Thu, 01 Jan 1970 00:00:00 +0000\n") != NULL);
    ck_assert(strstr(patch.data, "diff --git a/" CONTROLLER " b/" CONTROLLER "\n") != NULL);
    ck_assert(strstr(patch.data, "+{% if upcloud_csi_image_pull_secret is defined and "
                                 "upcloud_csi_image_pull_secret %}\n       imagePullSecrets:\n"
                                 "-        - name: upcloud\n") != NULL);
    buffer_free(&patch);
    kubespray_edits_free(&edits);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

/* An index with one entry, as git writes it. */
static void write_index(const struct tree *tree, const char *path, const char *content)
{
    unsigned char index[400] = "DIRC\0\0\0\2\0\0\0\1";
    char hex[129];
    struct buffer blob;
    buffer_init(&blob, 100000);
    buffer_printf(&blob, "blob %zu", strlen(content));
    buffer_append_char(&blob, '\0');
    buffer_append_string(&blob, content);
    digest_hex("sha1", blob.data, blob.length, hex);
    buffer_free(&blob);
    for (size_t i = 0; i < 20; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        index[12 + 40 + i] = (unsigned char)strtoul(pair, NULL, 16);
    }
    memcpy(index + 12 + 62, path, strlen(path));
    char *full = xasprintf("%s/.git", tree->checkout);
    ck_assert(mkdir(full, 0755) == 0);
    free(full);
    full = xasprintf("%s/.git/index", tree->checkout);
    FILE *file = fopen(full, "wb");
    ck_assert(file != NULL && fwrite(index, 1, 12 + 62 + strlen(path) + 30, file) > 0);
    fclose(file);
    free(full);
}

START_TEST(a_file_with_changes_that_are_not_committed_is_refused_unless_forced)
{
    struct tree tree;
    struct kubespray_edits edits;
    struct error err = ERROR_INIT;
    struct kubespray_fix_options options = {.driver = "upcloud"};
    tree_make(&tree);
    write_index(&tree, CONTROLLER, "something else\n");
    struct kubespray *kubespray = tree_open(&tree, NULL);
    ck_assert(!kubespray_fix(kubespray, &options, &edits, &err));
    ck_assert_int_eq(err.kind, ERROR_CONFLICT);
    ck_assert(strstr(err.message, CONTROLLER) != NULL);
    options.force = true;
    ck_assert(kubespray_fix(kubespray, &options, &edits, &err));
    kubespray_edits_free(&edits);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(a_driver_without_a_block_gets_one_with_its_value)
{
    static const char *const one[] = {"my-registry"};
    struct tree tree;
    struct kubespray_edits edits;
    struct error err = ERROR_INIT;
    const struct kubespray_fix_options options = {
        .driver = "azuredisk", .pull_secrets = one, .pull_secret_count = 1};
    tree_make(&tree);
    tree_write(&tree, "hosts", "[kube_control_plane]\nn1\n");
    tree_write(&tree, "checkout/roles/kubernetes-apps/csi_driver/azuredisk/templates/n.yml.j2",
               "kind: DaemonSet\nspec:\n  template:\n    spec:\n      hostNetwork: true\n"
               "      containers:\n        - name: a\n");
    struct kubespray *kubespray = tree_open(&tree, "hosts");
    ck_assert_msg(kubespray_fix(kubespray, &options, &edits, &err), "%s", err.message);
    ck_assert_uint_eq(edits.count, 3);
    ck_assert(strstr(edits.items[0].new_text,
                     "hostNetwork: true\n{% if azure_csi_image_pull_secret is defined and "
                     "azure_csi_image_pull_secret %}\n      imagePullSecrets:\n") != NULL);
    kubespray_edits_free(&edits);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

Suite *suite_fix(void)
{
    static const TTest *tests[10];
    size_t n = 0;
    tests[n++] = after_a_fix_check_is_clean_and_a_second_changes_nothing;
    tests[n++] = the_block_is_rendered_only_when_the_variable_is_set;
    tests[n++] = the_inventorys_file_keeps_comments_order_and_line_ends;
    tests[n++] = without_a_file_of_group_variables_one_is_made;
    tests[n++] = the_patch_has_what_git_wants_and_only_the_needed_lines;
    tests[n++] = a_file_with_changes_that_are_not_committed_is_refused_unless_forced;
    tests[n++] = a_driver_without_a_block_gets_one_with_its_value;
    return suite_of("fix", tests);
}
