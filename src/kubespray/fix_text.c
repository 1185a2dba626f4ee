#include "fix_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/text.h"
#include "scan.h"

enum { MAX_TEXT = 8 * 1024 * 1024 };

static void split(struct text_lines *lines, const char *text)
{
    lines_split(lines, xstrdup(text), strlen(text));
}

static void append_lines(struct buffer *out, const struct text_lines *lines, size_t from, size_t to)
{
    buffer_append(out, lines->start[from], (size_t)(lines->start[to] - lines->start[from]));
}

static void end_line(struct buffer *out, const struct text_lines *lines)
{
    buffer_append_string(out, lines->crlf ? "\r\n" : "\n");
}

/* A text that is appended to must end in a line end. */
static void finish_line(struct buffer *out, const struct text_lines *lines)
{
    if (out->length > 0 && out->data[out->length - 1] != '\n') {
        end_line(out, lines);
    }
}

static void write_block(struct buffer *out, const struct text_lines *lines, const char *variable,
                        size_t indent)
{
    buffer_printf(out, "{%% if %s is defined and %s %%}", variable, variable);
    end_line(out, lines);
    buffer_append_repeat(out, ' ', indent);
    buffer_append_string(out, "imagePullSecrets:");
    end_line(out, lines);
    buffer_printf(out, "{%% for name in ([%s] if %s is string else %s) %%}", variable, variable,
                  variable);
    end_line(out, lines);
    buffer_append_repeat(out, ' ', indent + 2);
    buffer_append_string(out, "- name: {{ name }}");
    end_line(out, lines);
    buffer_append_string(out, "{% endfor %}");
    end_line(out, lines);
    buffer_append_string(out, "{% endif %}");
    end_line(out, lines);
}

static bool all_literal(const struct pull_block *block)
{
    for (size_t i = 0; i < block->name_count; i++) {
        if (!block->names[i].literal) {
            return false;
        }
    }
    return true;
}

/* The line of a pod's first containers or initContainers, behind `from`. */
static size_t find_containers(const struct text_lines *lines, size_t from)
{
    bool workload = false;
    for (size_t i = from; i < lines->count; i++) {
        if (strncmp(lines->start[i], "---", 3) == 0) {
            workload = false;
        }
        char *kind = lines_indent(lines, i) == 0 ? lines_value(lines, i, "kind") : NULL;
        workload = workload || (kind != NULL && (strcmp(kind, "Deployment") == 0 ||
                                                 strcmp(kind, "StatefulSet") == 0 ||
                                                 strcmp(kind, "DaemonSet") == 0));
        free(kind);
        if (workload &&
            (lines_begins(lines, i, "containers:") || lines_begins(lines, i, "initContainers:"))) {
            return i;
        }
    }
    return lines->count;
}

static char *insert_block(const struct text_lines *lines, const char *variable)
{
    struct buffer out;
    buffer_init(&out, MAX_TEXT);
    size_t at = find_containers(lines, 0);
    append_lines(&out, lines, 0, at);
    if (at < lines->count) {
        write_block(&out, lines, variable, lines_indent(lines, at));
        append_lines(&out, lines, at, lines->count);
    }
    return buffer_take(&out);
}

char *fix_template(const char *text, const char *variable, bool insert)
{
    struct text_lines lines;
    struct pull_block block;
    struct buffer out;
    size_t copied = 0;
    bool any = false;
    split(&lines, text);
    buffer_init(&out, MAX_TEXT);
    for (size_t at = 0; scan_next_pull_block(&lines, at, &block);) {
        any = true;
        char *open = scan_open_variable(&block);
        if (all_literal(&block) || open != NULL) {
            size_t end = block.end;
            size_t first = block.first;
            if (open != NULL && first > 0 && end < lines.count &&
                scan_condition_of(&lines, first) == (long)first - 1 &&
                lines_begins(&lines, end, "{% endif")) {
                first--; /* its own condition is part of what is written */
                end++;
            }
            append_lines(&out, &lines, copied, first);
            write_block(&out, &lines, open == NULL ? variable : open, block.indent);
            copied = end;
        }
        free(open);
        at = block.end;
        pull_block_free(&block);
    }
    append_lines(&out, &lines, copied, lines.count);
    char *result = buffer_take(&out);
    if (!any && insert && scan_is_workload(&lines)) {
        free(result);
        result = insert_block(&lines, variable);
    }
    lines_free(&lines);
    return result;
}

/* "variable:", commented out or not. */
static bool names_variable(const struct text_lines *lines, size_t line, const char *variable,
                           bool *commented)
{
    const char *at = lines->start[line];
    size_t length = lines_length(lines, line);
    size_t skip = 0;
    while (skip < length && (at[skip] == '#' || at[skip] == ' ')) {
        skip++;
    }
    size_t size = strlen(variable);
    size_t quote = skip < length && (at[skip] == '"' || at[skip] == '\'') ? 1 : 0;
    const char *name = at + skip + quote;
    const char *behind = name + size + quote;
    *commented = skip > 0;
    return length > skip + size + 2 * quote && strncmp(name, variable, size) == 0 &&
           (quote == 0 || name[size] == at[skip]) && *behind == ':' && (skip == 0 || at[0] == '#');
}

