/* Python's string operations, shared by filters and methods. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "filters.h"

unsigned upper_code(unsigned c)
{
    if (c < 0x80) {
        return c >= 'a' && c <= 'z' ? c - 0x20 : c;
    }
    if ((c >= 0xE0 && c <= 0xFE && c != 0xF7) || (c >= 0x3B1 && c <= 0x3C9 && c != 0x3C2) ||
        (c >= 0x430 && c <= 0x44F)) {
        return c - 0x20;
    }
    if (c >= 0x450 && c <= 0x45F) {
        return c - 0x50;
    }
    if (c == 0xFF) {
        return 0x178;
    }
    if ((c >= 0x100 && c <= 0x137 && c != 0x131) || (c >= 0x14A && c <= 0x177) ||
        (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) || (c >= 0x1E00 && c <= 0x1E95)) {
        return c & ~1U;
    }
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) {
        return c % 2 == 0 ? c - 1 : c;
    }
    return c;
}

unsigned lower_code(unsigned c)
{
    if (c < 0x80) {
        return c >= 'A' && c <= 'Z' ? c + 0x20 : c;
    }
    if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) ||
        (c >= 0x410 && c <= 0x42F)) {
        return c + 0x20;
    }
    if (c >= 0x400 && c <= 0x40F) {
        return c + 0x50;
    }
    if (c == 0x178) {
        return 0xFF;
    }
    if ((c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14A && c <= 0x177) ||
        (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) || (c >= 0x1E00 && c <= 0x1E95)) {
        return c | 1U;
    }
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) {
        return c % 2 == 1 ? c + 1 : c;
    }
    return c;
}

bool is_letter(unsigned c)
{
    if (c < 0x80) {
        return isalpha((int)c);
    }
    return c == 0xAA || c == 0xB5 || c == 0xBA ||
           (c >= 0xC0 && c != 0xD7 && c != 0xF7 && c < 0x2000) ||
           (c >= 0x2C00 && c < 0xD800 && !(c >= 0x3000 && c < 0x3040));
}

/* Letters whose other case the functions above do not tell: refused rather than left as they are.
 */
bool case_known(struct run *run, unsigned c, bool upper)
{
    static const struct {
        unsigned first;
        unsigned last;
    } known[] = {
        {0, 0x148},         {0x14A, 0x17E},      {0x391, 0x3A9},   {0x3B1, 0x3C9},
        {0x400, 0x4BF},     {0x590, 0x109F},     {0x1100, 0x139F}, {0x1400, 0x1C7F},
        {0x1E00, 0x1E95},   {0x2000, 0x2125},    {0x2190, 0x24B5}, {0x24EA, 0x2BFF},
        {0x2E00, 0xA63F},   {0xAC00, 0xFAFF},    {0xFB1D, 0xFF20}, {0xFF5B, 0x103FF},
        {0x1F000, 0x1FFFF}, {0x20000, 0x10FFFF},
    };
    static const unsigned upper_only[] = {0xB5, 0x131, 0x3C2};
    static const unsigned lower_only[] = {0x130, 0x3A3};
    const unsigned *odd = upper ? upper_only : lower_only;
    size_t count =
        upper ? sizeof(upper_only) / sizeof(unsigned) : sizeof(lower_only) / sizeof(unsigned);
    bool found = false;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        found = found || (c >= known[i].first && c <= known[i].last);
    }
    for (size_t i = 0; i < count; i++) {
        found = found && c != odd[i];
    }
    return found ||
           (upper ? run_fail(run, "what U+%04X is as a capital letter is not known here", c)
                  : run_fail(run, "what U+%04X is as a small letter is not known here", c));
}

static void write_case(const struct jinja_string *string, bool upper, struct buffer *text)
{
    for (size_t i = 0; i < string->length;) {
        unsigned code;
        char bytes[4];
        size_t width = text_decode_utf8(string->bytes + i, string->length - i, &code);
        if (width == 0) {
            buffer_append_char(text, string->bytes[i++]);
            continue;
        }
        i += width;
        if (upper && code == 0xDF) {
            buffer_append_string(text, "SS");
            continue;
        }
        code = upper ? upper_code(code) : lower_code(code);
        buffer_append(text, bytes, text_encode_utf8(code, bytes));
    }
}

