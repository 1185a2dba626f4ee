/* Methods of strings. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "format.h"
#include "methods.h"

#define SELF (call->self.as.string)

static bool string_lower(struct run *run, const struct call *call, struct jinja_value *out)
{
    return bind_arguments(run, call, "", NULL) && change_case(run, SELF, false, out);
}

static bool string_upper(struct run *run, const struct call *call, struct jinja_value *out)
{
    return bind_arguments(run, call, "", NULL) && change_case(run, SELF, true, out);
}

static bool string_capitalize(struct run *run, const struct call *call, struct jinja_value *out)
{
    return call_filter(run, "capitalize", call, out);
}

/* A letter after something else is upper case, others lower case. */
static bool recase(struct run *run, const struct call *call, bool swap, struct jinja_value *out)
{
    struct buffer text;
    bool inside = false;
    if (!bind_arguments(run, call, "", NULL)) {
        return false;
    }
    text_buffer(run, &text);
    for (size_t i = 0; i < SELF->length;) {
        unsigned code;
        char bytes[4];
        size_t width = text_decode_utf8(SELF->bytes + i, SELF->length - i, &code);
        i += width == 0 ? 1 : width;
        if (!case_known(run, code, true) || !case_known(run, code, false)) {
            buffer_free(&text);
            return false;
        }
        unsigned changed = inside ? lower_code(code) : upper_code(code);
        if (swap) {
            changed = lower_code(code) != code ? lower_code(code) : upper_code(code);
        }
        inside = is_letter(code);
        buffer_append(&text, bytes, text_encode_utf8(changed, bytes));
    }
    return finish_text(run, &text, out);
}

static bool string_title(struct run *run, const struct call *call, struct jinja_value *out)
{
    return recase(run, call, false, out);
}

static bool string_swapcase(struct run *run, const struct call *call, struct jinja_value *out)
{
    return recase(run, call, true, out);
}

static bool strip(struct run *run, const struct call *call, bool left, bool right,
                  struct jinja_value *out)
{
    struct jinja_value args[1];
    if (!bind_arguments(run, call, "chars", args)) {
        return false;
    }
    bool given = !absent(args[0]) && args[0].type != JINJA_NONE;
    if (given && !need_string(run, args[0], "chars")) {
        return false;
    }
    return strip_text(run, SELF, given ? args[0].as.string : NULL, left, right, out);
}

static bool string_strip(struct run *run, const struct call *call, struct jinja_value *out)
{
    return strip(run, call, true, true, out);
}

static bool string_lstrip(struct run *run, const struct call *call, struct jinja_value *out)
{
    return strip(run, call, true, false, out);
}

static bool string_rstrip(struct run *run, const struct call *call, struct jinja_value *out)
{
    return strip(run, call, false, true, out);
}

static bool split(struct run *run, const struct call *call, bool right, struct jinja_value *out)
{
    struct jinja_value args[2];
    int64_t limit;
    if (!bind_arguments(run, call, "sep maxsplit", args) || !int_or(run, args[1], -1, &limit)) {
        return false;
    }
    bool given = !absent(args[0]) && args[0].type != JINJA_NONE;
    if (given && !need_string(run, args[0], "the separator")) {
        return false;
    }
    if (given && args[0].as.string->length == 0) {
        return run_fail(run, "the separator is empty");
    }
    if (right && !given && limit >= 0) {
        return run_fail(run, "rsplit with a limit needs a separator here");
    }
    out->type = JINJA_LIST;
    out->as.list = split_text(run, SELF, given ? args[0].as.string : NULL, limit, right);
    return true;
}

static bool string_split(struct run *run, const struct call *call, struct jinja_value *out)
{
    return split(run, call, false, out);
}

static bool string_rsplit(struct run *run, const struct call *call, struct jinja_value *out)
{
    return split(run, call, true, out);
}

static bool string_splitlines(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    bool keep;
    if (!bind_arguments(run, call, "keepends", args) || !flag_or(run, args[0], false, &keep)) {
        return false;
    }
    out->type = JINJA_LIST;
    out->as.list = split_lines(run, SELF, keep);
    return true;
}

