/* The formats of `pullmend secret list`. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "cli/secret_list.h"
#include "cli/table.h"
#include "doc/json.h"
#include "registry/keyring.h"
#include "registry/reference.h"
#include "registry/secret_state.h"

enum { CELL_LIMIT = 1 << 20, SHORT_LIST = 1, WIDE_LIST = 8 };

static bool is_registry(const struct csi_secret *secret)
{
    return registry_secret_data_key(secret->type) != NULL;
}

/* --- The document ------------------------------------------------------------------------------
 */

static void add_text_or_null(cJSON *object, const char *name, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        cJSON_AddNullToObject(object, name);
    } else {
        char *safe = text_safe(text);
        cJSON_AddStringToObject(object, name, safe);
        free(safe);
    }
}

static void add_time(cJSON *object, const char *name, int64_t ms)
{
    char text[32];
    if (ms > 0) {
        clock_format_rfc3339(ms, text);
    }
    add_text_or_null(object, name, ms > 0 ? text : NULL);
}

static void add_registries(cJSON *item, const struct csi_secret *secret)
{
    cJSON *list = cJSON_AddArrayToObject(item, "registries");
    for (size_t i = 0; i < secret->registry_count; i++) {
        cJSON *entry = cJSON_CreateObject();
        add_text_or_null(entry, "server", secret->registries[i]);
        add_text_or_null(entry, "user", secret->users[i]);
        cJSON_AddItemToArray(list, entry);
    }
}

static void add_serves(cJSON *item, const struct csi_secret *secret, const char *const *images)
{
    if (!is_registry(secret) || !secret->content_known) {
        cJSON_AddNullToObject(item, "serves");
        return;
    }
    cJSON *list = cJSON_AddArrayToObject(item, "serves");
    for (size_t i = 0; images[i] != NULL; i++) {
        cJSON *entry = cJSON_CreateObject();
        add_text_or_null(entry, "image", images[i]);
        cJSON_AddBoolToObject(entry, "served", cli_secret_serves(secret, images[i]));
        cJSON_AddItemToArray(list, entry);
    }
}

static void add_uses(cJSON *item, const struct change_secret_uses *uses,
                     const struct csi_secret *secret)
{
    size_t count;
    cJSON *list = cJSON_AddArrayToObject(item, "usedBy");
    const struct change_secret_use **found =
        change_secret_uses_of(uses, secret->ns, secret->name, &count);
    for (size_t i = 0; i < count; i++) {
        cJSON *entry = cJSON_CreateObject();
        add_text_or_null(entry, "kind", found[i]->kind);
        add_text_or_null(entry, "name", found[i]->name);
        cJSON_AddStringToObject(entry, "as", change_use_way_name(found[i]->way));
        add_text_or_null(entry, "detail", found[i]->detail);
        cJSON_AddItemToArray(list, entry);
    }
    free(found);
}

cJSON *cli_secret_list_document(const struct cli_secret_picture *picture)
{
    size_t count;
    size_t image_count;
    const struct csi_secret **rows = cli_secret_list_rows(picture, &count);
    const char **images = cli_driver_images(picture->census, &image_count);
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "apiVersion", "pullmend/v1");
    cJSON_AddStringToObject(document, "kind", "SecretList");
    add_time(document, "takenAt", picture->taken_ms);
    cJSON *items = cJSON_AddArrayToObject(document, "items");
    for (size_t i = 0; i < count; i++) {
        cJSON *item = cJSON_CreateObject();
        add_text_or_null(item, "namespace", rows[i]->ns);
        add_text_or_null(item, "name", rows[i]->name);
        add_text_or_null(item, "type", rows[i]->type);
        cJSON_AddBoolToObject(item, "registrySecret", is_registry(rows[i]));
        cJSON_AddBoolToObject(item, "contentKnown", rows[i]->content_known);
        add_text_or_null(item, "fault", rows[i]->fault);
        add_registries(item, rows[i]);
        add_serves(item, rows[i], images);
        add_uses(item, picture->uses, rows[i]);
        cJSON_AddBoolToObject(item, "immutable", rows[i]->immutable);
        add_text_or_null(item, "managedBy", rows[i]->managed_by);
        add_time(item, "created", rows[i]->created_ms);
        add_time(item, "updated", rows[i]->updated_ms);
        add_time(item, "expires", rows[i]->expires_ms);
        cJSON_AddItemToArray(items, item);
    }
    free(images);
    free(rows);
    return document;
}

/* --- The table ---------------------------------------------------------------------------------
 */

static void describe_content(struct buffer *out, const struct csi_secret *secret, size_t most,
                             bool users)
{
    if (!is_registry(secret)) {
        buffer_append_string(out, "-");
    } else if (!secret->content_known) {
        buffer_append_string(out, "?");
    } else if (secret->fault != NULL) {
        buffer_append_string(out, users ? "-" : _("malformed"));
    } else if (secret->registry_count == 0) {
        buffer_append_string(out, users ? "-" : _("none (anonymous)"));
    }
    for (size_t i = 0; i < secret->registry_count && i < most; i++) {
        const char *text = users ? secret->users[i] : secret->registries[i];
        buffer_printf(out, "%s%s", i > 0 ? "," : "", text[0] == '\0' ? "-" : text);
    }
    if (secret->registry_count > most) {
        buffer_printf(out, " +%zu", secret->registry_count - most);
    }
}

