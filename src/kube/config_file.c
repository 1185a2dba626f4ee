#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/secret.h"
#include "config_internal.h"
#include "doc/json.h"

/*
 * Kubeconfig files: which ones, and whether they have the right shape. The rules are client-go's
 * (tools/clientcmd, loader.go): --kubeconfig alone and it must exist; else the list in $KUBECONFIG,
 * in which empty and missing names are skipped; else ~/.kube/config. The first entry of a name wins
 * as a whole.
 */

enum { FILE_LIMIT = 16 * 1024 * 1024 };

enum field_type { FIELD_STRING, FIELD_BOOL, FIELD_BYTES, FIELD_LIST, FIELD_STRINGS, FIELD_MAP };

struct field {
    const char *name;
    enum field_type type;
};

static const struct field cluster_fields[] = {
    {"server", FIELD_STRING},
    {"tls-server-name", FIELD_STRING},
    {"insecure-skip-tls-verify", FIELD_BOOL},
    {"certificate-authority", FIELD_STRING},
    {"certificate-authority-data", FIELD_BYTES},
    {"proxy-url", FIELD_STRING},
    {"disable-compression", FIELD_BOOL},
    {"extensions", FIELD_LIST},
    {NULL, FIELD_STRING},
};

static const struct field user_fields[] = {
    {"client-certificate", FIELD_STRING},
    {"client-certificate-data", FIELD_BYTES},
    {"client-key", FIELD_STRING},
    {"client-key-data", FIELD_BYTES},
    {"token", FIELD_STRING},
    {"tokenFile", FIELD_STRING},
    {"as", FIELD_STRING},
    {"as-uid", FIELD_STRING},
    {"as-groups", FIELD_STRINGS},
    {"as-user-extra", FIELD_MAP},
    {"username", FIELD_STRING},
    {"password", FIELD_STRING},
    {"auth-provider", FIELD_MAP},
    {"exec", FIELD_MAP},
    {NULL, FIELD_STRING},
};

static const struct field exec_fields[] = {
    {"command", FIELD_STRING},
    {"args", FIELD_STRINGS},
    {"env", FIELD_LIST},
    {"apiVersion", FIELD_STRING},
    {"installHint", FIELD_STRING},
    {"provideClusterInfo", FIELD_BOOL},
    {"interactiveMode", FIELD_STRING},
    {NULL, FIELD_STRING},
};

static const struct field env_fields[] = {
    {"name", FIELD_STRING},
    {"value", FIELD_STRING},
    {NULL, FIELD_STRING},
};

static const struct field context_fields[] = {
    {"cluster", FIELD_STRING},  {"user", FIELD_STRING}, {"namespace", FIELD_STRING},
    {"extensions", FIELD_LIST}, {NULL, FIELD_STRING},
};

static const struct {
    const char *list;
    const char *kind;
    const struct field *fields;
} entry_kinds[] = {
    {"clusters", "cluster", cluster_fields},
    {"users", "user", user_fields},
    {"contexts", "context", context_fields},
};

const char *config_entry_kind(const char *list)
{
    for (size_t i = 0; i < ARRAY_LENGTH(entry_kinds); i++) {
        if (strcmp(entry_kinds[i].list, list) == 0) {
            return entry_kinds[i].kind;
        }
    }
    return list;
}

static const char *type_name(enum doc_type type)
{
    switch (type) {
    case DOC_BOOL:
        return "a boolean";
    case DOC_INT:
    case DOC_FLOAT:
        return "a number";
    case DOC_LIST:
        return "a list";
    case DOC_MAP:
        return "a mapping";
    default:
        return "a string";
    }
}

static bool wrong_type(const char *path, const struct doc_node *node, const char *what,
                       const char *wanted, struct error *err)
{
    bool scalar = node->type == DOC_BOOL || node->type == DOC_INT || node->type == DOC_FLOAT;
    return error_set(err, ERROR_CONFIG, "%s:%d:%d: %s must be %s, not %s%s", path, node->line,
                     node->column, what, wanted, type_name(node->type),
                     scalar && strcmp(wanted, "a string") == 0 ? _("; put the value in quotes")
                                                               : "");
}

static bool check_bytes(const char *path, const struct doc_node *node, const char *what,
                        struct error *err)
{
    struct buffer decoded;
    buffer_init_secret(&decoded, FILE_LIMIT);
    bool good = base64_decode(&decoded, node->text, node->length, false);
    buffer_free(&decoded);
    return good || error_set(err, ERROR_CONFIG, "%s:%d:%d: %s is not base64", path, node->line,
                             node->column, what);
}

static bool check_strings(const char *path, const struct doc_node *node, const char *what,
                          struct error *err)
{
    for (size_t i = 0; i < node->count; i++) {
        if (node->items[i]->type != DOC_STRING && node->items[i]->type != DOC_NULL) {
            return wrong_type(path, node->items[i], what, "a list of strings", err);
        }
    }
    return true;
}

