#include "ui/form_proposal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "registry/reference.h"
#include "registry/secret_state.h"

struct strings {
    char **items;
    size_t count, capacity;
};

/* Takes over the text. */
static void add_once(struct strings *strings, char *text)
{
    for (size_t i = 0; i < strings->count; i++) {
        if (strcmp(strings->items[i], text) == 0) {
            free(text);
            return;
        }
    }
    strings->items =
        xgrow(strings->items, strings->count, &strings->capacity, sizeof(*strings->items));
    strings->items[strings->count++] = text;
}

static char **finish(struct strings *strings)
{
    strings->items = xreallocarray(strings->items, strings->count + 1, sizeof(*strings->items));
    strings->items[strings->count] = NULL;
    return strings->items;
}

void form_free_strings(char **strings)
{
    for (char **text = strings; text != NULL && *text != NULL; text++) {
        free(*text);
    }
    free(strings);
}

const struct csi_finding *form_proposed_finding(const struct ui_view *view, const char *driver)
{
    const struct csi_findings *findings = ui_model(view)->findings;
    for (size_t i = 0; i < findings->count; i++) {
        const struct csi_finding *finding = &findings->items[i];
        bool meant = driver == NULL || strcmp(finding->driver, driver) == 0;
        for (size_t j = 0; meant && j < finding->fix_count; j++) {
            enum csi_change change = finding->fixes[j].change;
            if (change == CSI_CHANGE_CREATE_SECRET || change == CSI_CHANGE_USE_SECRET) {
                return finding;
            }
        }
    }
    return NULL;
}

/* Sidecars come from the project's public registry: it is the last to want a credential. */
static bool is_public(const char *host)
{
    return strcmp(host, "registry.k8s.io") == 0 || strcmp(host, "k8s.gcr.io") == 0;
}

static void add_servers(struct strings *strings, const struct csi_driver *driver, bool public)
{
    for (size_t i = 0; i < driver->workload_count; i++) {
        const struct csi_workload *workload = driver->workloads[i];
        for (size_t j = 0; j < workload->image_count; j++) {
            struct image_reference image = {0};
            if (image_reference_parse(&image, workload->images[j], NULL) &&
                is_public(image.host) == public) {
                add_once(strings, xstrdup(registry_default_server(image.host)));
            }
            image_reference_free(&image);
        }
    }
}

char **form_proposed_servers(const struct ui_view *view, const char *driver)
{
    struct strings strings = {0};
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(ui_model(view)->census, &count);
    for (int public = 0; public < 2; public ++) {
        for (size_t i = 0; i < count; i++) {
            if (driver == NULL || strcmp(drivers[i]->name, driver) == 0) {
                add_servers(&strings, drivers[i], public == 1);
            }
        }
    }
    return finish(&strings);
}

char **form_proposed_secrets(const struct ui_view *view, const char *ns)
{
    struct strings strings = {0};
    size_t count;
    const struct csi_secret *const *secrets = csi_census_secrets(ui_model(view)->census, &count);
    for (int elsewhere = 0; elsewhere < 2; elsewhere++) {
        for (size_t i = 0; i < count; i++) {
            const struct csi_secret *secret = secrets[i];
            bool empty = secret->content_known && secret->registry_count == 0;
            if (registry_secret_data_key(secret->type) != NULL && !empty &&
                (strcmp(secret->ns, ns) != 0) == (elsewhere == 1)) {
                add_once(&strings, xasprintf("%s/%s", secret->ns, secret->name));
            }
        }
    }
    return finish(&strings);
}

char **form_proposed_namespaces(const struct ui_view *view)
{
    struct strings strings = {0};
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(ui_model(view)->census, &count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            add_once(&strings, xstrdup(drivers[i]->workloads[j]->ns));
        }
    }
    return finish(&strings);
}
