/* Expressions, in the order of Jinja's own precedence. */
#include <string.h>

#include "parser.h"

enum { MAX_DEPTH = 250 };

static struct node *parse_unary(struct parser *parser, bool with_filter);

static struct node *two(struct parser *parser, enum node_kind kind, struct node *a, struct node *b)
{
    struct node *node = parser_node(parser, kind);
    node->line = a->line;
    node->start = a->start;
    node->a = a;
    node->b = b;
    node->end = b != NULL ? b->end : a->end;
    return node;
}

/* Whatever was read last ends the node. */
static struct node *close(struct parser *parser, struct node *node)
{
    if (node != NULL && parser->at > 0) {
        node->end = parser->tokens[parser->at - 1].end;
    }
    return node;
}

static struct node *parse_pow(struct parser *parser)
{
    struct node *left = parse_unary(parser, true);
    while (left != NULL && parser_skip_op(parser, OP_POW)) {
        struct node *right = parse_unary(parser, true);
        if (right == NULL) {
            return NULL;
        }
        left = two(parser, NODE_BINARY, left, right);
        left->op = OP_POW;
    }
    return left;
}

static struct node *parse_product(struct parser *parser)
{
    struct node *left = parse_pow(parser);
    while (left != NULL && (parser_is_op(parser, OP_MUL) || parser_is_op(parser, OP_DIV) ||
                            parser_is_op(parser, OP_FLOORDIV) || parser_is_op(parser, OP_MOD))) {
        enum operator_kind op = parser_token(parser)->op;
        parser_next(parser);
        struct node *right = parse_pow(parser);
        if (right == NULL) {
            return NULL;
        }
        left = two(parser, NODE_BINARY, left, right);
        left->op = op;
    }
    return left;
}

static struct node *parse_concat(struct parser *parser)
{
    struct node *first = parse_product(parser);
    if (first == NULL || !parser_is_op(parser, OP_TILDE)) {
        return first;
    }
    struct node *node = two(parser, NODE_CONCAT, first, NULL);
    node->a = NULL; /* it is the first of the items */
    node_list_append(parser->arena, &node->items, first);
    while (parser_skip_op(parser, OP_TILDE)) {
        struct node *next = parse_product(parser);
        if (next == NULL) {
            return NULL;
        }
        node_list_append(parser->arena, &node->items, next);
    }
    return close(parser, node);
}

static struct node *parse_sum(struct parser *parser)
{
    struct node *left = parse_concat(parser);
    while (left != NULL && (parser_is_op(parser, OP_ADD) || parser_is_op(parser, OP_SUB))) {
        enum operator_kind op = parser_token(parser)->op;
        parser_next(parser);
        struct node *right = parse_concat(parser);
        if (right == NULL) {
            return NULL;
        }
        left = two(parser, NODE_BINARY, left, right);
        left->op = op;
    }
    return left;
}

static enum operator_kind take_comparison(struct parser *parser)
{
    const struct token *token = parser_token(parser);
    if (token->kind == TOKEN_OPERATOR && token->op >= OP_EQ && token->op <= OP_LE) {
        parser_next(parser);
        return token->op;
    }
    if (parser_skip_name(parser, "in")) {
        return OP_IN;
    }
    if (parser_is_name(parser, "not") && parser_look(parser)->kind == TOKEN_NAME &&
        jinja_is_text(parser_look(parser)->value, "in")) {
        parser_next(parser);
        parser_next(parser);
        return OP_NOT_IN;
    }
    return OP_NONE;
}

static struct node *parse_compare(struct parser *parser)
{
    struct node *first = parse_sum(parser);
    if (first == NULL) {
        return NULL;
    }
    struct node *node = NULL;
    enum operator_kind op;
    while ((op = take_comparison(parser)) != OP_NONE) {
        if (node == NULL) {
            node = two(parser, NODE_COMPARE, first, NULL);
        }
        struct node *operand = parse_sum(parser);
        if (operand == NULL) {
            return NULL;
        }
        operand = two(parser, NODE_OPERAND, operand, NULL);
        operand->op = op;
        node_list_append(parser->arena, &node->items, operand);
    }
    return node == NULL ? first : close(parser, node);
}

static struct node *parse_not(struct parser *parser)
{
    if (!parser_is_name(parser, "not")) {
        return parse_compare(parser);
    }
    struct node *node = parser_node(parser, NODE_NOT);
    if (++parser->depth > MAX_DEPTH) {
        return parser_fail(parser, "the expression is nested too deeply");
    }
    parser_next(parser);
    node->a = parse_not(parser);
    parser->depth--;
    return node->a == NULL ? NULL : close(parser, node);
}

