#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/intern.h"
#include "base/secret.h"
#include "doc/json.h"
#include "registry/credential.h"
#include "registry/keyring.h"
#include "rows.h"

enum { CELL_NAME, CELL_TYPE, CELL_DATA };

static void release_list(const char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        intern_release(texts[i]);
    }
    free(texts);
}

static void forget_content(struct secret_row *row)
{
    release_list(row->secret.registries, row->secret.registry_count);
    release_list(row->secret.users, row->secret.registry_count);
    row->secret.registries = NULL;
    row->secret.users = NULL;
    row->secret.registry_count = 0;
    row->secret.content_known = false;
    row->secret.expires_ms = 0;
    row->random_order = false;
    row->secret.fault = NULL;
    registry_secret_free(&row->content);
    memset(&row->content, 0, sizeof(row->content));
    keep_text(&row->content_version, NULL);
}

void secret_row_free(void *value)
{
    struct secret_row *row = value;
    forget_content(row);
    intern_release(row->secret.ns);
    intern_release(row->secret.name);
    intern_release(row->secret.uid);
    intern_release(row->secret.type);
    intern_release(row->secret.managed_by);
    intern_release(row->version);
    free(row);
}

const struct secret_row *secret_find(const struct csi_census *census, const char *ns,
                                     const char *name)
{
    char key[KEY_SIZE];
    return map_get(census->secrets, join_key(key, ns, name));
}

static struct secret_row *secret_need(struct csi_census *census, const char *ns, const char *name)
{
    char key[KEY_SIZE];
    struct secret_row *row = map_get(census->secrets, join_key(key, ns, name));
    if (row == NULL) {
        row = xcalloc(1, sizeof(*row));
        row->secret.ns = intern(ns);
        row->secret.name = intern(name);
        row->secret.uid = intern("");
        row->secret.type = intern("");
        row->secret.managed_by = intern("");
        row->version = intern("");
        map_set(census->secrets, key, row);
    }
    row->seen = census->epoch;
    return row;
}

static void read_metadata(struct secret_row *row, const cJSON *metadata)
{
    unsigned ignored = 0;
    keep_text(&row->secret.uid, odd_text(metadata, "uid", NAME_LIMIT, &ignored));
    keep_text(&row->version, odd_text(metadata, "resourceVersion", NAME_LIMIT, &ignored));
    keep_text(&row->secret.managed_by, manager_of(metadata));
    row->secret.created_ms = odd_time(metadata, "creationTimestamp", &ignored);
    row->secret.updated_ms = updated_of(metadata, row->secret.created_ms);
    row->absent = false;
    row->secret.content_stale =
        row->content_version != NULL && row->content_version != row->version;
}

static void read_columns(int *cells, size_t count, const char *const *names,
                         const cJSON *definitions)
{
    int index = 0;
    const cJSON *column;
    cJSON_ArrayForEach(column, definitions)
    {
        for (size_t i = 0; i < count; i++) {
            if (strcmp(json_string_or(column, "name", ""), names[i]) == 0) {
                cells[i] = index;
            }
        }
        index++;
    }
}

static const char *cell_text(const cJSON *cells, int index)
{
    const cJSON *cell = cJSON_GetArrayItem(cells, index);
    return cJSON_IsString(cell) ? cell->valuestring : NULL;
}

static int cell_number(const cJSON *cells, int index)
{
    const cJSON *cell = cJSON_GetArrayItem(cells, index);
    if (cJSON_IsString(cell)) {
        return (int)strtol(cell->valuestring, NULL, 10);
    }
    bool sane = cJSON_IsNumber(cell) && cell->valuedouble >= 0 && cell->valuedouble < 1e6;
    return sane ? (int)cell->valuedouble : 0;
}

bool csi_census_put_secret_row(struct csi_census *census, const cJSON *table_row)
{
    static const char *const names[] = {"Name", "Type", "Data"};
    const cJSON *columns = json_list(table_row, "columnDefinitions");
    if (columns != NULL) {
        read_columns(census->cells, ARRAY_LENGTH(names), names, columns);
        return false;
    }
    const cJSON *cells = json_list(table_row, "cells");
    const cJSON *metadata = json_object(json_object(table_row, "object"), "metadata");
    const char *name = json_string(metadata, "name");
    name = name != NULL ? name : cell_text(cells, census->cells[CELL_NAME]);
    const char *type = cell_text(cells, census->cells[CELL_TYPE]);
    if (name == NULL || *name == '\0' || strlen(name) > NAME_LIMIT) {
        return false;
    }
    struct secret_row *row = secret_need(census, json_string_or(metadata, "namespace", ""), name);
    row->listed = true;
    const char *version = json_string_or(metadata, "resourceVersion", "");
    if (!row->absent && *version != '\0' && strcmp(version, row->version) == 0) {
        return false;
    }
    unsigned ignored = 0;
    row->refused = false;
    read_metadata(row, metadata);
    const char *kept = odd_intern(type == NULL ? "" : type, NAME_LIMIT, &ignored);
    if (kept != row->secret.type) {
        forget_content(row); /* another Secret under the old name: types cannot change */
    }
    keep_text(&row->secret.type, kept);
    row->secret.keys = cell_number(cells, census->cells[CELL_DATA]);
    census->secrets_changed = true;
    return true;
}

