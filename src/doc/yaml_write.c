#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/alloc.h"
#include "base/text.h"
#include "doc/yaml.h"
#include "number.h"
#include "yaml_types.h"

/*
 * go-yaml v2, which kubectl prints with, is a port of libyaml: given the same events with the same
 * styles, libyaml's emitter gives the same text. What is decided here is what go-yaml's encoder
 * decides: the order of keys and the style of each scalar.
 */
struct writer {
    yaml_emitter_t emitter;
    bool keep_order;
};

static bool write_value(struct writer *writer, const cJSON *value);

static int append_output(void *out, unsigned char *bytes, size_t size)
{
    return buffer_append(out, bytes, size) ? 1 : 0;
}

/* Takes the event over, and whether it could be made at all. */
static bool emit(struct writer *writer, yaml_event_t *event, int made)
{
    return made != 0 && yaml_emitter_emit(&writer->emitter, event) != 0;
}

static bool emit_scalar(struct writer *writer, const char *text, size_t length,
                        yaml_scalar_style_t style)
{
    yaml_event_t event;
    int made = yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
                                            (int)length, 1, 1, style);
    return emit(writer, &event, made);
}

/* --- Texts ---------------------------------------------------------------------------------------
 */

/* "<<" is safe as a value, but as a key it would merge. */
static bool may_stand_plain(const char *text, bool is_key)
{
    return yaml_type_of(DOC_SCHEMA_KUBERNETES, text) == DOC_STRING && !yaml_is_base60(text) &&
           !yaml_is_go_time(text) && !(is_key && strcmp(text, "<<") == 0);
}

static bool is_valid_utf8(const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        unsigned point = 0;
        size_t size = text_decode_utf8(text + i, length - i, &point);
        if (size == 0) {
            return false;
        }
        i += size;
    }
    return true;
}

/* Bytes that are no UTF-8 become U+FFFD, as in the JSON that kubectl makes YAML from. */
static char *repair_utf8(const char *text, size_t length)
{
    struct buffer out;
    buffer_init(&out, length * 3);
    for (size_t i = 0; i < length;) {
        unsigned point = 0;
        size_t size = text_decode_utf8(text + i, length - i, &point);
        if (size == 0) {
            buffer_append_string(&out, "\xEF\xBF\xBD");
            i++;
        } else {
            buffer_append(&out, text + i, size);
            i += size;
        }
    }
    return buffer_take(&out);
}

static bool write_text(struct writer *writer, const char *text, bool is_key)
{
    size_t length = strlen(text);
    if (!is_valid_utf8(text, length)) {
        char *repaired = repair_utf8(text, length);
        bool fine = write_text(writer, repaired, is_key);
        free(repaired);
        return fine;
    }
    yaml_scalar_style_t style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    if (strchr(text, '\n') != NULL) {
        style = YAML_LITERAL_SCALAR_STYLE;
    } else if (may_stand_plain(text, is_key)) {
        style = YAML_PLAIN_SCALAR_STYLE;
    }
    return emit_scalar(writer, text, length, style);
}

static bool write_plain(struct writer *writer, const char *text)
{
    return emit_scalar(writer, text, strlen(text), YAML_PLAIN_SCALAR_STYLE);
}

static bool write_number(struct writer *writer, double value)
{
    struct buffer text;
    buffer_init(&text, 64);
    bool fine = number_write_yaml(&text, value) && write_plain(writer, text.data);
    buffer_free(&text);
    return fine;
}

/* --- The order of keys ---------------------------------------------------------------------------
 */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits up to the first other character, after a start of 0 or 1; *end is where they end. */
static unsigned long long number_at(const char *at, unsigned long long start, const char **end)
{
    for (; is_digit(*at); at++) {
        start = start * 10 + (unsigned)(*at - '0');
    }
    *end = at;
    return start;
}

/* True if a digit other than 0 stands right before place, with nothing but digits between. */
static bool follows_number(const char *text, size_t place)
{
    while (place > 0 && is_digit(text[place - 1])) {
        if (text[place - 1] != '0') {
            return true;
        }
        place--;
    }
    return false;
}

