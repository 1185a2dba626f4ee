#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "doc/json.h"
#include "dockerconfig_read.h"
#include "registry/keyring.h"

/* One entry on its way out: a credential to write, or what stood there, to the byte. */
struct piece {
    char *key;
    char *meaning; /* normalised key; NULL if the kubelet cannot parse it */
    const struct registry_credential *credential;
    struct gojson raw;
    bool dropped;
    size_t sequence;
};

struct pieces {
    struct piece *list;
    size_t count;
    size_t capacity;
};

static struct piece *pieces_add(struct pieces *pieces, char *key)
{
    pieces->list = xgrow(pieces->list, pieces->count, &pieces->capacity, sizeof(*pieces->list));
    struct piece *piece = &pieces->list[pieces->count];
    *piece = (struct piece){
        .key = key, .meaning = keyring_normalise_key(key, NULL), .sequence = pieces->count};
    pieces->count++;
    return piece;
}

static void pieces_clear(struct pieces *pieces)
{
    for (size_t i = 0; i < pieces->count; i++) {
        free(pieces->list[i].key);
        free(pieces->list[i].meaning);
    }
    pieces->count = 0;
}

static void pieces_free(struct pieces *pieces)
{
    pieces_clear(pieces);
    free(pieces->list);
}

static int compare_pieces(const void *a, const void *b)
{
    const struct piece *left = a;
    const struct piece *right = b;
    int order = strcmp(left->key, right->key);
    if (order != 0) {
        return order;
    }
    return left->sequence < right->sequence ? -1 : 1;
}

static void append_member(struct buffer *out, const char *name, const char *bytes, size_t length,
                          bool *first)
{
    if (length == 0) {
        return; /* omitempty */
    }
    buffer_append_string(out, *first ? "\"" : ",\"");
    buffer_append_string(out, name);
    buffer_append_string(out, "\":");
    gojson_append_encoded(out, bytes, length);
    *first = false;
}

/* The fields in the order of kubectl's DockerConfigEntry. */
static void append_credential(struct buffer *out, const struct registry_credential *credential)
{
    size_t user = strlen(credential->username);
    struct buffer plain;
    struct buffer auth;
    buffer_init_secret(&plain, user + credential->password_length + 1);
    buffer_init_secret(&auth, plain.limit * 2 + 8);
    buffer_append(&plain, credential->username, user);
    buffer_append_char(&plain, ':');
    buffer_append(&plain, credential->password, credential->password_length);
    base64_encode(&auth, plain.data, plain.length);
    bool first = true;
    const char *email = credential->email != NULL ? credential->email : "";
    buffer_append_char(out, '{');
    append_member(out, "username", credential->username, user, &first);
    append_member(out, "password", credential->password, credential->password_length, &first);
    append_member(out, "email", email, strlen(email), &first);
    append_member(out, "auth", auth.data, auth.length, &first);
    buffer_append_char(out, '}');
    buffer_free(&plain);
    buffer_free(&auth);
}

/* The object of entries, sorted by key as Go writes maps; of equal keys the last. */
static void append_entries(struct buffer *out, struct pieces *pieces)
{
    if (pieces->count > 0) {
        qsort(pieces->list, pieces->count, sizeof(*pieces->list), compare_pieces);
    }
    bool first = true;
    buffer_append_char(out, '{');
    for (size_t i = 0; i < pieces->count; i++) {
        const struct piece *piece = &pieces->list[i];
        bool again = i + 1 < pieces->count && strcmp(piece->key, piece[1].key) == 0;
        if (piece->dropped || again) {
            continue;
        }
        buffer_append_string(out, first ? "" : ",");
        gojson_append_encoded(out, piece->key, strlen(piece->key));
        buffer_append_char(out, ':');
        if (piece->credential != NULL) {
            append_credential(out, piece->credential);
        } else {
            buffer_append(out, piece->raw.start, (size_t)(piece->raw.end - piece->raw.start));
        }
        first = false;
    }
    buffer_append_char(out, '}');
}

bool docker_config_write(struct buffer *out, const struct registry_credential *credentials,
                         size_t count)
{
    struct pieces pieces = {NULL, 0, 0};
    for (size_t i = 0; i < count; i++) {
        pieces_add(&pieces, xstrdup(credentials[i].server))->credential = &credentials[i];
    }
    buffer_append_string(out, "{\"auths\":");
    append_entries(out, &pieces);
    buffer_append_char(out, '}');
    pieces_free(&pieces);
    return !out->overflowed;
}

