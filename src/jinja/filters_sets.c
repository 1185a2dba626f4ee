/* Filters that treat lists as sets. */
#include <string.h>

#include "filters.h"

static bool in_list(const struct jinja_list *list, struct jinja_value value)
{
    for (size_t i = 0; i < list->count; i++) {
        if (jinja_equal(list->items[i], value)) {
            return true;
        }
    }
    return false;
}

/* Each value once; keys decide what is the same. */
static bool unique(struct run *run, const struct jinja_list *items, bool case_sensitive,
                   struct jinja_value attribute, struct jinja_value *out)
{
    struct jinja_value seen = jinja_dict(run->arena);
    struct jinja_list *others = jinja_list(run->arena, 0).as.list;
    *out = jinja_list(run->arena, items->count);
    bool hashable = true;
    for (size_t i = 0; i < items->count; i++) {
        hashable = hashable && (jinja_hashable(items->items[i]) || !absent(attribute));
    }
    for (size_t i = 0; i < items->count; i++) {
        struct jinja_value key = items->items[i];
        if (!absent(attribute) && !get_path(run, key, attribute, &key)) {
            return false;
        }
        if (!case_sensitive && hashable) {
            key = lower_of(run, key);
        }
        bool known =
            jinja_hashable(key) ? jinja_dict_get(seen.as.dict, key) != NULL : in_list(others, key);
        if (known) {
            continue;
        }
        if (!jinja_dict_set(run->arena, seen.as.dict, key, jinja_none())) {
            jinja_list_append(run->arena, others, key);
        }
        jinja_list_append(run->arena, out->as.list, items->items[i]);
    }
    return true;
}

static bool filter_unique(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    struct jinja_list *items;
    bool sensitive = false;
    return bind_arguments(run, call, "case_sensitive attribute", args) &&
           (args[0].type == JINJA_NONE || flag_or(run, args[0], false, &sensitive)) &&
           iterate(run, call->self, &items) && unique(run, items, sensitive, args[1], out);
}

enum operation { INTERSECT, DIFFERENCE, SYMMETRIC, UNION };

static bool combine_sets(struct run *run, const struct call *call, enum operation operation,
                         struct jinja_value *out)
{
    struct jinja_value args[1];
    struct jinja_list *a;
    struct jinja_list *b;
    const struct jinja_value none = {.type = JINJA_UNDEFINED};
    if (!bind_arguments(run, call, "!other", args) || !iterate(run, call->self, &a) ||
        !iterate(run, args[0], &b)) {
        return false;
    }
    struct jinja_list *kept = jinja_list(run->arena, a->count).as.list;
    for (size_t i = 0; i < a->count; i++) {
        bool both = in_list(b, a->items[i]);
        if (operation == UNION || both == (operation == INTERSECT)) {
            jinja_list_append(run->arena, kept, a->items[i]);
        }
    }
    for (size_t i = 0; i < b->count && (operation == UNION || operation == SYMMETRIC); i++) {
        if (operation == UNION || !in_list(a, b->items[i])) {
            jinja_list_append(run->arena, kept, b->items[i]);
        }
    }
    return unique(run, kept, true, none, out);
}

static bool filter_intersect(struct run *run, const struct call *call, struct jinja_value *out)
{
    return combine_sets(run, call, INTERSECT, out);
}

static bool filter_difference(struct run *run, const struct call *call, struct jinja_value *out)
{
    return combine_sets(run, call, DIFFERENCE, out);
}

static bool filter_symmetric(struct run *run, const struct call *call, struct jinja_value *out)
{
    return combine_sets(run, call, SYMMETRIC, out);
}

static bool filter_union(struct run *run, const struct call *call, struct jinja_value *out)
{
    return combine_sets(run, call, UNION, out);
}

const struct filter filters_sets[] = {
    {"unique", filter_unique, 0},         {"intersect", filter_intersect, 0},
    {"difference", filter_difference, 0}, {"symmetric_difference", filter_symmetric, 0},
    {"union", filter_union, 0},           {NULL, NULL, 0},
};
