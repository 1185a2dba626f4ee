#include "runner.h"

Suite *suite_inventory(void);
Suite *suite_variables(void);
Suite *suite_check(void);
Suite *suite_fix(void);

RUN_SUITES(suite_inventory, suite_variables, suite_check, suite_fix)
