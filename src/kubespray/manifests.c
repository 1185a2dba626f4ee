#include "kubespray/manifests.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "doc/json.h"
#include "doc/yaml.h"

static bool add_documents(struct kubespray_manifests *out, const char *template,
                          const struct kubespray_rendered *rendered, struct error *err)
{
    struct doc_options options = {.source = template};
    struct doc_stream stream = {NULL, 0};
    bool done =
        doc_parse_yaml(rendered->bytes.data, rendered->bytes.length, &options, &stream, err);
    for (size_t i = 0; done && i < stream.count; i++) {
        if (stream.documents[i]->type == DOC_NULL) {
            continue;
        }
        cJSON *object = doc_to_json(stream.documents[i], template, err);
        done = object != NULL;
        /* A template without a kind is a configuration, not an object to apply. */
        if (done && json_string(object, "kind") == NULL) {
            json_delete_secret(object);
        } else if (done) {
            out->items = xreallocarray(out->items, out->count + 1, sizeof(cJSON *));
            out->items[out->count++] = object;
        }
    }
    doc_stream_free(&stream);
    return done;
}

/* "TEMPLATE: undefined variables a, b" */
static char *name_undefined(struct kubespray *kubespray, const char *template)
{
    struct kubespray_missing missing = {0};
    struct buffer text;
    buffer_init(&text, 1 << 20);
    kubespray_missing_add(kubespray, template, &missing);
    buffer_printf(
        &text,
        language_plural("%s: undefined variable ", "%s: undefined variables ", missing.count),
        template);
    for (size_t i = 0; i < missing.count; i++) {
        buffer_printf(&text, "%s%s", i > 0 ? ", " : "", missing.items[i].name);
    }
    kubespray_missing_free(&missing);
    return buffer_take(&text);
}

static bool add_template(struct kubespray *kubespray, const char *template,
                         struct kubespray_manifests *out, struct error *err)
{
    struct kubespray_rendered rendered;
    bool done = true;
    if (strstr(template, ".yml") == NULL && strstr(template, ".yaml") == NULL) {
        return true; /* a configuration that another template takes in */
    }
    kubespray_render(kubespray, template, &rendered);
    if (rendered.rendered) {
        done = add_documents(out, template, &rendered, err);
    } else {
        out->refused = xreallocarray(out->refused, out->refused_count + 1, sizeof(char *));
        out->refused[out->refused_count++] = rendered.undefined[0] == '\0'
                                                 ? xstrdup(rendered.error.message)
                                                 : name_undefined(kubespray, template);
    }
    kubespray_rendered_free(&rendered);
    return done;
}

bool kubespray_manifests_add(struct kubespray *kubespray, const char *driver,
                             struct kubespray_manifests *out, struct error *err)
{
    struct kubespray_paths templates = {0};
    bool done = kubespray_has_host(kubespray, err) &&
                kubespray_templates(kubespray, driver, &templates, err);
    for (size_t i = 0; done && i < templates.count; i++) {
        done = add_template(kubespray, templates.items[i], out, err);
    }
    kubespray_paths_free(&templates);
    return done;
}

void kubespray_manifests_free(struct kubespray_manifests *manifests)
{
    for (size_t i = 0; i < manifests->count; i++) {
        json_delete_secret(manifests->items[i]);
    }
    for (size_t i = 0; i < manifests->refused_count; i++) {
        free(manifests->refused[i]);
    }
    free(manifests->items);
    free(manifests->refused);
    memset(manifests, 0, sizeof(*manifests));
}

bool kubespray_enables(struct kubespray *kubespray, const struct kubespray_driver *driver)
{
    struct buffer value;
    buffer_init(&value, 1 << 10);
    bool enabled = kubespray_variable(kubespray, NULL, driver->enabled, &value, NULL) &&
                   (strcmp(value.data, "true") == 0 || strcmp(value.data, "\"true\"") == 0 ||
                    strcmp(value.data, "\"True\"") == 0);
    buffer_free(&value);
    return enabled;
}
