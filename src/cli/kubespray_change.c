/* diff and apply --kubespray: what the role renders, as manifests. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/kubespray.h"
#include "doc/yaml.h"

static bool add_documents(struct change_intent *intent, const char *template,
                          const struct kubespray_rendered *rendered, struct error *err)
{
    struct doc_options options = {DOC_SCHEMA_KUBERNETES, template, false};
    struct doc_stream stream = {NULL, 0};
    bool done =
        doc_parse_yaml(rendered->bytes.data, rendered->bytes.length, &options, &stream, err);
    for (size_t i = 0; done && i < stream.count; i++) {
        if (stream.documents[i]->type == DOC_NULL) {
            continue;
        }
        cJSON *object = doc_to_json(stream.documents[i], template, err);
        done = object != NULL;
        if (done) {
            intent->manifests =
                xreallocarray(intent->manifests, intent->manifest_count + 1, sizeof(cJSON *));
            intent->manifests[intent->manifest_count++] = object;
        }
    }
    doc_stream_free(&stream);
    return done;
}

static bool add_template(struct kubespray *kubespray, const char *template,
                         struct change_intent *intent, struct error *err)
{
    struct kubespray_rendered rendered;
    kubespray_render(kubespray, template, &rendered);
    bool done = rendered.rendered;
    if (!done) {
        *err = rendered.error;
    } else if (strstr(template, ".yml") != NULL || strstr(template, ".yaml") != NULL) {
        done = add_documents(intent, template, &rendered, err);
    }
    kubespray_rendered_free(&rendered);
    return done;
}

/* The driver named, as --driver or as the first of those that --driver lists. */
bool cli_render_manifests(const struct cli_values *values, struct change_intent *intent,
                          struct error *err)
{
    const char *driver = cli_text(values, CLI_DRIVER);
    if (driver == NULL) {
        return error_set(err, ERROR_USAGE, "--kubespray as a change wants --driver NAME");
    }
    struct kubespray_paths templates = {0};
    struct kubespray *kubespray = cli_open_kubespray(values, err);
    bool done = kubespray != NULL && kubespray_templates(kubespray, driver, &templates, err);
    for (size_t i = 0; done && i < templates.count; i++) {
        done = add_template(kubespray, templates.items[i], intent, err);
    }
    kubespray_paths_free(&templates);
    kubespray_close(kubespray);
    intent->pull_secrets_only = !cli_flag(values, CLI_ALL_CHANGES);
    free(intent->origin);
    intent->origin = xasprintf("kubespray %s", cli_text(values, CLI_KUBESPRAY));
    return done;
}
