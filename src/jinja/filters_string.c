/* Filters on text. */
#include <string.h>

#include "base/text.h"
#include "filters.h"
#include "format.h"

static bool filter_lower(struct run *run, const struct call *call, struct jinja_value *out)
{
    return bind_arguments(run, call, "", NULL) && text_of(run, call->self, out) &&
           change_case(run, out->as.string, false, out);
}

static bool filter_upper(struct run *run, const struct call *call, struct jinja_value *out)
{
    return bind_arguments(run, call, "", NULL) && text_of(run, call->self, out) &&
           change_case(run, out->as.string, true, out);
}

/* The first character in upper case, the rest in lower case. */
static bool capitalised(struct run *run, const char *bytes, size_t length, struct buffer *text)
{
    struct jinja_value head = new_string(run, bytes, length);
    size_t width = character_offset(head.as.string, 1);
    struct jinja_value tail = new_string(run, bytes + width, length - width);
    head = new_string(run, bytes, width);
    return change_case(run, head.as.string, true, &head) &&
           change_case(run, tail.as.string, false, &tail) && jinja_write_str(text, head) &&
           jinja_write_str(text, tail);
}

static bool filter_capitalize(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value value;
    struct buffer text;
    if (!bind_arguments(run, call, "", NULL) || !text_of(run, call->self, &value)) {
        return false;
    }
    text_buffer(run, &text);
    capitalised(run, value.as.string->bytes, value.as.string->length, &text);
    return finish_text(run, &text, out);
}

static bool filter_title(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value value;
    struct buffer text;
    if (!bind_arguments(run, call, "", NULL) || !text_of(run, call->self, &value)) {
        return false;
    }
    text_buffer(run, &text);
    const char *at = value.as.string->bytes;
    while (*at != '\0') {
        size_t gap = strspn(at, "- \t\n\r\f\v({[<");
        buffer_append(&text, at, gap);
        at += gap;
        size_t word = strcspn(at, "- \t\n\r\f\v({[<");
        if (word > 0) {
            capitalised(run, at, word, &text);
        }
        at += word;
    }
    return finish_text(run, &text, out);
}

static bool filter_trim(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    struct jinja_value value;
    if (!bind_arguments(run, call, "chars", args) || !text_of(run, call->self, &value)) {
        return false;
    }
    bool given = !absent(args[0]) && args[0].type != JINJA_NONE;
    if (given && !need_string(run, args[0], "chars")) {
        return false;
    }
    return strip_text(run, value.as.string, given ? args[0].as.string : NULL, true, true, out);
}

static bool filter_replace(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[3];
    struct jinja_value value;
    int64_t count = -1;
    if (!bind_arguments(run, call, "!old !new count", args) || !text_of(run, call->self, &value) ||
        !text_of(run, args[0], &args[0]) || !text_of(run, args[1], &args[1])) {
        return false;
    }
    if (args[2].type != JINJA_NONE && !int_or(run, args[2], -1, &count)) {
        return false;
    }
    return replace_text(run, value.as.string, args[0].as.string, args[1].as.string, count, out);
}

static bool indention(struct run *run, struct jinja_value width, struct jinja_value *out)
{
    if (width.type == JINJA_STRING) {
        *out = width;
        return true;
    }
    int64_t count;
    struct buffer text;
    if (!int_or(run, width, 4, &count)) {
        return false;
    }
    if (count > 100000) {
        return run_fail(run, "indent's width is too large");
    }
    text_buffer(run, &text);
    buffer_append_repeat(&text, ' ', count < 0 ? 0 : (size_t)count);
    return finish_text(run, &text, out);
}

