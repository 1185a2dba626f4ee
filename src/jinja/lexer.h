#ifndef SRC_JINJA_LEXER_H
#define SRC_JINJA_LEXER_H

#include "jinja/value.h"

enum token_kind {
    TOKEN_DATA,
    TOKEN_VARIABLE_BEGIN,
    TOKEN_VARIABLE_END,
    TOKEN_BLOCK_BEGIN,
    TOKEN_BLOCK_END,
    TOKEN_NAME,
    TOKEN_STRING,
    TOKEN_INT,
    TOKEN_FLOAT,
    TOKEN_OPERATOR,
    TOKEN_END,
};

enum operator_kind {
    OP_NONE,
    OP_ADD,
    OP_SUB,
    OP_DIV,
    OP_FLOORDIV,
    OP_MUL,
    OP_MOD,
    OP_POW,
    OP_TILDE,
    OP_LBRACKET,
    OP_RBRACKET,
    OP_LPAREN,
    OP_RPAREN,
    OP_LBRACE,
    OP_RBRACE,
    OP_EQ,
    OP_NE,
    OP_GT,
    OP_GE,
    OP_LT,
    OP_LE,
    OP_IN,
    OP_NOT_IN,
    OP_ASSIGN,
    OP_DOT,
    OP_COLON,
    OP_PIPE,
    OP_COMMA,
    OP_SEMICOLON,
};

struct token {
    enum token_kind kind;
    enum operator_kind op;
    int line;
    size_t start; /* where it stands in the source, for messages */
    size_t end;
    struct jinja_value value; /* data, names and strings as strings; numbers */
};

/* What the #jinja2: header can change. */
struct syntax {
    const char *block_start;
    const char *block_end;
    const char *variable_start;
    const char *variable_end;
    const char *comment_start;
    const char *comment_end;
    const char *newline;
    bool trim_blocks;
    bool lstrip_blocks;
    bool keep_trailing_newline;
    bool raw_strings; /* backslashes in strings of {{ }} stand for themselves */
};

extern const struct syntax default_syntax;

struct tokens {
    struct token *items;
    size_t count;
    size_t capacity;
    const char *source; /* with line ends as \n; in the arena */
    size_t length;
};

/* Cuts text into tokens; the last is TOKEN_END. Everything lives in the arena. Errors:
 * ERROR_INVALID "PATH:LINE: what". */
bool lexer_run(struct jinja_arena *arena, const struct syntax *syntax, const char *path,
               int first_line, const char *text, size_t length, struct tokens *out,
               struct error *err);

/* For messages. */
const char *operator_text(enum operator_kind op);

#endif
