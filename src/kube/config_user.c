#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/secret.h"
#include "base/text.h"
#include "config_internal.h"
#include "doc/json.h"

/*
 * The user's part of a connection: who one says one is. Which combinations are refused follows
 * client-go's validateAuthInfo (tools/clientcmd/validation.go).
 */

enum { PEM_LIMIT = 4 * 1024 * 1024 };

static const char exec_group[] = "client.authentication.k8s.io/";

void config_free_list(char **list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        free(list[i]);
    }
    free(list);
}

void config_free_exec(struct exec_spec *spec)
{
    if (spec == NULL) {
        return;
    }
    for (size_t i = 0; i < spec->env_count; i++) {
        free(spec->env[i].name);
        secret_free_string(spec->env[i].value);
    }
    free(spec->env);
    config_free_list(spec->args);
    free(spec->command);
    free(spec->api_version);
    free(spec->install_hint);
    free(spec->cluster_config);
    free(spec);
}

bool config_read_pem(const struct doc_node *entry, const struct config_source *source,
                     const char *name, const char *label, struct buffer *out, struct error *err)
{
    char data_name[64];
    snprintf(data_name, sizeof(data_name), "%s-data", name);
    const char *data = config_text(entry, data_name);
    const char *path = config_text(entry, name);
    if (data != NULL && path != NULL) {
        return error_set(err, ERROR_CONFIG, "%s: %s and %s are both given for %s; keep one",
                         source->path, name, data_name, label);
    }
    if (data != NULL) {
        return base64_decode(out, data, strlen(data), false) ||
               error_set(err, ERROR_CONFIG, "%s: %s of %s is not base64 or too long", source->path,
                         data_name, label);
    }
    if (path == NULL) {
        return true;
    }
    char *resolved = config_path(source, path);
    bool good = file_read(resolved, out, err);
    free(resolved);
    if (!good) {
        if (err != NULL) {
            err->kind = ERROR_CONFIG;
        }
        return error_wrap(err, "%s of %s", name, label);
    }
    return true;
}

static char **copy_strings(const struct doc_node *list)
{
    size_t count = list == NULL ? 0 : list->count;
    char **out = xcalloc(count + 1, sizeof(*out));
    for (size_t i = 0; i < count; i++) {
        out[i] = xstrdup(list->items[i]->text == NULL ? "" : list->items[i]->text);
    }
    return out;
}

static bool read_env(struct exec_spec *spec, const struct doc_node *list, const char *label,
                     struct error *err)
{
    if (list == NULL || list->type != DOC_LIST) {
        return true;
    }
    spec->env = xcalloc(list->count + 1, sizeof(*spec->env));
    for (size_t i = 0; i < list->count; i++) {
        const char *name = config_text(list->items[i], "name");
        const char *value = doc_string(doc_get(list->items[i], "value"));
        if (name == NULL) {
            return error_set(err, ERROR_CONFIG, "%s: exec.env[%zu] has no name", label, i);
        }
        spec->env[spec->env_count++] =
            (struct config_pair){xstrdup(name), xstrdup(value == NULL ? "" : value)};
    }
    return true;
}

static bool read_mode(struct exec_spec *spec, const char *mode, const char *label,
                      struct error *err)
{
    if (mode == NULL) {
        spec->interactive = EXEC_IF_AVAILABLE;
        return text_ends_with(spec->api_version, "/v1beta1") ||
               error_set(err, ERROR_CONFIG,
                         "%s: exec.interactiveMode is required with apiVersion %s: Never, "
                         "IfAvailable or Always",
                         label, spec->api_version);
    }
    if (strcmp(mode, "Never") == 0) {
        spec->interactive = EXEC_NEVER;
    } else if (strcmp(mode, "IfAvailable") == 0) {
        spec->interactive = EXEC_IF_AVAILABLE;
    } else if (strcmp(mode, "Always") == 0) {
        spec->interactive = EXEC_ALWAYS;
    } else {
        return error_set(err, ERROR_CONFIG,
                         "%s: exec.interactiveMode is \"%s\"; it must be Never, IfAvailable or "
                         "Always",
                         label, mode);
    }
    return true;
}

