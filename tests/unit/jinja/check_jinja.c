#include "runner.h"

Suite *suite_value(void);
Suite *suite_render(void);
Suite *suite_limits(void);

RUN_SUITES(suite_value, suite_render, suite_limits)
