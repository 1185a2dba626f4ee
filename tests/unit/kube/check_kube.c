#include "runner.h"

Suite *suite_client(void);
Suite *suite_stream(void);

RUN_SUITES(suite_stream, suite_client)
