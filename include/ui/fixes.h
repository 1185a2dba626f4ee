#ifndef UI_FIXES_H
#define UI_FIXES_H

#include "csi/findings.h"
#include "ui/view.h"

/* Starts a finding's way out: the form, the Secrets view or the preview that it begins with. */
void ui_start_fix(struct ui_app *app, const struct csi_finding *finding, size_t fix);
/* The findings about a driver, or about one of its workloads or pods (NULL: not only), those that
 * are most worth mending first. Returns how many are in out, at most max. */
size_t ui_findings_about(const struct ui_model *model, const struct csi_driver *driver,
                         const struct csi_workload *workload, const struct csi_pod *pod,
                         const struct csi_finding **out, size_t max);
/* Shows a change of this cluster that was interrupted, with the ways to deal with it; nothing if
 * there is none, or where nothing may be written. */
void ui_offer_interrupted(struct ui_app *app);
/* Previews taking back the last change of this cluster, if there is one. */
void ui_undo_last(struct ui_app *app);

#endif
