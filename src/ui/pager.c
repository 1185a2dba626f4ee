#include "ui/pager.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"

/* --- Lines --------------------------------------------------------------------------------------
 */

void pager_clear(struct pager *pager)
{
    for (size_t i = 0; i < pager->count; i++) {
        free(pager->lines[i].text);
    }
    pager->count = 0;
    pager->shown_count = 0;
    pager->width = 0;
}

void pager_free(struct pager *pager)
{
    pager_clear(pager);
    free(pager->lines);
    free(pager->shown);
    *pager = (struct pager){0};
}

/* Takes over text. */
static void take_line(struct pager *pager, enum ui_role role, char *text, bool wrap)
{
    char *safe = text_safe(text);
    free(text);
    pager->lines = xgrow(pager->lines, pager->count, &pager->capacity, sizeof(struct pager_line));
    pager->lines[pager->count++] =
        (struct pager_line){role, safe, wrap, wrap ? (int)strspn(safe, " ") : 0, 0, role};
    pager->width = 0;
}

void pager_add(struct pager *pager, enum ui_role role, const char *text)
{
    take_line(pager, role, xstrdup(text), false);
}

void pager_lead(struct pager *pager, size_t bytes, enum ui_role role)
{
    if (pager->count > 0) {
        struct pager_line *line = &pager->lines[pager->count - 1];
        size_t length = strlen(line->text);
        line->lead = bytes < length ? bytes : length;
        line->lead_role = role;
    }
}

void pager_printf(struct pager *pager, enum ui_role role, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    take_line(pager, role, xvasprintf(_(format), args), false);
    va_end(args);
}

void pager_say(struct pager *pager, enum ui_role role, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    take_line(pager, role, xvasprintf(_(format), args), true);
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
        take_line(pager, diff ? diff_role(text, role) : role, xstrndup(text, length), false);
        text += length;
        text += *text == '\n' ? 1 : 0;
    }
}

/* --- Rows ---------------------------------------------------------------------------------------
 */

static void show_row(struct pager *pager, struct pager_row row)
{
    pager->shown =
        xgrow(pager->shown, pager->shown_count, &pager->shown_capacity, sizeof(struct pager_row));
    pager->shown[pager->shown_count++] = row;
}

static void wrap_line(struct pager *pager, size_t at, int width)
{
    const struct pager_line *line = &pager->lines[at];
    size_t from = 0;
    size_t whole = strlen(line->text);
    do {
        int indent = from == 0 ? 0 : line->indent;
        /* A blank that is only the indent is no place to break at. */
        size_t cut =
            text_break(line->text + from, width - indent, from == 0 ? (size_t)line->indent : 0);
        show_row(pager, (struct pager_row){at, from, cut, indent});
        from += cut;
        from += strspn(line->text + from, " ");
    } while (from < whole);
}

static void lay_out(struct pager *pager, int width)
{
    if (pager->width == width) {
        return;
    }
    pager->width = width;
    pager->shown_count = 0;
    for (size_t i = 0; i < pager->count; i++) {
        if (pager->lines[i].wrap && width > 10) {
            wrap_line(pager, i, width);
        } else {
            show_row(pager, (struct pager_row){i, 0, strlen(pager->lines[i].text), 0});
        }
    }
}

static void settle(struct pager *pager)
{
    int last = (int)pager->shown_count - pager->rows;
    if (pager->top > last) {
        pager->top = last;
    }
    if (pager->top < 0) {
        pager->top = 0;
    }
}

void pager_show_line(struct pager *pager, size_t line)
{
    pager->wanted = line + 1;
}

/* Brings the wanted line to the top unless all of its beginning is seen. */
static void show_wanted(struct pager *pager)
{
    for (size_t i = 0; pager->wanted > 0 && i < pager->shown_count; i++) {
        int row = (int)i;
        if (pager->shown[i].line + 1 == pager->wanted &&
            (row < pager->top || row + pager->rows / 2 >= pager->top + pager->rows)) {
            pager->top = row;
            break;
        }
    }
    pager->wanted = 0;
}

/* --- Searching ----------------------------------------------------------------------------------
 */

/* The text that was looked for, wherever it stands in a row. */
static void draw_matches(const struct pager *pager, struct ui_canvas *canvas, int row, int column,
                         const char *text)
{
    const char *rest = text;
    const char *found;
    while (pager->search.length > 0 && (found = text_find(rest, pager->search.text)) != NULL) {
        char *before = xstrndup(text, (size_t)(found - text));
        char *match = xstrndup(found, pager->search.length);
        int at = column + text_width(before);
        canvas_put(canvas, row, at, canvas->columns - 1 - at, UI_ROLE_MATCH, match);
        free(before);
        free(match);
        rest = found + pager->search.length;
    }
}

