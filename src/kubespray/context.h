#ifndef SRC_KUBESPRAY_CONTEXT_H
#define SRC_KUBESPRAY_CONTEXT_H

#include "inventory.h"
#include "jinja/environment.h"
#include "kubespray/fix.h"
#include "kubespray/render.h"
#include "variables.h"

/* The insides of a checkout that is open, shared by the room's files. */

/* A role, with what its own files say. Lives in the arena. */
struct role {
    const char *name; /* below roles/ */
    struct jinja_dict *defaults;
    struct jinja_dict *variables;
    struct role **dependencies;
    size_t dependency_count;
    struct role *next; /* all that were loaded */
};

/* A host's variables, seen by a template (full) or through hostvars. */
struct view {
    struct kubespray *kubespray;
    size_t host;
    bool full;
    struct jinja_dict *groups;
    struct jinja_dict *host_variables;
    struct jinja_dict *facts;
    struct jinja_environment *env;
};

struct kubespray {
    char *checkout;
    char *playbooks; /* the folder of the playbook whose plays run the roles */
    struct kubespray_options options;
    struct jinja_arena *arena;
    struct inventory inventory;
    struct notes notes;
    char *no_host; /* why the host is imagined: the inventory has none to render on; NULL */
    struct jinja_dict *extra;
    struct jinja_dict *given_facts; /* from --facts, or NULL */
    struct role *roles;
    struct view main;
    struct view **others; /* one a host, made when hostvars asks */
    struct jinja_value hostvars;
    /* What the role at hand adds. */
    const char *role; /* its name, or NULL */
    struct jinja_dict *play_defaults;
    struct jinja_dict *role_defaults;
    struct jinja_dict *role_variables;
    struct jinja_dict *task; /* item, registered results, facts that its tasks set */
    struct jinja_dict *magic;
    const struct kubespray_edits *edits; /* files that are taken as edited, or NULL */
};

/* --- roles.c */
/* A role by its name below roles/, NULL if there is none or its files cannot be read (err). */
struct role *role_load(struct kubespray *kubespray, const char *name, struct error *err);
/* Makes it the role at hand: its layers and those of its play. */
bool role_enter(struct kubespray *kubespray, const char *name, struct error *err);
/* "roles/a/b/templates/x.j2": "a/b", in the arena; NULL if it is no role's template. */
const char *role_of_template(struct kubespray *kubespray, const char *path);

/* --- drivers.c */
/* A driver, or any role's folder ("roles/...") as if it were one (then in the arena). NULL with
 * ERROR_USAGE if there is none of that name, or if the checkout has no such role. */
const struct kubespray_driver *driver_named(struct kubespray *kubespray, const char *name,
                                            struct error *err);
/* Whether the checkout has the driver's role: its templates, or its tasks. */
bool driver_here(const struct kubespray *kubespray, const struct kubespray_driver *driver);
/* What the names of a driver's variables begin with: "upcloud_csi". free() it. */
char *kubespray_prefix(const struct kubespray_driver *driver);

/* --- views.c */
bool view_open(struct kubespray *kubespray, struct view *view, size_t host, bool full,
               struct error *err);
void view_close(struct view *view);
/* Anew after the role has changed. */
void magic_fill(struct kubespray *kubespray);

/* --- facts.c */
struct jinja_dict *facts_for(struct kubespray *kubespray, size_t host);
bool facts_read(struct kubespray *kubespray, const char *path, struct error *err);

/* --- tasks.c: what the role's tasks do with templates */
/* The names of the role's templates in the order of its tasks. */
bool tasks_templates(struct kubespray *kubespray, const char *role, struct kubespray_paths *out,
                     struct error *err);
/* Fills kubespray->task for a template of the role at hand: item, vars, slurped results. */
bool tasks_prepare(struct kubespray *kubespray, const char *template, const char *text,
                   struct error *err);

/* --- render.c */
/* As kubespray_render(), with variables that beat all others (NULL: none). */
void render_with(struct kubespray *kubespray, const char *template, const struct jinja_dict *extra,
                 struct kubespray_rendered *out);

/* Reads checkout/path; refuses what leads out of the checkout. */
bool checkout_read(const struct kubespray *kubespray, const char *path, struct buffer *out,
                   struct error *err);
void paths_append(struct kubespray_paths *paths, const char *path);

#endif
