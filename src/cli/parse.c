#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/text.h"
#include "cli/options.h"
#include "doc/yaml.h"

enum { CONFIG_LIMIT = 1 << 20 };

/* A value from a weaker origin never replaces or extends one from a stronger. */
static void add_value(struct cli_values *values, size_t id, const char *text,
                      enum cli_origin origin)
{
    if (values->of[id].count > 0 && values->of[id].origin > origin) {
        return;
    }
    size_t count = values->of[id].count;
    values->of[id].items = xreallocarray(values->of[id].items, count + 2, sizeof(char *));
    values->of[id].items[count] = xstrdup(text);
    values->of[id].items[count + 1] = NULL;
    values->of[id].count = count + 1;
    values->of[id].origin = origin;
}

static void add_argument(struct cli_values *values, const char *text)
{
    size_t count = values->argument_count;
    values->arguments = xreallocarray(values->arguments, count + 2, sizeof(char *));
    values->arguments[count] = xstrdup(text);
    values->arguments[count + 1] = NULL;
    values->argument_count = count + 1;
}

static bool add_flag(struct cli_values *values, size_t id, const char *text, enum cli_origin origin,
                     const char *where, struct error *err)
{
    static const char *const yes[] = {"true", "1", "yes", "on", ""};
    static const char *const no[] = {"false", "0", "no", "off"};
    for (size_t i = 0; i < ARRAY_LENGTH(yes); i++) {
        if (strcasecmp(text, yes[i]) == 0) {
            add_value(values, id, "true", origin);
            return true;
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(no); i++) {
        if (strcasecmp(text, no[i]) == 0) {
            add_value(values, id, "false", origin);
            return true;
        }
    }
    return error_set(err, origin == CLI_FROM_FILE ? ERROR_CONFIG : ERROR_USAGE,
                     "%s: \"%s\" is neither true nor false", where, text);
}

/* --- Arguments ----------------------------------------------------------------------------------
 */

/* Levenshtein distance, for "did you mean". */
static int distance(const char *a, const char *b)
{
    size_t width = strlen(b);
    int row[64];
    if (width >= ARRAY_LENGTH(row)) {
        return 99;
    }
    for (size_t j = 0; j <= width; j++) {
        row[j] = (int)j;
    }
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= width; j++) {
            int above = row[j];
            int best = diagonal + (a[i - 1] != b[j - 1]);
            best = above + 1 < best ? above + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[width];
}

static bool refuse_unknown(const char *name, unsigned groups, struct error *err)
{
    const struct cli_option *nearest = NULL;
    int best = 4;
    for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
        if (strcmp(cli_options[id].name, name) == 0) {
            return error_set(err, ERROR_USAGE, "--%s does not go with this command; see --help",
                             name);
        }
        int far = distance(name, cli_options[id].name);
        if ((cli_options[id].groups & groups) != 0 && far < best) {
            best = far;
            nearest = &cli_options[id];
        }
    }
    if (nearest != NULL) {
        return error_set(err, ERROR_USAGE, "unknown flag --%s; did you mean --%s?", name,
                         nearest->name);
    }
    return error_set(err, ERROR_USAGE, "unknown flag --%s; see --help", name);
}

struct walk {
    struct cli_values *values;
    unsigned groups;
    int argc;
    char **argv;
    int at;
};

static bool take_value(struct walk *walk, size_t id, const char *attached, struct error *err)
{
    const struct cli_option *option = &cli_options[id];
    char where[80];
    snprintf(where, sizeof(where), "--%s", option->name);
    switch (option->type) {
    case CLI_FLAG:
        return add_flag(walk->values, id, attached == NULL ? "" : attached, CLI_FROM_FLAG, where,
                        err);
    case CLI_COUNT:
    case CLI_OPTIONAL:
        add_value(walk->values, id, attached == NULL ? "" : attached, CLI_FROM_FLAG);
        return true;
    case CLI_WORD:
        if (attached == NULL &&
            (walk->at + 1 >= walk->argc || walk->argv[walk->at + 1][0] == '-')) {
            attached = "";
        }
        break;
    case CLI_TEXT:
    case CLI_LIST:
        break;
    }
    if (attached == NULL) {
        if (walk->at + 1 >= walk->argc) {
            return error_set(err, ERROR_USAGE, "--%s wants a value: --%s %s", option->name,
                             option->name, option->value);
        }
        attached = walk->argv[++walk->at];
    }
    add_value(walk->values, id, attached, CLI_FROM_FLAG);
    return true;
}