static struct node *parse_and(struct parser *parser)
{
    struct node *left = parse_not(parser);
    while (left != NULL && parser_skip_name(parser, "and")) {
        struct node *right = parse_not(parser);
        left = right == NULL ? NULL : two(parser, NODE_AND, left, right);
    }
    return left;
}

static struct node *parse_or(struct parser *parser)
{
    struct node *left = parse_and(parser);
    while (left != NULL && parser_skip_name(parser, "or")) {
        struct node *right = parse_and(parser);
        left = right == NULL ? NULL : two(parser, NODE_OR, left, right);
    }
    return left;
}

struct node *parse_expression(struct parser *parser, bool with_condition)
{
    if (++parser->depth > MAX_DEPTH) {
        return parser_fail(parser, "the expression is nested too deeply");
    }
    struct node *node = parse_or(parser);
    while (with_condition && node != NULL && parser_skip_name(parser, "if")) {
        struct node *test = parse_or(parser);
        if (test == NULL) {
            return NULL;
        }
        struct node *condition = two(parser, NODE_CONDITION, node, test);
        if (parser_skip_name(parser, "else")) {
            condition->c = parse_expression(parser, true);
            if (condition->c == NULL) {
                return NULL;
            }
        }
        node = close(parser, condition);
    }
    parser->depth--;
    return node;
}

/* As in Jinja: no name ends a tuple, so that `for x, in y` does not parse. */
static bool tuple_ends(const struct parser *parser)
{
    const struct token *token = parser_token(parser);
    return token->kind == TOKEN_VARIABLE_END || token->kind == TOKEN_BLOCK_END ||
           (token->kind == TOKEN_OPERATOR && token->op == OP_RPAREN);
}

struct node *parse_tuple(struct parser *parser, bool simple, bool with_condition,
                         bool parenthesised)
{
    struct node *tuple = parser_node(parser, NODE_TUPLE);
    bool comma = false;
    for (;;) {
        if (tuple->items.count > 0 && !parser_expect_op(parser, OP_COMMA)) {
            return NULL;
        }
        if (tuple_ends(parser)) {
            break;
        }
        struct node *item =
            simple ? parse_primary(parser) : parse_expression(parser, with_condition);
        if (item == NULL) {
            return NULL;
        }
        node_list_append(parser->arena, &tuple->items, item);
        if (!parser_is_op(parser, OP_COMMA)) {
            break;
        }
        comma = true;
    }
    if (!comma) {
        if (tuple->items.count > 0) {
            return tuple->items.items[0];
        }
        if (!parenthesised) {
            return parser_fail(parser, "an expression is missing");
        }
    }
    return close(parser, tuple);
}

static struct node *parse_list(struct parser *parser)
{
    struct node *node = parser_node(parser, NODE_LIST);
    parser_next(parser);
    while (!parser_is_op(parser, OP_RBRACKET)) {
        if (node->items.count > 0 && !parser_expect_op(parser, OP_COMMA)) {
            return NULL;
        }
        if (parser_is_op(parser, OP_RBRACKET)) {
            break;
        }
        struct node *item = parse_expression(parser, true);
        if (item == NULL) {
            return NULL;
        }
        node_list_append(parser->arena, &node->items, item);
    }
    parser_next(parser);
    return close(parser, node);
}

static struct node *parse_dict(struct parser *parser)
{
    struct node *node = parser_node(parser, NODE_DICT);
    parser_next(parser);
    while (!parser_is_op(parser, OP_RBRACE)) {
        if (node->items.count > 0 && !parser_expect_op(parser, OP_COMMA)) {
            return NULL;
        }
        if (parser_is_op(parser, OP_RBRACE)) {
            break;
        }
        struct node *key = parse_expression(parser, true);
        if (key == NULL || !parser_expect_op(parser, OP_COLON)) {
            return NULL;
        }
        struct node *value = parse_expression(parser, true);
        if (value == NULL) {
            return NULL;
        }
        node_list_append(parser->arena, &node->items, key);
        node_list_append(parser->arena, &node->others, value);
    }
    parser_next(parser);
    return close(parser, node);
}

