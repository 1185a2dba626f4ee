#ifndef SIM_GZIP_H
#define SIM_GZIP_H

#include <stdbool.h>

#include "base/buffer.h"

/* A gzip stream that is made piece by piece, fast rather than small, as real servers do. */
struct sim_gzip;

/* NULL when zlib gets no memory. */
struct sim_gzip *sim_gzip_new(void);
/* NULL is allowed. */
void sim_gzip_free(struct sim_gzip *gzip);
/* Appends to out what is ready after text; with last all of it and the stream's end. */
void sim_gzip_add(struct sim_gzip *gzip, const struct buffer *text, bool last, struct buffer *out);

#endif
