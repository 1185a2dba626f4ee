#include "doc/mask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "doc/digest.h"
#include "doc/json.h"

enum { SHOWN_DIGITS = 8, MAX_TEXT = 16 * 1024 * 1024 };

void mask_describe(struct buffer *out, const void *bytes, size_t length)
{
    char digest[129];
    if (digest_hex("sha256", bytes, length, digest) == 0) {
        buffer_printf(out, "<%zu bytes>", length); /* a libcrypto without SHA-256 */
        return;
    }
    buffer_printf(out, "<%zu bytes, sha256 %.*s\xE2\x80\xA6>", length, (int)SHOWN_DIGITS, digest);
    secret_wipe(digest, sizeof(digest));
}

/* A text that mask_describe() made: masking twice changes nothing. */
static bool is_description(const char *text)
{
    static const char middle[] = " bytes, sha256 ";
    size_t digits = strspn(text + (*text == '<'), "0123456789");
    if (*text != '<' || digits == 0) {
        return false;
    }
    text += 1 + digits;
    if (!text_starts_with(text, middle)) {
        return false;
    }
    text += strlen(middle);
    return strspn(text, "0123456789abcdef") == SHOWN_DIGITS &&
           strcmp(text + SHOWN_DIGITS, "\xE2\x80\xA6>") == 0;
}

/* Turns node, whatever it is, into a text, and wipes what it was. Takes the text over. */
static void become_text(cJSON *node, char *text)
{
    bool owned = (node->type & cJSON_IsReference) == 0;
    if (owned && node->valuestring != NULL) {
        secret_free_string(node->valuestring);
    }
    if (owned) {
        json_delete_secret(node->child);
    }
    node->child = NULL;
    node->type = cJSON_String | (node->type & cJSON_StringIsConst);
    node->valuestring = text;
}

static void become_description(cJSON *node, const void *bytes, size_t length)
{
    struct buffer text;
    buffer_init(&text, 200);
    mask_describe(&text, bytes, length);
    become_text(node, buffer_take(&text));
}

/* Numbers, lists and so on where a Secret has no place for them are masked by their JSON. */
static void mask_odd_value(cJSON *node)
{
    struct buffer json;
    buffer_init_secret(&json, MAX_TEXT);
    json_write(&json, node);
    become_description(node, json.data, json.length);
    buffer_free(&json);
}

/* One value of data (encoded: what counts is the decoded bytes, so that the same value under
 * stringData looks the same) or stringData. null stays: in a patch it says "remove". */
static void mask_value(cJSON *node, bool encoded)
{
    if (cJSON_IsNull(node)) {
        return;
    }
    if (!cJSON_IsString(node)) {
        mask_odd_value(node);
        return;
    }
    if (is_description(node->valuestring)) {
        return;
    }
    size_t length = strlen(node->valuestring);
    struct buffer bytes;
    buffer_init_secret(&bytes, length);
    if (encoded && base64_decode(&bytes, node->valuestring, length, false)) {
        become_description(node, bytes.data, bytes.length);
    } else {
        become_description(node, node->valuestring, length);
    }
    buffer_free(&bytes);
}

static void mask_values(cJSON *values, bool encoded)
{
    if (!cJSON_IsObject(values)) {
        mask_value(values, encoded);
        return;
    }
    for (cJSON *value = values->child; value != NULL; value = value->next) {
        mask_value(value, encoded);
    }
}

/* Every member of that name, should one come twice. */
static bool has_kind(const cJSON *object, const char *kind)
{
    for (const cJSON *member = object->child; member != NULL; member = member->next) {
        if (strcmp(member->string, "kind") == 0 && cJSON_IsString(member) &&
            strcmp(member->valuestring, kind) == 0) {
            return true;
        }
    }
    return false;
}

static void mask_tree(cJSON *node, bool is_secret);

