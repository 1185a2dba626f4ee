#include "tree.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

static void copy_folder(const char *from, const char *to)
{
    DIR *folder = opendir(from);
    ck_assert_ptr_nonnull(folder);
    ck_assert(mkdir(to, 0755) == 0);
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        char *source = file_join(from, entry->d_name);
        char *target = file_join(to, entry->d_name);
        ck_assert(stat(source, &status) == 0);
        if (S_ISDIR(status.st_mode)) {
            copy_folder(source, target);
        } else {
            struct buffer text;
            buffer_init(&text, 1 << 20);
            ck_assert(file_read(source, &text, NULL));
            ck_assert(file_write_atomic(target, text.data, text.length, 0644, NULL));
            buffer_free(&text);
        }
        free(source);
        free(target);
    }
    closedir(folder);
}

static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        char *file = file_join(path, entry->d_name);
        if (lstat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
            remove_folder(file);
        } else {
            unlink(file);
        }
        free(file);
    }
    if (folder != NULL) {
        closedir(folder);
    }
    rmdir(path);
}

void tree_make(struct tree *tree)
{
    const char *top = getenv("TOP_SRCDIR");
    const char *temporary = getenv("TMPDIR");
    ck_assert_ptr_nonnull(top);
    snprintf(tree->root, sizeof(tree->root), "%s/pullmend-tree.XXXXXX",
             temporary == NULL ? "/tmp" : temporary);
    ck_assert_ptr_nonnull(mkdtemp(tree->root));
    snprintf(tree->checkout, sizeof(tree->checkout), "%s/checkout", tree->root);
    char *source = xasprintf("%s/tests/kubespray/checkout", top);
    copy_folder(source, tree->checkout);
    free(source);
}

void tree_remove(struct tree *tree)
{
    remove_folder(tree->root);
}

void tree_write(const struct tree *tree, const char *path, const char *text)
{
    char *full = file_join(tree->root, path);
    char *folder = file_folder(full);
    ck_assert(file_make_folder(folder, 0755, NULL));
    ck_assert(file_write_atomic(full, text, strlen(text), 0644, NULL));
    free(folder);
    free(full);
}

char *tree_read(const struct tree *tree, const char *path)
{
    struct buffer text;
    char *full = file_join(tree->root, path);
    buffer_init(&text, 1 << 20);
    ck_assert_msg(file_read(full, &text, NULL), "%s", path);
    free(full);
    return buffer_take(&text);
}

struct kubespray *tree_open(const struct tree *tree, const char *inventory)
{
    struct error err = ERROR_INIT;
    char *path = inventory == NULL ? NULL : file_join(tree->root, inventory);
    const struct kubespray_options options = {.checkout = tree->checkout, .inventory = path};
    struct kubespray *kubespray = kubespray_open(&options, &err);
    ck_assert_msg(kubespray != NULL, "%s", err.message);
    free(path);
    return kubespray;
}

char *tree_render(struct kubespray *kubespray, const char *template)
{
    struct kubespray_rendered rendered;
    kubespray_render(kubespray, template, &rendered);
    ck_assert_msg(rendered.rendered, "%s", rendered.error.message);
    char *text = xstrdup(rendered.bytes.data);
    kubespray_rendered_free(&rendered);
    return text;
}
