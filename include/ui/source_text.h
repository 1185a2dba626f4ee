#ifndef UI_SOURCE_TEXT_H
#define UI_SOURCE_TEXT_H

#include "change/session.h"
#include "ui/pager.h"
#include "ui/source.h"

/* Fills the pager with what is wrong in the source, what a fix writes there, and what the mended
 * source then changes in the cluster. run: that preview, NULL where there is none (no_run says
 * why). */
void source_describe(struct pager *pager, const struct ui_source *source,
                     const struct change_session *run, const struct error *no_run);

#endif
