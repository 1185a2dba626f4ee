#ifndef DOC_DIFF_H
#define DOC_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* Line differences by Myers' algorithm (linear space). */
enum diff_kind { DIFF_SAME, DIFF_REMOVED, DIFF_ADDED };

struct diff_line {
    enum diff_kind kind;
    const char *text; /* into the caller's texts; without the newline */
    size_t length;
    int old_number; /* from 1; 0 for added lines */
    int new_number; /* from 1; 0 for removed lines */
};

struct diff {
    struct diff_line *lines;
    size_t count;
    size_t added;
    size_t removed;
};

/* The texts must outlive the result. */
void diff_texts(struct diff *out, const char *old_text, const char *new_text);
void diff_free(struct diff *diff);
/* `diff -u` with that many lines of context; names without a colour or a time. Nothing if equal. */
bool diff_write_unified(struct buffer *out, const struct diff *diff, int context,
                        const char *old_name, const char *new_name);

#endif
