#include "runner.h"

Suite *suite_census(void);
Suite *suite_findings(void);

RUN_SUITES(suite_census, suite_findings)
