#include "runner.h"

Suite *suite_kill(void);
Suite *suite_kubectl(void);
Suite *suite_session(void);

RUN_SUITES(suite_session, suite_kill, suite_kubectl)