char *fix_add_lines(const char *text, const char *variable, bool sample,
                    const char *const *explanation, size_t explanation_count,
                    const char *const *assignments, size_t assignment_count)
{
    struct text_lines lines;
    struct buffer out;
    bool commented;
    split(&lines, text);
    for (size_t i = 0; i < lines.count; i++) {
        if (names_variable(&lines, i, variable, &commented)) {
            lines_free(&lines);
            return xstrdup(text);
        }
    }
    buffer_init(&out, MAX_TEXT);
    buffer_append_string(&out, text);
    if (lines.count == 0) {
        buffer_append_string(&out, "---\n");
    }
    finish_line(&out, &lines);
    for (size_t i = 0; i < explanation_count; i++) {
        buffer_printf(&out, "%s %s", sample ? "##" : "#", explanation[i]);
        end_line(&out, &lines);
    }
    for (size_t i = 0; i < assignment_count; i++) {
        buffer_printf(&out, "%s%s", sample ? "# " : "", assignments[i]);
        end_line(&out, &lines);
    }
    lines_free(&lines);
    return buffer_take(&out);
}

char *fix_add_documented(const char *text, const char *variable, bool sample)
{
    static const char *const explanation[] = {
        "Registry Secret (type kubernetes.io/dockerconfigjson) in the driver's namespace that its",
        "pods pull their images with: one name, or a list of names. Empty: no imagePullSecrets.",
    };
    char *assignment = xasprintf("%s: %s", variable, sample ? "my-registry" : "\"\"");
    const char *const assignments[] = {assignment};
    char *result = fix_add_lines(text, variable, sample, explanation, 2, assignments, 1);
    free(assignment);
    return result;
}

/* Plain where YAML cannot take it for something else. */
static void write_name(struct buffer *out, const char *name)
{
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off", "null"};
    bool plain = isalpha((unsigned char)name[0]) != 0;
    for (const char *at = name; *at != '\0'; at++) {
        plain = plain && (isalnum((unsigned char)*at) || *at == '-' || *at == '.');
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        plain = plain && strcmp(name, words[i]) != 0;
    }
    const char *quote = plain ? "" : "\"";
    buffer_printf(out, "%s%s%s", quote, name, quote);
}

static void write_value(struct buffer *out, const struct text_lines *lines, const char *variable,
                        const char *const *values, size_t count, const char *rest)
{
    buffer_printf(out, "%s: ", variable);
    if (count == 1) {
        write_name(out, values[0]);
    } else {
        buffer_append_char(out, '[');
        for (size_t i = 0; i < count; i++) {
            buffer_append_string(out, i > 0 ? ", " : "");
            write_name(out, values[i]);
        }
        buffer_append_char(out, ']');
    }
    buffer_append_string(out, rest);
    end_line(out, lines);
}

/* Behind a value: the lines of a block below it. */
static size_t value_end(const struct text_lines *lines, size_t line)
{
    size_t end = line + 1;
    for (size_t i = end; i < lines->count; i++) {
        size_t length = lines_length(lines, i);
        if (length > 0 && (lines->start[i][0] == ' ' || lines->start[i][0] == '-') &&
            strncmp(lines->start[i], "---", 3) != 0) {
            end = i + 1;
        } else if (length > 0) {
            break;
        }
    }
    return end;
}

/* A comment behind the value, with the blanks before it. */
static char *comment_of(const struct text_lines *lines, size_t line)
{
    const char *start = lines->start[line];
    size_t length = lines_length(lines, line);
    for (size_t i = 1; i < length; i++) {
        if (start[i] == '#' && (start[i - 1] == ' ' || start[i - 1] == '\t')) {
            size_t blank = i;
            while (blank > 0 && (start[blank - 1] == ' ' || start[blank - 1] == '\t')) {
                blank--;
            }
            return xstrndup(start + blank, length - blank);
        }
    }
    return xstrdup("");
}

/* The line that sets (or, commented, shows) the variable; count if none does. */
static size_t find_line(const struct text_lines *lines, const char *variable, bool want_comment)
{
    bool commented;
    for (size_t i = 0; i < lines->count; i++) {
        if (names_variable(lines, i, variable, &commented) && commented == want_comment) {
            return i;
        }
    }
    return lines->count;
}

bool fix_sets_variable(const char *text, const char *variable)
{
    struct text_lines lines;
    split(&lines, text);
    bool sets = find_line(&lines, variable, false) < lines.count;
    lines_free(&lines);
    return sets;
}