static bool string_replace(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[3];
    int64_t count;
    return bind_arguments(run, call, "!old !new count", args) && need_string(run, args[0], "old") &&
           need_string(run, args[1], "new") && int_or(run, args[2], -1, &count) &&
           replace_text(run, SELF, args[0].as.string, args[1].as.string, count, out);
}

static bool string_join(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    struct jinja_list *items;
    if (!bind_arguments(run, call, "!iterable", args) || !iterate(run, args[0], &items)) {
        return false;
    }
    for (size_t i = 0; i < items->count; i++) {
        if (!need_string(run, items->items[i], "what is joined")) {
            return false;
        }
    }
    return join_text(run, items, SELF, out);
}

/* Whether it begins (or ends) with the string, or with one of the tuple. */
static bool affix(struct run *run, const struct call *call, bool start, struct jinja_value *out)
{
    struct jinja_value args[1];
    if (!bind_arguments(run, call, "!affix", args)) {
        return false;
    }
    struct jinja_value one = jinja_tuple(run->arena, 1);
    jinja_list_append(run->arena, one.as.list, args[0]);
    const struct jinja_list *all = args[0].type == JINJA_TUPLE ? args[0].as.list : one.as.list;
    bool found = false;
    for (size_t i = 0; i < all->count; i++) {
        if (!need_string(run, all->items[i], "a prefix or suffix")) {
            return false;
        }
        const struct jinja_string *part = all->items[i].as.string;
        if (part->length <= SELF->length) {
            size_t at = start ? 0 : SELF->length - part->length;
            found = found || memcmp(SELF->bytes + at, part->bytes, part->length) == 0;
        }
    }
    *out = jinja_bool(found);
    return true;
}

static bool string_startswith(struct run *run, const struct call *call, struct jinja_value *out)
{
    return affix(run, call, true, out);
}

static bool string_endswith(struct run *run, const struct call *call, struct jinja_value *out)
{
    return affix(run, call, false, out);
}

static bool remove_affix(struct run *run, const struct call *call, bool start,
                         struct jinja_value *out)
{
    struct jinja_value has;
    if (!affix(run, call, start, &has)) {
        return false;
    }
    *out = call->self;
    if (has.as.boolean && call->items[0].type == JINJA_STRING) {
        size_t length = call->items[0].as.string->length;
        *out = new_string(run, SELF->bytes + (start ? length : 0), SELF->length - length);
    }
    return true;
}

static bool string_removeprefix(struct run *run, const struct call *call, struct jinja_value *out)
{
    return remove_affix(run, call, true, out);
}

static bool string_removesuffix(struct run *run, const struct call *call, struct jinja_value *out)
{
    return remove_affix(run, call, false, out);
}

/* The byte where sub is found, or -1. */
static ptrdiff_t search(const struct jinja_string *string, const struct jinja_string *sub,
                        bool last)
{
    if (sub->length > string->length) {
        return -1;
    }
    size_t steps = string->length - sub->length;
    for (size_t i = 0; i <= steps; i++) {
        size_t at = last ? steps - i : i;
        if (memcmp(string->bytes + at, sub->bytes, sub->length) == 0) {
            return (ptrdiff_t)at;
        }
    }
    return -1;
}

static bool find(struct run *run, const struct call *call, bool last, bool must,
                 struct jinja_value *out)
{
    struct jinja_value args[1];
    if (!bind_arguments(run, call, "!sub", args) ||
        !need_string(run, args[0], "what is searched")) {
        return false;
    }
    ptrdiff_t at = search(SELF, args[0].as.string, last);
    if (at < 0 && must) {
        return run_fail(run, "the substring was not found");
    }
    *out = jinja_int(-1);
    if (at >= 0) {
        struct jinja_value before = new_string(run, SELF->bytes, (size_t)at);
        *out = jinja_int((int64_t)before.as.string->characters);
    }
    return true;
}

static bool string_find(struct run *run, const struct call *call, struct jinja_value *out)
{
    return find(run, call, false, false, out);
}

static bool string_rfind(struct run *run, const struct call *call, struct jinja_value *out)
{
    return find(run, call, true, false, out);
}

