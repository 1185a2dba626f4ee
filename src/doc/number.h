#ifndef DOC_NUMBER_H
#define DOC_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* Numbers as text. */

/* Reads a decimal number ("1.5e3", "-7", ".5") that takes up the whole text. */
bool number_read(const char *text, size_t length, double *value);
/* The shortest text that reads back as value, laid out as Go's encoding/json does: with an exponent
 * only below 1e-6 and from 1e21 on. What is no number (NaN, infinity) becomes null. */
bool number_write(struct buffer *out, double value);
/* As sigs.k8s.io/yaml does: whole numbers in digits while they fit into 64 bits, the others as Go's
 * strconv with 'g': with an exponent of two digits below 1e-4 and from 1e6 on. */
bool number_write_yaml(struct buffer *out, double value);

#endif
