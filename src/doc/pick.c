#include "doc/pick.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/scan.h"
#include "number.h"
#include "pick_text.h"

enum { DEPTH_LIMIT = 512 };

/* A member that a path names. */
struct want {
    struct want *next;
    struct want *members;
    char *name;
    size_t length;
    bool whole;   /* with all that is in it */
    bool present; /* only that it is there */
    bool left_out;
};

struct json_pick {
    struct want root;
    struct arena arena;
};

/* --- What is wanted -----------------------------------------------------------------------------
 */

struct json_pick *json_pick_new(bool secret)
{
    struct json_pick *pick = xcalloc(1, sizeof(*pick));
    pick->arena.secret = secret;
    return pick;
}

static void wants_free(struct want *want)
{
    while (want != NULL) {
        struct want *gone = want;
        want = want->next;
        wants_free(gone->members);
        free(gone->name);
        free(gone);
    }
}

void json_pick_free(struct json_pick *pick)
{
    if (pick != NULL) {
        wants_free(pick->root.members);
        arena_free(&pick->arena);
        free(pick);
    }
}

void json_pick_forget(struct json_pick *pick)
{
    arena_reset(&pick->arena);
}

static struct want *find_want(const struct want *want, const char *name, size_t length)
{
    for (struct want *at = want->members; at != NULL; at = at->next) {
        if (at->length == length && memcmp(at->name, name, length) == 0) {
            return at;
        }
    }
    return NULL;
}

static struct want *need_want(struct want *want, const char *name, size_t length)
{
    struct want *found = find_want(want, name, length);
    if (found == NULL) {
        found = xcalloc(1, sizeof(*found));
        found->name = xcalloc(1, length + 1);
        memcpy(found->name, name, length);
        found->length = length;
        struct want **link = &want->members;
        while (*link != NULL) {
            link = &(*link)->next;
        }
        *link = found;
    }
    return found;
}

void json_pick_want(struct json_pick *pick, const char *under, const char *path)
{
    const char *const parts[] = {under, path};
    struct want *want = &pick->root;
    bool left_out = false;
    bool present = false;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        for (const char *word = parts[i]; *word != '\0';) {
            size_t length = strcspn(word, " ");
            if (length == 1 && *word == '-') {
                left_out = true;
            } else if (length == 1 && *word == '?') {
                present = true;
            } else if (length > 0) {
                want = need_want(want, word, length);
            }
            word += length + (word[length] == ' ');
        }
    }
    want->left_out = want->left_out || left_out;
    want->present = want->present || present;
    want->whole = want->whole || (!left_out && !present);
}

/* --- Values that nobody wants -------------------------------------------------------------------
 */

static bool skip_value(struct pick_reader *reader)
{
    struct pick_raw ignored;
    char c = pick_next_byte(reader);
    if (c == '"') {
        return pick_read_raw(reader, &ignored);
    }
    if (c == '{' || c == '[') {
        if (reader->depth >= DEPTH_LIMIT) {
            return pick_fail(reader, "JSON nested more than 512 levels deep");
        }
        size_t at = 1;
        struct json_scan scan = {.depth = 1};
        enum json_scan_end end =
            json_scan_close(&scan, reader->at, &at, (size_t)(reader->end - reader->at),
                            DEPTH_LIMIT - reader->depth);
        reader->at += at;
        return end == JSON_SCAN_CLOSED ||
               pick_fail(reader, end == JSON_SCAN_MORE ? "the JSON text is cut off"
                                                       : "JSON nested more than 512 levels deep");
    }
    const char *from = reader->at;
    while (reader->at < reader->end && !pick_ends_word(*reader->at)) {
        reader->at++;
    }
    return reader->at > from || pick_fail(reader, "not valid JSON");
}

/* --- Values that are ----------------------------------------------------------------------------
 */

static cJSON *read_value(struct pick_reader *reader, const struct want *want, bool whole);

static cJSON *new_node(struct pick_reader *reader, int type)
{
    cJSON *node = arena_take(reader->arena, sizeof(*node));
    *node = (cJSON){.type = type};
    return node;
}

static void append(cJSON *parent, cJSON *node)
{
    if (parent->child == NULL) {
        parent->child = node;
    } else {
        parent->child->prev->next = node;
        node->prev = parent->child->prev;
    }
    parent->child->prev = node; /* as cJSON has it: the first knows the last */
}

/* The member's name: its want, if it has one, and whether its value is to be read at all. */
static bool choose(struct pick_reader *reader, const struct want *want, bool whole,
                   const struct want **member, char **name)
{
    struct pick_raw raw;
    *name = NULL;
    if (!pick_read_raw(reader, &raw) ||
        (raw.escapes && (*name = pick_keep_raw(reader, &raw)) == NULL)) {
        return false;
    }
    *member = find_want(want, *name == NULL ? raw.text : *name,
                        *name == NULL ? raw.length : strlen(*name));
    if (*member != NULL) {
        *name = (*member)->name;
    } else if (whole && *name == NULL) {
        *name = pick_keep_raw(reader, &raw);
    }
    return true;
}

static bool read_member(struct pick_reader *reader, const struct want *want, bool whole,
                        cJSON *object)
{
    static const struct want nothing_special;
    const struct want *member;
    char *name;
    if (pick_next_byte(reader) != '"' || !choose(reader, want, whole, &member, &name) ||
        pick_next_byte(reader) != ':') {
        return pick_fail(reader, "not valid JSON");
    }
    reader->at++;
    if (member == NULL ? !whole : member->left_out) {
        return skip_value(reader);
    }
    cJSON *value = member == NULL ? read_value(reader, &nothing_special, true)
                                  : read_value(reader, member, whole || member->whole);
    if (value == NULL) {
        return false;
    }
    value->string = name;
    append(object, value);
    return true;
}

