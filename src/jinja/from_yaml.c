/* YAML nodes become values. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jinja/value.h"

enum { MAX_DEPTH = 120 };

static struct jinja_value make_date(struct jinja_arena *arena, const char *text)
{
    struct jinja_date date = {0};
    int read = 0;
    char mark;
    sscanf(text, "%d-%d-%d%n", &date.year, &date.month, &date.day, &read);
    const char *rest = text + read;
    if (*rest != '\0' && sscanf(rest, "%c%n", &mark, &read) == 1) {
        rest += strspn(rest, "Tt \t");
        date.timed = true;
        if (sscanf(rest, "%d:%d:%d%n", &date.hour, &date.minute, &date.second, &read) == 3) {
            rest += read;
        }
        if (*rest == '.') {
            int scale = 100000;
            for (rest++; *rest >= '0' && *rest <= '9'; rest++) {
                date.microsecond += (*rest - '0') * scale;
                scale /= 10;
            }
        }
        rest += strspn(rest, " \t");
        if (*rest == 'Z') {
            date.zoned = true;
        } else if (*rest == '+' || *rest == '-') {
            int hours = 0;
            int minutes = 0;
            sscanf(rest + 1, "%d:%d", &hours, &minutes);
            date.zoned = true;
            date.offset = (hours * 60 + minutes) * 60 * (*rest == '-' ? -1 : 1);
        }
    }
    struct jinja_date *copy = jinja_arena_alloc(arena, sizeof(*copy));
    *copy = date;
    return (struct jinja_value){.type = JINJA_DATE, .as.date = copy};
}

static bool make_tagged(struct jinja_arena *arena, const struct doc_node *node, const char *source,
                        struct jinja_value *out, struct error *err)
{
    if (strcmp(node->tag, "!unsafe") == 0) {
        *out = jinja_string(arena, node->text, node->length);
        ((struct jinja_string *)(uintptr_t)out->as.string)->unsafe = true;
        return true;
    }
    if (strcmp(node->tag, "!vault") == 0 || strcmp(node->tag, "!vault-encrypted") == 0) {
        char hint[600];
        snprintf(hint, sizeof(hint),
                 "the value at %s:%d is encrypted with Ansible Vault, which is not decrypted here; "
                 "give it with -e",
                 source, node->line);
        *out = jinja_undefined(arena, NULL, hint);
        ((struct jinja_undefined *)(uintptr_t)out->as.undefined)->vault = true;
        return true;
    }
    return error_set(err, ERROR_CONFIG, "%s:%d:%d: the tag %s is not one that Ansible knows",
                     source, node->line, node->column, node->tag);
}

static bool convert(struct jinja_arena *arena, const struct doc_node *node, const char *source,
                    struct jinja_value *out, struct error *err, int depth);

static bool make_map(struct jinja_arena *arena, const struct doc_node *node, const char *source,
                     struct jinja_value *out, struct error *err, int depth)
{
    *out = jinja_dict(arena);
    for (size_t i = 0; i < node->count; i++) {
        struct jinja_value key;
        struct jinja_value value;
        if (!convert(arena, node->keys[i], source, &key, err, depth + 1) ||
            !convert(arena, node->items[i], source, &value, err, depth + 1)) {
            return false;
        }
        if (!jinja_dict_set(arena, out->as.dict, key, value)) {
            return error_set(err, ERROR_CONFIG,
                             "%s:%d:%d: a key cannot be a list or a map; if this is a template, "
                             "quote it",
                             source, node->keys[i]->line, node->keys[i]->column);
        }
    }
    return true;
}

static bool convert(struct jinja_arena *arena, const struct doc_node *node, const char *source,
                    struct jinja_value *out, struct error *err, int depth)
{
    long long integer;
    if (depth > MAX_DEPTH) {
        return error_set(err, ERROR_CONFIG, "%s:%d: nested too deeply", source, node->line);
    }
    switch (node->type) {
    case DOC_NULL:
        *out = jinja_none();
        return true;
    case DOC_BOOL:
        *out = jinja_bool(doc_is_true(node));
        return true;
    case DOC_INT:
        if (!doc_integer(node, &integer)) {
            return error_set(err, ERROR_CONFIG, "%s:%d:%d: the integer %s is too large; quote it",
                             source, node->line, node->column, node->text);
        }
        *out = jinja_int(integer);
        return true;
    case DOC_FLOAT:
        *out = jinja_float(doc_number(node));
        return true;
    case DOC_STRING:
        *out = jinja_string(arena, node->text, node->length);
        return true;
    case DOC_DATE:
        *out = make_date(arena, node->text);
        return true;
    case DOC_TAGGED:
        return make_tagged(arena, node, source, out, err);
    case DOC_LIST:
        *out = jinja_list(arena, node->count);
        for (size_t i = 0; i < node->count; i++) {
            struct jinja_value item;
            if (!convert(arena, node->items[i], source, &item, err, depth + 1)) {
                return false;
            }
            jinja_list_append(arena, out->as.list, item);
        }
        return true;
    case DOC_MAP:
        return make_map(arena, node, source, out, err, depth);
    }
    return error_set(err, ERROR_INTERNAL, "%s:%d: a YAML node of no known type", source,
                     node->line);
}

bool jinja_from_yaml(struct jinja_arena *arena, const struct doc_node *node, const char *source,
                     struct jinja_value *out, struct error *err)
{
    return convert(arena, node, source, out, err, 0);
}
