#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* Which commands know an option: a bit a group. */
enum cli_group {
    CLI_GROUP_GENERAL = 1 << 0,
    CLI_GROUP_CONNECTION = 1 << 1,
    CLI_GROUP_SCREEN = 1 << 2,
    CLI_GROUP_OUTPUT = 1 << 3,
    CLI_GROUP_STATUS = 1 << 4,
    CLI_GROUP_CHANGE = 1 << 5,
    CLI_GROUP_CREDENTIAL = 1 << 6,
    CLI_GROUP_KUBESPRAY = 1 << 7,
    CLI_GROUP_APPLY = 1 << 8,
    CLI_GROUP_RENDER = 1 << 9,
    CLI_GROUP_FIX = 1 << 10,
    CLI_GROUP_CONFIRM = 1 << 11,
    CLI_GROUP_VERIFY = 1 << 12,
    CLI_GROUP_MONITOR = 1 << 13,
    CLI_GROUP_SECRET = 1 << 14,
    CLI_GROUP_SECRET_WRITE = 1 << 15,  /* secret create, rotate */
    CLI_GROUP_SECRET_CREATE = 1 << 16, /* secret create */
    CLI_GROUP_SECRET_COPY = 1 << 17,   /* secret copy */
    CLI_GROUP_DIFF = 1 << 18,          /* diff */
    CLI_GROUP_OUT = 1 << 19,           /* kubespray render */
    CLI_GROUP_CHECK = 1 << 20,         /* kubespray check */
    CLI_GROUP_SETUP = 1 << 21,         /* setup: answers given beforehand */
};

enum cli_type {
    CLI_FLAG,     /* --name, --name=false */
    CLI_TEXT,     /* --name VALUE, --name=VALUE; the last wins */
    CLI_WORD,     /* the same, but before another flag or at the end the value may be left out */
    CLI_LIST,     /* may be repeated */
    CLI_OPTIONAL, /* --name or --name=VALUE */
    CLI_COUNT,    /* -v, -vv */
};

/* One table: the parser, --help, the configuration file, the environment (PULLMEND_NAME), the
 * manual page and the completions are made from it. X(ID, name, letter, type, groups, value, help)
 */
