#include "runner.h"

Suite *suite_census(void);
Suite *suite_drivers(void);
Suite *suite_fields(void);
Suite *suite_findings(void);
Suite *suite_fixes(void);
Suite *suite_history_file(void);
Suite *suite_odd(void);
Suite *suite_soak(void);
Suite *suite_trouble(void);
Suite *suite_warnings(void);

RUN_SUITES(suite_census, suite_drivers, suite_fields, suite_findings, suite_fixes,
           suite_history_file, suite_odd, suite_soak, suite_trouble, suite_warnings)