static void describe_serves(struct buffer *out, const struct csi_secret *secret,
                            const char *const *images, size_t image_count)
{
    size_t served = 0;
    for (size_t i = 0; i < image_count; i++) {
        served += cli_secret_serves(secret, images[i]);
    }
    if (!is_registry(secret) || image_count == 0) {
        buffer_append_string(out, "-");
    } else if (!secret->content_known) {
        buffer_append_string(out, "?");
    } else {
        buffer_printf(out, _("%zu of %zu"), served, image_count);
    }
}

static const char *short_type(const char *type)
{
    static const char prefix[] = "kubernetes.io/";
    return text_starts_with(type, prefix) ? type + strlen(prefix) : type;
}

static void add_row(struct cli_table *table, const struct cli_secret_picture *picture,
                    const struct csi_secret *secret, const char *const *images, size_t image_count)
{
    struct buffer texts[4];
    char age[32] = "-";
    size_t most = picture->wide ? WIDE_LIST : SHORT_LIST;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        buffer_init(&texts[i], CELL_LIMIT);
    }
    describe_content(&texts[0], secret, most, false);
    describe_content(&texts[1], secret, most, true);
    describe_serves(&texts[2], secret, images, image_count);
    change_secret_uses_describe(picture->uses, secret->ns, secret->name, most, &texts[3]);
    if (secret->created_ms > 0) {
        clock_format_age(picture->taken_ms - secret->created_ms, age);
    }
    char *name = xasprintf("%s/%s", secret->ns, secret->name);
    const char *cells[] = {name,
                           short_type(secret->type),
                           texts[0].data,
                           texts[1].data,
                           texts[2].data,
                           texts[3].length == 0 ? "-" : texts[3].data,
                           secret->managed_by[0] == '\0' ? "-" : secret->managed_by,
                           age};
    cli_table_add(table, cells);
    free(name);
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        buffer_free(&texts[i]);
    }
}

/* Tokens of Amazon ECR do not say when they end. */
static void note_short_lived(struct buffer *out, const struct csi_secret *secret, int64_t now_ms)
{
    for (size_t i = 0; i < secret->registry_count; i++) {
        char *host = keyring_normalise_key(secret->registries[i], NULL);
        if (host != NULL) {
            host[strcspn(host, "/")] = '\0';
        }
        if (host != NULL && registry_is_ecr(host)) {
            char when[32];
            clock_format_age(now_ms - secret->updated_ms, when);
            buffer_printf(out,
                          _("%s/%s: passwords for %s end after 12 hours; written %s ago, something "
                            "must renew them\n"),
                          secret->ns, secret->name, host, when);
        }
        free(host);
    }
}

/* What the columns have no room for. */
static void add_notes(struct buffer *out, const struct cli_secret_picture *picture,
                      const struct csi_secret *const *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char when[32];
        if (rows[i]->fault != NULL) {
            buffer_printf(out, "%s/%s: ", rows[i]->ns, rows[i]->name);
            text_append_safe(out, rows[i]->fault, strlen(rows[i]->fault));
            buffer_append_char(out, '\n');
        }
        if (rows[i]->expires_ms > 0) {
            int64_t left = rows[i]->expires_ms - picture->taken_ms;
            clock_format_age(left < 0 ? -left : left, when);
            buffer_printf(out,
                          left < 0 ? _("%s/%s: a token in it ended %s ago\n")
                                   : _("%s/%s: a token in it ends in %s\n"),
                          rows[i]->ns, rows[i]->name, when);
        } else {
            note_short_lived(out, rows[i], picture->taken_ms);
        }
    }
}

void cli_secret_list_table(const struct cli_secret_picture *picture, struct buffer *out)
{
    static const char *const head[] = {N_("NAME"),   N_("TYPE"),    N_("REGISTRIES"), N_("USERS"),
                                       N_("SERVES"), N_("USED BY"), N_("MANAGED BY"), N_("AGE")};
    struct cli_table table = {.columns = ARRAY_LENGTH(head)};
    size_t count;
    size_t image_count;
    const struct csi_secret **rows = cli_secret_list_rows(picture, &count);
    const char **images = cli_driver_images(picture->census, &image_count);
    if (count == 0) {
        buffer_append_string(out, _("No registry Secret was found.\n"));
    } else {
        cli_table_head(&table, head);
    }
    for (size_t i = 0; i < count; i++) {
        add_row(&table, picture, rows[i], images, image_count);
    }
    cli_table_write(out, &table, picture->columns);
    add_notes(out, picture, rows, count);
    cli_table_free(&table);
    free(images);
    free(rows);
}

void cli_secret_list_names(const struct cli_secret_picture *picture, struct buffer *out)
{
    size_t count;
    const struct csi_secret **rows = cli_secret_list_rows(picture, &count);
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "secret/%s/%s\n", rows[i]->ns, rows[i]->name);
    }
    free(rows);
}
