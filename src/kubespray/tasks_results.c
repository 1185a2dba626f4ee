/*
 * What a role's tasks leave behind for its templates: facts that they set, files that are written
 * first and read back (slurp). Only what a template uses is made. What a task can only know by
 * running a command stays undefined.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/text.h"
#include "doc/json.h"
#include "tasks.h"

enum { MAX_FILE = 4 * 1024 * 1024, MAX_WANTED = 32 * 1024 * 1024 };

struct results {
    const struct tasks *tasks;
    struct buffer wanted; /* the template's text, and those of the facts that it uses */
    bool more;            /* another fact was found to be used */
};

struct slurp {
    const struct tasks *tasks;
    const char *source; /* the slurped path, as it is written */
    struct error error;
    struct buffer bytes;
    bool found;
};

/* The task that wrote the file which is read back. */
static bool match_writer(void *context, const struct doc_node *task)
{
    struct slurp *slurp = context;
    struct kubespray *kubespray = slurp->tasks->kubespray;
    const struct doc_node *template = task_module(task, "template");
    const struct doc_node *copy = task_module(task, "copy");
    const struct doc_node *writer = template != NULL ? template : copy;
    const char *dest = writer == NULL ? NULL : doc_string(doc_get(writer, "dest"));
    const char *src = writer == NULL ? NULL : doc_string(doc_get(writer, "src"));
    if (dest == NULL || src == NULL || strcmp(dest, slurp->source) != 0) {
        return false;
    }
    slurp->found = true;
    if (template != NULL) {
        char *path = xasprintf("roles/%s/templates/%s", kubespray->role, src);
        struct buffer text;
        buffer_init(&text, MAX_FILE);
        slurp->found = checkout_read(kubespray, path, &text, &slurp->error) &&
                       jinja_render(kubespray->main.env, path, text.data, text.length, NULL,
                                    &slurp->bytes, &slurp->error);
        buffer_free(&text);
        free(path);
        return true;
    }
    struct jinja_value file;
    slurp->found = jinja_resolve(kubespray->main.env, "src", jinja_text(kubespray->arena, src),
                                 &file, &slurp->error) &&
                   file.type == JINJA_STRING &&
                   file_read(file.as.string->bytes, &slurp->bytes, &slurp->error);
    return true;
}

/* A file that was written first is read back. */
static void read_back(struct results *results, const struct doc_node *task)
{
    struct slurp own = {.tasks = results->tasks};
    struct slurp *slurp = &own;
    struct kubespray *kubespray = slurp->tasks->kubespray;
    const struct doc_node *arguments = task_module(task, "slurp");
    const char *name = doc_string(doc_get(task, "register"));
    slurp->source = arguments == NULL ? NULL : doc_string(doc_get(arguments, "src"));
    if (slurp->source == NULL || name == NULL || strstr(results->wanted.data, name) == NULL) {
        return;
    }
    struct jinja_arena *arena = kubespray->arena;
    buffer_init_secret(&slurp->bytes, MAX_FILE);
    tasks_each(slurp->tasks, match_writer, slurp);
    struct jinja_value result;
    if (slurp->found) {
        struct buffer content;
        buffer_init_secret(&content, (size_t)MAX_FILE * 2);
        base64_encode(&content, slurp->bytes.data, slurp->bytes.length);
        result = jinja_dict(arena);
        jinja_dict_set_text(arena, result.as.dict, "content", jinja_text(arena, content.data));
        jinja_dict_set_text(arena, result.as.dict, "encoding", jinja_text(arena, "base64"));
        buffer_free(&content);
    } else {
        char hint[2400];
        snprintf(hint, sizeof(hint),
                 _("%s is not known, because the file it is read from is not: %s"), name,
                 slurp->error.message[0] == '\0' ? _("no task of the role writes it")
                                                 : slurp->error.message);
        const char *undefined = name;
        jinja_failed_undefined(kubespray->main.env, &undefined);
        result = jinja_undefined(arena, undefined == NULL ? name : undefined, hint);
    }
    buffer_free(&slurp->bytes);
    jinja_dict_set_text(arena, kubespray->task, name, result);
}

/* --- Facts --------------------------------------------------------------------------------------
 */

static bool is_wanted(const struct results *results, const char *name)
{
    return strstr(results->wanted.data, name) != NULL;
}

/* What a fact is made of is wanted, too. */
static bool want_more(void *context, const struct doc_node *task)
{
    struct results *results = context;
    const struct doc_node *arguments = task_module(task, "set_fact");
    for (size_t i = 0; arguments != NULL && i < arguments->count; i++) {
        const char *value = doc_string(arguments->items[i]);
        if (value != NULL && is_wanted(results, arguments->keys[i]->text) &&
            strstr(results->wanted.data, value) == NULL) {
            buffer_append_char(&results->wanted, '\n');
            results->more = buffer_append_string(&results->wanted, value) || results->more;
        }
    }
    return false;
}

