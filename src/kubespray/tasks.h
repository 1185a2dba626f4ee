#ifndef SRC_KUBESPRAY_TASKS_H
#define SRC_KUBESPRAY_TASKS_H

#include "context.h"
#include "doc/yaml.h"

enum { MAX_TASK_FILES = 40 };

/* The files of a role's tasks, main.yml first. */
struct tasks {
    struct kubespray *kubespray;
    struct doc_stream files[MAX_TASK_FILES];
    size_t count;
};

/* Calls back for each task, blocks included, until one says true. */
bool tasks_each(const struct tasks *tasks,
                bool (*callback)(void *context, const struct doc_node *task), void *context);
/* A module's arguments, by its short or its full name. */
const struct doc_node *task_module(const struct doc_node *task, const char *module);

/* --- tasks_results.c: what tasks leave behind for a template of that text */
void tasks_results(const struct tasks *tasks, const char *text);

#endif
