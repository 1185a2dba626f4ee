#ifndef CLI_SECRET_WRITE_H
#define CLI_SECRET_WRITE_H

#include "change/intent.h"
#include "cli/connect.h"
#include "registry/credential.h"

/* What `secret create`, `rotate` and `copy` share: each makes an intent, the rest is the same. */

/* Connects, takes the census, lets make turn the values into an intent (NULL with the reason),
 * previews, asks where something that is there would change, writes and waits. The exit code; name
 * is for messages. */
int cli_secret_command(const struct cli_values *values, const char *name,
                       struct change_intent *(*make)(struct cli_connection *connection,
                                                     const struct cli_values *values,
                                                     struct error *err));
/* The last part of it: the intent is taken over. */
int cli_secret_run(struct cli_connection *connection, const struct cli_values *values,
                   struct change_intent *intent, struct error *err);

/* An intent about one Secret, for the drivers that the flags name; takes over object. */
struct change_intent *cli_secret_intent(enum change_kind kind, const struct cli_values *values,
                                        const char *ns, const char *name, cJSON *object);
/* As cli_secret_get(), but a Secret that does not exist is no error: *out is NULL then. */
bool cli_secret_find(struct cli_connection *connection, const char *ns, const char *name,
                     cJSON **out, struct error *err);
/* Who uses the Secret, in words ("" if nobody does), safe to print; free() it. NULL with the
 * reason if it was interrupted. */
char *cli_secret_users(struct cli_connection *connection, const char *ns, const char *name,
                       struct error *err);
/* The credentials of the flags put into the live Secret, as an intent; says on standard error what
 * stays and who uses it. Refuses Secrets of other types, naming who uses them. */
struct change_intent *cli_secret_merge(struct cli_connection *connection,
                                       const struct cli_values *values, const cJSON *live,
                                       const struct registry_credential *credentials, size_t count,
                                       struct error *err);

#endif