static bool string_index(struct run *run, const struct call *call, struct jinja_value *out)
{
    return find(run, call, false, true, out);
}

static bool string_rindex(struct run *run, const struct call *call, struct jinja_value *out)
{
    return find(run, call, true, true, out);
}

static bool string_count(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    if (!bind_arguments(run, call, "!sub", args) || !need_string(run, args[0], "what is counted")) {
        return false;
    }
    const struct jinja_string *sub = args[0].as.string;
    int64_t count = 0;
    if (sub->length == 0) {
        count = (int64_t)SELF->characters + 1;
    }
    const char *at = SELF->bytes;
    const char *end = at + SELF->length;
    while (sub->length > 0 && (at = memmem(at, (size_t)(end - at), sub->bytes, sub->length))) {
        count++;
        at += sub->length;
    }
    *out = jinja_int(count);
    return true;
}

static bool partition(struct run *run, const struct call *call, bool last, struct jinja_value *out)
{
    struct jinja_value args[1];
    if (!bind_arguments(run, call, "!sep", args) || !need_string(run, args[0], "the separator")) {
        return false;
    }
    const struct jinja_string *separator = args[0].as.string;
    if (separator->length == 0) {
        return run_fail(run, "the separator is empty");
    }
    ptrdiff_t at = search(SELF, separator, last);
    struct jinja_value empty = new_text(run, "");
    struct jinja_value parts[3] = {last ? empty : call->self, empty, last ? call->self : empty};
    if (at >= 0) {
        size_t behind = (size_t)at + separator->length;
        parts[0] = new_string(run, SELF->bytes, (size_t)at);
        parts[1] = args[0];
        parts[2] = new_string(run, SELF->bytes + behind, SELF->length - behind);
    }
    *out = jinja_tuple(run->arena, 3);
    for (int i = 0; i < 3; i++) {
        jinja_list_append(run->arena, out->as.list, parts[i]);
    }
    return true;
}

static bool string_partition(struct run *run, const struct call *call, struct jinja_value *out)
{
    return partition(run, call, false, out);
}

static bool string_rpartition(struct run *run, const struct call *call, struct jinja_value *out)
{
    return partition(run, call, true, out);
}

/* left and right: how much of the gap goes where is decided by the caller's sign: -1, 0, 1. */
static bool justify(struct run *run, const struct call *call, int side, struct jinja_value *out)
{
    struct jinja_value args[2];
    int64_t width;
    struct buffer text;
    if (!bind_arguments(run, call, "!width fillchar", args) || !int_or(run, args[0], 0, &width)) {
        return false;
    }
    struct jinja_value fill = absent(args[1]) ? new_text(run, " ") : args[1];
    if (!need_string(run, fill, "fillchar")) {
        return false;
    }
    if (fill.as.string->characters != 1) {
        return run_fail(run, "fillchar must be one character");
    }
    int64_t gap = width - (int64_t)SELF->characters;
    gap = gap < 0 ? 0 : gap;
    int64_t left = side < 0 ? 0 : side > 0 ? gap : gap / 2 + (gap & width & 1);
    text_buffer(run, &text);
    for (int64_t i = 0; i < gap && !text.overflowed; i++) {
        if (i == left) {
            buffer_append(&text, SELF->bytes, SELF->length);
        }
        jinja_write_str(&text, fill);
    }
    if (left >= gap) {
        buffer_append(&text, SELF->bytes, SELF->length);
    }
    return finish_text(run, &text, out);
}

static bool string_ljust(struct run *run, const struct call *call, struct jinja_value *out)
{
    return justify(run, call, -1, out);
}

static bool string_rjust(struct run *run, const struct call *call, struct jinja_value *out)
{
    return justify(run, call, 1, out);
}

static bool string_center(struct run *run, const struct call *call, struct jinja_value *out)
{
    return justify(run, call, 0, out);
}

