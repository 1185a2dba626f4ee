#ifndef TESTS_DOC_RANDOM_JSON_H
#define TESTS_DOC_RANDOM_JSON_H

#include "base/attributes.h"
#include "base/buffer.h"

/* Valid JSON documents, always the same one for a seed. Members are named a to d, so that paths
 * lead somewhere. */

static inline unsigned random_next(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static inline void random_blanks(struct buffer *out, unsigned *state)
{
    static const char *const blanks[] = {"", "", "", "", " ", "\n\t", "\r\n  "};
    buffer_append_string(out, blanks[random_next(state) % ARRAY_LENGTH(blanks)]);
}

static inline void random_text(struct buffer *out, unsigned *state)
{
    static const char *const parts[] = {"x",
                                        "plain words of some length, longer than a vector",
                                        "\\\"",
                                        "\\\\",
                                        "\\n",
                                        "\\u0041",
                                        "{[",
                                        "]}",
                                        "\\ud83d\\ude00",
                                        "\303\251",
                                        "\\/",
                                        ",:",
                                        "\\u00e9",
                                        "\360\237\230\200"};
    buffer_append_char(out, '"');
    for (unsigned n = random_next(state) % 5; n > 0; n--) {
        buffer_append_string(out, parts[random_next(state) % ARRAY_LENGTH(parts)]);
    }
    buffer_append_char(out, '"');
}

static inline void random_value(struct buffer *out, unsigned *state, int depth)
{
    static const char *const words[] = {"true",  "false", "null",  "0",      "-1",         "12.5",
                                        "1e3",   "-0.25", "1E-2",  "123456", "9007199254", "[]",
                                        "{}",    "[ ]",   "{\n}",  "\"\"",   "[[]]",       "-0",
                                        "1e400", "5e-9",  "[null]"};
    unsigned kind = random_next(state) % (depth > 5 ? 4 : 10);
    random_blanks(out, state);
    if (kind < 2) {
        random_text(out, state);
    } else if (kind < 4) {
        /* 1e400 is infinite as a double, which no two parsers write alike */
        const char *word = words[random_next(state) % ARRAY_LENGTH(words)];
        buffer_append_string(out, word[0] == '1' && word[2] == '4' ? "14" : word);
    } else {
        bool object = kind < 8;
        unsigned members = random_next(state) % 5;
        buffer_append_char(out, object ? '{' : '[');
        for (unsigned i = 0; i < members; i++) {
            buffer_append_string(out, i > 0 ? "," : "");
            if (object) {
                static const char *const names[] = {"\"a\"", "\"b\"", "\"c\"", "\"d\""};
                random_blanks(out, state);
                /* no name twice: which of them counts is each reader's own choice */
                unsigned other = random_next(state) % 4;
                if (other == 0) {
                    buffer_printf(out, "\"other %u\"", i);
                } else {
                    buffer_append_string(out, other == 1 && i == 0 ? "\"\\u0061\"" : names[i]);
                }
                random_blanks(out, state);
                buffer_append_char(out, ':');
            }
            random_value(out, state, depth + 1);
            random_blanks(out, state);
        }
        buffer_append_char(out, object ? '}' : ']');
    }
    random_blanks(out, state);
}

static inline void random_json(struct buffer *out, unsigned seed)
{
    unsigned state = seed * 2654435761u;
    random_value(out, &state, 0);
}

#endif
