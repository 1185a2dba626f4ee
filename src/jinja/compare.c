/* Equality, order, truth and identity as Python has them. */
#include "jinja/value.h"

#include <string.h>

bool jinja_is_number(struct jinja_value value)
{
    return value.type == JINJA_INT || value.type == JINJA_FLOAT || value.type == JINJA_BOOL;
}

double jinja_number(struct jinja_value value)
{
    switch (value.type) {
    case JINJA_BOOL:
        return value.as.boolean ? 1 : 0;
    case JINJA_INT:
        return (double)value.as.integer;
    case JINJA_FLOAT:
        return value.as.number;
    default:
        return 0;
    }
}

static int compare_numbers(struct jinja_value a, struct jinja_value b)
{
    if (a.type != JINJA_FLOAT && b.type != JINJA_FLOAT) {
        int64_t x = a.type == JINJA_BOOL ? a.as.boolean : a.as.integer;
        int64_t y = b.type == JINJA_BOOL ? b.as.boolean : b.as.integer;
        return x < y ? -1 : x > y;
    }
    double x = jinja_number(a);
    double y = jinja_number(b);
    return x < y ? -1 : x > y;
}

static int64_t date_order(const struct jinja_date *date)
{
    int64_t days = (int64_t)date->year * 372 + date->month * 31 + date->day;
    int64_t seconds = days * 86400 + date->hour * 3600 + date->minute * 60 + date->second;
    return (seconds - date->offset) * 1000000 + date->microsecond;
}

static bool equal_lists(const struct jinja_list *a, const struct jinja_list *b)
{
    if (a == b) {
        return true;
    }
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!jinja_equal(a->items[i], b->items[i])) {
            return false;
        }
    }
    return true;
}

static bool equal_dicts(const struct jinja_dict *a, const struct jinja_dict *b)
{
    if (a == b) {
        return true;
    }
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        const struct jinja_value *other = jinja_dict_get(b, a->entries[i].key);
        if (other == NULL || !jinja_equal(a->entries[i].value, *other)) {
            return false;
        }
    }
    return true;
}

bool jinja_equal(struct jinja_value a, struct jinja_value b)
{
    if (jinja_is_number(a) && jinja_is_number(b)) {
        if (a.type == JINJA_FLOAT && a.as.number != a.as.number) {
            return false;
        }
        return compare_numbers(a, b) == 0;
    }
    if (a.type != b.type) {
        return false;
    }
    switch (a.type) {
    case JINJA_NONE:
        return true;
    case JINJA_STRING:
        return a.as.string->length == b.as.string->length &&
               memcmp(a.as.string->bytes, b.as.string->bytes, a.as.string->length) == 0;
    case JINJA_LIST:
    case JINJA_TUPLE:
        return equal_lists(a.as.list, b.as.list);
    case JINJA_DICT:
        return equal_dicts(a.as.dict, b.as.dict);
    case JINJA_DATE:
        return a.as.date->timed == b.as.date->timed &&
               date_order(a.as.date) == date_order(b.as.date);
    default:
        return a.as.object == b.as.object;
    }
}

bool jinja_same(struct jinja_value a, struct jinja_value b)
{
    if (a.type != b.type) {
        return false;
    }
    switch (a.type) {
    case JINJA_NONE:
        return true;
    case JINJA_BOOL:
        return a.as.boolean == b.as.boolean;
    case JINJA_INT:
        /* CPython shares the small ones. */
        return a.as.integer == b.as.integer && a.as.integer >= -5 && a.as.integer <= 256;
    case JINJA_FLOAT:
        return false;
    case JINJA_STRING:
        return a.as.string == b.as.string;
    default:
        return a.as.object == b.as.object;
    }
}

static bool compare_strings(struct jinja_value a, struct jinja_value b, int *order)
{
    size_t shorter =
        a.as.string->length < b.as.string->length ? a.as.string->length : b.as.string->length;
    /* UTF-8 sorts as its code points do. */
    int bytes = memcmp(a.as.string->bytes, b.as.string->bytes, shorter);
    if (bytes == 0) {
        *order = a.as.string->length < b.as.string->length
                     ? -1
                     : a.as.string->length > b.as.string->length;
    } else {
        *order = bytes < 0 ? -1 : 1;
    }
    return true;
}

bool jinja_compare(struct jinja_value a, struct jinja_value b, int *order)
{
    if (jinja_is_number(a) && jinja_is_number(b)) {
        *order = compare_numbers(a, b);
        return true;
    }
    if (a.type != b.type) {
        return false;
    }
    if (a.type == JINJA_STRING) {
        return compare_strings(a, b, order);
    }
    if (a.type == JINJA_DATE && a.as.date->timed == b.as.date->timed) {
        int64_t x = date_order(a.as.date);
        int64_t y = date_order(b.as.date);
        *order = x < y ? -1 : x > y;
        return true;
    }
    if ((a.type == JINJA_LIST && a.as.list->view == NULL && b.as.list->view == NULL) ||
        a.type == JINJA_TUPLE) {
        const struct jinja_list *x = a.as.list;
        const struct jinja_list *y = b.as.list;
        for (size_t i = 0; i < x->count && i < y->count; i++) {
            if (!jinja_equal(x->items[i], y->items[i])) {
                return jinja_compare(x->items[i], y->items[i], order);
            }
        }
        *order = x->count < y->count ? -1 : x->count > y->count;
        return true;
    }
    return false;
}

bool jinja_true(struct jinja_value value)
{
    switch (value.type) {
    case JINJA_UNDEFINED:
    case JINJA_NONE:
        return false;
    case JINJA_BOOL:
        return value.as.boolean;
    case JINJA_INT:
        return value.as.integer != 0;
    case JINJA_FLOAT:
        return value.as.number != 0;
    case JINJA_STRING:
        return value.as.string->length > 0;
    case JINJA_LIST:
        if (value.as.list->view != NULL && strcmp(value.as.list->view, "generator") == 0) {
            return true;
        }
        return value.as.list->count > 0;
    case JINJA_TUPLE:
        return value.as.list->count > 0;
    case JINJA_DICT:
        return value.as.dict->count > 0;
    default:
        return true;
    }
}
