#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "doc/digest.h"
#include "kubespray/check.h"
#include "kubespray/fix.h"
#include "tree.h"

Suite *suite_fix(void);

#define TEMPLATES  "roles/kubernetes-apps/csi_driver/upcloud/templates/"
#define TASKS      "roles/kubernetes-apps/csi_driver/upcloud/tasks/main.yml"
#define CONTROLLER TEMPLATES "upcloud-csi-controller.yml.j2"

/* Plans and writes; returns how many files changed. */
static size_t mend_more(const struct tree *tree, const char *inventory, const char *const *names,
                        size_t count, bool pull_secrets_only)
{
    struct kubespray_edits edits;
    struct error err = ERROR_INIT;
    size_t written;
    const struct kubespray_fix_options options = {
        .driver = "upcloud",
        .pull_secrets = names,
        .pull_secret_count = count,
        .pull_secrets_only = pull_secrets_only,
    };
    struct kubespray *kubespray = tree_open(tree, inventory);
    ck_assert_msg(kubespray_fix(kubespray, &options, &edits, &err), "%s", err.message);
    ck_assert_msg(kubespray_edits_write(&edits, &written, &err), "%s", err.message);
    ck_assert_uint_eq(written, edits.count);
    kubespray_edits_free(&edits);
    kubespray_close(kubespray);
    return written;
}

/* The pull secrets alone. */
static size_t mend(const struct tree *tree, const char *inventory, const char *const *names,
                   size_t count)
{
    return mend_more(tree, inventory, names, count, true);
}

/* How many findings of that severity or a worse one. */
static size_t left(const struct tree *tree, enum kubespray_severity severity)
{
    struct kubespray_findings findings;
    struct kubespray *kubespray = tree_open(tree, NULL);
    size_t count = 0;
    ck_assert(kubespray_check(kubespray, "upcloud", &findings, NULL));
    for (size_t i = 0; i < findings.count; i++) {
        count += findings.items[i].severity <= severity;
    }
    kubespray_findings_free(&findings);
    kubespray_close(kubespray);
    return count;
}

START_TEST(after_a_fix_check_is_clean_and_a_second_changes_nothing)
{
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "hosts", "[kube_control_plane]\nn1\n");
    size_t hints = left(&tree, KUBESPRAY_INFO) - left(&tree, KUBESPRAY_WARNING);
    ck_assert_uint_gt(hints, 0);
    ck_assert_uint_gt(left(&tree, KUBESPRAY_WARNING), 0);
    ck_assert_uint_eq(mend(&tree, "hosts", NULL, 0), 4);
    ck_assert_uint_eq(left(&tree, KUBESPRAY_WARNING), 0);
    ck_assert_uint_eq(left(&tree, KUBESPRAY_INFO), hints);
    ck_assert_uint_eq(mend(&tree, "hosts", NULL, 0), 0);
    ck_assert_uint_gt(mend_more(&tree, "hosts", NULL, 0, false), 0);
    ck_assert_uint_eq(left(&tree, KUBESPRAY_INFO), 0);
    ck_assert_uint_eq(mend_more(&tree, "hosts", NULL, 0, false), 0);
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
    expect_value("'upcloud_csi_image_pull_secret': old\n", one, 1,
                 "upcloud_csi_image_pull_secret: my-registry\n");
}
END_TEST