static bool filter_indent(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[3];
    struct jinja_value prefix;
    bool first;
    bool blank;
    if (!bind_arguments(run, call, "width first blank", args) ||
        !need_string(run, call->self, "what is indented") || !indention(run, args[0], &prefix) ||
        !flag_or(run, args[1], false, &first) || !flag_or(run, args[2], false, &blank)) {
        return false;
    }
    struct buffer text;
    text_buffer(run, &text);
    jinja_write_str(&text, call->self);
    buffer_append_char(&text, '\n');
    struct jinja_value whole;
    if (!finish_text(run, &text, &whole)) {
        return false;
    }
    const struct jinja_list *lines = split_lines(run, whole.as.string, false);
    text_buffer(run, &text);
    for (size_t i = 0; i < lines->count; i++) {
        if (i > 0) {
            buffer_append_char(&text, '\n');
        }
        bool empty = lines->items[i].as.string->length == 0;
        if (i == 0 ? first : !empty || blank) {
            jinja_write_str(&text, prefix);
        }
        jinja_write_str(&text, lines->items[i]);
    }
    return finish_text(run, &text, out);
}

static bool filter_center(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    struct jinja_value value;
    int64_t width;
    struct buffer text;
    if (!bind_arguments(run, call, "width", args) || !int_or(run, args[0], 80, &width) ||
        !text_of(run, call->self, &value)) {
        return false;
    }
    int64_t pad = width - (int64_t)value.as.string->characters;
    pad = pad < 0 ? 0 : pad;
    /* CPython gives the odd blank to the left if the width is odd as well. */
    int64_t left = pad / 2 + (pad & width & 1);
    text_buffer(run, &text);
    buffer_append_repeat(&text, ' ', (size_t)left);
    jinja_write_str(&text, value);
    buffer_append_repeat(&text, ' ', (size_t)(pad - left));
    return finish_text(run, &text, out);
}

static bool filter_truncate(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[4];
    struct jinja_value value;
    struct jinja_value end = new_text(run, "...");
    int64_t length;
    int64_t leeway;
    bool kill;
    if (!bind_arguments(run, call, "length killwords end leeway", args) ||
        !int_or(run, args[0], 255, &length) || !flag_or(run, args[1], false, &kill) ||
        !need_string(run, call->self, "what is truncated")) {
        return false;
    }
    if (args[3].type == JINJA_NONE) {
        args[3] = (struct jinja_value){.type = JINJA_UNDEFINED};
    }
    if (!int_or(run, args[3], 5, &leeway) ||
        (!absent(args[2]) && (!need_string(run, args[2], "end")))) {
        return false;
    }
    end = absent(args[2]) ? end : args[2];
    value = call->self;
    if ((int64_t)value.as.string->characters <= length + leeway) {
        *out = value;
        return true;
    }
    int64_t keep = length - (int64_t)end.as.string->characters;
    if (keep < 0) {
        return run_fail(run, "truncate's length is shorter than its end");
    }
    size_t bytes = character_offset(value.as.string, (size_t)keep);
    struct buffer text;
    text_buffer(run, &text);
    if (!kill) {
        size_t space = bytes;
        while (space > 0 && value.as.string->bytes[space - 1] != ' ') {
            space--;
        }
        bytes = space > 0 ? space - 1 : bytes;
    }
    buffer_append(&text, value.as.string->bytes, bytes);
    jinja_write_str(&text, end);
    return finish_text(run, &text, out);
}

static bool filter_wordcount(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value value;
    size_t count = 0;
    if (!bind_arguments(run, call, "", NULL) || !text_of(run, call->self, &value)) {
        return false;
    }
    bool inside = false;
    const struct jinja_string *string = value.as.string;
    for (size_t i = 0; i < string->length;) {
        unsigned code;
        size_t width = text_decode_utf8(string->bytes + i, string->length - i, &code);
        bool word = is_letter(code) || (code >= '0' && code <= '9') || code == '_';
        count += word && !inside;
        inside = word;
        i += width == 0 ? 1 : width;
    }
    *out = jinja_int((int64_t)count);
    return true;
}

