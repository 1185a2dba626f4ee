#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/secret.h"
#include "base/text.h"
#include "config_internal.h"
#include "doc/json.h"

/* Files and flags made into one connection; who wins follows client-go's DirectClientConfig. */

enum { CA_LIMIT = 4 * 1024 * 1024 };

static const char service_account_folder[] = "/var/run/secrets/kubernetes.io/serviceaccount";
static const char plugin_extension[] = "client.authentication.k8s.io/exec";

static void (*terminal_suspend)(void);
static void (*terminal_resume)(void);

void kube_config_set_terminal_hooks(void (*suspend)(void), void (*resume)(void))
{
    terminal_suspend = suspend;
    terminal_resume = resume;
}

bool config_terminal_is_shared(void)
{
    return terminal_suspend != NULL;
}

void config_terminal_suspend(void)
{
    if (terminal_suspend != NULL) {
        terminal_suspend();
    }
}

void config_terminal_resume(void)
{
    if (terminal_resume != NULL) {
        terminal_resume();
    }
}

static bool given(const char *text)
{
    return text != NULL && *text != '\0';
}

static void replace(char **slot, char *value)
{
    free(*slot);
    *slot = value;
}

static void collect_contexts(struct kube_config *config, const struct config_sources *sources)
{
    size_t count = 0;
    config->contexts = xcalloc(1, sizeof(*config->contexts));
    for (size_t i = 0; i < sources->count; i++) {
        const struct doc_node *list = doc_get(sources->items[i].root, "contexts");
        for (size_t k = 0; list != NULL && k < list->count; k++) {
            const char *name = config_text(list->items[k], "name");
            bool known = name == NULL;
            for (size_t j = 0; j < count && !known; j++) {
                known = strcmp(config->contexts[j], name) == 0;
            }
            if (!known) {
                config->contexts =
                    xreallocarray(config->contexts, count + 2, sizeof(*config->contexts));
                config->contexts[count++] = xstrdup(name);
                config->contexts[count] = NULL;
            }
        }
    }
}

static void list_names(char *const *names, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; names != NULL && names[i] != NULL && used < size; i++) {
        int length = snprintf(out + used, size - used, "%s%s", i == 0 ? "" : ", ", names[i]);
        used += length < 0 ? 0 : (size_t)length;
    }
}

static bool unknown_context(const struct kube_config *config, const struct config_sources *sources,
                            const char *name, struct error *err)
{
    char names[512];
    list_names(config->contexts, names, sizeof(names));
    return error_set(err, ERROR_CONFIG, "there is no context \"%s\" in %s; %s%s", name,
                     sources->looked, names[0] == '\0' ? _("it has none") : _("it has: "), names);
}

static bool dangling(const struct kube_config *config, const char *kind, const char *name,
                     const struct config_sources *sources, struct error *err)
{
    if (config->context[0] == '\0') {
        return error_set(err, ERROR_CONFIG, "there is no %s \"%s\" in %s", kind, name,
                         sources->looked);
    }
    return error_set(err, ERROR_CONFIG, "context \"%s\" names the %s \"%s\", which is not in %s",
                     config->context, kind, name, sources->looked);
}

static const char *current_context(const struct config_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        const char *name = config_text(sources->items[i].root, "current-context");
        if (name != NULL) {
            return name;
        }
    }
    return NULL;
}

static bool resolve_context(struct kube_config *config, const struct config_sources *sources,
                            const struct kube_config_flags *flags, struct error *err)
{
    const char *name = given(flags->context) ? flags->context : current_context(sources);
    const struct config_source *source = NULL;
    const struct doc_node *context = NULL;
    if (name != NULL) {
        context = config_find(sources, "contexts", name, &source);
        if (context == NULL) {
            return unknown_context(config, sources, name, err);
        }
        replace(&config->context, xstrdup(name));
    } else if (!given(flags->cluster) && !given(flags->server)) {
        char names[512];
        list_names(config->contexts, names, sizeof(names));
        return error_set(err, ERROR_CONFIG,
                         "%s names no current context; choose one with --context%s%s",
                         sources->looked, names[0] == '\0' ? "" : ": ", names);
    }
    const char *cluster = given(flags->cluster) ? flags->cluster : config_text(context, "cluster");
    const char *user = given(flags->user) ? flags->user : config_text(context, "user");
    const char *ns = config_text(context, "namespace");
    replace(&config->cluster, xstrdup(cluster == NULL ? "" : cluster));
    replace(&config->user, xstrdup(user == NULL ? "" : user));
    replace(&config->ns, xstrdup(ns == NULL ? "default" : ns));
    return true;
}

