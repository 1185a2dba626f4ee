/* Methods of lists, tuples, dicts, dates; the table of all. */
#include "methods.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

bool method_of(struct run *run, struct jinja_value object, const char *name,
               struct jinja_value *out)
{
    const struct method *methods = NULL;
    switch (object.type) {
    case JINJA_STRING:
        methods = string_methods;
        break;
    case JINJA_LIST:
        methods = object.as.list->view == NULL ? list_methods : NULL;
        break;
    case JINJA_TUPLE:
        methods = tuple_methods;
        if (object.as.list->view != NULL && object.as.list->count == 2 &&
            (strcmp(name, "grouper") == 0 || strcmp(name, "list") == 0)) {
            *out = object.as.list->items[name[0] == 'l'];
            return true;
        }
        break;
    case JINJA_DICT:
        methods = dict_methods;
        break;
    case JINJA_DATE:
        methods = date_methods;
        break;
    default:
        break;
    }
    for (; methods != NULL && methods->name != NULL; methods++) {
        if (strcmp(methods->name, name) == 0) {
            *out = make_function(run, methods->name, methods->call, object);
            return true;
        }
    }
    return false;
}

static bool normal_index(struct run *run, const struct jinja_list *list, struct jinja_value index,
                         int64_t fallback, size_t *out)
{
    int64_t at;
    if (!int_or(run, index, fallback, &at)) {
        return false;
    }
    at += at < 0 ? (int64_t)list->count : 0;
    if (at < 0 || at >= (int64_t)list->count) {
        return run_fail(run, "the list has no such index");
    }
    *out = (size_t)at;
    return true;
}

static void remove_at(struct jinja_list *list, size_t index)
{
    list->count--;
    memmove(list->items + index, list->items + index + 1,
            (list->count - index) * sizeof(*list->items));
}

static bool list_append(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    *out = jinja_none();
    if (!bind_arguments(run, call, "!object", args)) {
        return false;
    }
    jinja_list_append(run->arena, call->self.as.list, args[0]);
    return true;
}

static bool list_extend(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    struct jinja_list *more;
    *out = jinja_none();
    if (!bind_arguments(run, call, "!iterable", args) || !iterate(run, args[0], &more)) {
        return false;
    }
    size_t count = more->count;
    for (size_t i = 0; i < count; i++) {
        jinja_list_append(run->arena, call->self.as.list, more->items[i]);
    }
    return true;
}

static bool list_insert(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    struct jinja_list *list = call->self.as.list;
    int64_t at;
    *out = jinja_none();
    if (!bind_arguments(run, call, "!index !object", args) || !int_or(run, args[0], 0, &at)) {
        return false;
    }
    at += at < 0 ? (int64_t)list->count : 0;
    at = at < 0 ? 0 : at > (int64_t)list->count ? (int64_t)list->count : at;
    jinja_list_append(run->arena, list, args[1]);
    memmove(list->items + at + 1, list->items + at,
            (list->count - 1 - (size_t)at) * sizeof(*list->items));
    list->items[at] = args[1];
    return true;
}

static bool list_pop(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    size_t index = 0;
    if (!bind_arguments(run, call, "index", args) ||
        !normal_index(run, call->self.as.list, args[0], -1, &index)) {
        return false;
    }
    *out = call->self.as.list->items[index];
    remove_at(call->self.as.list, index);
    return true;
}

static bool find_value(struct run *run, const struct call *call, size_t *index)
{
    struct jinja_value args[1];
    if (!bind_arguments(run, call, "!value", args)) {
        return false;
    }
    for (size_t i = 0; i < call->self.as.list->count; i++) {
        if (jinja_equal(call->self.as.list->items[i], args[0])) {
            *index = i;
            return true;
        }
    }
    return run_fail(run, "the value is not in the list");
}

static bool list_remove(struct run *run, const struct call *call, struct jinja_value *out)
{
    size_t index = 0;
    *out = jinja_none();
    if (!find_value(run, call, &index)) {
        return false;
    }
    remove_at(call->self.as.list, index);
    return true;
}

static bool list_index(struct run *run, const struct call *call, struct jinja_value *out)
{
    size_t index = 0;
    if (!find_value(run, call, &index)) {
        return false;
    }
    *out = jinja_int((int64_t)index);
    return true;
}

static bool list_count(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    int64_t count = 0;
    if (!bind_arguments(run, call, "!value", args)) {
        return false;
    }
    for (size_t i = 0; i < call->self.as.list->count; i++) {
        count += jinja_equal(call->self.as.list->items[i], args[0]);
    }
    *out = jinja_int(count);
    return true;
}

static bool list_sort(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    bool reverse;
    struct jinja_list *list = call->self.as.list;
    *out = jinja_none();
    return bind_arguments(run, call, "reverse", args) && flag_or(run, args[0], false, &reverse) &&
           sort_items(run, list->items, list->items, list->count, reverse);
}

