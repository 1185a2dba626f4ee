/* Python's re over PCRE2. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "filters.h"

enum { MATCH_LIMIT = 2000000, DEPTH_LIMIT = 20000, MAX_GROUPS = 100 };

struct regex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    uint32_t groups;
};

static void regex_free(struct regex *regex)
{
    pcre2_match_data_free(regex->data);
    pcre2_match_context_free(regex->context);
    pcre2_code_free(regex->code);
}

/* Python's \Z is PCRE2's \z; escapes that Python does not know are refused, as Python does. */
static bool translate(struct run *run, const struct jinja_string *pattern, struct buffer *out)
{
    for (size_t i = 0; i < pattern->length; i++) {
        char c = pattern->bytes[i];
        buffer_append_char(out, c);
        if (c != '\\' || i + 1 >= pattern->length) {
            continue;
        }
        char next = pattern->bytes[++i];
        if (isalpha((unsigned char)next) && strchr("AbBdDsSwWZafnrtvxuUN", next) == NULL) {
            return run_fail(run, "the regular expression has the bad escape \\%c", next);
        }
        if (next == 'N' || next == 'U') {
            return run_fail(run, "the escape \\%c is not known in regular expressions here", next);
        }
        if (next == 'v') {
            /* A vertical tab; to PCRE2 any vertical space. */
            buffer_append_string(out, "x0b");
        } else {
            buffer_append_char(out, next == 'Z' ? 'z' : next);
        }
    }
    return true;
}

static bool regex_compile(struct run *run, struct jinja_value pattern, bool ignore_case,
                          bool multiline, struct regex *regex)
{
    memset(regex, 0, sizeof(*regex));
    if (!need_string(run, pattern, "a regular expression")) {
        return false;
    }
    struct buffer text;
    text_buffer(run, &text);
    if (!translate(run, pattern.as.string, &text)) {
        buffer_free(&text);
        return false;
    }
    int code;
    PCRE2_SIZE offset;
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_ALT_BSUX | PCRE2_NEVER_BACKSLASH_C;
    options |= (ignore_case ? PCRE2_CASELESS : 0U) |
               (multiline ? PCRE2_MULTILINE | PCRE2_ALT_CIRCUMFLEX : 0U);
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_set_parens_nest_limit(context, 100);
    regex->code =
        pcre2_compile((PCRE2_SPTR)text.data, text.length, options, &code, &offset, context);
    pcre2_compile_context_free(context);
    buffer_free(&text);
    if (regex->code == NULL) {
        PCRE2_UCHAR message[200];
        pcre2_get_error_message(code, message, sizeof(message));
        return run_fail(run, "the regular expression cannot be read: %s at %zu", (char *)message,
                        (size_t)offset);
    }
    regex->data = pcre2_match_data_create_from_pattern(regex->code, NULL);
    regex->context = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(regex->context, MATCH_LIMIT);
    pcre2_set_depth_limit(regex->context, DEPTH_LIMIT);
    pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &regex->groups);
    return true;
}

/* 1: found, 0: not, -1: failed with an error. */
static int regex_find(struct run *run, const struct regex *regex,
                      const struct jinja_string *subject, size_t at, uint32_t options)
{
    int result = pcre2_match(regex->code, (PCRE2_SPTR)subject->bytes, subject->length, at, options,
                             regex->data, regex->context);
    if (result == PCRE2_ERROR_NOMATCH) {
        return 0;
    }
    if (result < 0) {
        PCRE2_UCHAR message[200];
        pcre2_get_error_message(result, message, sizeof(message));
        run_fail(run, "the regular expression cannot be matched: %s", (char *)message);
        return -1;
    }
    return 1;
}

static struct jinja_value group_value(struct run *run, const struct regex *regex,
                                      const struct jinja_string *subject, uint32_t group)
{
    const PCRE2_SIZE *spans = pcre2_get_ovector_pointer(regex->data);
    if (group > regex->groups || spans[2 * group] == PCRE2_UNSET) {
        return jinja_none();
    }
    return new_string(run, subject->bytes + spans[2 * group],
                      spans[2 * group + 1] - spans[2 * group]);
}

