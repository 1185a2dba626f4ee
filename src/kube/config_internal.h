#ifndef KUBE_CONFIG_INTERNAL_H
#define KUBE_CONFIG_INTERNAL_H

#include "doc/yaml.h"
#include "kube/config.h"

/* What the files of this room know about a connection; not for other rooms. */

struct config_pair {
    char *name;
    char *value;
};

enum exec_interactive { EXEC_NEVER, EXEC_IF_AVAILABLE, EXEC_ALWAYS };

/* A credential plugin as the user entry describes it. */
struct exec_spec {
    char *command; /* resolved against its file if it holds a slash */
    char **args;   /* NULL-terminated, without the command */
    struct config_pair *env;
    size_t env_count;
    char *api_version; /* "client.authentication.k8s.io/v1" or ".../v1beta1" */
    char *install_hint;
    char *cluster_config; /* JSON of the cluster's extension for plugins; NULL: none */
    bool provide_cluster_info;
    enum exec_interactive interactive;
};

struct kube_config {
    char *context;
    char *cluster;
    char *user;
    char *ns;
    char *server; /* "https://host:port/path", no final slash */
    char **contexts;
    char *where; /* the file that defines the cluster, for messages */

    char *ca; /* PEM */
    char *certificate;
    char *key; /* wiped */
    char *tls_server_name;
    bool insecure;
    char *proxy; /* NULL: by the environment */
    bool no_compression;
    int64_t request_timeout_ms;

    char *token; /* wiped */
    char *token_file;
    char *username;
    char *password; /* wiped */
    struct exec_spec *exec;

    char *as;
    char *as_uid;
    char **as_groups; /* NULL-terminated or NULL */
    struct config_pair *as_extra;
    size_t as_extra_count;
};

/* One file of the list, read and checked for its shape. */
struct config_source {
    char *path;
    char *folder; /* absolute */
    struct doc_stream stream;
    const struct doc_node *root; /* a map; NULL for an empty file */
};

struct config_sources {
    struct config_source *items;
    size_t count;
    char *looked; /* where was looked, for messages */
};

/* Reads what --kubeconfig, $KUBECONFIG or ~/.kube/config names. No file at all is no error: the
 * count is 0. */
bool config_sources_load(struct config_sources *out, const char *kubeconfig, struct error *err);
void config_sources_free(struct config_sources *sources);
/* The value of the first entry of that name in "clusters", "users" or "contexts"; source gets the
 * file it stands in. NULL if there is none. */
const struct doc_node *config_find(const struct config_sources *sources, const char *list,
                                   const char *name, const struct config_source **source);
/* "clusters" to "cluster". */
const char *config_entry_kind(const char *list);

/* Text of a member that was checked to be a string; NULL where absent, null or empty. */
const char *config_text(const struct doc_node *map, const char *key);
/* A path relative to the file that names it; free() it. */
char *config_path(const struct config_source *source, const char *path);

/* Fills in the user's part: credentials, impersonation, plugin. entry may be NULL. */
bool config_resolve_user(struct kube_config *config, const struct doc_node *entry,
                         const struct config_source *source, const struct kube_config_flags *flags,
                         struct error *err);
/* Decoded NAME-data, else the content of the file in NAME, appended to out; "" without both.
 * label names the entry for messages. */
bool config_read_pem(const struct doc_node *entry, const struct config_source *source,
                     const char *name, const char *label, struct buffer *out, struct error *err);

/* A pod's service account, found in folder; false if this is no pod (err untouched) or with err
 * set. */
bool config_in_cluster(struct kube_config *config, const char *folder,
                       char *(*lookup)(const char *), struct error *err);

void config_free_exec(struct exec_spec *spec);
void config_free_list(char **list);

/* At least one certificate; label names it in messages. */
bool pem_check_certificates(const char *pem, const char *label, struct error *err);
/* The key can be read without a passphrase and belongs to the first certificate. */
bool pem_check_pair(const char *certificate, const char *key, const char *label, struct error *err);

/* The terminal, given to an interactive plugin and taken back. */
bool config_terminal_is_shared(void); /* true if there is a screen that must let go of it */
void config_terminal_suspend(void);
void config_terminal_resume(void);

#endif
