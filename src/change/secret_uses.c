#include "change/secret_uses.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "base/language.h"
#include "base/text.h"
#include "doc/json.h"

struct change_secret_uses {
    struct change_secret_use *items;
    size_t count, capacity;
};

/* One object while its uses are taken. */
struct user {
    struct change_secret_uses *uses;
    const char *kind, *ns, *name;
    bool by_another;
};

const char *change_use_way_name(enum change_use_way way)
{
    static const char *const names[] = {"pull", "env", "volume", "account", "storage", "tls"};
    return names[way];
}

struct change_secret_uses *change_secret_uses_new(void)
{
    return xcalloc(1, sizeof(struct change_secret_uses));
}

void change_secret_uses_free(struct change_secret_uses *uses)
{
    if (uses == NULL) {
        return;
    }
    for (size_t i = 0; i < uses->count; i++) {
        struct change_secret_use *use = &uses->items[i];
        free(use->ns);
        free(use->secret);
        free(use->kind);
        free(use->name);
        free(use->detail);
    }
    free(uses->items);
    free(uses);
}

/* --- Taking an object apart --------------------------------------------------------------------
 */

static bool is_same(const struct change_secret_use *use, const struct user *user,
                    const char *secret, enum change_use_way way, const char *detail)
{
    return use->way == way && strcmp(use->secret, secret) == 0 &&
           strcmp(use->detail, detail) == 0 && strcmp(use->name, user->name) == 0 &&
           strcmp(use->kind, user->kind) == 0 && strcmp(use->ns, user->ns) == 0;
}

static void add(const struct user *user, const char *secret, enum change_use_way way,
                const char *detail)
{
    struct change_secret_uses *uses = user->uses;
    if (secret == NULL || secret[0] == '\0') {
        return;
    }
    detail = detail == NULL ? "" : detail;
    /* The same object's uses stand at the end. */
    for (size_t i = uses->count; i > 0 && strcmp(uses->items[i - 1].name, user->name) == 0; i--) {
        if (is_same(&uses->items[i - 1], user, secret, way, detail)) {
            return;
        }
    }
    uses->items = xgrow(uses->items, uses->count, &uses->capacity, sizeof(*uses->items));
    uses->items[uses->count++] = (struct change_secret_use){
        .ns = xstrdup(user->ns),
        .secret = xstrdup(secret),
        .kind = xstrdup(user->kind),
        .name = xstrdup(user->name),
        .way = way,
        .detail = xstrdup(detail),
        .by_another = user->by_another,
    };
}

static void add_names(const struct user *user, const cJSON *list, enum change_use_way way)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, list)
    {
        add(user, json_string(entry, "name"), way, NULL);
    }
}

static void add_container(const struct user *user, const cJSON *container)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, json_list(container, "env"))
    {
        add(user, json_string(json_at(entry, "valueFrom", "secretKeyRef", NULL), "name"),
            CHANGE_USE_ENV, json_string(entry, "name"));
    }
    cJSON_ArrayForEach(entry, json_list(container, "envFrom"))
    {
        add(user, json_string(json_object(entry, "secretRef"), "name"), CHANGE_USE_ENV, NULL);
    }
}

/* A Secret's volume has `secretName`; every other kind that takes one (csi, cephfs, rbd, iscsi,
 * flexVolume...) names it in a reference. */
static void add_volume(const struct user *user, const cJSON *volume)
{
    static const char *const references[] = {"secretRef", "nodePublishSecretRef"};
    const char *name = json_string(volume, "name");
    const cJSON *source;
    cJSON_ArrayForEach(source, volume)
    {
        add(user, json_string(source, "secretName"), CHANGE_USE_VOLUME, name);
        for (size_t i = 0; i < ARRAY_LENGTH(references); i++) {
            add(user, json_string(json_object(source, references[i]), "name"), CHANGE_USE_VOLUME,
                name);
        }
    }
    const cJSON *projected;
    cJSON_ArrayForEach(projected, json_list(json_object(volume, "projected"), "sources"))
    {
        add(user, json_string(json_object(projected, "secret"), "name"), CHANGE_USE_VOLUME, name);
    }
}

static void add_pod_spec(const struct user *user, const cJSON *spec)
{
    static const char *const lists[] = {"initContainers", "containers", "ephemeralContainers"};
    const cJSON *entry;
    add_names(user, json_list(spec, "imagePullSecrets"), CHANGE_USE_PULL);
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        cJSON_ArrayForEach(entry, json_list(spec, lists[i]))
        {
            add_container(user, entry);
        }
    }
    cJSON_ArrayForEach(entry, json_list(spec, "volumes"))
    {
        add_volume(user, entry);
    }
}

/* "NAME/PREFIXSecretName" and its namespace stand beside each other in a map of texts: parameters
 * of classes, members of a volume's source. */
static void add_pairs(const struct user *user, const cJSON *map, const char *name_end,
                      const char *namespace_end)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, map)
    {
        if (!cJSON_IsString(entry) || !text_ends_with(entry->string, name_end)) {
            continue;
        }
        int prefix = (int)(strlen(entry->string) - strlen(name_end));
        char *key = xasprintf("%.*s%s", prefix, entry->string, namespace_end);
        struct user other = *user;
        other.ns = json_string_or(map, key, user->ns);
        /* ${pvc.namespace} and the like are only known when a claim is served. */
        other.ns = strchr(other.ns, '$') != NULL ? "" : other.ns;
        if (strchr(entry->valuestring, '$') == NULL) {
            add(&other, entry->valuestring, CHANGE_USE_STORAGE, NULL);
        }
        free(key);
    }
}

