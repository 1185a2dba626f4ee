#ifndef KUBESPRAY_RENDER_H
#define KUBESPRAY_RENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * A Kubespray checkout with an inventory: what `ansible-playbook cluster.yml` would write from its
 * templates, with Ansible's precedence of variables. Nothing is run; no file outside of checkout,
 * inventory and the files named by the options is read.
 */
struct kubespray_options {
    const char *checkout;
    const char *inventory;    /* a file, or a folder as the checkout's ansible.cfg reads it; NULL:
                                 one host "node1" in every group, without variables */
    const char *const *extra; /* -e: "KEY=VALUE ...", "{json}" or "@FILE" */
    size_t extra_count;
    const char *host;  /* NULL: the first of kube_control_plane */
    const char *facts; /* a file of facts (as setup or the fact cache write them), or NULL: a Debian
                          host's */
    /* lookup('env'); NULL: the environment of this process. */
    const char *(*environment)(void *context, const char *name);
    void *context;
};

struct kubespray;

/* Errors: ERROR_CONFIG with file, line and column; ERROR_USAGE if host is not in the inventory or
 * the folder is no checkout of Kubespray. */
struct kubespray *kubespray_open(const struct kubespray_options *options, struct error *err);
/* NULL is allowed. */
void kubespray_close(struct kubespray *kubespray);

/* What was left aside, such as files encrypted with Ansible Vault; NULL after the last. */
const char *kubespray_note(const struct kubespray *kubespray, size_t index);

/* False with ERROR_CONFIG where the inventory has no host to render on, so that Ansible would do
 * nothing: templates then render as on a host that is imagined. */
bool kubespray_has_host(const struct kubespray *kubespray, struct error *err);

/* One line a role of a CSI driver: its role's name, the driver's name and its flag. */
struct kubespray_driver {
    const char *role;    /* "upcloud" */
    const char *folder;  /* below roles/ */
    const char *name;    /* "storage.csi.upcloud.com" */
    const char *enabled; /* "upcloud_csi_enabled" */
    const char *storage; /* its folder in persistent_volumes, or NULL */
};

/* The six drivers; ends with a NULL role. */
extern const struct kubespray_driver kubespray_drivers[];
/* By the driver's or the role's name; NULL if it is none of them. */
const struct kubespray_driver *kubespray_find_driver(const char *name);

/* A list of paths, relative to the checkout. */
struct kubespray_paths {
    char **items;
    size_t count;
};
void kubespray_paths_free(struct kubespray_paths *paths);

/*
 * The templates of a driver (its name or its role's), in the order in which the role applies them,
 * then those of its storage classes. driver NULL: of all six, the storage classes and snapshots.
 * Errors: ERROR_USAGE if there is no such driver here.
 */
bool kubespray_templates(struct kubespray *kubespray, const char *driver,
                         struct kubespray_paths *out, struct error *err);
/* Every template of a folder below the checkout ("roles/kubernetes-apps"), sorted. */
bool kubespray_templates_below(struct kubespray *kubespray, const char *folder,
                               struct kubespray_paths *out, struct error *err);

struct kubespray_rendered {
    bool rendered;
    struct buffer bytes; /* wiped when freed: it can hold credentials */
    struct error error;  /* if not rendered: template, line, expression */
    char undefined[128]; /* the undefined variable that was the reason, or "" */
};

/* Renders one template (its path relative to the checkout) for the chosen host. The result must be
 * freed in any case. */
void kubespray_render(struct kubespray *kubespray, const char *template,
                      struct kubespray_rendered *out);
void kubespray_rendered_free(struct kubespray_rendered *rendered);

/*
 * All undefined variables that keep a template from being rendered, each once, with the message
 * that tells where it is used: a template is tried again as if the variable were empty. Returns how
 * many.
 */
size_t kubespray_undefined(struct kubespray *kubespray, const char *template,
                           void (*callback)(void *context, const char *name, const char *message),
                           void *context);

/* The same over several templates. */
struct kubespray_missing_variable {
    char *name;
    char **users; /* "TEMPLATE:LINE" */
    size_t user_count;
};
struct kubespray_missing {
    struct kubespray_missing_variable *items;
    size_t count;
};
/* Adds a template's undefined variables; false if it has none. */
bool kubespray_missing_add(struct kubespray *kubespray, const char *template,
                           struct kubespray_missing *missing);
void kubespray_missing_free(struct kubespray_missing *missing);

/* The name that the file gets in kube_config_dir: the template's without ".j2". Into the path. */
const char *kubespray_output_name(const char *template, char *out, size_t size);

/* Appends a variable's value as JSON. Errors: ERROR_NOT_FOUND, ERROR_INVALID. role: whose defaults
 * hold ("roles/kubernetes-apps/csi_driver/upcloud"), or NULL. */
bool kubespray_variable(struct kubespray *kubespray, const char *role, const char *name,
                        struct buffer *json, struct error *err);

#endif
