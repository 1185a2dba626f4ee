#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/intern.h"
#include "base/language.h"
#include "base/text.h"
#include "doc/json.h"
#include "rows.h"

static bool has_control(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f) {
            return true;
        }
    }
    return false;
}

const char *odd_intern(const char *text, size_t limit, unsigned *odd)
{
    size_t length = strnlen(text, limit + 1);
    if (length > limit) {
        *odd |= ODD_LONG;
        length = limit;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) {
            length--; /* not in the middle of a character */
        }
    }
    if (limit <= NAME_LIMIT && has_control(text, length)) {
        *odd |= ODD_CONTROL;
    }
    return intern_length(text, length);
}

const char *odd_text(const cJSON *object, const char *name, size_t limit, unsigned *odd)
{
    const cJSON *member = json_member(object, name);
    if (member == NULL || cJSON_IsNull(member)) {
        return intern("");
    }
    if (!cJSON_IsString(member)) {
        *odd |= ODD_TYPE;
        return intern("");
    }
    return odd_intern(member->valuestring, limit, odd);
}

int64_t odd_int64(const cJSON *object, const char *name, int64_t fallback, unsigned *odd)
{
    const cJSON *member = json_member(object, name);
    if (member == NULL || cJSON_IsNull(member)) {
        return fallback;
    }
    if (cJSON_IsString(member)) {
        char *end;
        long long value = strtoll(member->valuestring, &end, 10);
        if (end != member->valuestring && *end == '\0') {
            *odd |= ODD_NUMBER_TEXT;
            return value;
        }
    }
    if (!cJSON_IsNumber(member)) {
        *odd |= ODD_TYPE;
    }
    return json_int(object, name, fallback);
}

int odd_int(const cJSON *object, const char *name, int fallback, unsigned *odd)
{
    int64_t value = odd_int64(object, name, fallback, odd);
    if (value < 0 || value > INT_MAX) {
        *odd |= ODD_TYPE;
        return value < 0 ? 0 : INT_MAX;
    }
    return (int)value;
}

int64_t odd_time(const cJSON *object, const char *name, unsigned *odd)
{
    const cJSON *member = json_member(object, name);
    if (member == NULL || cJSON_IsNull(member)) {
        return 0;
    }
    int64_t ms;
    if (!cJSON_IsString(member) || !clock_parse_rfc3339(member->valuestring, &ms)) {
        *odd |= ODD_TIME;
        return 0;
    }
    return ms;
}

const cJSON *odd_list(const cJSON *object, const char *name, unsigned *odd)
{
    const cJSON *member = json_member(object, name);
    if (member != NULL && !cJSON_IsNull(member) && !cJSON_IsArray(member)) {
        *odd |= ODD_TYPE;
    }
    return cJSON_IsArray(member) ? member : NULL;
}

const cJSON *odd_object(const cJSON *object, const char *name, unsigned *odd)
{
    const cJSON *member = json_member(object, name);
    if (member != NULL && !cJSON_IsNull(member) && !cJSON_IsObject(member)) {
        *odd |= ODD_TYPE;
    }
    return cJSON_IsObject(member) ? member : NULL;
}

const char *odd_describe(unsigned odd)
{
    static const struct {
        unsigned flag;
        const char *text;
    } words[] = {
        {ODD_NO_UID, N_("it has no uid")},
        {ODD_NUMBER_TEXT, N_("a number stands in quotes")},
        {ODD_TYPE, N_("a field has the wrong type")},
        {ODD_CONTROL, N_("a name has control characters")},
        {ODD_LONG, N_("a text or a list is too long and was cut")},
        {ODD_REFERENCE, N_("an entry of imagePullSecrets is no object with a name")},
        {ODD_NO_CONTAINERS, N_("it has no containers")},
        {ODD_TIME, N_("a time is not RFC 3339")},
    };
    struct buffer out;
    buffer_init(&out, 512);
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        if (odd & words[i].flag) {
            buffer_printf(&out, "%s%s", out.length > 0 ? "; " : "", _(words[i].text));
        }
    }
    const char *text = out.length > 0 ? intern(out.data) : NULL;
    buffer_free(&out);
    return text;
}

/* Made for each pod by each rule: snprintf() would be half of a diagnosis. */
const char *join_key(char out[KEY_SIZE], const char *a, const char *b)
{
    size_t first = strnlen(a, KEY_SIZE - 2);
    size_t second = strnlen(b, KEY_SIZE - 2 - first);
    memcpy(out, a, first);
    out[first] = '/';
    memcpy(out + first + 1, b, second);
    out[first + 1 + second] = '\0';
    return out;
}

void keep_text(const char **slot, const char *interned)
{
    const char *old = *slot;
    *slot = interned;
    intern_release(old);
}

int minor_of_version(const char *version)
{
    if (version == NULL || !text_starts_with(version, "v1.")) {
        return 0;
    }
    long minor = strtol(version + 3, NULL, 10);
    return minor > 0 && minor < 10000 ? (int)minor : 0;
}
