#include "runner.h"

Suite *suite_http(void);
Suite *suite_proxy(void);

RUN_SUITES(suite_http, suite_proxy)