static bool check_field(const char *path, const struct doc_node *node, const struct field *field,
                        const char *what, struct error *err)
{
    switch (field->type) {
    case FIELD_STRING:
        return node->type == DOC_STRING || wrong_type(path, node, what, "a string", err);
    case FIELD_BYTES:
        return node->type == DOC_STRING ? check_bytes(path, node, what, err)
                                        : wrong_type(path, node, what, "a string", err);
    case FIELD_BOOL:
        return node->type == DOC_BOOL || wrong_type(path, node, what, "a boolean", err);
    case FIELD_LIST:
        return node->type == DOC_LIST || wrong_type(path, node, what, "a list", err);
    case FIELD_STRINGS:
        return node->type == DOC_LIST ? check_strings(path, node, what, err)
                                      : wrong_type(path, node, what, "a list of strings", err);
    case FIELD_MAP:
        return node->type == DOC_MAP || wrong_type(path, node, what, "a mapping", err);
    }
    return true;
}

static bool check_fields(const char *path, const struct doc_node *map, const struct field *fields,
                         const char *prefix, struct error *err);

static bool check_env(const char *path, const struct doc_node *list, const char *prefix,
                      struct error *err)
{
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        char what[600];
        snprintf(what, sizeof(what), "%s.env[%zu]", prefix, i);
        if (list->items[i]->type != DOC_MAP) {
            return wrong_type(path, list->items[i], what, "a mapping", err);
        }
        if (!check_fields(path, list->items[i], env_fields, what, err)) {
            return false;
        }
    }
    return true;
}

static bool check_fields(const char *path, const struct doc_node *map, const struct field *fields,
                         const char *prefix, struct error *err)
{
    for (const struct field *field = fields; field->name != NULL; field++) {
        const struct doc_node *node = doc_get(map, field->name);
        if (node == NULL || node->type == DOC_NULL) {
            continue;
        }
        char what[512];
        snprintf(what, sizeof(what), "%s.%s", prefix, field->name);
        if (!check_field(path, node, field, what, err)) {
            return false;
        }
        if (strcmp(field->name, "exec") == 0 &&
            (!check_fields(path, node, exec_fields, what, err) ||
             !check_env(path, doc_get(node, "env"), what, err))) {
            return false;
        }
    }
    return true;
}

static bool check_unique(const char *path, const struct doc_node *list, size_t index,
                         const char *kind, struct error *err)
{
    const struct doc_node *node = doc_get(list->items[index], "name");
    const char *name = doc_string(node);
    for (size_t i = 0; name != NULL && i < index; i++) {
        const char *other = doc_string(doc_get(list->items[i], "name"));
        if (other != NULL && strcmp(other, name) == 0) {
            return error_set(err, ERROR_CONFIG,
                             "%s:%d:%d: a second %s is named \"%s\"; remove or rename one", path,
                             node->line, node->column, kind, name);
        }
    }
    return true;
}

static bool check_list(const char *path, const struct doc_node *list, size_t which,
                       struct error *err)
{
    const char *kind = entry_kinds[which].kind;
    if (list == NULL || list->type == DOC_NULL) {
        return true;
    }
    if (list->type != DOC_LIST) {
        return wrong_type(path, list, entry_kinds[which].list, "a list", err);
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct doc_node *entry = list->items[i];
        char what[128];
        snprintf(what, sizeof(what), "%s[%zu]", entry_kinds[which].list, i);
        if (entry->type != DOC_MAP) {
            return wrong_type(path, entry, what, "a mapping", err);
        }
        const struct doc_node *name = doc_get(entry, "name");
        const struct doc_node *value = doc_get(entry, kind);
        snprintf(what, sizeof(what), "%s[%zu].name", entry_kinds[which].list, i);
        if (name != NULL && name->type != DOC_STRING && name->type != DOC_NULL) {
            return wrong_type(path, name, what, "a string", err);
        }
        snprintf(what, sizeof(what), "%s[%zu].%s", entry_kinds[which].list, i, kind);
        if (value != NULL && value->type != DOC_NULL && value->type != DOC_MAP) {
            return wrong_type(path, value, what, "a mapping", err);
        }
        if (value != NULL && !check_fields(path, value, entry_kinds[which].fields, what, err)) {
            return false;
        }
        if (!check_unique(path, list, i, kind, err)) {
            return false;
        }
    }
    return true;
}

static bool check_shape(const char *path, const struct doc_node *root, struct error *err)
{
    if (root->type != DOC_MAP) {
        return wrong_type(path, root, "a kubeconfig", "a mapping", err);
    }
    const struct doc_node *current = doc_get(root, "current-context");
    if (current != NULL && current->type != DOC_STRING && current->type != DOC_NULL) {
        return wrong_type(path, current, "current-context", "a string", err);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(entry_kinds); i++) {
        if (!check_list(path, doc_get(root, entry_kinds[i].list), i, err)) {
            return false;
        }
    }
    return true;
}

