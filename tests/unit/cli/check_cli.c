#include "runner.h"

Suite *suite_options(void);
Suite *suite_secrets(void);

RUN_SUITES(suite_options, suite_secrets)
