/* What a role's tasks do around its templates: the loop's item, the task's variables. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "context.h"
#include "tasks.h"

enum { MAX_FILE = 4 * 1024 * 1024 };

static int by_name(const void *a, const void *b)
{
    const char *x = *(char *const *)a;
    const char *y = *(char *const *)b;
    /* main.yml runs first. */
    int first = strcmp(y, "main.yml") == 0;
    int second = strcmp(x, "main.yml") == 0;
    return first != second ? first - second : strcmp(x, y);
}

static void tasks_free(struct tasks *tasks)
{
    for (size_t i = 0; i < tasks->count; i++) {
        doc_stream_free(&tasks->files[i]);
    }
}

/* Reads all of roles/ROLE/tasks/, main.yml first. */
static bool tasks_read(struct kubespray *kubespray, const char *role, struct tasks *tasks,
                       struct error *err)
{
    char *names[MAX_TASK_FILES];
    size_t count = 0;
    memset(tasks, 0, sizeof(*tasks));
    tasks->kubespray = kubespray;
    char *path = xasprintf("%s/roles/%s/tasks", kubespray->checkout, role);
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL && count < MAX_TASK_FILES) {
        if (text_ends_with(entry->d_name, ".yml") || text_ends_with(entry->d_name, ".yaml")) {
            names[count++] = xstrdup(entry->d_name);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    free(path);
    qsort(names, count, sizeof(names[0]), by_name);
    bool fine = true;
    for (size_t i = 0; i < count; i++) {
        struct buffer text;
        char *file = xasprintf("roles/%s/tasks/%s", role, names[i]);
        const struct doc_options options = {.schema = DOC_SCHEMA_ANSIBLE, .source = file};
        buffer_init(&text, MAX_FILE);
        if (fine) {
            fine =
                checkout_read(kubespray, file, &text, err) &&
                doc_parse_yaml(text.data, text.length, &options, &tasks->files[tasks->count], err);
            tasks->count += fine;
        }
        buffer_free(&text);
        free(file);
        free(names[i]);
    }
    if (!fine) {
        tasks_free(tasks);
    }
    return fine;
}

const struct doc_node *task_module(const struct doc_node *task, const char *module)
{
    static const char *const prefixes[] = {"", "ansible.builtin."};
    for (int i = 0; i < 2; i++) {
        char name[80];
        snprintf(name, sizeof(name), "%s%s", prefixes[i], module);
        const struct doc_node *arguments = doc_get(task, name);
        if (arguments != NULL && arguments->type == DOC_MAP) {
            return arguments;
        }
    }
    return NULL;
}

/* Calls back for each task, blocks included, until one says true. */
static bool each_task(const struct doc_node *list,
                      bool (*callback)(void *context, const struct doc_node *task), void *context)
{
    for (size_t i = 0; list != NULL && list->type == DOC_LIST && i < list->count; i++) {
        const struct doc_node *task = list->items[i];
        if (task->type != DOC_MAP) {
            continue;
        }
        if (each_task(doc_get(task, "block"), callback, context) || callback(context, task)) {
            return true;
        }
    }
    return false;
}

bool tasks_each(const struct tasks *tasks,
                bool (*callback)(void *context, const struct doc_node *task), void *context)
{
    for (size_t i = 0; i < tasks->count; i++) {
        if (tasks->files[i].count > 0 &&
            each_task(tasks->files[i].documents[0], callback, context)) {
            return true;
        }
    }
    return false;
}

static const struct doc_node *loop_of(const struct doc_node *task)
{
    static const char *const names[] = {"loop", "with_items", "with_list"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct doc_node *list = doc_get(task, names[i]);
        if (list != NULL && list->type == DOC_LIST) {
            return list;
        }
    }
    return NULL;
}

/* The source file of a template task for a loop's item (or without one), or NULL. */
static const char *resolve_source(struct kubespray *kubespray, const char *source,
                                  const struct doc_node *item, struct jinja_value *item_value)
{
    struct jinja_value value;
    struct jinja_value text = jinja_text(kubespray->arena, source);
    if (strstr(source, "{{") == NULL) {
        return source;
    }
    struct jinja_dict *old = kubespray->task;
    kubespray->task = jinja_dict(kubespray->arena).as.dict;
    bool fine = item != NULL && jinja_from_yaml(kubespray->arena, item, "tasks", item_value, NULL);
    if (fine) {
        jinja_dict_set_text(kubespray->arena, kubespray->task, "item", *item_value);
        jinja_environment_forget(kubespray->main.env);
        fine = jinja_resolve(kubespray->main.env, "src", text, &value, NULL) &&
               value.type == JINJA_STRING;
    }
    kubespray->task = old;
    return fine
               ? jinja_arena_copy(kubespray->arena, value.as.string->bytes, value.as.string->length)
               : NULL;
}

struct search {
    struct kubespray *kubespray;
    const char *wanted; /* the template's name, or NULL: all go into paths */
    struct kubespray_paths *paths;
    const struct doc_node *task; /* found */
    struct jinja_value item;
};

/* `stdin: "{{ lookup('template', item) }}"` in a loop over names that a variable lists. */
static bool match_lookup(struct search *search, const struct doc_node *task)
{
    static const char *const modules[] = {"command", "shell", "copy"};
    const char *text = NULL;
    const char *list = doc_string(doc_get(task, "loop"));
    struct kubespray *kubespray = search->kubespray;
    struct jinja_value names;
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]) && text == NULL; i++) {
        const struct doc_node *arguments = task_module(task, modules[i]);
        text = arguments == NULL ? NULL : doc_string(doc_get(arguments, "stdin"));
    }
    if (text == NULL || list == NULL || strstr(text, "lookup('template', item)") == NULL ||
        !jinja_resolve(kubespray->main.env, "loop", jinja_text(kubespray->arena, list), &names,
                       NULL) ||
        names.type != JINJA_LIST) {
        return false;
    }
    for (size_t i = 0; i < names.as.list->count; i++) {
        struct jinja_value name = names.as.list->items[i];
        if (name.type != JINJA_STRING) {
            continue;
        }
        if (search->wanted == NULL) {
            paths_append(search->paths, name.as.string->bytes);
        } else if (strcmp(name.as.string->bytes, search->wanted) == 0) {
            search->task = task;
            search->item = jinja_text(kubespray->arena, search->wanted);
            return true;
        }
    }
    return false;
}

