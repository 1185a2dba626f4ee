/* include, import and from. */
#include "parser.h"

static bool take_context(struct parser *parser, bool *with)
{
    bool without = parser_is_name(parser, "without");
    const struct token *after = parser_look(parser);
    if ((without || parser_is_name(parser, "with")) && after->kind == TOKEN_NAME &&
        jinja_is_text(after->value, "context")) {
        parser_next(parser);
        parser_next(parser);
        *with = !without;
        return true;
    }
    return false;
}

struct node *parse_include(struct parser *parser)
{
    struct node *node = parser_node(parser, NODE_INCLUDE);
    node->a = parse_expression(parser, true);
    if (node->a == NULL) {
        return NULL;
    }
    if (parser_skip_name(parser, "ignore")) {
        if (!parser_expect_name(parser, "missing")) {
            return NULL;
        }
        node->flag = true;
    }
    node->context = true;
    take_context(parser, &node->context);
    return node;
}

struct node *parse_import(struct parser *parser)
{
    struct node *node = parser_node(parser, NODE_IMPORT);
    node->a = parse_expression(parser, true);
    if (node->a == NULL || !parser_expect_name(parser, "as")) {
        return NULL;
    }
    node->name = parser_take_name(parser);
    take_context(parser, &node->context);
    return node->name == NULL ? NULL : node;
}

struct node *parse_from(struct parser *parser)
{
    struct node *node = parser_node(parser, NODE_FROM);
    node->a = parse_expression(parser, true);
    if (node->a == NULL || !parser_expect_name(parser, "import")) {
        return NULL;
    }
    for (;;) {
        if (node->parameter_count > 0 && !parser_expect_op(parser, OP_COMMA)) {
            return NULL;
        }
        if (take_context(parser, &node->context)) {
            return node;
        }
        struct parameter parameter = {.name = parser_take_name(parser)};
        if (parameter.name == NULL) {
            return NULL;
        }
        if (parameter.name[0] == '_') {
            return parser_fail(parser, "names that begin with an underscore cannot be imported");
        }
        parameter.alias = parameter.name;
        if (parser_skip_name(parser, "as")) {
            parameter.alias = parser_take_name(parser);
            if (parameter.alias == NULL) {
                return NULL;
            }
        }
        parser_add_parameter(parser, node, parameter);
        if (take_context(parser, &node->context) || !parser_is_op(parser, OP_COMMA)) {
            return node;
        }
    }
}
