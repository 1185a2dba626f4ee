#ifndef CLI_KUBESPRAY_H
#define CLI_KUBESPRAY_H

#include "change/intent.h"
#include "cli/options.h"
#include "csi/census.h"
#include "kubespray/render.h"

/* What the flags say of checkout, inventory, variables, host and facts. */
struct kubespray_options cli_kubespray_options(const struct cli_values *values);

/* Opens the checkout that --kubespray names, with inventory, variables, host and facts of the
 * flags; its notes go to the log. NULL with the reason. */
struct kubespray *cli_open_kubespray(const struct cli_values *values, struct error *err);

/* --driver, for those that take one; NULL: all. ERROR_USAGE if several are named. */
bool cli_one_driver(const struct cli_values *values, const char **driver, struct error *err);

/* --kubespray as a change: what the templates of the drivers render becomes the intent's manifests;
 * without --driver, of those that the cluster runs. Only what they say of pull secrets, unless
 * --all-changes. A template that Ansible would refuse is left out with a word about it; with
 * --all-changes it is an error. */
bool cli_render_manifests(const struct cli_values *values, const struct csi_census *census,
                          struct change_intent *intent, struct error *err);

/* `kubespray` without a word: wrong usage. */
int cli_run_kubespray(const struct cli_values *values);
int cli_run_kubespray_render(const struct cli_values *values);
int cli_run_kubespray_check(const struct cli_values *values);
int cli_run_kubespray_fix(const struct cli_values *values);

#endif
