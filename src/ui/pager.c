#include "ui/pager.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

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

void pager_draw(struct pager *pager, struct ui_canvas *canvas)
{
    pager->rows = canvas->rows;
    settle(pager);
    for (int i = 0; i < canvas->rows && pager->top + i < (int)pager->count; i++) {
        const struct pager_line *line = &pager->lines[pager->top + i];
        size_t length = strlen(line->text);
        size_t shift = (size_t)pager->shift < length ? (size_t)pager->shift : length;
        canvas_put(canvas, i, 1, canvas->columns - 2, line->role, line->text + shift);
    }
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