static bool read_exec(struct exec_spec *spec, const struct doc_node *exec,
                      const struct config_source *source, const char *label, struct error *err)
{
    const char *command = config_text(exec, "command");
    const char *version = config_text(exec, "apiVersion");
    if (command == NULL) {
        return error_set(err, ERROR_CONFIG, "%s: exec.command is missing", label);
    }
    if (version == NULL) {
        return error_set(err, ERROR_CONFIG, "%s: exec.apiVersion is missing", label);
    }
    const char *number = text_starts_with(version, exec_group) ? version + strlen(exec_group) : "";
    if (strcmp(number, "v1") != 0 && strcmp(number, "v1beta1") != 0) {
        return error_set(err, ERROR_CONFIG,
                         "%s: exec.apiVersion %s is not supported; the plugin must speak %sv1 or "
                         "v1beta1",
                         label, version, exec_group);
    }
    /* A bare name is looked up in PATH; only one with a slash belongs to the file's folder. */
    spec->command = strchr(command, '/') == NULL ? xstrdup(command) : config_path(source, command);
    spec->api_version = xstrdup(version);
    spec->args = copy_strings(doc_get(exec, "args"));
    spec->install_hint = xstrdup_or_null(config_text(exec, "installHint"));
    spec->provide_cluster_info = doc_is_true(doc_get(exec, "provideClusterInfo"));
    return read_env(spec, doc_get(exec, "env"), label, err) &&
           read_mode(spec, config_text(exec, "interactiveMode"), label, err);
}

static void set_text(char **slot, const char *value)
{
    secret_free_string(*slot);
    *slot = xstrdup_or_null(value);
}

static void read_impersonation(struct kube_config *config, const struct doc_node *entry)
{
    set_text(&config->as, config_text(entry, "as"));
    set_text(&config->as_uid, config_text(entry, "as-uid"));
    const struct doc_node *groups = doc_get(entry, "as-groups");
    if (groups != NULL && groups->count > 0) {
        config->as_groups = copy_strings(groups);
    }
    const struct doc_node *extra = doc_get(entry, "as-user-extra");
    for (size_t i = 0; extra != NULL && extra->type == DOC_MAP && i < extra->count; i++) {
        const struct doc_node *values = extra->items[i];
        for (size_t k = 0; k < values->count && values->type == DOC_LIST; k++) {
            config->as_extra = xreallocarray(config->as_extra, config->as_extra_count + 1,
                                             sizeof(*config->as_extra));
            config->as_extra[config->as_extra_count++] = (struct config_pair){
                xstrdup(extra->keys[i]->text),
                xstrdup(values->items[k]->text == NULL ? "" : values->items[k]->text)};
        }
    }
}

static void apply_flags(struct kube_config *config, const struct kube_config_flags *flags)
{
    if (flags->token != NULL && *flags->token != '\0') {
        set_text(&config->token, flags->token);
        set_text(&config->token_file, NULL);
        /* What is said on the command line stands for the whole identity, as client-go merges it:
         * a plugin does not run where a token is given. */
        set_text(&config->username, NULL);
        set_text(&config->password, NULL);
    }
    if (flags->impersonate != NULL && *flags->impersonate != '\0') {
        set_text(&config->as, flags->impersonate);
    }
    if (flags->impersonate_uid != NULL && *flags->impersonate_uid != '\0') {
        set_text(&config->as_uid, flags->impersonate_uid);
    }
    if (flags->impersonate_groups != NULL && flags->impersonate_groups[0] != NULL) {
        size_t count = 0;
        while (flags->impersonate_groups[count] != NULL) {
            count++;
        }
        config_free_list(config->as_groups);
        config->as_groups = xcalloc(count + 1, sizeof(*config->as_groups));
        for (size_t i = 0; i < count; i++) {
            config->as_groups[i] = xstrdup(flags->impersonate_groups[i]);
        }
    }
}

