#include "sim/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"
#include "base/secret.h"
#include "base/text.h"
#include "doc/yaml.h"
#include "sim/scenario_data.h"
#include "sim/scenario_objects.h"
#include "sim/scenario_parts.h"

/* A scenario's settings; its objects are scenario_objects.c. The format is described in
 * src/sim/scenarios/README.md. */

enum { FILE_LIMIT = 16 * 1024 * 1024, PULL_MS = 2000, STOP_MS = 1500 };

struct sim_scenario {
    int64_t past_ms;
    int64_t pull_ms;
    int64_t stop_ms;
    int kubelet_minor;
    double churn;
    bool viewer_only;
    struct map *earlier; /* node -> the spec's merge patch of its pods, a cJSON */
    struct sim_registry_rule *rules;
    size_t rule_count;
    size_t rule_capacity;
    struct map *as_is; /* "ns/name" of pods */
};

int64_t sim_scenario_past_ms(const struct sim *sim)
{
    return sim->scenario == NULL ? 0 : sim->scenario->past_ms;
}

int64_t sim_scenario_pull_ms(const struct sim *sim)
{
    return sim->scenario == NULL ? PULL_MS : sim->scenario->pull_ms;
}

int64_t sim_scenario_stop_ms(const struct sim *sim)
{
    return sim->scenario == NULL ? STOP_MS : sim->scenario->stop_ms;
}

void sim_scenario_note_earlier(struct sim *sim, const char *node, const cJSON *patch)
{
    if (sim->scenario->earlier == NULL) {
        sim->scenario->earlier = map_new((void (*)(void *))cJSON_Delete);
    }
    map_set(sim->scenario->earlier, node, cJSON_Duplicate(patch, true));
}

const cJSON *sim_scenario_earlier(const struct sim *sim, const char *node)
{
    return sim->scenario == NULL || sim->scenario->earlier == NULL
               ? NULL
               : map_get(sim->scenario->earlier, node);
}

double sim_scenario_churn(const struct sim *sim)
{
    return sim->scenario == NULL ? 0 : sim->scenario->churn;
}

bool sim_scenario_viewer_only(const struct sim *sim)
{
    return sim->scenario != NULL && sim->scenario->viewer_only;
}

int sim_scenario_kubelet_minor(const struct sim *sim)
{
    return sim->scenario == NULL || sim->scenario->kubelet_minor == 0
               ? sim->minor
               : sim->scenario->kubelet_minor;
}

const struct sim_registry_rule *sim_scenario_registries(const struct sim *sim, size_t *count)
{
    *count = sim->scenario == NULL ? 0 : sim->scenario->rule_count;
    return sim->scenario == NULL ? NULL : sim->scenario->rules;
}

void sim_scenario_keep_as_is(struct sim *sim, const char *ns, const char *name)
{
    if (sim->scenario->as_is == NULL) {
        sim->scenario->as_is = map_new(NULL);
    }
    char *key = xasprintf("%s/%s", ns, name);
    map_set(sim->scenario->as_is, key, sim->scenario);
    free(key);
}

bool sim_scenario_is_as_is(const struct sim *sim, const char *ns, const char *name)
{
    if (sim->scenario == NULL || sim->scenario->as_is == NULL) {
        return false;
    }
    char *key = xasprintf("%s/%s", ns, name);
    bool kept = map_get(sim->scenario->as_is, key) != NULL;
    free(key);
    return kept;
}

void sim_scenario_free(struct sim *sim)
{
    struct sim_scenario *scenario = sim->scenario;
    if (scenario == NULL) {
        return;
    }
    for (size_t i = 0; i < scenario->rule_count; i++) {
        free(scenario->rules[i].prefix);
        free(scenario->rules[i].username);
        free(scenario->rules[i].says);
        secret_free_string(scenario->rules[i].password);
    }
    free(scenario->rules);
    map_free(scenario->as_is);
    map_free(scenario->earlier);
    free(scenario);
    sim->scenario = NULL;
}

void sim_scenario_names(struct buffer *out)
{
    for (const struct sim_scenario_data *data = sim_scenario_data; data->name != NULL; data++) {
        buffer_printf(out, "%s\n", data->name);
    }
}

/* One reader of settings: where it reads, and where errors go. */
struct reader {
    struct sim *sim;
    struct sim_scenario *scenario;
    const char *source;
    struct error *err;
};

static bool complain(const struct reader *reader, const struct doc_node *node, const char *what)
{
    return error_set(reader->err, ERROR_CONFIG, "%s:%d:%d: %s", reader->source, node->line,
                     node->column, what);
}

