#ifndef UI_SOURCE_H
#define UI_SOURCE_H

#include "change/intent.h"
#include "csi/census.h"
#include "kubespray/check.h"
#include "kubespray/fix.h"

/*
 * A Kubespray checkout with its inventory as the screens work with it: what is wrong in it, what a
 * fix would write, and what the driver's role renders for the cluster before and after that.
 */
struct ui_source {
    char *checkout;  /* NULL: none is named */
    char *inventory; /* NULL: none */
    char *secret; /* what the inventory's variable is to name, several by commas; NULL: nothing */
    const struct kubespray_driver *driver; /* NULL: all of Kubespray's */
    bool pull_secrets_only;                /* the plan leaves the other faults */
    struct kubespray_findings findings;
    struct kubespray_edits edits;
    char **notes; /* what was left aside, such as encrypted files */
    size_t note_count;
    char **refused; /* "TEMPLATE:LINE: why": not in what source_intent() gave last */
    size_t refused_count;
    struct error failure; /* it cannot be read; ERROR_NONE */
    struct error refusal; /* no fix can be planned for it; ERROR_NONE */
};

/* The driver of that name, if Kubespray has a role for it; else the first of the cluster's. */
const struct kubespray_driver *source_driver(const struct csi_census *census, const char *name);

/* Takes the place of checkout, inventory and secret; blanks around go, "" is NULL, "~/" is the home
 * folder. */
void source_name(struct ui_source *source, const char *checkout, const char *inventory,
                 const char *secret);
/* Reads it all anew. more: extra variables, host and facts; its checkout and inventory are not
 * used. False with source->failure. */
bool source_read(struct ui_source *source, const struct kubespray_options *more);
/* What the driver's role renders, its pull secrets alone: with the edits as if they were written,
 * or from the files as they are. NULL with the reason. */
struct change_intent *source_intent(struct ui_source *source, const struct kubespray_options *more,
                                    bool with_edits, struct error *err);
/* The pull secrets that the inventory names today, by commas; "" if none or not known. free() it.
 */
char *source_current_secret(const struct ui_source *source, const struct kubespray_options *more);
/* A patch that `git am` takes. */
bool source_write_patch(const struct ui_source *source, const char *path, struct error *err);
void source_free(struct ui_source *source);

#endif
