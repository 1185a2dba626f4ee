#ifndef SRC_JINJA_PARSER_H
#define SRC_JINJA_PARSER_H

#include "ast.h"

struct parser {
    struct jinja_arena *arena;
    struct template *template;
    const struct token *tokens;
    size_t at;
    int depth;
    struct error *err;
};

/* The token at hand, and those after it. */
const struct token *parser_token(const struct parser *parser);
const struct token *parser_look(const struct parser *parser);
void parser_next(struct parser *parser);
bool parser_is_op(const struct parser *parser, enum operator_kind op);
bool parser_is_name(const struct parser *parser, const char *name);
bool parser_skip_op(struct parser *parser, enum operator_kind op);
bool parser_skip_name(struct parser *parser, const char *name);
bool parser_expect_op(struct parser *parser, enum operator_kind op);
bool parser_expect_name(struct parser *parser, const char *name);
/* Any name; NULL and an error otherwise. */
const char *parser_take_name(struct parser *parser);
/* Sets the error, returns NULL. */
struct node *parser_fail(struct parser *parser, const char *what);
struct node *parser_node(struct parser *parser, enum node_kind kind);
void node_list_append(struct jinja_arena *arena, struct node_list *list, struct node *node);

struct node *parse_expression(struct parser *parser, bool with_condition);
struct node *parse_tuple(struct parser *parser, bool simple, bool with_condition,
                         bool parenthesised);
struct node *parse_primary(struct parser *parser);
struct node *parse_postfix(struct parser *parser, struct node *node);
/* A chain of filters; node may be NULL. inline_start: the first has no pipe before it. */
struct node *parse_filter(struct parser *parser, struct node *node, bool inline_start);
bool parse_arguments(struct parser *parser, struct arguments **out);
void parser_add_parameter(struct parser *parser, struct node *node, struct parameter parameter);
/* Behind the tag's name. */
struct node *parse_include(struct parser *parser);
struct node *parse_import(struct parser *parser);
struct node *parse_from(struct parser *parser);

#endif