bool sim_scenario_duration(const char *source, const struct doc_node *node, int64_t *ms,
                           struct error *err)
{
    const struct reader reader = {NULL, NULL, source, err};
    if (node == NULL) {
        return true;
    }
    if (node->text == NULL || !clock_parse_duration(node->text, ms) || *ms < 0) {
        return complain(&reader, node, "not a duration; write it like 90s, 5m or 6h");
    }
    return true;
}

static bool read_number(const struct reader *reader, const struct doc_node *node, double *out)
{
    if (node == NULL) {
        return true;
    }
    if ((node->type != DOC_INT && node->type != DOC_FLOAT) || doc_number(node) < 0) {
        return complain(reader, node, "not a number of 0 or more");
    }
    *out = doc_number(node);
    return true;
}

static bool pick(const struct reader *reader, const struct doc_node *node, const char *const *words,
                 const char *complaint, int *out)
{
    if (node == NULL) {
        return true;
    }
    for (int i = 0; words[i] != NULL; i++) {
        if (node->text != NULL && strcmp(node->text, words[i]) == 0) {
            *out = i;
            return true;
        }
    }
    return complain(reader, node, complaint);
}

static bool read_registry(const struct reader *reader, const struct doc_node *node)
{
    static const char *const accesses[] = {"public", "private", "gone",      "forbidden",
                                           "down",   "no-host", "untrusted", "limited",
                                           "slow",   "broken",  "full",      NULL};
    static const char *const logins[] = {"basic", "hub", "strict", NULL};
    const char *prefix = doc_string(doc_get(node, "prefix"));
    if (prefix == NULL) {
        return complain(reader, node, "a registry needs prefix: HOST[:PORT][/PATH]");
    }
    int access = SIM_REACH_PUBLIC;
    int login = SIM_LOGIN_BASIC;
    if (!pick(
            reader, doc_get(node, "access"), accesses,
            "access is public, private, gone, forbidden, down, no-host, untrusted, limited, slow, "
            "broken or full",
            &access) ||
        !pick(reader, doc_get(node, "login"), logins, "login is basic, hub or strict", &login)) {
        return false;
    }
    struct sim_scenario *scenario = reader->scenario;
    scenario->rules = xgrow(scenario->rules, scenario->rule_count, &scenario->rule_capacity,
                            sizeof(struct sim_registry_rule));
    scenario->rules[scenario->rule_count++] = (struct sim_registry_rule){
        .prefix = xstrdup(prefix),
        .access = (enum sim_reach)access,
        .login = (enum sim_login)login,
        .username = xstrdup_or_null(doc_string(doc_get(node, "username"))),
        .password = xstrdup_or_null(doc_string(doc_get(node, "password"))),
        .served = doc_is_true(doc_get(node, "serve")),
        .says = xstrdup_or_null(doc_string(doc_get(node, "says"))),
    };
    return true;
}

static bool read_kubelet(const struct reader *reader, const struct doc_node *node)
{
    double minor = 0;
    struct sim_scenario *scenario = reader->scenario;
    if (node == NULL) {
        return true;
    }
    bool done = read_number(reader, doc_get(node, "minor"), &minor) &&
                sim_scenario_duration(reader->source, doc_get(node, "pull"), &scenario->pull_ms,
                                      reader->err) &&
                sim_scenario_duration(reader->source, doc_get(node, "stop"), &scenario->stop_ms,
                                      reader->err);
    scenario->kubelet_minor = minor > 0 ? (int)minor : scenario->kubelet_minor;
    return done;
}

static bool known_keys(const struct reader *reader, const struct doc_node *root)
{
    static const char *const known[] = {"description", "base",  "version", "speed",      "past",
                                        "kubelet",     "churn", "rights",  "registries", "nodes",
                                        "apply",       "as",    "images",  "changes",    NULL};
    for (size_t i = 0; i < root->count; i++) {
        const char *key = doc_string(root->keys[i]);
        size_t j = 0;
        while (known[j] != NULL && (key == NULL || strcmp(key, known[j]) != 0)) {
            j++;
        }
        if (known[j] == NULL) {
            return complain(reader, root->keys[i],
                            "unknown setting; known are description, base, version, speed, past, "
                            "kubelet, churn, rights, registries, nodes, apply, as, images and "
                            "changes");
        }
    }
    return true;
}

