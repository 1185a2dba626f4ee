#include "runner.h"

Suite *suite_reference(void);
Suite *suite_gourl(void);
Suite *suite_keyring(void);
Suite *suite_dockerconfig(void);
Suite *suite_secret_state(void);
Suite *suite_challenge(void);
Suite *suite_credential(void);
Suite *suite_credential_source(void);
Suite *suite_probe(void);

RUN_SUITES(suite_reference, suite_gourl, suite_keyring, suite_dockerconfig, suite_secret_state,
           suite_challenge, suite_credential, suite_credential_source, suite_probe)
