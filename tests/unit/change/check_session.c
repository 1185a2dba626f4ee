#include "runner.h"

Suite *suite_session(void);

RUN_SUITES(suite_session)