static bool filter_format(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value value;
    struct jinja_value arguments;
    if (!text_of(run, call->self, &value)) {
        return false;
    }
    if (call->count > 0 && call->keyword_count > 0) {
        return run_fail(run, "format takes positional or keyword arguments, not both");
    }
    if (call->keyword_count > 0) {
        arguments = jinja_dict(run->arena);
        for (size_t i = 0; i < call->keyword_count; i++) {
            jinja_dict_set_text(run->arena, arguments.as.dict, call->keywords[i], call->values[i]);
        }
    } else {
        arguments = jinja_tuple(run->arena, call->count);
        for (size_t i = 0; i < call->count; i++) {
            jinja_list_append(run->arena, arguments.as.list, call->items[i]);
        }
    }
    return format_percent(run, value.as.string, arguments, out);
}

static bool filter_split(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    int64_t limit;
    if (!bind_arguments(run, call, "sep maxsplit", args) || !int_or(run, args[1], -1, &limit) ||
        !need_string(run, call->self, "what is split")) {
        return false;
    }
    bool given = !absent(args[0]) && args[0].type != JINJA_NONE;
    if (given && !need_string(run, args[0], "the separator")) {
        return false;
    }
    if (given && args[0].as.string->length == 0) {
        return run_fail(run, "the separator is empty");
    }
    out->type = JINJA_LIST;
    out->as.list =
        split_text(run, call->self.as.string, given ? args[0].as.string : NULL, limit, false);
    return true;
}

static bool filter_striptags(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value value;
    struct buffer text;
    if (!bind_arguments(run, call, "", NULL) || !text_of(run, call->self, &value)) {
        return false;
    }
    text_buffer(run, &text);
    const char *at = value.as.string->bytes;
    while (*at != '\0') {
        if (*at == '<') {
            const char *mark = strncmp(at, "<!--", 4) == 0 ? "-->" : ">";
            const char *end = strstr(at, mark);
            if (end != NULL) {
                at = end + strlen(mark);
                continue;
            }
        }
        buffer_append_char(&text, *at++);
    }
    struct jinja_value stripped;
    if (!finish_text(run, &text, &stripped)) {
        return false;
    }
    const struct jinja_list *words = split_text(run, stripped.as.string, NULL, -1, false);
    return join_text(run, words, new_text(run, " ").as.string, out);
}

struct comment_style {
    const char *name;
    const char *beginning;
    const char *decoration;
    const char *end;
};

static const struct comment_style comment_styles[] = {
    {"plain", "", "# ", ""},        {"erlang", "", "% ", ""},      {"c", "", "// ", ""},
    {"cblock", "/*", " * ", " */"}, {"xml", "<!--", " - ", "-->"},
};

static void repeat_line(struct buffer *text, const struct jinja_string *line, const char *newline,
                        int64_t count)
{
    for (int64_t i = 0; i < count && line->length > 0 && !text->overflowed; i++) {
        if (strcmp(line->bytes, newline) != 0) {
            buffer_append_string(text, line->bytes);
        }
        buffer_append_string(text, newline);
    }
}

/* "a" + "b" as a string. */
static bool joined(struct run *run, const struct jinja_string *a, const struct jinja_string *b,
                   struct jinja_value *out)
{
    struct buffer text;
    text_buffer(run, &text);
    buffer_append(&text, a->bytes, a->length);
    buffer_append(&text, b->bytes, b->length);
    return finish_text(run, &text, out);
}

/* Each line with the decoration before it; where only that stands, its blanks go. */
static bool decorate(struct run *run, const struct jinja_string *text,
                     const struct jinja_string *newline, const struct jinja_string *decoration,
                     struct jinja_value *out)
{
    struct jinja_value bare;
    struct jinja_value value;
    struct jinja_value padded;
    struct jinja_value tight;
    strip_text(run, decoration, NULL, false, true, &bare);
    return joined(run, newline, decoration, &padded) &&
           replace_text(run, text, newline, padded.as.string, -1, &value) &&
           joined(run, decoration, value.as.string, &value) &&
           joined(run, decoration, newline, &padded) &&
           joined(run, bare.as.string, newline, &tight) &&
           replace_text(run, value.as.string, padded.as.string, tight.as.string, -1, out);
}

