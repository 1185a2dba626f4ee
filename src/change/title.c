#include "change/title.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/language.h"
#include "doc/json.h"

enum { TITLE_LIMIT = 1 << 16, DEPTH_MOST = 4 };

cJSON *change_title_new(const char *format)
{
    cJSON *title = cJSON_CreateArray();
    cJSON_AddItemToArray(title, cJSON_CreateString(format));
    return title;
}

cJSON *change_title_new_plural(const char *one, const char *many, unsigned long count)
{
    cJSON *title = cJSON_CreateArray();
    cJSON *forms = cJSON_CreateArray();
    cJSON_AddItemToArray(forms, cJSON_CreateString(one));
    cJSON_AddItemToArray(forms, cJSON_CreateString(many));
    cJSON_AddItemToArray(forms, cJSON_CreateNumber((double)count));
    cJSON_AddItemToArray(title, forms);
    return title;
}

void change_title_add(cJSON *title, const char *value)
{
    cJSON_AddItemToArray(title, cJSON_CreateString(value == NULL ? "" : value));
}

void change_title_add_number(cJSON *title, long value)
{
    cJSON_AddItemToArray(title, cJSON_CreateNumber((double)value));
}

void change_title_add_title(cJSON *title, cJSON *value)
{
    cJSON_AddItemToArray(title, value == NULL ? cJSON_CreateString("") : value);
}

/* --- As text ------------------------------------------------------------------------------------
 */

static void write_title(const cJSON *title, int depth, struct buffer *out);

static void write_value(const cJSON *value, int depth, struct buffer *out)
{
    if (cJSON_IsString(value)) {
        buffer_append_string(out, value->valuestring);
    } else if (cJSON_IsNumber(value)) {
        buffer_printf(out, "%.0f", value->valuedouble);
    } else if (cJSON_IsArray(value) && depth < DEPTH_MOST) {
        write_title(value, depth + 1, out);
    }
}

static const char *format_of(const cJSON *title)
{
    const cJSON *first = cJSON_GetArrayItem(title, 0);
    const cJSON *one = cJSON_GetArrayItem(first, 0);
    const cJSON *many = cJSON_GetArrayItem(first, 1);
    const cJSON *count = cJSON_GetArrayItem(first, 2);
    if (cJSON_IsString(first)) {
        return language_text(first->valuestring);
    }
    if (!cJSON_IsArray(first) || !cJSON_IsString(one) || !cJSON_IsString(many) ||
        !cJSON_IsNumber(count) || count->valuedouble < 0) {
        return "";
    }
    return language_plural(one->valuestring, many->valuestring, (unsigned long)count->valuedouble);
}

/* A conversion behind its "%": a place ("2$"), a length, a letter. Returns what follows it. */
static const char *read_conversion(const char *at, int *place)
{
    size_t digits = strspn(at, "0123456789");
    if (digits > 0 && digits < 4 && at[digits] == '$') {
        *place = (int)strtol(at, NULL, 10);
        at += digits + 1;
    }
    at += strspn(at, "zl");
    return *at == '\0' ? at : at + 1;
}

static void write_title(const cJSON *title, int depth, struct buffer *out)
{
    int next = 1;
    for (const char *at = format_of(title); *at != '\0';) {
        if (at[0] != '%') {
            buffer_append_char(out, *at++);
        } else if (at[1] == '%') {
            buffer_append_char(out, '%');
            at += 2;
        } else {
            int place = next++;
            at = read_conversion(at + 1, &place);
            write_value(cJSON_GetArrayItem(title, place), depth, out);
        }
    }
}

char *change_title_text(const cJSON *title)
{
    struct buffer out;
    buffer_init(&out, TITLE_LIMIT);
    buffer_append_string(&out, "");
    write_value(title, 0, &out);
    return buffer_take(&out);
}

char *change_title_english(const cJSON *title)
{
    bool machine = language_set_machine(true);
    char *text = change_title_text(title);
    language_set_machine(machine);
    return text;
}