static struct node *parse_name(struct parser *parser)
{
    const struct token *token = parser_token(parser);
    struct node *node = parser_node(parser, NODE_CONST);
    const char *name = token->value.as.string->bytes;
    if (strcmp(name, "true") == 0 || strcmp(name, "True") == 0) {
        node->value = jinja_bool(true);
    } else if (strcmp(name, "false") == 0 || strcmp(name, "False") == 0) {
        node->value = jinja_bool(false);
    } else if (strcmp(name, "none") == 0 || strcmp(name, "None") == 0) {
        node->value = jinja_none();
    } else {
        node->kind = NODE_NAME;
        node->name = name;
    }
    parser_next(parser);
    return close(parser, node);
}

static struct node *parse_strings(struct parser *parser)
{
    struct node *node = parser_node(parser, NODE_CONST);
    node->value = parser_token(parser)->value;
    parser_next(parser);
    while (parser_token(parser)->kind == TOKEN_STRING) {
        const struct jinja_string *a = node->value.as.string;
        const struct jinja_string *b = parser_token(parser)->value.as.string;
        struct buffer joined;
        buffer_init(&joined, a->length + b->length);
        buffer_append(&joined, a->bytes, a->length);
        buffer_append(&joined, b->bytes, b->length);
        node->value = jinja_string(parser->arena, joined.data, joined.length);
        buffer_free(&joined);
        parser_next(parser);
    }
    return close(parser, node);
}

struct node *parse_primary(struct parser *parser)
{
    const struct token *token = parser_token(parser);
    switch (token->kind) {
    case TOKEN_NAME:
        return parse_name(parser);
    case TOKEN_STRING:
        return parse_strings(parser);
    case TOKEN_INT:
    case TOKEN_FLOAT: {
        struct node *node = parser_node(parser, NODE_CONST);
        node->value = token->value;
        parser_next(parser);
        return close(parser, node);
    }
    case TOKEN_OPERATOR:
        break;
    default:
        return parser_fail(parser, "an expression is missing");
    }
    if (token->op == OP_LBRACKET) {
        return parse_list(parser);
    }
    if (token->op == OP_LBRACE) {
        return parse_dict(parser);
    }
    if (token->op != OP_LPAREN) {
        return parser_fail(parser, "an expression is missing");
    }
    parser_next(parser);
    struct node *node = parse_tuple(parser, false, true, true);
    return node != NULL && parser_expect_op(parser, OP_RPAREN) ? node : NULL;
}

static struct node *parse_subscribed(struct parser *parser)
{
    struct node *slice = parser_node(parser, NODE_SLICE);
    struct node *parts[3] = {NULL, NULL, NULL};
    if (!parser_is_op(parser, OP_COLON)) {
        parts[0] = parse_expression(parser, true);
        if (parts[0] == NULL || !parser_is_op(parser, OP_COLON)) {
            return parts[0];
        }
    }
    for (int i = 1; i < 3 && parser_skip_op(parser, OP_COLON); i++) {
        if (!parser_is_op(parser, OP_COLON) && !parser_is_op(parser, OP_RBRACKET) &&
            !parser_is_op(parser, OP_COMMA)) {
            parts[i] = parse_expression(parser, true);
            if (parts[i] == NULL) {
                return NULL;
            }
        }
    }
    slice->a = parts[0];
    slice->b = parts[1];
    slice->c = parts[2];
    return close(parser, slice);
}

static struct node *parse_dot(struct parser *parser, struct node *left)
{
    const struct token *token = parser_token(parser);
    struct node *node = two(parser, NODE_ATTRIBUTE, left, NULL);
    if (token->kind == TOKEN_NAME) {
        node->name = token->value.as.string->bytes;
    } else if (token->kind == TOKEN_INT) {
        node->kind = NODE_ITEM;
        node->b = parser_node(parser, NODE_CONST);
        node->b->value = token->value;
    } else {
        return parser_fail(parser, "a name or a number must follow the dot");
    }
    parser_next(parser);
    return close(parser, node);
}

static struct node *parse_bracket(struct parser *parser, struct node *left)
{
    struct node *tuple = parser_node(parser, NODE_TUPLE);
    while (!parser_is_op(parser, OP_RBRACKET)) {
        if (tuple->items.count > 0 && !parser_expect_op(parser, OP_COMMA)) {
            return NULL;
        }
        struct node *item = parse_subscribed(parser);
        if (item == NULL) {
            return NULL;
        }
        node_list_append(parser->arena, &tuple->items, item);
    }
    parser_next(parser);
    struct node *index = tuple->items.count == 1 ? tuple->items.items[0] : tuple;
    return close(parser, two(parser, NODE_ITEM, left, index));
}

static struct node *parse_call(struct parser *parser, struct node *callee)
{
    struct node *node = two(parser, NODE_CALL, callee, NULL);
    return parse_arguments(parser, &node->arguments) ? close(parser, node) : NULL;
}

