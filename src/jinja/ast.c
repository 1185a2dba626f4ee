#include "ast.h"

struct walk {
    void (*callback)(void *context, const struct node *node);
    void *context;
};

static void walk_node(const struct walk *walk, const struct node *node);

static void walk_list(const struct walk *walk, const struct node_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        walk_node(walk, list->items[i]);
    }
}

static void walk_arguments(const struct walk *walk, const struct arguments *arguments)
{
    walk_list(walk, &arguments->positional);
    for (size_t i = 0; i < arguments->keyword_count; i++) {
        walk_node(walk, arguments->keywords[i].value);
    }
    walk_node(walk, arguments->star);
    walk_node(walk, arguments->star_star);
}

static void walk_node(const struct walk *walk, const struct node *node)
{
    if (node == NULL) {
        return;
    }
    walk->callback(walk->context, node);
    walk_node(walk, node->a);
    walk_node(walk, node->b);
    walk_node(walk, node->c);
    for (size_t i = 0; i < node->parameter_count; i++) {
        walk_node(walk, node->parameters[i].target);
        walk_node(walk, node->parameters[i].value);
    }
    if (node->arguments != NULL) {
        walk_arguments(walk, node->arguments);
    }
    walk_list(walk, &node->items);
    walk_list(walk, &node->others);
}

void ast_walk(const struct node_list *body,
              void (*callback)(void *context, const struct node *node), void *context)
{
    const struct walk walk = {callback, context};
    walk_list(&walk, body);
}
