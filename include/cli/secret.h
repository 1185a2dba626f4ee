#ifndef CLI_SECRET_H
#define CLI_SECRET_H

#include "change/secret_users.h"
#include "cli/connect.h"
#include "registry/credential.h"
#include "registry/dockerconfig.h"

/* What the commands `pullmend secret ...` share. */

/* --- Reading (secret_read.c); each runs the loop until the server has answered ------------------
 */

/* One Secret; *out is wiped by json_delete_secret(). ERROR_NOT_FOUND, ERROR_FORBIDDEN... */
bool cli_secret_get(struct cli_connection *connection, const char *ns, const char *name,
                    cJSON **out, struct error *err);
/* What a registry Secret holds, passwords too (docker_config_free() wipes it). label names it in
 * errors: ERROR_INVALID if it is of another type, has no content, or content that the kubelet
 * cannot use. */
bool cli_secret_config(const cJSON *secret, const char *label, struct docker_config *config,
                       struct error *err);
/* Takes "NS/NAME" apart; ERROR_USAGE with the flag's name in front. Both are new strings. */
bool cli_split_name(const char *flag, const char *text, char **ns, char **name, struct error *err);
/* Reads the hosts and user names of every registry Secret of these namespaces (NULL: of all)
 * into the census. */
bool cli_secrets_read_content(struct cli_connection *connection, char *const *namespaces,
                              struct error *err);
/* Who uses the Secrets of a namespace (NULL: of all); change_secret_users_free(). What may not be
 * read is told on standard error. */
bool cli_secret_read_uses(struct cli_connection *connection, const char *ns,
                          struct change_secret_users **out, struct error *err);

/* --- Where (secret_place.c) ---------------------------------------------------------------------
 */

/* The namespaces that a command is about: -n, else those in which the drivers run; a
 * NULL-terminated array of new strings, cli_free_strings(). */
char **cli_secret_namespaces(const struct cli_connection *connection,
                             const struct cli_values *values);
/* Where a Secret of this name belongs: -n, else the one namespace of the workloads that name it or,
 * failing that, of all that are broken; a new string. NULL with ERROR_USAGE; flag says what is
 * asked for. */
char *cli_secret_place(const struct cli_connection *connection, const struct cli_values *values,
                       const char *flag, const char *name, struct error *err);
/* "NS/NAME", or "NAME" in the place above; both are new strings. */
bool cli_secret_argument(const struct cli_connection *connection, const struct cli_values *values,
                         const char *flag, const char *text, char **ns, char **name,
                         struct error *err);
void cli_free_strings(char **strings);

#endif
