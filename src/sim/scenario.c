#include "sim/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
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
    struct sim_registry_rule *rules;
    size_t rule_count;
    size_t rule_capacity;
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

double sim_scenario_churn(const struct sim *sim)
{
    return sim->scenario == NULL ? 0 : sim->scenario->churn;
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

void sim_scenario_free(struct sim *sim)
{
    struct sim_scenario *scenario = sim->scenario;
    if (scenario == NULL) {
        return;
    }
    for (size_t i = 0; i < scenario->rule_count; i++) {
        free(scenario->rules[i].prefix);
        free(scenario->rules[i].username);
        secret_free_string(scenario->rules[i].password);
    }
    free(scenario->rules);
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
    static const char *const accesses[] = {"public", "private", "gone", "forbidden",
                                           "down",   "no-host", NULL};
    static const char *const logins[] = {"basic", "hub", "strict", NULL};
    const char *prefix = doc_string(doc_get(node, "prefix"));
    if (prefix == NULL) {
        return complain(reader, node, "a registry needs prefix: HOST[:PORT][/PATH]");
    }
    int access = SIM_ACCESS_PUBLIC;
    int login = SIM_LOGIN_BASIC;
    if (!pick(reader, doc_get(node, "access"), accesses,
              "access is public, private, gone, forbidden, down or no-host", &access) ||
        !pick(reader, doc_get(node, "login"), logins, "login is basic, hub or strict", &login)) {
        return false;
    }
    struct sim_scenario *scenario = reader->scenario;
    scenario->rules = xgrow(scenario->rules, scenario->rule_count, &scenario->rule_capacity,
                            sizeof(struct sim_registry_rule));
    scenario->rules[scenario->rule_count++] = (struct sim_registry_rule){
        .prefix = xstrdup(prefix),
        .access = (enum sim_access)access,
        .login = (enum sim_login)login,
        .username = xstrdup_or_null(doc_string(doc_get(node, "username"))),
        .password = xstrdup_or_null(doc_string(doc_get(node, "password"))),
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
    scenario->kubelet_minor = (int)minor;
    return done;
}

static bool known_keys(const struct reader *reader, const struct doc_node *root)
{
    static const char *const known[] = {"description", "version",    "speed", "past",  "kubelet",
                                        "churn",       "registries", "nodes", "apply", NULL};
    for (size_t i = 0; i < root->count; i++) {
        const char *key = doc_string(root->keys[i]);
        size_t j = 0;
        while (known[j] != NULL && (key == NULL || strcmp(key, known[j]) != 0)) {
            j++;
        }
        if (known[j] == NULL) {
            return complain(reader, root->keys[i],
                            "unknown setting; known are description, version, speed, past, "
                            "kubelet, churn, registries, nodes and apply");
        }
    }
    return true;
}

static bool read_settings(const struct reader *reader, const struct doc_node *root)
{
    double speed = 0;
    double version = 0;
    if (root == NULL || root->type != DOC_MAP) {
        return error_set(reader->err, ERROR_CONFIG, "%s:1:1: a scenario is a map of settings",
                         reader->source);
    }
    if (!known_keys(reader, root) || !read_number(reader, doc_get(root, "speed"), &speed) ||
        !read_number(reader, doc_get(root, "version"), &version) ||
        !read_number(reader, doc_get(root, "churn"), &reader->scenario->churn) ||
        !sim_scenario_duration(reader->source, doc_get(root, "past"), &reader->scenario->past_ms,
                               reader->err) ||
        !read_kubelet(reader, doc_get(root, "kubelet"))) {
        return false;
    }
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

static bool read_text(struct sim *sim, const struct buffer *text, const char *source,
                      struct error *err)
{
    const struct doc_options options = {DOC_SCHEMA_KUBERNETES, source, true};
    struct doc_stream stream;
    if (!doc_parse_yaml(text->data, text->length, &options, &stream, err)) {
        return false;
    }
    struct reader reader = {sim, sim->scenario, source, err};
    const struct doc_node *root = stream.count == 0 ? NULL : stream.documents[0];
    bool done = read_settings(&reader, root) && sim_scenario_build(sim, root, source, err);
    doc_stream_free(&stream);
    return done;
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

bool sim_scenario_load(struct sim *sim, const char *name_or_path, struct error *err)
{
    struct buffer text;
    buffer_init(&text, FILE_LIMIT);
    bool done = find_text(name_or_path, &text, err);
    if (done) {
        sim->scenario = xcalloc(1, sizeof(*sim->scenario));
        sim->scenario->pull_ms = PULL_MS;
        sim->scenario->stop_ms = STOP_MS;
        done = read_text(sim, &text, name_or_path, err);
    }
    buffer_free(&text);
    return done;
}
