/* What a guided setup remembers from one start to the next. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/log.h"
#include "doc/yaml.h"
#include "ui/setup.h"

enum { MEMORY_LIMIT = 1 << 20 };

/* A file of the person's state; NULL where there is no place for one. free() it. */
static char *state_file(const char *name)
{
    char *folder = file_xdg_folder("XDG_STATE_HOME", ".local/state");
    char *path = folder == NULL ? NULL : file_join(folder, name);
    free(folder);
    return path;
}

static void write_file(const char *path, const struct buffer *text)
{
    struct error err = ERROR_INIT;
    char *folder = file_folder(path);
    if (!file_make_folder(folder, 0700, &err) ||
        !file_write_atomic(path, text->data, text->length, 0600, &err)) {
        log_message(LOG_WARNING, "%s", err.message);
    }
    free(folder);
}

/* YAML's double quotes; names and addresses have no control characters. */
static void append_quoted(struct buffer *out, const char *text)
{
    buffer_append_char(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            buffer_append_char(out, '\\');
        }
        buffer_append_char(out, *text);
    }
    buffer_append_char(out, '"');
}

void setup_memory_save(const char *server, const struct setup *setup)
{
    char *path = state_file("setup.yaml");
    struct buffer text;
    if (path == NULL) {
        return;
    }
    buffer_init(&text, MEMORY_LIMIT);
    buffer_append_string(&text, "# Where `pullmend setup` goes on.\nserver: ");
    append_quoted(&text, server);
    buffer_printf(&text, "\nstep: %d\nat: %zu\ndrivers:\n", (int)setup->step, setup->at);
    for (size_t i = 0; i < setup->count; i++) {
        const struct setup_choice *choice = &setup->choices[i];
        buffer_append_string(&text, "- name: ");
        append_quoted(&text, choice->driver);
        buffer_printf(&text, "\n  ticked: %s\n  way: %d\n  answer: %d\n",
                      choice->ticked ? "true" : "false", choice->way_set ? choice->way : -1,
                      (int)choice->answer);
    }
    write_file(path, &text);
    buffer_free(&text);
    free(path);
}

static long number_of(const struct doc_node *map, const char *key, long fallback, long most)
{
    const struct doc_node *node = doc_get(map, key);
    if (node == NULL || node->text == NULL) {
        return fallback;
    }
    long value = strtol(node->text, NULL, 10);
    return value < 0 || value > most ? fallback : value;
}

static void take_driver(struct setup *setup, const struct doc_node *node)
{
    const char *name = doc_string(doc_get(node, "name"));
    const struct doc_node *ticked = doc_get(node, "ticked");
    if (name == NULL) {
        return;
    }
    struct setup_choice *choice = setup_add_choice(setup, name);
    choice->chosen = true;
    choice->ticked = ticked != NULL && ticked->text != NULL && strcmp(ticked->text, "true") == 0;
    long way = number_of(node, "way", -1, 64);
    choice->way_set = way >= 0;
    choice->way = way < 0 ? 0 : (int)way;
    choice->answer = (enum setup_answer)number_of(node, "answer", SETUP_OPEN, SETUP_LEFT);
}

static bool take_memory(const struct doc_node *root, const char *server, struct setup *setup)
{
    const char *known = doc_string(doc_get(root, "server"));
    const struct doc_node *drivers = doc_get(root, "drivers");
    if (known == NULL || strcmp(known, server) != 0) {
        return false;
    }
    for (size_t i = 0; drivers != NULL && drivers->type == DOC_LIST && i < drivers->count; i++) {
        if (drivers->items[i]->type == DOC_MAP) {
            take_driver(setup, drivers->items[i]);
        }
    }
    setup->step = (enum setup_step)number_of(root, "step", SETUP_CLUSTER, SETUP_CREDENTIAL);
    setup->at = (size_t)number_of(root, "at", 0, (long)setup->count);
    return true;
}

bool setup_memory_load(const char *server, struct setup *setup)
{
    char *path = state_file("setup.yaml");
    struct buffer text;
    struct doc_stream stream = {NULL, 0};
    struct doc_options options = {.source = path, .refuse_duplicates = true};
    struct error err = ERROR_INIT;
    buffer_init(&text, MEMORY_LIMIT);
    bool done = path != NULL && file_read(path, &text, &err) &&
                doc_parse_yaml(text.data, text.length, &options, &stream, &err) &&
                stream.count > 0 && stream.documents[0]->type == DOC_MAP &&
                take_memory(stream.documents[0], server, setup);
    doc_stream_free(&stream);
    buffer_free(&text);
    free(path);
    return done;
}

void setup_memory_forget(void)
{
    char *path = state_file("setup.yaml");
    if (path != NULL) {
        unlink(path);
    }
    free(path);
}

static bool exists(const char *path)
{
    struct stat status;
    return path != NULL && stat(path, &status) == 0;
}

bool setup_memory_first_start(void)
{
    char *mark = state_file("started");
    char *folder = file_xdg_folder("XDG_CONFIG_HOME", ".config");
    char *config = folder == NULL ? NULL : file_join(folder, "config.yaml");
    bool first = mark != NULL && !exists(mark) && !exists(config);
    if (first) {
        struct buffer text;
        buffer_init(&text, MEMORY_LIMIT);
        buffer_append_string(&text, "The program was started before.\n");
        write_file(mark, &text);
        buffer_free(&text);
    }
    free(config);
    free(folder);
    free(mark);
    return first;
}