/* Passwords are looked at once, for their end, and wiped. */
static void read_passwords(struct secret_row *row)
{
    struct docker_config *config = &row->content.config;
    for (size_t i = 0; i < config->count; i++) {
        const struct docker_auth *auth = &config->auths[i];
        int64_t ms;
        if (auth->password != NULL &&
            registry_password_expiry(auth->password, auth->password_length, &ms) &&
            (row->secret.expires_ms == 0 || ms < row->secret.expires_ms)) {
            row->secret.expires_ms = ms;
            row->expiring = i;
        }
    }
    docker_config_forget_passwords(config);
}

static bool same_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
    return a != NULL && b != NULL && secret_equal(a, a_length, b, b_length);
}

static bool same_login(const struct docker_auth *a, const struct docker_auth *b)
{
    return same_bytes(a->username, a->username_length, b->username, b->username_length) &&
           same_bytes(a->password, a->password_length, b->password, b->password_length);
}

/* "https://reg" and "reg/" are one key in two spellings; harmless where both have one login. */
static bool has_spellings(const struct docker_config *config)
{
    enum { MOST = 200 };
    bool found = false;
    size_t count = config->count < MOST ? config->count : MOST;
    char **keys = xcalloc(count + 1, sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        keys[i] = keyring_normalise_key(config->auths[i].key, NULL);
        for (size_t j = 0; j < i && keys[i] != NULL; j++) {
            found = found || (keys[j] != NULL && strcmp(keys[i], keys[j]) == 0 &&
                              !same_login(&config->auths[i], &config->auths[j]));
        }
    }
    for (size_t i = 0; i < count; i++) {
        free(keys[i]);
    }
    free(keys);
    return found;
}

/* Keeps what names registries and users. */
static void read_content(struct secret_row *row, const cJSON *secret)
{
    forget_content(row);
    const char *key = registry_secret_data_key(row->secret.type);
    const char *text = key == NULL ? NULL : json_string(json_object(secret, "data"), key);
    struct buffer decoded;
    buffer_init_secret(&decoded, (size_t)4 * 1024 * 1024);
    bool readable = text != NULL && base64_decode(&decoded, text, strlen(text), false);
    registry_secret_read(&row->content, row->secret.type, readable ? decoded.data : NULL,
                         decoded.length, true);
    buffer_free(&decoded);
    const struct docker_config *config = &row->content.config;
    row->random_order = has_spellings(config);
    read_passwords(row);
    row->secret.registry_count = config->count;
    row->secret.registries = xcalloc(config->count + 1, sizeof(char *));
    row->secret.users = xcalloc(config->count + 1, sizeof(char *));
    unsigned ignored = 0;
    for (size_t i = 0; i < config->count; i++) {
        const char *user = config->auths[i].username == NULL ? "" : config->auths[i].username;
        row->secret.registries[i] = odd_intern(config->auths[i].key, TEXT_LIMIT, &ignored);
        row->secret.users[i] = odd_intern(user, TEXT_LIMIT, &ignored);
    }
    row->secret.fault =
        row->content.state == REGISTRY_SECRET_MALFORMED ? row->content.reason : NULL;
    row->secret.content_known = true;
    row->secret.content_stale = false;
    row->content_version = intern(row->version);
}

bool csi_census_put_secret(struct csi_census *census, const cJSON *secret)
{
    const cJSON *metadata = json_object(secret, "metadata");
    const char *name = json_string(metadata, "name");
    if (name == NULL || *name == '\0' || strlen(name) > NAME_LIMIT) {
        return false;
    }
    unsigned ignored = 0;
    struct secret_row *row = secret_need(census, json_string_or(metadata, "namespace", ""), name);
    read_metadata(row, metadata);
    keep_text(&row->secret.type, odd_text(secret, "type", NAME_LIMIT, &ignored));
    row->secret.keys = cJSON_GetArraySize(json_object(secret, "data"));
    row->secret.immutable = json_bool(secret, "immutable", false);
    row->refused = false;
    read_content(row, secret);
    census->secrets_changed = true;
    return true;
}

bool csi_census_secret_absent(struct csi_census *census, const char *ns, const char *name)
{
    struct secret_row *row = secret_need(census, ns, name);
    bool changed = !row->absent;
    forget_content(row);
    row->absent = true;
    row->refused = false;
    census->secrets_changed = census->secrets_changed || changed;
    return changed;
}

bool csi_census_secret_refused(struct csi_census *census, const char *ns, const char *name)
{
    struct secret_row *row = secret_need(census, ns, name);
    bool changed = !row->refused;
    row->refused = true;
    census->secrets_changed = census->secrets_changed || changed;
    return changed;
}

