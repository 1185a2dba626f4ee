#include "ui/theme.h"

#include <curses.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"
#include "doc/yaml.h"
#include "ui/color.h"

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

static struct {
    char *name;
    attr_t attributes[UI_ROLE_COUNT];
} theme;

/* What one role says: "FOREGROUND on BACKGROUND ATTRIBUTE...", every part optional. */
struct look {
    struct color foreground;
    struct color background;
    attr_t attributes;
};

static const struct {
    const char *name;
    attr_t attribute;
} attribute_names[] = {{"bold", A_BOLD},       {"dim", A_DIM},     {"underline", A_UNDERLINE},
                       {"reverse", A_REVERSE}, {"blink", A_BLINK}, {"italic", A_ITALIC}};

static bool read_attribute(const char *word, attr_t *attributes)
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

static bool read_look(const char *text, const struct doc_node *palette, struct look *look,
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
    return error_set(err, ERROR_CONFIG, "%s:%d:%d: %s%s%s", path, node->line, node->column, what,
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
                       const struct doc_node *palette, struct look looks[UI_ROLE_COUNT],
                       struct error *err)
{
    if (roles == NULL || roles->type != DOC_MAP) {
        return true;
    }
    for (size_t i = 0; i < roles->count; i++) {
        int role = role_by_name(doc_string(roles->keys[i]));
        const char *text = roles->items[i]->text;
        char bad[64] = "";
        if (role < 0) {
            return refuse(path, roles->keys[i], "no such role", "", err);
        }
        looks[role] = (struct look){COLOR_NONE, COLOR_NONE, 0};
        if (text != NULL && !read_look(text, palette, &looks[role], bad)) {
            return refuse(path, roles->items[i], "neither a colour nor an attribute", bad, err);
        }
    }
    return true;
}

static bool read_theme(const char *path, const struct doc_node *root,
                       struct look looks[UI_ROLE_COUNT], struct error *err)
{
    if (root->type != DOC_MAP) {
        return refuse(path, root, "a theme has `palette:` and `roles:`", "", err);
    }
    for (size_t i = 0; i < root->count; i++) {
        const char *key = doc_string(root->keys[i]);
        if (key == NULL || (strcmp(key, "palette") != 0 && strcmp(key, "roles") != 0 &&
                            strcmp(key, "name") != 0)) {
            return refuse(path, root->keys[i], "only name, palette and roles belong here", "", err);
        }
    }
    return read_roles(path, doc_get(root, "roles"), doc_get(root, "palette"), looks, err);
}

static bool read_file(const char *path, struct look looks[UI_ROLE_COUNT], struct error *err)
{
    struct buffer text;
    struct doc_stream stream = {NULL, 0};
    struct doc_options options = {DOC_SCHEMA_KUBERNETES, path, true};
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

/* Folders with themes: the user's, the build tree's (uninstalled), the installed ones. */
static size_t theme_folders(char *folders[3])
{
    size_t count = 0;
    char *user = file_xdg_folder("XDG_CONFIG_HOME", ".config");
    if (user != NULL) {
        folders[count++] = file_join(user, "themes");
        free(user);
    }
    const char *tree = getenv("PULLMEND_THEMES");
    if (tree != NULL) {
        folders[count++] = xstrdup(tree);
    }
    folders[count++] = xstrdup(PKGDATADIR "/themes");
    return count;
}

/* The file of a theme's name; NULL if there is none. */
static char *find_theme(const char *name)
{
    if (strchr(name, '/') != NULL) {
        return xstrdup(name);
    }
    char *folders[3];
    size_t count = theme_folders(folders);
    char *found = NULL;
    for (size_t i = 0; i < count; i++) {
        char *file = xasprintf("%s/%s.yaml", folders[i], name);
        struct stat status;
        if (found == NULL && stat(file, &status) == 0) {
            found = xstrdup(file);
        }
        free(file);
        free(folders[i]);
    }
    return found;
}

static void default_looks(struct look looks[UI_ROLE_COUNT], bool color)
{
    static const struct {
        enum ui_role role;
        const char *look;
    } colors[] = {
        {UI_ROLE_GOOD, "green"},        {UI_ROLE_WARNING, "yellow"},
        {UI_ROLE_BAD, "red bold"},      {UI_ROLE_INFO, "cyan"},
        {UI_ROLE_KEY, "cyan bold"},     {UI_ROLE_HEADER, "white on blue bold"},
        {UI_ROLE_ADDED, "green"},       {UI_ROLE_REMOVED, "red"},
        {UI_ROLE_TITLE, "bold"},        {UI_ROLE_DANGER, "white on red bold"},
        {UI_ROLE_COLUMNS, "cyan bold"}, {UI_ROLE_BORDER, "blue"},
    };
    char bad[64];
    for (int role = 0; role < UI_ROLE_COUNT; role++) {
        looks[role] = (struct look){COLOR_NONE, COLOR_NONE, 0};
        read_look(fallbacks[role], NULL, &looks[role], bad);
    }
    for (size_t i = 0; color && i < ARRAY_LENGTH(colors); i++) {
        looks[colors[i].role] = (struct look){COLOR_NONE, COLOR_NONE, 0};
        read_look(colors[i].look, NULL, &looks[colors[i].role], bad);
    }
}

static void use_looks(const struct look looks[UI_ROLE_COUNT], bool color)
{
    const struct look *text = &looks[UI_ROLE_TEXT];
    for (int role = 0; role < UI_ROLE_COUNT; role++) {
        const struct look *look = &looks[role];
        theme.attributes[role] = look->attributes;
        if (color) {
            /* What a role leaves open is as in plain text. */
            theme.attributes[role] |= (attr_t)color_pair(
                (short)(role + 1), look->foreground.set ? look->foreground : text->foreground,
                look->background.set ? look->background : text->background);
        }
    }
    bkgdset((chtype)(' ' | theme.attributes[UI_ROLE_TEXT]));
}

bool theme_load(const char *name, bool no_color, struct error *err)
{
    struct look looks[UI_ROLE_COUNT];
    const char *variable = getenv("NO_COLOR");
    bool color = !no_color && (variable == NULL || variable[0] == '\0') && color_start();
    default_looks(looks, color);
    if (name != NULL && strcmp(name, "default") != 0) {
        char *path = find_theme(name);
        if (path == NULL) {
            return error_set(err, ERROR_CONFIG,
                             "--theme %s: no such theme; the theme picker lists them", name);
        }
        bool done = read_file(path, looks, err);
        free(path);
        if (!done) {
            return false;
        }
    }
    if (!color) {
        default_looks(looks, false);
    }
    free(theme.name);
    theme.name = xstrdup(name == NULL ? "default" : name);
    use_looks(looks, color);
    return true;
}

unsigned long theme_attributes(enum ui_role role)
{
    return theme.attributes[role];
}

const char *theme_name(void)
{
    return theme.name == NULL ? "default" : theme.name;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has_name(char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

char **theme_list(void)
{
    char *folders[3];
    size_t folder_count = theme_folders(folders);
    size_t count = 1;
    char **names = xcalloc(2, sizeof(char *));
    names[0] = xstrdup("default");
    for (size_t i = 0; i < folder_count; i++) {
        DIR *folder = opendir(folders[i]);
        struct dirent *entry;
        while (folder != NULL && (entry = readdir(folder)) != NULL) {
            if (!text_ends_with(entry->d_name, ".yaml")) {
                continue;
            }
            char *name = xstrndup(entry->d_name, strlen(entry->d_name) - 5);
            if (has_name(names, count, name)) {
                free(name);
                continue;
            }
            names = xreallocarray(names, count + 2, sizeof(char *));
            names[count++] = name;
            names[count] = NULL;
        }
        if (folder != NULL) {
            closedir(folder);
        }
        free(folders[i]);
    }
    qsort(names, count, sizeof(char *), compare_names);
    return names;
}
