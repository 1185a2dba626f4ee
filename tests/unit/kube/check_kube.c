#include "runner.h"

Suite *suite_client(void);
Suite *suite_stream(void);
Suite *suite_watch(void);

RUN_SUITES(suite_stream, suite_client, suite_watch)
