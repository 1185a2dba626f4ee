#include "runner.h"

Suite *suite_patch_json(void);
Suite *suite_patch_strategic(void);
Suite *suite_apply(void);
Suite *suite_managed_fields(void);
Suite *suite_sim_keyring(void);
Suite *suite_scenario(void);
Suite *suite_kubelet(void);
Suite *suite_rollouts(void);
Suite *suite_namespaces(void);

RUN_SUITES(suite_patch_json, suite_patch_strategic, suite_apply, suite_managed_fields,
           suite_sim_keyring, suite_scenario, suite_kubelet, suite_rollouts, suite_namespaces)
