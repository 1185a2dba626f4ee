/* Text into tokens, by the rules of Jinja's lexer: white space control, trim_blocks, raw. */
#include "lexer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lexer_tag.h"

const struct syntax default_syntax = {
    .block_start = "{%",
    .block_end = "%}",
    .variable_start = "{{",
    .variable_end = "}}",
    .comment_start = "{#",
    .comment_end = "#}",
    .newline = "\n",
    .trim_blocks = true,
};

bool lexer_fail(struct lexer *lexer, const char *what)
{
    return error_set(lexer->err, ERROR_INVALID, "%s:%d: %s", lexer->path, lexer->line, what);
}

bool lexer_at(const struct lexer *lexer, const char *text)
{
    size_t length = strlen(text);
    return lexer->length - lexer->at >= length &&
           memcmp(lexer->source + lexer->at, text, length) == 0;
}

struct token *lexer_push(struct lexer *lexer, enum token_kind kind, size_t start)
{
    struct tokens *out = lexer->out;
    if (out->count == out->capacity) {
        size_t capacity = out->capacity == 0 ? 64 : out->capacity * 2;
        struct token *items = jinja_arena_alloc(lexer->arena, capacity * sizeof(*items));
        if (out->count > 0) {
            memcpy(items, out->items, out->count * sizeof(*items));
        }
        out->items = items;
        out->capacity = capacity;
    }
    struct token *token = &out->items[out->count++];
    token->kind = kind;
    token->line = lexer->line;
    token->start = start;
    token->end = lexer->at;
    return token;
}

void lexer_advance(struct lexer *lexer, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        lexer->line += lexer->source[lexer->at++] == '\n';
    }
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f');
}

void lexer_skip_space(struct lexer *lexer)
{
    while (lexer->at < lexer->length && is_space(lexer->source[lexer->at])) {
        lexer_advance(lexer, 1);
    }
}

/* \r\n and \r become \n; one final newline goes. */
static void normalise(struct lexer *lexer, const char *text, size_t length)
{
    char *copy = jinja_arena_alloc(lexer->arena, length + 1);
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '\r') {
            c = '\n';
            i += i + 1 < length && text[i + 1] == '\n';
        }
        copy[count++] = c;
    }
    if (!lexer->syntax->keep_trailing_newline && count > 0 && copy[count - 1] == '\n') {
        copy[--count] = '\0';
    }
    lexer->source = copy;
    lexer->length = count;
}

/* Appends data; with another newline sequence, its line ends are replaced. */
static void push_data(struct lexer *lexer, size_t start, size_t end, int line)
{
    if (start == end) {
        return;
    }
    struct token *token = lexer_push(lexer, TOKEN_DATA, start);
    token->line = line;
    token->end = end;
    if (strcmp(lexer->syntax->newline, "\n") == 0) {
        token->value = jinja_string(lexer->arena, lexer->source + start, end - start);
        return;
    }
    struct buffer text;
    buffer_init(&text, (end - start) * 2 + 1);
    for (size_t i = start; i < end; i++) {
        if (lexer->source[i] == '\n') {
            buffer_append_string(&text, lexer->syntax->newline);
        } else {
            buffer_append_char(&text, lexer->source[i]);
        }
    }
    token->value = jinja_string(lexer->arena, text.data, text.length);
    buffer_free(&text);
}

enum tag { TAG_NONE, TAG_BLOCK, TAG_VARIABLE, TAG_COMMENT };

/* The tag that begins here; of several, the longest. */
static enum tag tag_here(const struct lexer *lexer, size_t *width)
{
    const char *starts[] = {lexer->syntax->block_start, lexer->syntax->variable_start,
                            lexer->syntax->comment_start};
    enum tag found = TAG_NONE;
    *width = 0;
    for (int i = 0; i < 3; i++) {
        size_t length = strlen(starts[i]);
        if (length > *width && lexer_at(lexer, starts[i])) {
            *width = length;
            found = (enum tag)(TAG_BLOCK + i);
        }
    }
    return found;
}

/* After a block's start: `raw` and its end. Moves on if it is there. */
static bool take_raw_begin(struct lexer *lexer)
{
    size_t at = lexer->at;
    int line = lexer->line;
    lexer_skip_space(lexer);
    if (lexer_at(lexer, "raw")) {
        lexer_advance(lexer, 3);
        lexer_skip_space(lexer);
        bool strip = lexer_at(lexer, "-");
        if (strip) {
            lexer_advance(lexer, 1);
        }
        if (lexer_at(lexer, lexer->syntax->block_end)) {
            lexer_advance(lexer, strlen(lexer->syntax->block_end));
            if (strip) {
                lexer_skip_space(lexer);
            }
            return true;
        }
    }
    lexer->at = at;
    lexer->line = line;
    return false;
}

