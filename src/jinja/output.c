/* What templates write, and what it becomes. */
#include <string.h>

#include "run.h"

void output_init(struct run *run, struct output *output)
{
    memset(output, 0, sizeof(*output));
    buffer_init_secret(&output->text, run->env->limits.output);
}

void output_free(struct output *output)
{
    buffer_free(&output->text);
}

/* Functions, macros, loops and namespaces print as Python's objects, with an address that differs
 * from run to run; a range within something prints as range(...). */
bool check_text(struct run *run, struct jinja_value value, int depth)
{
    switch (value.type) {
    case JINJA_FUNCTION:
    case JINJA_MACRO:
    case JINJA_LOOP:
    case JINJA_NAMESPACE:
    case JINJA_MODULE:
        return run_fail_type(run, "this has no text of its own", value);
    case JINJA_LIST:
        return depth == 0 || value.as.list->view == NULL ||
               strcmp(value.as.list->view, "range") != 0 ||
               run_fail(run, "a range is printed; make it a list");
    default:
        return true;
    }
}

static bool check_defined(struct run *run, struct jinja_value value, int depth)
{
    if (value.type == JINJA_UNDEFINED && !is_lenient(value)) {
        return run_fail_undefined(run, value);
    }
    if (!check_text(run, value, depth)) {
        return false;
    }
    if (depth > 100) {
        return run_fail(run, "a value is nested too deeply to be printed");
    }
    if (value.type == JINJA_DICT && value.as.dict->access == NULL) {
        for (size_t i = 0; i < value.as.dict->count; i++) {
            if (!check_defined(run, value.as.dict->entries[i].value, depth + 1)) {
                return false;
            }
        }
    } else if (is_list(value)) {
        for (size_t i = 0; i < value.as.list->count; i++) {
            if (!check_defined(run, value.as.list->items[i], depth + 1)) {
                return false;
            }
        }
    }
    return true;
}

bool output_value(struct run *run, struct jinja_value value)
{
    struct output *out = run->out;
    if (value.type == JINJA_LIST && value.as.list->view != NULL) {
        /* Iterators are unrolled before they are printed. */
        struct jinja_list *list = jinja_arena_alloc(run->arena, sizeof(*list));
        *list = *value.as.list;
        list->view = NULL;
        value.as.list = list;
    }
    if (!check_defined(run, value, 0)) {
        return false;
    }
    if (value.type == JINJA_NONE || is_lenient(value)) {
        value = new_text(run, "");
    }
    if (out->pieces++ == 0) {
        out->first = value;
    }
    if (!jinja_write_str(&out->text, value)) {
        return run_fail(run, "the output is larger than %zu MiB", run->env->limits.output >> 20);
    }
    return true;
}

bool output_finish(struct run *run, struct output *output, struct jinja_value *out)
{
    const char *text = output->text.data;
    size_t length = output->text.length;
    if (run->literals) {
        if (output->pieces == 1 && output->first.type == JINJA_STRING &&
            output->first.as.string->native) {
            *out = output->first;
            return true;
        }
        bool huge = false;
        if ((length > 0 && (text[0] == '{' || text[0] == '[')) || strcmp(text, "True") == 0 ||
            strcmp(text, "False") == 0) {
            if (jinja_read_literal(run->arena, text, length, out, &huge)) {
                return true;
            }
        }
        if (huge) {
            return run_fail(run, "the text reads as a Python literal that cannot be held here (a "
                                 "set, a named character or an integer beyond 64 bits)");
        }
    }
    *out = jinja_string(run->arena, text, length);
    return true;
}
