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

/* In a role's tasks: the line with the mode of the file that a template is written to; count if no
 * task names the template or its task sets no mode. stem: its name without .yml.j2. */
size_t scan_mode_of(const struct text_lines *tasks, const char *stem);
/* Whether a line is `mode: 0644`: everyone may read. */
bool scan_is_world_readable(const struct text_lines *tasks, size_t line);

/* `image: HOST/...` with a host written out: where the host begins, and its length. */
bool scan_image_host(const struct text_lines *lines, size_t line, size_t *column, size_t *length);

/* True if a document of the text is a workload (Deployment, StatefulSet, DaemonSet...). */
bool scan_is_workload(const struct text_lines *lines);

#endif
