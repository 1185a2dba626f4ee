#ifndef SRC_JINJA_RUN_H
#define SRC_JINJA_RUN_H

#include "ast.h"
#include "base/attributes.h"
#include "jinja/environment.h"

/* The evaluator's insides, shared by its files, the filters, the tests and the methods. */

struct name {
    const char *text;
    struct jinja_value value;
};

struct scope {
    struct scope *parent;
    struct name *names;
    size_t count;
    size_t capacity;
};

/* What a template (or a macro, a set block) has written so far. */
struct output {
    struct buffer text;
    size_t pieces;
    struct jinja_value first;
};

struct resolving {
    const char *name;
    struct resolving *outer;
};

struct jinja_environment {
    struct jinja_callbacks callbacks;
    struct jinja_limits limits;
    struct jinja_arena *arena;
    struct jinja_dict *cache; /* variables as they came out */
    const struct jinja_dict *extra;
    struct resolving *resolving;
    unsigned long steps;
    unsigned depth;
    unsigned active; /* calls from outside that have not returned */
    bool failed_undefined;
    char undefined_name[128];
};

/* One template that is running. */
struct run {
    struct jinja_environment *env;
    struct jinja_arena *arena;
    struct error *err;
    const struct template *template;
    const struct node *node; /* what is evaluated, for messages */
    struct scope *scope;
    struct scope *top;
    struct output *out;
    struct jinja_dict *copies; /* variables that this template may change */
    bool literals;             /* rendered text is read back as a literal */
    bool variables;            /* sees the variables (imports without context do not) */
};

struct call {
    const char *name; /* of the filter, test, method */
    struct jinja_value self;
    struct jinja_value *items; /* positional arguments */
    size_t count;
    const char **keywords;
    struct jinja_value *values;
    size_t keyword_count;
};

typedef bool (*callable)(struct run *run, const struct call *call, struct jinja_value *out);

struct function {
    const char *name;
    callable call;
    struct jinja_value self;
};

struct macro {
    const struct node *node;
    struct scope *scope;
    struct run *home;
};

struct loop {
    struct jinja_list *items;
    size_t index;
    unsigned depth;
    const struct node *node; /* recursive loops: what to run again */
    struct run *run;
    struct scope *scope;
    struct jinja_value last_changed;
    bool changed_once;
};

/* JINJA_NAMESPACE and JINJA_MODULE hold a struct jinja_dict. */

/* --- errors: all return false ------------------------------------------------------------------
 */
bool run_fail(struct run *run, const char *format, ...) ATTR_FORMAT(2, 3);
/* The use of an undefined value. */
bool run_fail_undefined(struct run *run, struct jinja_value value);
/* "unsupported operand..." and its kind: says what was given instead. */
bool run_fail_type(struct run *run, const char *what, struct jinja_value value);
/* Counts a step; fails when a limit is passed. */
bool run_step(struct run *run);

/* --- evaluating --------------------------------------------------------------------------------
 */
bool eval(struct run *run, const struct node *node, struct jinja_value *out);
bool eval_call(struct run *run, const struct node *node, struct jinja_value *out);
bool eval_arguments(struct run *run, const struct arguments *arguments, struct call *call);
bool eval_filter(struct run *run, const struct node *node, const struct jinja_value *input,
                 struct jinja_value *out);
bool eval_test(struct run *run, const struct node *node, struct jinja_value *out);
bool eval_binary(struct run *run, enum operator_kind op, struct jinja_value a, struct jinja_value b,
                 struct jinja_value *out);
bool eval_comparison(struct run *run, enum operator_kind op, struct jinja_value a,
                     struct jinja_value b, bool *out);
bool exec_body(struct run *run, const struct node_list *body);
bool exec_for(struct run *run, const struct node *node, struct jinja_value items, unsigned depth);
bool assign(struct run *run, const struct node *target, struct jinja_value value);
/* include, import, from */
bool exec_include(struct run *run, const struct node *node);
bool exec_import(struct run *run, const struct node *node);

bool call_value(struct run *run, struct jinja_value callee, const struct call *call,
                struct jinja_value *out);
bool call_macro(struct run *run, const struct macro *macro, const struct call *call,
                struct jinja_value *out);
bool call_filter(struct run *run, const char *name, const struct call *call,
                 struct jinja_value *out);
bool call_test(struct run *run, const char *name, const struct call *call, bool *out);
bool filter_exists(const char *name);
bool test_exists(const char *name);

/* Python's truth; using an undefined value is an error. */
bool truth(struct run *run, struct jinja_value value, bool *out);
/* environment.getattr and getitem: what is missing comes out undefined. */
bool get_attribute(struct run *run, struct jinja_value object, const char *name,
                   struct jinja_value *out);