/* The number of the group that a name or digits tell; false if there is none. */
static bool group_number(const struct regex *regex, const char *name, size_t length, uint32_t *out)
{
    char text[64];
    if (length == 0 || length >= sizeof(text)) {
        return false;
    }
    memcpy(text, name, length);
    text[length] = '\0';
    if (strspn(text, "0123456789") == length) {
        unsigned long number = strtoul(text, NULL, 10);
        *out = (uint32_t)number;
        return number <= regex->groups;
    }
    int number = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)text);
    *out = (uint32_t)number;
    return number > 0;
}

static void append_group(struct buffer *out, const struct regex *regex,
                         const struct jinja_string *subject, uint32_t group)
{
    const PCRE2_SIZE *spans = pcre2_get_ovector_pointer(regex->data);
    if (spans[2 * group] != PCRE2_UNSET) {
        buffer_append(out, subject->bytes + spans[2 * group],
                      spans[2 * group + 1] - spans[2 * group]);
    }
}

/* One escape of a replacement; *used: bytes behind the backslash. */
static bool expand_escape(struct run *run, const struct regex *regex,
                          const struct jinja_string *subject, const char *at, size_t *used,
                          struct buffer *out)
{
    static const char names[] = "abfnrtv\\";
    static const char codes[] = "\a\b\f\n\r\t\v\\";
    uint32_t group;
    const char *known = *at == '\0' ? NULL : strchr(names, *at);
    *used = 1;
    if (known != NULL) {
        return buffer_append_char(out, codes[known - names]);
    }
    if (*at == 'g') {
        const char *end = at[1] == '<' ? strchr(at, '>') : NULL;
        if (end == NULL || !group_number(regex, at + 2, (size_t)(end - at - 2), &group)) {
            return run_fail(run, "the replacement names a group that does not exist");
        }
        append_group(out, regex, subject, group);
        *used = (size_t)(end - at) + 1;
        return true;
    }
    if (isdigit((unsigned char)*at)) {
        size_t digits = strspn(at, "0123456789");
        size_t octal = strspn(at, "01234567");
        if (*at == '0' || (octal >= 3 && at[0] <= '3')) {
            unsigned code = 0;
            char bytes[4];
            *used = octal > 3 ? 3 : octal;
            for (size_t i = 0; i < *used; i++) {
                code = code * 8 + (unsigned)(at[i] - '0');
            }
            return buffer_append(out, bytes, text_encode_utf8(code, bytes));
        }
        *used = digits > 2 ? 2 : digits;
        if (!group_number(regex, at, *used, &group)) {
            return run_fail(run, "the replacement names a group that does not exist");
        }
        append_group(out, regex, subject, group);
        return true;
    }
    if (isalpha((unsigned char)*at)) {
        return run_fail(run, "the replacement has the bad escape \\%c", *at);
    }
    if (*at == '\0') {
        return run_fail(run, "the replacement ends in a backslash");
    }
    buffer_append_char(out, '\\');
    return buffer_append_char(out, *at);
}

static bool expand(struct run *run, const struct regex *regex, const struct jinja_string *subject,
                   const struct jinja_string *replacement, struct buffer *out)
{
    for (size_t i = 0; i < replacement->length; i++) {
        if (replacement->bytes[i] != '\\') {
            buffer_append_char(out, replacement->bytes[i]);
            continue;
        }
        size_t used;
        if (!expand_escape(run, regex, subject, replacement->bytes + i + 1, &used, out)) {
            return out->overflowed ? run_fail(run, "the text grows too large") : false;
        }
        i += used;
    }
    return true;
}