static bool read_element(struct pick_reader *reader, const struct want *want, bool whole,
                         cJSON *list)
{
    cJSON *value = read_value(reader, want, whole);
    if (value == NULL) {
        return false;
    }
    append(list, value);
    return true;
}

static cJSON *read_container(struct pick_reader *reader, const struct want *want, bool whole)
{
    bool object = *reader->at == '{';
    char close = object ? '}' : ']';
    cJSON *node = new_node(reader, object ? cJSON_Object : cJSON_Array);
    if (++reader->depth > DEPTH_LIMIT) {
        pick_fail(reader, "JSON nested more than 512 levels deep");
        return NULL;
    }
    reader->at++;
    bool more = pick_next_byte(reader) != close;
    while (more) {
        if (!(object ? read_member(reader, want, whole, node)
                     : read_element(reader, want, whole, node))) {
            return NULL;
        }
        char c = pick_next_byte(reader);
        more = c == ',';
        if (!more && c != close) {
            pick_fail(reader, c == '\0' ? "the JSON text is cut off" : "not valid JSON");
            return NULL;
        }
        reader->at += more;
    }
    reader->at++;
    reader->depth--;
    return node;
}

static cJSON *read_string(struct pick_reader *reader, bool present)
{
    struct pick_raw raw;
    cJSON *node = new_node(reader, cJSON_String);
    if (!pick_read_raw(reader, &raw)) {
        return NULL;
    }
    if (present) {
        raw = (struct pick_raw){.text = ""};
    }
    node->valuestring = pick_keep_raw(reader, &raw);
    return node->valuestring == NULL ? NULL : node;
}

static cJSON *read_number(struct pick_reader *reader)
{
    enum { SAFE_DIGITS = 15 };
    const char *end = pick_end_of_number(reader->at, reader->end);
    cJSON *node = new_node(reader, cJSON_Number);
    if (end == NULL || (end < reader->end && !pick_ends_word(*end))) {
        pick_fail(reader, "not valid JSON");
        return NULL;
    }
    const char *at = reader->at + (*reader->at == '-');
    if (end - at <= SAFE_DIGITS && memchr(at, '.', (size_t)(end - at)) == NULL &&
        memchr(at, 'e', (size_t)(end - at)) == NULL &&
        memchr(at, 'E', (size_t)(end - at)) == NULL) {
        int64_t value = 0;
        for (; at < end; at++) {
            value = value * 10 + (*at - '0');
        }
        node->valuedouble = *reader->at == '-' ? -(double)value : (double)value;
    } else if (!number_read(reader->at, (size_t)(end - reader->at), &node->valuedouble)) {
        pick_fail(reader, "not valid JSON");
        return NULL;
    }
    node->valueint = node->valuedouble >= INT_MAX   ? INT_MAX
                     : node->valuedouble <= INT_MIN ? INT_MIN
                                                    : (int)node->valuedouble;
    reader->at = end;
    return node;
}

static cJSON *read_word(struct pick_reader *reader)
{
    static const struct {
        const char *text;
        int type;
    } words[] = {{"true", cJSON_True}, {"false", cJSON_False}, {"null", cJSON_NULL}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t length = strlen(words[i].text);
        size_t left = (size_t)(reader->end - reader->at);
        if (left >= length && memcmp(reader->at, words[i].text, length) == 0 &&
            (left == length || pick_ends_word(reader->at[length]))) {
            reader->at += length;
            cJSON *node = new_node(reader, words[i].type);
            node->valueint = words[i].type == cJSON_True; /* as cJSON has it */
            return node;
        }
    }
    pick_fail(reader, "not valid JSON");
    return NULL;
}

/* In presence of a "?" a container comes empty. */
static cJSON *read_value(struct pick_reader *reader, const struct want *want, bool whole)
{
    char c = pick_next_byte(reader);
    bool present = want->present && !whole;
    if (reader->at == reader->end) {
        pick_fail(reader, "the JSON text is cut off");
        return NULL;
    }
    if (c == '{' || c == '[') {
        if (present && want->members == NULL) {
            cJSON *node = new_node(reader, c == '{' ? cJSON_Object : cJSON_Array);
            return skip_value(reader) ? node : NULL;
        }
        return read_container(reader, want, whole);
    }
    return c == '"'                             ? read_string(reader, present)
           : c == '-' || (c >= '0' && c <= '9') ? read_number(reader)
                                                : read_word(reader);
}

const cJSON *json_pick_read(struct json_pick *pick, const char *text, size_t length,
                            const char *source, struct error *err)
{
    struct pick_reader reader = {.arena = &pick->arena, .at = text, .end = text + length};
    arena_reset(&pick->arena);
    const cJSON *tree = read_value(&reader, &pick->root, pick->root.whole);
    if (tree != NULL) {
        pick_skip_blanks(&reader);
        if (reader.at == reader.end) {
            return tree;
        }
        pick_fail(&reader, "something follows the JSON value");
    }
    error_set(err, ERROR_PROTOCOL, "%s, byte %zu: %s", source, (size_t)(reader.at - text) + 1,
              reader.wrong);
    arena_reset(&pick->arena);
    return NULL;
}