bool get_item(struct run *run, struct jinja_value object, struct jinja_value key,
              struct jinja_value *out);
bool get_slice(struct run *run, struct jinja_value object, const struct jinja_value parts[3],
               struct jinja_value *out);
/* "a.b.0": attributes and items in turn. */
bool get_path(struct run *run, struct jinja_value object, struct jinja_value path,
              struct jinja_value *out);
/* list(value): its elements, keys, characters. The result is new unless it was a list. */
bool iterate(struct run *run, struct jinja_value value, struct jinja_list **out);
bool length_of(struct run *run, struct jinja_value value, size_t *out);
bool contains(struct run *run, struct jinja_value container, struct jinja_value item, bool *out);

/* --- names -------------------------------------------------------------------------------------
 */
struct scope *scope_push(struct run *run);
void scope_set(struct run *run, struct scope *scope, const char *name, struct jinja_value value);
struct jinja_value *scope_get(struct scope *scope, const char *name);
bool resolve_name(struct run *run, const char *name, struct jinja_value *out);
bool global_function(struct run *run, const char *name, struct jinja_value *out);
/* A method of a built-in type; false if it has none of that name. */
bool method_of(struct run *run, struct jinja_value object, const char *name,
               struct jinja_value *out);
struct jinja_value make_function(struct run *run, const char *name, callable call,
                                 struct jinja_value self);
bool loop_attribute(struct run *run, struct loop *loop, const char *name, struct jinja_value *out);
bool loop_call(struct run *run, struct loop *loop, const struct call *call,
               struct jinja_value *out);

/* --- output ------------------------------------------------------------------------------------
 */
void output_init(struct run *run, struct output *output);
void output_free(struct output *output);
/* What a {{ }} writes: None is nothing, undefined (at any depth) an error. */
bool output_value(struct run *run, struct jinja_value value);
/* The text, or the literal that it reads as. */
bool output_finish(struct run *run, struct output *output, struct jinja_value *out);

/* --- templates ---------------------------------------------------------------------------------
 */
/* do_template() of Ansible's Templar. */
bool template_run(struct jinja_environment *env, const char *path, const char *text, size_t length,
                  bool literals, bool raw_strings, struct jinja_value *out, struct error *err);
/* template() of Ansible's Templar for a string: what holds no tag stays as it is. */
bool template_string(struct jinja_environment *env, const char *path, struct jinja_value raw,
                     bool raw_strings, struct jinja_value *out, struct error *err);
/* template() of Ansible's Templar: strings, lists and dicts. */
bool template_value(struct jinja_environment *env, const char *path, struct jinja_value raw,
                    struct jinja_value *out, struct error *err);
/* Parses, and checks that every filter and test is known. */
struct template *template_parse(struct jinja_environment *env, const struct syntax *syntax,
                                const char *path, int first_line, const char *text, size_t length,
                                struct error *err);
/* A variable, templated: as resolve_name() without scopes and globals. *found tells. */
bool variable_resolve(struct jinja_environment *env, const char *name, bool *found,
                      struct jinja_value *out, struct error *err);
bool variable_raw(struct jinja_environment *env, const char *name, struct jinja_value *raw);

/* --- helpers for filters, tests, methods -------------------------------------------------------
 */
/*
 * Binds arguments to parameters. names: separated by blanks; '!' before a name: required. What is
 * not given is absent().
 */
bool bind_arguments(struct run *run, const struct call *call, const char *names,
                    struct jinja_value *out);
bool absent(struct jinja_value value);
/* Undefined, but allowed to be printed. */
bool is_lenient(struct jinja_value value);
/* The argument's truth, or the fallback if it is absent. */
bool flag_or(struct run *run, struct jinja_value value, bool fallback, bool *out);
bool int_or(struct run *run, struct jinja_value value, int64_t fallback, int64_t *out);
/* Fails for what has no text that stays the same from run to run. depth: 0 for what is printed as
 * it is. */
bool check_text(struct run *run, struct jinja_value value, int depth);
/* str(value); undefined is an error. */
bool text_of(struct run *run, struct jinja_value value, struct jinja_value *out);
/* As text_of(); what is not a string is an error that names what. */
bool need_string(struct run *run, struct jinja_value value, const char *what);
struct jinja_value new_text(struct run *run, const char *text);
struct jinja_value new_string(struct run *run, const char *bytes, size_t length);
/* A string from a buffer, which is freed. Fails when the buffer's limit was passed. */
bool finish_text(struct run *run, struct buffer *text, struct jinja_value *out);
void text_buffer(struct run *run, struct buffer *text);
/* The byte where character number `index` begins. */
size_t character_offset(const struct jinja_string *string, size_t index);
bool is_list(struct jinja_value value); /* list or tuple: Ansible's is_sequence() */

#endif
