#include "scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void lines_split(struct text_lines *lines, char *text, size_t length)
{
    size_t capacity = 0;
    memset(lines, 0, sizeof(*lines));
    lines->text = text;
    lines->length = length;
    const char *at = text;
    const char *end = text + length;
    while (at < end) {
        lines->start = xgrow(lines->start, lines->count + 1, &capacity, sizeof(*lines->start));
        lines->start[lines->count++] = at;
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        lines->crlf = lines->crlf || (newline != NULL && newline > at && newline[-1] == '\r');
        at = newline == NULL ? end : newline + 1;
    }
    lines->start = xgrow(lines->start, lines->count + 1, &capacity, sizeof(*lines->start));
    lines->start[lines->count] = end;
}

void lines_free(struct text_lines *lines)
{
    free(lines->text);
    free(lines->start);
    memset(lines, 0, sizeof(*lines));
}

size_t lines_length(const struct text_lines *lines, size_t number)
{
    const char *start = lines->start[number];
    size_t length = (size_t)(lines->start[number + 1] - start);
    while (length > 0 && (start[length - 1] == '\n' || start[length - 1] == '\r')) {
        length--;
    }
    return length;
}

size_t lines_indent(const struct text_lines *lines, size_t number)
{
    size_t length = lines_length(lines, number);
    size_t indent = 0;
    while (indent < length && lines->start[number][indent] == ' ') {
        indent++;
    }
    return indent;
}

bool lines_begins(const struct text_lines *lines, size_t number, const char *text)
{
    size_t indent = lines_indent(lines, number);
    size_t length = strlen(text);
    return lines_length(lines, number) - indent >= length &&
           strncmp(lines->start[number] + indent, text, length) == 0;
}

/* Without blanks, a comment and one pair of quotes around it. */
static char *plain_value(const char *text, size_t length)
{
    while (length > 0 && isspace((unsigned char)*text)) {
        text++;
        length--;
    }
    for (size_t i = 1; i < length; i++) {
        if (text[i] == '#' && isspace((unsigned char)text[i - 1])) {
            length = i;
        }
    }
    while (length > 0 && isspace((unsigned char)text[length - 1])) {
        length--;
    }
    if (length > 1 && (*text == '"' || *text == '\'') && text[length - 1] == *text) {
        text++;
        length -= 2;
    }
    return xstrndup(text, length);
}

char *lines_value(const struct text_lines *lines, size_t number, const char *key)
{
    size_t indent = lines_indent(lines, number);
    const char *at = lines->start[number] + indent;
    size_t length = lines_length(lines, number) - indent;
    if (length > 2 && at[0] == '-' && at[1] == ' ') {
        at += 2;
        length -= 2;
    }
    size_t size = strlen(key);
    if (length <= size || strncmp(at, key, size) != 0 || at[size] != ':') {
        return NULL;
    }
    return plain_value(at + size + 1, length - size - 1);
}

static bool is_statement(const struct text_lines *lines, size_t number)
{
    return lines_begins(lines, number, "{%") || lines_begins(lines, number, "{#");
}

static bool is_blank(const struct text_lines *lines, size_t number)
{
    return lines_length(lines, number) == lines_indent(lines, number);
}

static void add_name(struct pull_block *block, const struct text_lines *lines, size_t line,
                     char *name)
{
    if (block->name_count >= sizeof(block->names) / sizeof(block->names[0])) {
        free(name);
        return;
    }
    const char *at = strstr(lines->start[line], name);
    struct pull_name *out = &block->names[block->name_count++];
    out->name = name;
    out->line = line;
    out->column =
        at == NULL || *name == '\0' ? lines_indent(lines, line) : (size_t)(at - lines->start[line]);
    out->literal = strstr(name, "{{") == NULL;
}

/* imagePullSecrets: [{name: a}, {name: b}] */
static void inline_names(struct pull_block *block, const struct text_lines *lines, size_t line)
{
    const char *at = lines->start[line];
    const char *end = at + lines_length(lines, line);
    while ((at = memmem(at, (size_t)(end - at), "name:", 5)) != NULL) {
        at += 5;
        size_t length = 0;
        while (at + length < end && strchr(",}]", at[length]) == NULL) {
            length++;
        }
        add_name(block, lines, line, plain_value(at, length));
        at += length;
    }
}

