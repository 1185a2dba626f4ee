#ifndef CLI_KUBESPRAY_H
#define CLI_KUBESPRAY_H

#include "cli/options.h"
#include "kubespray/render.h"

/* Opens the checkout that --kubespray names, with inventory, variables, host and facts of the
 * flags; its notes go to the log. NULL with the reason. */
struct kubespray *cli_open_kubespray(const struct cli_values *values, struct error *err);

/* `kubespray` without a word: wrong usage. */
int cli_run_kubespray(const struct cli_values *values);
int cli_run_kubespray_render(const struct cli_values *values);
int cli_run_kubespray_check(const struct cli_values *values);
int cli_run_kubespray_fix(const struct cli_values *values);

#endif
