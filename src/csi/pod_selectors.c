#include "pod_selectors.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/intern.h"
#include "rows.h"

/* Proxies in front of API servers take requests of 8 KiB; a query grows when it is encoded. */
enum { TEXT_MAX = 4096 };

struct selector {
    const char *key; /* interned; NULL: unused */
    const char **values;
    size_t count, capacity;
    char *text;
};

struct pod_selectors {
    struct selector list[POD_SELECTORS];
};

struct pod_selectors *pod_selectors_new(void)
{
    return xcalloc(1, sizeof(struct pod_selectors));
}

void pod_selectors_free(struct pod_selectors *selectors)
{
    for (size_t i = 0; selectors != NULL && i < POD_SELECTORS; i++) {
        struct selector *one = &selectors->list[i];
        for (size_t j = 0; j < one->count; j++) {
            intern_release(one->values[j]);
        }
        intern_release(one->key);
        free(one->values);
        free(one->text);
    }
    free(selectors);
}

const char *pod_selectors_text(const struct pod_selectors *selectors, size_t i)
{
    return selectors->list[i].text;
}

/* --- What a workload can be found by ------------------------------------------------------------
 */

/* What the API takes as a label and needs no quoting in a selector. */
static bool is_plain(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "-._/");
    return length > 0 && text[length] == '\0';
}

static const char *value_of(const struct workload_row *row, const char *key)
{
    for (size_t i = 0; i < row->label_count; i++) {
        const struct label *label = &row->labels[i];
        if (label->key == key && is_plain(label->key) && is_plain(label->value)) {
            return label->value;
        }
    }
    return NULL;
}

static bool has_value(const struct selector *selector, const char *value)
{
    for (size_t i = 0; i < selector->count; i++) {
        if (selector->values[i] == value) {
            return true;
        }
    }
    return false;
}

static bool is_covered(const struct pod_selectors *selectors, const struct workload_row *row)
{
    for (size_t i = 0; i < POD_SELECTORS; i++) {
        const struct selector *one = &selectors->list[i];
        const char *value = one->key == NULL ? NULL : value_of(row, one->key);
        if (value != NULL && has_value(one, value)) {
            return true;
        }
    }
    return false;
}

/* Whose pods no selector finds yet; free() it. */
static const struct workload_row **open_rows(const struct pod_selectors *selectors,
                                             const struct csi_census *census, size_t *count)
{
    const struct workload_row **rows = xcalloc(map_count(census->workloads) + 1, sizeof(void *));
    size_t position = 0;
    void *value;
    *count = 0;
    while (map_next(census->workloads, &position, NULL, &value)) {
        const struct workload_row *row = value;
        if (row->known && !is_covered(selectors, row)) {
            rows[(*count)++] = row;
        }
    }
    return rows;
}

/* --- Growing ------------------------------------------------------------------------------------
 */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool write_text(struct selector *selector)
{
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    /* In one order, whatever came first: the same cluster is asked the same. */
    qsort(selector->values, selector->count, sizeof(char *), compare_texts);
    buffer_printf(&text, "%s in (", selector->key);
    for (size_t i = 0; i < selector->count; i++) {
        buffer_printf(&text, "%s%s", i == 0 ? "" : ",", selector->values[i]);
    }
    buffer_append_char(&text, ')');
    bool fits = !text.overflowed;
    free(selector->text);
    selector->text = fits ? xstrdup(text.data) : NULL;
    buffer_free(&text);
    return fits;
}

/* Takes up those of the rows that have the selector's key; the rest stays in rows. */
static bool take(struct selector *selector, const struct workload_row **rows, size_t *count)
{
    size_t left = 0;
    bool grown = false;
    for (size_t i = 0; i < *count; i++) {
        const char *value = value_of(rows[i], selector->key);
        if (value == NULL) {
            rows[left++] = rows[i];
        } else if (!has_value(selector, value)) {
            selector->values =
                xgrow(selector->values, selector->count, &selector->capacity, sizeof(char *));
            selector->values[selector->count++] = intern_retain(value);
            grown = true;
        }
    }
    *count = left;
    return grown;
}

/* How many of the rows have the key, and how many different values: the more, the fewer pods of
 * others share one ("app" tells more than "app.kubernetes.io/instance"). */
static size_t weight(const char *key, const struct workload_row *const *rows, size_t count)
{
    struct selector seen = {.key = key};
    size_t having = 0;
    for (size_t i = 0; i < count; i++) {
        const char *value = value_of(rows[i], key);
        having += value != NULL;
        if (value != NULL && !has_value(&seen, value)) {
            seen.values = xgrow(seen.values, seen.count, &seen.capacity, sizeof(char *));
            seen.values[seen.count++] = value;
        }
    }
    size_t result = having * (count + 1) + seen.count;
    free(seen.values);
    return result;
}

static const char *best_key(const struct workload_row *const *rows, size_t count)
{
    const char *best = NULL;
    size_t best_weight = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < rows[i]->label_count; j++) {
            const char *key = rows[i]->labels[j].key;
            size_t own = value_of(rows[i], key) == NULL ? 0 : weight(key, rows, count);
            if (own > best_weight || (own > 0 && own == best_weight && strcmp(key, best) < 0)) {
                best = key;
                best_weight = own;
            }
        }
    }
    return best;
}

bool pod_selectors_cover(struct pod_selectors *selectors, const struct csi_census *census,
                         unsigned *changed)
{
    size_t count;
    const struct workload_row **rows = open_rows(selectors, census, &count);
    bool fits = true;
    *changed = 0;
    for (size_t i = 0; i < POD_SELECTORS && count > 0; i++) {
        struct selector *one = &selectors->list[i];
        if (one->key == NULL) {
            const char *key = best_key(rows, count);
            if (key == NULL) {
                break;
            }
            one->key = intern_retain(key);
        }
        if (take(one, rows, &count)) {
            *changed |= 1U << i;
            fits = write_text(one) && fits;
        }
    }
    free(rows);
    return fits && count == 0;
}
