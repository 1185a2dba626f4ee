/* Themes as files: a palette, and what each role looks like in its colours. */
#include "ui/theme_file.h"

#include <curses.h>
#include <stdio.h>
#include <string.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/language.h"
#include "doc/yaml.h"

enum { THEME_LIMIT = 1 << 16 };

static const char *const role_names[UI_ROLE_COUNT] = {
#define X(id, name, attributes) name,
    UI_ROLES(X)
#undef X
};

static const char *const fallbacks[UI_ROLE_COUNT] = {
#define X(id, name, attributes) attributes,
    UI_ROLES(X)
#undef X
};

static const struct {
    const char *name;
    unsigned long attribute;
} attribute_names[] = {{"bold", A_BOLD},       {"dim", A_DIM},     {"underline", A_UNDERLINE},
                       {"reverse", A_REVERSE}, {"blink", A_BLINK}, {"italic", A_ITALIC}};

static bool read_attribute(const char *word, unsigned long *attributes)
{
    for (size_t i = 0; i < ARRAY_LENGTH(attribute_names); i++) {
        if (strcmp(word, attribute_names[i].name) == 0) {
            *attributes |= attribute_names[i].attribute;
            return true;
        }
    }
    return false;
}

/* A colour by its name in the palette, its terminal name, or #rrggbb. */
static bool read_color(const char *word, const struct doc_node *palette, struct color *color)
{
    const struct doc_node *entry = palette == NULL ? NULL : doc_get(palette, word);
    const char *value = entry == NULL ? word : doc_string(entry);
    return value != NULL && color_parse(value, color);
}

bool theme_read_look(const char *text, const struct doc_node *palette, struct theme_look *look,
                     char bad[64])
{
    bool background = false;
    char word[64];
    while (*text != '\0') {
        size_t blanks = strspn(text, " ");
        size_t length = strcspn(text + blanks, " ");
        snprintf(word, sizeof(word), "%.*s", (int)(length < 63 ? length : 63), text + blanks);
        text += blanks + length;
        if (word[0] == '\0') {
            break;
        }
        if (strcmp(word, "on") == 0) {
            background = true;
        } else if (!read_attribute(word, &look->attributes) &&
                   !read_color(word, palette, background ? &look->background : &look->foreground)) {
            memcpy(bad, word, sizeof(word));
            return false;
        }
    }
    return true;
}

static bool refuse(const char *path, const struct doc_node *node, const char *what,
                   const char *word, struct error *err)
{
    return error_set(err, ERROR_CONFIG, "%s:%d:%d: %s%s%s", path, node->line, node->column, _(what),
                     word[0] == '\0' ? "" : ": ", word);
}

static int role_by_name(const char *name)
{
    for (int role = 0; role < UI_ROLE_COUNT; role++) {
        if (name != NULL && strcmp(name, role_names[role]) == 0) {
            return role;
        }
    }
    return -1;
}

static bool read_roles(const char *path, const struct doc_node *roles,
                       const struct doc_node *palette, struct theme_look looks[UI_ROLE_COUNT],
                       struct error *err)
{
    if (roles == NULL || roles->type != DOC_MAP) {
        return true;
    }
    for (size_t i = 0; i < roles->count; i++) {
        const char *key = doc_string(roles->keys[i]);
        int role = role_by_name(key);
        const char *text = roles->items[i]->text;
        char bad[64] = "";
        if (role < 0) {
            return refuse(path, roles->keys[i], N_("no such role; pullmend-theme(5) lists them"),
                          key == NULL ? "" : key, err);
        }
        looks[role] = (struct theme_look){.line = roles->items[i]->line};
        if (text != NULL && !theme_read_look(text, palette, &looks[role], bad)) {
            return refuse(path, roles->items[i], N_("neither a colour nor an attribute"), bad, err);
        }
    }
    return true;
}

static bool read_theme(const char *path, const struct doc_node *root,
                       struct theme_look looks[UI_ROLE_COUNT], struct error *err)
{
    if (root->type != DOC_MAP) {
        return refuse(path, root, N_("a theme has `palette:` and `roles:`"), "", err);
    }
    for (size_t i = 0; i < root->count; i++) {
        const char *key = doc_string(root->keys[i]);
        if (key == NULL || (strcmp(key, "palette") != 0 && strcmp(key, "roles") != 0 &&
                            strcmp(key, "name") != 0)) {
            return refuse(path, root->keys[i], N_("only name, palette and roles belong here"), "",
                          err);
        }
    }
    return read_roles(path, doc_get(root, "roles"), doc_get(root, "palette"), looks, err);
}

bool theme_read_file(const char *path, struct theme_look looks[UI_ROLE_COUNT], struct error *err)
{
    struct buffer text;
    struct doc_stream stream = {NULL, 0};
    struct doc_options options = {.source = path, .refuse_duplicates = true};
    buffer_init(&text, THEME_LIMIT);
    bool done = file_read(path, &text, err) &&
                doc_parse_yaml(text.data, text.length, &options, &stream, err);
    if (done && stream.count > 0) {
        done = read_theme(path, stream.documents[0], looks, err);
    }
    doc_stream_free(&stream);
    buffer_free(&text);
    return done;
}

void theme_fallback_looks(struct theme_look looks[UI_ROLE_COUNT])
{
    char bad[64];
    for (int role = 0; role < UI_ROLE_COUNT; role++) {
        looks[role] = (struct theme_look){COLOR_NONE, COLOR_NONE, 0, 0};
        theme_read_look(fallbacks[role], NULL, &looks[role], bad);
    }
}

/* What WCAG 2 asks of text: 4.5, of bold text 3; what is there to recede may be fainter. */
static double wanted_contrast(int role, const struct theme_look *look)
{
    if (role == UI_ROLE_DIM || role == UI_ROLE_DISABLED || role == UI_ROLE_BORDER) {
        return 2.0;
    }
    return (look->attributes & A_BOLD) != 0 ? 3.0 : 4.5;
}

size_t theme_low_contrasts(const char *path, const struct theme_look looks[UI_ROLE_COUNT],
                           struct buffer *out)
{
    const struct theme_look *text = &looks[UI_ROLE_TEXT];
    size_t count = 0;
    for (int role = 0; role < UI_ROLE_COUNT; role++) {
        const struct theme_look *look = &looks[role];
        double wanted = wanted_contrast(role, look);
        double contrast =
            color_contrast(look->foreground.set ? look->foreground : text->foreground,
                           look->background.set ? look->background : text->background);
        /* A role that the file leaves as it is has no line of its own, and says nothing new. */
        bool own = look->line > 0 || look->foreground.set || look->background.set;
        if (contrast > 0 && contrast < wanted && (own || role == UI_ROLE_TEXT)) {
            buffer_printf(out, _("%s:%d: %s: contrast %.1f, at least %.1f reads well\n"), path,
                          look->line > 0 ? look->line : text->line, role_names[role], contrast,
                          wanted);
            count++;
        }
    }
    return count;
}
