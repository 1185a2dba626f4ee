#ifndef SRC_KUBESPRAY_FIXER_H
#define SRC_KUBESPRAY_FIXER_H

#include "context.h"
#include "kubespray/fix.h"

/* Planning edits for one driver after the other; shared by the files that do so. */
struct fixer {
    struct kubespray *kubespray;
    const struct kubespray_fix_options *options;
    const struct kubespray_driver *driver;
    char *folder;               /* "roles/kubernetes-apps/csi_driver/upcloud" */
    char *variable;             /* "upcloud_csi_image_pull_secret" */
    char *prefix;               /* of the driver's variables: "upcloud_csi" */
    struct kubespray *defaults; /* the checkout without an inventory; NULL: not opened yet */
    struct kubespray_edits *out;
    struct error *err;
};

/* --- fix.c */
/* The edit of a file of the checkout, begun if it is not yet there; NULL with an error. */
struct kubespray_edit *fixer_edit(struct fixer *fixer, const char *path);
/* Of any file; full is taken over. */
struct kubespray_edit *fixer_edit_at(struct fixer *fixer, const char *path, char *full);
/* Takes over text. */
void fixer_set_text(struct kubespray_edit *edit, char *text);
/* Changes each template of the role; change's result is taken over. */
bool fixer_each_template(struct fixer *fixer,
                         char *(*change)(struct fixer *fixer, const char *text, void *context),
                         void *context);
/* The same for the samples of inventories that speak of the driver's other variables. */
bool fixer_each_sample(struct fixer *fixer,
                       char *(*change)(struct fixer *fixer, const char *text, void *context),
                       void *context);

/* --- fix_secret.c: the template that makes the registry Secret, the tasks that apply it, and their
 * variables */
bool fixer_registry_secret(struct fixer *fixer);

/* --- fix_images.c: variables in place of the registries' hosts; with the checkout's defaults the
 * images stay as they are */
bool fixer_images(struct fixer *fixer);

/* --- fix_inventory.c: the variable's value in the inventory's group variables */
bool fixer_inventory(struct fixer *fixer);

#endif
