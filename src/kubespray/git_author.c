/* Whom git would name as the author of a commit, as git-config(1) documents its files; git is not
 * run. Included files are not followed. */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/file.h"
#include "git_index.h"
#include "kubespray/fix.h"

enum { MAX_CONFIG = 1 << 20 };

/* user.name and user.email; those of [author] beat them. */
struct identity {
    char *name[2];
    char *mail[2];
};

static void keep(char **place, char *value)
{
    free(*place);
    *place = value;
}

/* A value up to the end of its line: quotes and comments go, escapes are read. free() it. */
static char *read_value(const char **at)
{
    struct buffer value;
    size_t end = 0;
    bool quoted = false;
    const char *in = *at;
    buffer_init(&value, MAX_CONFIG);
    while (*in == ' ' || *in == '\t') {
        in++;
    }
    for (; *in != '\0' && *in != '\n'; in++) {
        if (*in == '"') {
            quoted = !quoted;
            continue;
        }
        if (!quoted && (*in == '#' || *in == ';')) {
            in += strcspn(in, "\n");
            break;
        }
        char letter = *in;
        if (letter == '\\' && in[1] != '\0') {
            in++;
            if (*in == '\n') {
                continue;
            }
            letter = *in == 'n' ? '\n' : *in == 't' ? '\t' : *in;
        }
        buffer_append_char(&value, letter);
        end = quoted || !isspace((unsigned char)letter) ? value.length : end;
    }
    buffer_truncate(&value, end);
    *at = in;
    return buffer_take(&value);
}

static void read_config(const char *path, struct identity *out)
{
    struct buffer text;
    int section = -1; /* 0 user, 1 author */
    buffer_init(&text, MAX_CONFIG);
    if (!file_read(path, &text, NULL)) {
        buffer_free(&text);
        return;
    }
    for (const char *at = text.data; *at != '\0';) {
        at += strspn(at, " \t\r\n");
        if (*at == '[') {
            section = strncasecmp(at, "[user]", 6) == 0     ? 0
                      : strncasecmp(at, "[author]", 8) == 0 ? 1
                                                            : -1;
            at += strcspn(at, "]\n");
            at += *at == ']' ? 1 : 0;
            continue;
        }
        size_t length = strcspn(at, " \t\r\n=#;");
        const char *key = at;
        at += length + strspn(at + length, " \t");
        if (*at != '=') {
            at += strcspn(at, "\n");
            continue;
        }
        at++;
        char *value = read_value(&at);
        if (section >= 0 && length == 4 && strncasecmp(key, "name", 4) == 0) {
            keep(&out->name[section], value);
        } else if (section >= 0 && length == 5 && strncasecmp(key, "email", 5) == 0) {
            keep(&out->mail[section], value);
        } else {
            free(value);
        }
    }
    buffer_free(&text);
}

/* The repository's own; work trees of their own share that of the first. */
static void read_repository(const char *checkout, struct identity *out)
{
    char real[PATH_MAX];
    const char *inside;
    if (realpath(checkout, real) == NULL) {
        return;
    }
    char *file = file_join(real, "cluster.yml");
    char *folder = git_folder_above(file, &inside);
    free(file);
    if (folder == NULL) {
        return;
    }
    struct buffer common;
    char *path = file_join(folder, "commondir");
    buffer_init(&common, PATH_MAX);
    if (file_read(path, &common, NULL)) {
        common.data[strcspn(common.data, "\n")] = '\0';
        char *shared = file_join(folder, common.data);
        free(folder);
        folder = shared;
    }
    free(path);
    path = file_join(folder, "config");
    read_config(path, out);
    buffer_free(&common);
    free(path);
    free(folder);
}

static void read_below(const char *folder, const char *name, struct identity *out)
{
    if (folder != NULL) {
        char *path = file_join(folder, name);
        read_config(path, out);
        free(path);
    }
}

static void read_all(const char *checkout, struct identity *out)
{
    const char *global = getenv("GIT_CONFIG_GLOBAL");
    const char *home = getenv("HOME");
    read_config("/etc/gitconfig", out);
    if (global != NULL) {
        read_config(global, out);
    } else {
        const char *xdg = getenv("XDG_CONFIG_HOME");
        bool given = xdg != NULL && xdg[0] == '/';
        read_below(given ? xdg : home, given ? "git/config" : ".config/git/config", out);
        read_below(home, ".gitconfig", out);
    }
    read_repository(checkout, out);
}

/* What may stand in a header: no line's end, and none of the marks around an address. */
static char *clean(const char *text)
{
    struct buffer out;
    buffer_init(&out, MAX_CONFIG);
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at >= ' ' && strchr("<>", *at) == NULL) {
            buffer_append_char(&out, *at);
        }
    }
    return buffer_take(&out);
}

/* The first that says something. free() it. */
static char *first_of(const char *variable, char *const found[2], const char *otherwise)
{
    const char *given = getenv(variable);
    const char *choices[] = {given, found[1], found[0]};
    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
        char *text = choices[i] == NULL ? NULL : clean(choices[i]);
        if (text != NULL && *text != '\0') {
            return text;
        }
        free(text);
    }
    return xstrdup(otherwise);
}

char *kubespray_author(const char *checkout)
{
    struct identity identity = {0};
    read_all(checkout, &identity);
    char *name = first_of("GIT_AUTHOR_NAME", identity.name, "pullmend");
    char *mail = first_of("GIT_AUTHOR_EMAIL", identity.mail, "pullmend@localhost");
    char *author = xasprintf("%s <%s>", name, mail);
    for (int i = 0; i < 2; i++) {
        free(identity.name[i]);
        free(identity.mail[i]);
    }
    free(name);
    free(mail);
    return author;
}
