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
extern const struct ui_view_ops view_secrets;
extern const struct ui_view_ops view_monitor;
extern const struct ui_view_ops view_help;    /* argument: the struct ui_view it explains */
extern const struct ui_view_ops view_palette; /* argument: the struct ui_view it acts on */
extern const struct ui_view_ops view_log;

/* Which pod; names are copied. */
struct view_pod_argument {
    const char *ns;
    const char *name;
};

/* A new registry Secret; names are copied, NULL where there is no proposal. */
struct view_form_argument {
    const char *ns;
    const char *name;
    const char *driver; /* whose images say which registries are asked */
    bool use;           /* and point the driver's workloads to it */
};

#endif
