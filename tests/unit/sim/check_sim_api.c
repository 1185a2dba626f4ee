#include "runner.h"

Suite *suite_store(void);
Suite *suite_traps(void);

RUN_SUITES(suite_store, suite_traps)