bool change_case(struct run *run, const struct jinja_string *string, bool upper,
                 struct jinja_value *out)
{
    struct buffer text;
    unsigned code;
    for (size_t i = 0; i < string->length;) {
        size_t width = text_decode_utf8(string->bytes + i, string->length - i, &code);
        if (width > 0 && !case_known(run, code, upper)) {
            return false;
        }
        i += width == 0 ? 1 : width;
    }
    text_buffer(run, &text);
    write_case(string, upper, &text);
    return finish_text(run, &text, out);
}

struct jinja_value lower_of(struct run *run, struct jinja_value value)
{
    struct jinja_value out = value;
    if (value.type == JINJA_STRING) {
        struct buffer text;
        text_buffer(run, &text);
        write_case(value.as.string, false, &text);
        finish_text(run, &text, &out);
    }
    return out;
}

/* White space in Python's sense at that byte: its width, or 0. */
static size_t space_at(const char *bytes, size_t length)
{
    unsigned code;
    unsigned char c = (unsigned char)bytes[0];
    if (c < 0x80) {
        return c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31);
    }
    size_t width = text_decode_utf8(bytes, length, &code);
    bool space = code == 0x85 || code == 0xA0 || code == 0x1680 ||
                 (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
                 code == 0x202F || code == 0x205F || code == 0x3000;
    return space ? width : 0;
}

static bool strippable(const char *bytes, size_t width, const struct jinja_string *characters)
{
    if (characters == NULL) {
        return space_at(bytes, width) == width && width > 0;
    }
    return memmem(characters->bytes, characters->length, bytes, width) != NULL;
}

static size_t width_at(const char *bytes, size_t length)
{
    size_t width = 1;
    while (width < length && ((unsigned char)bytes[width] & 0xC0) == 0x80) {
        width++;
    }
    return width;
}

bool strip_text(struct run *run, const struct jinja_string *string,
                const struct jinja_string *characters, bool left, bool right,
                struct jinja_value *out)
{
    size_t start = 0;
    size_t end = string->length;
    while (left && start < end) {
        size_t width = width_at(string->bytes + start, end - start);
        if (!strippable(string->bytes + start, width, characters)) {
            break;
        }
        start += width;
    }
    while (right && end > start) {
        size_t last = end - 1;
        while (last > start && ((unsigned char)string->bytes[last] & 0xC0) == 0x80) {
            last--;
        }
        if (!strippable(string->bytes + last, end - last, characters)) {
            break;
        }
        end = last;
    }
    *out = new_string(run, string->bytes + start, end - start);
    return true;
}

/* The width of a line end at that byte, 0 if there is none. */
static size_t line_end(const char *bytes, size_t length)
{
    unsigned code;
    unsigned char c = (unsigned char)bytes[0];
    if (c == '\r') {
        return length > 1 && bytes[1] == '\n' ? 2 : 1;
    }
    if (c == '\n' || c == '\v' || c == '\f' || (c >= 0x1C && c <= 0x1E)) {
        return 1;
    }
    if (c < 0x80) {
        return 0;
    }
    size_t width = text_decode_utf8(bytes, length, &code);
    return code == 0x85 || code == 0x2028 || code == 0x2029 ? width : 0;
}

struct jinja_list *split_lines(struct run *run, const struct jinja_string *string, bool keep_ends)
{
    struct jinja_list *lines = jinja_list(run->arena, 0).as.list;
    size_t start = 0;
    size_t i = 0;
    while (i < string->length) {
        size_t width = line_end(string->bytes + i, string->length - i);
        if (width > 0) {
            size_t end = keep_ends ? i + width : i;
            jinja_list_append(run->arena, lines,
                              new_string(run, string->bytes + start, end - start));
            start = i + width;
        }
        i += width > 0 ? width : 1;
    }
    if (start < string->length) {
        jinja_list_append(run->arena, lines,
                          new_string(run, string->bytes + start, string->length - start));
    }
    return lines;
}