static bool take_long(struct walk *walk, const char *text, struct error *err)
{
    const char *equals = strchr(text, '=');
    size_t length = equals == NULL ? strlen(text) : (size_t)(equals - text);
    for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
        const struct cli_option *option = &cli_options[id];
        if ((option->groups & walk->groups) != 0 && strlen(option->name) == length &&
            strncmp(option->name, text, length) == 0) {
            return take_value(walk, id, equals == NULL ? NULL : equals + 1, err);
        }
    }
    char *name = xstrndup(text, length);
    refuse_unknown(name, walk->groups, err);
    free(name);
    return false;
}

static bool takes_value(const struct cli_option *option)
{
    return option->type == CLI_TEXT || option->type == CLI_WORD || option->type == CLI_LIST;
}

static bool take_short(struct walk *walk, const char *letters, struct error *err)
{
    for (; *letters != '\0'; letters++) {
        size_t id = 0;
        while (id < CLI_OPTION_COUNT && !(cli_options[id].letter == *letters &&
                                          (cli_options[id].groups & walk->groups) != 0)) {
            id++;
        }
        if (id == CLI_OPTION_COUNT) {
            return error_set(err, ERROR_USAGE, "unknown flag -%c; see --help", *letters);
        }
        if (takes_value(&cli_options[id])) {
            const char *rest = letters[1] == '=' ? letters + 2 : letters + 1;
            return take_value(walk, id, letters[1] == '\0' ? NULL : rest, err);
        }
        if (!take_value(walk, id, NULL, err)) {
            return false;
        }
    }
    return true;
}

bool cli_parse_arguments(struct cli_values *values, unsigned groups, int argc, char **argv,
                         struct error *err)
{
    struct walk walk = {values, groups | CLI_GROUP_GENERAL, argc, argv, 0};
    for (; walk.at < argc; walk.at++) {
        const char *word = argv[walk.at];
        if (strcmp(word, "--") == 0) {
            for (int i = walk.at + 1; i < argc; i++) {
                add_argument(values, argv[i]);
            }
            return true;
        }
        bool fine = true;
        if (word[0] == '-' && word[1] == '-') {
            fine = take_long(&walk, word + 2, err);
        } else if (word[0] == '-' && word[1] != '\0') {
            fine = take_short(&walk, word + 1, err);
        } else {
            add_argument(values, word);
        }
        if (!fine) {
            return false;
        }
    }
    return true;
}

void cli_set(struct cli_values *values, enum cli_option_id id, const char *text)
{
    for (size_t i = 0; i < values->of[id].count; i++) {
        free(values->of[id].items[i]);
    }
    free(values->of[id].items);
    values->of[id].items = NULL;
    values->of[id].count = 0;
    values->of[id].origin = CLI_FROM_DEFAULT;
    if (text != NULL) {
        add_value(values, id, text, CLI_FROM_FILE);
    }
}

/* --- Environment --------------------------------------------------------------------------------
 */

bool cli_parse_environment(struct cli_values *values, struct error *err)
{
    for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
        char variable[80] = "PULLMEND_";
        size_t length = strlen(variable);
        for (const char *c = cli_options[id].name; *c != '\0'; c++) {
            variable[length++] = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
        }
        variable[length] = '\0';
        const char *text = getenv(variable);
        if (text == NULL || id == CLI_HELP || id == CLI_VERSION) {
            continue;
        }
        if (cli_options[id].type != CLI_FLAG) {
            add_value(values, id, text, CLI_FROM_ENVIRONMENT);
        } else if (text[0] != '\0' && values->of[id].count == 0 &&
                   !add_flag(values, id, text, CLI_FROM_ENVIRONMENT, variable, err)) {
            return false;
        }
    }
    return true;
}