long scan_condition_of(const struct text_lines *lines, size_t line)
{
    int closed = 0;
    for (size_t i = line; i > 0; i--) {
        const char *at = lines->start[i - 1] + lines_indent(lines, i - 1);
        if (!lines_begins(lines, i - 1, "{%")) {
            continue;
        }
        at += 2 + strspn(at + 2, "-+ \t");
        if (strncmp(at, "endif", 5) == 0) {
            closed++;
        } else if (strncmp(at, "if", 2) == 0 && closed-- == 0) {
            return (long)(i - 1);
        }
    }
    return -1;
}

/* Whether the condition around the block asks for a variable of pull secrets. */
static void read_guard(struct pull_block *block, const struct text_lines *lines)
{
    long line = scan_condition_of(lines, block->first);
    if (line < 0) {
        return;
    }
    char *text = xstrndup(lines->start[line], lines_length(lines, (size_t)line));
    if (strstr(text, "pull_secret") != NULL) {
        block->guarded = true;
        block->guarded_empty = strstr(text, " and ") != NULL || strstr(text, "default(") != NULL ||
                               strstr(text, "is defined") == NULL;
    }
    free(text);
}

static bool read_block(const struct text_lines *lines, size_t line, struct pull_block *block)
{
    memset(block, 0, sizeof(*block));
    block->first = line;
    block->indent = lines_indent(lines, line);
    block->end = line + 1;
    char *rest = lines_value(lines, line, "imagePullSecrets");
    bool here = rest != NULL && *rest != '\0';
    free(rest);
    if (here) {
        inline_names(block, lines, line);
    }
    for (size_t i = line + 1; !here && i < lines->count; i++) {
        if (is_statement(lines, i) || is_blank(lines, i)) {
            continue;
        }
        if (lines_indent(lines, i) < block->indent || !lines_begins(lines, i, "- ")) {
            break;
        }
        char *name = lines_value(lines, i, "name");
        if (name == NULL) {
            break;
        }
        add_name(block, lines, i, name);
        block->end = i + 1;
    }
    if (block->name_count > 0) {
        read_guard(block, lines);
    }
    return block->name_count > 0;
}

bool scan_next_pull_block(const struct text_lines *lines, size_t from, struct pull_block *out)
{
    for (size_t i = from; i < lines->count; i++) {
        if (lines_begins(lines, i, "imagePullSecrets:")) {
            if (read_block(lines, i, out)) {
                return true;
            }
            pull_block_free(out);
        }
    }
    return false;
}

void pull_block_free(struct pull_block *block)
{
    for (size_t i = 0; i < block->name_count; i++) {
        free(block->names[i].name);
    }
    memset(block, 0, sizeof(*block));
}

static bool document_ends(const struct text_lines *lines, size_t line)
{
    return strncmp(lines->start[line], "---", 3) == 0;
}

bool scan_next_secret(const struct text_lines *lines, size_t from, struct secret_text *out)
{
    size_t kind = from;
    while (kind < lines->count &&
           (lines_indent(lines, kind) > 0 || !lines_begins(lines, kind, "kind: Secret") ||
            lines_length(lines, kind) != strlen("kind: Secret"))) {
        kind++;
    }
    if (kind >= lines->count) {
        return false;
    }
    memset(out, 0, sizeof(*out));
    out->line = kind;
    size_t start = kind;
    while (start > 0 && !document_ends(lines, start - 1)) {
        start--;
    }
    bool metadata = false;
    bool data = false;
    for (size_t i = start; i < lines->count && (i <= kind || !document_ends(lines, i)); i++) {
        bool top = lines_indent(lines, i) == 0 && !is_blank(lines, i) && !is_statement(lines, i);
        if (top) {
            metadata = lines_begins(lines, i, "metadata:");
            data = lines_begins(lines, i, "data:") || lines_begins(lines, i, "stringData:");
            if (lines_begins(lines, i, "stringData:")) {
                out->string_data = i;
            }
            if (out->type == NULL) {
                out->type = lines_value(lines, i, "type");
            }
        }
        if (metadata && out->name == NULL) {
            out->name = lines_value(lines, i, "name");
        }
        char *line = data ? xstrndup(lines->start[i], lines_length(lines, i)) : NULL;
        out->prints = out->prints || (line != NULL && strstr(line, "{{") != NULL);
        free(line);
    }
    return true;
}