#define CLI_OPTIONS(X)                                                                             \
    X(HELP, "help", 'h', CLI_FLAG, CLI_GROUP_GENERAL, "", "show this text")                        \
    X(VERSION, "version", 'V', CLI_FLAG, CLI_GROUP_GENERAL, "", "show the version")                \
    X(VERBOSE, "verbose", 'v', CLI_COUNT, CLI_GROUP_GENERAL, "",                                   \
      "trace requests on standard error; -vv says more")                                           \
    X(LOG_FILE, "log-file", 0, CLI_TEXT, CLI_GROUP_GENERAL, "FILE", "append messages to FILE")     \
    X(KUBECONFIG, "kubeconfig", 0, CLI_TEXT, CLI_GROUP_CONNECTION, "FILE",                         \
      "kubeconfig to use instead of $KUBECONFIG and ~/.kube/config")                               \
    X(CONTEXT, "context", 0, CLI_TEXT, CLI_GROUP_CONNECTION, "NAME", "context of the kubeconfig")  \
    X(CLUSTER, "cluster", 0, CLI_TEXT, CLI_GROUP_CONNECTION, "NAME", "cluster of the kubeconfig")  \
    X(USER, "user", 0, CLI_TEXT, CLI_GROUP_CONNECTION, "NAME", "user of the kubeconfig")           \
    X(NAMESPACE, "namespace", 'n', CLI_TEXT, CLI_GROUP_CONNECTION, "NAME",                         \
      "only this namespace (default: all)")                                                        \
    X(SERVER, "server", 's', CLI_TEXT, CLI_GROUP_CONNECTION, "URL", "address of the API server")   \
    X(TOKEN, "token", 0, CLI_TEXT, CLI_GROUP_CONNECTION, "TOKEN",                                  \
      "bearer token (others can see it in the process list)")                                      \
    X(AS, "as", 0, CLI_TEXT, CLI_GROUP_CONNECTION, "USER", "act as USER")                          \
    X(AS_GROUP, "as-group", 0, CLI_LIST, CLI_GROUP_CONNECTION, "GROUP",                            \
      "act as a member of GROUP")                                                                  \
    X(AS_UID, "as-uid", 0, CLI_TEXT, CLI_GROUP_CONNECTION, "UID", "act with that UID")             \
    X(CERTIFICATE_AUTHORITY, "certificate-authority", 0, CLI_TEXT, CLI_GROUP_CONNECTION, "FILE",   \
      "CA certificates of the server")                                                             \
    X(CLIENT_CERTIFICATE, "client-certificate", 0, CLI_TEXT, CLI_GROUP_CONNECTION, "FILE",         \
      "client certificate")                                                                        \
    X(CLIENT_KEY, "client-key", 0, CLI_TEXT, CLI_GROUP_CONNECTION, "FILE", "client key")           \
    X(TLS_SERVER_NAME, "tls-server-name", 0, CLI_TEXT, CLI_GROUP_CONNECTION, "NAME",               \
      "name that the server's certificate must have")                                              \
    X(INSECURE, "insecure-skip-tls-verify", 0, CLI_FLAG, CLI_GROUP_CONNECTION, "",                 \
      "do not check the server's certificate")                                                     \
    X(REQUEST_TIMEOUT, "request-timeout", 0, CLI_TEXT, CLI_GROUP_CONNECTION, "DURATION",           \
      "give up a request after that time, as 30s")                                                 \
    X(DEMO, "demo", 0, CLI_OPTIONAL, CLI_GROUP_CONNECTION, "SCENARIO",                             \
      "use a simulated cluster, started and stopped with this program")                            \
    X(READ_ONLY, "read-only", 0, CLI_FLAG, CLI_GROUP_CONNECTION, "", "send nothing but GET")       \
    X(RECORD, "record", 0, CLI_TEXT, CLI_GROUP_CONNECTION, "FILE",                                 \
      "write what the cluster answers to FILE, without Secrets")                                   \
    X(RECORD_HASH_NAMES, "record-hash-names", 0, CLI_FLAG, CLI_GROUP_CONNECTION, "",               \
      "with --record: nodes, namespaces and Secrets become digests")                               \
    X(REPLAY, "replay", 0, CLI_TEXT, CLI_GROUP_CONNECTION, "FILE",                                 \
      "show a recording instead of a cluster; no network is used")                                 \
    X(DRIVER, "driver", 0, CLI_LIST, CLI_GROUP_CONNECTION | CLI_GROUP_RENDER, "NAME",              \
      "only this CSI driver (storage.csi.upcloud.com) or Kubespray role (upcloud)")                \
    X(THEME, "theme", 0, CLI_TEXT, CLI_GROUP_SCREEN, "NAME", "colours: a theme's name or file")    \
    X(NO_COLOR, "no-color", 0, CLI_FLAG, CLI_GROUP_SCREEN | CLI_GROUP_OUTPUT, "", "no colours")    \
    X(NO_MOUSE, "no-mouse", 0, CLI_FLAG, CLI_GROUP_SCREEN, "", "leave the mouse to the terminal")  \
    X(ASCII, "ascii", 0, CLI_FLAG, CLI_GROUP_SCREEN | CLI_GROUP_OUTPUT, "", "plain ASCII glyphs")  \
    X(NO_ANIMATION, "no-animation", 0, CLI_FLAG, CLI_GROUP_SCREEN, "",                             \
      "nothing moves by itself: no ticking ages, news once a second")                              \
    X(PLAIN, "plain", 0, CLI_FLAG, CLI_GROUP_SCREEN, "", "lines and prompts, no full screen")      \
    X(ONCE, "once", 0, CLI_FLAG, CLI_GROUP_MONITOR, "", "print the picture once and end")          \
    X(BELL, "bell", 0, CLI_FLAG, CLI_GROUP_MONITOR, "", "ring when something breaks")              \
    X(NO_HISTORY, "no-history", 0, CLI_FLAG, CLI_GROUP_MONITOR, "",                                \
      "do not keep the hourly counts of the last day in a file")                                   \
    X(NO_SECRET_DATA, "no-secret-data", 0, CLI_FLAG, CLI_GROUP_MONITOR | CLI_GROUP_STATUS, "",     \
      "read names and types of Secrets only, never what is in them")                               \
    X(REFRESH, "refresh", 0, CLI_TEXT, CLI_GROUP_MONITOR, "DURATION",                              \
      "redraw the clock that often")                                                               \
    X(OUTPUT, "output", 'o', CLI_TEXT, CLI_GROUP_OUTPUT | CLI_GROUP_SECRET | CLI_GROUP_DIFF,       \
      "FORMAT",                                                                                    \
      "table, wide, json, yaml, name, prometheus; diff: yaml, patch, commands; kubespray check: "  \
      "text, json, sarif")                                                                         \
    X(SELECTOR, "selector", 'l', CLI_TEXT, CLI_GROUP_STATUS, "LABELS",                             \
      "only pods with these labels")                                                               \
    X(STATE, "state", 0, CLI_LIST, CLI_GROUP_STATUS, "STATE",                                      \
      "only pods in this pull-secret state")                                                       \
    X(FAIL_ON, "fail-on", 0, CLI_TEXT, CLI_GROUP_STATUS | CLI_GROUP_CHECK, "SEVERITY",             \
      "exit 1 from it up: info (kubespray check), warning (status), error, never")                 \
    X(WATCH, "watch", 'w', CLI_FLAG, CLI_GROUP_STATUS, "",                                         \
      "go on, and print each change as a JSON line; counts every 10 s")                            \
    X(USE_SECRET, "use-secret", 0, CLI_WORD,                                                       \
      CLI_GROUP_SETUP | CLI_GROUP_CHANGE | CLI_GROUP_SECRET_CREATE, "NAME",                        \
      "broken pull-secret references become NAME")                                                 \
    X(DROP_REFERENCE, "drop-reference", 0, CLI_FLAG, CLI_GROUP_SETUP | CLI_GROUP_CHANGE, "",       \
      "remove broken references")                                                                  \
    X(CREATE_SECRET, "create-secret", 0, CLI_TEXT, CLI_GROUP_SETUP | CLI_GROUP_CHANGE, "NAME",     \
      "create a registry Secret; under the name in use nothing restarts")                          \
    X(ATTACH_SERVICEACCOUNT, "attach-serviceaccount", 0, CLI_TEXT, CLI_GROUP_CHANGE, "NAME",       \
      "the pods' ServiceAccounts name the Secret, instead of the pods")                            \
    X(KUBESPRAY, "kubespray", 0, CLI_TEXT, CLI_GROUP_KUBESPRAY, "DIR",                             \
      "a Kubespray checkout; as a change: what its roles render")                                  \
    X(FILENAME, "filename", 'f', CLI_LIST, CLI_GROUP_CHANGE, "FILE", "manifests (- for stdin)")    \
    X(ALL_CHANGES, "all-changes", 0, CLI_FLAG, CLI_GROUP_CHANGE, "",                               \
      "with --kubespray: also what has nothing to do with pull secrets")                           \
    X(YES, "yes", 'y', CLI_FLAG, CLI_GROUP_CONFIRM, "", "do not ask")                              \
    X(OVERRIDE_OWNER, "override-owner", 0, CLI_LIST, CLI_GROUP_APPLY, "OWNER",                     \
      "go on although OWNER (as argocd) sets the change back")                                     \
    X(FORCE_CONFLICTS, "force-conflicts", 0, CLI_FLAG, CLI_GROUP_APPLY, "",                        \
      "take over fields that others own by server-side apply")                                     \
    X(NO_WAIT, "no-wait", 0, CLI_FLAG, CLI_GROUP_SETUP | CLI_GROUP_APPLY, "",                      \
      "do not wait for the rollout")                                                               \
    X(TIMEOUT, "timeout", 0, CLI_TEXT, CLI_GROUP_SETUP | CLI_GROUP_APPLY, "DURATION",              \
      "stop waiting for the rollout after that time (exit 5)")                                     \
    X(DOCKER_SERVER, "docker-server", 0, CLI_TEXT, CLI_GROUP_CREDENTIAL, "HOST",                   \
      "registry (default https://index.docker.io/v1/)")                                            \
    X(DOCKER_USERNAME, "docker-username", 0, CLI_TEXT, CLI_GROUP_CREDENTIAL, "NAME", "user name")  \
    X(DOCKER_EMAIL, "docker-email", 0, CLI_TEXT, CLI_GROUP_CREDENTIAL, "EMAIL", "e-mail")          \
    X(DOCKER_PASSWORD_STDIN, "docker-password-stdin", 0, CLI_FLAG, CLI_GROUP_CREDENTIAL, "",       \
      "read the password from standard input")                                                     \
    X(DOCKER_PASSWORD_FILE, "docker-password-file", 0, CLI_TEXT, CLI_GROUP_CREDENTIAL, "FILE",     \
      "read the password from FILE")                                                               \
    X(FROM_DOCKER_CONFIG, "from-docker-config", 0, CLI_OPTIONAL, CLI_GROUP_CREDENTIAL, "FILE",     \
      "take credentials from docker's or podman's configuration")                                  \
    X(REGISTRY, "registry", 0, CLI_LIST, CLI_GROUP_CREDENTIAL, "HOST",                             \
      "with --from-docker-config: only this registry")                                             \
    X(FROM_SECRET, "from-secret", 0, CLI_TEXT, CLI_GROUP_CREDENTIAL, "NS/NAME",                    \
      "take credentials from another Secret")                                                      \
    X(EMPTY, "empty", 0, CLI_FLAG, CLI_GROUP_CREDENTIAL, "",                                       \
      "no credentials at all: the warnings end, pulls stay anonymous")                             \
    X(VERIFY, "verify", 0, CLI_FLAG, CLI_GROUP_SETUP | CLI_GROUP_CHANGE | CLI_GROUP_SECRET_WRITE,  \
      "", "ask the registries first, and stop if they refuse")                                     \
    X(REGISTRY_CA, "registry-ca", 0, CLI_TEXT, CLI_GROUP_CREDENTIAL | CLI_GROUP_VERIFY, "FILE",    \
      "CA certificates of the registry")                                                           \
    X(INSECURE_REGISTRY, "insecure-registry", 0, CLI_LIST,                                         \
      CLI_GROUP_CREDENTIAL | CLI_GROUP_VERIFY, "HOST", "this registry speaks plain HTTP")          \
    X(IMMUTABLE, "immutable", 0, CLI_FLAG, CLI_GROUP_SECRET_CREATE | CLI_GROUP_SECRET_COPY, "",    \
      "nobody can change the new Secret's content")                                                \
    X(TO, "to", 0, CLI_TEXT, CLI_GROUP_SECRET_COPY, "NS[/NAME]", "where the copy goes")            \
    X(INVENTORY, "inventory", 'i', CLI_LIST, CLI_GROUP_KUBESPRAY, "PATH",                          \
      "Ansible inventory, a file or a folder")                                                     \
    X(EXTRA_VARS, "extra-vars", 'e', CLI_LIST, CLI_GROUP_KUBESPRAY, "KEY=VALUE",                   \
      "extra variables, or @FILE")                                                                 \
    X(LIMIT_HOST, "limit-host", 0, CLI_TEXT, CLI_GROUP_KUBESPRAY, "HOST",                          \
      "render as on this host")                                                                    \
    X(FACTS, "facts", 0, CLI_TEXT, CLI_GROUP_KUBESPRAY, "FILE", "Ansible facts")                   \
    X(OUT, "out", 0, CLI_TEXT, CLI_GROUP_OUT, "DIR", "write files there")                          \
    X(SET, "set", 0, CLI_LIST, CLI_GROUP_FIX, "NAME",                                              \
      "also set the variable to NAME in the inventory")                                            \
    X(REGISTRY_SECRET, "registry-secret", 0, CLI_FLAG, CLI_GROUP_FIX, "",                          \
      "also a template for the registry Secret itself")                                            \
    X(PULL_SECRETS_ONLY, "pull-secrets-only", 0, CLI_FLAG, CLI_GROUP_FIX, "",                      \
      "mend nothing but the pull secrets")                                                         \
    X(FORCE, "force", 0, CLI_FLAG, CLI_GROUP_FIX, "", "also files with uncommitted changes")       \
    X(PATCH, "patch", 0, CLI_TEXT, CLI_GROUP_FIX, "FILE", "write a patch for git am")