/* --- Configuration file -------------------------------------------------------------------------
 */

static bool refuse_node(const char *path, const struct doc_node *node, const char *what,
                        struct error *err)
{
    return error_set(err, ERROR_CONFIG, N_("%s:%d:%d: %s"), path, node->line, node->column,
                     _(what));
}

static bool take_node(struct cli_values *values, size_t id, const char *path,
                      const struct doc_node *node, struct error *err)
{
    if (node->type == DOC_LIST && cli_options[id].type == CLI_LIST) {
        for (size_t i = 0; i < node->count; i++) {
            if (node->items[i]->text == NULL) {
                return refuse_node(path, node->items[i], N_("a text is wanted here"), err);
            }
            add_value(values, id, node->items[i]->text, CLI_FROM_FILE);
        }
        return true;
    }
    if (node->text == NULL) {
        return refuse_node(path, node, N_("one value is wanted here"), err);
    }
    if (cli_options[id].type == CLI_FLAG) {
        char where[512];
        snprintf(where, sizeof(where), "%s:%d:%d", path, node->line, node->column);
        return add_flag(values, id, node->text, CLI_FROM_FILE, where, err);
    }
    add_value(values, id, node->text, CLI_FROM_FILE);
    return true;
}

static bool take_map(struct cli_values *values, const char *path, const struct doc_node *map,
                     struct error *err)
{
    for (size_t i = 0; i < map->count; i++) {
        const char *key = doc_string(map->keys[i]);
        /* What belongs to the screen alone is read by it. */
        if (key != NULL && (strcmp(key, "keys") == 0 || strcmp(key, "presets") == 0)) {
            continue;
        }
        size_t id = 0;
        while (id < CLI_OPTION_COUNT && (key == NULL || strcmp(cli_options[id].name, key) != 0)) {
            id++;
        }
        if (id == CLI_OPTION_COUNT || id == CLI_HELP || id == CLI_VERSION) {
            return error_set(err, ERROR_CONFIG,
                             "%s:%d:%d: %s: no such setting; pullmend-config(5) lists them", path,
                             map->keys[i]->line, map->keys[i]->column, key == NULL ? "" : key);
        }
        if (values->of[id].count > 0 && values->of[id].origin > CLI_FROM_FILE) {
            continue;
        }
        if (!take_node(values, id, path, map->items[i], err)) {
            return false;
        }
    }
    return true;
}

static bool parse_path(struct cli_values *values, const char *path, bool must_exist,
                       struct error *err)
{
    struct buffer text;
    buffer_init(&text, CONFIG_LIMIT);
    struct error trouble = ERROR_INIT;
    bool done = file_read(path, &text, &trouble);
    if (!done && trouble.kind == ERROR_NOT_FOUND && !must_exist) {
        buffer_free(&text);
        return true;
    }
    struct doc_stream stream = {NULL, 0};
    if (!done) {
        error_set(err, ERROR_CONFIG, "%s", trouble.message);
    } else {
        struct doc_options options = {.source = path, .refuse_duplicates = true};
        done = doc_parse_yaml(text.data, text.length, &options, &stream, err);
    }
    for (size_t i = 0; done && i < stream.count; i++) {
        const struct doc_node *root = stream.documents[i];
        if (root->type == DOC_MAP) {
            done = take_map(values, path, root, err);
        } else if (root->type != DOC_NULL) {
            done = refuse_node(path, root, N_("settings are wanted here, as `theme: nord`"), err);
        }
    }
    doc_stream_free(&stream);
    buffer_free(&text);
    return done;
}

bool cli_parse_file(struct cli_values *values, const char *path, struct error *err)
{
    if (path != NULL) {
        return parse_path(values, path, true, err);
    }
    char *folder = file_xdg_folder("XDG_CONFIG_HOME", ".config");
    if (folder == NULL) {
        return true;
    }
    char *file = file_join(folder, "config.yaml");
    bool done = parse_path(values, file, false, err);
    free(file);
    free(folder);
    return done;
}
