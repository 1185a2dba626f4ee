#ifndef KUBESPRAY_FIX_H
#define KUBESPRAY_FIX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "kubespray/render.h"

/*
 * The cure at the source: templates get the conditional imagePullSecrets block, the role's defaults
 * and the sample inventory the documented variable, the inventory's group variables its value.
 */
struct kubespray_fix_options {
    const char *driver;              /* NULL: all six */
    const char *const *pull_secrets; /* the value for the inventory; none: it is left alone */
    size_t pull_secret_count;
    bool registry_secret;    /* a template for the registry Secret as well, for those who give the
                                role its credentials */
    bool registry_variables; /* variables in place of registries that are written out */
    bool credentials; /* rendered credentials are kept from other users of the node as well */
    bool force;       /* also files with changes that are not committed */
};

struct kubespray_edit {
    char *path; /* relative to the checkout; absolute for a file of an inventory outside of it */
    char *full; /* where it is */
    char *old_text; /* "" for a new file */
    char *new_text;
    bool created;
};

struct kubespray_edits {
    struct kubespray_edit *items;
    size_t count;
    size_t capacity;
    char *variables; /* what they set in the inventory, as a JSON map; NULL: nothing */
};

/* Plans the edits; nothing is written. No edit: all is well already. Errors: ERROR_CONFLICT if a
 * file has uncommitted changes (without force), ERROR_CONFIG. */
bool kubespray_fix(struct kubespray *kubespray, const struct kubespray_fix_options *options,
                   struct kubespray_edits *out, struct error *err);
/* From now on templates render as if the edits were written. The edits must outlive it. Errors:
 * ERROR_CONFIG. */
bool kubespray_try(struct kubespray *kubespray, const struct kubespray_edits *edits,
                   struct error *err);
/* The variable that names a driver's pull secrets: "upcloud_csi_image_pull_secret". free() it. */
char *kubespray_pull_variable(const struct kubespray_driver *driver);
/* `diff -u` of all edits. */
bool kubespray_edits_diff(const struct kubespray_edits *edits, struct buffer *out);
/* The same as a patch that `git apply` and `git am` take. author: "Name <mail>", or NULL for the
 * one that git's environment variables name; seconds: its date. */
bool kubespray_edits_patch(const struct kubespray_edits *edits, const char *driver,
                           const char *author, long long seconds, struct buffer *out);
/* Writes each file by rename. Errors name the file; those before it are written. */
bool kubespray_edits_write(const struct kubespray_edits *edits, size_t *written, struct error *err);
void kubespray_edits_free(struct kubespray_edits *edits);

#endif
