#include "ui/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/language.h"
#include "base/text.h"
#include "doc/json.h"
#include "kubespray/manifests.h"

enum { MAX_NAMES = 16, MAX_PATCH = 1 << 26 };

const struct kubespray_driver *source_driver(const struct csi_census *census, const char *name)
{
    size_t count = 0;
    struct csi_driver *const *drivers = census == NULL ? NULL : csi_census_drivers(census, &count);
    const struct kubespray_driver *driver = name == NULL ? NULL : kubespray_find_driver(name);
    for (size_t i = 0; driver == NULL && i < count; i++) {
        driver = kubespray_find_driver(drivers[i]->name);
    }
    return driver;
}

/* Without blanks around it; NULL if nothing is left. */
static char *trimmed(const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t')) {
        length--;
    }
    return length == 0 ? NULL : xstrndup(text, length);
}

static char *path_of(const char *text)
{
    char *path = trimmed(text);
    const char *home = getenv("HOME");
    if (path != NULL && text_starts_with(path, "~/") && home != NULL) {
        char *full = file_join(home, path + 2);
        free(path);
        path = full;
    }
    return path;
}

void source_name(struct ui_source *source, const char *checkout, const char *inventory,
                 const char *secret)
{
    char *names[] = {path_of(checkout), path_of(inventory), trimmed(secret)};
    free(source->checkout);
    free(source->inventory);
    free(source->secret);
    source->checkout = names[0];
    source->inventory = names[1];
    source->secret = names[2];
}

static struct kubespray *open_source(const struct ui_source *source,
                                     const struct kubespray_options *more, struct error *err)
{
    struct kubespray_options options = *more;
    options.checkout = source->checkout;
    options.inventory = source->inventory;
    return kubespray_open(&options, err);
}

static void drop_list(char ***items, size_t *count)
{
    for (size_t i = 0; i < *count; i++) {
        free((*items)[i]);
    }
    free(*items);
    *items = NULL;
    *count = 0;
}

static void drop_results(struct ui_source *source)
{
    kubespray_findings_free(&source->findings);
    kubespray_edits_free(&source->edits);
    drop_list(&source->notes, &source->note_count);
    drop_list(&source->refused, &source->refused_count);
    error_clear(&source->failure);
    error_clear(&source->refusal);
}

/* "a, b" as two names; the copy that they point into is *text. */
static size_t split_names(const char *secret, char **text, const char *names[MAX_NAMES])
{
    size_t count = 0;
    char *rest = NULL;
    *text = xstrdup(secret == NULL ? "" : secret);
    for (char *name = strtok_r(*text, ", ", &rest); name != NULL && count < MAX_NAMES;
         name = strtok_r(NULL, ", ", &rest)) {
        names[count++] = name;
    }
    return count;
}

static void take_notes(struct ui_source *source, const struct kubespray *kubespray)
{
    for (size_t i = 0; kubespray != NULL && kubespray_note(kubespray, i) != NULL; i++) {
        source->notes = xreallocarray(source->notes, i + 1, sizeof(*source->notes));
        source->notes[i] = xstrdup(kubespray_note(kubespray, i));
        source->note_count = i + 1;
    }
}

bool source_read(struct ui_source *source, const struct kubespray_options *more)
{
    const char *names[MAX_NAMES];
    char *text;
    drop_results(source);
    struct kubespray *kubespray = open_source(source, more, &source->failure);
    const char *driver = source->driver == NULL ? NULL : source->driver->name;
    take_notes(source, kubespray);
    if (kubespray == NULL ||
        !kubespray_check(kubespray, driver, &source->findings, &source->failure)) {
        kubespray_close(kubespray);
        return false;
    }
    const struct kubespray_fix_options options = {
        .driver = driver,
        .pull_secrets = names,
        .pull_secret_count = split_names(source->secret, &text, names),
        .pull_secrets_only = source->pull_secrets_only,
    };
    kubespray_fix(kubespray, &options, &source->edits, &source->refusal);
    free(text);
    kubespray_close(kubespray);
    return true;
}

struct change_intent *source_intent(struct ui_source *source, const struct kubespray_options *more,
                                    bool with_edits, struct error *err)
{
    struct kubespray_manifests manifests = {0};
    struct kubespray *kubespray = open_source(source, more, err);
    struct change_intent *intent = NULL;
    bool done = kubespray != NULL &&
                (!with_edits || kubespray_try(kubespray, &source->edits, err)) &&
                kubespray_manifests_add(kubespray, source->driver->name, &manifests, err);
    if (done && manifests.count == 0) {
        done = error_set(err, ERROR_INVALID, "%s",
                         manifests.refused_count > 0 ? manifests.refused[0]
                                                     : _("the role renders no object"));
    }
    if (done) {
        intent = change_intent_new(CHANGE_APPLY);
        intent->manifests = manifests.items;
        intent->manifest_count = manifests.count;
        intent->pull_secrets_only = true;
        intent->origin = xasprintf("kubespray %s", source->checkout);
        manifests.items = NULL;
        manifests.count = 0;
        drop_list(&source->refused, &source->refused_count);
        source->refused = manifests.refused;
        source->refused_count = manifests.refused_count;
        manifests.refused = NULL;
        manifests.refused_count = 0;
    }
    kubespray_manifests_free(&manifests);
    kubespray_close(kubespray);
    return intent;
}

char *source_current_secret(const struct ui_source *source, const struct kubespray_options *more)
{
    struct buffer out;
    struct buffer json;
    buffer_init(&out, 1 << 12);
    buffer_init(&json, 1 << 12);
    struct kubespray *kubespray = source->driver == NULL ? NULL : open_source(source, more, NULL);
    if (kubespray != NULL) {
        char *name = kubespray_pull_variable(source->driver);
        bool known = kubespray_variable(kubespray, NULL, name, &json, NULL);
        cJSON *value = known ? cJSON_Parse(json.data) : NULL;
        const cJSON *item;
        const cJSON *list = cJSON_IsArray(value) ? value : NULL;
        if (cJSON_IsString(value)) {
            buffer_append_string(&out, value->valuestring);
        }
        cJSON_ArrayForEach(item, list)
        {
            buffer_printf(&out, "%s%s", out.length > 0 ? ", " : "",
                          cJSON_IsString(item) ? item->valuestring : "");
        }
        cJSON_Delete(value);
        free(name);
    }
    kubespray_close(kubespray);
    buffer_free(&json);
    return buffer_take(&out);
}

bool source_write_patch(const struct ui_source *source, const char *path, struct error *err)
{
    struct buffer patch;
    buffer_init(&patch, MAX_PATCH);
    const char *driver = source->driver == NULL ? NULL : source->driver->role;
    char *author = kubespray_author(source->checkout);
    bool done =
        kubespray_edits_patch(&source->edits, driver, author, clock_wall_ms() / 1000, &patch) ||
        error_set(err, ERROR_INTERNAL, "the patch is too large");
    free(author);
    done = done && file_write_atomic(path, patch.data, patch.length, 0644, err);
    buffer_free(&patch);
    return done;
}

void source_free(struct ui_source *source)
{
    drop_results(source);
    free(source->checkout);
    free(source->inventory);
    free(source->secret);
    memset(source, 0, sizeof(*source));
}
