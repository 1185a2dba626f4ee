#include "doc/diff.h"

/* Lines of the diff from start to end (exclusive) under one @@ header. */
struct hunk {
    size_t start;
    size_t end;
};

/* The next hunk from *at on: changes no more than twice the context apart stand together. */
static bool next_hunk(const struct diff *diff, size_t context, size_t *at, struct hunk *hunk)
{
    size_t first = *at;
    while (first < diff->count && diff->lines[first].kind == DIFF_SAME) {
        first++;
    }
    if (first == diff->count) {
        return false;
    }
    size_t last = first; /* the last change so far */
    for (size_t i = first; i < diff->count && i - last <= 2 * context + 1; i++) {
        if (diff->lines[i].kind != DIFF_SAME) {
            last = i;
        }
    }
    hunk->start = first - *at > context ? first - context : *at;
    hunk->end = diff->count - last - 1 > context ? last + 1 + context : diff->count;
    *at = hunk->end;
    return true;
}

static int number_of(const struct diff_line *line, bool of_new)
{
    return of_new ? line->new_number : line->old_number;
}

/* "12,3", "12" for a single line; where there is none, the number of the line before. */
static bool write_range(struct buffer *out, const struct diff *diff, const struct hunk *hunk,
                        bool of_new)
{
    int first = 0;
    int count = 0;
    for (size_t i = hunk->start; i < hunk->end; i++) {
        int number = number_of(&diff->lines[i], of_new);
        if (number > 0 && count++ == 0) {
            first = number;
        }
    }
    for (size_t i = hunk->start; i > 0 && first == 0; i--) {
        first = number_of(&diff->lines[i - 1], of_new);
    }
    return buffer_printf(out, "%c%d", of_new ? '+' : '-', first) &&
           (count == 1 || buffer_printf(out, ",%d", count));
}

static bool write_header(struct buffer *out, const struct diff *diff, const struct hunk *hunk)
{
    return buffer_append_string(out, "@@ ") && write_range(out, diff, hunk, false) &&
           buffer_append_char(out, ' ') && write_range(out, diff, hunk, true) &&
           buffer_append_string(out, " @@\n");
}

static bool write_line(struct buffer *out, const struct diff_line *line)
{
    static const char marks[] = {[DIFF_SAME] = ' ', [DIFF_REMOVED] = '-', [DIFF_ADDED] = '+'};
    return buffer_append_char(out, marks[line->kind]) &&
           buffer_append(out, line->text, line->length) && buffer_append_char(out, '\n') &&
           (line->text[line->length] == '\n' ||
            buffer_append_string(out, "\\ No newline at end of file\n"));
}

bool diff_write_unified(struct buffer *out, const struct diff *diff, int context,
                        const char *old_name, const char *new_name)
{
    if (diff->added == 0 && diff->removed == 0) {
        return true;
    }
    if (!buffer_printf(out, "--- %s\n+++ %s\n", old_name, new_name)) {
        return false;
    }
    size_t at = 0;
    struct hunk hunk;
    while (next_hunk(diff, context < 0 ? 0 : (size_t)context, &at, &hunk)) {
        if (!write_header(out, diff, &hunk)) {
            return false;
        }
        for (size_t i = hunk.start; i < hunk.end; i++) {
            if (!write_line(out, &diff->lines[i])) {
                return false;
            }
        }
    }
    return true;
}
