#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "doc/json.h"
#include "registry_server.h"
#include "sim/scenario_objects.h"

/* Registries that are served get their addresses at the start only. In the scenario they have
 * names; wherever one stands, images and credentials included, its address takes its place. */

enum { TEXT_LIMIT = 4 * 1024 * 1024, HOST_LIMIT = 8 };

static bool complain(const struct sim_scenario_layer *layer, const struct doc_node *node,
                     const char *what, struct error *err)
{
    return error_set(err, ERROR_CONFIG, "%s:%d:%d: %s", layer->source, node->line, node->column,
                     what);
}

/* The hosts that are to be served, in their order. */
struct hosts {
    char *names[HOST_LIMIT];
    size_t count;
};

static bool add_host(struct hosts *hosts, const char *prefix)
{
    char *name = xstrndup(prefix, strcspn(prefix, "/"));
    size_t i = 0;
    while (i < hosts->count && strcmp(hosts->names[i], name) != 0) {
        i++;
    }
    if (i < hosts->count || i == HOST_LIMIT) {
        free(name);
        return i < hosts->count;
    }
    hosts->names[hosts->count++] = name;
    return true;
}

/* How the registry of this entry is called, if it is to be served. */
static bool read_entry(const struct sim_scenario_layer *layer, const struct doc_node *entry,
                       struct hosts *hosts, struct error *err)
{
    static const char *const possible[] = {"public",    "private", "gone",
                                           "forbidden", "limited", "broken"};
    const char *prefix = doc_string(doc_get(entry, "prefix"));
    const char *access = doc_string(doc_get(entry, "access"));
    if (!doc_is_true(doc_get(entry, "serve")) || prefix == NULL) {
        return true;
    }
    size_t i = 0;
    while (access != NULL && i < ARRAY_LENGTH(possible) && strcmp(possible[i], access) != 0) {
        i++;
    }
    if (i == ARRAY_LENGTH(possible)) {
        return complain(layer, doc_get(entry, "access"),
                        "what is served must be public, private, gone, forbidden, limited or "
                        "broken",
                        err);
    }
    if (doc_get(entry, "says") != NULL) {
        return complain(layer, doc_get(entry, "says"),
                        "what is served fails by its access, not in words of its own", err);
    }
    return add_host(hosts, prefix) ||
           complain(layer, entry, "at most eight registries can be served", err);
}

static bool is_of_name(char c)
{
    return isalnum((unsigned char)c) || c == '.' || c == '-' || c == ':';
}

/* text with address for host, to be freed; NULL if it does not name the host. */
static char *moved(const char *text, const char *host, const char *address)
{
    size_t length = strlen(host);
    const char *rest = text;
    const char *next = strstr(rest, host);
    if (next == NULL) {
        return NULL;
    }
    struct buffer out;
    buffer_init(&out, TEXT_LIMIT);
    for (; next != NULL; next = strstr(rest, host)) {
        bool whole = (next == text || !is_of_name(next[-1])) && !is_of_name(next[length]);
        buffer_append(&out, rest, (size_t)(next - rest));
        buffer_append_string(&out, whole ? address : host);
        rest = next + length;
    }
    buffer_append_string(&out, rest);
    char *result = xstrdup(out.data);
    buffer_free(&out);
    return result;
}

/* The same inside base64, as Secrets have it under data. */
static char *moved_inside(const char *text, const char *host, const char *address)
{
    struct buffer plain;
    buffer_init_secret(&plain, TEXT_LIMIT);
    char *result = NULL;
    char *changed = base64_decode(&plain, text, strlen(text), false) && plain.data != NULL
                        ? moved(plain.data, host, address)
                        : NULL;
    if (changed != NULL) {
        struct buffer out;
        buffer_init_secret(&out, TEXT_LIMIT);
        base64_encode(&out, changed, strlen(changed));
        result = xstrdup(out.data);
        buffer_free(&out);
    }
    secret_free_string(changed);
    buffer_free(&plain);
    return result;
}

static void move(struct doc_node *node, const char *key, const char *host, const char *address)
{
    if (node->text != NULL) {
        bool packed = key != NULL &&
                      (strcmp(key, ".dockerconfigjson") == 0 || strcmp(key, ".dockercfg") == 0);
        char *text = moved(node->text, host, address);
        if (text == NULL && packed) {
            text = moved_inside(node->text, host, address);
        }
        if (text != NULL) {
            free(node->text);
            node->text = text;
            node->length = strlen(text);
        }
    }
    for (size_t i = 0; i < node->count; i++) {
        move(node->items[i], node->keys == NULL ? NULL : doc_string(node->keys[i]), host, address);
    }
}

bool sim_scenario_serve(struct sim *sim, struct sim_scenario_layer *layers, size_t count,
                        struct error *err)
{
    struct hosts hosts = {.count = 0};
    bool done = true;
    for (size_t i = 0; done && i < count; i++) {
        const struct doc_node *entries = doc_get(layers[i].root, "registries");
        for (size_t j = 0; done && entries != NULL && j < entries->count; j++) {
            done = read_entry(&layers[i], entries->items[j], &hosts, err);
        }
    }
    for (size_t i = 0; i < hosts.count; i++) {
        int port = sim->registry_port == 0 ? 0 : sim->registry_port + (int)i;
        done = done && sim_registry_start(sim, port, err);
        for (size_t j = 0; done && j < count; j++) {
            move(layers[j].root, NULL, hosts.names[i], sim_registry_address_at(sim, i));
        }
        free(hosts.names[i]);
    }
    return done;
}