static bool has_loop(const struct doc_node *task)
{
    for (size_t i = 0; i < task->count; i++) {
        if (strcmp(task->keys[i]->text, "loop") == 0 ||
            text_starts_with(task->keys[i]->text, "with_")) {
            return true;
        }
    }
    return false;
}

enum outcome { OUTCOME_YES, OUTCOME_NO, OUTCOME_UNKNOWN };

/* One condition; what cannot be known is told by *unknown: an expression that fails for the same
 * reason. */
static enum outcome condition(const struct results *results, const struct doc_node *node,
                              const char **unknown)
{
    struct kubespray *kubespray = results->tasks->kubespray;
    struct jinja_value value;
    const char *text = doc_string(node);
    if (text == NULL || *text == '\0') {
        return OUTCOME_YES;
    }
    char *whole = xasprintf("{%% if %s %%}True{%% else %%}False{%% endif %%}", text);
    bool known = jinja_resolve(kubespray->main.env, "when", jinja_text(kubespray->arena, whole),
                               &value, NULL);
    free(whole);
    if (!known || value.type != JINJA_BOOL) {
        whole = xasprintf("{{ %s }}", text);
        *unknown = jinja_arena_copy(kubespray->arena, whole, strlen(whole));
        free(whole);
        return OUTCOME_UNKNOWN;
    }
    return value.as.boolean ? OUTCOME_YES : OUTCOME_NO;
}

static enum outcome task_runs(const struct results *results, const struct doc_node *task,
                              const char **unknown)
{
    const struct doc_node *when = doc_get(task, "when");
    if (when == NULL || when->type != DOC_LIST) {
        return when == NULL ? OUTCOME_YES : condition(results, when, unknown);
    }
    enum outcome all = OUTCOME_YES;
    for (size_t i = 0; i < when->count && all == OUTCOME_YES; i++) {
        all = condition(results, when->items[i], unknown);
    }
    return all;
}

/* A fact's value as the task would set it; what fails is left as it is written, so that its use
 * says why. */
static struct jinja_value value_of(const struct results *results, const struct doc_node *node)
{
    static const char *const words[] = {"true", "yes", "false", "no"};
    struct kubespray *kubespray = results->tasks->kubespray;
    struct jinja_value raw;
    struct jinja_value value;
    if (!jinja_from_yaml(kubespray->arena, node, "tasks", &raw, NULL)) {
        return jinja_none();
    }
    if (!jinja_resolve(kubespray->main.env, "set_fact", raw, &value, NULL)) {
        return raw;
    }
    for (size_t i = 0; value.type == JINJA_STRING && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(value.as.string->bytes, words[i]) == 0) {
            return jinja_bool(i < 2);
        }
    }
    return value;
}

static void set_fact(const struct results *results, const struct doc_node *task, const char *name,
                     const struct doc_node *node)
{
    struct kubespray *kubespray = results->tasks->kubespray;
    struct jinja_arena *arena = kubespray->arena;
    struct jinja_value value;
    const char *unknown = NULL;
    enum outcome runs = task_runs(results, task, &unknown);
    if (runs == OUTCOME_NO) {
        return;
    }
    if (runs == OUTCOME_UNKNOWN) {
        value = jinja_text(arena, unknown);
    } else if (has_loop(task)) {
        char hint[300];
        snprintf(hint, sizeof(hint), _("'%s' is undefined: a task sets it in a loop"), name);
        value = jinja_undefined(arena, name, hint);
    } else {
        value = value_of(results, node);
    }
    jinja_dict_set_text(arena, kubespray->task, name, value);
    jinja_environment_forget(kubespray->main.env);
}

static bool run_task(void *context, const struct doc_node *task)
{
    struct results *results = context;
    const struct doc_node *arguments = task_module(task, "set_fact");
    for (size_t i = 0; arguments != NULL && i < arguments->count; i++) {
        if (is_wanted(results, arguments->keys[i]->text)) {
            set_fact(results, task, arguments->keys[i]->text, arguments->items[i]);
        }
    }
    read_back(results, task);
    return false;
}

void tasks_results(const struct tasks *tasks, const char *text)
{
    struct results results = {.tasks = tasks};
    buffer_init(&results.wanted, MAX_WANTED);
    buffer_append_string(&results.wanted, text);
    do {
        results.more = false;
        tasks_each(tasks, want_more, &results);
    } while (results.more);
    tasks_each(tasks, run_task, &results);
    buffer_free(&results.wanted);
}