/* Where data that ends before a tag really ends, given the tag's sign. */
static size_t strip_data(const struct lexer *lexer, size_t start, size_t end, char sign,
                         bool variable)
{
    const char *source = lexer->source;
    if (sign == '-') {
        while (end > start && is_space(source[end - 1])) {
            end--;
        }
        return end;
    }
    if (sign == '+' || !lexer->syntax->lstrip_blocks || variable) {
        return end;
    }
    size_t line_start = end;
    while (line_start > start && source[line_start - 1] != '\n') {
        line_start--;
    }
    if (line_start == start && !lexer->line_starting) {
        return end;
    }
    for (size_t i = line_start; i < end; i++) {
        if (!is_space(source[i])) {
            return end;
        }
    }
    return line_start;
}

void lexer_end_block(struct lexer *lexer)
{
    if (lexer->syntax->trim_blocks && lexer_at(lexer, "\n")) {
        lexer_advance(lexer, 1);
    }
}

static char take_sign(struct lexer *lexer)
{
    if (lexer_at(lexer, "-") || lexer_at(lexer, "+")) {
        char sign = lexer->source[lexer->at];
        lexer_advance(lexer, 1);
        return sign;
    }
    return '\0';
}

static bool skip_comment(struct lexer *lexer)
{
    const char *close = lexer->syntax->comment_end;
    size_t start = lexer->at;
    while (lexer->at < lexer->length) {
        if (lexer_at(lexer, close)) {
            char before = lexer->at > start ? lexer->source[lexer->at - 1] : '\0';
            lexer_advance(lexer, strlen(close));
            if (before == '-') {
                lexer_skip_space(lexer);
            } else if (before != '+') {
                lexer_end_block(lexer);
            }
            return true;
        }
        lexer_advance(lexer, 1);
    }
    return lexer_fail(lexer, "a comment has no end");
}

/* The end of a raw block, whose text has begun at `start`. */
static bool read_raw(struct lexer *lexer)
{
    size_t start = lexer->at;
    int line = lexer->line;
    const struct syntax *syntax = lexer->syntax;
    for (; lexer->at < lexer->length; lexer_advance(lexer, 1)) {
        size_t here = lexer->at;
        int here_line = lexer->line;
        if (!lexer_at(lexer, syntax->block_start)) {
            continue;
        }
        lexer_advance(lexer, strlen(syntax->block_start));
        char sign = take_sign(lexer);
        lexer_skip_space(lexer);
        if (lexer_at(lexer, "endraw")) {
            lexer_advance(lexer, 6);
            lexer_skip_space(lexer);
            char end_sign = take_sign(lexer);
            if (lexer_at(lexer, syntax->block_end)) {
                lexer_advance(lexer, strlen(syntax->block_end));
                push_data(lexer, start, strip_data(lexer, start, here, sign, false), line);
                if (end_sign == '-') {
                    lexer_skip_space(lexer);
                } else if (end_sign == '\0') {
                    lexer_end_block(lexer);
                }
                return true;
            }
        }
        lexer->at = here;
        lexer->line = here_line;
    }
    return lexer_fail(lexer, "a raw block has no endraw");
}

/* Data up to the next tag, and the tag. */
static bool read_root(struct lexer *lexer)
{
    size_t start = lexer->at;
    int line = lexer->line;
    size_t width = 0;
    enum tag tag = TAG_NONE;
    while (lexer->at < lexer->length && (tag = tag_here(lexer, &width)) == TAG_NONE) {
        lexer_advance(lexer, 1);
    }
    size_t end = lexer->at;
    if (tag == TAG_NONE) {
        push_data(lexer, start, end, line);
        return true;
    }
    int tag_line = lexer->line;
    lexer_advance(lexer, width);
    char sign = take_sign(lexer);
    push_data(lexer, start, strip_data(lexer, start, end, sign, tag == TAG_VARIABLE), line);
    bool fine = true;
    if (tag == TAG_COMMENT) {
        fine = skip_comment(lexer);
    } else if (tag == TAG_BLOCK && take_raw_begin(lexer)) {
        fine = read_raw(lexer);
    } else {
        lexer_push(lexer, tag == TAG_BLOCK ? TOKEN_BLOCK_BEGIN : TOKEN_VARIABLE_BEGIN, end)->line =
            tag_line;
        fine = lexer_read_tag(lexer, tag == TAG_VARIABLE);
    }
    lexer->line_starting = lexer->at > 0 && lexer->source[lexer->at - 1] == '\n';
    return fine;
}

bool lexer_run(struct jinja_arena *arena, const struct syntax *syntax, const char *path,
               int first_line, const char *text, size_t length, struct tokens *out,
               struct error *err)
{
    struct lexer lexer = {.arena = arena,
                          .syntax = syntax,
                          .path = path,
                          .line = first_line,
                          .line_starting = true,
                          .out = out,
                          .err = err};
    memset(out, 0, sizeof(*out));
    normalise(&lexer, text, length);
    out->source = lexer.source;
    out->length = lexer.length;
    while (lexer.at < lexer.length) {
        if (!read_root(&lexer)) {
            return false;
        }
    }
    lexer_push(&lexer, TOKEN_END, lexer.at);
    return true;
}