static const struct comment_style *find_style(struct jinja_value name)
{
    for (size_t i = 0; i < sizeof(comment_styles) / sizeof(comment_styles[0]); i++) {
        if (absent(name) || jinja_is_text(name, comment_styles[i].name)) {
            return &comment_styles[i];
        }
    }
    return NULL;
}

enum comment_part {
    STYLE,
    NEWLINE,
    BEGINNING,
    PREFIX,
    PREFIX_COUNT,
    DECORATION,
    POSTFIX,
    COUNT,
    END
};

/* What is not given comes from the style. */
static bool comment_parts(struct run *run, const struct call *call, struct jinja_value a[9])
{
    static const enum comment_part texts[] = {NEWLINE, BEGINNING, DECORATION, PREFIX, POSTFIX, END};
    struct jinja_value bare;
    if (!bind_arguments(run, call,
                        "style newline beginning prefix prefix_count decoration postfix "
                        "postfix_count end",
                        a) ||
        !need_string(run, call->self, "a comment")) {
        return false;
    }
    const struct comment_style *style = find_style(a[STYLE]);
    if (style == NULL) {
        return run_fail(run, "comment's style is not known");
    }
    a[NEWLINE] = absent(a[NEWLINE]) ? new_text(run, "\n") : a[NEWLINE];
    a[BEGINNING] = absent(a[BEGINNING]) ? new_text(run, style->beginning) : a[BEGINNING];
    a[DECORATION] = absent(a[DECORATION]) ? new_text(run, style->decoration) : a[DECORATION];
    a[END] = absent(a[END]) ? new_text(run, style->end) : a[END];
    if (!need_string(run, a[DECORATION], "comment's decoration")) {
        return false;
    }
    strip_text(run, a[DECORATION].as.string, NULL, false, true, &bare);
    a[PREFIX] = absent(a[PREFIX]) ? bare : a[PREFIX];
    a[POSTFIX] = absent(a[POSTFIX]) ? bare : a[POSTFIX];
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (!need_string(run, a[texts[i]], "comment's part")) {
            return false;
        }
    }
    return true;
}

static bool filter_comment(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value a[9];
    struct jinja_value body;
    int64_t before;
    int64_t after;
    struct buffer text;
    if (!comment_parts(run, call, a) || !int_or(run, a[PREFIX_COUNT], 1, &before) ||
        !int_or(run, a[COUNT], 1, &after) ||
        !decorate(run, call->self.as.string, a[NEWLINE].as.string, a[DECORATION].as.string,
                  &body)) {
        return false;
    }
    const char *newline = a[NEWLINE].as.string->bytes;
    text_buffer(run, &text);
    if (a[BEGINNING].as.string->length > 0) {
        buffer_printf(&text, "%s%s", a[BEGINNING].as.string->bytes, newline);
    }
    repeat_line(&text, a[PREFIX].as.string, newline, before);
    buffer_append_string(&text, body.as.string->bytes);
    for (int64_t i = 0; i < after && !text.overflowed; i++) {
        buffer_printf(&text, "%s%s", newline, a[POSTFIX].as.string->bytes);
    }
    if (a[END].as.string->length > 0) {
        buffer_printf(&text, "%s%s", newline, a[END].as.string->bytes);
    }
    return finish_text(run, &text, out);
}

const struct filter filters_string[] = {
    {"lower", filter_lower, 0},
    {"upper", filter_upper, 0},
    {"capitalize", filter_capitalize, 0},
    {"title", filter_title, 0},
    {"trim", filter_trim, 0},
    {"replace", filter_replace, 0},
    {"indent", filter_indent, 0},
    {"center", filter_center, 0},
    {"truncate", filter_truncate, 0},
    {"wordcount", filter_wordcount, 0},
    {"format", filter_format, 0},
    {"split", filter_split, 0},
    {"striptags", filter_striptags, 0},
    {"comment", filter_comment, 0},
    {NULL, NULL, 0},
};
