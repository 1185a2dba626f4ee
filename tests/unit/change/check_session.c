#include "runner.h"

Suite *suite_faults(void);
Suite *suite_kill(void);
Suite *suite_kubectl(void);
Suite *suite_pause(void);
Suite *suite_questions(void);
Suite *suite_session(void);
Suite *suite_traps(void);

RUN_SUITES(suite_session, suite_faults, suite_questions, suite_pause, suite_kill, suite_kubectl,
           suite_traps)
