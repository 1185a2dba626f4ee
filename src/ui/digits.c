#include "ui/digits.h"

#include <string.h>

#include "base/buffer.h"

enum { DIGIT_COLUMNS = 5 };

/* Bits of each row from the left. */
static const unsigned char shapes[10][DIGITS_ROWS] = {
    {0x0F, 0x09, 0x09, 0x09, 0x0F}, {0x02, 0x06, 0x02, 0x02, 0x07}, {0x0F, 0x01, 0x0F, 0x08, 0x0F},
    {0x0F, 0x01, 0x07, 0x01, 0x0F}, {0x09, 0x09, 0x0F, 0x01, 0x01}, {0x0F, 0x08, 0x0F, 0x01, 0x0F},
    {0x0F, 0x08, 0x0F, 0x09, 0x0F}, {0x0F, 0x01, 0x02, 0x04, 0x04}, {0x0F, 0x09, 0x0F, 0x09, 0x0F},
    {0x0F, 0x09, 0x0F, 0x01, 0x0F}};

static unsigned shape_row(char character, int row)
{
    if (character >= '0' && character <= '9') {
        return shapes[character - '0'][row];
    }
    return character == '-' && row == DIGITS_ROWS / 2   ? 0x0F
           : character == '.' && row == DIGITS_ROWS - 1 ? 0x02
                                                        : 0;
}

static int width_of(char character)
{
    return character == ' ' || character == '.' ? 2 : DIGIT_COLUMNS;
}

int digits_width(const char *text, int scale)
{
    int width = 0;
    for (; *text != '\0'; text++) {
        width += width_of(*text) * scale;
    }
    return width;
}

static void draw_block(struct ui_canvas *canvas, int row, int column, enum ui_role role, int scale)
{
    const char *block = canvas_glyph(canvas, GLYPH_BAR);
    for (int y = 0; y < scale; y++) {
        for (int x = 0; x < scale; x++) {
            canvas_put(canvas, row + y, column + x, 1, role, block);
        }
    }
}

void digits_draw(struct ui_canvas *canvas, int row, int column, enum ui_role role, const char *text,
                 int scale)
{
    for (; *text != '\0'; text++) {
        int width = width_of(*text);
        for (int y = 0; y < DIGITS_ROWS; y++) {
            unsigned bits = shape_row(*text, y);
            for (int x = 0; x < 4 && x < width; x++) {
                if ((bits & (8U >> x)) != 0) {
                    draw_block(canvas, row + y * scale, column + x * scale, role, scale);
                }
            }
        }
        column += width * scale;
    }
}