static bool set_server(struct kube_config *config, const char *server, const char *where,
                       struct error *err)
{
    size_t length = strcspn(server, "?#");
    while (length > 0 && server[length - 1] == '/') {
        length--;
    }
    const char *scheme = strstr(server, "://");
    if (scheme != NULL && strncasecmp(server, "https://", 8) != 0 &&
        strncasecmp(server, "http://", 7) != 0) {
        return error_set(err, ERROR_CONFIG, "%s: server %s is neither https:// nor http://", where,
                         server);
    }
    if (length == 0 || (scheme != NULL && length <= (size_t)(scheme - server) + 3)) {
        return error_set(err, ERROR_CONFIG, "%s: server \"%s\" has no host", where, server);
    }
    /* Without a scheme client-go guesses by whether anything speaks of TLS. */
    bool tls = config->ca != NULL || config->certificate != NULL || config->insecure;
    replace(&config->server, xasprintf("%s%.*s",
                                       scheme != NULL ? ""
                                       : tls          ? "https://"
                                                      : "http://",
                                       (int)length, server));
    return true;
}

static bool set_proxy(struct kube_config *config, const char *proxy, const char *where,
                      struct error *err)
{
    if (proxy == NULL) {
        return true;
    }
    if (!text_starts_with(proxy, "http://") && !text_starts_with(proxy, "https://") &&
        !text_starts_with(proxy, "socks5://") && !text_starts_with(proxy, "socks5h://")) {
        return error_set(err, ERROR_CONFIG,
                         "%s: proxy-url must begin with http://, https:// or socks5://", where);
    }
    replace(&config->proxy, xstrdup(proxy));
    return true;
}

static bool set_ca(struct kube_config *config, const struct doc_node *entry,
                   const struct config_source *source, const struct kube_config_flags *flags,
                   struct error *err)
{
    struct buffer pem;
    buffer_init(&pem, CA_LIMIT);
    char *label = xasprintf("cluster \"%s\"", config->cluster);
    bool good;
    if (given(flags->certificate_authority)) {
        good = file_read(flags->certificate_authority, &pem, err) ||
               error_wrap(err, "--certificate-authority");
    } else if (flags->insecure_skip_tls_verify) {
        good = true; /* asked for on the command line: the file's authority does not count */
    } else {
        good = config_read_pem(entry, source, "certificate-authority", label, &pem, err);
    }
    if (good && pem.length > 0 && config->insecure) {
        good = error_set(err, ERROR_CONFIG,
                         "%s: certificate-authority together with insecure-skip-tls-verify is not "
                         "allowed; remove one",
                         config->where);
    }
    if (good && pem.length > 0) {
        char *what = xasprintf(_("%s: certificate-authority of %s"), config->where, label);
        good = pem_check_certificates(pem.data, what, err);
        free(what);
    }
    if (good && pem.length > 0) {
        replace(&config->ca, buffer_take(&pem));
    }
    buffer_free(&pem);
    free(label);
    return good;
}

