#ifndef SRC_KUBESPRAY_FIX_TEXT_H
#define SRC_KUBESPRAY_FIX_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The edits as text to text; line ends are kept. Each result is the caller's to free(). */

/* Hard-coded imagePullSecrets become the conditional block. insert: a workload without any gets one
 * before its containers. */
char *fix_template(const char *text, const char *variable, bool insert);
/* The variable with its explanation, commented out in a sample; nothing if the text names it. */
char *fix_add_documented(const char *text, const char *variable, bool sample);
/* "variable: value" (a list if there are several), in place of what stood there, behind a commented
 * line of that name, or at the end. */
char *fix_set_variable(const char *text, const char *variable, const char *const *values,
                       size_t count);
bool fix_sets_variable(const char *text, const char *variable);

#endif
