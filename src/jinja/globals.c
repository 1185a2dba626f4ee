/* Functions that every template has. */
#include <string.h>
#include <time.h>

#include "lookup.h"
#include "run.h"

enum { MAX_RANGE = 1000000 };

static bool global_range(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[3];
    int64_t start;
    int64_t stop;
    int64_t step;
    if (!bind_arguments(run, call, "!start stop step", args) || !int_or(run, args[0], 0, &start) ||
        !int_or(run, args[1], 0, &stop) || !int_or(run, args[2], 1, &step)) {
        return false;
    }
    if (absent(args[1])) {
        stop = start;
        start = 0;
    }
    if (step == 0) {
        return run_fail(run, "range's step cannot be 0");
    }
    *out = jinja_list(run->arena, 0);
    out->as.list->view = "range";
    for (int64_t i = start; step > 0 ? i < stop : i > stop;) {
        if (out->as.list->count >= MAX_RANGE) {
            return run_fail(run, "the range is longer than %d", MAX_RANGE);
        }
        jinja_list_append(run->arena, out->as.list, jinja_int(i));
        if (__builtin_add_overflow(i, step, &i)) {
            break;
        }
    }
    return true;
}

static bool global_dict(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value update;
    *out = jinja_dict(run->arena);
    return method_of(run, *out, "update", &update) && call_value(run, update, call, &update);
}

static bool global_namespace(struct run *run, const struct call *call, struct jinja_value *out)
{
    bool fine = global_dict(run, call, out);
    out->type = JINJA_NAMESPACE;
    return fine;
}

/* A cycler's state: its items, and where it is. */
struct cycler {
    struct jinja_list *items;
    size_t at;
    struct jinja_dict *self;
};

static void show_current(struct run *run, const struct cycler *cycler)
{
    jinja_dict_set_text(run->arena, cycler->self, "current", cycler->items->items[cycler->at]);
}

static bool cycler_next(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct cycler *cycler = call->self.as.object;
    *out = cycler->items->items[cycler->at];
    cycler->at = (cycler->at + 1) % cycler->items->count;
    show_current(run, cycler);
    return bind_arguments(run, call, "", NULL);
}

static bool cycler_reset(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct cycler *cycler = call->self.as.object;
    *out = jinja_none();
    cycler->at = 0;
    show_current(run, cycler);
    return bind_arguments(run, call, "", NULL);
}

static bool global_cycler(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct cycler *cycler = jinja_arena_alloc(run->arena, sizeof(*cycler));
    const struct jinja_value self = {.type = JINJA_NONE, .as.object = cycler};
    if (call->count == 0) {
        return run_fail(run, "a cycler needs at least one item");
    }
    cycler->items = jinja_list(run->arena, call->count).as.list;
    for (size_t i = 0; i < call->count; i++) {
        jinja_list_append(run->arena, cycler->items, call->items[i]);
    }
    *out = jinja_dict(run->arena);
    out->type = JINJA_MODULE;
    cycler->self = out->as.dict;
    jinja_dict_set_text(run->arena, out->as.dict, "next",
                        make_function(run, "next", cycler_next, self));
    jinja_dict_set_text(run->arena, out->as.dict, "reset",
                        make_function(run, "reset", cycler_reset, self));
    show_current(run, cycler);
    return true;
}

struct joiner {
    struct jinja_value between;
    bool used;
};

static bool joiner_call(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct joiner *joiner = call->self.as.object;
    *out = joiner->used ? joiner->between : new_text(run, "");
    joiner->used = true;
    return bind_arguments(run, call, "", NULL);
}

static bool global_joiner(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    struct joiner *joiner = jinja_arena_alloc(run->arena, sizeof(*joiner));
    const struct jinja_value self = {.type = JINJA_NONE, .as.object = joiner};
    if (!bind_arguments(run, call, "sep", args)) {
        return false;
    }
    joiner->between = absent(args[0]) ? new_text(run, ", ") : args[0];
    *out = make_function(run, "joiner", joiner_call, self);
    return true;
}

static bool global_undef(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[1];
    if (!bind_arguments(run, call, "hint", args)) {
        return false;
    }
    bool given = args[0].type == JINJA_STRING && args[0].as.string->length > 0;
    *out = jinja_undefined(run->arena, NULL,
                           given ? args[0].as.string->bytes
                                 : "Mandatory variable has not been overridden");
    return true;
}

static bool global_now(struct run *run, const struct call *call, struct jinja_value *out)
{
    struct jinja_value args[2];
    bool utc;
    if (!bind_arguments(run, call, "utc fmt", args) || !flag_or(run, args[0], false, &utc)) {
        return false;
    }
    if (run->env->callbacks.now == NULL) {
        return run_fail(run, "now() is refused: the output would differ from run to run");
    }
    time_t seconds = (time_t)run->env->callbacks.now(run->env->callbacks.context);
    struct tm fields;
    if (utc) {
        gmtime_r(&seconds, &fields);
    } else {
        localtime_r(&seconds, &fields);
    }
    struct jinja_date *date = jinja_arena_alloc(run->arena, sizeof(*date));
    *date = (struct jinja_date){.year = fields.tm_year + 1900,
                                .month = fields.tm_mon + 1,
                                .day = fields.tm_mday,
                                .timed = true,
                                .hour = fields.tm_hour,
                                .minute = fields.tm_min,
                                .second = fields.tm_sec};
    *out = (struct jinja_value){.type = JINJA_DATE, .as.date = date};
    if (absent(args[1]) || args[1].type == JINJA_NONE) {
        return true;
    }
    struct jinja_value function;
    const struct call format = {.items = &args[1], .count = 1};
    return method_of(run, *out, "strftime", &function) && call_value(run, function, &format, out);
}

static bool global_lipsum(struct run *run, const struct call *call, struct jinja_value *out)
{
    (void)call;
    (void)out;
    return run_fail(run, "lipsum() is refused: the output would differ from run to run");
}

static bool global_self(struct run *run, const struct call *call, struct jinja_value *out)
{
    (void)call;
    (void)out;
    return run_fail(run, "self is refused: there are no blocks here");
}

bool global_function(struct run *run, const char *name, struct jinja_value *out)
{
    static const struct {
        const char *name;
        callable call;
    } functions[] = {
        {"range", global_range},   {"dict", global_dict},     {"namespace", global_namespace},
        {"cycler", global_cycler}, {"joiner", global_joiner}, {"undef", global_undef},
        {"now", global_now},       {"lookup", lookup_call},   {"query", lookup_query},
        {"q", lookup_query},       {"lipsum", global_lipsum}, {"self", global_self},
    };
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        if (strcmp(functions[i].name, name) == 0) {
            if (run != NULL) {
                *out = make_function(run, functions[i].name, functions[i].call, jinja_none());
            }
            return true;
        }
    }
    return false;
}