static bool read_settings(const struct reader *reader, const struct doc_node *root)
{
    static const char *const rights[] = {"admin", "viewer", NULL};
    double speed = 0;
    double version = 0;
    int right = reader->scenario->viewer_only;
    if (!known_keys(reader, root) || !read_number(reader, doc_get(root, "speed"), &speed) ||
        !read_number(reader, doc_get(root, "version"), &version) ||
        !read_number(reader, doc_get(root, "churn"), &reader->scenario->churn) ||
        !sim_scenario_duration(reader->source, doc_get(root, "past"), &reader->scenario->past_ms,
                               reader->err) ||
        !read_kubelet(reader, doc_get(root, "kubelet")) ||
        !pick(reader, doc_get(root, "rights"), rights, "rights is admin or viewer", &right)) {
        return false;
    }
    reader->scenario->viewer_only = right == 1;
    const struct doc_node *registries = doc_get(root, "registries");
    for (size_t i = 0; registries != NULL && i < registries->count; i++) {
        if (!read_registry(reader, registries->items[i])) {
            return false;
        }
    }
    if (!reader->sim->speed_given && speed > 0) {
        reader->sim->speed = speed;
    }
    if (!reader->sim->minor_given && version > 0) {
        reader->sim->minor = (int)version;
    }
    return true;
}

static bool find_text(const char *name, struct buffer *out, struct error *err)
{
    if (strchr(name, '/') != NULL || text_ends_with(name, ".yaml")) {
        return file_read(name, out, err);
    }
    for (const struct sim_scenario_data *data = sim_scenario_data; data->name != NULL; data++) {
        if (strcmp(data->name, name) == 0) {
            for (const char *const *line = data->lines; *line != NULL; line++) {
                buffer_append_string(out, *line);
            }
            return true;
        }
    }
    struct buffer names;
    buffer_init(&names, FILE_LIMIT);
    for (const struct sim_scenario_data *data = sim_scenario_data; data->name != NULL; data++) {
        buffer_printf(&names, "%s%s", names.length == 0 ? "" : ", ", data->name);
    }
    error_set(err, ERROR_USAGE,
              "no scenario \"%s\"; there are %s, or give the path of a .yaml file", name,
              names.data);
    buffer_free(&names);
    return false;
}

/* A scenario's text and the one it is based on. */
struct layer {
    struct doc_stream stream;
    char *source;
};

enum { MAX_LAYERS = 4 };

static bool parse_layer(const char *name, struct layer *layer, struct error *err)
{
    struct buffer text;
    buffer_init(&text, FILE_LIMIT);
    layer->source = xstrdup(name);
    layer->stream = (struct doc_stream){NULL, 0};
    const struct doc_options options = {.source = layer->source, .refuse_duplicates = true};
    bool done = find_text(name, &text, err) &&
                doc_parse_yaml(text.data, text.length, &options, &layer->stream, err);
    buffer_free(&text);
    return done;
}

static struct doc_node *root_of(const struct layer *layer)
{
    return layer->stream.count == 0 ? NULL : layer->stream.documents[0];
}

/* Settings of the deepest base first, so that the scenario's own count. */
static bool read_layers(struct sim *sim, const struct layer *layers, size_t count,
                        struct error *err)
{
    struct sim_scenario_layer parts[MAX_LAYERS];
    for (size_t i = 0; i < count; i++) {
        parts[i] = (struct sim_scenario_layer){root_of(&layers[i]), layers[i].source};
        if (parts[i].root == NULL || parts[i].root->type != DOC_MAP) {
            return error_set(err, ERROR_CONFIG, "%s:1:1: a scenario is a map of settings",
                             parts[i].source);
        }
    }
    if (!sim_scenario_serve(sim, parts, count, err)) {
        return false;
    }
    for (size_t i = count; i > 0; i--) {
        struct reader reader = {sim, sim->scenario, parts[i - 1].source, err};
        if (!read_settings(&reader, parts[i - 1].root)) {
            return false;
        }
    }
    return sim_scenario_build(sim, parts, count, err);
}

bool sim_scenario_load(struct sim *sim, const char *name_or_path, struct error *err)
{
    struct layer layers[MAX_LAYERS];
    size_t count = 0;
    const char *next = name_or_path;
    bool done = true;
    while (done && next != NULL) {
        if (count == MAX_LAYERS) {
            done = error_set(err, ERROR_CONFIG, "%s: too many bases on each other", name_or_path);
            break;
        }
        done = parse_layer(next, &layers[count], err);
        count++;
        next = done ? doc_string(doc_get(root_of(&layers[count - 1]), "base")) : NULL;
    }
    if (done) {
        sim->scenario = xcalloc(1, sizeof(*sim->scenario));
        sim->scenario->pull_ms = PULL_MS;
        sim->scenario->stop_ms = STOP_MS;
        done = read_layers(sim, layers, count, err);
    }
    for (size_t i = 0; i < count; i++) {
        doc_stream_free(&layers[i].stream);
        free(layers[i].source);
    }
    return done;
}
