#include "base/text.h"

#include <langinfo.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

#include "base/alloc.h"

bool text_locale_is_utf8(void)
{
    const char *codeset = nl_langinfo(CODESET);
    return strcasecmp(codeset, "UTF-8") == 0 || strcasecmp(codeset, "utf8") == 0;
}

size_t text_decode_utf8(const char *bytes, size_t length, unsigned *code_point)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (length == 0) {
        return 0;
    }
    if (b[0] < 0x80) {
        *code_point = b[0];
        return 1;
    }
    size_t size = b[0] >= 0xF0 ? 4 : b[0] >= 0xE0 ? 3 : 2;
    if (b[0] < 0xC2 || b[0] > 0xF4 || length < size) {
        return 0;
    }
    unsigned value = b[0] & (0xFFu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((b[i] & 0xC0) != 0x80) {
            return 0;
        }
        value = value << 6 | (b[i] & 0x3Fu);
    }
    static const unsigned smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < smallest[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return 0;
    }
    *code_point = value;
    return size;
}

size_t text_encode_utf8(unsigned code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    size_t size = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    out[0] = (char)((0xF00 >> size & 0xFF) | code_point);
    return size;
}

/* Characters that take no column and can make text read as something else. */
static bool is_deceptive(unsigned c)
{
    return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0x061C || c == 0xFEFF || c == 0x2028 ||
           c == 0x2029 || (c >= 0xE0000 && c <= 0xE007F);
}

static bool is_control(unsigned c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

static bool append_replacement(struct buffer *out)
{
    return text_locale_is_utf8() ? buffer_append_string(out, "\xEF\xBF\xBD")
                                 : buffer_append_char(out, '?');
}

static bool append_safe(struct buffer *out, const char *bytes, size_t length, bool keep_newlines)
{
    bool fits = true;
    for (size_t i = 0; i < length && fits;) {
        unsigned c = 0;
        size_t size = text_decode_utf8(bytes + i, length - i, &c);
        if (size == 0) {
            fits = append_replacement(out);
            i++;
            continue;
        }
        if (c == '\n' && keep_newlines) {
            fits = buffer_append_char(out, '\n');
        } else if (c == '\n' || c == '\t') {
            fits = buffer_append_char(out, ' ');
        } else if (is_control(c)) {
            fits = append_replacement(out);
        } else if (!is_deceptive(c)) {
            fits = buffer_append(out, bytes + i, size);
        }
        i += size;
    }
    return fits;
}

bool text_append_safe(struct buffer *out, const char *bytes, size_t length)
{
    return append_safe(out, bytes, length, false);
}

bool text_append_safe_lines(struct buffer *out, const char *bytes, size_t length)
{
    return append_safe(out, bytes, length, true);
}

char *text_safe(const char *bytes)
{
    struct buffer out;
    buffer_init(&out, SIZE_MAX / 2);
    if (bytes != NULL) {
        text_append_safe(&out, bytes, strlen(bytes));
    }
    return buffer_take(&out);
}

/* Columns of the character at text, and its length in bytes; an unprintable one takes one column.
 */
static int character_width(const char *text, size_t *size)
{
    unsigned c = 0;
    *size = text_decode_utf8(text, strnlen(text, 4), &c);
    if (*size == 0) {
        *size = 1;
        return 1;
    }
    if (c < 0x80) {
        return 1;
    }
    int width = wcwidth((wchar_t)c);
    return width < 0 ? 1 : width;
}

int text_width(const char *safe)
{
    int columns = 0;
    while (*safe != '\0') {
        size_t size;
        columns += character_width(safe, &size);
        safe += size;
    }
    return columns;
}

size_t text_fit(const char *safe, int columns, int *used)
{
    size_t bytes = 0;
    int taken = 0;
    while (safe[bytes] != '\0') {
        size_t size;
        int width = character_width(safe + bytes, &size);
        if (taken + width > columns) {
            break;
        }
        taken += width;
        bytes += size;
    }
    if (used != NULL) {
        *used = taken;
    }
    return bytes;
}

/* Punctuation that stays with what is before it (or, opening, with what follows). */
static bool is_one_of(const char *at, size_t size, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (strlen(*list) == size && memcmp(*list, at, size) == 0) {
            return true;
        }
    }
    return false;
}

/* May a line end between the character before (width and bytes given) and the one at next? */
static bool may_break(const char *before, size_t before_size, int before_width, const char *next)
{
    static const char *const closing[] = {"，", "。", "、", "：", "；", "？", "！",
                                          "）", "】", "」", "》", "”",  "…",  ",",
                                          ".",  ":",  ";",  "?",  "!",  ")",  NULL};
    static const char *const opening[] = {"（", "【", "「", "《", "“", "(", NULL};
    size_t size;
    int width = character_width(next, &size);
    if (*next == ' ') {
        return true;
    }
    return (width == 2 || before_width == 2) && !is_one_of(next, size, closing) &&
           !is_one_of(before, before_size, opening);
}

size_t text_break(const char *safe, int columns, size_t least)
{
    size_t newline = strcspn(safe, "\n");
    size_t fits = text_fit(safe, columns, NULL);
    if (fits >= newline) {
        return newline;
    }
    size_t best = 0;
    for (size_t at = 0, size; at < fits; at += size) {
        int width = character_width(safe + at, &size);
        if (at + size > least && may_break(safe + at, size, width, safe + at + size)) {
            best = at + size;
        }
    }
    if (best == 0) {
        size_t size;
        character_width(safe, &size);
        return fits > 0 ? fits : size;
    }
    return best;
}

void text_append_cell(struct buffer *out, const char *safe, int columns, bool pad)
{
    if (columns <= 0) {
        return;
    }
    int used = 0;
    size_t bytes = text_fit(safe, columns, &used);
    if (safe[bytes] == '\0') {
        buffer_append(out, safe, bytes);
    } else {
        bytes = text_fit(safe, columns - 1, &used);
        buffer_append(out, safe, bytes);
        buffer_append_string(out, text_locale_is_utf8() ? "…" : "~");
        used++;
    }
    if (pad && used < columns) {
        buffer_append_repeat(out, ' ', (size_t)(columns - used));
    }
}

const char *text_column(char *out, size_t size, const char *safe, int columns)
{
    size_t length = strnlen(safe, size - 1);
    int width = text_width(safe);
    memcpy(out, safe, length);
    for (; width < columns && length + 1 < size; width++) {
        out[length++] = ' ';
    }
    out[length] = '\0';
    return out;
}

static char thousands[5] = " ";

void text_set_thousands(const char *mark)
{
    size_t length = strlen(mark);
    if (length > 0 && length < sizeof(thousands)) {
        memcpy(thousands, mark, length + 1);
    }
}

void text_number(char out[48], double value)
{
    char digits[32];
    size_t at = 0;
    size_t width = strlen(thousands);
    snprintf(digits, sizeof(digits), "%.0f", value < 0 ? 0 : value);
    size_t length = strlen(digits);
    for (size_t i = 0; i < length && at + width + 1 < 48; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            memcpy(out + at, thousands, width);
            at += width;
        }
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

const char *text_find(const char *text, const char *needle)
{
    size_t length = strlen(needle);
    for (; *text != '\0' || length == 0; text++) {
        if (strncasecmp(text, needle, length) == 0) {
            return text;
        }
    }
    return NULL;
}

bool text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text);
    size_t tail = strlen(suffix);
    return length >= tail && memcmp(text + length - tail, suffix, tail) == 0;
}
