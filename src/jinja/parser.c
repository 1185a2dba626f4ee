/* Statements, and the frame of the parser. */
#include "parser.h"

#include <stdio.h>
#include <string.h>

const struct token *parser_token(const struct parser *parser)
{
    return &parser->tokens[parser->at];
}

const struct token *parser_look(const struct parser *parser)
{
    const struct token *token = parser_token(parser);
    return token->kind == TOKEN_END ? token : token + 1;
}

void parser_next(struct parser *parser)
{
    if (parser_token(parser)->kind != TOKEN_END) {
        parser->at++;
    }
}

bool parser_is_op(const struct parser *parser, enum operator_kind op)
{
    const struct token *token = parser_token(parser);
    return token->kind == TOKEN_OPERATOR && token->op == op;
}

bool parser_is_name(const struct parser *parser, const char *name)
{
    const struct token *token = parser_token(parser);
    return token->kind == TOKEN_NAME && jinja_is_text(token->value, name);
}

bool parser_skip_op(struct parser *parser, enum operator_kind op)
{
    bool found = parser_is_op(parser, op);
    parser->at += found;
    return found;
}

bool parser_skip_name(struct parser *parser, const char *name)
{
    bool found = parser_is_name(parser, name);
    parser->at += found;
    return found;
}

static void describe_token(const struct parser *parser, char *out, size_t size)
{
    const struct token *token = parser_token(parser);
    switch (token->kind) {
    case TOKEN_END:
        snprintf(out, size, "the end of the template");
        break;
    case TOKEN_DATA:
        snprintf(out, size, "text");
        break;
    default:
        snprintf(out, size, "'%.*s'",
                 (int)(token->end - token->start > 40 ? 40 : token->end - token->start),
                 parser->template->source + token->start);
    }
}

struct node *parser_fail(struct parser *parser, const char *what)
{
    char found[80];
    describe_token(parser, found, sizeof(found));
    if (parser->err == NULL || parser->err->kind == ERROR_NONE) {
        error_set(parser->err, ERROR_INVALID, "%s:%d: %s, but %s stands there",
                  parser->template->path, parser_token(parser)->line, what, found);
    }
    return NULL;
}

bool parser_expect_op(struct parser *parser, enum operator_kind op)
{
    if (parser_skip_op(parser, op)) {
        return true;
    }
    char what[40];
    snprintf(what, sizeof(what), "a '%s' is expected", operator_text(op));
    return parser_fail(parser, what) != NULL;
}

bool parser_expect_name(struct parser *parser, const char *name)
{
    if (parser_skip_name(parser, name)) {
        return true;
    }
    char what[60];
    snprintf(what, sizeof(what), "'%s' is expected", name);
    return parser_fail(parser, what) != NULL;
}

const char *parser_take_name(struct parser *parser)
{
    const struct token *token = parser_token(parser);
    if (token->kind != TOKEN_NAME) {
        parser_fail(parser, "a name is expected");
        return NULL;
    }
    parser_next(parser);
    return token->value.as.string->bytes;
}

struct node *parser_node(struct parser *parser, enum node_kind kind)
{
    struct node *node = jinja_arena_alloc(parser->arena, sizeof(*node));
    node->kind = kind;
    node->line = parser_token(parser)->line;
    node->start = parser_token(parser)->start;
    node->end = parser_token(parser)->end;
    return node;
}

void node_list_append(struct jinja_arena *arena, struct node_list *list, struct node *node)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
        struct node **items = jinja_arena_alloc(arena, capacity * sizeof(struct node *));
        if (list->count > 0) {
            memcpy(items, list->items, list->count * sizeof(struct node *));
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = node;
}

static bool parse_body(struct parser *parser, struct node_list *body, const char *const *ends);

/* The end of the tag, the body, and which of the NULL-terminated ends closed it (taken). */
static const char *parse_statements(struct parser *parser, struct node_list *body,
                                    const char *const *ends)
{
    parser_skip_op(parser, OP_COLON);
    if (parser_token(parser)->kind != TOKEN_BLOCK_END) {
        parser_fail(parser, "the end of the tag is expected");
        return NULL;
    }
    parser_next(parser);
    if (!parse_body(parser, body, ends)) {
        return NULL;
    }
    for (; *ends != NULL; ends++) {
        if (parser_skip_name(parser, *ends)) {
            return *ends;
        }
    }
    return NULL;
}

