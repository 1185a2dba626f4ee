#ifndef TESTS_CHANGE_TREES_H
#define TESTS_CHANGE_TREES_H

#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"

/* JSON with ' for ", so that it reads well inside C. */
static inline cJSON *tree(const char *text)
{
    char *json = xstrdup(text);
    for (char *c = json; *c != '\0'; c++) {
        if (*c == '\'') {
            *c = '"';
        }
    }
    struct error err = ERROR_INIT;
    cJSON *value = json_parse(json, strlen(json), "test", &err);
    ck_assert_msg(value != NULL, "%s", err.message);
    free(json);
    return value;
}

/* Compact text, members sorted. free() it. */
static inline char *text_of(const cJSON *value)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    json_write_sorted(&out, value);
    return buffer_take(&out);
}

#define ck_assert_tree(value, expected)                                                            \
    do {                                                                                           \
        cJSON *wanted_tree = tree(expected);                                                       \
        char *wanted_text = text_of(wanted_tree);                                                  \
        char *got_text = text_of(value);                                                           \
        ck_assert_str_eq(got_text, wanted_text);                                                   \
        cJSON_Delete(wanted_tree);                                                                 \
        free(wanted_text);                                                                         \
        free(got_text);                                                                            \
    } while (0)

#endif
