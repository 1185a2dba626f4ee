#include "place.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "script.h"

enum { WORD_LIMIT = 1 << 20 };

static size_t environment_length(const struct place *place)
{
    size_t count = 0;
    while (place->environment != NULL && place->environment[count] != NULL) {
        count++;
    }
    return count;
}

void place_set(struct place *place, const char *assignment)
{
    size_t name = strcspn(assignment, "=");
    size_t count = environment_length(place);
    size_t kept = 0;
    place->environment = xreallocarray(place->environment, count + 2, sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        char *one = place->environment[i];
        if (strncmp(one, assignment, name) == 0 && one[name] == '=') {
            free(one);
        } else {
            place->environment[kept++] = one;
        }
    }
    if (assignment[name] == '=') {
        place->environment[kept++] = xstrdup(assignment);
    }
    place->environment[kept] = NULL;
}

const char *place_get(const struct place *place, const char *name)
{
    size_t length = strlen(name);
    for (char **one = place->environment; *one != NULL; one++) {
        if (strncmp(*one, name, length) == 0 && (*one)[length] == '=') {
            return *one + length + 1;
        }
    }
    return NULL;
}

static void set_path(struct place *place, const char *name, const char *path)
{
    char *assignment = xasprintf("%s=%s", name, path);
    place_set(place, assignment);
    free(assignment);
}

static void pass_on(struct place *place, const char *name)
{
    const char *value = getenv(name);
    if (value != NULL) {
        set_path(place, name, value);
    }
}

void place_make(struct place *place)
{
    static const char *const passed[] = {"PATH",        "PULLMEND",     "PULLMEND_SIM",
                                         "TOP_SRCDIR",  "TOP_BUILDDIR", "SOAK",
                                         "SOAK_RESETS", "CHINESE_LANG", "LOCPATH"};
    static const char *const folders[][2] = {{"HOME", "home"},
                                             {"XDG_CONFIG_HOME", "config"},
                                             {"XDG_DATA_HOME", "data"},
                                             {"XDG_STATE_HOME", "state"},
                                             {"XDG_CACHE_HOME", "cache"},
                                             {"XDG_RUNTIME_DIR", "run"},
                                             {"TMPDIR", "tmp"}};
    *place = (struct place){.folder = xstrdup("/tmp/pullmend-screen.XXXXXX")};
    if (mkdtemp(place->folder) == NULL) {
        printf("Bail out! no folder for the test\n");
        exit(99);
    }
    for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
        pass_on(place, passed[i]);
    }
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        char *path = xasprintf("%s/%s", place->folder, folders[i][1]);
        mkdir(path, 0700);
        set_path(place, folders[i][0], path);
        free(path);
    }
    place_write(place, "state/pullmend/started", "not the first time\n");
    place_set(place, "TERM=xterm-256color");
    place_set(place, "LANG=C.UTF-8");
    place_set(place, "TZ=UTC");
    place_set(place, "PULLMEND_SIM_EVENT_SPEED=1"); /* rates that stay while a screen is compared */
    place_set(place, "SHELL=/bin/sh");
    set_path(place, "WORK", place->folder);
    char *log = xasprintf("ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=8:log_path=%s/sanitizer",
                          place->folder);
    place_set(place, log);
    free(log);
    log = xasprintf("UBSAN_OPTIONS=print_stacktrace=1:log_path=%s/sanitizer", place->folder);
    place_set(place, log);
    free(log);
}

char **place_words(const struct place *place, const char *text)
{
    char **words = xcalloc(strlen(text) + 2, sizeof(char *));
    size_t count = 0;
    while (*(text += strspn(text, " ")) != '\0') {
        struct buffer word;
        buffer_init(&word, WORD_LIMIT);
        bool quoted = false;
        for (; *text != '\0' && (quoted || *text != ' '); text++) {
            if (*text == '\'') {
                quoted = !quoted;
            } else if (*text == '$' && !quoted) {
                size_t length = strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
                char *name = xstrndup(text + 1, length);
                const char *value = place_get(place, name);
                buffer_append_string(&word, value == NULL ? "" : value);
                free(name);
                text += length;
            } else {
                buffer_append_char(&word, *text);
            }
        }
        words[count++] = buffer_take(&word);
    }
    return words;
}

void place_write(const struct place *place, const char *name, const char *text)
{
    char *path = xasprintf("%s/%s", place->folder, name);
    for (char *slash = strchr(path + strlen(place->folder) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    if (file != NULL) {
        fputs(text, file);
        fclose(file);
    }
    free(path);
}

char *place_complaint(const struct place *place)
{
    DIR *folder = opendir(place->folder);
    char *text = NULL;
    struct dirent *entry;
    while (folder != NULL && text == NULL && (entry = readdir(folder)) != NULL) {
        if (strncmp(entry->d_name, "sanitizer", 9) == 0) {
            char *path = xasprintf("%s/%s", place->folder, entry->d_name);
            text = script_read(path);
            free(path);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return text;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

void place_remove(struct place *place)
{
    nftw(place->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    for (char **one = place->environment; one != NULL && *one != NULL; one++) {
        free(*one);
    }
    free(place->environment);
    free(place->folder);
    *place = (struct place){0};
}
