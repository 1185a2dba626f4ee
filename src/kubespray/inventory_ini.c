/* Inventories in Ansible's INI format, and ranges in host names. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "inventory.h"

enum { MAX_NAMES = 10000, MAX_NAME = 300 };

struct names {
    struct jinja_arena *arena;
    const char **items;
    size_t count;
    size_t capacity;
};

static void names_append(struct names *names, const char *name)
{
    if (names->count == names->capacity) {
        names->capacity = names->capacity == 0 ? 8 : names->capacity * 2;
        const char **items = jinja_arena_alloc(names->arena, names->capacity * sizeof(*items));
        if (names->count > 0) {
            memcpy(items, names->items, names->count * sizeof(*items));
        }
        names->items = items;
    }
    names->items[names->count++] = jinja_arena_copy(names->arena, name, strlen(name));
}

/* [1:3], [01:50:2], [a:f]: the parts between the brackets; false if this is no range. */
static bool read_range(const char *text, size_t length, char begin[20], char end[20], long *step)
{
    char copy[64];
    *step = 1;
    if (length >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    char *colon = strchr(copy, ':');
    if (colon == NULL) {
        return false;
    }
    *colon = '\0';
    char *second = strchr(colon + 1, ':');
    if (second != NULL) {
        *second = '\0';
        *step = strtol(second + 1, NULL, 10);
    }
    if (strlen(copy) >= 20 || strlen(colon + 1) >= 20 || colon[1] == '\0' || *step < 1) {
        return false;
    }
    memcpy(begin, copy[0] == '\0' ? "0" : copy, strlen(copy) + 1 + (copy[0] == '\0'));
    memcpy(end, colon + 1, strlen(colon + 1) + 1);
    bool digits =
        strspn(begin, "0123456789") == strlen(begin) && strspn(end, "0123456789") == strlen(end);
    bool letters = strlen(begin) == 1 && strlen(end) == 1 && isalpha((unsigned char)begin[0]) &&
                   isalpha((unsigned char)end[0]);
    bool padded = begin[0] == '0' && strlen(begin) > 1 && strlen(begin) != strlen(end);
    return (digits && !padded && strlen(end) < 10) || letters;
}

static bool expand(struct names *names, const char *pattern, int depth)
{
    char begin[20];
    char end[20];
    char name[MAX_NAME];
    long step;
    const char *open = strchr(pattern, '[');
    const char *close = open == NULL ? NULL : strchr(open, ']');
    if (close == NULL || strchr(open, ':') == NULL || strchr(open, ':') > close) {
        names_append(names, pattern);
        return names->count <= MAX_NAMES;
    }
    if (depth > 5 || !read_range(open + 1, (size_t)(close - open - 1), begin, end, &step)) {
        return false;
    }
    bool letters = isalpha((unsigned char)begin[0]);
    long from = letters ? begin[0] : strtol(begin, NULL, 10);
    long to = letters ? end[0] : strtol(end, NULL, 10);
    int width = !letters && begin[0] == '0' && begin[1] != '\0' ? (int)strlen(begin) : 0;
    if (from > to || (to - from) / step > MAX_NAMES) {
        return false;
    }
    for (long i = from; i <= to; i += step) {
        char part[24];
        if (letters) {
            snprintf(part, sizeof(part), "%c", (char)i);
        } else {
            snprintf(part, sizeof(part), "%0*ld", width, i);
        }
        int length = snprintf(name, sizeof(name), "%.*s%s%s", (int)(open - pattern), pattern, part,
                              close + 1);
        if (length >= MAX_NAME || !expand(names, name, depth + 1)) {
            return false;
        }
    }
    return true;
}

bool inventory_expand(struct inventory *inventory, const char *pattern, const char *source,
                      int line, int column, const char ***out, size_t *count, struct error *err)
{
    struct names names = {.arena = inventory->arena};
    if (!expand(&names, pattern, 0)) {
        return error_set(err, ERROR_CONFIG,
                         "%s:%d:%d: the range in the host name '%s' cannot be read (node[1:3], "
                         "db[a:c], at most %d names)",
                         source, line, column, pattern, MAX_NAMES);
    }
    *out = names.items;
    *count = names.count;
    return true;
}

enum section { SECTION_HOSTS, SECTION_VARS, SECTION_CHILDREN };

struct ini {
    struct inventory *inventory;
    const char *source;
    int line;
    size_t group;
    enum section section;
    struct error *err;
};

static bool fail(const struct ini *ini, int column, const char *what)
{
    return error_set(ini->err, ERROR_CONFIG, "%s:%d:%d: %s", ini->source, ini->line, column, what);
}

/* A Python literal, else the text. */
static bool read_value(const struct ini *ini, const char *text, struct jinja_value *out)
{
    bool huge;
    struct jinja_arena *arena = ini->inventory->arena;
    if (!jinja_read_python_literal(arena, text, strlen(text), out, &huge)) {
        if (huge) {
            return fail(ini, 1, "a value reads as a Python literal that cannot be held; quote it");
        }
        *out = jinja_text(arena, text);
    }
    return true;
}

/* The next word as shlex splits it: quotes and backslashes; false at the end or a comment. */
static bool next_word(const char **at, char *word, size_t size, bool *broken)
{
    size_t length = 0;
    char quote = '\0';
    *broken = false;
    *at += strspn(*at, " \t");
    if (**at == '\0' || **at == '#') {
        return false;
    }
    for (; **at != '\0'; (*at)++) {
        char c = **at;
        if (quote != '\0') {
            if (c == quote) {
                quote = '\0';
                continue;
            }
            if (c == '\\' && quote == '"' && ((*at)[1] == '"' || (*at)[1] == '\\')) {
                c = *++(*at);
            }
        } else if (c == '\'' || c == '"') {
            quote = c;
            continue;
        } else if (c == ' ' || c == '\t' || c == '#') {
            break;
        } else if (c == '\\' && (*at)[1] != '\0') {
            c = *++(*at);
        }
        if (length + 1 >= size) {
            *broken = true;
            return false;
        }
        word[length++] = c;
    }
    word[length] = '\0';
    *broken = quote != '\0';
    return !*broken;
}

/* name:port */
static void split_port(char *name, char **port)
{
    char *colon = strrchr(name, ':');
    *port = NULL;
    if (colon == NULL || strspn(colon + 1, "0123456789") != strlen(colon + 1) || colon[1] == '\0') {
        return;
    }
    char *bracket = strrchr(name, ']');
    bool range = bracket != NULL && strchr(name, ':') < bracket;
    char *first = strchr(range ? bracket : name, ':');
    if (name[0] == '[' && colon > name && colon[-1] == ']' && strstr(name, "::") != NULL) {
        memmove(name, name + 1, strlen(name));
        colon[-2] = '\0';
        *port = colon;
    } else if (first == colon) {
        *colon = '\0';
        *port = colon + 1;
    }
}

static bool read_host(const struct ini *ini, const char *line)
{
    char word[4096];
    char pattern[MAX_NAME];
    bool broken;
    const char *at = line;
    struct inventory *inventory = ini->inventory;
    if (!next_word(&at, word, sizeof(word), &broken)) {
        return broken ? fail(ini, 1, "a quote has no end") : true;
    }
    if (strlen(word) >= sizeof(pattern)) {
        return fail(ini, 1, "the host's name is too long");
    }
    memcpy(pattern, word, strlen(word) + 1);
    char *port;
    const char **names = NULL;
    size_t count = 0;
    split_port(pattern, &port);
    if (!inventory_expand(inventory, pattern, ini->source, ini->line, 1, &names, &count,
                          ini->err)) {
        return false;
    }
    struct jinja_dict *variables = jinja_dict(inventory->arena).as.dict;
    if (port != NULL) {
        jinja_dict_set_text(inventory->arena, variables, "ansible_port",
                            jinja_int(strtol(port, NULL, 10)));
    }
    while (next_word(&at, word, sizeof(word), &broken)) {
        struct jinja_value value;
        char *equals = strchr(word, '=');
        if (equals == NULL) {
            return fail(ini, (int)(at - line) - (int)strlen(word) + 1,
                        "behind a host's name, key=value is expected");
        }
        *equals = '\0';
        if (!read_value(ini, equals + 1, &value)) {
            return false;
        }
        jinja_dict_set_text(inventory->arena, variables, word, value);
    }
    if (broken) {
        return fail(ini, (int)(at - line) + 1, "a quote has no end, or a value is too long");
    }
    for (size_t i = 0; i < count; i++) {
        size_t host = inventory_add_host(inventory, names[i]);
        inventory_put_host(inventory, ini->group, host);
        for (size_t k = 0; k < variables->count; k++) {
            jinja_dict_set(inventory->arena, inventory->hosts[host].variables,
                           variables->entries[k].key, variables->entries[k].value);
        }
    }
    return true;
}

static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL) {
        text[--length] = '\0';
    }
    return text;
}