/* The client certificate and key: from flags, else from the entry. */
static bool read_certificate(struct kube_config *config, const struct doc_node *entry,
                             const struct config_source *source,
                             const struct kube_config_flags *flags, const char *label,
                             struct error *err)
{
    struct buffer certificate;
    struct buffer key;
    buffer_init_secret(&certificate, PEM_LIMIT);
    buffer_init_secret(&key, PEM_LIMIT);
    bool good =
        flags->client_certificate != NULL
            ? file_read(flags->client_certificate, &certificate, err) ||
                  error_wrap(err, "--client-certificate")
            : config_read_pem(entry, source, "client-certificate", label, &certificate, err);
    good = good && (flags->client_key != NULL
                        ? file_read(flags->client_key, &key, err) || error_wrap(err, "--client-key")
                        : config_read_pem(entry, source, "client-key", label, &key, err));
    if (good && certificate.length > 0 && key.length == 0) {
        good = error_set(err, ERROR_CONFIG, "%s: client-certificate is given without client-key",
                         label);
    } else if (good && certificate.length == 0 && key.length > 0) {
        good = error_set(err, ERROR_CONFIG, "%s: client-key is given without client-certificate",
                         label);
    } else if (good && certificate.length > 0) {
        good = pem_check_pair(certificate.data, key.data, label, err);
    }
    if (good && certificate.length > 0) {
        config->certificate = xstrdup(certificate.data);
        config->key = xstrdup(key.data);
    }
    buffer_free(&certificate);
    buffer_free(&key);
    return good;
}

static bool check_methods(const struct kube_config *config, const char *label, struct error *err)
{
    bool token = config->token != NULL || config->token_file != NULL;
    bool basic = config->username != NULL || config->password != NULL;
    if (token && basic) {
        return error_set(err, ERROR_CONFIG,
                         "%s has both a token and a user name with password; keep one", label);
    }
    if (config->as == NULL &&
        (config->as_uid != NULL || config->as_groups != NULL || config->as_extra_count > 0)) {
        return error_set(err, ERROR_CONFIG,
                         "%s impersonates a group, uid or extra value but no user; add \"as\" "
                         "(--as)",
                         label);
    }
    return true;
}

static bool resolve(struct kube_config *config, const struct doc_node *entry,
                    const struct config_source *source, const struct kube_config_flags *flags,
                    const char *label, struct error *err)
{
    if (entry != NULL) {
        set_text(&config->token, config_text(entry, "token"));
        const char *file = config_text(entry, "tokenFile");
        if (file != NULL) {
            config->token_file = config_path(source, file);
        }
        set_text(&config->username, config_text(entry, "username"));
        set_text(&config->password, config_text(entry, "password"));
        read_impersonation(config, entry);
        const struct doc_node *provider = doc_get(entry, "auth-provider");
        if (provider != NULL && provider->type == DOC_MAP) {
            const char *name = config_text(provider, "name");
            return error_set(
                err, ERROR_CONFIG,
                "%s:%d:%d: %s uses auth-provider %s, which Kubernetes clients no longer "
                "have; use a credential plugin (exec) instead",
                source->path, provider->line, provider->column, label, name == NULL ? "" : name);
        }
    }
    apply_flags(config, flags);
    if (!check_methods(config, label, err) ||
        !read_certificate(config, entry, source, flags, label, err)) {
        return false;
    }
    const struct doc_node *exec = entry == NULL ? NULL : doc_get(entry, "exec");
    if (exec == NULL || exec->type != DOC_MAP) {
        return true;
    }
    struct exec_spec *spec = xcalloc(1, sizeof(*spec));
    config->exec = spec;
    return read_exec(spec, exec, source, label, err);
}

bool config_resolve_user(struct kube_config *config, const struct doc_node *entry,
                         const struct config_source *source, const struct kube_config_flags *flags,
                         struct error *err)
{
    char *label = source == NULL ? xstrdup(_("the connection"))
                                 : xasprintf("%s: user \"%s\"", source->path, config->user);
    bool good = resolve(config, entry, source, flags, label, err);
    free(label);
    return good;
}