START_TEST(the_value_goes_where_a_group_sets_it_already)
{
    static const char *const one[] = {"my-registry"};
    struct tree tree;
    tree_make(&tree);
    tree_write(&tree, "hosts", "[kube_control_plane]\nn1\n");
    tree_write(&tree, "group_vars/all/upcloud.yml", "upcloud_csi_image_pull_secret: one\n");
    tree_write(&tree, "group_vars/kube_control_plane/own.yml",
               "upcloud_csi_image_pull_secret: two\n");
    mend(&tree, "hosts", one, 1);
    char *text = tree_read(&tree, "group_vars/kube_control_plane/own.yml");
    ck_assert_str_eq(text, "upcloud_csi_image_pull_secret: my-registry\n");
    free(text);
    struct kubespray *kubespray = tree_open(&tree, "hosts");
    text = tree_render(kubespray, CONTROLLER);
    ck_assert(strstr(text, "- name: my-registry\n") != NULL);
    free(text);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(a_name_that_no_secret_can_have_is_refused)
{
    static const char *const bad[] = {"a b", "Upper", "-a", "a.", "a\nb", "a/b"};
    struct tree tree;
    tree_make(&tree);
    struct kubespray *kubespray = tree_open(&tree, NULL);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct kubespray_edits edits;
        struct error err = ERROR_INIT;
        const struct kubespray_fix_options options = {
            .driver = "upcloud", .pull_secrets = &bad[i], .pull_secret_count = 1};
        ck_assert(!kubespray_fix(kubespray, &options, &edits, &err));
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_assert(strstr(err.message, "cannot be a Secret's name") != NULL);
    }
    kubespray_close(kubespray);
    tree_remove(&tree);
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

/* The patch of all that a fix of upcloud mends. */
static char *patch_of(const struct tree *tree, bool pull_secrets_only, const char *author)
{
    struct kubespray_edits edits;
    struct buffer patch;
    const struct kubespray_fix_options options = {.driver = "upcloud",
                                                  .pull_secrets_only = pull_secrets_only};
    struct kubespray *kubespray = tree_open(tree, NULL);
    ck_assert(kubespray_fix(kubespray, &options, &edits, NULL));
    buffer_init(&patch, 100000);
    ck_assert(kubespray_edits_patch(&edits, "upcloud", author, 0, &patch));
    kubespray_edits_free(&edits);
    kubespray_close(kubespray);
    return buffer_take(&patch);
}

START_TEST(the_patch_has_what_git_wants_and_only_the_needed_lines)
{
    struct tree tree;
    tree_make(&tree);
    char *patch = patch_of(&tree, true, "A B <a@example.org>");
    ck_assert(strstr(patch, "From: A B <a@example.org>\n"
                            "Date: Thu, 01 Jan 1970 00:00:00 +0000\n"
                            "Subject: [PATCH] upcloud: let the inventory choose the pull "
                            "secret\n\n") != NULL);
    ck_assert(strstr(patch, "diff --git a/" CONTROLLER " b/" CONTROLLER "\n") != NULL);
    ck_assert(strstr(patch, "+{% if upcloud_csi_image_pull_secret is defined and "
                            "upcloud_csi_image_pull_secret %}\n       imagePullSecrets:\n"
                            "-        - name: upcloud\n") != NULL);
    ck_assert_ptr_null(strstr(patch, "github_image_repo"));
    free(patch);
    tree_remove(&tree);
}
END_TEST

START_TEST(what_is_mended_for_different_reasons_are_patches_of_their_own)
{
    struct tree tree;
    tree_make(&tree);
    char *patch = patch_of(&tree, false, "J\xc3\xbcrgen \"X\" <j@example.org>");
    const char *const order[] = {
        "From: =?UTF-8?q?J=C3=BCrgen=20=22X=22?= <j@example.org>\n",
        "Subject: [PATCH 1/3] upcloud: let the inventory choose",
        "-        - name: upcloud\n",
        "Subject: [PATCH 2/3] upcloud: take the registries of images from variables\n",
        "-          image: ghcr.io/",
        "Subject: [PATCH 3/3] upcloud: keep rendered credentials from other users\n",
        "+    mode: \"0640\"\n",
    };
    const char *at = patch;
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        at = strstr(at, order[i]);
        ck_assert_msg(at != NULL, "%s comes in its order", order[i]);
    }
    free(patch);
    tree_remove(&tree);
}
END_TEST

