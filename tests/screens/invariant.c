/* What holds for every screen. */
#include "invariant.h"

#include <string.h>

#include "base/text.h"

enum { LEAST_COLUMNS = 60, LEAST_ROWS = 15 };

static bool is_ascii(const char *row)
{
    while (*row != '\0') {
        if ((unsigned char)*row++ >= 0x80) {
            return false;
        }
    }
    return true;
}

static const char *row_broken(const struct emulator *emulator, int number, bool ascii)
{
    char row[EMULATOR_ROW_SIZE];
    emulator_row(emulator, number, row);
    if (number == 0 && strncmp(row, " pullmend ", 10) != 0) {
        return "the header does not say whose screen it is";
    }
    if (number == emulator->rows - 1 && row[0] == '\0') {
        return "the footer is empty";
    }
    if (strstr(row, "\357\277\275") != NULL) {
        return "there is a broken character";
    }
    if (strstr(row, "(null)") != NULL) {
        return "there is a (null)";
    }
    if (text_width(row) > emulator->columns) {
        return "a row is wider than the screen";
    }
    return ascii && !is_ascii(row) ? "there is a character beyond ASCII" : NULL;
}

const char *invariant_broken(const struct emulator *emulator, bool ascii)
{
    int row, column;
    if (!emulator->running) {
        return "the program has ended";
    }
    if (emulator->columns < LEAST_COLUMNS || emulator->rows < LEAST_ROWS) {
        return NULL;
    }
    for (int i = 0; i < emulator->rows; i++) {
        const char *broken = row_broken(emulator, i, ascii);
        if (broken != NULL) {
            return broken;
        }
    }
    emulator_cursor(emulator, &row, &column);
    return row == emulator->rows - 1 && !emulator->cursor_visible
               ? "the cursor is on the footer, not on what is focused"
               : NULL;
}