static struct node *check_target(struct parser *parser, struct node *target)
{
    if (target == NULL) {
        return NULL;
    }
    bool fine = target->kind == NODE_NAME;
    if (target->kind == NODE_TUPLE) {
        fine = true;
        for (size_t i = 0; i < target->items.count; i++) {
            fine = fine && check_target(parser, target->items.items[i]) != NULL;
        }
    }
    return fine ? target : parser_fail(parser, "only names can be assigned to");
}

static struct node *parse_for(struct parser *parser)
{
    static const char *const ends[] = {"endfor", "else", NULL};
    struct node *node = parser_node(parser, NODE_FOR);
    node->a = check_target(parser, parse_tuple(parser, true, true, false));
    if (node->a == NULL || !parser_expect_name(parser, "in")) {
        return NULL;
    }
    node->b = parse_tuple(parser, false, false, false);
    if (node->b == NULL) {
        return NULL;
    }
    if (parser_skip_name(parser, "if")) {
        node->c = parse_expression(parser, true);
        if (node->c == NULL) {
            return NULL;
        }
    }
    node->flag = parser_skip_name(parser, "recursive");
    const char *end = parse_statements(parser, &node->items, ends);
    if (end != NULL && strcmp(end, "else") == 0) {
        static const char *const last[] = {"endfor", NULL};
        end = parse_statements(parser, &node->others, last);
    }
    return end == NULL ? NULL : node;
}

static struct node *parse_if(struct parser *parser)
{
    static const char *const ends[] = {"elif", "else", "endif", NULL};
    static const char *const last[] = {"endif", NULL};
    struct node *first = parser_node(parser, NODE_IF);
    struct node *node = first;
    for (;;) {
        node->a = parse_tuple(parser, false, false, false);
        const char *end = node->a == NULL ? NULL : parse_statements(parser, &node->items, ends);
        if (end == NULL) {
            return NULL;
        }
        if (strcmp(end, "endif") == 0) {
            return first;
        }
        if (strcmp(end, "else") == 0) {
            return parse_statements(parser, &node->others, last) == NULL ? NULL : first;
        }
        struct node *next = parser_node(parser, NODE_IF);
        node_list_append(parser->arena, &node->others, next);
        node = next;
    }
}

static struct node *parse_set(struct parser *parser)
{
    static const char *const ends[] = {"endset", NULL};
    struct node *node = parser_node(parser, NODE_SET);
    const struct token *after = parser_look(parser);
    if (after->kind == TOKEN_OPERATOR && after->op == OP_DOT) {
        node->a = parser_node(parser, NODE_NAMESPACE_ATTRIBUTE);
        node->a->name = parser_take_name(parser);
        parser_next(parser);
        const char *attribute = node->a->name == NULL ? NULL : parser_take_name(parser);
        if (attribute == NULL) {
            return NULL;
        }
        node->a->value = jinja_text(parser->arena, attribute);
    } else {
        node->a = check_target(parser, parse_tuple(parser, true, true, false));
    }
    if (node->a == NULL) {
        return NULL;
    }
    if (parser_skip_op(parser, OP_ASSIGN)) {
        node->b = parse_tuple(parser, false, true, false);
        return node->b == NULL ? NULL : node;
    }
    node->kind = NODE_SET_BLOCK;
    if (parser_is_op(parser, OP_PIPE)) {
        node->b = parse_filter(parser, NULL, false);
        if (node->b == NULL) {
            return NULL;
        }
    }
    return parse_statements(parser, &node->items, ends) == NULL ? NULL : node;
}

void parser_add_parameter(struct parser *parser, struct node *node, struct parameter parameter)
{
    size_t size = sizeof(parameter);
    struct parameter *all = jinja_arena_alloc(parser->arena, (node->parameter_count + 1) * size);
    if (node->parameter_count > 0) {
        memcpy(all, node->parameters, node->parameter_count * size);
    }
    all[node->parameter_count++] = parameter;
    node->parameters = all;
}

