#include "runner.h"

Suite *suite_clean(void);
Suite *suite_journal(void);
Suite *suite_title(void);
Suite *suite_json_patch(void);
Suite *suite_last_applied(void);
Suite *suite_merge(void);
Suite *suite_owner(void);
Suite *suite_plan(void);
Suite *suite_rollout(void);
Suite *suite_secrets(void);
Suite *suite_undo(void);

RUN_SUITES(suite_clean, suite_journal, suite_json_patch, suite_last_applied, suite_merge,
           suite_title, suite_owner, suite_plan, suite_rollout, suite_secrets, suite_undo)
