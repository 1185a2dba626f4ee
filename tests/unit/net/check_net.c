#include "runner.h"

Suite *suite_http(void);
Suite *suite_proxy(void);
Suite *suite_slices(void);

RUN_SUITES(suite_http, suite_proxy, suite_slices)