char *fix_set_variable(const char *text, const char *variable, const char *const *values,
                       size_t count)
{
    struct text_lines lines;
    struct buffer out;
    split(&lines, text);
    buffer_init(&out, MAX_TEXT);
    size_t set = find_line(&lines, variable, false);
    size_t shown = find_line(&lines, variable, true);
    if (set < lines.count) {
        char *comment = comment_of(&lines, set);
        append_lines(&out, &lines, 0, set);
        write_value(&out, &lines, variable, values, count, comment);
        append_lines(&out, &lines, value_end(&lines, set), lines.count);
        free(comment);
    } else if (shown < lines.count) {
        append_lines(&out, &lines, 0, shown + 1);
        finish_line(&out, &lines);
        write_value(&out, &lines, variable, values, count, "");
        append_lines(&out, &lines, shown + 1, lines.count);
    } else {
        append_lines(&out, &lines, 0, lines.count);
        if (lines.count == 0) {
            buffer_append_string(&out, "---\n");
        }
        finish_line(&out, &lines);
        write_value(&out, &lines, variable, values, count, "");
    }
    lines_free(&lines);
    return buffer_take(&out);
}

/* mode: "0644" as mode: "0640", however it is quoted. */
static void write_mode(struct buffer *out, const struct text_lines *lines, size_t line)
{
    const char *start = lines->start[line];
    size_t length = (size_t)(lines->start[line + 1] - start);
    const char *digits = memchr(start, ':', length);
    while (digits < start + length && !isdigit((unsigned char)*digits)) {
        digits++;
    }
    size_t count = strspn(digits, "01234567");
    buffer_append(out, start, (size_t)(digits + count - 1 - start));
    buffer_append_char(out, '0');
    buffer_append(out, digits + count, length - count - (size_t)(digits - start));
}

char *fix_mode(const char *text, const char *stem)
{
    struct text_lines lines;
    struct buffer out;
    struct task_text task;
    split(&lines, text);
    buffer_init(&out, MAX_TEXT);
    size_t copied = 0;
    if (scan_task_of(&lines, stem, &task) && scan_is_world_readable(&lines, &task)) {
        copied = (task.mode == 0 ? task.dest : task.mode) + 1;
        append_lines(&out, &lines, 0, copied - 1);
        if (task.mode == 0) {
            append_lines(&out, &lines, copied - 1, copied);
            finish_line(&out, &lines);
            buffer_append_repeat(&out, ' ', lines_indent(&lines, task.dest));
            buffer_append_string(&out, "mode: \"0640\"");
            end_line(&out, &lines);
        } else {
            write_mode(&out, &lines, task.mode);
        }
    }
    append_lines(&out, &lines, copied, lines.count);
    lines_free(&lines);
    return buffer_take(&out);
}

/* "key: {{ expression }}" and nothing else: where the closing braces stand; NULL otherwise. */
static const char *plain_expression(const struct text_lines *lines, size_t line)
{
    const char *start = lines->start[line];
    size_t length = lines_length(lines, line);
    const char *open = memmem(start, length, ": {{", 4);
    const char *close =
        open == NULL ? NULL : memmem(open, length - (size_t)(open - start), "}}", 2);
    return close != NULL && close + 2 == start + length ? close : NULL;
}

char *fix_string_data(const char *text)
{
    struct text_lines lines;
    struct buffer out;
    size_t key = 0;
    split(&lines, text);
    while (key < lines.count && strncmp(lines.start[key], "stringData:", 11) != 0) {
        key++;
    }
    size_t end = key + 1;
    bool plain = key < lines.count;
    while (end < lines.count && lines_indent(&lines, end) > 0) {
        plain = plain && plain_expression(&lines, end) != NULL;
        end++;
    }
    buffer_init(&out, MAX_TEXT);
    append_lines(&out, &lines, 0, plain ? key : lines.count);
    if (plain) {
        buffer_append_string(&out, "data:");
        end_line(&out, &lines);
        for (size_t i = key + 1; i < end; i++) {
            const char *close = plain_expression(&lines, i);
            while (close > lines.start[i] && close[-1] == ' ') {
                close--;
            }
            buffer_append(&out, lines.start[i], (size_t)(close - lines.start[i]));
            buffer_append_string(&out, " | b64encode }}");
            end_line(&out, &lines);
        }
        append_lines(&out, &lines, end, lines.count);
    }
    lines_free(&lines);
    return buffer_take(&out);
}

char *fix_drop_comment(const char *text, const char *variable)
{
    struct text_lines lines;
    struct buffer out;
    split(&lines, text);
    size_t line = find_line(&lines, variable, true);
    size_t from = line;
    bool heading = line > 0 && line < lines.count && strncmp(lines.start[line - 1], "##", 2) == 0;
    bool last = line + 1 >= lines.count || lines_length(&lines, line + 1) == 0 ||
                strncmp(lines.start[line + 1], "##", 2) == 0;
    if (heading && last) {
        from--;
    }
    buffer_init(&out, MAX_TEXT);
    append_lines(&out, &lines, 0, from);
    if (line < lines.count) {
        append_lines(&out, &lines, line + 1, lines.count);
    }
    lines_free(&lines);
    return buffer_take(&out);
}
