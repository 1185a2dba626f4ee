/* Filters that choose, map and order items. */
#include <string.h>

#include "filters.h"

/* Merge sort: stable, and an error in a comparison ends it. */
struct sorter {
    struct run *run;
    const struct jinja_value *keys;
    bool reverse;
};

static bool merge(const struct sorter *sorter, size_t *order, size_t *spare, size_t count)
{
    if (count < 2) {
        return true;
    }
    size_t half = count / 2;
    if (!merge(sorter, order, spare, half) || !merge(sorter, order + half, spare, count - half)) {
        return false;
    }
    memcpy(spare, order, half * sizeof(*order));
    size_t left = 0;
    size_t right = half;
    size_t at = 0;
    while (left < half && right < count) {
        struct jinja_value a = sorter->keys[spare[left]];
        struct jinja_value b = sorter->keys[order[right]];
        int compared;
        if (!jinja_compare(b, a, &compared)) {
            return run_fail(sorter->run, "'<' cannot work on %s and %s", jinja_type_name(b),
                            jinja_type_name(a));
        }
        bool take_right = sorter->reverse ? compared > 0 : compared < 0;
        order[at++] = take_right ? order[right++] : spare[left++];
    }
    memcpy(order + at, spare + left, (half - left) * sizeof(*order));
    return run_step(sorter->run);
}

