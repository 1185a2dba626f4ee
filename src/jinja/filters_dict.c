/* Filters on dicts. */
#include <string.h>

#include "filters.h"

static struct jinja_value copy_dict(struct run *run, const struct jinja_dict *dict)
{
    struct jinja_value copy = jinja_dict(run->arena);
    for (size_t i = 0; i < dict->count; i++) {
        jinja_dict_set(run->arena, copy.as.dict, dict->entries[i].key, dict->entries[i].value);
    }
    return copy;
}

static bool has_value(const struct jinja_list *list, struct jinja_value value)
{
    for (size_t i = 0; i < list->count; i++) {
        if (jinja_equal(list->items[i], value)) {
            return true;
        }
    }
    return false;
}

/* Both lists in the order that the mode asks for. */
static struct jinja_value merge_lists(struct run *run, const struct jinja_list *x,
                                      const struct jinja_list *y, const char *mode)
{
    struct jinja_value out = jinja_list(run->arena, x->count + y->count);
    bool prepend = strncmp(mode, "prepend", 7) == 0;
    bool once = strstr(mode, "_rp") != NULL;
    for (size_t i = 0; i < y->count && prepend; i++) {
        jinja_list_append(run->arena, out.as.list, y->items[i]);
    }
    for (size_t i = 0; i < x->count; i++) {
        if (!once || !has_value(y, x->items[i])) {
            jinja_list_append(run->arena, out.as.list, x->items[i]);
        }
    }
    for (size_t i = 0; i < y->count && !prepend; i++) {
        jinja_list_append(run->arena, out.as.list, y->items[i]);
    }
    return out;
}

/* merge_hash() of Ansible: y over x. */
static bool merge_dicts(struct run *run, struct jinja_value x, struct jinja_value y, bool recursive,
                        const char *mode, struct jinja_value *out)
{
    if (!run_step(run)) {
        return false;
    }
    if (x.as.dict->count == 0 || jinja_equal(x, y)) {
        *out = copy_dict(run, y.as.dict);
        return true;
    }
    *out = copy_dict(run, x.as.dict);
    for (size_t i = 0; i < y.as.dict->count; i++) {
        const struct jinja_entry *entry = &y.as.dict->entries[i];
        const struct jinja_value *old = jinja_dict_get(x.as.dict, entry->key);
        struct jinja_value value = entry->value;
        if (old != NULL && old->type == JINJA_DICT && value.type == JINJA_DICT) {
            if (recursive && !merge_dicts(run, *old, value, recursive, mode, &value)) {
                return false;
            }
        } else if (old != NULL && old->type == JINJA_LIST && value.type == JINJA_LIST) {
            if (strcmp(mode, "keep") == 0) {
                value = *old;
            } else if (strcmp(mode, "replace") != 0) {
                value = merge_lists(run, old->as.list, value.as.list, mode);
            }
        }
        jinja_dict_set(run->arena, out->as.dict, entry->key, value);
    }
    return true;
}

static bool combine_options(struct run *run, const struct call *call, bool *recursive,
                            const char **mode)
{
    static const char *const modes[] = {"replace", "keep",      "append",
                                        "prepend", "append_rp", "prepend_rp"};
    *recursive = false;
    *mode = "replace";
    for (size_t i = 0; i < call->keyword_count; i++) {
        if (strcmp(call->keywords[i], "recursive") == 0) {
            *recursive = jinja_true(call->values[i]);
        } else if (strcmp(call->keywords[i], "list_merge") == 0) {
            bool known = false;
            for (size_t k = 0; k < sizeof(modes) / sizeof(modes[0]); k++) {
                known = known || jinja_is_text(call->values[i], modes[k]);
            }
            if (!known) {
                return run_fail(run, "combine does not know this list_merge");
            }
            *mode = call->values[i].as.string->bytes;
        } else {
            return run_fail(run, "combine takes recursive and list_merge only");
        }
    }
    return true;
}

static bool check_values_defined(struct run *run, struct jinja_value value)
{
    if (value.type == JINJA_UNDEFINED) {
        return run_fail_undefined(run, value);
    }
    for (size_t i = 0; value.type == JINJA_DICT && i < value.as.dict->count; i++) {
        if (!check_values_defined(run, value.as.dict->entries[i].value)) {
            return false;
        }
    }
    return true;
}