void csi_census_secrets_unreadable(struct csi_census *census, const char *ns)
{
    map_set(census->unreadable, ns == NULL ? "" : ns, census);
    census->secrets_changed = true;
}

bool secrets_are_unreadable(const struct csi_census *census, const char *ns)
{
    return map_get(census->unreadable, "") != NULL || map_get(census->unreadable, ns) != NULL;
}

void secrets_sweep(struct csi_census *census, uint32_t begun)
{
    size_t position = 0;
    const char *key;
    void *value;
    while (map_next(census->secrets, &position, &key, &value)) {
        if (((struct secret_row *)value)->seen < begun) {
            map_remove(census->secrets, key);
            census->secrets_changed = true;
        }
    }
    census->secrets_changed = census->secrets_changed || !census->secrets_listed;
    census->secrets_listed = true;
    map_free(census->unreadable);
    census->unreadable = map_new(NULL);
}

static int compare_secrets(const void *a, const void *b)
{
    const struct csi_secret *x = *(const struct csi_secret *const *)a;
    const struct csi_secret *y = *(const struct csi_secret *const *)b;
    int order = strcmp(x->ns, y->ns);
    return order != 0 ? order : strcmp(x->name, y->name);
}

void secrets_list_rebuild(struct csi_census *census)
{
    census->secret_count = 0;
    size_t position = 0;
    void *value;
    while (map_next(census->secrets, &position, NULL, &value)) {
        const struct secret_row *row = value;
        if (row->absent || (!row->listed && !row->secret.content_known)) {
            continue;
        }
        census->secret_list = xgrow(census->secret_list, census->secret_count,
                                    &census->secret_capacity, sizeof(struct csi_secret *));
        census->secret_list[census->secret_count++] = &row->secret;
    }
    if (census->secret_count > 1) {
        qsort(census->secret_list, census->secret_count, sizeof(census->secret_list[0]),
              compare_secrets);
    }
}

/* --- ServiceAccounts and nodes ------------------------------------------------------------------
 */

void account_row_free(void *value)
{
    struct account_row *row = value;
    release_list(row->account.pull_secrets, row->account.pull_secret_count);
    intern_release(row->account.ns);
    intern_release(row->account.name);
    free(row);
}

static bool same_names(const struct csi_service_account *account, const char **names, size_t count)
{
    if (account->pull_secret_count != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (account->pull_secrets[i] != names[i]) {
            return false;
        }
    }
    return true;
}

bool csi_census_put_service_account(struct csi_census *census, const cJSON *account)
{
    unsigned ignored = 0;
    const cJSON *metadata = json_object(account, "metadata");
    const cJSON *entry;
    const char *names[SHAPE_REFERENCES_MAX];
    size_t count = 0;
    cJSON_ArrayForEach(entry, json_list(account, "imagePullSecrets"))
    {
        if (count < ARRAY_LENGTH(names)) {
            names[count++] = odd_text(entry, "name", NAME_LIMIT, &ignored);
        }
    }
    const char *ns = json_string_or(metadata, "namespace", "");
    const char *name = json_string_or(metadata, "name", "");
    char key[KEY_SIZE];
    struct account_row *row = map_get(census->accounts, join_key(key, ns, name));
    if (row != NULL && same_names(&row->account, names, count)) {
        row->seen = census->epoch;
        for (size_t i = 0; i < count; i++) {
            intern_release(names[i]);
        }
        return false;
    }
    struct account_row *fresh = xcalloc(1, sizeof(*fresh));
    fresh->account.ns = intern(ns);
    fresh->account.name = intern(name);
    fresh->account.pull_secrets = xmemdup(names, (count + 1) * sizeof(names[0]));
    fresh->account.pull_secret_count = count;
    fresh->seen = census->epoch;
    map_set(census->accounts, key, fresh);
    census->dirty = true;
    return true;
}

void accounts_sweep(struct csi_census *census, uint32_t begun)
{
    size_t position = 0;
    const char *key;
    void *value;
    while (map_next(census->accounts, &position, &key, &value)) {
        if (((struct account_row *)value)->seen < begun) {
            map_remove(census->accounts, key);
            census->dirty = true;
        }
    }
    census->accounts_listed = true;
}

bool csi_census_put_node_row(struct csi_census *census, const cJSON *table_row)
{
    static const char *const names[] = {"Version"};
    const cJSON *columns = json_list(table_row, "columnDefinitions");
    if (columns != NULL) {
        read_columns(&census->node_version_cell, 1, names, columns);
        return false;
    }
    const cJSON *cells = json_list(table_row, "cells");
    const char *name = cell_text(cells, 0);
    int minor = minor_of_version(cell_text(cells, census->node_version_cell));
    if (name == NULL || minor == 0) {
        return false;
    }
    int *row = map_get(census->nodes, name);
    if (row != NULL && *row == minor) {
        return false;
    }
    map_set(census->nodes, name, xmemdup(&minor, sizeof(minor)));
    census->dirty = true;
    return true;
}