/* Walks all matches as re.sub() and re.findall() do; the callback gets each. */
static bool each_match(struct run *run, const struct regex *regex,
                       const struct jinja_string *subject,
                       bool (*callback)(void *context, size_t start, size_t end), void *context)
{
    size_t at = 0;
    bool advance = false;
    const PCRE2_SIZE *spans = pcre2_get_ovector_pointer(regex->data);
    while (at <= subject->length) {
        int found = regex_find(run, regex, subject, at, advance ? PCRE2_NOTEMPTY_ATSTART : 0);
        if (found < 0 || !run_step(run)) {
            return false;
        }
        if (found == 0) {
            return true;
        }
        size_t start = spans[0];
        size_t end = spans[1];
        if (!callback(context, start, end)) {
            return false;
        }
        advance = start == end;
        at = end;
    }
    return true;
}

struct substitution {
    struct run *run;
    const struct regex *regex;
    const struct jinja_string *subject;
    const struct jinja_string *replacement;
    struct buffer *out;
    size_t copied;
};

static bool substitute(void *context, size_t start, size_t end)
{
    struct substitution *sub = context;
    buffer_append(sub->out, sub->subject->bytes + sub->copied, start - sub->copied);
    sub->copied = end;
    return expand(sub->run, sub->regex, sub->subject, sub->replacement, sub->out);
}

static bool filter_replace(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[4];
    struct jinja_value value;
    struct regex regex;
    struct buffer text;
    bool ignore;
    bool multi;
    if (!bind_arguments(run, call, "pattern replacement ignorecase multiline", args) ||
        !text_of(run, call->self, &value) || !flag_or(run, args[2], false, &ignore) ||
        !flag_or(run, args[3], false, &multi)) {
        return false;
    }
    struct jinja_value pattern = absent(args[0]) ? new_text(run, "") : args[0];
    struct jinja_value replacement = absent(args[1]) ? new_text(run, "") : args[1];
    if (!need_string(run, replacement, "the replacement") ||
        !regex_compile(run, pattern, ignore, multi, &regex)) {
        return false;
    }
    text_buffer(run, &text);
    struct substitution sub = {run, &regex, value.as.string, replacement.as.string, &text, 0};
    bool fine = each_match(run, &regex, value.as.string, substitute, &sub);
    buffer_append(&text, value.as.string->bytes + sub.copied, value.as.string->length - sub.copied);
    regex_free(&regex);
    if (!fine) {
        buffer_free(&text);
        return false;
    }
    return finish_text(run, &text, out);
}

struct findings {
    struct run *run;
    const struct regex *regex;
    const struct jinja_string *subject;
    struct jinja_list *list;
};

static struct jinja_value text_or_empty(struct run *run, struct jinja_value value)
{
    return value.type == JINJA_NONE ? new_text(run, "") : value;
}

static bool collect_match(void *context, size_t start, size_t end)
{
    struct findings *findings = context;
    struct run *run = findings->run;
    uint32_t groups = findings->regex->groups;
    struct jinja_value value = new_string(run, findings->subject->bytes + start, end - start);
    if (groups == 1) {
        value = text_or_empty(run, group_value(run, findings->regex, findings->subject, 1));
    } else if (groups > 1) {
        value = jinja_tuple(run->arena, groups);
        for (uint32_t i = 1; i <= groups; i++) {
            jinja_list_append(
                run->arena, value.as.list,
                text_or_empty(run, group_value(run, findings->regex, findings->subject, i)));
        }
    }
    jinja_list_append(run->arena, findings->list, value);
    return true;
}

static bool filter_findall(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[3];
    struct jinja_value value;
    struct regex regex;
    bool ignore;
    bool multi;
    if (!bind_arguments(run, call, "!regex multiline ignorecase", args) ||
        !text_of(run, call->self, &value) || !flag_or(run, args[2], false, &ignore) ||
        !flag_or(run, args[1], false, &multi) ||
        !regex_compile(run, args[0], ignore, multi, &regex)) {
        return false;
    }
    *out = jinja_list(run->arena, 0);
    struct findings findings = {run, &regex, value.as.string, out->as.list};
    bool fine = each_match(run, &regex, value.as.string, collect_match, &findings);
    regex_free(&regex);
    return fine;
}

