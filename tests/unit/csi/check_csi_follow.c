#include "runner.h"

Suite *suite_follow(void);

RUN_SUITES(suite_follow)