static bool parse_signature(struct parser *parser, struct node *node)
{
    bool defaults = false;
    if (!parser_expect_op(parser, OP_LPAREN)) {
        return false;
    }
    while (!parser_is_op(parser, OP_RPAREN)) {
        if (node->parameter_count > 0 && !parser_expect_op(parser, OP_COMMA)) {
            return false;
        }
        struct parameter parameter = {.name = parser_take_name(parser)};
        if (parameter.name == NULL) {
            return false;
        }
        if (parser_skip_op(parser, OP_ASSIGN)) {
            defaults = true;
            parameter.value = parse_expression(parser, true);
            if (parameter.value == NULL) {
                return false;
            }
        } else if (defaults) {
            parser_fail(parser, "a parameter without a default follows one with a default");
            return false;
        }
        parser_add_parameter(parser, node, parameter);
    }
    parser_next(parser);
    return true;
}

static void note_implicit_name(void *context, const struct node *node)
{
    struct node *macro = context;
    if (node->kind == NODE_NAME) {
        macro->uses_caller = macro->uses_caller || strcmp(node->name, "caller") == 0;
        macro->uses_varargs = macro->uses_varargs || strcmp(node->name, "varargs") == 0;
        macro->uses_kwargs = macro->uses_kwargs || strcmp(node->name, "kwargs") == 0;
    }
}

static struct node *parse_macro(struct parser *parser)
{
    static const char *const ends[] = {"endmacro", NULL};
    struct node *node = parser_node(parser, NODE_MACRO);
    node->name = parser_take_name(parser);
    if (node->name == NULL || !parse_signature(parser, node) ||
        parse_statements(parser, &node->items, ends) == NULL) {
        return NULL;
    }
    ast_walk(&node->items, note_implicit_name, node);
    return node;
}

static struct node *parse_call_block(struct parser *parser)
{
    static const char *const ends[] = {"endcall", NULL};
    struct node *node = parser_node(parser, NODE_CALL_BLOCK);
    node->name = "caller";
    if (parser_is_op(parser, OP_LPAREN) && !parse_signature(parser, node)) {
        return NULL;
    }
    node->a = parse_expression(parser, true);
    if (node->a == NULL) {
        return NULL;
    }
    if (node->a->kind != NODE_CALL) {
        return parser_fail(parser, "a call is expected");
    }
    if (parse_statements(parser, &node->items, ends) == NULL) {
        return NULL;
    }
    ast_walk(&node->items, note_implicit_name, node);
    return node;
}

static struct node *parse_with(struct parser *parser)
{
    static const char *const ends[] = {"endwith", NULL};
    struct node *node = parser_node(parser, NODE_WITH);
    while (parser_token(parser)->kind != TOKEN_BLOCK_END) {
        if (node->parameter_count > 0 && !parser_expect_op(parser, OP_COMMA)) {
            return NULL;
        }
        struct parameter parameter = {0};
        parameter.target = check_target(parser, parse_primary(parser));
        if (parameter.target == NULL || !parser_expect_op(parser, OP_ASSIGN)) {
            return NULL;
        }
        parameter.value = parse_expression(parser, true);
        if (parameter.value == NULL) {
            return NULL;
        }
        parser_add_parameter(parser, node, parameter);
    }
    return parse_statements(parser, &node->items, ends) == NULL ? NULL : node;
}

static struct node *parse_filter_block(struct parser *parser)
{
    static const char *const ends[] = {"endfilter", NULL};
    struct node *node = parser_node(parser, NODE_FILTER_BLOCK);
    node->a = parse_filter(parser, NULL, true);
    if (node->a == NULL) {
        return NULL;
    }
    return parse_statements(parser, &node->items, ends) == NULL ? NULL : node;
}

static struct node *parse_print(struct parser *parser)
{
    struct node *node = parser_node(parser, NODE_OUTPUT);
    while (parser_token(parser)->kind != TOKEN_BLOCK_END) {
        if (node->items.count > 0 && !parser_expect_op(parser, OP_COMMA)) {
            return NULL;
        }
        struct node *item = parse_expression(parser, true);
        if (item == NULL) {
            return NULL;
        }
        node_list_append(parser->arena, &node->items, item);
    }
    return node;
}

