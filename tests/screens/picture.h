#ifndef SCREENS_PICTURE_H
#define SCREENS_PICTURE_H

#include "emulator.h"

/* A screen as SVG: its characters in their colours, each run of one look at its columns, so that it
 * looks the same in any font. rows: the text of each row, as wide as the screen, in place of what
 * the cells show (masked). free() it. */
char *picture_svg(const struct emulator *emulator, char *const *rows, const char *title);

#endif