/* Entries of the existing configuration. Several "auths" add up in Go, the last of a key wins. */
static void collect(struct pieces *pieces, struct gojson entries)
{
    const char *position = NULL;
    struct gojson name;
    struct gojson value;
    while (gojson_next_member(entries, &position, &name, &value)) {
        struct buffer key;
        buffer_init(&key, (size_t)(name.end - name.start) * 3);
        gojson_append_decoded(&key, name);
        pieces_add(pieces, buffer_take(&key))->raw = value;
        buffer_free(&key);
    }
}

static bool same_meaning(const struct piece *piece, const char *key, const char *meaning)
{
    if (strcmp(piece->key, key) == 0) {
        return true;
    }
    return meaning != NULL && piece->meaning != NULL && strcmp(piece->meaning, meaning) == 0;
}

/* Drops those of the first `count` pieces that mean the same as key. */
static void drop(struct pieces *pieces, size_t count, const char *key)
{
    char *meaning = keyring_normalise_key(key, NULL);
    for (size_t i = 0; i < count; i++) {
        if (same_meaning(&pieces->list[i], key, meaning)) {
            pieces->list[i].dropped = true;
        }
    }
    free(meaning);
}

/* An existing configuration taken apart: entries, and the other members of the root. */
static bool take_apart(struct pieces *pieces, const char *bytes, size_t length,
                       enum docker_config_form form, struct gojson *root, struct error *err)
{
    if (!gojson_validate(bytes, length, root, NULL, err)) {
        return error_wrap(err, "not JSON");
    }
    if (gojson_kind(*root) == GOJSON_NULL) {
        return true;
    }
    if (gojson_kind(*root) != GOJSON_OBJECT) {
        return error_set(err, ERROR_INVALID, "the configuration is %s, not an object",
                         gojson_kind_name(gojson_kind(*root)));
    }
    if (form == DOCKER_CONFIG_LEGACY) {
        collect(pieces, *root);
        return true;
    }
    const char *position = NULL;
    struct gojson name;
    struct gojson value;
    while (gojson_next_member(*root, &position, &name, &value)) {
        if (!gojson_name_is(name, "auths")) {
            continue;
        }
        if (gojson_kind(value) == GOJSON_NULL) {
            pieces_clear(pieces); /* as Go empties the map */
        } else if (gojson_kind(value) == GOJSON_OBJECT) {
            collect(pieces, value);
        } else {
            return error_set(err, ERROR_INVALID, "\"auths\" is %s, not an object",
                             gojson_kind_name(gojson_kind(value)));
        }
    }
    return true;
}

static void put_together(struct buffer *out, struct pieces *pieces, struct gojson root,
                         enum docker_config_form form)
{
    if (form == DOCKER_CONFIG_LEGACY) {
        append_entries(out, pieces);
        return;
    }
    buffer_append_string(out, "{\"auths\":");
    append_entries(out, pieces);
    const char *position = NULL;
    struct gojson name;
    struct gojson value;
    bool members = gojson_kind(root) == GOJSON_OBJECT;
    while (members && gojson_next_member(root, &position, &name, &value)) {
        if (!gojson_name_is(name, "auths")) {
            buffer_append_char(out, ',');
            buffer_append(out, name.start, (size_t)(name.end - name.start));
            buffer_append_char(out, ':');
            buffer_append(out, value.start, (size_t)(value.end - value.start));
        }
    }
    buffer_append_char(out, '}');
}

/* Writes the result and makes sure that the kubelet could read it. */
static bool finish(struct buffer *out, struct pieces *pieces, struct gojson root,
                   enum docker_config_form form, struct error *err)
{
    size_t start = out->length;
    put_together(out, pieces, root, form);
    if (out->overflowed) {
        return error_set(err, ERROR_INVALID, "the configuration would be over %zu bytes",
                         out->limit);
    }
    struct docker_config parsed;
    if (!docker_config_parse(&parsed, out->data + start, out->length - start, form, false, err)) {
        buffer_truncate(out, start);
        return error_wrap(err, "the existing configuration stays unusable; remove or replace "
                               "that entry first");
    }
    docker_config_free(&parsed);
    return true;
}

bool docker_config_merge(struct buffer *out, const char *bytes, size_t length,
                         enum docker_config_form form,
                         const struct registry_credential *credentials, size_t count,
                         struct error *err)
{
    struct pieces pieces = {NULL, 0, 0};
    struct gojson root;
    bool good = take_apart(&pieces, bytes, length, form, &root, err);
    size_t existing = pieces.count;
    for (size_t i = 0; good && i < count; i++) {
        drop(&pieces, existing, credentials[i].server);
        pieces_add(&pieces, xstrdup(credentials[i].server))->credential = &credentials[i];
    }
    good = good && finish(out, &pieces, root, form, err);
    pieces_free(&pieces);
    return good;
}
