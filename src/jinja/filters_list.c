/* Filters on sequences. */
#include <string.h>

#include "filters.h"

static bool filter_list(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_list *items;
    if (!bind_arguments(run, call, "", NULL) || !iterate(run, call->self, &items)) {
        return false;
    }
    *out = jinja_list(run->arena, items->count);
    for (size_t i = 0; i < items->count; i++) {
        jinja_list_append(run->arena, out->as.list, items->items[i]);
    }
    return true;
}

static bool filter_join(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    struct jinja_list *items;
    if (!bind_arguments(run, call, "d attribute", args) || !iterate(run, call->self, &items)) {
        return false;
    }
    struct jinja_value between = new_text(run, "");
    if (!absent(args[0]) && !text_of(run, args[0], &between)) {
        return false;
    }
    if (!absent(args[1]) && args[1].type != JINJA_NONE) {
        struct jinja_list *values = jinja_list(run->arena, items->count).as.list;
        for (size_t i = 0; i < items->count; i++) {
            struct jinja_value value;
            if (!get_path(run, items->items[i], args[1], &value)) {
                return false;
            }
            jinja_list_append(run->arena, values, value);
        }
        items = values;
    }
    return join_text(run, items, between.as.string, out);
}

static bool filter_first(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_list *items;
    if (!bind_arguments(run, call, "", NULL) || !iterate(run, call->self, &items)) {
        return false;
    }
    *out = items->count > 0
               ? items->items[0]
               : jinja_undefined(run->arena, NULL, "no first item, the sequence was empty");
    return true;
}

static bool filter_last(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_list *items;
    if (!bind_arguments(run, call, "", NULL) || !iterate(run, call->self, &items)) {
        return false;
    }
    *out = items->count > 0
               ? items->items[items->count - 1]
               : jinja_undefined(run->arena, NULL, "no last item, the sequence was empty");
    return true;
}

static bool filter_reverse(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_list *items;
    if (!bind_arguments(run, call, "", NULL) || !iterate(run, call->self, &items)) {
        return false;
    }
    *out = jinja_list(run->arena, items->count);
    for (size_t i = items->count; i > 0; i--) {
        jinja_list_append(run->arena, out->as.list, items->items[i - 1]);
    }
    if (call->self.type == JINJA_STRING) {
        return join_text(run, out->as.list, NULL, out);
    }
    return true;
}

static bool flatten(struct run *run, struct jinja_list *to, const struct jinja_list *from,
                    int64_t levels, bool skip_nulls, int depth)
{
    if (depth > 100) {
        return run_fail(run, "the lists are nested too deeply");
    }
    for (size_t i = 0; i < from->count; i++) {
        struct jinja_value item = from->items[i];
        if (skip_nulls && (item.type == JINJA_NONE || jinja_is_text(item, "None") ||
                           jinja_is_text(item, "null"))) {
            continue;
        }
        if (is_list(item) && levels != 0) {
            if (!flatten(run, to, item.as.list, levels - 1, skip_nulls, depth + 1)) {
                return false;
            }
        } else {
            jinja_list_append(run->arena, to, item);
        }
    }
    return true;
}

static bool filter_flatten(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    struct jinja_list *items;
    int64_t levels = -1;
    bool skip;
    if (!bind_arguments(run, call, "levels skip_nulls", args) ||
        !iterate(run, call->self, &items) ||
        (args[0].type != JINJA_NONE && !int_or(run, args[0], -1, &levels)) ||
        !flag_or(run, args[1], true, &skip)) {
        return false;
    }
    *out = jinja_list(run->arena, items->count);
    return flatten(run, out->as.list, items, levels, skip, 0);
}

