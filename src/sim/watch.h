#ifndef SIM_WATCH_H
#define SIM_WATCH_H

#include <stdbool.h>

#include "base/buffer.h"

/* One open watch: it reads the store's change log at its own pace, so that a slow reader costs no
 * memory (and is cut when the log has moved on). */
struct sim_watch;

/* NULL is allowed. */
void sim_watch_free(struct sim_watch *watch);
/* Called when there is something to read. */
void sim_watch_on_news(struct sim_watch *watch, void (*callback)(void *context), void *context);
/* Appends frames that are due (some 64 KiB at a time). False when the stream is over. */
bool sim_watch_read(struct sim_watch *watch, struct buffer *out);

#endif