struct node *parse_postfix(struct parser *parser, struct node *node)
{
    while (node != NULL) {
        if (parser_skip_op(parser, OP_DOT)) {
            node = parse_dot(parser, node);
        } else if (parser_skip_op(parser, OP_LBRACKET)) {
            node = parse_bracket(parser, node);
        } else if (parser_is_op(parser, OP_LPAREN)) {
            node = parse_call(parser, node);
        } else {
            break;
        }
    }
    return node;
}

static const char *dotted_name(struct parser *parser)
{
    const char *name = parser_take_name(parser);
    while (name != NULL && parser_skip_op(parser, OP_DOT)) {
        const char *more = parser_take_name(parser);
        if (more == NULL) {
            return NULL;
        }
        size_t length = strlen(name);
        char *joined = jinja_arena_alloc(parser->arena, length + strlen(more) + 2);
        memcpy(joined, name, length);
        joined[length] = '.';
        memcpy(joined + length + 1, more, strlen(more));
        name = joined;
    }
    return name;
}

struct node *parse_filter(struct parser *parser, struct node *node, bool inline_start)
{
    while (inline_start || parser_is_op(parser, OP_PIPE)) {
        if (!inline_start) {
            parser_next(parser);
        }
        inline_start = false;
        struct node *filter = parser_node(parser, NODE_FILTER);
        if (node != NULL) {
            filter->start = node->start;
            filter->line = node->line;
        }
        filter->a = node;
        filter->name = dotted_name(parser);
        if (filter->name == NULL ||
            (parser_is_op(parser, OP_LPAREN) && !parse_arguments(parser, &filter->arguments))) {
            return NULL;
        }
        node = close(parser, filter);
    }
    return node;
}

/* A test's argument without parentheses: `is divisibleby 3`. */
static bool bare_argument_follows(const struct parser *parser)
{
    const struct token *token = parser_token(parser);
    if (token->kind == TOKEN_NAME) {
        return !parser_is_name(parser, "else") && !parser_is_name(parser, "or") &&
               !parser_is_name(parser, "and");
    }
    return token->kind == TOKEN_STRING || token->kind == TOKEN_INT || token->kind == TOKEN_FLOAT ||
           (token->kind == TOKEN_OPERATOR && (token->op == OP_LBRACKET || token->op == OP_LBRACE));
}

static struct node *parse_test(struct parser *parser, struct node *left)
{
    struct node *test = two(parser, NODE_TEST, left, NULL);
    bool negated = parser_skip_name(parser, "not");
    test->name = dotted_name(parser);
    if (test->name == NULL) {
        return NULL;
    }
    if (parser_is_op(parser, OP_LPAREN)) {
        if (!parse_arguments(parser, &test->arguments)) {
            return NULL;
        }
    } else if (bare_argument_follows(parser)) {
        if (parser_is_name(parser, "is")) {
            return parser_fail(parser, "tests cannot be chained with is");
        }
        struct node *argument = parse_postfix(parser, parse_primary(parser));
        if (argument == NULL) {
            return NULL;
        }
        test->arguments = jinja_arena_alloc(parser->arena, sizeof(*test->arguments));
        node_list_append(parser->arena, &test->arguments->positional, argument);
    }
    close(parser, test);
    if (negated) {
        return two(parser, NODE_NOT, test, NULL);
    }
    return test;
}

static struct node *parse_unary(struct parser *parser, bool with_filter)
{
    struct node *node = NULL;
    if (++parser->depth > MAX_DEPTH) {
        return parser_fail(parser, "the expression is nested too deeply");
    }
    if (parser_is_op(parser, OP_SUB) || parser_is_op(parser, OP_ADD)) {
        node = parser_node(parser, parser_is_op(parser, OP_SUB) ? NODE_NEGATE : NODE_PLUS);
        parser_next(parser);
        node->a = parse_unary(parser, false);
        node = node->a == NULL ? NULL : close(parser, node);
    } else {
        node = parse_primary(parser);
    }
    parser->depth--;
    node = parse_postfix(parser, node);
    while (with_filter && node != NULL) {
        if (parser_is_op(parser, OP_PIPE)) {
            node = parse_filter(parser, node, false);
        } else if (parser_skip_name(parser, "is")) {
            node = parse_test(parser, node);
        } else if (parser_is_op(parser, OP_LPAREN)) {
            node = parse_call(parser, node);
        } else {
            break;
        }
    }
    return node;
}