static bool zip(struct run *run, const struct call *call, bool longest, struct jinja_value *out)
{
    struct jinja_list *lists[17];
    struct jinja_value fill = jinja_none();
    size_t count = call->count + 1;
    if (count > 16) {
        return run_fail(run, "%s takes not more than 16 lists", call->name);
    }
    for (size_t i = 0; i < call->keyword_count; i++) {
        if (!longest || strcmp(call->keywords[i], "fillvalue") != 0) {
            return run_fail(run, "%s takes no argument '%s'", call->name, call->keywords[i]);
        }
        fill = call->values[i];
    }
    size_t rows = 0;
    for (size_t i = 0; i < count; i++) {
        if (!iterate(run, i == 0 ? call->self : call->items[i - 1], &lists[i])) {
            return false;
        }
        size_t size = lists[i]->count;
        rows = i == 0 || (longest ? size > rows : size < rows) ? size : rows;
    }
    *out = jinja_list(run->arena, rows);
    for (size_t row = 0; row < rows; row++) {
        struct jinja_value tuple = jinja_tuple(run->arena, count);
        for (size_t i = 0; i < count; i++) {
            jinja_list_append(run->arena, tuple.as.list,
                              row < lists[i]->count ? lists[i]->items[row] : fill);
        }
        jinja_list_append(run->arena, out->as.list, tuple);
    }
    return true;
}

static bool filter_zip(struct run *run, const struct call *call, struct jinja_value *out)
{
    return zip(run, call, false, out);
}

static bool filter_zip_longest(struct run *run, const struct call *call, struct jinja_value *out)
{
    return zip(run, call, true, out);
}

static bool filter_product(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_list *lists[17];
    size_t count = call->count + 1;
    size_t total = 1;
    if (count > 16 || call->keyword_count > 0) {
        return run_fail(run, "product takes not more than 16 lists and no keywords");
    }
    for (size_t i = 0; i < count; i++) {
        if (!iterate(run, i == 0 ? call->self : call->items[i - 1], &lists[i])) {
            return false;
        }
        if (__builtin_mul_overflow(total, lists[i]->count, &total) || total > 1000000) {
            return run_fail(run, "the product is too large");
        }
    }
    *out = jinja_list(run->arena, total);
    for (size_t n = 0; n < total; n++) {
        struct jinja_value tuple = jinja_tuple(run->arena, count);
        tuple.as.list->count = count;
        size_t rest = n;
        for (size_t i = count; i > 0; i--) {
            tuple.as.list->items[i - 1] = lists[i - 1]->items[rest % lists[i - 1]->count];
            rest /= lists[i - 1]->count;
        }
        jinja_list_append(run->arena, out->as.list, tuple);
    }
    return true;
}

/* Choices of `size` indices, in itertools' order. */
static bool choose(struct run *run, const struct jinja_list *items, size_t size, bool ordered,
                   size_t *chosen, size_t depth, struct jinja_list *to)
{
    if (to->count > 200000 || !run_step(run)) {
        return to->count <= 200000 ? false : run_fail(run, "there are too many choices");
    }
    if (depth == size) {
        struct jinja_value tuple = jinja_tuple(run->arena, size);
        for (size_t i = 0; i < size; i++) {
            jinja_list_append(run->arena, tuple.as.list, items->items[chosen[i]]);
        }
        jinja_list_append(run->arena, to, tuple);
        return true;
    }
    size_t start = ordered || depth == 0 ? 0 : chosen[depth - 1] + 1;
    for (size_t i = start; i < items->count; i++) {
        bool used = false;
        for (size_t k = 0; k < depth && ordered; k++) {
            used = used || chosen[k] == i;
        }
        chosen[depth] = i;
        if (!used && !choose(run, items, size, ordered, chosen, depth + 1, to)) {
            return false;
        }
    }
    return true;
}

static bool choices(struct run *run, const struct call *call, bool ordered, struct jinja_value *out)
{
    struct jinja_value args[1];
    struct jinja_list *items;
    int64_t size;
    if (!bind_arguments(run, call, "r", args) || !iterate(run, call->self, &items)) {
        return false;
    }
    if (absent(args[0]) && !ordered) {
        return run_fail(run, "combinations needs a size");
    }
    if (!int_or(run, args[0], (int64_t)items->count, &size)) {
        return false;
    }
    *out = jinja_list(run->arena, 0);
    if (size < 0 || size > 64) {
        return run_fail(run, "the size of a choice must be 0 to 64");
    }
    size_t chosen[64];
    return (size_t)size > items->count ||
           choose(run, items, (size_t)size, ordered, chosen, 0, out->as.list);
}

