#include "runner.h"

Suite *suite_options(void);

RUN_SUITES(suite_options)
