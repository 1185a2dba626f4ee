/* Attributes, items, slices, iteration. */
#include <stdio.h>
#include <string.h>

#include "run.h"

static const char *object_name(struct jinja_value value, char *out, size_t size)
{
    if (value.type == JINJA_NONE) {
        return "None";
    }
    snprintf(out, size, "%s object", jinja_type_name(value));
    return out;
}

static void missing_attribute(struct run *run, struct jinja_value object, const char *name,
                              struct jinja_value *out)
{
    char type[60];
    char hint[400];
    snprintf(hint, sizeof(hint), "'%s' has no attribute '%s'",
             object_name(object, type, sizeof(type)), name);
    *out = jinja_undefined(run->arena, name, hint);
}

static void missing_item(struct run *run, struct jinja_value object, struct jinja_value key,
                         struct jinja_value *out)
{
    char type[60];
    struct buffer hint;
    buffer_init(&hint, 400);
    buffer_printf(&hint, "%s has no element ", object_name(object, type, sizeof(type)));
    jinja_write_repr(&hint, key);
    *out = jinja_undefined(run->arena, NULL, hint.data);
    buffer_free(&hint);
}

static bool date_attribute(const struct jinja_date *date, const char *name, struct jinja_value *out)
{
    const struct {
        const char *name;
        int value;
        bool timed;
    } fields[] = {
        {"year", date->year, false},
        {"month", date->month, false},
        {"day", date->day, false},
        {"hour", date->hour, true},
        {"minute", date->minute, true},
        {"second", date->second, true},
        {"microsecond", date->microsecond, true},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (strcmp(name, fields[i].name) == 0 && (date->timed || !fields[i].timed)) {
            *out = jinja_int(fields[i].value);
            return true;
        }
    }
    return false;
}

/* Python's getattr(). Sets *found. */
static bool own_attribute(struct run *run, struct jinja_value object, const char *name, bool *found,
                          struct jinja_value *out)
{
    *found = true;
    switch (object.type) {
    case JINJA_LOOP:
        return loop_attribute(run, object.as.object, name, out);
    case JINJA_NAMESPACE:
    case JINJA_MODULE: {
        const struct jinja_value *value = jinja_dict_get_text(object.as.dict, name);
        *found = value != NULL;
        if (*found) {
            *out = *value;
        }
        return true;
    }
    case JINJA_MACRO:
        *found = strcmp(name, "name") == 0;
        if (*found) {
            *out = new_text(run, ((const struct macro *)object.as.object)->node->name);
        }
        return true;
    case JINJA_DATE:
        *found = date_attribute(object.as.date, name, out) || method_of(run, object, name, out);
        return true;
    default:
        *found = method_of(run, object, name, out);
        return true;
    }
}

static bool list_index(const struct jinja_list *list, struct jinja_value key,
                       struct jinja_value *out)
{
    if (key.type != JINJA_INT && key.type != JINJA_BOOL) {
        return false;
    }
    int64_t index = key.type == JINJA_INT ? key.as.integer : key.as.boolean;
    if (index < 0) {
        index += (int64_t)list->count;
    }
    if (index < 0 || index >= (int64_t)list->count) {
        return false;
    }
    *out = list->items[index];
    return true;
}

static bool string_index(struct run *run, const struct jinja_string *string, struct jinja_value key,
                         struct jinja_value *out)
{
    if (key.type != JINJA_INT) {
        return false;
    }
    int64_t index =
        key.as.integer < 0 ? key.as.integer + (int64_t)string->characters : key.as.integer;
    if (index < 0 || index >= (int64_t)string->characters) {
        return false;
    }
    size_t start = character_offset(string, (size_t)index);
    size_t end = character_offset(string, (size_t)index + 1);
    *out = new_string(run, string->bytes + start, end - start);
    return true;
}

