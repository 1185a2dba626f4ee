#ifndef SIM_LIST_STREAM_H
#define SIM_LIST_STREAM_H

#include <stdbool.h>

#include "base/buffer.h"

/* The answer to a list, made piece by piece while it is sent, so that a large one costs little
 * memory and keeps nobody else waiting. What it holds was chosen at the start. */
struct sim_list_stream;

/* NULL is allowed. */
void sim_list_stream_free(struct sim_list_stream *stream);
/* Appends some 64 KiB. False when that was the last. */
bool sim_list_stream_read(struct sim_list_stream *stream, struct buffer *out);

#endif
