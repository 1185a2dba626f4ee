#include "ui/canvas.h"

#include <curses.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/language.h"
#include "base/text.h"

enum { CELL_LIMIT = 65536 };

static struct {
    int row, column;
    bool visible;
} cursor;

static struct {
    int row, from, to;
    int action;
} hits[64];
static size_t hit_count;

static int clip(const struct ui_canvas *canvas, int row, int column, int width)
{
    if (row < 0 || row >= canvas->rows || column < 0 || column >= canvas->columns) {
        return 0;
    }
    int rest = canvas->columns - column;
    return width < 0 || width > rest ? rest : width;
}

/* --ascii in a UTF-8 terminal: what was cut says so in ASCII too. */
static void cut_in_ascii(char *text)
{
    static const char dots[] = "…";
    char *at;
    while ((at = strstr(text, dots)) != NULL) {
        *at = '~';
        memmove(at + 1, at + sizeof(dots) - 1, strlen(at + sizeof(dots) - 1) + 1);
    }
}

static int draw(struct ui_canvas *canvas, int row, int column, int width, enum ui_role role,
                const char *text, bool pad)
{
    width = clip(canvas, row, column, width);
    if (width == 0) {
        return 0;
    }
    char *safe = text_safe(text);
    struct buffer cell;
    buffer_init(&cell, CELL_LIMIT);
    text_append_cell(&cell, safe, width, pad);
    if (canvas->ascii) {
        cut_in_ascii(cell.data);
    }
    attrset((int)(theme_attributes(role) | (canvas->faded ? A_DIM : 0)));
    mvaddstr(canvas->top + row, canvas->left + column, cell.data);
    int used = text_width(cell.data);
    buffer_free(&cell);
    free(safe);
    return used;
}

int canvas_put(struct ui_canvas *canvas, int row, int column, int width, enum ui_role role,
               const char *text)
{
    return draw(canvas, row, column, width, role, text, false);
}

int canvas_printf(struct ui_canvas *canvas, int row, int column, int width, enum ui_role role,
                  const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = xvasprintf(_(format), args);
    va_end(args);
    int used = draw(canvas, row, column, width, role, text, false);
    free(text);
    return used;
}

void canvas_cell(struct ui_canvas *canvas, int row, int column, int width, enum ui_role role,
                 const char *text)
{
    draw(canvas, row, column, width, role, text, true);
}

void canvas_right(struct ui_canvas *canvas, int row, int column, int width, enum ui_role role,
                  const char *text)
{
    int taken = text_width(text);
    int shift = taken < width ? width - taken : 0;
    draw(canvas, row, column + shift, width - shift, role, text, false);
}

void canvas_fill(struct ui_canvas *canvas, int row, enum ui_role role)
{
    draw(canvas, row, 0, -1, role, "", true);
}

void canvas_rule(struct ui_canvas *canvas, int row, const char *title)
{
    const char *line = canvas_glyph(canvas, GLYPH_LINE);
    struct buffer text;
    buffer_init(&text, CELL_LIMIT);
    for (int i = 0; i < canvas->columns; i++) {
        buffer_append_string(&text, line);
    }
    canvas_put(canvas, row, 0, -1, UI_ROLE_BORDER, text.data);
    buffer_free(&text);
    if (title != NULL && title[0] != '\0') {
        canvas_printf(canvas, row, 2, canvas->columns - 4, UI_ROLE_TITLE, " %s ", title);
    }
}

static const char *skip_break(const char *rest, size_t length)
{
    rest += length;
    if (*rest == '\n') {
        return rest + 1;
    }
    while (*rest == ' ') {
        rest++;
    }
    return rest;
}

int canvas_wrap(struct ui_canvas *canvas, int row, int column, int width, int rows,
                enum ui_role role, const char *text)
{
    struct buffer safe;
    buffer_init(&safe, CELL_LIMIT * 4);
    text_append_safe_lines(&safe, text, strlen(text));
    const char *rest = safe.data;
    int used = 0;
    while (*rest != '\0' && used < rows && width > 0) {
        size_t length = text_break(rest, width, 0);
        char *line = xstrndup(rest, length);
        rest = skip_break(rest, length);
        used++;
        if (used == rows && *rest != '\0') {
            /* There is more than there is room for: say so. */
            canvas_printf(canvas, row + used - 1, column, width, role, "%s %s", line,
                          canvas->ascii ? "..." : "…");
        } else {
            canvas_put(canvas, row + used - 1, column, width, role, line);
        }
        free(line);
    }
    buffer_free(&safe);
    return used;
}

