#include "ui/theme.h"

#include <curses.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "ui/color.h"
#include "ui/theme_file.h"

static struct {
    char *name;
    attr_t attributes[UI_ROLE_COUNT];
} theme;

enum { FOLDER_COUNT = 4 };

/* "themes" beside the running program, for one that is not installed; NULL if there is none. */
static char *folder_beside_program(void)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (length <= 0) {
        return NULL;
    }
    path[length] = '\0';
    char *folder = file_folder(path);
    char *themes = file_join(folder, "themes");
    free(folder);
    return themes;
}

/* Folders with themes: the user's, $PULLMEND_THEMES, beside the program, the installed ones. */
static size_t theme_folders(char *folders[FOLDER_COUNT])
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
    char *beside = folder_beside_program();
    if (beside != NULL) {
        folders[count++] = beside;
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
    char *folders[FOLDER_COUNT];
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

static void default_looks(struct theme_look looks[UI_ROLE_COUNT], bool color)
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
    theme_fallback_looks(looks);
    for (size_t i = 0; color && i < ARRAY_LENGTH(colors); i++) {
        looks[colors[i].role] = (struct theme_look){COLOR_NONE, COLOR_NONE, 0, 0};
        theme_read_look(colors[i].look, NULL, &looks[colors[i].role], bad);
    }
}

static void use_looks(const struct theme_look looks[UI_ROLE_COUNT], bool color)
{
    const struct theme_look *text = &looks[UI_ROLE_TEXT];
    for (int role = 0; role < UI_ROLE_COUNT; role++) {
        const struct theme_look *look = &looks[role];
        theme.attributes[role] = (attr_t)look->attributes;
        if (color) {
            /* What a role leaves open is as in plain text. */
            theme.attributes[role] |= (attr_t)color_pair(
                (short)(role + 1), look->foreground.set ? look->foreground : text->foreground,
                look->background.set ? look->background : text->background);
        }
    }
    bkgdset((chtype)(' ' | theme.attributes[UI_ROLE_TEXT]));
}

static bool read_theme(const char *name, struct theme_look looks[UI_ROLE_COUNT], struct error *err)
{
    char *path = find_theme(name);
    if (path == NULL) {
        return error_set(err, ERROR_CONFIG,
                         "--theme %s: no such theme; press T in the program for a list", name);
    }
    bool done = theme_read_file(path, looks, err);
    struct buffer report;
    buffer_init(&report, 1 << 14);
    if (done && theme_low_contrasts(path, looks, &report) > 0) {
        char *rest = NULL;
        for (char *line = strtok_r(report.data, "\n", &rest); line != NULL;
             line = strtok_r(NULL, "\n", &rest)) {
            log_message(LOG_WARNING, "%s", line);
        }
    }
    buffer_free(&report);
    free(path);
    return done;
}

bool theme_load(const char *name, bool no_color, struct error *err)
{
    struct theme_look looks[UI_ROLE_COUNT];
    const char *variable = getenv("NO_COLOR");
    bool color = !no_color && (variable == NULL || variable[0] == '\0') && color_start();
    bool is_default = name == NULL || strcmp(name, "default") == 0;
    default_looks(looks, color && is_default);
    if (!is_default && !read_theme(name, looks, err)) {
        return false;
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
    char *folders[FOLDER_COUNT];
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
