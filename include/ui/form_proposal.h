#ifndef UI_FORM_PROPOSAL_H
#define UI_FORM_PROPOSAL_H

#include "csi/findings.h"
#include "ui/view.h"

/* What the diagnosis proposes for a form: the broken reference's name and place, the registries of
 * the images. Names are interned or the findings': valid until the next change of the census. */

/* The worst finding about a pull secret of this driver (NULL: of any); NULL if there is none. */
const struct csi_finding *form_proposed_finding(const struct ui_view *view, const char *driver);
/* Servers to file credentials under, those of private-looking images first; a NULL-terminated array
 * of new strings, form_free_strings(). driver NULL: of all drivers. */
char **form_proposed_servers(const struct ui_view *view, const char *driver);
/* "NS/NAME" of the cluster's registry Secrets with entries, the namespace's own first. */
char **form_proposed_secrets(const struct ui_view *view, const char *ns);
/* Namespaces in which drivers run. */
char **form_proposed_namespaces(const struct ui_view *view);
void form_free_strings(char **strings);

#endif
