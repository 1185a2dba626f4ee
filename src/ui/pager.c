#include "ui/pager.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

void pager_clear(struct pager *pager)
{
    for (size_t i = 0; i < pager->count; i++) {
        free(pager->lines[i].text);
    }
    pager->count = 0;
}

void pager_free(struct pager *pager)
{
    pager_clear(pager);
    free(pager->lines);
    *pager = (struct pager){0};
}

static void take_line(struct pager *pager, enum ui_role role, char *text)
{
    pager->lines = xgrow(pager->lines, pager->count, &pager->capacity, sizeof(struct pager_line));
    pager->lines[pager->count++] = (struct pager_line){role, text};
}

void pager_add(struct pager *pager, enum ui_role role, const char *text)
{
    take_line(pager, role, xstrdup(text));
}

void pager_printf(struct pager *pager, enum ui_role role, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    take_line(pager, role, xvasprintf(format, args));
    va_end(args);
}

static enum ui_role diff_role(const char *line, enum ui_role fallback)
{
    if (strncmp(line, "+++", 3) == 0 || strncmp(line, "---", 3) == 0) {
        return UI_ROLE_TITLE;
    }
    switch (line[0]) {
    case '+':
        return UI_ROLE_ADDED;
    case '-':
        return UI_ROLE_REMOVED;
    case '@':
        return UI_ROLE_INFO;
    default:
        return fallback;
    }
}

void pager_add_lines(struct pager *pager, enum ui_role role, const char *text, bool diff)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        take_line(pager, diff ? diff_role(text, role) : role, xstrndup(text, length));
        text += length;
        text += *text == '\n' ? 1 : 0;
    }
}

static void settle(struct pager *pager)
{
    int last = (int)pager->count - pager->rows;
    if (pager->top > last) {
        pager->top = last;
    }
    if (pager->top < 0) {
        pager->top = 0;
    }
}

/* The text that was looked for, wherever it stands in a line. */
static void draw_matches(const struct pager *pager, struct ui_canvas *canvas, int row,
                         const char *text)
{
    const char *rest = text;
    const char *found;
    if (pager->search.length == 0) {
        return;
    }
    while ((found = text_find(rest, pager->search.text)) != NULL) {
        char *before = xstrndup(text, (size_t)(found - text));
        char *match = xstrndup(found, pager->search.length);
        char *safe = text_safe(before);
        int column = 1 + text_width(safe);
        canvas_put(canvas, row, column, canvas->columns - 1 - column, UI_ROLE_MATCH, match);
        free(before);
        free(match);
        free(safe);
        rest = found + pager->search.length;
    }
}

/* To the next line with the text (step 1) or the one before (-1), round the end; from is the first
 * line to look at. False if there is none. */
static bool find_match(struct pager *pager, int from, int step)
{
    int count = (int)pager->count;
    for (int i = 0; i < count && pager->search.length > 0; i++) {
        int at = ((from + i * step) % count + count) % count;
        if (text_find(pager->lines[at].text, pager->search.text) != NULL) {
            pager->top = at;
            settle(pager);
            pager->match = at;
            return true;
        }
    }
    return false;
}

void pager_draw(struct pager *pager, struct ui_canvas *canvas)
{
    pager->rows = canvas->rows;
    settle(pager);
    for (int i = 0; i < canvas->rows && pager->top + i < (int)pager->count; i++) {
        const struct pager_line *line = &pager->lines[pager->top + i];
        size_t length = strlen(line->text);
        size_t shift = (size_t)pager->shift < length ? (size_t)pager->shift : length;
        while (shift < length && ((unsigned char)line->text[shift] & 0xC0) == 0x80) {
            shift++; /* never in the midst of a character */
        }
        canvas_put(canvas, i, 1, canvas->columns - 2, line->role, line->text + shift);
        draw_matches(pager, canvas, i, line->text + shift);
    }
    if (pager->searching) {
        canvas_fill(canvas, canvas->rows - 1, UI_ROLE_INPUT);
        canvas_put(canvas, canvas->rows - 1, 0, 1, UI_ROLE_KEY, "/");
        line_edit_draw(&pager->search, canvas, canvas->rows - 1, 1, canvas->columns - 2, true);
        return;
    }
    canvas_cursor(canvas, pager->match >= pager->top ? pager->match - pager->top : 0, 1, false);
    int below = (int)pager->count - pager->top - canvas->rows;
    if (below > 0) {
        canvas_printf(canvas, canvas->rows - 1, canvas->columns - 14, 13, UI_ROLE_INFO,
                      " %d more %s ", below, canvas_glyph(canvas, GLYPH_DOWN));
    }
}

bool pager_act(struct pager *pager, enum ui_action action)
{
    int page = pager->rows > 1 ? pager->rows - 1 : 1;
    switch (action) {
    case UI_UP:
        pager->top--;
        break;
    case UI_DOWN:
        pager->top++;
        break;
    case UI_PAGE_UP:
        pager->top -= page;
        break;
    case UI_PAGE_DOWN:
        pager->top += page;
        break;
    case UI_TOP:
        pager->top = 0;
        break;
    case UI_BOTTOM:
        pager->top = (int)pager->count;
        break;
    case UI_SEARCH:
        line_edit_set(&pager->search, "");
        pager->searching = true;
        return true;
    case UI_NEXT_MATCH:
        find_match(pager, pager->match + 1, 1);
        return true;
    case UI_PREVIOUS_MATCH:
        find_match(pager, pager->match - 1, -1);
        return true;
    case UI_LEFT:
        pager->shift = pager->shift > 8 ? pager->shift - 8 : 0;
        break;
    case UI_RIGHT:
        pager->shift += 8;
        break;
    default:
        return false;
    }
    settle(pager);
    return true;
}

void pager_wheel(struct pager *pager, int rows)
{
    pager->top += rows;
    settle(pager);
}

bool pager_type(struct pager *pager, int key, bool is_code)
{
    if (!pager->searching) {
        return false;
    }
    switch (line_edit_key(&pager->search, key, is_code)) {
    case LINE_EDIT_OTHER:
        return false;
    case LINE_EDIT_DONE:
        pager->searching = false;
        break;
    case LINE_EDIT_CANCELLED:
        line_edit_set(&pager->search, "");
        pager->searching = false;
        break;
    case LINE_EDIT_TAKEN:
        find_match(pager, pager->top, 1);
        break;
    }
    return true;
}

const char *pager_typing(const struct pager *pager)
{
    return pager->searching ? "Enter keeps (n the next, N the one before), ESC ends the search"
                            : NULL;
}

void pager_view_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    pager_draw(view->state, canvas);
}

bool pager_view_act(struct ui_view *view, enum ui_action action)
{
    return pager_act(view->state, action);
}

bool pager_view_type(struct ui_view *view, int key, bool is_code)
{
    return pager_type(view->state, key, is_code);
}

const char *pager_view_typing(const struct ui_view *view)
{
    return pager_typing(view->state);
}

void pager_view_wheel(struct ui_view *view, int rows)
{
    pager_wheel(view->state, rows);
}

void pager_view_close(struct ui_view *view)
{
    pager_free(view->state);
}