/* A dict's value; false if it has none. */
static bool dict_value(const struct jinja_dict *dict, struct jinja_value key,
                       struct jinja_value *out)
{
    if (dict->access != NULL) {
        return key.type == JINJA_STRING && dict->access(dict->context, key.as.string->bytes, out);
    }
    const struct jinja_value *value = jinja_dict_get(dict, key);
    if (value != NULL) {
        *out = *value;
    }
    return value != NULL;
}

/* Python's object[key]; false if it has none. */
static bool own_item(struct run *run, struct jinja_value object, struct jinja_value key,
                     struct jinja_value *out)
{
    switch (object.type) {
    case JINJA_DICT:
        return dict_value(object.as.dict, key, out);
    case JINJA_LIST:
        if (object.as.list->view != NULL && strcmp(object.as.list->view, "range") != 0) {
            return false;
        }
        return list_index(object.as.list, key, out);
    case JINJA_TUPLE:
        return list_index(object.as.list, key, out);
    case JINJA_STRING:
        return string_index(run, object.as.string, key, out);
    default:
        return false;
    }
}

bool get_attribute(struct run *run, struct jinja_value object, const char *name,
                   struct jinja_value *out)
{
    if (object.type == JINJA_UNDEFINED) {
        *out = object;
        return true;
    }
    bool found;
    if (!own_attribute(run, object, name, &found, out)) {
        return false;
    }
    if (!found && object.type == JINJA_DICT) {
        found = dict_value(object.as.dict, new_text(run, name), out);
    }
    if (!found) {
        missing_attribute(run, object, name, out);
    }
    return true;
}

bool get_item(struct run *run, struct jinja_value object, struct jinja_value key,
              struct jinja_value *out)
{
    if (object.type == JINJA_UNDEFINED) {
        *out = object;
        return true;
    }
    if (key.type == JINJA_UNDEFINED) {
        return run_fail_undefined(run, key);
    }
    if (own_item(run, object, key, out)) {
        return true;
    }
    if (key.type == JINJA_STRING) {
        bool found;
        if (!own_attribute(run, object, key.as.string->bytes, &found, out)) {
            return false;
        }
        if (!found) {
            missing_attribute(run, object, key.as.string->bytes, out);
        }
        return true;
    }
    missing_item(run, object, key, out);
    return true;
}

bool get_path(struct run *run, struct jinja_value object, struct jinja_value path,
              struct jinja_value *out)
{
    *out = object;
    if (path.type != JINJA_STRING) {
        return get_item(run, object, path, out);
    }
    const char *at = path.as.string->bytes;
    for (;;) {
        size_t length = strcspn(at, ".");
        struct jinja_value key = new_string(run, at, length);
        if (length > 0 && length < 18 && strspn(at, "0123456789") >= length) {
            int64_t index = 0;
            for (size_t i = 0; i < length; i++) {
                index = index * 10 + (at[i] - '0');
            }
            key = jinja_int(index);
        }
        if (!get_item(run, *out, key, out)) {
            return false;
        }
        if (at[length] == '\0') {
            return true;
        }
        at += length + 1;
    }
}

static bool slice_bound(struct run *run, struct jinja_value part, int64_t fallback, int64_t count,
                        int64_t low, int64_t high, int64_t *out)
{
    if (part.type == JINJA_NONE) {
        *out = fallback;
        return true;
    }
    if (part.type != JINJA_INT && part.type != JINJA_BOOL) {
        return run_fail_type(run, "a slice needs integers", part);
    }
    int64_t bound = part.type == JINJA_INT ? part.as.integer : part.as.boolean;
    if (bound < 0) {
        bound += count;
    }
    *out = bound < low ? low : bound > high ? high : bound;
    return true;
}

