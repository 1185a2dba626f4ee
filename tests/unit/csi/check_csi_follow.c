#include "runner.h"

Suite *suite_follow(void);
Suite *suite_pods(void);

RUN_SUITES(suite_follow, suite_pods)
