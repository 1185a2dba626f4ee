#include "runner.h"

Suite *suite_base64(void);
Suite *suite_diff(void);
Suite *suite_digest(void);
Suite *suite_json(void);
Suite *suite_mask(void);
Suite *suite_pick(void);
Suite *suite_pointer(void);
Suite *suite_yaml_json(void);
Suite *suite_yaml_read(void);
Suite *suite_yaml_types(void);
Suite *suite_yaml_write(void);

RUN_SUITES(suite_base64, suite_diff, suite_digest, suite_json, suite_mask, suite_pick,
           suite_pointer, suite_yaml_json, suite_yaml_read, suite_yaml_types, suite_yaml_write)