int canvas_wrap_height(const char *text, int width)
{
    int rows = 0;
    while (*text != '\0' && width > 0) {
        text = skip_break(text, text_break(text, width, 0));
        rows++;
    }
    return rows;
}

void canvas_cursor(struct ui_canvas *canvas, int row, int column, bool visible)
{
    if (clip(canvas, row, column, 1) > 0) {
        cursor.row = canvas->top + row;
        cursor.column = canvas->left + column;
        cursor.visible = visible;
    }
}

void canvas_hit(struct ui_canvas *canvas, int row, int column, int width, int action)
{
    int shown = clip(canvas, row, column, width);
    if (shown > 0 && hit_count < ARRAY_LENGTH(hits)) {
        hits[hit_count].row = canvas->top + row;
        hits[hit_count].from = canvas->left + column;
        hits[hit_count].to = canvas->left + column + shown;
        hits[hit_count++].action = action;
    }
}

void canvas_hits_reset(void)
{
    hit_count = 0;
}

int canvas_hit_at(int row, int column)
{
    for (size_t i = 0; i < hit_count; i++) {
        if (hits[i].row == row && column >= hits[i].from && column < hits[i].to) {
            return hits[i].action;
        }
    }
    return 0;
}

void canvas_cursor_reset(void)
{
    cursor.row = cursor.column = 0;
    cursor.visible = false;
}

void canvas_cursor_place(void)
{
    move(cursor.row, cursor.column);
    curs_set(cursor.visible ? 1 : 0);
}

struct ui_canvas canvas_part(const struct ui_canvas *canvas, int row, int column, int rows,
                             int columns)
{
    struct ui_canvas part = *canvas;
    part.top += row;
    part.left += column;
    part.rows = rows < canvas->rows - row ? rows : canvas->rows - row;
    part.columns =
        columns < 0 || columns > canvas->columns - column ? canvas->columns - column : columns;
    return part;
}

const char *canvas_glyph(const struct ui_canvas *canvas, enum ui_glyph glyph)
{
    static const char *const glyphs[][2] = {
        [GLYPH_GOOD] = {"✓", "+"},      [GLYPH_BAD] = {"✗", "x"},
        [GLYPH_WARNING] = {"!", "!"},   [GLYPH_UNKNOWN] = {"?", "?"},
        [GLYPH_OPEN] = {"▾", "v"},      [GLYPH_CLOSED] = {"▸", ">"},
        [GLYPH_DASH] = {"–", "-"},      [GLYPH_LINE] = {"─", "-"},
        [GLYPH_BAR] = {"█", "#"},       [GLYPH_BAR_EMPTY] = {"░", "."},
        [GLYPH_UP] = {"↑", "^"},        [GLYPH_DOWN] = {"↓", "v"},
        [GLYPH_ENTER] = {"↵", "Enter"}, [GLYPH_SEPARATOR] = {"│", "|"},
        [GLYPH_BULLET] = {"·", "-"},
    };
    return glyphs[glyph][canvas->ascii ? 1 : 0];
}

void canvas_sparkline(struct ui_canvas *canvas, int row, int column, int width, enum ui_role role,
                      const double *values, int count)
{
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii[] = {"_", "_", ".", ".", "-", "-", "=", "#"};
    double largest = 0;
    int first = count > width ? count - width : 0;
    for (int i = first; i < count; i++) {
        largest = values[i] > largest ? values[i] : largest;
    }
    struct buffer text;
    buffer_init(&text, CELL_LIMIT);
    for (int i = first; i < count; i++) {
        if (values[i] < 0) {
            buffer_append_char(&text, ' ');
            continue;
        }
        int step = largest <= 0 ? 0 : (int)(values[i] / largest * 7 + 0.5);
        step = step < 0 ? 0 : step > 7 ? 7 : step;
        buffer_append_string(&text, canvas->ascii ? ascii[step] : bars[step]);
    }
    canvas_put(canvas, row, column, width, role, text.data);
    buffer_free(&text);
}
