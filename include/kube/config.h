#ifndef KUBE_CONFIG_H
#define KUBE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What flags say about the connection; NULL or false where they are silent. */
struct kube_config_flags {
    const char *kubeconfig; /* --kubeconfig: this file alone, must exist */
    const char *context;
    const char *cluster;
    const char *user;
    const char *server;
    const char *token;
    const char *certificate_authority;
    const char *client_certificate;
    const char *client_key;
    const char *tls_server_name;
    const char *impersonate;               /* --as */
    const char *impersonate_uid;           /* --as-uid */
    const char *const *impersonate_groups; /* --as-group, NULL-terminated; NULL: none given */
    bool insecure_skip_tls_verify;
    int64_t request_timeout_ms; /* 0: none */
};

/* One connection, resolved: which server, and who one is. Opaque; see config_*.c and exec. */
struct kube_config;

/* --kubeconfig, else the files of $KUBECONFIG, else ~/.kube/config, else in-cluster. Errors:
 * ERROR_CONFIG with file:line:column. */
struct kube_config *kube_config_load(const struct kube_config_flags *flags, struct error *err);
void kube_config_free(struct kube_config *config);

/* For the header line and status; never NULL ("" where there is none). */
const char *kube_config_context(const struct kube_config *config);
const char *kube_config_server(const struct kube_config *config);
const char *kube_config_user(const struct kube_config *config);
/* The context's namespace, "default" without one. */
const char *kube_config_namespace(const struct kube_config *config);
bool kube_config_is_insecure(const struct kube_config *config);

/* The contexts of the same files, for the context switcher: NULL-terminated, owned by config. */
const char *const *kube_config_contexts(const struct kube_config *config);

/* An interactive credential plugin gets the real terminal: suspend() runs before it starts and
 * resume() when it has ended. For the program; NULL: nothing is to be done. */
void kube_config_set_terminal_hooks(void (*suspend)(void), void (*resume)(void));

#endif