static bool resolve_cluster(struct kube_config *config, const struct config_sources *sources,
                            const struct kube_config_flags *flags, const char **server,
                            const struct doc_node **out, struct error *err)
{
    const struct config_source *source = NULL;
    const struct doc_node *entry = NULL;
    if (config->cluster[0] != '\0') {
        entry = config_find(sources, "clusters", config->cluster, &source);
        if (entry == NULL) {
            return dangling(config, "cluster", config->cluster, sources, err);
        }
    }
    *out = entry;
    replace(&config->where, xstrdup(source == NULL ? sources->looked : source->path));
    *server = given(flags->server) ? flags->server : config_text(entry, "server");
    if (*server == NULL) {
        return error_set(err, ERROR_CONFIG, "%s: cluster \"%s\" has no server", config->where,
                         config->cluster);
    }
    /* A server from the command line does not answer to the file's name (client-go's rule). */
    const char *name = given(flags->tls_server_name) || given(flags->server)
                           ? flags->tls_server_name
                           : config_text(entry, "tls-server-name");
    replace(&config->tls_server_name, given(name) ? xstrdup(name) : NULL);
    config->insecure = flags->insecure_skip_tls_verify ||
                       (!given(flags->certificate_authority) &&
                        doc_is_true(doc_get(entry, "insecure-skip-tls-verify")));
    config->no_compression = doc_is_true(doc_get(entry, "disable-compression"));
    return set_proxy(config, config_text(entry, "proxy-url"), config->where, err) &&
           set_ca(config, entry, source, flags, err);
}

/* The cluster's own settings for credential plugins, handed to them as JSON. */
static bool read_extension(struct kube_config *config, const struct doc_node *cluster,
                           struct error *err)
{
    const struct doc_node *list = doc_get(cluster, "extensions");
    for (size_t i = 0; config->exec != NULL && list != NULL && i < list->count; i++) {
        const char *name = config_text(list->items[i], "name");
        const struct doc_node *value = doc_get(list->items[i], "extension");
        if (name == NULL || value == NULL || strcmp(name, plugin_extension) != 0) {
            continue;
        }
        cJSON *json = doc_to_json(value, config->where, err);
        if (json == NULL) {
            return false;
        }
        struct buffer text;
        buffer_init(&text, 1024 * 1024);
        bool good = json_write(&text, json) ||
                    error_set(err, ERROR_CONFIG, "%s: the extension %s is too large", config->where,
                              plugin_extension);
        replace(&config->exec->cluster_config, buffer_take(&text));
        buffer_free(&text);
        cJSON_Delete(json);
        return good;
    }
    return true;
}

static bool resolve_files(struct kube_config *config, const struct config_sources *sources,
                          const struct kube_config_flags *flags, struct error *err)
{
    const char *server = NULL;
    const struct doc_node *cluster = NULL;
    const struct config_source *source = NULL;
    const struct doc_node *user = NULL;
    if (!resolve_context(config, sources, flags, err) ||
        !resolve_cluster(config, sources, flags, &server, &cluster, err)) {
        return false;
    }
    if (config->user[0] != '\0') {
        user = config_find(sources, "users", config->user, &source);
        if (user == NULL) {
            return dangling(config, "user", config->user, sources, err);
        }
    }
    return config_resolve_user(config, user, source, flags, err) &&
           set_server(config, server, config->where, err) && read_extension(config, cluster, err);
}

/* In a pod, or with --server alone: no file says anything. */
static bool resolve_without_files(struct kube_config *config, const struct config_sources *sources,
                                  const struct kube_config_flags *flags, struct error *err)
{
    if (given(flags->context)) {
        return unknown_context(config, sources, flags->context, err);
    }
    if (!given(flags->server)) {
        struct error local = ERROR_INIT;
        if (config_in_cluster(config, service_account_folder, getenv, &local)) {
            return config_resolve_user(config, NULL, NULL, flags, err);
        }
        if (local.kind != ERROR_NONE) {
            *err = local;
            return false;
        }
        return error_set(err, ERROR_CONFIG,
                         "no cluster is configured: %s does not exist or is empty; name a "
                         "kubeconfig with --kubeconfig or $KUBECONFIG",
                         sources->looked);
    }
    replace(&config->where, xstrdup(_("the command line")));
    config->insecure = flags->insecure_skip_tls_verify;
    replace(&config->tls_server_name, xstrdup_or_null(flags->tls_server_name));
    return set_ca(config, NULL, NULL, flags, err) &&
           config_resolve_user(config, NULL, NULL, flags, err) &&
           set_server(config, flags->server, config->where, err);
}

