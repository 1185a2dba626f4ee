#include "ui/keys.h"

#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

const struct ui_action_info ui_actions[UI_ACTION_COUNT] = {{"", "", "", false, ""},
#define X(id, name, keys, label, writes, help) {name, keys, label, writes, help},
                                                           UI_ACTIONS(X)
#undef X
};

const enum ui_action keys_everywhere[] = {UI_UP,     UI_DOWN, UI_PAGE_UP, UI_PAGE_DOWN, UI_TOP,
                                          UI_BOTTOM, UI_HELP, UI_PALETTE, UI_LOG,       UI_THEMES,
                                          UI_BACK,   UI_QUIT, UI_REDRAW,  UI_SUSPEND,   UI_NONE};

static char *bound[UI_ACTION_COUNT]; /* NULL: the default keys */

static const struct {
    const char *name;
    int code;
    bool is_code;
} named_keys[] = {
    {"Up", KEY_UP, true},       {"Down", KEY_DOWN, true},    {"Left", KEY_LEFT, true},
    {"Right", KEY_RIGHT, true}, {"PageUp", KEY_PPAGE, true}, {"PageDown", KEY_NPAGE, true},
    {"Home", KEY_HOME, true},   {"End", KEY_END, true},      {"Enter", '\r', false},
    {"Enter", '\n', false},     {"Enter", KEY_ENTER, true},  {"Space", ' ', false},
    {"Tab", '\t', false},       {"BackTab", KEY_BTAB, true}, {"Escape", 27, false},
    {"Backspace", 127, false},  {"Delete", KEY_DC, true},    {"F1", KEY_F(1), true},
    {"F2", KEY_F(2), true},     {"F3", KEY_F(3), true},      {"F4", KEY_F(4), true},
    {"F5", KEY_F(5), true},     {"F6", KEY_F(6), true},      {"F7", KEY_F(7), true},
    {"F8", KEY_F(8), true},     {"F9", KEY_F(9), true},      {"F10", KEY_F(10), true},
};

/* True if word, one key of a table, names this key. */
static bool word_is_key(const char *word, size_t length, int key, bool is_code)
{
    if (length == 2 && word[0] == '^') {
        return !is_code && key == (word[1] & 0x1F);
    }
    unsigned character;
    if (!is_code && text_decode_utf8(word, length, &character) == length) {
        return key == (int)character;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(named_keys); i++) {
        if (strlen(named_keys[i].name) == length &&
            strncmp(named_keys[i].name, word, length) == 0 && named_keys[i].is_code == is_code &&
            named_keys[i].code == key) {
            return true;
        }
    }
    return false;
}

const char *keys_of(enum ui_action action)
{
    return bound[action] != NULL ? bound[action] : ui_actions[action].keys;
}

static bool action_has_key(enum ui_action action, int key, bool is_code)
{
    const char *words = keys_of(action);
    while (*words != '\0') {
        size_t length = strcspn(words, " ");
        if (word_is_key(words, length, key, is_code)) {
            return true;
        }
        words += length + strspn(words + length, " ");
    }
    return false;
}

static enum ui_action find_action(const enum ui_action *offered, int key, bool is_code,
                                  bool bound_only)
{
    for (size_t i = 0; offered != NULL && offered[i] != UI_NONE; i++) {
        if ((!bound_only || bound[offered[i]] != NULL) &&
            action_has_key(offered[i], key, is_code)) {
            return offered[i];
        }
    }
    return UI_NONE;
}

enum ui_action keys_action(const enum ui_action *offered, int key, bool is_code)
{
    /* A person's own binding takes the key away from whatever has it by default. */
    for (int pass = 0; pass < 2; pass++) {
        enum ui_action action = find_action(offered, key, is_code, pass == 0);
        if (action == UI_NONE) {
            action = find_action(keys_everywhere, key, is_code, pass == 0);
        }
        if (action != UI_NONE) {
            return action;
        }
    }
    return UI_NONE;
}

const char *keys_name(enum ui_action action)
{
    static char name[32];
    const char *words = keys_of(action);
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(words, " "), words);
    return name;
}

enum ui_action keys_action_by_name(const char *name)
{
    for (int action = UI_NONE + 1; action < UI_ACTION_COUNT; action++) {
        if (strcmp(ui_actions[action].name, name) == 0) {
            return (enum ui_action)action;
        }
    }
    return UI_NONE;
}

static bool is_known_key(const char *word, size_t length)
{
    unsigned character;
    if ((length == 2 && word[0] == '^') || text_decode_utf8(word, length, &character) == length) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(named_keys); i++) {
        if (strlen(named_keys[i].name) == length &&
            strncmp(named_keys[i].name, word, length) == 0) {
            return true;
        }
    }
    return false;
}

bool keys_bind(const char *action, const char *keys, struct error *err)
{
    enum ui_action found = keys_action_by_name(action);
    if (found == UI_NONE) {
        return error_set(err, ERROR_CONFIG, "%s: no such action; the help view lists them", action);
    }
    for (const char *word = keys; *word != '\0';) {
        size_t length = strcspn(word, " ");
        if (length > 0 && !is_known_key(word, length)) {
            return error_set(err, ERROR_CONFIG, "%s: %.*s is no key; write x, ^X, F5, PageUp...",
                             action, (int)length, word);
        }
        word += length + strspn(word + length, " ");
    }
    free(bound[found]);
    bound[found] = xstrdup(keys);
    return true;
}

bool keys_bind_map(const char *path, const struct doc_node *map, struct error *err)
{
    if (map == NULL) {
        return true;
    }
    if (map->type != DOC_MAP) {
        return error_set(err, ERROR_CONFIG,
                         "%s:%d:%d: keys: wants actions and their keys, as `open: Enter o`", path,
                         map->line, map->column);
    }
    for (size_t i = 0; i < map->count; i++) {
        const char *action = map->keys[i]->text;
        const char *keys = map->items[i]->text;
        struct error why = ERROR_INIT;
        if (!keys_bind(action == NULL ? "" : action, keys == NULL ? "" : keys, &why)) {
            return error_set(err, ERROR_CONFIG, "%s:%d:%d: keys: %s", path, map->keys[i]->line,
                             map->keys[i]->column, why.message);
        }
    }
    return true;
}
