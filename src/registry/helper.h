#ifndef REGISTRY_HELPER_H
#define REGISTRY_HELPER_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/loop.h"

/* `docker-credential-NAME get`: the server on standard input, JSON on standard output. */
struct helper_call;

struct helper_answer {
    struct buffer username;
    struct buffer password; /* both wiped after the call returns */
};

/* err: ERROR_NONE, or ERROR_NOT_FOUND (it keeps no credential for server), ERROR_CONFIG (no such
 * program), ERROR_AUTH (it failed), ERROR_PROTOCOL (rubbish), ERROR_TIMEOUT. Nothing that the
 * helper printed but its own short error text is shown. */
typedef void (*helper_done)(void *context, const struct helper_answer *answer,
                            const struct error *err);

/* Calls back once, never from inside; the handle is gone then. */
struct helper_call *helper_get(struct loop *loop, const char *name, const char *server,
                               int64_t timeout_ms, helper_done done, void *context);
/* Kills the helper; done is not called. NULL is allowed. */
void helper_cancel(struct helper_call *call);

#endif