static bool filter_combine(struct run *run, const struct call *call, struct jinja_value *out)
{
    bool recursive;
    const char *mode;
    if (!combine_options(run, call, &recursive, &mode)) {
        return false;
    }
    struct jinja_list *dicts = jinja_list(run->arena, call->count + 1).as.list;
    for (size_t i = 0; i <= call->count; i++) {
        struct jinja_value term = i == 0 ? call->self : call->items[i - 1];
        size_t count = is_list(term) ? term.as.list->count : 1;
        for (size_t k = 0; k < count; k++) {
            struct jinja_value dict = is_list(term) ? term.as.list->items[k] : term;
            if (dict.type == JINJA_NONE) {
                continue;
            }
            if (!check_values_defined(run, dict)) {
                return false;
            }
            jinja_list_append(run->arena, dicts, dict);
        }
    }
    if (dicts->count == 0) {
        *out = jinja_dict(run->arena);
        return true;
    }
    *out = dicts->items[dicts->count - 1];
    for (size_t i = dicts->count - 1; i > 0; i--) {
        if (out->type != JINJA_DICT || dicts->items[i - 1].type != JINJA_DICT) {
            return run_fail_type(run, "combine needs dicts",
                                 out->type != JINJA_DICT ? *out : dicts->items[i - 1]);
        }
        if (!merge_dicts(run, dicts->items[i - 1], *out, recursive, mode, out)) {
            return false;
        }
    }
    return true;
}

static bool filter_dict2items(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    if (!bind_arguments(run, call, "key_name value_name", args)) {
        return false;
    }
    if (call->self.type != JINJA_DICT) {
        return run_fail_type(run, "dict2items needs a dict", call->self);
    }
    struct jinja_value key = absent(args[0]) ? new_text(run, "key") : args[0];
    struct jinja_value value = absent(args[1]) ? new_text(run, "value") : args[1];
    const struct jinja_dict *dict = call->self.as.dict;
    *out = jinja_list(run->arena, dict->count);
    for (size_t i = 0; i < dict->count; i++) {
        struct jinja_value item = jinja_dict(run->arena);
        if (!jinja_dict_set(run->arena, item.as.dict, key, dict->entries[i].key) ||
            !jinja_dict_set(run->arena, item.as.dict, value, dict->entries[i].value)) {
            return run_fail(run, "dict2items needs names as strings");
        }
        jinja_list_append(run->arena, out->as.list, item);
    }
    return true;
}

static bool filter_items2dict(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    if (!bind_arguments(run, call, "key_name value_name", args)) {
        return false;
    }
    if (!is_list(call->self)) {
        return run_fail_type(run, "items2dict needs a list", call->self);
    }
    struct jinja_value key_name = absent(args[0]) ? new_text(run, "key") : args[0];
    struct jinja_value value_name = absent(args[1]) ? new_text(run, "value") : args[1];
    *out = jinja_dict(run->arena);
    for (size_t i = 0; i < call->self.as.list->count; i++) {
        struct jinja_value item = call->self.as.list->items[i];
        if (item.type != JINJA_DICT) {
            return run_fail_type(run, "items2dict needs a list of dicts", item);
        }
        const struct jinja_value *key = jinja_dict_get(item.as.dict, key_name);
        const struct jinja_value *value = jinja_dict_get(item.as.dict, value_name);
        if (key == NULL || value == NULL) {
            return run_fail(run, "items2dict: an item has no key or no value");
        }
        if (!jinja_dict_set(run->arena, out->as.dict, *key, *value)) {
            return run_fail_type(run, "a key must be hashable", *key);
        }
    }
    return true;
}

