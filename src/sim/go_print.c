#include "sim/go_print.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

static void print_map(struct buffer *out, const cJSON *value)
{
    size_t count = (size_t)cJSON_GetArraySize(value);
    const cJSON **members = xcalloc(count + 1, sizeof(cJSON *));
    size_t used = 0;
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, value)
    {
        members[used++] = member;
    }
    qsort(members, used, sizeof(cJSON *), compare_names);
    buffer_append_string(out, "map[");
    for (size_t i = 0; i < used; i++) {
        buffer_printf(out, "%s%s:", i == 0 ? "" : " ", members[i]->string);
        sim_go_print(out, members[i]);
    }
    buffer_append_char(out, ']');
    free(members);
}

void sim_go_print(struct buffer *out, const cJSON *value)
{
    if (cJSON_IsObject(value)) {
        print_map(out, value);
    } else if (cJSON_IsArray(value)) {
        buffer_append_char(out, '[');
        for (const cJSON *item = value->child; item != NULL; item = item->next) {
            buffer_append_string(out, item == value->child ? "" : " ");
            sim_go_print(out, item);
        }
        buffer_append_char(out, ']');
    } else if (cJSON_IsString(value)) {
        buffer_append_string(out, value->valuestring);
    } else if (value == NULL || cJSON_IsNull(value)) {
        buffer_append_string(out, "<nil>");
    } else {
        json_write(out, value);
    }
}
