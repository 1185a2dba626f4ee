#ifndef JINJA_VALUE_H
#define JINJA_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "doc/yaml.h"

/*
 * The values that templates compute with: Python's, as far as Ansible's templates can tell. A value
 * is small and copied freely; what it points to lives in an arena and goes with it, all at once.
 * Lists and dicts are shared by reference, as in Python.
 */
struct jinja_arena;

/* limit: bytes; what goes beyond is still given, but jinja_arena_exhausted() says so. */
struct jinja_arena *jinja_arena_new(size_t limit);
void jinja_arena_free(struct jinja_arena *arena);
/* Zeroed memory, aligned for anything. */
void *jinja_arena_alloc(struct jinja_arena *arena, size_t size);
bool jinja_arena_exhausted(const struct jinja_arena *arena);
char *jinja_arena_copy(struct jinja_arena *arena, const char *text, size_t length);

enum jinja_type {
    JINJA_UNDEFINED,
    JINJA_NONE,
    JINJA_BOOL,
    JINJA_INT,
    JINJA_FLOAT,
    JINJA_STRING,
    JINJA_LIST,
    JINJA_TUPLE,
    JINJA_DICT,
    JINJA_DATE,
    /* The rest is made by templates only. */
    JINJA_MACRO,
    JINJA_FUNCTION,
    JINJA_NAMESPACE,
    JINJA_LOOP,
    JINJA_MODULE,
};

struct jinja_string {
    size_t length;     /* bytes */
    size_t characters; /* code points */
    uint32_t hash;
    bool native; /* came from a filter whose text is never read back as a literal */
    bool unsafe; /* came from outside; never a template itself */
    char bytes[];
};

struct jinja_list;
struct jinja_dict;

struct jinja_undefined {
    const char *name; /* NULL if it is not known */
    const char *hint; /* the whole message, or NULL for "'name' is undefined" */
    bool vault;       /* defined, but encrypted */
    bool lenient;     /* from `a if b` without else: prints nothing, is empty */
};

struct jinja_date {
    int year, month, day;
    bool timed; /* datetime, not date */
    int hour, minute, second, microsecond;
    bool zoned;
    int offset; /* seconds east of UTC */
};

struct jinja_value {
    enum jinja_type type;
    union {
        bool boolean;
        int64_t integer;
        double number;
        const struct jinja_string *string;
        struct jinja_list *list; /* lists and tuples */
        struct jinja_dict *dict;
        const struct jinja_undefined *undefined;
        const struct jinja_date *date;
        void *object;
    } as;
};

struct jinja_list {
    struct jinja_value *items;
    size_t count;
    size_t capacity;
    const char *view; /* NULL, or the Python type that it stands for: "dict_keys", "range"... */
};

struct jinja_entry {
    struct jinja_value key;
    struct jinja_value value;
    uint32_t hash;
};

struct jinja_dict {
    struct jinja_entry *entries; /* in order of insertion */
    size_t count;
    size_t capacity;
    uint32_t *table; /* 1 + index of an entry; NULL while the dict is small */
    size_t table_size;
    /* For dicts whose values are made when asked for (hostvars): gives a final value, false if
     * there is none. The entries then hold keys only. NULL otherwise. */
    bool (*access)(void *context, const char *key, struct jinja_value *out);
    void *context;
};

struct jinja_value jinja_none(void);
struct jinja_value jinja_bool(bool value);
struct jinja_value jinja_int(int64_t value);
struct jinja_value jinja_float(double value);
/* Copies. The bytes should be UTF-8. */
struct jinja_value jinja_string(struct jinja_arena *arena, const char *bytes, size_t length);
struct jinja_value jinja_text(struct jinja_arena *arena, const char *text);
struct jinja_value jinja_list(struct jinja_arena *arena, size_t capacity);
struct jinja_value jinja_tuple(struct jinja_arena *arena, size_t capacity);
struct jinja_value jinja_dict(struct jinja_arena *arena);
/* hint may be NULL; both are copied. */
struct jinja_value jinja_undefined(struct jinja_arena *arena, const char *name, const char *hint);

/* One that prints nothing, is empty and false, so that a look for more undefined names goes on. */
struct jinja_value jinja_undefined_lenient(struct jinja_arena *arena, const char *name);

void jinja_list_append(struct jinja_arena *arena, struct jinja_list *list, struct jinja_value item);
/* False if the key cannot be one (a list, a dict). */
bool jinja_dict_set(struct jinja_arena *arena, struct jinja_dict *dict, struct jinja_value key,
                    struct jinja_value value);
void jinja_dict_set_text(struct jinja_arena *arena, struct jinja_dict *dict, const char *key,
                         struct jinja_value value);
/* NULL if absent; valid until the dict is changed. */
struct jinja_value *jinja_dict_get(const struct jinja_dict *dict, struct jinja_value key);
struct jinja_value *jinja_dict_get_text(const struct jinja_dict *dict, const char *key);
bool jinja_dict_remove(struct jinja_arena *arena, struct jinja_dict *dict, struct jinja_value key);
bool jinja_hashable(struct jinja_value value);

/* Python's ==: 1 == 1.0 == True; lists element by element. */
bool jinja_equal(struct jinja_value a, struct jinja_value b);
/* Python's `is`. */
bool jinja_same(struct jinja_value a, struct jinja_value b);
/* Python's <: -1, 0, 1 in *order; false if the two cannot be ordered. */
bool jinja_compare(struct jinja_value a, struct jinja_value b, int *order);
/* Python's truth value; undefined counts as false. */
bool jinja_true(struct jinja_value value);
bool jinja_is_text(struct jinja_value value, const char *text);
bool jinja_is_number(struct jinja_value value); /* int, float or bool */
double jinja_number(struct jinja_value value);
/* Copies lists and dicts all the way down. */
struct jinja_value jinja_deep_copy(struct jinja_arena *arena, struct jinja_value value);

/* Python's type name: "str", "NoneType"... */
const char *jinja_type_name(struct jinja_value value);
/* Python's str() and repr(). False when out's limit is passed. */
bool jinja_write_str(struct buffer *out, struct jinja_value value);
bool jinja_write_repr(struct buffer *out, struct jinja_value value);
bool jinja_write_float(struct buffer *out, double value);

/* Reads a Python literal as ast.literal_eval() does, JSON's true, false and null included. False if
 * text is not one. *huge is set if it is one that this program cannot hold (a big integer, a set).
 */
bool jinja_read_literal(struct jinja_arena *arena, const char *text, size_t length,
                        struct jinja_value *out, bool *huge);
/* The same without JSON's names, as values in INI inventories are read. */
bool jinja_read_python_literal(struct jinja_arena *arena, const char *text, size_t length,
                               struct jinja_value *out, bool *huge);

/* A YAML node as Ansible's loader gives it. !unsafe marks strings, !vault gives a value whose use
 * is an error that names it. source is for messages. Errors: ERROR_CONFIG. */
bool jinja_from_yaml(struct jinja_arena *arena, const struct doc_node *node, const char *source,
                     struct jinja_value *out, struct error *err);

#endif
