#ifndef UI_COLOR_H
#define UI_COLOR_H

#include <stdbool.h>

/* Colours of themes on whatever the terminal can do: direct colour, 256, 16, 8 or none. */
struct color {
    bool set; /* false: the terminal's own */
    bool rgb; /* red, green, blue; otherwise index 0 to 15 of the terminal's palette */
    int red, green, blue;
    int index;
};

#define COLOR_NONE ((struct color){.set = false})

/* "red", "bright-red", "default", "#rrggbb", "0" to "255"; false if it is none of them. */
bool color_parse(const char *text, struct color *color);
/* Starts colours; false if the terminal has none. */
bool color_start(void);
/* Defines pair number and returns its attribute. */
unsigned long color_pair(short pair, struct color foreground, struct color background);
/* The index that stands for color where only count colours exist. */
int color_index(struct color color, int count);
/* WCAG contrast of two colours, 1 to 21; 0 where one is the terminal's own. */
double color_contrast(struct color a, struct color b);

#endif