static bool read_variable(const struct ini *ini, char *line)
{
    struct jinja_value value;
    char *equals = strchr(line, '=');
    if (equals == NULL) {
        return fail(ini, 1, "key=value is expected in a :vars section");
    }
    *equals = '\0';
    char *key = trim(line);
    if (!read_value(ini, trim(equals + 1), &value)) {
        return false;
    }
    jinja_dict_set_text(ini->inventory->arena, ini->inventory->groups[ini->group].variables, key,
                        value);
    return true;
}

static bool read_section(struct ini *ini, char *line)
{
    char *end = strchr(line, ']');
    if (end == NULL) {
        return fail(ini, 1, "a section's name has no ]");
    }
    const char *rest = end + 1 + strspn(end + 1, " \t\r");
    if (*rest != '\0' && *rest != '#' && *rest != ';') {
        return fail(ini, (int)(rest - line) + 1, "nothing may follow a section's name");
    }
    *end = '\0';
    char *name = line + 1;
    char *kind = strchr(name, ':');
    ini->section = SECTION_HOSTS;
    if (kind != NULL) {
        *kind++ = '\0';
        if (strcmp(kind, "vars") == 0) {
            ini->section = SECTION_VARS;
        } else if (strcmp(kind, "children") == 0) {
            ini->section = SECTION_CHILDREN;
        } else if (strcmp(kind, "hosts") != 0) {
            return fail(ini, (int)(kind - line) + 1,
                        "a section is [group], [group:vars] or [group:children]");
        }
    }
    if (*name == '\0') {
        return fail(ini, 2, "a section needs a group's name");
    }
    ini->group = inventory_add_group(ini->inventory, name);
    return true;
}

