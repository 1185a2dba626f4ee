#include "runner.h"

Suite *suite_census(void);

RUN_SUITES(suite_census)
