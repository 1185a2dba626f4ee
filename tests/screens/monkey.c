/* Random events from a seed. */
#include "monkey.h"

#include <stdint.h>
#include <string.h>

struct dice {
    uint64_t state;
};

/* xorshift64: small, and the same everywhere. */
static unsigned throw_dice(struct dice *dice, unsigned sides)
{
    dice->state ^= dice->state << 13;
    dice->state ^= dice->state >> 7;
    dice->state ^= dice->state << 17;
    return (unsigned)((dice->state >> 11) % sides);
}

static void press(struct emulator *emulator, struct dice *dice)
{
    static const char *const named[] = {
        "Enter",  "Tab",  "BackTab", "Backspace", "Up",       "Down", "Left", "Right",
        "Delete", "Home", "End",     "PageUp",    "PageDown", "F1",   "F5",   "Esc"};
    /* Neither q nor ^C (they leave the program at last) nor ^Z. */
    static const char letters[] = "abcdefghijklmnoprstuvwxyzABCDEFGHIJKLMNOPRSTUVWXYZ0123456789"
                                  " /:?!.-_$#@%&*()[]{}<>\"'\\|~";
    static const char controls[] = "abdefghklnoprstuvwxy";
    unsigned kind = throw_dice(dice, 100);
    if (kind < 40) {
        emulator_named_key(emulator, named[throw_dice(dice, sizeof(named) / sizeof(named[0]))]);
    } else if (kind < 92) {
        emulator_character(emulator, (unsigned char)letters[throw_dice(dice, sizeof(letters) - 1)],
                           false);
    } else if (kind < 96) {
        emulator_character(emulator, 0x4E00 + throw_dice(dice, 1000), false);
    } else {
        emulator_character(emulator,
                           (unsigned char)controls[throw_dice(dice, sizeof(controls) - 1)], true);
    }
}

static void play_one(struct emulator *emulator, struct dice *dice)
{
    static const int buttons[] = {1, 1, 4, 5};
    static const int sizes[][2] = {{80, 24}, {120, 40}, {60, 15}, {20, 5}, {200, 50}, {30, 10}};
    unsigned kind = throw_dice(dice, 1000);
    if (kind < 900) {
        press(emulator, dice);
    } else if (kind < 980) {
        emulator_click(emulator, (int)throw_dice(dice, (unsigned)emulator->rows),
                       (int)throw_dice(dice, (unsigned)emulator->columns),
                       buttons[throw_dice(dice, 4)]);
    } else if (kind < 990) {
        emulator_paste(emulator, "pasted text\nwith \033 controls, caf\303\251 \344\270\255");
    } else {
        const int *size = sizes[throw_dice(dice, 6)];
        emulator_resize(emulator, size[0], size[1]);
    }
}

int monkey_play(struct emulator *emulator, unsigned seed, int count)
{
    struct dice dice = {.state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1};
    for (int i = 0; i < count; i++) {
        play_one(emulator, &dice);
        emulator_pump(emulator, i % 50 == 0 ? 20 : 0);
        if (!emulator->running) {
            return i;
        }
    }
    emulator_resize(emulator, 80, 24);
    return count;
}
