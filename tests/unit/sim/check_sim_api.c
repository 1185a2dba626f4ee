#include "runner.h"

Suite *suite_store(void);
Suite *suite_traps(void);
Suite *suite_sim_registry(void);

RUN_SUITES(suite_store, suite_traps, suite_sim_registry)