static bool read_child(const struct ini *ini, char *line)
{
    char *comment = strchr(line, '#');
    if (comment != NULL) {
        *comment = '\0';
    }
    char *name = trim(line);
    if (strpbrk(name, " \t") != NULL) {
        return fail(ini, 1, "one group a line is expected in a :children section");
    }
    size_t child = inventory_add_group(ini->inventory, name);
    return inventory_put_group(ini->inventory, ini->group, child) ||
           fail(ini, 1, "this group would contain itself");
}

static bool read_line(struct ini *ini, char *line)
{
    line = trim(line);
    if (*line == '\0' || *line == '#' || *line == ';') {
        return true;
    }
    if (*line == '[' &&
        (ini->section != SECTION_HOSTS || strchr(line, ':') == NULL || strstr(line, ":vars]") ||
         strstr(line, ":children]") || strstr(line, ":hosts]"))) {
        return read_section(ini, line);
    }
    switch (ini->section) {
    case SECTION_VARS:
        return read_variable(ini, line);
    case SECTION_CHILDREN:
        return read_child(ini, line);
    default:
        return read_host(ini, line);
    }
}

bool inventory_read_ini(struct inventory *inventory, const char *text, const char *source,
                        struct error *err)
{
    struct ini ini = {.inventory = inventory, .source = source, .err = err};
    ini.group = inventory_add_group(inventory, "ungrouped");
    if (text_starts_with(text, "\xEF\xBB\xBF")) {
        text += 3;
    }
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        char *line = jinja_arena_copy(inventory->arena, text, length);
        ini.line++;
        if (!read_line(&ini, line)) {
            return false;
        }
        text += length + (text[length] == '\n');
    }
    return true;
}
