/* Keys by name. */
#include "typing.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"

enum { ESCAPE_MS = 80, VIEWS_DEEP = 4 };

/* After Escape the program must see that nothing follows it. */
static void pause_after_escape(struct emulator *emulator)
{
    int64_t until = clock_monotonic_ms() + ESCAPE_MS;
    while (clock_monotonic_ms() < until) {
        emulator_pump(emulator, 10);
    }
}

bool typing_press(struct emulator *emulator, const char *name)
{
    unsigned character;
    if (strcmp(name, "Escape") == 0) {
        name = "Esc";
    }
    if (text_decode_utf8(name, strlen(name), &character) == strlen(name)) {
        emulator_character(emulator, character, false);
        return true;
    }
    if (name[0] == '^' && name[1] != '\0') {
        emulator_character(emulator, (unsigned)(name[1] | 0x20), true);
        return true;
    }
    if (strcmp(name, "lt") == 0 || strcmp(name, "Space") == 0) {
        emulator_character(emulator, name[0] == 'l' ? '<' : ' ', false);
        return true;
    }
    return emulator_named_key(emulator, name);
}

const char *typing_type(struct emulator *emulator, const char *text)
{
    while (*text != '\0') {
        unsigned character;
        const char *end = strchr(text, '>');
        if (*text == '<') {
            char *name = xstrndup(text + 1, end == NULL ? 0 : (size_t)(end - text - 1));
            bool known = typing_press(emulator, name);
            bool escape = strcmp(name, "Esc") == 0;
            free(name);
            if (!known) {
                return text;
            }
            if (escape) {
                pause_after_escape(emulator);
            }
            text = end + 1;
            continue;
        }
        size_t length = text_decode_utf8(text, strlen(text), &character);
        if (length == 0) {
            return text;
        }
        emulator_character(emulator, character, false);
        text += length;
    }
    emulator_pump(emulator, 0);
    return NULL;
}

static void go_back(struct emulator *emulator)
{
    /* ^L behind Escape tells the program at once that no sequence follows. */
    for (int i = 0; i < VIEWS_DEEP; i++) {
        emulator_named_key(emulator, "Esc");
        emulator_character(emulator, 'l', true);
    }
    emulator_pump(emulator, 20);
}

void typing_every_key(struct emulator *emulator, const char *path)
{
    static const char *const names[] = {"Enter", "Tab",   "BackTab",  "Backspace", "Up",  "Down",
                                        "Left",  "Right", "Delete",   "Home",      "End", "PageUp",
                                        "F1",    "F5",    "PageDown", "F9",        "^A",  "^B",
                                        "^E",    "^F",    "^G",       "^K",        "^N",  "^P",
                                        "^R",    "^S",    "^T",       "^U",        "^W",  "^X"};
    for (unsigned character = '!'; character <= '~' && emulator->running; character++) {
        if (character != 'q') {
            typing_type(emulator, path);
            emulator_character(emulator, character, false);
            go_back(emulator);
        }
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && emulator->running; i++) {
        typing_type(emulator, path);
        typing_press(emulator, names[i]);
        go_back(emulator);
    }
}

void typing_back(struct emulator *emulator)
{
    go_back(emulator);
}
