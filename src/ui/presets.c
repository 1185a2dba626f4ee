#include "ui/presets.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "base/language.h"
#include "ui/filter.h"

enum { PRESET_LIMIT = 32 };

struct preset {
    const char *name;
    const char *filter;
    bool owned;
};

static struct preset presets[PRESET_LIMIT] = {{"broken", "state:broken", false},
                                              {"failing", "pull:failing", false},
                                              {"unknown", "state:unknown", false}};
static size_t preset_count = 3;

size_t presets_count(void)
{
    return preset_count;
}

const char *presets_name(size_t number)
{
    return presets[number].name;
}

const char *presets_filter(size_t number)
{
    return presets[number].filter;
}

static bool refuse(const char *path, const struct doc_node *node, const char *what,
                   struct error *err)
{
    return error_set(err, ERROR_CONFIG, "%s:%d:%d: presets: %s", path, node->line, node->column,
                     _(what));
}

static struct preset *place_of(const char *name)
{
    for (size_t i = 0; i < preset_count; i++) {
        if (strcmp(presets[i].name, name) == 0) {
            return &presets[i];
        }
    }
    return preset_count < PRESET_LIMIT ? &presets[preset_count++] : NULL;
}

static bool take_one(const char *path, const struct doc_node *key, const struct doc_node *value,
                     struct error *err)
{
    const char *name = key->text;
    const char *text = value->text;
    if (name == NULL || name[0] == '\0' || text == NULL) {
        return refuse(path, key, N_("wants names and their filters, as `mine: state:broken`"), err);
    }
    struct filter *filter = filter_compile(text);
    const char *bad = filter_bad_word(filter);
    bool good = filter != NULL && bad == NULL;
    if (!good) {
        error_set(err, ERROR_CONFIG, "%s:%d:%d: presets: %s: not understood: %s", path, value->line,
                  value->column, name, bad == NULL ? _("an empty filter") : bad);
    }
    filter_free(filter);
    struct preset *preset = good ? place_of(name) : NULL;
    if (good && preset == NULL) {
        return refuse(path, key, N_("32 are the most"), err);
    }
    if (good) {
        if (preset->owned) {
            free((void *)(uintptr_t)preset->name);
            free((void *)(uintptr_t)preset->filter);
        }
        *preset = (struct preset){xstrdup(name), xstrdup(text), true};
    }
    return good;
}

bool presets_take(const char *path, const struct doc_node *map, struct error *err)
{
    if (map == NULL) {
        return true;
    }
    if (map->type != DOC_MAP) {
        return refuse(path, map, N_("wants names and their filters, as `mine: state:broken`"), err);
    }
    for (size_t i = 0; i < map->count; i++) {
        if (!take_one(path, map->keys[i], map->items[i], err)) {
            return false;
        }
    }
    return true;
}
