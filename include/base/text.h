#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/*
 * Text for a terminal. Whatever comes from a cluster, a registry, a file or a plugin goes through
 * text_append_safe() before it is printed: C0 and C1 controls, DEL and invalid UTF-8 become U+FFFD
 * ('?' outside UTF-8); bidirectional controls and zero-width characters are left out; tab and
 * newline become a space.
 */
bool text_append_safe(struct buffer *out, const char *bytes, size_t length);
/* The same as a new string (free() it). NULL gives "". */
char *text_safe(const char *bytes);
/* As text_safe(), but newlines stay: for documents. */
bool text_append_safe_lines(struct buffer *out, const char *bytes, size_t length);

/* True if the locale's encoding is UTF-8 (ask after setlocale()). */
bool text_locale_is_utf8(void);

/* Decodes one UTF-8 character; returns its length in bytes, 0 if it is invalid or cut. */
size_t text_decode_utf8(const char *bytes, size_t length, unsigned *code_point);
/* Writes 1 to 4 bytes for code_point; returns how many. */
size_t text_encode_utf8(unsigned code_point, char out[4]);

/* Columns that a safe string takes on the terminal, by the locale's wcwidth(). */
int text_width(const char *safe);
/* How many bytes of safe fit into columns (never splits a character or leaves its marks behind);
 * *used gets the columns taken. */
size_t text_fit(const char *safe, int columns, int *used);
/* How many bytes of safe are its first line of at most columns: cut at a blank, or beside a wide
 * (Chinese) character where punctuation allows it, but not within the first `least` bytes; inside a
 * word where there is no such place. A newline ends it too. At least one character. */
size_t text_break(const char *safe, int columns, size_t least);
/* Appends safe cut to columns, with the ellipsis as its last column when it was cut; pads with
 * blanks up to columns if pad. */
void text_append_cell(struct buffer *out, const char *safe, int columns, bool pad);

/* Writes safe into out (size bytes), padded with blanks to columns: printf's %-12s counts bytes. */
const char *text_column(char *out, size_t size, const char *safe, int columns);

/* A whole number that is not negative, its thousands apart by the mark that was set, or by blanks.
 */
void text_number(char out[48], double value);
/* One character in UTF-8; "" changes nothing. */
void text_set_thousands(const char *mark);

/* Case-insensitive search in ASCII letters; byte-wise otherwise. NULL if absent. */
const char *text_find(const char *text, const char *needle);

bool text_starts_with(const char *text, const char *prefix);
bool text_ends_with(const char *text, const char *suffix);

#endif
