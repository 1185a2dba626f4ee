/* The arguments of calls, filters and tests. */
#include <string.h>

#include "parser.h"

static bool parse_argument(struct parser *parser, struct arguments *arguments)
{
    const struct token *token = parser_token(parser);
    if (parser_skip_op(parser, OP_MUL)) {
        return (arguments->star = parse_expression(parser, true)) != NULL;
    }
    if (parser_skip_op(parser, OP_POW)) {
        return (arguments->star_star = parse_expression(parser, true)) != NULL;
    }
    const struct token *after = parser_look(parser);
    if (token->kind == TOKEN_NAME && after->kind == TOKEN_OPERATOR && after->op == OP_ASSIGN) {
        parser_next(parser);
        parser_next(parser);
        struct node *value = parse_expression(parser, true);
        if (value == NULL) {
            return false;
        }
        size_t size = sizeof(*arguments->keywords);
        struct keyword *keywords =
            jinja_arena_alloc(parser->arena, (arguments->keyword_count + 1) * size);
        if (arguments->keyword_count > 0) {
            memcpy(keywords, arguments->keywords, arguments->keyword_count * size);
        }
        keywords[arguments->keyword_count++] =
            (struct keyword){token->value.as.string->bytes, value};
        arguments->keywords = keywords;
        return true;
    }
    if (arguments->keyword_count > 0 || arguments->star != NULL || arguments->star_star != NULL) {
        parser_fail(parser, "a positional argument follows a keyword");
        return false;
    }
    struct node *value = parse_expression(parser, true);
    if (value != NULL) {
        node_list_append(parser->arena, &arguments->positional, value);
    }
    return value != NULL;
}

bool parse_arguments(struct parser *parser, struct arguments **out)
{
    struct arguments *arguments = jinja_arena_alloc(parser->arena, sizeof(*arguments));
    bool comma = true;
    parser_next(parser);
    while (!parser_is_op(parser, OP_RPAREN)) {
        if (!comma) {
            return parser_expect_op(parser, OP_COMMA);
        }
        if (!parse_argument(parser, arguments)) {
            return false;
        }
        comma = parser_skip_op(parser, OP_COMMA);
    }
    parser_next(parser);
    *out = arguments;
    return true;
}