bool config_in_cluster(struct kube_config *config, const char *folder,
                       char *(*lookup)(const char *), struct error *err)
{
    const char *host = lookup("KUBERNETES_SERVICE_HOST");
    const char *port = lookup("KUBERNETES_SERVICE_PORT");
    if (!given(host) || !given(port)) {
        return false;
    }
    char *ca_path = file_join(folder, "ca.crt");
    char *ns_path = file_join(folder, "namespace");
    struct buffer ca;
    struct buffer ns;
    buffer_init(&ca, CA_LIMIT);
    buffer_init(&ns, 4096);
    bool good = file_read(ca_path, &ca, err) && pem_check_certificates(ca.data, ca_path, err);
    if (good) {
        bool six = strchr(host, ':') != NULL;
        replace(&config->server,
                xasprintf("https://%s%s%s:%s", six ? "[" : "", host, six ? "]" : "", port));
        replace(&config->context, xstrdup("in-cluster"));
        replace(&config->ca, buffer_take(&ca));
        replace(&config->token_file, file_join(folder, "token"));
        replace(&config->where, xstrdup(folder));
        const char *own = lookup("POD_NAMESPACE");
        if (!given(own) && file_read(ns_path, &ns, NULL)) {
            ns.data[strcspn(ns.data, " \r\n\t")] = '\0';
            own = ns.data;
        }
        replace(&config->ns, xstrdup(given(own) ? own : "default"));
    }
    free(ca_path);
    free(ns_path);
    buffer_free(&ca);
    buffer_free(&ns);
    return good;
}

static bool says_anything(const struct config_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        if (sources->items[i].root != NULL && sources->items[i].root->count > 0) {
            return true;
        }
    }
    return false;
}

struct kube_config *kube_config_load(const struct kube_config_flags *flags, struct error *err)
{
    static const struct kube_config_flags no_flags;
    if (flags == NULL) {
        flags = &no_flags;
    }
    struct error local = ERROR_INIT;
    struct config_sources sources;
    if (!config_sources_load(&sources, flags->kubeconfig, &local)) {
        if (err != NULL) {
            *err = local;
        }
        return NULL;
    }
    struct kube_config *config = xcalloc(1, sizeof(*config));
    config->context = xstrdup("");
    config->cluster = xstrdup("");
    config->user = xstrdup("");
    config->ns = xstrdup("default");
    config->request_timeout_ms = flags->request_timeout_ms;
    collect_contexts(config, &sources);
    bool good = says_anything(&sources) ? resolve_files(config, &sources, flags, &local)
                                        : resolve_without_files(config, &sources, flags, &local);
    config_sources_free(&sources);
    if (good) {
        return config;
    }
    if (local.kind == ERROR_NOT_FOUND) {
        local.kind = ERROR_CONFIG;
    }
    if (err != NULL) {
        *err = local;
    }
    kube_config_free(config);
    return NULL;
}

void kube_config_free(struct kube_config *config)
{
    if (config == NULL) {
        return;
    }
    free(config->context);
    free(config->cluster);
    free(config->user);
    free(config->ns);
    free(config->server);
    config_free_list(config->contexts);
    free(config->where);
    free(config->ca);
    free(config->certificate);
    secret_free_string(config->key);
    free(config->tls_server_name);
    secret_free_string(config->proxy);
    secret_free_string(config->token);
    free(config->token_file);
    free(config->username);
    secret_free_string(config->password);
    config_free_exec(config->exec);
    free(config->as);
    free(config->as_uid);
    config_free_list(config->as_groups);
    for (size_t i = 0; i < config->as_extra_count; i++) {
        free(config->as_extra[i].name);
        free(config->as_extra[i].value);
    }
    free(config->as_extra);
    free(config);
}

const char *kube_config_context(const struct kube_config *config)
{
    return config->context;
}

const char *kube_config_server(const struct kube_config *config)
{
    return config->server == NULL ? "" : config->server;
}

const char *kube_config_user(const struct kube_config *config)
{
    return config->user;
}

const char *kube_config_namespace(const struct kube_config *config)
{
    return config->ns;
}

bool kube_config_is_insecure(const struct kube_config *config)
{
    return config->insecure;
}

const char *const *kube_config_contexts(const struct kube_config *config)
{
    return (const char *const *)config->contexts;
}