static bool list_reverse(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_list *list = call->self.as.list;
    *out = jinja_none();
    for (size_t i = 0; i < list->count / 2; i++) {
        struct jinja_value swap = list->items[i];
        list->items[i] = list->items[list->count - 1 - i];
        list->items[list->count - 1 - i] = swap;
    }
    return bind_arguments(run, call, "", NULL);
}

static bool list_clear(struct run *run, const struct call *call, struct jinja_value *out)
{
    *out = jinja_none();
    call->self.as.list->count = 0;
    return bind_arguments(run, call, "", NULL);
}

static bool list_copy(struct run *run, const struct call *call, struct jinja_value *out)
{
    *out = jinja_list(run->arena, call->self.as.list->count);
    for (size_t i = 0; i < call->self.as.list->count; i++) {
        jinja_list_append(run->arena, out->as.list, call->self.as.list->items[i]);
    }
    return bind_arguments(run, call, "", NULL);
}

const struct method list_methods[] = {
    {"append", list_append}, {"extend", list_extend}, {"insert", list_insert},
    {"pop", list_pop},       {"remove", list_remove}, {"index", list_index},
    {"count", list_count},   {"sort", list_sort},     {"reverse", list_reverse},
    {"clear", list_clear},   {"copy", list_copy},     {NULL, NULL},
};

const struct method tuple_methods[] = {{"index", list_index}, {"count", list_count}, {NULL, NULL}};

static bool dict_view(struct run *run, const struct call *call, const char *view,
                      struct jinja_value *out)
{
    const struct jinja_dict *dict = call->self.as.dict;
    if (!bind_arguments(run, call, "", NULL)) {
        return false;
    }
    *out = jinja_list(run->arena, dict->count);
    out->as.list->view = view;
    for (size_t i = 0; i < dict->count; i++) {
        struct jinja_value item = dict->entries[i].key;
        if (dict->access != NULL && strcmp(view, "dict_keys") != 0) {
            return run_fail(run, "this dict can only be asked for one key at a time");
        }
        if (strcmp(view, "dict_values") == 0) {
            item = dict->entries[i].value;
        } else if (strcmp(view, "dict_items") == 0) {
            item = jinja_tuple(run->arena, 2);
            jinja_list_append(run->arena, item.as.list, dict->entries[i].key);
            jinja_list_append(run->arena, item.as.list, dict->entries[i].value);
        }
        jinja_list_append(run->arena, out->as.list, item);
    }
    return true;
}

static bool dict_keys(struct run *run, const struct call *call, struct jinja_value *out)
{
    return dict_view(run, call, "dict_keys", out);
}

static bool dict_values(struct run *run, const struct call *call, struct jinja_value *out)
{
    return dict_view(run, call, "dict_values", out);
}

static bool dict_items(struct run *run, const struct call *call, struct jinja_value *out)
{
    return dict_view(run, call, "dict_items", out);
}

static bool key_of(struct run *run, const struct call *call, struct jinja_value key, bool *found,
                   struct jinja_value *out)
{
    const struct jinja_dict *dict = call->self.as.dict;
    if (key.type == JINJA_UNDEFINED) {
        return run_fail_undefined(run, key);
    }
    if (!jinja_hashable(key)) {
        return run_fail_type(run, "a key must be hashable", key);
    }
    if (dict->access != NULL) {
        *found = key.type == JINJA_STRING && dict->access(dict->context, key.as.string->bytes, out);
        return true;
    }
    const struct jinja_value *value = jinja_dict_get(dict, key);
    *found = value != NULL;
    if (*found) {
        *out = *value;
    }
    return true;
}

static bool missing_key(struct run *run, struct jinja_value key)
{
    return text_of(run, key, &key) &&
           run_fail(run, "the dict has no key '%s'", key.as.string->bytes);
}

static bool dict_get(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    bool found;
    if (!bind_arguments(run, call, "!key default", args) ||
        !key_of(run, call, args[0], &found, out)) {
        return false;
    }
    if (!found) {
        *out = absent(args[1]) ? jinja_none() : args[1];
    }
    return true;
}

static bool dict_getitem(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    bool found;
    return bind_arguments(run, call, "!key", args) && key_of(run, call, args[0], &found, out) &&
           (found || missing_key(run, args[0]));
}

static bool dict_pop(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    bool found;
    if (!bind_arguments(run, call, "!key default", args) ||
        !key_of(run, call, args[0], &found, out)) {
        return false;
    }
    if (found) {
        jinja_dict_remove(run->arena, call->self.as.dict, args[0]);
        return true;
    }
    *out = args[1];
    return !absent(args[1]) || missing_key(run, args[0]);
}

static bool dict_popitem(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_dict *dict = call->self.as.dict;
    if (!bind_arguments(run, call, "", NULL)) {
        return false;
    }
    if (dict->count == 0) {
        return run_fail(run, "the dict is empty");
    }
    const struct jinja_entry entry = dict->entries[dict->count - 1];
    *out = jinja_tuple(run->arena, 2);
    jinja_list_append(run->arena, out->as.list, entry.key);
    jinja_list_append(run->arena, out->as.list, entry.value);
    jinja_dict_remove(run->arena, dict, entry.key);
    return true;
}