static struct jinja_list *split_space(struct run *run, const struct jinja_string *string,
                                      int64_t limit)
{
    struct jinja_list *parts = jinja_list(run->arena, 0).as.list;
    size_t i = 0;
    for (;;) {
        size_t width;
        while (i < string->length &&
               (width = space_at(string->bytes + i, string->length - i)) > 0) {
            i += width;
        }
        if (i >= string->length) {
            return parts;
        }
        size_t start = i;
        if (limit >= 0 && (int64_t)parts->count >= limit) {
            struct jinja_value rest;
            struct jinja_value tail =
                new_string(run, string->bytes + start, string->length - start);
            strip_text(run, tail.as.string, NULL, false, true, &rest);
            jinja_list_append(run->arena, parts, rest);
            return parts;
        }
        while (i < string->length && space_at(string->bytes + i, string->length - i) == 0) {
            i++;
        }
        jinja_list_append(run->arena, parts, new_string(run, string->bytes + start, i - start));
    }
}

/* From the right, when a limit makes a difference: split all, then join the first again. */
static struct jinja_list *split_right(struct run *run, const struct jinja_string *string,
                                      const struct jinja_string *separator, int64_t limit)
{
    size_t end = string->length;
    struct jinja_list *reversed = jinja_list(run->arena, 0).as.list;
    for (size_t at = end; at >= separator->length && (int64_t)reversed->count < limit;) {
        size_t here = at - separator->length;
        if (memcmp(string->bytes + here, separator->bytes, separator->length) == 0) {
            jinja_list_append(run->arena, reversed, new_string(run, string->bytes + at, end - at));
            end = here;
            at = here;
        } else {
            at--;
        }
    }
    struct jinja_list *parts = jinja_list(run->arena, reversed->count + 1).as.list;
    jinja_list_append(run->arena, parts, new_string(run, string->bytes, end));
    for (size_t i = reversed->count; i > 0; i--) {
        jinja_list_append(run->arena, parts, reversed->items[i - 1]);
    }
    return parts;
}

struct jinja_list *split_text(struct run *run, const struct jinja_string *string,
                              const struct jinja_string *separator, int64_t limit, bool right)
{
    if (separator == NULL) {
        return split_space(run, string, limit);
    }
    if (right && limit >= 0) {
        return split_right(run, string, separator, limit);
    }
    struct jinja_list *parts = jinja_list(run->arena, 0).as.list;
    const char *at = string->bytes;
    const char *end = at + string->length;
    while (limit < 0 || (int64_t)parts->count < limit) {
        const char *found = memmem(at, (size_t)(end - at), separator->bytes, separator->length);
        if (found == NULL) {
            break;
        }
        jinja_list_append(run->arena, parts, new_string(run, at, (size_t)(found - at)));
        at = found + separator->length;
    }
    jinja_list_append(run->arena, parts, new_string(run, at, (size_t)(end - at)));
    return parts;
}

bool replace_text(struct run *run, const struct jinja_string *string,
                  const struct jinja_string *old, const struct jinja_string *new, int64_t limit,
                  struct jinja_value *out)
{
    struct buffer text;
    text_buffer(run, &text);
    size_t i = 0;
    int64_t done = 0;
    if (old->length == 0) {
        /* Between all characters. */
        while (i <= string->length && (limit < 0 || done < limit)) {
            buffer_append(&text, new->bytes, new->length);
            done++;
            size_t width = i < string->length ? width_at(string->bytes + i, string->length - i) : 1;
            if (i < string->length) {
                buffer_append(&text, string->bytes + i, width);
            }
            i += width;
        }
        if (i < string->length) {
            buffer_append(&text, string->bytes + i, string->length - i);
        }
        return finish_text(run, &text, out);
    }
    while (i < string->length) {
        const char *found =
            limit >= 0 && done >= limit
                ? NULL
                : memmem(string->bytes + i, string->length - i, old->bytes, old->length);
        size_t stop = found == NULL ? string->length : (size_t)(found - string->bytes);
        buffer_append(&text, string->bytes + i, stop - i);
        if (found == NULL) {
            break;
        }
        buffer_append(&text, new->bytes, new->length);
        done++;
        i = stop + old->length;
    }
    return finish_text(run, &text, out);
}

bool join_text(struct run *run, const struct jinja_list *items, const struct jinja_string *between,
               struct jinja_value *out)
{
    struct buffer text;
    text_buffer(run, &text);
    for (size_t i = 0; i < items->count; i++) {
        if (items->items[i].type == JINJA_UNDEFINED) {
            buffer_free(&text);
            return run_fail_undefined(run, items->items[i]);
        }
        if (i > 0 && between != NULL) {
            buffer_append(&text, between->bytes, between->length);
        }
        jinja_write_str(&text, items->items[i]);
    }
    return finish_text(run, &text, out);
}