static bool filter_permutations(struct run *run, const struct call *call, struct jinja_value *out)
{
    return choices(run, call, true, out);
}

static bool filter_combinations(struct run *run, const struct call *call, struct jinja_value *out)
{
    return choices(run, call, false, out);
}

static bool filter_batch(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    struct jinja_list *items;
    int64_t size;
    if (!bind_arguments(run, call, "!linecount fill_with", args) ||
        !int_or(run, args[0], 1, &size) || !iterate(run, call->self, &items)) {
        return false;
    }
    if (size < 1) {
        return run_fail(run, "batch needs a size of at least 1");
    }
    *out = jinja_list(run->arena, 0);
    for (size_t i = 0; i < items->count; i += (size_t)size) {
        struct jinja_value row = jinja_list(run->arena, (size_t)size < 1000 ? (size_t)size : 0);
        for (size_t k = i; k < i + (size_t)size && run_step(run); k++) {
            bool fill = !absent(args[1]) && args[1].type != JINJA_NONE;
            if (k >= items->count && !fill) {
                break;
            }
            jinja_list_append(run->arena, row.as.list,
                              k < items->count ? items->items[k] : args[1]);
        }
        jinja_list_append(run->arena, out->as.list, row);
    }
    return run_step(run);
}

static bool filter_slice(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    struct jinja_list *items;
    int64_t slices;
    if (!bind_arguments(run, call, "!slices fill_with", args) ||
        !int_or(run, args[0], 1, &slices) || !iterate(run, call->self, &items)) {
        return false;
    }
    if (slices < 1 || slices > 100000) {
        return run_fail(run, "slice needs 1 to 100000 slices");
    }
    size_t each = items->count / (size_t)slices;
    size_t extra = items->count % (size_t)slices;
    size_t at = 0;
    *out = jinja_list(run->arena, (size_t)slices);
    for (size_t i = 0; i < (size_t)slices; i++) {
        struct jinja_value row = jinja_list(run->arena, each + 1);
        size_t count = each + (i < extra);
        for (size_t k = 0; k < count; k++) {
            jinja_list_append(run->arena, row.as.list, items->items[at++]);
        }
        if (!absent(args[1]) && args[1].type != JINJA_NONE && i >= extra) {
            jinja_list_append(run->arena, row.as.list, args[1]);
        }
        jinja_list_append(run->arena, out->as.list, row);
    }
    return true;
}

static bool filter_extract(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    if (!bind_arguments(run, call, "!container morekeys", args) ||
        !get_item(run, args[0], call->self, out)) {
        return false;
    }
    if (absent(args[1]) || args[1].type == JINJA_NONE) {
        return true;
    }
    if (args[1].type != JINJA_LIST) {
        return get_item(run, *out, args[1], out);
    }
    for (size_t i = 0; i < args[1].as.list->count; i++) {
        if (!get_item(run, *out, args[1].as.list->items[i], out)) {
            return false;
        }
    }
    return true;
}

const struct filter filters_list[] = {
    {"list", filter_list, 0},
    {"join", filter_join, 0},
    {"first", filter_first, 0},
    {"last", filter_last, 0},
    {"reverse", filter_reverse, 0},
    {"flatten", filter_flatten, 0},
    {"zip", filter_zip, 0},
    {"zip_longest", filter_zip_longest, 0},
    {"product", filter_product, 0},
    {"permutations", filter_permutations, 0},
    {"combinations", filter_combinations, 0},
    {"batch", filter_batch, 0},
    {"slice", filter_slice, 0},
    {"extract", filter_extract, 0},
    {NULL, NULL, 0},
};
