#include "ui/color.h"

#include <curses.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"

static const char *const names[] = {"black", "red",     "green", "yellow",
                                    "blue",  "magenta", "cyan",  "white"};

/* xterm's default palette, for the distance to what a theme asks. */
static const int palette[16][3] = {{0, 0, 0},       {205, 0, 0},   {0, 205, 0},   {205, 205, 0},
                                   {0, 0, 238},     {205, 0, 205}, {0, 205, 205}, {229, 229, 229},
                                   {127, 127, 127}, {255, 0, 0},   {0, 255, 0},   {255, 255, 0},
                                   {92, 92, 255},   {255, 0, 255}, {0, 255, 255}, {255, 255, 255}};

static void rgb_of_index(int index, int out[3])
{
    if (index < 16) {
        memcpy(out, palette[index], sizeof(palette[index]));
    } else if (index < 232) {
        static const int steps[] = {0, 95, 135, 175, 215, 255};
        int cube = index - 16;
        out[0] = steps[cube / 36];
        out[1] = steps[cube / 6 % 6];
        out[2] = steps[cube % 6];
    } else {
        out[0] = out[1] = out[2] = 8 + (index - 232) * 10;
    }
}

bool color_parse(const char *text, struct color *color)
{
    *color = (struct color){.set = true};
    if (strcmp(text, "default") == 0) {
        color->set = false;
        return true;
    }
    unsigned red, green, blue;
    if (text[0] == '#' && strlen(text) == 7 && strspn(text + 1, "0123456789abcdefABCDEF") == 6 &&
        sscanf(text + 1, "%2x%2x%2x", &red, &green, &blue) == 3) {
        color->rgb = true;
        color->red = (int)red;
        color->green = (int)green;
        color->blue = (int)blue;
        return true;
    }
    int shift = 0;
    if (strncmp(text, "bright-", 7) == 0) {
        shift = 8;
        text += 7;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            color->index = (int)i + shift;
            return true;
        }
    }
    char *end;
    long index = strtol(text, &end, 10);
    if (shift == 0 && *text != '\0' && *end == '\0' && index >= 0 && index <= 255) {
        color->index = (int)index;
        return true;
    }
    return false;
}

int color_index(struct color color, int count)
{
    if (!color.set) {
        return -1;
    }
    if (!color.rgb && color.index < count) {
        return color.index;
    }
    int wanted[3] = {color.red, color.green, color.blue};
    if (!color.rgb) {
        rgb_of_index(color.index, wanted);
    }
    int best = 0;
    long nearest = -1;
    int first = count >= 256 ? 16 : 0;
    for (int i = first; i < (count < 256 ? count : 256); i++) {
        int have[3];
        rgb_of_index(i, have);
        long distance = 0;
        for (int channel = 0; channel < 3; channel++) {
            distance += (long)(have[channel] - wanted[channel]) * (have[channel] - wanted[channel]);
        }
        if (nearest < 0 || distance < nearest) {
            nearest = distance;
            best = i;
        }
    }
    return best;
}

bool color_start(void)
{
    if (!has_colors() || start_color() == ERR) {
        return false;
    }
    use_default_colors();
    return COLORS >= 8;
}

static int terminal_color(struct color color)
{
    if (color.set && color.rgb && COLORS > 256) {
        return color.red << 16 | color.green << 8 | color.blue; /* direct colour */
    }
    return color_index(color, COLORS);
}

unsigned long color_pair(short pair, struct color foreground, struct color background)
{
    if (!foreground.set && !background.set) {
        return 0;
    }
    if (init_extended_pair(pair, terminal_color(foreground), terminal_color(background)) == ERR) {
        return 0;
    }
    return COLOR_PAIR(pair);
}

static double luminance(struct color color)
{
    int rgb[3] = {color.red, color.green, color.blue};
    if (!color.rgb) {
        rgb_of_index(color.index, rgb);
    }
    double linear[3];
    for (int i = 0; i < 3; i++) {
        double value = rgb[i] / 255.0;
        linear[i] = value <= 0.03928 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
    }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

double color_contrast(struct color a, struct color b)
{
    if (!a.set || !b.set) {
        return 0;
    }
    double first = luminance(a);
    double second = luminance(b);
    double light = first > second ? first : second;
    double dark = first > second ? second : first;
    return (light + 0.05) / (dark + 0.05);
}
