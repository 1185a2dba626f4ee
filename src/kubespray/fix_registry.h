#ifndef SRC_KUBESPRAY_FIX_REGISTRY_H
#define SRC_KUBESPRAY_FIX_REGISTRY_H

#include <stdbool.h>

/* Edits for private registries, as text to text. Each result is the caller's to free(). */

/* What the texts below name. */
struct registry_names {
    const char *pull_secret; /* "upcloud_csi_image_pull_secret" */
    const char *prefix;      /* "upcloud_csi": of the variables _registry_host, _username... */
    const char *stem;        /* "upcloud-csi": of the template's file */
    const char *ns;          /* as the templates write it */
};

/* The template of the registry Secret: it renders only when the credentials are given. */
char *fix_registry_template(const struct registry_names *names);
/* The tasks with two more before those that apply the role's manifests; NULL if there is no place
 * for them. Unchanged if the template is named there already. */
char *fix_registry_tasks(const char *text, const struct registry_names *names);
/* Defaults, or a sample, with the registry's variables. */
char *fix_registry_variables(const char *text, const struct registry_names *names, bool sample);

#endif