enum cli_option_id {
#define X(id, name, letter, type, groups, value, help) CLI_##id,
    CLI_OPTIONS(X)
#undef X
        CLI_OPTION_COUNT
};

struct cli_option {
    const char *name;
    char letter; /* 0: none */
    enum cli_type type;
    unsigned groups;
    const char *value; /* the value's name in --help */
    const char *help;
};

extern const struct cli_option cli_options[CLI_OPTION_COUNT];

enum cli_origin { CLI_FROM_DEFAULT, CLI_FROM_FILE, CLI_FROM_ENVIRONMENT, CLI_FROM_FLAG };

struct cli_values {
    struct {
        char **items; /* NULL-terminated; a bare --name of CLI_OPTIONAL holds "" */
        size_t count;
        enum cli_origin origin;
    } of[CLI_OPTION_COUNT];
    char **arguments; /* what is no option, NULL-terminated */
    size_t argument_count;
};

void cli_values_init(struct cli_values *values);
void cli_values_free(struct cli_values *values);

/* Options of the groups in argv (from the first argument on). "--" ends them. ERROR_USAGE with the
 * nearest known option where one is unknown. */
bool cli_parse_arguments(struct cli_values *values, unsigned groups, int argc, char **argv,
                         struct error *err);
/* PULLMEND_... variables, for options that no flag set. */
bool cli_parse_environment(struct cli_values *values, struct error *err);
/* The configuration file, for options that nothing set yet; absent is fine. ERROR_CONFIG with
 * file:line:column. path NULL: $XDG_CONFIG_HOME/pullmend/config.yaml. */
bool cli_parse_file(struct cli_values *values, const char *path, struct error *err);

/* A value that the program itself found out, in place of all others; NULL: none. */
void cli_set(struct cli_values *values, enum cli_option_id id, const char *text);
bool cli_is_set(const struct cli_values *values, enum cli_option_id id);
bool cli_flag(const struct cli_values *values, enum cli_option_id id);
/* The last value; NULL if none. */
const char *cli_text(const struct cli_values *values, enum cli_option_id id);
/* NULL-terminated; NULL if none. */
const char *const *cli_list(const struct cli_values *values, enum cli_option_id id);
/* A duration in milliseconds, fallback if unset; ERROR_USAGE. */
bool cli_duration(const struct cli_values *values, enum cli_option_id id, int64_t fallback,
                  int64_t *ms, struct error *err);

#endif