static bool row_has_match(const struct pager *pager, int at)
{
    const struct pager_row *row = &pager->shown[at];
    char *text = xstrndup(pager->lines[row->line].text + row->from, row->length);
    bool found = text_find(text, pager->search.text) != NULL;
    free(text);
    return found;
}

/* To the next row with the text (step 1) or the one before (-1), round the end; from is the first
 * row to look at. */
static void find_match(struct pager *pager, int from, int step)
{
    int count = (int)pager->shown_count;
    for (int i = 0; i < count && pager->search.length > 0; i++) {
        int at = ((from + i * step) % count + count) % count;
        if (row_has_match(pager, at)) {
            pager->match = at;
            if (at < pager->top || at >= pager->top + pager->rows) {
                pager->top = at;
            }
            settle(pager);
            return;
        }
    }
}

/* --- Drawing and keys ---------------------------------------------------------------------------
 */

static void draw_row(const struct pager *pager, struct ui_canvas *canvas, int line, int at)
{
    const struct pager_row *row = &pager->shown[at];
    const struct pager_line *source = &pager->lines[row->line];
    size_t shift = source->wrap ? 0 : (size_t)pager->shift;
    shift = shift < row->length ? shift : row->length;
    while (shift < row->length && ((unsigned char)source->text[row->from + shift] & 0xC0) == 0x80) {
        shift++; /* never in the midst of a character */
    }
    char *text = xstrndup(source->text + row->from + shift, row->length - shift);
    canvas_put(canvas, line, 1 + row->indent, canvas->columns - 2 - row->indent, source->role,
               text);
    if (row->from == 0 && source->lead > shift) {
        char *lead = xstrndup(text, source->lead - shift);
        canvas_put(canvas, line, 1, canvas->columns - 2, source->lead_role, lead);
        free(lead);
    }
    draw_matches(pager, canvas, line, 1 + row->indent, text);
    free(text);
}

void pager_draw(struct pager *pager, struct ui_canvas *canvas)
{
    pager->rows = canvas->rows;
    lay_out(pager, canvas->columns - 2);
    if (pager->at_end) {
        pager->top = (int)pager->shown_count;
        pager->at_end = false;
    }
    show_wanted(pager);
    settle(pager);
    int below = (int)pager->shown_count - pager->top - canvas->rows;
    char *more = xasprintf(_(" %d more %s "), below, canvas_glyph(canvas, GLYPH_DOWN));
    int left = canvas->columns - 1 - text_width(more);
    struct ui_canvas beside = canvas_part(canvas, 0, 0, canvas->rows, left);
    for (int i = 0; i < canvas->rows && pager->top + i < (int)pager->shown_count; i++) {
        bool shared = below > 0 && i == canvas->rows - 1;
        draw_row(pager, shared ? &beside : canvas, i, pager->top + i);
    }
    if (pager->searching) {
        canvas_fill(canvas, canvas->rows - 1, UI_ROLE_INPUT);
        canvas_put(canvas, canvas->rows - 1, 0, 1, UI_ROLE_KEY, "/");
        line_edit_draw(&pager->search, canvas, canvas->rows - 1, 1, canvas->columns - 2, true);
        free(more);
        return;
    }
    canvas_cursor(canvas, pager->match >= pager->top ? pager->match - pager->top : 0, 1, false);
    if (below > 0) {
        canvas_put(canvas, canvas->rows - 1, left, -1, UI_ROLE_INFO, more);
    }
    free(more);
}

static bool search_act(struct pager *pager, enum ui_action action)
{
    switch (action) {
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
    default:
        return false;
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
        pager->at_end = true;
        return true;
    case UI_LEFT:
        pager->shift = pager->shift > 8 ? pager->shift - 8 : 0;
        break;
    case UI_RIGHT:
        pager->shift += pager->shift < 4096 ? 8 : 0;
        break;
    default:
        return search_act(pager, action);
    }
    settle(pager);
    return true;
}

bool pager_line_at(const struct pager *pager, int row, size_t *line)
{
    size_t at = (size_t)(pager->top + row);
    if (row < 0 || row >= pager->rows || at >= pager->shown_count) {
        return false;
    }
    *line = pager->shown[at].line;
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
    return pager->searching ? _("Enter keeps (n the next, N the one before), ESC ends the search")
                            : NULL;
}

/* --- Views that are a pager ---------------------------------------------------------------------
 */

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