static bool string_zfill(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    int64_t width;
    struct buffer text;
    if (!bind_arguments(run, call, "!width", args) || !int_or(run, args[0], 0, &width)) {
        return false;
    }
    bool sign = SELF->bytes[0] == '-' || SELF->bytes[0] == '+';
    int64_t gap = width - (int64_t)SELF->characters;
    text_buffer(run, &text);
    buffer_append(&text, SELF->bytes, sign);
    buffer_append_repeat(&text, '0', gap < 0 ? 0 : (size_t)gap);
    buffer_append(&text, SELF->bytes + sign, SELF->length - sign);
    return finish_text(run, &text, out);
}

static bool string_format(struct run *run, const struct call *call, struct jinja_value *out)
{
    return format_braces(run, SELF, call, out);
}

enum kind { KIND_DIGIT, KIND_ALPHA, KIND_ALNUM, KIND_SPACE, KIND_UPPER, KIND_LOWER };

static bool all_are(struct run *run, const struct call *call, enum kind kind,
                    struct jinja_value *out)
{
    bool fine = SELF->length > 0;
    bool cased = false;
    if (!bind_arguments(run, call, "", NULL)) {
        return false;
    }
    for (size_t i = 0; i < SELF->length && fine;) {
        unsigned code;
        size_t width = text_decode_utf8(SELF->bytes + i, SELF->length - i, &code);
        i += width == 0 ? 1 : width;
        bool digit = code >= '0' && code <= '9';
        bool upper = lower_code(code) != code;
        bool lower = upper_code(code) != code || code == 0xDF;
        cased = cased || upper || lower;
        fine = kind == KIND_DIGIT   ? digit
               : kind == KIND_ALPHA ? is_letter(code)
               : kind == KIND_ALNUM ? digit || is_letter(code)
               : kind == KIND_SPACE ? code == ' ' || (code >= 9 && code <= 13)
               : kind == KIND_UPPER ? !lower
                                    : !upper;
    }
    *out = jinja_bool(fine && (cased || (kind != KIND_UPPER && kind != KIND_LOWER)));
    return true;
}

static bool string_isdigit(struct run *run, const struct call *call, struct jinja_value *out)
{
    return all_are(run, call, KIND_DIGIT, out);
}

static bool string_isalpha(struct run *run, const struct call *call, struct jinja_value *out)
{
    return all_are(run, call, KIND_ALPHA, out);
}

static bool string_isalnum(struct run *run, const struct call *call, struct jinja_value *out)
{
    return all_are(run, call, KIND_ALNUM, out);
}

static bool string_isspace(struct run *run, const struct call *call, struct jinja_value *out)
{
    return all_are(run, call, KIND_SPACE, out);
}

static bool string_isupper(struct run *run, const struct call *call, struct jinja_value *out)
{
    return all_are(run, call, KIND_UPPER, out);
}

static bool string_islower(struct run *run, const struct call *call, struct jinja_value *out)
{
    return all_are(run, call, KIND_LOWER, out);
}

const struct method string_methods[] = {
    {"lower", string_lower},
    {"casefold", string_lower},
    {"upper", string_upper},
    {"capitalize", string_capitalize},
    {"title", string_title},
    {"swapcase", string_swapcase},
    {"strip", string_strip},
    {"lstrip", string_lstrip},
    {"rstrip", string_rstrip},
    {"split", string_split},
    {"rsplit", string_rsplit},
    {"splitlines", string_splitlines},
    {"replace", string_replace},
    {"join", string_join},
    {"startswith", string_startswith},
    {"endswith", string_endswith},
    {"removeprefix", string_removeprefix},
    {"removesuffix", string_removesuffix},
    {"find", string_find},
    {"rfind", string_rfind},
    {"index", string_index},
    {"rindex", string_rindex},
    {"count", string_count},
    {"partition", string_partition},
    {"rpartition", string_rpartition},
    {"ljust", string_ljust},
    {"rjust", string_rjust},
    {"center", string_center},
    {"zfill", string_zfill},
    {"format", string_format},
    {"isdigit", string_isdigit},
    {"isdecimal", string_isdigit},
    {"isnumeric", string_isdigit},
    {"isalpha", string_isalpha},
    {"isalnum", string_isalnum},
    {"isspace", string_isspace},
    {"isupper", string_isupper},
    {"islower", string_islower},
    {NULL, NULL},
};
