#ifndef TESTS_KUBESPRAY_TREE_H
#define TESTS_KUBESPRAY_TREE_H

#include "base/buffer.h"
#include "kubespray/render.h"

/* A folder of its own for a test, with a copy of tests/kubespray/checkout in it. */
struct tree {
    char root[200];
    char checkout[220];
};

void tree_make(struct tree *tree);
void tree_remove(struct tree *tree);
void tree_write(const struct tree *tree, const char *path, const char *text);
/* free() it. */
char *tree_read(const struct tree *tree, const char *path);
/* Opens the checkout with an inventory below the root (NULL: none). Fails the test if it cannot. */
struct kubespray *tree_open(const struct tree *tree, const char *inventory);
/* What the checkout's driver renders from a template; free() it. */
char *tree_render(struct kubespray *kubespray, const char *template);

#endif