/* The manifest inside an annotation; false if the text is no JSON object or list. */
static bool mask_manifest(cJSON *annotation, bool is_secret)
{
    const char *text = annotation->valuestring;
    cJSON *manifest = json_parse(text, strlen(text), "annotation", NULL);
    if (!cJSON_IsObject(manifest) && !cJSON_IsArray(manifest)) {
        json_delete_secret(manifest);
        return false;
    }
    cJSON *before = cJSON_Duplicate(manifest, true);
    mask_tree(manifest, is_secret);
    if (!json_equal(before, manifest)) {
        struct buffer masked;
        buffer_init(&masked, MAX_TEXT);
        if (json_write(&masked, manifest)) {
            become_text(annotation, buffer_take(&masked));
        } else {
            become_description(annotation, text, strlen(text));
        }
        buffer_free(&masked);
    }
    json_delete_secret(before);
    json_delete_secret(manifest);
    return true;
}

/* By name: kubectl's last-applied-configuration and its likes of other tools, some of which pack
 * the manifest (Rancher's objectset.rio.cattle.io/applied). */
static bool carries_manifest(const char *name)
{
    return strstr(name, "last-applied") != NULL || text_ends_with(name, "/applied") ||
           text_ends_with(name, "/original");
}

/* What cannot be read cannot be masked in parts: a text that may be a Secret's manifest goes whole.
 */
static void mask_annotation(cJSON *annotation, bool of_secret)
{
    if (!cJSON_IsString(annotation)) {
        if (of_secret && !cJSON_IsNull(annotation)) {
            mask_odd_value(annotation);
        }
        return;
    }
    const char *text = annotation->valuestring;
    bool last_applied = carries_manifest(annotation->string);
    bool looks_like_manifest = strstr(text, "Secret") != NULL && strstr(text, "kind") != NULL;
    char first = text[strspn(text, " \t\r\n")];
    bool looks_like_json = first == '{' || first == '[' || first == '"';
    if (!last_applied && !looks_like_manifest && !(of_secret && looks_like_json)) {
        return;
    }
    if (is_description(text) || mask_manifest(annotation, of_secret && last_applied)) {
        return;
    }
    if (looks_like_manifest || (of_secret && (last_applied || looks_like_json))) {
        become_description(annotation, text, strlen(text));
    }
}

static void mask_metadata(cJSON *metadata, bool of_secret)
{
    if (!cJSON_IsObject(metadata)) {
        return;
    }
    for (cJSON *member = metadata->child; member != NULL; member = member->next) {
        if (strcmp(member->string, "annotations") != 0 || !cJSON_IsObject(member)) {
            continue;
        }
        for (cJSON *value = member->child; value != NULL; value = value->next) {
            mask_annotation(value, of_secret);
        }
    }
}

static void mask_object(cJSON *object, bool is_secret)
{
    is_secret = is_secret || has_kind(object, "Secret");
    bool is_list = has_kind(object, "SecretList");
    for (cJSON *member = object->child; member != NULL; member = member->next) {
        const char *name = member->string;
        if (is_secret && (strcmp(name, "data") == 0 || strcmp(name, "stringData") == 0)) {
            mask_values(member, strcmp(name, "data") == 0);
        } else {
            if (strcmp(name, "metadata") == 0) {
                mask_metadata(member, is_secret);
            }
            mask_tree(member, is_list && strcmp(name, "items") == 0);
        }
    }
}

/* Secrets may stand anywhere: in a list, in an object that carries manifests. is_secret: node (or
 * each element of it) is one although it does not say so. */
static void mask_tree(cJSON *node, bool is_secret)
{
    if (cJSON_IsObject(node)) {
        mask_object(node, is_secret);
    } else if (cJSON_IsArray(node)) {
        for (cJSON *item = node->child; item != NULL; item = item->next) {
            mask_tree(item, is_secret);
        }
    }
}

void mask_secrets(cJSON *object)
{
    mask_tree(object, false);
}