bool get_slice(struct run *run, struct jinja_value object, const struct jinja_value parts[3],
               struct jinja_value *out)
{
    if (object.type == JINJA_UNDEFINED) {
        *out = object;
        return true;
    }
    bool text = object.type == JINJA_STRING;
    if (!text && object.type != JINJA_LIST && object.type != JINJA_TUPLE) {
        missing_attribute(run, object, "slice", out);
        return true;
    }
    int64_t count = text ? (int64_t)object.as.string->characters : (int64_t)object.as.list->count;
    int64_t step = 1;
    if (!slice_bound(run, parts[2], 1, 0, INT64_MIN, INT64_MAX, &step)) {
        return false;
    }
    if (step == 0) {
        return run_fail(run, "a slice's step cannot be 0");
    }
    int64_t start = 0;
    int64_t stop = 0;
    int64_t low = step < 0 ? -1 : 0;
    int64_t high = step < 0 ? count - 1 : count;
    if (!slice_bound(run, parts[0], step < 0 ? high : low, count, low, high, &start) ||
        !slice_bound(run, parts[1], step < 0 ? low : high, count, low, high, &stop)) {
        return false;
    }
    struct buffer bytes;
    text_buffer(run, &bytes);
    struct jinja_value list = jinja_list(run->arena, 0);
    list.type = object.type == JINJA_TUPLE ? JINJA_TUPLE : JINJA_LIST;
    for (int64_t i = start; step > 0 ? i < stop : i > stop; i += step) {
        if (text) {
            size_t from = character_offset(object.as.string, (size_t)i);
            size_t to = step == 1 ? character_offset(object.as.string, (size_t)stop)
                                  : character_offset(object.as.string, (size_t)i + 1);
            buffer_append(&bytes, object.as.string->bytes + from, to - from);
            if (step == 1) {
                break;
            }
        } else {
            jinja_list_append(run->arena, list.as.list, object.as.list->items[i]);
        }
        if (step > 0 ? i > INT64_MAX - step : i < INT64_MIN - step) {
            break;
        }
    }
    if (text) {
        return finish_text(run, &bytes, out);
    }
    buffer_free(&bytes);
    *out = list;
    return true;
}

bool iterate(struct run *run, struct jinja_value value, struct jinja_list **out)
{
    switch (value.type) {
    case JINJA_LIST:
    case JINJA_TUPLE:
        *out = value.as.list;
        return true;
    case JINJA_DICT:
        *out = jinja_list(run->arena, value.as.dict->count).as.list;
        for (size_t i = 0; i < value.as.dict->count; i++) {
            jinja_list_append(run->arena, *out, value.as.dict->entries[i].key);
        }
        return true;
    case JINJA_STRING: {
        const struct jinja_string *string = value.as.string;
        *out = jinja_list(run->arena, string->characters).as.list;
        size_t start = 0;
        while (start < string->length) {
            size_t end = start + 1;
            while (end < string->length && ((unsigned char)string->bytes[end] & 0xC0) == 0x80) {
                end++;
            }
            jinja_list_append(run->arena, *out,
                              new_string(run, string->bytes + start, end - start));
            start = end;
        }
        return run_step(run);
    }
    default:
        if (is_lenient(value)) {
            *out = jinja_list(run->arena, 0).as.list;
            return true;
        }
        return run_fail_type(run, "something that can be iterated is needed", value);
    }
}

bool length_of(struct run *run, struct jinja_value value, size_t *out)
{
    switch (value.type) {
    case JINJA_STRING:
        *out = value.as.string->characters;
        return true;
    case JINJA_LIST:
    case JINJA_TUPLE:
        *out = value.as.list->count;
        return true;
    case JINJA_DICT:
        *out = value.as.dict->count;
        return true;
    case JINJA_LOOP:
        *out = ((const struct loop *)value.as.object)->items->count;
        return true;
    default:
        if (is_lenient(value)) {
            *out = 0;
            return true;
        }
        return run_fail_type(run, "something that has a length is needed", value);
    }
}

size_t character_offset(const struct jinja_string *string, size_t index)
{
    if (string->characters == string->length) {
        return index < string->length ? index : string->length;
    }
    size_t at = 0;
    while (index > 0 && at < string->length) {
        at++;
        while (at < string->length && ((unsigned char)string->bytes[at] & 0xC0) == 0x80) {
            at++;
        }
        index--;
    }
    return at;
}
