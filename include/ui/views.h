#ifndef UI_VIEWS_H
#define UI_VIEWS_H

#include "ui/view.h"

/* Every view, a line each. */
extern const struct ui_view_ops view_overview;
extern const struct ui_view_ops view_pod;     /* argument: const struct view_pod_argument * */
extern const struct ui_view_ops view_fix;     /* argument: const struct csi_finding * */
extern const struct ui_view_ops view_form;    /* argument: const struct view_form_argument * */
extern const struct ui_view_ops view_preview; /* argument: struct change_intent *, taken over */
extern const struct ui_view_ops view_rollout; /* argument: struct change_session *, taken over */
extern const struct ui_view_ops view_secrets; /* argument: const struct csi_finding *; NULL */
extern const struct ui_view_ops view_monitor;
extern const struct ui_view_ops view_help;    /* argument: the struct ui_view it explains */
extern const struct ui_view_ops view_palette; /* argument: the struct ui_view it acts on */
extern const struct ui_view_ops view_log;
extern const struct ui_view_ops view_undo; /* argument: const struct view_undo_argument * */
extern const struct ui_view_ops
    view_history; /* argument: the id of the change to select, or NULL */
extern const struct ui_view_ops view_setup;
extern const struct ui_view_ops view_kubespray; /* argument: a CSI driver's name, or NULL */
extern const struct ui_view_ops view_start;     /* where there is no cluster */
extern const struct ui_view_ops view_rights;    /* argument: const struct change_rights * */
extern const struct ui_view_ops view_themes;
extern const struct ui_view_ops view_rules;
extern const struct ui_view_ops view_contexts;
extern const struct ui_view_ops view_yaml;   /* argument: const struct view_object_argument * */
extern const struct ui_view_ops view_events; /* the same */
extern const struct ui_view_ops view_verify; /* argument: const struct view_verify_argument * */

/* A change of the journal, to be taken back or (forward) finished; the id is copied. */
struct view_undo_argument {
    const char *id;
    bool forward;
};

/* Which object; names are copied. */
struct view_object_argument {
    const char *kind;
    const char *ns;
    const char *name;
};

/* Which pod; names are copied. */
struct view_pod_argument {
    const char *ns;
    const char *name;
};

/* Which images with which Secrets; names are copied. */
struct view_verify_argument {
    const char *driver; /* NULL: of all drivers */
    const char *ns; /* of one Secret that is asked for every image; NULL: those beside the pods */
    const char *secret;
};

/* What a form about a registry Secret does. */
enum view_form_mode {
    VIEW_FORM_NEW,
    VIEW_FORM_ROTATE, /* new credentials into ns/name, which exists */
    VIEW_FORM_COPY,   /* from_ns/from_name to another place */
};

/* A form about a registry Secret; names are copied, NULL where there is no proposal. */
struct view_form_argument {
    enum view_form_mode mode;
    const char *ns;
    const char *name;
    const char *driver;    /* whose images say which registries are asked */
    const char *reference; /* the broken reference that is to be mended */
    bool use;              /* point the driver's workloads to it */
    const char *from_ns;   /* COPY */
    const char *from_name;
};

#endif
