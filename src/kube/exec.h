#ifndef KUBE_EXEC_H
#define KUBE_EXEC_H

#include "base/loop.h"
#include "config_internal.h"

/* What a credential plugin answered. Texts are owned and wiped by exec_result_free(). */
struct exec_result {
    char *token;
    char *certificate;
    char *key;
    int64_t expires_ms; /* wall clock; 0: never */
};

void exec_result_free(struct exec_result *result);

/* Reads an ExecCredential. Errors: ERROR_AUTH; the message never quotes the text. */
bool exec_parse(const char *text, size_t length, const struct exec_spec *spec,
                struct exec_result *out, struct error *err);
/* The value of KUBERNETES_EXEC_INFO. */
void exec_write_info(struct buffer *out, const struct kube_config *config, bool interactive);

struct exec_run;
/* result is NULL on failure; its texts may be taken by setting them to NULL. */
typedef void (*exec_callback)(void *context, struct exec_result *result, const struct error *err);

/* Runs the plugin once; it gets the terminal only if it wants it, there is one and may_interact.
 * Calls back on the loop, never from inside this call. */
struct exec_run *exec_start(struct loop *loop, const struct kube_config *config, bool may_interact,
                            int64_t time_limit_ms, exec_callback callback, void *context);
/* Ends the plugin; no callback. NULL is allowed. */
void exec_cancel(struct exec_run *run);

#endif