START_TEST(an_author_is_whom_git_would_name)
{
    struct tree tree;
    tree_make(&tree);
    unsetenv("GIT_AUTHOR_NAME");
    unsetenv("GIT_AUTHOR_EMAIL");
    setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
    tree_write(
        &tree, "checkout/.git/config",
        "[core]\n\tname = no\n[user \"other\"]\nname = no\n[User] # comment\n\tName = A \"# B\" "
        "; comment\n  eMail=a@example.org\n[alias]\nemail = no\n");
    char *author = kubespray_author(tree.checkout);
    ck_assert_str_eq(author, "A # B <a@example.org>");
    free(author);
    tree_write(&tree, "global", "[user]\nname = G\nemail = g@example.org\n");
    char *global = file_join(tree.root, "global");
    setenv("GIT_CONFIG_GLOBAL", global, 1);
    free(global);
    tree_write(&tree, "checkout/.git/config", "[user]\n\tname\n\temail = \"l\\t@example.org\n");
    author = kubespray_author(tree.checkout);
    ck_assert_str_eq(author, "G <l@example.org>");
    free(author);
    setenv("GIT_AUTHOR_NAME", "E <x>\nBcc: y", 1);
    author = kubespray_author(tree.checkout);
    ck_assert_str_eq(author, "E xBcc: y <l@example.org>");
    free(author);
    unsetenv("GIT_AUTHOR_NAME");
    setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
    tree_write(&tree, "checkout/.git/config", "");
    author = kubespray_author(tree.checkout);
    ck_assert_str_eq(author, "pullmend <pullmend@localhost>");
    free(author);
    tree_remove(&tree);
}
END_TEST

/* Mends all with that text in the controller's place; gives the text then. */
static char *mended_controller(struct tree *tree, const char *text)
{
    tree_make(tree);
    tree_write(tree, "hosts", "[kube_control_plane]\nn1\n[all:vars]\ngithub_image_repo=m.local\n");
    tree_write(tree, "checkout/" CONTROLLER, text);
    mend_more(tree, "hosts", NULL, 0, false);
    ck_assert_uint_eq(left(tree, KUBESPRAY_INFO), 0);
    return tree_read(tree, "checkout/" CONTROLLER);
}

START_TEST(edits_that_are_tried_render_with_their_defaults)
{
    struct tree tree;
    struct kubespray_edits edits;
    const struct kubespray_fix_options options = {.driver = "upcloud"};
    tree_make(&tree);
    tree_write(&tree, "checkout/" CONTROLLER, "  - image: m.local:5000/c/d:1\n");
    struct kubespray *kubespray = tree_open(&tree, NULL);
    ck_assert(kubespray_fix(kubespray, &options, &edits, NULL));
    ck_assert(kubespray_try(kubespray, &edits, NULL));
    char *text = tree_render(kubespray, CONTROLLER);
    ck_assert_str_eq(text, "  - image: m.local:5000/c/d:1\n");
    free(text);
    kubespray_edits_free(&edits);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(images_stay_as_they_are_with_the_defaults)
{
    struct tree tree;
    char *text = mended_controller(&tree, "  - image: ghcr.io/a/b:1\n"
                                          "  - image: \"m.local:5000/c/d:1\" # why\n"
                                          "  - image: {{ x }}/e:1\n");
    ck_assert_str_eq(text, "  - image: {{ github_image_repo }}/a/b:1\n"
                           "  - image: \"{{ upcloud_csi_m_local_5000_image_repo }}/c/d:1\" # why\n"
                           "  - image: {{ x }}/e:1\n");
    free(text);
    tree_write(&tree, "checkout/" CONTROLLER,
               "{{ github_image_repo }} {{ "
               "upcloud_csi_m_local_5000_image_repo }}\n");
    struct kubespray *kubespray = tree_open(&tree, NULL);
    text = tree_render(kubespray, CONTROLLER);
    ck_assert_str_eq(text, "ghcr.io m.local:5000\n");
    free(text);
    kubespray_close(kubespray);
    tree_remove(&tree);
}
END_TEST

START_TEST(a_variable_that_is_printed_unasked_gets_its_condition)
{
    static const char *const open[] = {
        "      imagePullSecrets:\n        - name: \"{{ my_pull_secret }}\"\n      x: 1\n",
        "{% if my_pull_secret is defined %}\n      imagePullSecrets:\n"
        "        - name: {{my_pull_secret}}\n{% endif %}\n      x: 1\n",
    };
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        struct tree tree;
        char *text = mended_controller(&tree, open[i]);
        ck_assert_str_eq(text, "{% if my_pull_secret is defined and my_pull_secret %}\n"
                               "      imagePullSecrets:\n"
                               "{% for name in ([my_pull_secret] if my_pull_secret is string else "
                               "my_pull_secret) %}\n        - name: {{ name }}\n"
                               "{% endfor %}\n{% endif %}\n      x: 1\n");
        free(text);
        tree_remove(&tree);
    }
}
END_TEST