bool sort_items(struct run *run, struct jinja_value *items, const struct jinja_value *keys,
                size_t count, bool reverse)
{
    const struct sorter sorter = {run, keys, reverse};
    size_t *order = jinja_arena_alloc(run->arena, (count + 1) * sizeof(*order));
    size_t *spare = jinja_arena_alloc(run->arena, (count + 1) * sizeof(*spare));
    struct jinja_value *copy = jinja_arena_alloc(run->arena, (count + 1) * sizeof(*copy));
    for (size_t i = 0; i < count; i++) {
        order[i] = i;
        copy[i] = items[i];
        if (keys[i].type == JINJA_UNDEFINED) {
            return run_fail_undefined(run, keys[i]);
        }
    }
    if (!merge(&sorter, order, spare, count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        items[i] = copy[order[i]];
    }
    return true;
}

/* The key that sort, min, max, unique and groupby compare: an attribute, without case. */
static bool key_for(struct run *run, struct jinja_value item, struct jinja_value attribute,
                    bool case_sensitive, struct jinja_value *out)
{
    *out = item;
    if (!absent(attribute) && attribute.type != JINJA_NONE &&
        !get_path(run, item, attribute, out)) {
        return false;
    }
    if (!case_sensitive) {
        *out = lower_of(run, *out);
    }
    return true;
}

/* sort(attribute="a,b") compares several. */
static bool sort_key(struct run *run, struct jinja_value item, struct jinja_value attribute,
                     bool case_sensitive, struct jinja_value *out)
{
    if (attribute.type != JINJA_STRING || strchr(attribute.as.string->bytes, ',') == NULL) {
        return key_for(run, item, attribute, case_sensitive, out);
    }
    const struct jinja_list *parts =
        split_text(run, attribute.as.string, new_text(run, ",").as.string, -1, false);
    *out = jinja_list(run->arena, parts->count);
    for (size_t i = 0; i < parts->count; i++) {
        struct jinja_value key;
        if (!key_for(run, item, parts->items[i], case_sensitive, &key)) {
            return false;
        }
        jinja_list_append(run->arena, out->as.list, key);
    }
    return true;
}

static bool sorted(struct run *run, const struct jinja_list *items, struct jinja_value attribute,
                   bool reverse, bool case_sensitive, struct jinja_value *out)
{
    struct jinja_value *keys = jinja_arena_alloc(run->arena, (items->count + 1) * sizeof(*keys));
    *out = jinja_list(run->arena, items->count);
    for (size_t i = 0; i < items->count; i++) {
        if (!sort_key(run, items->items[i], attribute, case_sensitive, &keys[i])) {
            return false;
        }
        jinja_list_append(run->arena, out->as.list, items->items[i]);
    }
    return sort_items(run, out->as.list->items, keys, items->count, reverse);
}

static bool filter_sort(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[3];
    struct jinja_list *items;
    bool reverse;
    bool sensitive;
    return bind_arguments(run, call, "reverse case_sensitive attribute", args) &&
           flag_or(run, args[0], false, &reverse) && flag_or(run, args[1], false, &sensitive) &&
           iterate(run, call->self, &items) && sorted(run, items, args[2], reverse, sensitive, out);
}

static bool extreme(struct run *run, const struct call *call, int sign, struct jinja_value *out)
{
    struct jinja_value args[2];
    struct jinja_list *items;
    bool sensitive;
    if (!bind_arguments(run, call, "case_sensitive attribute", args) ||
        !flag_or(run, args[0], false, &sensitive) || !iterate(run, call->self, &items)) {
        return false;
    }
    *out = jinja_undefined(run->arena, NULL, "no aggregated item, the sequence was empty");
    struct jinja_value best = jinja_none();
    for (size_t i = 0; i < items->count; i++) {
        struct jinja_value key;
        int order = sign;
        if (!key_for(run, items->items[i], args[1], sensitive, &key)) {
            return false;
        }
        if (i > 0 && !jinja_compare(key, best, &order)) {
            return run_fail(run, "%s and %s cannot be compared", jinja_type_name(key),
                            jinja_type_name(best));
        }
        if (order == sign) {
            best = key;
            *out = items->items[i];
        }
    }
    return true;
}

static bool filter_min(struct run *run, const struct call *call, struct jinja_value *out)
{
    return extreme(run, call, -1, out);
}

static bool filter_max(struct run *run, const struct call *call, struct jinja_value *out)
{
    return extreme(run, call, 1, out);
}

static bool filter_groupby(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[3];
    struct jinja_value ordered;
    struct jinja_list *items;
    bool sensitive;
    if (!bind_arguments(run, call, "!attribute default case_sensitive", args) ||
        !flag_or(run, args[2], false, &sensitive) || !iterate(run, call->self, &items)) {
        return false;
    }
    struct jinja_list *pairs = jinja_list(run->arena, items->count).as.list;
    struct jinja_value *keys = jinja_arena_alloc(run->arena, (items->count + 1) * sizeof(*keys));
    for (size_t i = 0; i < items->count; i++) {
        struct jinja_value key;
        if (!get_path(run, items->items[i], args[0], &key)) {
            return false;
        }
        if (key.type == JINJA_UNDEFINED && !absent(args[1])) {
            key = args[1];
        }
        struct jinja_value pair = jinja_tuple(run->arena, 2);
        jinja_list_append(run->arena, pair.as.list, key);
        jinja_list_append(run->arena, pair.as.list, items->items[i]);
        jinja_list_append(run->arena, pairs, pair);
        keys[i] = sensitive ? key : lower_of(run, key);
    }
    ordered = (struct jinja_value){.type = JINJA_LIST, .as.list = pairs};
    if (!sort_items(run, pairs->items, keys, pairs->count, false)) {
        return false;
    }
    *out = jinja_list(run->arena, 0);
    struct jinja_value last = jinja_none();
    for (size_t i = 0; i < ordered.as.list->count; i++) {
        const struct jinja_value *pair = pairs->items[i].as.list->items;
        struct jinja_value key = sensitive ? pair[0] : lower_of(run, pair[0]);
        if (i == 0 || !jinja_equal(key, last)) {
            struct jinja_value group = jinja_tuple(run->arena, 2);
            group.as.list->view = "group";
            jinja_list_append(run->arena, group.as.list, pair[0]);
            jinja_list_append(run->arena, group.as.list, jinja_list(run->arena, 0));
            jinja_list_append(run->arena, out->as.list, group);
            last = key;
        }
        const struct jinja_list *groups = out->as.list;
        struct jinja_list *group = groups->items[groups->count - 1].as.list;
        jinja_list_append(run->arena, group->items[1].as.list, pair[1]);
    }
    return true;
}

/* The arguments behind the first `skip`. */
static struct call rest_of(const struct call *call, size_t skip)
{
    struct call rest = *call;
    rest.items += skip;
    rest.count -= skip;
    return rest;
}

static bool map_attribute(struct run *run, const struct call *call, struct jinja_value attribute,
                          struct jinja_value fallback, struct jinja_value *out)
{
    struct jinja_list *items;
    if (!iterate(run, call->self, &items)) {
        return false;
    }
    *out = jinja_list(run->arena, items->count);
    for (size_t i = 0; i < items->count; i++) {
        struct jinja_value value;
        if (!get_path(run, items->items[i], attribute, &value)) {
            return false;
        }
        if (value.type == JINJA_UNDEFINED && !absent(fallback)) {
            value = fallback;
        }
        jinja_list_append(run->arena, out->as.list, value);
    }
    return true;
}

static bool filter_map(struct run *run, const struct call *call, struct jinja_value *out)
{
    if (call->count == 0) {
        struct jinja_value args[2];
        return bind_arguments(run, call, "attribute default", args) &&
               (!absent(args[0]) || run_fail(run, "map needs a filter's name or an attribute")) &&
               map_attribute(run, call, args[0], args[1], out);
    }
    struct jinja_list *items;
    if (!need_string(run, call->items[0], "a filter's name") || !iterate(run, call->self, &items)) {
        return false;
    }
    const char *name = call->items[0].as.string->bytes;
    *out = jinja_list(run->arena, items->count);
    for (size_t i = 0; i < items->count; i++) {
        struct jinja_value value;
        struct call inner = rest_of(call, 1);
        inner.self = items->items[i];
        if (!run_step(run) || !call_filter(run, name, &inner, &value)) {
            return false;
        }
        jinja_list_append(run->arena, out->as.list, value);
    }
    return true;
}

/* select, reject and the two with an attribute. */
static bool choose(struct run *run, const struct call *call, bool by_attribute, bool wanted,
                   struct jinja_value *out)
{
    struct jinja_list *items;
    size_t used = by_attribute ? 1 : 0;
    if (by_attribute && call->count == 0) {
        return run_fail(run, "%s needs an attribute's name", call->name);
    }
    if (!iterate(run, call->self, &items)) {
        return false;
    }
    const char *test = NULL;
    if (call->count > used) {
        if (!need_string(run, call->items[used], "a test's name")) {
            return false;
        }
        test = call->items[used].as.string->bytes;
    }
    *out = jinja_list(run->arena, 0);
    for (size_t i = 0; i < items->count; i++) {
        struct jinja_value value = items->items[i];
        bool passed;
        if (by_attribute && !get_path(run, items->items[i], call->items[0], &value)) {
            return false;
        }
        if (test == NULL) {
            if (!truth(run, value, &passed)) {
                return false;
            }
        } else {
            struct call inner = rest_of(call, used + 1);
            inner.self = value;
            if (!run_step(run) || !call_test(run, test, &inner, &passed)) {
                return false;
            }
        }
        if (passed == wanted) {
            jinja_list_append(run->arena, out->as.list, items->items[i]);
        }
    }
    return true;
}

static bool filter_select(struct run *run, const struct call *call, struct jinja_value *out)
{
    return choose(run, call, false, true, out);
}

static bool filter_reject(struct run *run, const struct call *call, struct jinja_value *out)
{
    return choose(run, call, false, false, out);
}

static bool filter_selectattr(struct run *run, const struct call *call, struct jinja_value *out)
{
    return choose(run, call, true, true, out);
}

static bool filter_rejectattr(struct run *run, const struct call *call, struct jinja_value *out)
{
    return choose(run, call, true, false, out);
}

const struct filter filters_select[] = {
    {"sort", filter_sort, 0},
    {"min", filter_min, 0},
    {"max", filter_max, 0},
    {"groupby", filter_groupby, 0},
    {"map", filter_map, 0},
    {"select", filter_select, 0},
    {"reject", filter_reject, 0},
    {"selectattr", filter_selectattr, 0},
    {"rejectattr", filter_rejectattr, 0},
    {NULL, NULL, 0},
};