static bool set_key(struct run *run, struct jinja_dict *dict, struct jinja_value key,
                    struct jinja_value value)
{
    return jinja_dict_set(run->arena, dict, key, value) ||
           run_fail_type(run, "a key must be hashable", key);
}

static bool dict_setitem(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    *out = jinja_none();
    return bind_arguments(run, call, "!key !value", args) &&
           set_key(run, call->self.as.dict, args[0], args[1]);
}

static bool dict_setdefault(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    bool found;
    if (!bind_arguments(run, call, "!key default", args) ||
        !key_of(run, call, args[0], &found, out)) {
        return false;
    }
    if (found) {
        return true;
    }
    *out = absent(args[1]) ? jinja_none() : args[1];
    return set_key(run, call->self.as.dict, args[0], *out);
}

static bool dict_update(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_dict *dict = call->self.as.dict;
    *out = jinja_none();
    if (call->count > 1) {
        return run_fail(run, "update takes not more than one argument");
    }
    if (call->count == 1 && call->items[0].type == JINJA_DICT) {
        const struct jinja_dict *other = call->items[0].as.dict;
        for (size_t i = 0; i < other->count; i++) {
            jinja_dict_set(run->arena, dict, other->entries[i].key, other->entries[i].value);
        }
    } else if (call->count == 1) {
        struct jinja_list *pairs;
        if (!iterate(run, call->items[0], &pairs)) {
            return false;
        }
        for (size_t i = 0; i < pairs->count; i++) {
            if (!is_list(pairs->items[i]) || pairs->items[i].as.list->count != 2) {
                return run_fail(run, "update needs a dict or pairs");
            }
            const struct jinja_value *pair = pairs->items[i].as.list->items;
            if (!set_key(run, dict, pair[0], pair[1])) {
                return false;
            }
        }
    }
    for (size_t i = 0; i < call->keyword_count; i++) {
        jinja_dict_set_text(run->arena, dict, call->keywords[i], call->values[i]);
    }
    return true;
}

static bool dict_copy(struct run *run, const struct call *call, struct jinja_value *out)
{
    const struct jinja_dict *dict = call->self.as.dict;
    *out = jinja_dict(run->arena);
    for (size_t i = 0; i < dict->count; i++) {
        jinja_dict_set(run->arena, out->as.dict, dict->entries[i].key, dict->entries[i].value);
    }
    return bind_arguments(run, call, "", NULL);
}

static bool dict_clear(struct run *run, const struct call *call, struct jinja_value *out)
{
    *out = jinja_none();
    memset(call->self.as.dict, 0, sizeof(*call->self.as.dict));
    return bind_arguments(run, call, "", NULL);
}

static bool dict_delitem(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    *out = jinja_none();
    return bind_arguments(run, call, "!key", args) &&
           (jinja_dict_remove(run->arena, call->self.as.dict, args[0]) ||
            missing_key(run, args[0]));
}

const struct method dict_methods[] = {
    {"keys", dict_keys},
    {"values", dict_values},
    {"items", dict_items},
    {"get", dict_get},
    {"pop", dict_pop},
    {"popitem", dict_popitem},
    {"setdefault", dict_setdefault},
    {"update", dict_update},
    {"copy", dict_copy},
    {"clear", dict_clear},
    {"__setitem__", dict_setitem},
    {"__getitem__", dict_getitem},
    {"__delitem__", dict_delitem},
    {NULL, NULL},
};

static bool date_isoformat(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct buffer text;
    if (!bind_arguments(run, call, "", NULL)) {
        return false;
    }
    text_buffer(run, &text);
    jinja_write_str(&text, call->self);
    char *blank = strchr(text.data, ' ');
    if (blank != NULL) {
        *blank = 'T';
    }
    return finish_text(run, &text, out);
}

static bool date_strftime(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    const struct jinja_date *date = call->self.as.date;
    char text[400];
    if (!bind_arguments(run, call, "!format", args) || !need_string(run, args[0], "a format")) {
        return false;
    }
    struct tm fields = {.tm_year = date->year - 1900,
                        .tm_mon = date->month - 1,
                        .tm_mday = date->day,
                        .tm_hour = date->hour,
                        .tm_min = date->minute,
                        .tm_sec = date->second,
                        .tm_isdst = -1};
    timegm(&fields);
    text[0] = '\0';
    struct jinja_value format = args[0];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    size_t length = strftime(text, sizeof(text), format.as.string->bytes, &fields);
#pragma GCC diagnostic pop
    *out = new_string(run, text, length);
    return true;
}

const struct method date_methods[] = {
    {"isoformat", date_isoformat}, {"strftime", date_strftime}, {NULL, NULL}};
