/* Cells of the emulator as SVG. */
#include "picture.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/text.h"

enum { CELL_WIDTH = 8, CELL_HEIGHT = 17, BASELINE = 13, MARGIN = 8, SVG_LIMIT = 1 << 20 };

static const char default_text[] = "#d8d8d8";
static const char default_ground[] = "#1c1c1c";

struct look {
    char text[8];
    char ground[8];
    bool bold, underline;
};

static void color_text(const struct emulator *emulator, VTermColor color, const char *fallback,
                       char out[8])
{
    if (VTERM_COLOR_IS_DEFAULT_FG(&color) || VTERM_COLOR_IS_DEFAULT_BG(&color)) {
        memcpy(out, fallback, 8);
        return;
    }
    static const char digits[] = "0123456789abcdef";
    vterm_screen_convert_color_to_rgb(emulator->screen, &color);
    const unsigned char parts[] = {color.rgb.red, color.rgb.green, color.rgb.blue};
    out[0] = '#';
    for (int i = 0; i < 3; i++) {
        out[1 + 2 * i] = digits[parts[i] >> 4];
        out[2 + 2 * i] = digits[parts[i] & 15];
    }
    out[7] = '\0';
}

static struct look look_at(const struct emulator *emulator, int row, int column)
{
    struct look look = {.bold = false};
    VTermScreenCell cell;
    vterm_screen_get_cell(emulator->screen, (VTermPos){row, column}, &cell);
    color_text(emulator, cell.fg, default_text, look.text);
    color_text(emulator, cell.bg, default_ground, look.ground);
    if (cell.attrs.reverse) {
        char swap[8];
        memcpy(swap, look.text, sizeof(swap));
        memcpy(look.text, look.ground, sizeof(swap));
        memcpy(look.ground, swap, sizeof(swap));
    }
    look.bold = cell.attrs.bold;
    look.underline = cell.attrs.underline != 0;
    return look;
}

static bool same_look(const struct look *a, const struct look *b)
{
    return strcmp(a->text, b->text) == 0 && strcmp(a->ground, b->ground) == 0 &&
           a->bold == b->bold && a->underline == b->underline;
}

static void append_escaped(struct buffer *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '<') {
            buffer_append_string(out, "&lt;");
        } else if (text[i] == '>') {
            buffer_append_string(out, "&gt;");
        } else if (text[i] == '&') {
            buffer_append_string(out, "&amp;");
        } else {
            buffer_append_char(out, text[i]);
        }
    }
}

static void append_text(struct buffer *out, const struct look *look, int x, int y, const char *text,
                        size_t length)
{
    char *word = xstrndup(text, length);
    buffer_printf(out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"%s\"%s%s>", x,
                  y + BASELINE, text_width(word) * CELL_WIDTH, look->text,
                  look->bold ? " font-weight=\"bold\"" : "",
                  look->underline ? " text-decoration=\"underline\"" : "");
    append_escaped(out, word, length);
    buffer_append_string(out, "</text>\n");
    free(word);
}

static void append_run(struct buffer *out, const char *page, const struct look *look, int row,
                       int column, const char *text, size_t length)
{
    char *run = xstrndup(text, length);
    int width = text_width(run);
    int x = MARGIN + column * CELL_WIDTH;
    int y = MARGIN + row * CELL_HEIGHT;
    if (strcmp(look->ground, page) != 0) {
        buffer_printf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", x,
                      y, width * CELL_WIDTH, CELL_HEIGHT, look->ground);
    }
    /* Words that stand apart are placed apart: no font makes a row drift. */
    const char *rest = run;
    while (*(rest += strspn(rest, " ")) != '\0') {
        const char *gap = strstr(rest, "  ");
        size_t end = gap == NULL ? strlen(rest) : (size_t)(gap - rest);
        while (rest[end - 1] == ' ') {
            end--;
        }
        char *before = xstrndup(run, (size_t)(rest - run));
        append_text(out, look, x + text_width(before) * CELL_WIDTH, y, rest, end);
        free(before);
        rest += end;
    }
    free(run);
}

static void append_row(struct buffer *out, const struct emulator *emulator, const char *page,
                       int row, const char *text)
{
    int column = 0;
    while (*text != '\0' && column < emulator->columns) {
        struct look look = look_at(emulator, row, column);
        size_t length = 0;
        int width = 0;
        while (text[length] != '\0' && column + width < emulator->columns) {
            struct look next = look_at(emulator, row, column + width);
            if (!same_look(&look, &next)) {
                break;
            }
            size_t step = text_fit(text + length, 1, NULL);
            step = step > 0 ? step : text_fit(text + length, 2, NULL);
            char *one = xstrndup(text + length, step > 0 ? step : 1);
            width += text_width(one) > 0 ? text_width(one) : 1;
            free(one);
            length += step > 0 ? step : 1;
        }
        append_run(out, page, &look, row, column, text, length);
        text += length;
        column += width;
    }
}

char *picture_svg(const struct emulator *emulator, char *const *rows, const char *title)
{
    struct buffer out;
    int width = emulator->columns * CELL_WIDTH + 2 * MARGIN;
    int height = emulator->rows * CELL_HEIGHT + 2 * MARGIN;
    /* Most of the screen is as its right margin: no seams between rows of that ground. */
    struct look page = look_at(emulator, emulator->rows / 2, emulator->columns - 1);
    buffer_init(&out, SVG_LIMIT);
    buffer_printf(&out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                  "font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"13.3\" "
                  "xml:space=\"preserve\">\n<title>%s</title>\n"
                  "<rect width=\"%d\" height=\"%d\" rx=\"6\" fill=\"%s\"/>\n",
                  width, height, width, title, width, height, page.ground);
    for (int i = 0; i < emulator->rows; i++) {
        append_row(&out, emulator, page.ground, i, rows[i]);
    }
    buffer_append_string(&out, "</svg>\n");
    return buffer_take(&out);
}
