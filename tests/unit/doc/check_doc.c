#include "runner.h"

Suite *suite_base64(void);
Suite *suite_digest(void);
Suite *suite_json(void);
Suite *suite_pointer(void);

RUN_SUITES(suite_base64, suite_digest, suite_json, suite_pointer)
