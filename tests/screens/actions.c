/* Each key of the program's own key table, in a view. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "script_parts.h"
#include "typing.h"
#include "ui/keys.h"

enum { VIEWS_DEEP = 4, HOME_SIZE = 64 };

/* `every-action KEYS [but ACTION[,ACTION...]] [=> TEXT]` */
struct journey {
    char *path;      /* KEYS: from the first view to the one where the keys are pressed */
    char *left_out;  /* ",ACTION,ACTION," */
    const char *aim; /* TEXT: seen there; NULL */
    char home[HOME_SIZE];
};

static struct journey journey_read(const char *text)
{
    const char *arrow = strstr(text, "=> ");
    char *keys = arrow == NULL ? xstrdup(text) : xstrndup(text, (size_t)(arrow - text));
    char *but = strstr(keys, "but ");
    struct journey journey = {.aim = arrow == NULL ? NULL : arrow + 3};
    journey.left_out = xasprintf(",%.*s,", but == NULL ? 0 : (int)strcspn(but + 4, " "),
                                 but == NULL ? "" : but + 4);
    keys[strcspn(keys, " ")] = '\0';
    journey.path = keys;
    return journey;
}

/* The last word of the footer: the first view says how to leave the program there, all others how
 * to go back. */
static void footer_end(const struct emulator *emulator, char out[HOME_SIZE])
{
    char row[EMULATOR_ROW_SIZE];
    emulator_row(emulator, emulator->rows - 1, row);
    const char *word = strrchr(row, ' ');
    word = word == NULL ? row : word + 1;
    snprintf(out, HOME_SIZE, "%.*s", HOME_SIZE - 1, word);
}

static bool is_home(const struct script *script, const struct journey *journey)
{
    char end[HOME_SIZE];
    footer_end(&script->emulator, end);
    return strcmp(end, journey->home) == 0;
}

/* One more than needed, for what the first view itself has open. */
static void press_escapes(struct script *script)
{
    for (int i = 0; i < VIEWS_DEEP; i++) {
        typing_press(&script->emulator, "Esc");
    }
}

static const char *go_home(struct script *script, const struct journey *journey)
{
    for (int tries = 0; tries < 2; tries++) {
        press_escapes(script);
        if (!emulator_redraw(&script->emulator, script->limit_ms)) {
            return "Escape is not answered";
        }
        if (is_home(script, journey)) {
            return NULL;
        }
    }
    return "Escape does not lead back";
}

/* All in one go, as one answer comes late on a busy machine. */
static const char *press_there(struct script *script, const struct journey *journey,
                               const char *key)
{
    struct emulator *emulator = &script->emulator;
    press_escapes(script);
    if (typing_type(emulator, journey->path) != NULL || !typing_press(emulator, key)) {
        return "a key that cannot be typed";
    }
    if (!emulator_redraw(emulator, script->limit_ms)) {
        return emulator->running ? "the key is not answered" : "the program has ended";
    }
    return looks_for_faults(script);
}

/* That KEYS lead to TEXT, as long as the keys are pressed there. */
static void go_there(struct script *script, const struct journey *journey)
{
    const char *fault = go_home(script, journey);
    typing_type(&script->emulator, journey->path);
    if (journey->aim != NULL && !script_wait_until(script, script_is_there, journey->aim)) {
        script_fail(script, "not seen: %s", journey->aim);
    }
    fault = fault != NULL ? fault : go_home(script, journey);
    if (fault != NULL) {
        script_fail(script, "%s", fault);
    }
}

static const struct {
    const char *name;
    const char *keys;
} table[] = {
#define X(id, name, keys, label, writes, help) {name, keys},
    UI_ACTIONS(X)
#undef X
};

static bool is_left_out(const struct journey *journey, const char *action)
{
    char *word = xasprintf(",%s,", action);
    bool found = strstr(journey->left_out, word) != NULL || strcmp(action, "quit") == 0 ||
                 strcmp(action, "suspend") == 0;
    free(word);
    return found;
}

/* True if an action before it in the table has the key, too: it was pressed already. */
static bool was_pressed(size_t action, const char *key)
{
    for (size_t i = 0; i < action; i++) {
        const char *at = table[i].keys;
        while ((at = strstr(at, key)) != NULL) {
            size_t length = strlen(key);
            if ((at == table[i].keys || at[-1] == ' ') && strchr(" ", at[length]) != NULL) {
                return true;
            }
            at += length;
        }
    }
    return false;
}

static int every_key(struct script *script, const struct journey *journey, size_t action)
{
    int count = 0;
    for (const char *keys = table[action].keys; *keys != '\0' && !script->failed;) {
        size_t length = strcspn(keys, " ");
        char *key = xstrndup(keys, length);
        const char *fault = NULL;
        if (!was_pressed(action, key)) {
            fault = press_there(script, journey, key);
            count++;
        }
        if (fault != NULL) {
            script_fail(script, "%s (%s): %s", table[action].name, key, fault);
        }
        free(key);
        keys += length + strspn(keys + length, " ");
    }
    return count;
}

void actions_every(struct script *script, const char *text)
{
    struct journey journey = journey_read(text);
    int count = 0;
    /* A resize just before may have had the screen begun anew, too: its answer is not the one. */
    for (int i = 0; i < 2; i++) {
        if (!emulator_redraw(&script->emulator, script->limit_ms)) {
            script_fail(script, "^L is not answered");
        }
        while (emulator_pump(&script->emulator, 200)) {
        }
    }
    footer_end(&script->emulator, journey.home);
    go_there(script, &journey);
    for (size_t i = 0; i < ARRAY_LENGTH(table) && !script->failed; i++) {
        count += is_left_out(&journey, table[i].name) ? 0 : every_key(script, &journey, i);
    }
    go_there(script, &journey);
    printf("# %dx%d %s: %d keys\n", script->columns, script->rows, text, count);
    free(journey.path);
    free(journey.left_out);
}