void secret_text_free(struct secret_text *secret)
{
    free(secret->name);
    free(secret->type);
    memset(secret, 0, sizeof(*secret));
}

char *scan_open_variable(const struct pull_block *block)
{
    const struct pull_name *name = &block->names[0];
    if (block->name_count != 1 || name->literal || (block->guarded && block->guarded_empty) ||
        strncmp(name->name, "{{", 2) != 0) {
        return NULL;
    }
    const char *start = name->name + 2 + strspn(name->name + 2, " ");
    size_t length = 0;
    while (start[length] == '_' || isalnum((unsigned char)start[length])) {
        length++;
    }
    const char *behind = start + length + strspn(start + length, " ");
    char *variable = xstrndup(start, length);
    if (strcmp(behind, "}}") != 0 || strstr(variable, "pull_secret") == NULL) {
        free(variable);
        return NULL;
    }
    return variable;
}

static bool is_task(const struct text_lines *tasks, size_t line)
{
    return lines_length(tasks, line) > 2 && strncmp(tasks->start[line], "- ", 2) == 0;
}

bool scan_task_of(const struct text_lines *tasks, const char *stem, struct task_text *out)
{
    bool named = false;
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < tasks->count; i++) {
        if (is_task(tasks, i)) {
            if (named && out->dest > 0) {
                return true;
            }
            named = false;
            memset(out, 0, sizeof(*out));
        }
        named =
            named || memmem(tasks->start[i], lines_length(tasks, i), stem, strlen(stem)) != NULL;
        if (out->dest == 0 && lines_begins(tasks, i, "dest:")) {
            out->dest = i;
        }
        if (out->mode == 0 && lines_begins(tasks, i, "mode:")) {
            out->mode = i;
        }
    }
    return named && out->dest > 0;
}

bool scan_is_world_readable(const struct text_lines *tasks, const struct task_text *task)
{
    if (task->mode == 0) {
        return true;
    }
    char *mode = lines_value(tasks, task->mode, "mode");
    size_t length = mode == NULL ? 0 : strlen(mode);
    bool octal = length >= 3 && strspn(mode, "01234567") == length;
    bool readable = octal && mode[length - 1] >= '4';
    free(mode);
    return readable;
}

bool scan_image_host(const struct text_lines *lines, size_t line, size_t *column, size_t *length)
{
    char *image = lines_value(lines, line, "image");
    bool found = false;
    size_t host = image == NULL ? 0 : strcspn(image, "/");
    /* A host has a dot or a port; {{ }} is no literal. */
    if (image != NULL && image[host] == '/' && memchr(image, '{', host) == NULL &&
        (memchr(image, '.', host) != NULL || memchr(image, ':', host) != NULL)) {
        const char *at = strstr(lines->start[line], image);
        *column = at == NULL ? 0 : (size_t)(at - lines->start[line]);
        *length = host;
        found = at != NULL;
    }
    free(image);
    return found;
}

bool scan_is_workload(const struct text_lines *lines)
{
    static const char *const kinds[] = {"Deployment", "StatefulSet", "DaemonSet"};
    for (size_t i = 0; i < lines->count; i++) {
        char *kind = lines_indent(lines, i) == 0 ? lines_value(lines, i, "kind") : NULL;
        bool workload = false;
        for (size_t k = 0; kind != NULL && k < sizeof(kinds) / sizeof(kinds[0]); k++) {
            workload = workload || strcmp(kind, kinds[k]) == 0;
        }
        free(kind);
        if (workload) {
            return true;
        }
    }
    return false;
}
