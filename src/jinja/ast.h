#ifndef SRC_JINJA_AST_H
#define SRC_JINJA_AST_H

#include "lexer.h"

/* The tree of a template. Nodes live in the environment's arena. */
enum node_kind {
    /* expressions */
    NODE_CONST,
    NODE_NAME,
    NODE_LIST,
    NODE_TUPLE,
    NODE_DICT,      /* items: keys, others: values */
    NODE_CONDITION, /* a if b else c */
    NODE_AND,
    NODE_OR,
    NODE_NOT,
    NODE_COMPARE, /* a, then items with ops in their op */
    NODE_OPERAND,
    NODE_BINARY,
    NODE_CONCAT,
    NODE_NEGATE,
    NODE_PLUS,
    NODE_ATTRIBUTE, /* a.name */
    NODE_ITEM,      /* a[b] */
    NODE_SLICE,     /* a:b:c */
    NODE_CALL,
    NODE_FILTER, /* a may be NULL in filter blocks */
    NODE_TEST,
    NODE_NAMESPACE_ATTRIBUTE, /* a target: name.value */
    /* statements */
    NODE_OUTPUT,
    NODE_DATA,
    NODE_IF,        /* a; items: body; others: else */
    NODE_FOR,       /* a: target, b: iterable, c: condition; items; others: else; flag: recursive */
    NODE_SET,       /* a: target, b: value */
    NODE_SET_BLOCK, /* a: target, b: filter or NULL; items */
    NODE_MACRO,     /* name; parameters; items */
    NODE_CALL_BLOCK,   /* a: call; parameters; items */
    NODE_FILTER_BLOCK, /* a: filter; items */
    NODE_WITH,         /* parameters: targets and values; items */
    NODE_INCLUDE,      /* a; flag: ignore missing; context */
    NODE_IMPORT,       /* a, name; context */
    NODE_FROM,         /* a; parameters: names, aliases as constants; context */
};

struct node_list {
    struct node **items;
    size_t count;
    size_t capacity;
};

struct keyword {
    const char *name;
    struct node *value;
};

struct arguments {
    struct node_list positional;
    struct keyword *keywords;
    size_t keyword_count;
    struct node *star;      /* *args */
    struct node *star_star; /* **kwargs */
};

struct parameter {
    const char *name;
    struct node *target; /* with: what is assigned */
    struct node *value;  /* default, value or NULL */
    const char *alias;   /* from ... import name as alias */
};

struct node {
    enum node_kind kind;
    enum operator_kind op;
    int line;
    size_t start;
    size_t end;
    bool flag;
    bool context;
    const char *name;
    struct jinja_value value;
    struct node *a;
    struct node *b;
    struct node *c;
    struct node_list items;
    struct node_list others;
    struct arguments *arguments;
    struct parameter *parameters;
    size_t parameter_count;
    bool uses_caller; /* macros: which implicit names the body asks for */
    bool uses_varargs;
    bool uses_kwargs;
};

struct template
{
    const char *path;
    const char *source;
    size_t length;
    struct node_list body;
    bool mutates; /* calls a method that changes a list or a dict */
};

/* Errors: ERROR_INVALID "PATH:LINE: what". Everything lives in the arena. */
struct template *parser_run(struct jinja_arena *arena, const struct syntax *syntax,
                            const char *path, int first_line, const char *text, size_t length,
                            struct error *err);

/* Calls back for every node below a body, parents first. */
void ast_walk(const struct node_list *body,
              void (*callback)(void *context, const struct node *node), void *context);

#endif