/* The groups that '\\1' or '\\g<name>' arguments ask for. */
static bool asked_groups(struct run *run, const struct call *call, const struct regex *regex,
                         const struct jinja_string *subject, bool found, struct jinja_value *out)
{
    struct jinja_value list = jinja_list(run->arena, call->count);
    for (size_t i = 1; i < call->count; i++) {
        if (!need_string(run, call->items[i], "a group")) {
            return false;
        }
        const char *text = call->items[i].as.string->bytes;
        const char *name = text + 1;
        size_t length = strspn(name, "0123456789");
        if (strncmp(text, "\\g<", 3) == 0 && strchr(text, '>') != NULL) {
            name = text + 3;
            length = (size_t)(strrchr(text, '>') - name);
        } else if (text[0] != '\\' || length == 0) {
            return run_fail(run, "regex_search: '%s' names no group", text);
        }
        uint32_t group;
        if (found && !group_number(regex, name, length, &group)) {
            return run_fail(run, "regex_search: there is no group %.*s", (int)length, name);
        }
        if (found) {
            jinja_list_append(run->arena, list.as.list, group_value(run, regex, subject, group));
        }
    }
    *out = list;
    return true;
}

static bool filter_search(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value value;
    struct regex regex;
    bool ignore = false;
    bool multi = false;
    if (call->count == 0) {
        return run_fail(run, "regex_search needs a regular expression");
    }
    for (size_t i = 0; i < call->keyword_count; i++) {
        ignore =
            ignore || (strcmp(call->keywords[i], "ignorecase") == 0 && jinja_true(call->values[i]));
        multi =
            multi || (strcmp(call->keywords[i], "multiline") == 0 && jinja_true(call->values[i]));
    }
    if (!text_of(run, call->self, &value) ||
        !regex_compile(run, call->items[0], ignore, multi, &regex)) {
        return false;
    }
    int found = regex_find(run, &regex, value.as.string, 0, 0);
    bool fine = found >= 0;
    if (fine && call->count > 1) {
        fine = asked_groups(run, call, &regex, value.as.string, found == 1, out);
    } else if (fine && found == 1) {
        *out = group_value(run, &regex, value.as.string, 0);
    }
    if (fine && found == 0) {
        *out = jinja_none();
    }
    regex_free(&regex);
    return fine;
}

static bool filter_escape(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    struct jinja_value value;
    struct buffer text;
    if (!bind_arguments(run, call, "re_type", args) || !text_of(run, call->self, &value)) {
        return false;
    }
    bool basic = jinja_is_text(args[0], "posix_basic");
    if (!absent(args[0]) && !basic && !jinja_is_text(args[0], "python")) {
        return run_fail(run, "regex_escape knows the types python and posix_basic");
    }
    const char *special = basic ? "].[^$*\\" : "()[]{}?*+-|^$\\.&~# \t\n\r\v\f";
    text_buffer(run, &text);
    for (size_t i = 0; i < value.as.string->length; i++) {
        char c = value.as.string->bytes[i];
        if (c != '\0' && strchr(special, c) != NULL) {
            buffer_append_char(&text, '\\');
        }
        buffer_append_char(&text, c);
    }
    return finish_text(run, &text, out);
}

bool regex_matches(struct run *run, struct jinja_value pattern, const struct jinja_string *subject,
                   bool ignore_case, bool multiline, bool anchored, bool *matches)
{
    struct regex regex;
    if (!regex_compile(run, pattern, ignore_case, multiline, &regex)) {
        return false;
    }
    int found = regex_find(run, &regex, subject, 0, anchored ? PCRE2_ANCHORED : 0);
    regex_free(&regex);
    *matches = found == 1;
    return found >= 0;
}

const struct filter filters_regex[] = {
    {"regex_replace", filter_replace, 0},
    {"regex_findall", filter_findall, 0},
    {"regex_search", filter_search, 0},
    {"regex_escape", filter_escape, 0},
    {NULL, NULL, 0},
};
