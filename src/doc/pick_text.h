#ifndef DOC_PICK_TEXT_H
#define DOC_PICK_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

/* The words of JSON, as pick.c meets them. */
struct pick_reader {
    struct arena *arena;
    const char *at;
    const char *end;
    const char *wrong; /* what is wrong at `at`; NULL: nothing */
    int depth;
};

/* A string as it stands in the text. */
struct pick_raw {
    const char *text;
    size_t length;
    bool escapes;
};

/* Notes what is wrong first; always false. */
bool pick_fail(struct pick_reader *reader, const char *wrong);
static inline void pick_skip_blanks(struct pick_reader *reader)
{
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n' ||
                                        *reader->at == '\t' || *reader->at == '\r')) {
        reader->at++;
    }
}

/* The next byte that is no white space; '\0' at the end. */
static inline char pick_next_byte(struct pick_reader *reader)
{
    pick_skip_blanks(reader);
    return reader->at < reader->end ? *reader->at : '\0';
}

/* What may follow a number or a word. */
bool pick_ends_word(char c);
/* From one quote to behind the other. */
bool pick_read_raw(struct pick_reader *reader, struct pick_raw *raw);
/* What it means, in the arena; NULL if an escape means nothing. As in cJSON, U+0000 ends the text
 * for whoever reads it as a string, and bytes that are no UTF-8 stay. */
char *pick_keep_raw(struct pick_reader *reader, const struct pick_raw *raw);
/* By the grammar of RFC 8259; where the number ends, NULL if it is none. */
const char *pick_end_of_number(const char *at, const char *end);

#endif
