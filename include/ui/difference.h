#ifndef UI_DIFFERENCE_H
#define UI_DIFFERENCE_H

#include "ui/pager.h"

/* The difference of two documents as lines of a pager: as `diff -u` writes it, without the names.
 */
void difference_add_unified(struct pager *pager, const char *before, const char *after);
/* Old and new beside each other in columns columns, with some lines around each change. */
void difference_add_beside(struct pager *pager, const char *before, const char *after, int columns);

#endif
