#include "runner.h"

Suite *suite_client(void);
Suite *suite_config(void);
Suite *suite_exec(void);
Suite *suite_redact(void);
Suite *suite_stream(void);
Suite *suite_traps(void);
Suite *suite_watch(void);

RUN_SUITES(suite_stream, suite_config, suite_exec, suite_client, suite_watch, suite_traps,
           suite_redact)