static char *absolute_folder(const char *path)
{
    char *folder = file_folder(path);
    if (folder[0] == '/') {
        return folder;
    }
    char here[PATH_MAX];
    if (getcwd(here, sizeof(here)) == NULL) {
        return folder;
    }
    char *joined = strcmp(folder, ".") == 0 ? xstrdup(here) : file_join(here, folder);
    free(folder);
    return joined;
}

static void free_source(struct config_source *source);

static bool read_source(struct config_source *source, const char *path, struct error *err)
{
    *source = (struct config_source){.path = xstrdup(path), .folder = absolute_folder(path)};
    struct buffer text;
    buffer_init_secret(&text, FILE_LIMIT);
    struct doc_options options = {.schema = DOC_SCHEMA_KUBERNETES, .source = path};
    bool good = file_read(path, &text, err) &&
                doc_parse_yaml(text.data, text.length, &options, &source->stream, err);
    buffer_free(&text);
    if (good && source->stream.count > 0 && source->stream.documents[0]->type != DOC_NULL) {
        source->root = source->stream.documents[0];
        good = check_shape(path, source->root, err);
    }
    if (!good) {
        free_source(source);
    }
    return good;
}

static void wipe(struct doc_node *node)
{
    if (node == NULL) {
        return;
    }
    if (node->text != NULL) {
        secret_wipe(node->text, node->length);
    }
    for (size_t i = 0; i < node->count; i++) {
        wipe(node->items[i]);
    }
}

static void free_source(struct config_source *source)
{
    for (size_t i = 0; i < source->stream.count; i++) {
        wipe(source->stream.documents[i]);
    }
    doc_stream_free(&source->stream);
    free(source->path);
    free(source->folder);
    *source = (struct config_source){0};
}

static bool add_source(struct config_sources *out, const char *path, bool must_exist,
                       struct error *err)
{
    for (size_t i = 0; i < out->count; i++) {
        if (strcmp(out->items[i].path, path) == 0) {
            return true;
        }
    }
    struct error local = ERROR_INIT;
    struct config_source source;
    if (!read_source(&source, path, &local)) {
        if (local.kind == ERROR_NOT_FOUND && !must_exist) {
            return true;
        }
        local.kind = ERROR_CONFIG;
        if (err != NULL) {
            *err = local;
        }
        return false;
    }
    out->items = xreallocarray(out->items, out->count + 1, sizeof(*out->items));
    out->items[out->count++] = source;
    return true;
}

static bool add_list(struct config_sources *out, const char *list, struct error *err)
{
    char *copy = xstrdup(list);
    bool good = true;
    for (char *at = copy; at != NULL && good;) {
        char *colon = strchr(at, ':');
        if (colon != NULL) {
            *colon = '\0';
        }
        good = *at == '\0' || add_source(out, at, false, err);
        at = colon == NULL ? NULL : colon + 1;
    }
    free(copy);
    return good;
}

bool config_sources_load(struct config_sources *out, const char *kubeconfig, struct error *err)
{
    *out = (struct config_sources){0};
    const char *list = getenv("KUBECONFIG");
    const char *home = getenv("HOME");
    bool good = true;
    if (kubeconfig != NULL && *kubeconfig != '\0') {
        out->looked = xstrdup(kubeconfig);
        good = add_source(out, kubeconfig, true, err);
    } else if (list != NULL && *list != '\0') {
        out->looked = xasprintf("$KUBECONFIG (%s)", list);
        good = add_list(out, list, err);
    } else if (home != NULL && *home != '\0') {
        out->looked = file_join(home, ".kube/config");
        good = add_source(out, out->looked, false, err);
    } else {
        out->looked = xstrdup(_("$KUBECONFIG (not set)"));
    }
    if (!good) {
        config_sources_free(out);
    }
    return good;
}

void config_sources_free(struct config_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        free_source(&sources->items[i]);
    }
    free(sources->items);
    free(sources->looked);
    *sources = (struct config_sources){0};
}

const struct doc_node *config_find(const struct config_sources *sources, const char *list,
                                   const char *name, const struct config_source **source)
{
    static const struct doc_node nothing = {.type = DOC_MAP};
    for (size_t i = 0; i < sources->count; i++) {
        const struct doc_node *entries = doc_get(sources->items[i].root, list);
        for (size_t k = 0; entries != NULL && k < entries->count; k++) {
            const char *own = doc_string(doc_get(entries->items[k], "name"));
            if (own != NULL && strcmp(own, name) == 0) {
                const struct doc_node *value = doc_get(entries->items[k], config_entry_kind(list));
                *source = &sources->items[i];
                return value == NULL || value->type != DOC_MAP ? &nothing : value;
            }
        }
    }
    return NULL;
}

const char *config_text(const struct doc_node *map, const char *key)
{
    const char *text = map == NULL ? NULL : doc_string(doc_get(map, key));
    return text == NULL || *text == '\0' ? NULL : text;
}

char *config_path(const struct config_source *source, const char *path)
{
    return source == NULL ? xstrdup(path) : file_join(source->folder, path);
}