/* go-yaml's keyList.Less(): letters after everything else, numbers inside names by their size. */
static int compare_names(const char *a, const char *b)
{
    size_t i = 0;
    while (a[i] != '\0' && a[i] == b[i]) {
        i++;
    }
    if (a[i] == '\0' || b[i] == '\0') {
        return (a[i] != '\0') - (b[i] != '\0');
    }
    bool a_letter = is_letter(a[i]);
    bool b_letter = is_letter(b[i]);
    int by_byte = (unsigned char)a[i] < (unsigned char)b[i] ? -1 : 1;
    if (a_letter || b_letter) {
        return a_letter && b_letter ? by_byte : a_letter ? 1 : -1;
    }
    bool continued = (a[i] == '0' || b[i] == '0') && follows_number(a, i);
    const char *a_end = NULL;
    const char *b_end = NULL;
    unsigned long long a_number = number_at(a + i, continued ? 1 : 0, &a_end);
    unsigned long long b_number = number_at(b + i, continued ? 1 : 0, &b_end);
    if (a_number != b_number) {
        return a_number < b_number ? -1 : 1;
    }
    if (a_end - a != b_end - b) {
        return a_end - a < b_end - b ? -1 : 1;
    }
    return by_byte;
}

/* A merge sort: the order above has circles ("01" < "10" < "1G" < "01"), which qsort() need not
 * survive. */
static void sort_members(const cJSON **members, const cJSON **spare, size_t count)
{
    if (count < 2) {
        return;
    }
    size_t half = count / 2;
    sort_members(members, spare, half);
    sort_members(members + half, spare, count - half);
    memcpy(spare, members, half * sizeof(*members));
    size_t left = 0;
    size_t right = half;
    for (size_t to = 0; left < half; to++) {
        bool take_right =
            right < count && compare_names(members[right]->string, spare[left]->string) < 0;
        members[to] = take_right ? members[right++] : spare[left++];
    }
}

/* The members in the order they are written in; free() the array. */
static const cJSON **list_members(const struct writer *writer, const cJSON *object, size_t *count)
{
    const cJSON **members = NULL;
    size_t capacity = 0;
    *count = 0;
    for (const cJSON *member = object->child; member != NULL; member = member->next) {
        members = xgrow(members, *count, &capacity, sizeof(*members));
        members[(*count)++] = member;
    }
    if (!writer->keep_order && *count > 1) {
        const cJSON **spare = xreallocarray(NULL, *count, sizeof(*spare));
        sort_members(members, spare, *count);
        free(spare);
    }
    return members;
}

/* --- Trees ---------------------------------------------------------------------------------------
 */

static bool write_map(struct writer *writer, const cJSON *object)
{
    yaml_event_t event;
    int made = yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE);
    if (!emit(writer, &event, made)) {
        return false;
    }
    size_t count = 0;
    const cJSON **members = list_members(writer, object, &count);
    bool fine = true;
    for (size_t i = 0; i < count && fine; i++) {
        fine = write_text(writer, members[i]->string, true) && write_value(writer, members[i]);
    }
    free(members);
    return fine && emit(writer, &event, yaml_mapping_end_event_initialize(&event));
}

static bool write_list(struct writer *writer, const cJSON *list)
{
    yaml_event_t event;
    int made =
        yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE);
    if (!emit(writer, &event, made)) {
        return false;
    }
    for (const cJSON *item = list->child; item != NULL; item = item->next) {
        if (!write_value(writer, item)) {
            return false;
        }
    }
    return emit(writer, &event, yaml_sequence_end_event_initialize(&event));
}

static bool write_value(struct writer *writer, const cJSON *value)
{
    switch (value->type & 0xFF) {
    case cJSON_True:
        return write_plain(writer, "true");
    case cJSON_False:
        return write_plain(writer, "false");
    case cJSON_Number:
        return write_number(writer, value->valuedouble);
    case cJSON_String:
    case cJSON_Raw:
        return write_text(writer, value->valuestring, false);
    case cJSON_Array:
        return write_list(writer, value);
    case cJSON_Object:
        return write_map(writer, value);
    default:
        return write_plain(writer, "null");
    }
}

bool doc_write_yaml(struct buffer *out, const cJSON *value, bool keep_order)
{
    struct writer writer = {.keep_order = keep_order};
    cJSON null = {.type = cJSON_NULL};
    yaml_event_t event;
    if (!yaml_emitter_initialize(&writer.emitter)) {
        return false;
    }
    yaml_emitter_set_output(&writer.emitter, append_output, out);
    yaml_emitter_set_unicode(&writer.emitter, 1);
    bool fine =
        emit(&writer, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)) &&
        emit(&writer, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1)) &&
        write_value(&writer, value == NULL ? &null : value) &&
        emit(&writer, &event, yaml_document_end_event_initialize(&event, 1));
    /* No end of the stream: libyaml would put "..." behind some texts there, go-yaml does not. */
    yaml_emitter_delete(&writer.emitter);
    return fine;
}