START_TEST(a_file_of_credentials_without_a_mode_gets_one)
{
    static const char *const before[] = {
        "- name: a\n  template:\n    src: x.j2\n    dest: /x\n  with_items:\n"
        "    - upcloud-csi-cred-secret\n",
        "- template:\n    src: upcloud-csi-cred-secret.yml.j2\n    mode: 0644\n    dest: /x\n",
    };
    static const char *const after[] = {
        "- name: a\n  template:\n    src: x.j2\n    dest: /x\n    mode: \"0640\"\n  with_items:\n"
        "    - upcloud-csi-cred-secret\n",
        "- template:\n    src: upcloud-csi-cred-secret.yml.j2\n    mode: 0640\n    dest: /x\n",
    };
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        struct tree tree;
        tree_make(&tree);
        tree_write(&tree, "hosts", "[kube_control_plane]\nn1\n");
        tree_write(&tree, "checkout/" TASKS, before[i]);
        mend_more(&tree, "hosts", NULL, 0, false);
        char *text = tree_read(&tree, "checkout/" TASKS);
        ck_assert_str_eq(text, after[i]);
        free(text);
        ck_assert_uint_eq(left(&tree, KUBESPRAY_INFO), 0);
        tree_remove(&tree);
    }
}
END_TEST

START_TEST(any_role_is_mended_by_its_folder)
{
    struct tree tree;
    struct kubespray_edits edits;
    struct error err = ERROR_INIT;
    const char *folder = "roles/network_plugin/some-net";
    const struct kubespray_fix_options options = {.driver = folder};
    tree_make(&tree);
    tree_write(&tree, "checkout/roles/network_plugin/some-net/templates/n.yml.j2",
               "kind: DaemonSet\nspec:\n  imagePullSecrets: [{name: a}, {name: b}]\n");
    struct kubespray *kubespray = tree_open(&tree, NULL);
    ck_assert_msg(kubespray_fix(kubespray, &options, &edits, &err), "%s", err.message);
    ck_assert_uint_eq(edits.count, 2);
    ck_assert_str_eq(edits.items[0].new_text,
                     "kind: DaemonSet\nspec:\n"
                     "{% if some_net_image_pull_secret is defined and some_net_image_pull_secret "
                     "%}\n  imagePullSecrets:\n{% for name in ([some_net_image_pull_secret] if "
                     "some_net_image_pull_secret is string else some_net_image_pull_secret) %}\n"
                     "    - name: {{ name }}\n{% endfor %}\n{% endif %}\n");
    kubespray_edits_free(&edits);
    const struct kubespray_fix_options missing = {.driver = "vsphere"};
    ck_assert(!kubespray_fix(kubespray, &missing, &edits, &err));
    ck_assert_int_eq(err.kind, ERROR_USAGE);
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
    const struct kubespray_fix_options options = {.driver = "azuredisk",
                                                  .pull_secrets = one,
                                                  .pull_secret_count = 1,
                                                  .pull_secrets_only = true};
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
    static const TTest *tests[20];
    size_t n = 0;
    tests[n++] = after_a_fix_check_is_clean_and_a_second_changes_nothing;
    tests[n++] = the_block_is_rendered_only_when_the_variable_is_set;
    tests[n++] = the_inventorys_file_keeps_comments_order_and_line_ends;
    tests[n++] = the_value_goes_where_a_group_sets_it_already;
    tests[n++] = a_name_that_no_secret_can_have_is_refused;
    tests[n++] = without_a_file_of_group_variables_one_is_made;
    tests[n++] = the_patch_has_what_git_wants_and_only_the_needed_lines;
    tests[n++] = what_is_mended_for_different_reasons_are_patches_of_their_own;
    tests[n++] = an_author_is_whom_git_would_name;
    tests[n++] = edits_that_are_tried_render_with_their_defaults;
    tests[n++] = images_stay_as_they_are_with_the_defaults;
    tests[n++] = a_variable_that_is_printed_unasked_gets_its_condition;
    tests[n++] = a_file_of_credentials_without_a_mode_gets_one;
    tests[n++] = any_role_is_mended_by_its_folder;
    tests[n++] = a_file_with_changes_that_are_not_committed_is_refused_unless_forced;
    tests[n++] = a_driver_without_a_block_gets_one_with_its_value;
    return suite_of("fix", tests);
}