static bool filter_items(struct run *run, const struct call *call, struct jinja_value *out)
{
    *out = jinja_list(run->arena, 0);
    if (call->self.type == JINJA_UNDEFINED) {
        return true;
    }
    if (call->self.type != JINJA_DICT) {
        return run_fail_type(run, "items needs a dict", call->self);
    }
    for (size_t i = 0; i < call->self.as.dict->count; i++) {
        struct jinja_value pair = jinja_tuple(run->arena, 2);
        jinja_list_append(run->arena, pair.as.list, call->self.as.dict->entries[i].key);
        jinja_list_append(run->arena, pair.as.list, call->self.as.dict->entries[i].value);
        jinja_list_append(run->arena, out->as.list, pair);
    }
    return true;
}

static bool filter_dictsort(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[3];
    bool sensitive;
    bool reverse;
    if (!bind_arguments(run, call, "case_sensitive by reverse", args) ||
        !flag_or(run, args[0], false, &sensitive) || !flag_or(run, args[2], false, &reverse) ||
        !filter_items(run, call, out)) {
        return false;
    }
    bool by_value = jinja_is_text(args[1], "value");
    if (!absent(args[1]) && !by_value && !jinja_is_text(args[1], "key")) {
        return run_fail(run, "dictsort sorts by 'key' or by 'value'");
    }
    const struct jinja_list *pairs = out->as.list;
    struct jinja_value *keys = jinja_arena_alloc(run->arena, (pairs->count + 1) * sizeof(*keys));
    for (size_t i = 0; i < pairs->count; i++) {
        keys[i] = pairs->items[i].as.list->items[by_value ? 1 : 0];
        keys[i] = sensitive ? keys[i] : lower_of(run, keys[i]);
    }
    return sort_items(run, out->as.list->items, keys, pairs->count, reverse);
}

static bool follow(struct run *run, struct jinja_value item, const struct jinja_list *keys,
                   bool skip_missing, struct jinja_value *out)
{
    *out = item;
    for (size_t i = 0; i < keys->count; i++) {
        const struct jinja_value *value =
            out->type == JINJA_DICT ? jinja_dict_get(out->as.dict, keys->items[i]) : NULL;
        if (value == NULL && out->type == JINJA_DICT && skip_missing) {
            *out = jinja_list(run->arena, 0);
            return true;
        }
        if (value == NULL) {
            return run_fail(run, "subelements: an item lacks the key");
        }
        *out = *value;
    }
    return out->type == JINJA_LIST || run_fail_type(run, "subelements needs a list there", *out);
}

static bool filter_subelements(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    bool skip;
    if (!bind_arguments(run, call, "!subelements skip_missing", args) ||
        !flag_or(run, args[1], false, &skip)) {
        return false;
    }
    struct jinja_value values = call->self;
    if (values.type == JINJA_DICT) {
        values = jinja_list(run->arena, call->self.as.dict->count);
        for (size_t i = 0; i < call->self.as.dict->count; i++) {
            jinja_list_append(run->arena, values.as.list, call->self.as.dict->entries[i].value);
        }
    }
    if (values.type != JINJA_LIST || (args[0].type != JINJA_STRING && args[0].type != JINJA_LIST)) {
        return run_fail(run, "subelements needs dicts and a path");
    }
    const struct jinja_list *keys =
        args[0].type == JINJA_LIST
            ? args[0].as.list
            : split_text(run, args[0].as.string, new_text(run, ".").as.string, -1, false);
    *out = jinja_list(run->arena, 0);
    for (size_t i = 0; i < values.as.list->count; i++) {
        struct jinja_value inner;
        if (!follow(run, values.as.list->items[i], keys, skip, &inner)) {
            return false;
        }
        for (size_t k = 0; k < inner.as.list->count; k++) {
            struct jinja_value pair = jinja_tuple(run->arena, 2);
            jinja_list_append(run->arena, pair.as.list, values.as.list->items[i]);
            jinja_list_append(run->arena, pair.as.list, inner.as.list->items[k]);
            jinja_list_append(run->arena, out->as.list, pair);
        }
    }
    return true;
}

const struct filter filters_dict[] = {
    {"combine", filter_combine, FILTER_UNDEFINED},
    {"dict2items", filter_dict2items, 0},
    {"items2dict", filter_items2dict, 0},
    {"items", filter_items, FILTER_UNDEFINED},
    {"dictsort", filter_dictsort, 0},
    {"subelements", filter_subelements, 0},
    {NULL, NULL, 0},
};
