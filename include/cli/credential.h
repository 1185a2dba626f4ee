#ifndef CLI_CREDENTIAL_H
#define CLI_CREDENTIAL_H

#include "cli/connect.h"
#include "registry/credential.h"

/*
 * The credentials that the flags name: --empty (none), --docker-* (asking for what is missing if a
 * person is there), --from-docker-config, --from-secret. Runs the loop while helpers or the server
 * answer. *credentials is handed over (registry_credentials_free()); false with the reason.
 */
bool cli_read_credentials(struct cli_connection *connection, const struct cli_values *values,
                          struct registry_credential **credentials, size_t *count,
                          struct error *err);
/* True if any flag of a credential is set. */
bool cli_has_credential_flags(const struct cli_values *values);

/* --verify: asks the registry of every image that pods of the chosen drivers pull; prints a line an
 * image on standard error. False with the reason if a registry refuses a credential. */
bool cli_verify_credentials(struct cli_connection *connection, const struct cli_values *values,
                            const struct registry_credential *credentials, size_t count,
                            struct error *err);

/* A second ^C, or one while a person is asked something. */
void cli_interrupt(void *connection, int signal_number);

#endif
