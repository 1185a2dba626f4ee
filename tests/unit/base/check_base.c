#include "runner.h"

Suite *suite_buffer(void);
Suite *suite_clock(void);
Suite *suite_error(void);
Suite *suite_file(void);
Suite *suite_intern(void);
Suite *suite_loop(void);
Suite *suite_map(void);
Suite *suite_text(void);

RUN_SUITES(suite_buffer, suite_clock, suite_error, suite_file, suite_intern, suite_loop, suite_map,
           suite_text)
