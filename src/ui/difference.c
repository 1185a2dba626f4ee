#include "ui/difference.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/text.h"
#include "doc/diff.h"

enum { AROUND = 3, TEXT_LIMIT = 1 << 26 };

void difference_add_unified(struct pager *pager, const char *before, const char *after)
{
    struct diff diff;
    struct buffer text;
    diff_texts(&diff, before == NULL ? "" : before, after == NULL ? "" : after);
    buffer_init(&text, TEXT_LIMIT);
    diff_write_unified(&text, &diff, AROUND, "a", "b");
    /* The object is named above; only the hunks are wanted. */
    const char *hunks = strstr(text.data, "\n@@");
    if (hunks != NULL) {
        pager_add_lines(pager, UI_ROLE_TEXT, hunks + 1, true);
    }
    buffer_free(&text);
    diff_free(&diff);
}

static bool is_near(const struct diff *diff, size_t at)
{
    size_t from = at > AROUND ? at - AROUND : 0;
    for (size_t i = from; i <= at + AROUND && i < diff->count; i++) {
        if (diff->lines[i].kind != DIFF_SAME) {
            return true;
        }
    }
    return false;
}

static void append_half(struct buffer *out, const struct diff_line *line, char mark, int columns)
{
    char *raw = line == NULL ? xstrdup("") : xstrndup(line->text, line->length);
    char *safe = text_safe(raw);
    buffer_append_char(out, line == NULL ? ' ' : mark);
    text_append_cell(out, safe, columns - 1, true);
    free(safe);
    free(raw);
}

static void add_pair(struct pager *pager, const struct diff_line *old, const struct diff_line *new,
                     int columns)
{
    struct buffer row;
    int half = (columns - 3) / 2;
    bool same = old != NULL && new != NULL && old->kind == DIFF_SAME;
    buffer_init(&row, TEXT_LIMIT);
    append_half(&row, old, same ? ' ' : '-', half);
    buffer_append_string(&row, " | ");
    append_half(&row, new, same ? ' ' : '+', half);
    pager_add(pager,
              same          ? UI_ROLE_TEXT
              : old == NULL ? UI_ROLE_ADDED
              : new == NULL ? UI_ROLE_REMOVED
                            : UI_ROLE_WARNING,
              row.data);
    buffer_free(&row);
}

void difference_add_beside(struct pager *pager, const char *before, const char *after, int columns)
{
    struct diff diff;
    bool gap = false;
    diff_texts(&diff, before == NULL ? "" : before, after == NULL ? "" : after);
    for (size_t i = 0; i < diff.count;) {
        if (diff.lines[i].kind == DIFF_SAME) {
            bool near = is_near(&diff, i);
            if (near && gap) {
                pager_add(pager, UI_ROLE_INFO, "@@");
            }
            if (near) {
                add_pair(pager, &diff.lines[i], &diff.lines[i], columns);
            }
            gap = !near;
            i++;
            continue;
        }
        /* A run of removed and added lines: beside each other as far as both go. */
        size_t removed = i;
        size_t added = i;
        size_t end = i;
        while (end < diff.count && diff.lines[end].kind != DIFF_SAME) {
            end++;
        }
        while (removed < end || added < end) {
            while (removed < end && diff.lines[removed].kind != DIFF_REMOVED) {
                removed++;
            }
            while (added < end && diff.lines[added].kind != DIFF_ADDED) {
                added++;
            }
            if (removed < end || added < end) {
                add_pair(pager, removed < end ? &diff.lines[removed] : NULL,
                         added < end ? &diff.lines[added] : NULL, columns);
            }
            removed += removed < end ? 1 : 0;
            added += added < end ? 1 : 0;
        }
        i = end;
        gap = false;
    }
    diff_free(&diff);
}
