#ifndef SRC_KUBESPRAY_SCAN_H
#define SRC_KUBESPRAY_SCAN_H

#include "base/buffer.h"
#include "base/error.h"

/* A template's text by lines: what it says about pull secrets, Secrets and images. */
struct text_lines {
    char *text; /* owned; line ends are kept */
    size_t length;
    const char **start; /* count + 1 of them */
    size_t count;
    bool crlf;
};

/* Takes over text (free()able). */
void lines_split(struct text_lines *lines, char *text, size_t length);
void lines_free(struct text_lines *lines);
/* A line without its end; number from 0. */
size_t lines_length(const struct text_lines *lines, size_t number);
size_t lines_indent(const struct text_lines *lines, size_t number);
/* Whether the line, without its indentation, begins so. */
bool lines_begins(const struct text_lines *lines, size_t number, const char *text);
/* The value behind "key:" with quotes taken off; NULL if the line has another key. free() it. */
char *lines_value(const struct text_lines *lines, size_t number, const char *key);

struct pull_name {
    char *name;    /* as it is written, without quotes */
    size_t line;   /* from 0 */
    size_t column; /* from 0 */
    bool literal;  /* no {{ in it */
};

/* One imagePullSecrets with its entries. */
struct pull_block {
    size_t first; /* the line of the key, from 0 */
    size_t end;   /* behind its last line */
    size_t indent;
    struct pull_name names[16];
    size_t name_count;
    bool guarded;       /* it stands in a condition that names the variable it prints */
    bool guarded_empty; /* and the condition also fails for an empty value */
};

/* The next block from line `from` on; false if there is none. Blocks without entries (the schema of
 * a CRD) are passed over. */
bool scan_next_pull_block(const struct text_lines *lines, size_t from, struct pull_block *out);
void pull_block_free(struct pull_block *block);
/* The line of the innermost condition around a line, or -1. */
long scan_condition_of(const struct text_lines *lines, size_t line);
/* The variable of a block that prints one variable of pull secrets and nothing else, without asking
 * whether it is empty; NULL for other blocks. free() it. */
char *scan_open_variable(const struct pull_block *block);

struct secret_text {
    char *name;
    char *type;         /* NULL: Opaque */
    size_t line;        /* of `kind: Secret`, from 0 */
    size_t string_data; /* its line, or 0 */
    bool prints;        /* its values are templates */
};

/* The next `kind: Secret`. */
bool scan_next_secret(const struct text_lines *lines, size_t from, struct secret_text *out);
void secret_text_free(struct secret_text *secret);

/* The task that writes a template to its file. */
struct task_text {
    size_t dest; /* the line that names the file */
    size_t mode; /* the line of its mode; 0: it sets none */
};

/* In a role's tasks: the one that names the template; false if none does. stem: the template's name
 * without .yml.j2. */
bool scan_task_of(const struct text_lines *tasks, const char *stem, struct task_text *out);
/* Whether the file that it writes can be read by everyone: mode 0644, or none at all, which leaves
 * it to root's umask. */
bool scan_is_world_readable(const struct text_lines *tasks, const struct task_text *task);

/* `image: HOST/...` with a host written out: where the host begins, and its length. */
bool scan_image_host(const struct text_lines *lines, size_t line, size_t *column, size_t *length);

/* True if a document of the text is a workload (Deployment, StatefulSet, DaemonSet...). */
bool scan_is_workload(const struct text_lines *lines);

#endif
