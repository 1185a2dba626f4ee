#ifndef SRC_JINJA_LEXER_TAG_H
#define SRC_JINJA_LEXER_TAG_H

#include "lexer.h"

struct lexer {
    struct jinja_arena *arena;
    const struct syntax *syntax;
    const char *path;
    const char *source;
    size_t length;
    size_t at;
    int line;
    bool line_starting;
    struct tokens *out;
    struct error *err;
};

/* Reads what stands inside {{ }} or {% %} up to and with its end. */
bool lexer_read_tag(struct lexer *lexer, bool variable);

bool lexer_fail(struct lexer *lexer, const char *what);
bool lexer_at(const struct lexer *lexer, const char *text);
struct token *lexer_push(struct lexer *lexer, enum token_kind kind, size_t start);
void lexer_advance(struct lexer *lexer, size_t count);
void lexer_skip_space(struct lexer *lexer);
/* trim_blocks: the newline behind a block's end goes. */
void lexer_end_block(struct lexer *lexer);

#endif
