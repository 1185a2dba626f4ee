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
    const char *driver;              /* or a role's folder ("roles/..."); NULL: all six */
    const char *const *pull_secrets; /* the value for the inventory; none: it is left alone */
    size_t pull_secret_count;
    bool pull_secrets_only; /* the other faults that kubespray_check() tells as mendable stay */
    bool registry_secret;   /* a template for the registry Secret as well, for those who give the
                               role its credentials */
    bool force;             /* also files with changes that are not committed */
};

/* What is mended one after the other: each makes a patch of its own. */
enum kubespray_stage {
    KUBESPRAY_STAGE_PULL_SECRET,     /* references, variables that nothing reads, the value */
    KUBESPRAY_STAGE_REGISTRY_SECRET, /* the role makes it */
    KUBESPRAY_STAGE_IMAGES,          /* variables in place of registries that are written out */
    KUBESPRAY_STAGE_CREDENTIALS,     /* kept from other users of the node */
    KUBESPRAY_STAGE_COUNT
};

struct kubespray_edit {
    char *path; /* relative to the checkout; absolute for a file of an inventory outside of it */
    char *full; /* where it is */
    char *old_text; /* "" for a new file */
    char *new_text;
    char *stages[KUBESPRAY_STAGE_COUNT]; /* the text after each; NULL: as before it */
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
/* The same as patches that `git apply` and `git am` take, one for each stage that changes
 * something. author: "Name <mail>", as kubespray_author() says it; seconds: their date. */
bool kubespray_edits_patch(const struct kubespray_edits *edits, const char *driver,
                           const char *author, long long seconds, struct buffer *out);
/* Who git would name as the author of a commit in the checkout: from $GIT_AUTHOR_NAME and
 * $GIT_AUTHOR_EMAIL, the repository's and the user's configuration; nothing is run. What none says
 * is "pullmend" and "pullmend@localhost". free() it. */
char *kubespray_author(const char *checkout);
/* Writes each file by rename. Errors name the file; those before it are written. */
bool kubespray_edits_write(const struct kubespray_edits *edits, size_t *written, struct error *err);
void kubespray_edit_free(struct kubespray_edit *edit);
void kubespray_edits_free(struct kubespray_edits *edits);

#endif
