#include "runner.h"

Suite *suite_filter(void);
Suite *suite_keys(void);
Suite *suite_line_edit(void);
Suite *suite_settings(void);
Suite *suite_theme(void);

RUN_SUITES(suite_filter, suite_keys, suite_line_edit, suite_settings, suite_theme)
