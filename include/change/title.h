#ifndef CHANGE_TITLE_H
#define CHANGE_TITLE_H

#include <cjson/cJSON.h>

/*
 * The title of a change as a message and what stands in it, so that the journal tells it in the
 * language of whoever reads it: a JSON array of the English format, then its values (strings,
 * numbers, or such arrays themselves). Of a format with a form for many, the first member is an
 * array of both and the number that chooses.
 */

/* A title of that format (English, N_()); values are added with the functions below. */
cJSON *change_title_new(const char *format);
cJSON *change_title_new_plural(const char *one, const char *many, unsigned long count);
void change_title_add(cJSON *title, const char *value);
void change_title_add_number(cJSON *title, long value);
/* Takes the other title over. NULL adds an empty value. */
void change_title_add_title(cJSON *title, cJSON *value);

/* In the person's language; whatever the tree is, no format of it reaches printf(). free() it. */
char *change_title_text(const cJSON *title);
/* The same in English, for files and programs. */
char *change_title_english(const cJSON *title);

#endif
