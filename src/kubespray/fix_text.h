#ifndef SRC_KUBESPRAY_FIX_TEXT_H
#define SRC_KUBESPRAY_FIX_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The edits as text to text; line ends are kept. Each result is the caller's to free(). */

/* imagePullSecrets that are hard-coded, or that print a variable without asking whether it is
 * empty, become the conditional block. insert: a workload without any gets one
 * before its containers. */
char *fix_template(const char *text, const char *variable, bool insert);
/* The variable with its explanation, commented out in a sample; nothing if the text names it. */
char *fix_add_documented(const char *text, const char *variable, bool sample);
/* Comment lines and assignments at the end, commented out in a sample; nothing if the text names
 * the variable already. */
char *fix_add_lines(const char *text, const char *variable, bool sample,
                    const char *const *explanation, size_t explanation_count,
                    const char *const *assignments, size_t assignment_count);
/* "variable: value" (a list if there are several), in place of what stood there, behind a commented
 * line of that name, or at the end. */
char *fix_set_variable(const char *text, const char *variable, const char *const *values,
                       size_t count);
/* In a role's tasks: the template's file is no longer readable for everyone. */
char *fix_mode(const char *text, const char *stem);
/* stringData of a Secret becomes data, where all its values are plain expressions. */
char *fix_string_data(const char *text);
/* Without the commented-out line that shows a variable, and without a heading of which
 * nothing is left. */
char *fix_drop_comment(const char *text, const char *variable);
bool fix_sets_variable(const char *text, const char *variable);

#endif