static bool match_template(void *context, const struct doc_node *task)
{
    struct search *search = context;
    const struct doc_node *arguments = task_module(task, "template");
    const char *source = arguments == NULL ? NULL : doc_string(doc_get(arguments, "src"));
    const struct doc_node *loop = source == NULL ? NULL : loop_of(task);
    size_t count = loop == NULL ? 1 : loop->count;
    if (source == NULL) {
        return match_lookup(search, task);
    }
    for (size_t i = 0; i < count; i++) {
        struct jinja_value item = jinja_none();
        const char *name =
            resolve_source(search->kubespray, source, loop == NULL ? NULL : loop->items[i], &item);
        if (name == NULL) {
            continue;
        }
        if (search->wanted == NULL) {
            paths_append(search->paths, name);
        } else if (strcmp(name, search->wanted) == 0) {
            search->task = task;
            search->item = item;
            return true;
        }
    }
    return false;
}

bool tasks_templates(struct kubespray *kubespray, const char *role, struct kubespray_paths *out,
                     struct error *err)
{
    struct tasks tasks;
    struct search search = {.kubespray = kubespray, .paths = out};
    if (!tasks_read(kubespray, role, &tasks, err)) {
        return false;
    }
    tasks_each(&tasks, match_template, &search);
    tasks_free(&tasks);
    return true;
}

/* A task's own variables; their texts are added to what is used. */
static void add_task_variables(struct kubespray *kubespray, const struct doc_node *task,
                               struct buffer *used)
{
    const struct doc_node *vars = doc_get(task, "vars");
    for (size_t i = 0; vars != NULL && vars->type == DOC_MAP && i < vars->count; i++) {
        struct jinja_value value;
        if (jinja_from_yaml(kubespray->arena, vars->items[i], "tasks", &value, NULL)) {
            jinja_dict_set_text(kubespray->arena, kubespray->task, vars->keys[i]->text, value);
        }
        const char *text = doc_string(vars->items[i]);
        if (text != NULL) {
            buffer_append_char(used, '\n');
            buffer_append_string(used, text);
        }
    }
}

bool tasks_prepare(struct kubespray *kubespray, const char *template, const char *text,
                   struct error *err)
{
    struct tasks tasks;
    kubespray->task = jinja_dict(kubespray->arena).as.dict;
    if (!tasks_read(kubespray, kubespray->role, &tasks, err)) {
        return false;
    }
    const char *name = strstr(template, "/templates/") + strlen("/templates/");
    struct search search = {.kubespray = kubespray, .wanted = name};
    bool found = tasks_each(&tasks, match_template, &search);
    jinja_environment_forget(kubespray->main.env);
    struct buffer used;
    buffer_init(&used, MAX_FILE * 2);
    buffer_append_string(&used, text);
    if (found) {
        add_task_variables(kubespray, search.task, &used);
        if (search.item.type != JINJA_NONE) {
            jinja_dict_set_text(kubespray->arena, kubespray->task, "item", search.item);
        }
    }
    tasks_results(&tasks, used.data);
    buffer_free(&used);
    tasks_free(&tasks);
    jinja_environment_forget(kubespray->main.env);
    return true;
}