static struct node *parse_statement(struct parser *parser)
{
    static const struct {
        const char *name;
        struct node *(*parse)(struct parser *parser);
    } statements[] = {
        {"for", parse_for},     {"if", parse_if},           {"set", parse_set},
        {"macro", parse_macro}, {"call", parse_call_block}, {"filter", parse_filter_block},
        {"with", parse_with},   {"include", parse_include}, {"import", parse_import},
        {"from", parse_from},   {"print", parse_print},
    };
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        if (parser_skip_name(parser, statements[i].name)) {
            return statements[i].parse(parser);
        }
    }
    return parser_fail(parser, "a statement that is known here is expected (for, if, set, macro, "
                               "call, filter, with, include, import, from, print, raw)");
}

static bool at_end(const struct parser *parser, const char *const *ends)
{
    for (; ends != NULL && *ends != NULL; ends++) {
        if (parser_is_name(parser, *ends)) {
            return true;
        }
    }
    return false;
}

static bool parse_variable(struct parser *parser, struct node_list *body)
{
    struct node *node = parser_node(parser, NODE_OUTPUT);
    parser_next(parser);
    struct node *value = parse_tuple(parser, false, true, false);
    if (value == NULL) {
        return false;
    }
    if (parser_token(parser)->kind != TOKEN_VARIABLE_END) {
        parser_fail(parser, "the end of the expression is expected");
        return false;
    }
    parser_next(parser);
    node_list_append(parser->arena, &node->items, value);
    node_list_append(parser->arena, body, node);
    return true;
}

static bool parse_block(struct parser *parser, struct node_list *body)
{
    struct node *node = parse_statement(parser);
    if (node == NULL) {
        return false;
    }
    if (parser_token(parser)->kind != TOKEN_BLOCK_END) {
        parser_fail(parser, "the end of the tag is expected");
        return false;
    }
    parser_next(parser);
    node_list_append(parser->arena, body, node);
    return true;
}

static bool parse_body(struct parser *parser, struct node_list *body, const char *const *ends)
{
    if (++parser->depth > 200) {
        parser_fail(parser, "statements are nested too deeply");
        return false;
    }
    for (;;) {
        const struct token *token = parser_token(parser);
        if (token->kind == TOKEN_END) {
            parser->depth--;
            if (ends != NULL) {
                char what[80];
                snprintf(what, sizeof(what), "'%s' is expected", ends[0]);
                parser_fail(parser, what);
            }
            return ends == NULL;
        }
        if (token->kind == TOKEN_DATA) {
            struct node *node = parser_node(parser, NODE_DATA);
            node->value = token->value;
            node_list_append(parser->arena, body, node);
            parser_next(parser);
        } else if (token->kind == TOKEN_VARIABLE_BEGIN) {
            if (!parse_variable(parser, body)) {
                return false;
            }
        } else {
            parser_next(parser);
            if (at_end(parser, ends)) {
                parser->depth--;
                return true;
            }
            if (!parse_block(parser, body)) {
                return false;
            }
        }
    }
}

static void note_mutation(void *context, const struct node *node)
{
    static const char *const names[] = {"append",  "extend",      "insert",     "pop",  "remove",
                                        "clear",   "update",      "setdefault", "sort", "reverse",
                                        "popitem", "__setitem__", "__delitem__"};
    bool *mutates = context;
    for (size_t i = 0; node->kind == NODE_ATTRIBUTE && i < sizeof(names) / sizeof(names[0]); i++) {
        *mutates = *mutates || strcmp(node->name, names[i]) == 0;
    }
}

struct template *parser_run(struct jinja_arena *arena, const struct syntax *syntax,
                            const char *path, int first_line, const char *text, size_t length,
                            struct error *err)
{
    struct tokens tokens;
    error_clear(err);
    if (!lexer_run(arena, syntax, path, first_line, text, length, &tokens, err)) {
        return NULL;
    }
    struct template *template = jinja_arena_alloc(arena, sizeof(*template));
    template->path = jinja_arena_copy(arena, path, strlen(path));
    template->source = tokens.source;
    template->length = tokens.length;
    struct parser parser = {
        .arena = arena, .template = template, .tokens = tokens.items, .err = err};
    if (!parse_body(&parser, &template->body, NULL)) {
        return NULL;
    }
    ast_walk(&template->body, note_mutation, &template->mutates);
    return template;
}