static void add_class(const struct user *user, const cJSON *parameters)
{
    add_pairs(user, parameters, "secret-name", "secret-namespace");
    add_pairs(user, parameters, "SecretName", "SecretNamespace");
    add_pairs(user, parameters, "secretName", "secretNamespace");
}

/* Each kind of source (csi, cephfs, rbd, iscsi, azureFile...) names its Secrets in references or in
 * a pair of members; without a namespace they lie beside the claim. */
static void add_persistent_volume(const struct user *user, const cJSON *spec)
{
    const cJSON *source;
    const cJSON *member;
    struct user other = *user;
    other.ns = json_string_or(json_object(spec, "claimRef"), "namespace", "");
    cJSON_ArrayForEach(source, spec)
    {
        add_pairs(&other, source, "secretName", "secretNamespace");
        cJSON_ArrayForEach(member, source)
        {
            if (cJSON_IsObject(member) && (text_ends_with(member->string, "SecretRef") ||
                                           strcmp(member->string, "secretRef") == 0)) {
                struct user referred = other;
                referred.ns = json_string_or(member, "namespace", other.ns);
                add(&referred, json_string(member, "name"), CHANGE_USE_STORAGE, NULL);
            }
        }
    }
}

static void add_ingress(const struct user *user, const cJSON *spec)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, json_list(spec, "tls"))
    {
        add(user, json_string(entry, "secretName"), CHANGE_USE_TLS, NULL);
    }
}

static bool has_controller(const cJSON *metadata)
{
    const cJSON *owner;
    cJSON_ArrayForEach(owner, json_list(metadata, "ownerReferences"))
    {
        if (json_bool(owner, "controller", false)) {
            return true;
        }
    }
    return false;
}

void change_secret_uses_add(struct change_secret_uses *uses, const char *kind, const cJSON *object)
{
    const cJSON *metadata = json_object(object, "metadata");
    struct user user = {
        .uses = uses,
        .kind = kind != NULL ? kind : json_string_or(object, "kind", ""),
        .ns = json_string_or(metadata, "namespace", ""),
        .name = json_string_or(metadata, "name", ""),
        .by_another = has_controller(metadata),
    };
    if (strcmp(user.kind, "ServiceAccount") == 0) {
        add_names(&user, json_list(object, "imagePullSecrets"), CHANGE_USE_PULL);
        add_names(&user, json_list(object, "secrets"), CHANGE_USE_ACCOUNT);
    } else if (strcmp(user.kind, "StorageClass") == 0 ||
               strcmp(user.kind, "VolumeSnapshotClass") == 0) {
        add_class(&user, json_object(object, "parameters"));
    } else if (strcmp(user.kind, "PersistentVolume") == 0) {
        add_persistent_volume(&user, json_object(object, "spec"));
    } else if (strcmp(user.kind, "Ingress") == 0) {
        add_ingress(&user, json_object(object, "spec"));
    } else if (strcmp(user.kind, "Pod") == 0) {
        add_pod_spec(&user, json_object(object, "spec"));
    } else if (strcmp(user.kind, "CronJob") == 0) {
        add_pod_spec(&user,
                     json_at(object, "spec", "jobTemplate", "spec", "template", "spec", NULL));
    } else {
        add_pod_spec(&user, json_at(object, "spec", "template", "spec", NULL));
    }
}

/* --- Looking ---------------------------------------------------------------------------------- */

const struct change_secret_use **change_secret_uses_of(const struct change_secret_uses *uses,
                                                       const char *ns, const char *secret,
                                                       size_t *count)
{
    const struct change_secret_use **found = xcalloc(uses->count + 1, sizeof(*found));
    *count = 0;
    for (size_t i = 0; i < uses->count; i++) {
        const struct change_secret_use *use = &uses->items[i];
        if ((use->ns[0] == '\0' || strcmp(use->ns, ns) == 0) && strcmp(use->secret, secret) == 0) {
            found[(*count)++] = &uses->items[i];
        }
    }
    return found;
}

static bool same_user(const struct change_secret_use *a, const struct change_secret_use *b)
{
    return b != NULL && strcmp(a->kind, b->kind) == 0 && strcmp(a->name, b->name) == 0;
}

/* "StatefulSet a (env USER, pull)"; returns how many uses that were. */
static size_t describe_user(const struct change_secret_use *const *found, struct buffer *out)
{
    size_t used = 0;
    buffer_printf(out, "%s %s (", found[0]->kind, found[0]->name);
    for (; same_user(found[0], found[used]); used++) {
        const char *detail = found[used]->detail;
        buffer_printf(out, "%s%s%s%s", used > 0 ? ", " : "", change_use_way_name(found[used]->way),
                      detail[0] != '\0' ? " " : "", detail);
    }
    buffer_append_char(out, ')');
    return used;
}

void change_secret_uses_describe(const struct change_secret_uses *uses, const char *ns,
                                 const char *secret, size_t most, struct buffer *out)
{
    size_t count;
    const struct change_secret_use **found = change_secret_uses_of(uses, ns, secret, &count);
    size_t users = 0;
    size_t pods = 0;
    size_t start = out->length;
    for (size_t i = 0; i < count;) {
        size_t next = i + 1;
        if (found[i]->by_another && strcmp(found[i]->kind, "Pod") == 0) {
            pods++;
        } else if (users++ < most) {
            buffer_append_string(out, out->length > start ? ", " : "");
            describe_user(&found[i], out);
        }
        while (same_user(found[i], found[next])) {
            next++;
        }
        i = next;
    }
    if (pods > 0) {
        buffer_append_string(out, out->length > start ? ", " : "");
        buffer_printf(out, language_plural("%zu pod", "%zu pods", pods), pods);
    }
    if (users > most) {
        buffer_printf(out, _(" and %zu more"), users - most);
    }
    free(found);
}
