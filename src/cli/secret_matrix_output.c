/* The verification matrix as a table, sentences and a document. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "cli/secret_matrix.h"
#include "cli/table.h"
#include "registry/keyring.h"
#include "registry/reference.h"

/* --- The table ----------------------------------------------------------------------------------
 */

static bool is_anonymous(const struct cli_matrix *matrix, size_t source)
{
    return source == matrix->source_count;
}

static const char *cell_text(const struct cli_matrix *matrix, size_t image, size_t source)
{
    const struct cli_matrix_answer *cell = cli_matrix_cell(matrix, image, source);
    if (cell != NULL) {
        return _(registry_probe_verdict_name(cell->verdict));
    }
    bool meant =
        !is_anonymous(matrix, source) && matrix->meant[image * matrix->source_count + source];
    return meant ? _("no entry") : "-";
}

void cli_matrix_table(const struct cli_matrix *matrix, int columns, struct buffer *out)
{
    struct cli_table table = {.columns = (int)matrix->source_count + 2};
    const char **cells = xcalloc(matrix->source_count + 2, sizeof(*cells));
    cells[0] = _("IMAGE");
    for (size_t i = 0; i < matrix->source_count; i++) {
        cells[i + 1] = matrix->sources[i].label;
    }
    cells[matrix->source_count + 1] = _("WITHOUT");
    cli_table_add(&table, cells);
    for (size_t i = 0; i < matrix->image_count; i++) {
        cells[0] = matrix->images[i];
        for (size_t j = 0; j <= matrix->source_count; j++) {
            cells[j + 1] = cell_text(matrix, i, j);
        }
        cli_table_add(&table, cells);
    }
    cli_table_write(out, &table, columns);
    cli_table_free(&table);
    free(cells);
}

/* --- Sentences ----------------------------------------------------------------------------------
 */

static void add_sentence(struct buffer *out, const char *text)
{
    text_append_safe(out, text, strlen(text));
    buffer_append_char(out, '\n');
}

/* True if the pair fails and was told why. */
static bool has_failure(const struct cli_matrix *matrix, size_t image, size_t source)
{
    const struct cli_matrix_answer *cell = cli_matrix_cell(matrix, image, source);
    return cell != NULL && cell->message != NULL && !registry_probe_verdict_is_good(cell->verdict);
}

static bool fails_alike(const struct cli_matrix *matrix, size_t a, size_t b, size_t source)
{
    return has_failure(matrix, b, source) && matrix->covered[a] == matrix->covered[b] &&
           strcmp(cli_matrix_cell(matrix, a, source)->message,
                  cli_matrix_cell(matrix, b, source)->message) == 0;
}

/* What a registry said to one source, once for all images of which it said the same. */
static void note_failure(const struct cli_matrix *matrix, size_t image, size_t source,
                         struct buffer *out)
{
    size_t alike = 0;
    if (!has_failure(matrix, image, source)) {
        return;
    }
    for (size_t i = 0; i < matrix->image_count; i++) {
        if (fails_alike(matrix, image, i, source)) {
            if (i < image) {
                return; /* said already */
            }
            alike++;
        }
    }
    bool anonymous = is_anonymous(matrix, source);
    const char *message = cli_matrix_cell(matrix, image, source)->message;
    char *line = anonymous ? xasprintf(_("without a credential: %s"), message)
                           : xasprintf(_("with %s: %s"), matrix->sources[source].label, message);
    text_append_safe(out, line, strlen(line));
    if (alike > 1) {
        buffer_printf(out, _(" (%zu images)"), alike);
    }
    add_sentence(out, anonymous && matrix->covered[image]
                          ? _("; another Secret that its pods name has an entry for it")
                          : "");
    free(line);
}

/* Which hosts besides the registries got a password, each once. */
static void note_realms(const struct cli_matrix *matrix, struct buffer *out)
{
    size_t columns = matrix->first[matrix->source_count] + 1;
    for (size_t i = 0; i < matrix->image_count * columns; i++) {
        const char *realm = matrix->answers[i].realm;
        bool seen = realm == NULL;
        for (size_t j = 0; j < i && !seen; j++) {
            seen = matrix->answers[j].realm != NULL && strcmp(matrix->answers[j].realm, realm) == 0;
        }
        if (!seen) {
            char *line =
                xasprintf(_("The credential went to the token server %s, which the registry "
                            "named."),
                          realm);
            add_sentence(out, line);
            free(line);
        }
    }
}

/* The least that was told is what is left now. */
static void note_limits(const struct cli_matrix *matrix, struct buffer *out)
{
    size_t columns = matrix->first[matrix->source_count] + 1;
    const struct cli_matrix_answer *least = NULL;
    const char *image = "";
    for (size_t i = 0; i < matrix->image_count * columns; i++) {
        const struct cli_matrix_answer *answer = &matrix->answers[i];
        if (answer->told && answer->rate_remaining >= 0 &&
            (least == NULL || answer->rate_remaining < least->rate_remaining)) {
            least = answer;
            image = matrix->images[i / columns];
        }
    }
    if (least != NULL) {
        char *line =
            xasprintf(_("%lld of %lld pulls are left in the rate limit of the registry of %s."),
                      (long long)least->rate_remaining, (long long)least->rate_limit, image);
        add_sentence(out, line);
        free(line);
    }
}

static int64_t expiry_of(const struct docker_auth *auth)
{
    int64_t ms;
    return auth->password != NULL &&
                   registry_password_expiry(auth->password, auth->password_length, &ms)
               ? ms
               : 0;
}

static void note_expiry(const struct cli_matrix_source *source, const struct docker_auth *auth,
                        int64_t now_ms, struct buffer *out)
{
    char *host = keyring_normalise_key(auth->key, NULL);
    int64_t ends = expiry_of(auth);
    char *line = NULL;
    if (ends > 0) {
        char when[32];
        int64_t left = ends - now_ms;
        clock_format_age(left < 0 ? -left : left, when);
        line = xasprintf(left < 0 ? _("%s: the token for %s ended %s ago; pulls fail since then.")
                                  : _("%s: the token for %s ends in %s; pulls fail afterwards."),
                         source->label, auth->key, when);
    } else if (host != NULL) {
        host[strcspn(host, "/")] = '\0';
        if (registry_is_ecr(host)) {
            line =
                xasprintf(_("%s: passwords for %s end after 12 hours: something must renew them, "
                            "or nodes use the kubelet's ECR credential provider instead."),
                          source->label, auth->key);
        }
    }
    if (line != NULL) {
        add_sentence(out, line);
    }
    free(line);
    free(host);
}

void cli_matrix_notes(const struct cli_matrix *matrix, int64_t now_ms, struct buffer *out)
{
    for (size_t i = 0; i < matrix->source_count; i++) {
        if (matrix->sources[i].trouble != NULL) {
            add_sentence(out, matrix->sources[i].trouble);
        }
    }
    for (size_t i = 0; i <= matrix->source_count; i++) {
        for (size_t j = 0; j < matrix->image_count; j++) {
            note_failure(matrix, j, i, out);
        }
    }
    note_realms(matrix, out);
    note_limits(matrix, out);
    for (size_t i = 0; i < matrix->source_count; i++) {
        for (size_t j = 0; j < matrix->sources[i].config.count; j++) {
            note_expiry(&matrix->sources[i], &matrix->sources[i].config.auths[j], now_ms, out);
        }
    }
}

/* --- The document -------------------------------------------------------------------------------
 */

static void add_text(cJSON *object, const char *name, const char *text)
{
    if (text == NULL) {
        cJSON_AddNullToObject(object, name);
        return;
    }
    char *safe = text_safe(text);
    cJSON_AddStringToObject(object, name, safe);
    free(safe);
}

static cJSON *source_document(const struct cli_matrix_source *source)
{
    cJSON *object = cJSON_CreateObject();
    add_text(object, "name", source->label);
    cJSON_AddBoolToObject(object, "secret", source->ns != NULL);
    add_text(object, "trouble", source->trouble);
    cJSON *entries = cJSON_AddArrayToObject(object, "registries");
    for (size_t i = 0; i < source->config.count; i++) {
        const struct docker_auth *auth = &source->config.auths[i];
        cJSON *entry = cJSON_CreateObject();
        char ends[32];
        int64_t ms = expiry_of(auth);
        if (ms > 0) {
            clock_format_rfc3339(ms, ends);
        }
        add_text(entry, "server", auth->key);
        add_text(entry, "user", auth->username);
        add_text(entry, "expires", ms > 0 ? ends : NULL);
        cJSON_AddItemToArray(entries, entry);
    }
    return object;
}

static void add_answer(cJSON *list, const struct cli_matrix *matrix, size_t image, size_t source)
{
    const struct cli_matrix_answer *cell = cli_matrix_cell(matrix, image, source);
    if (cell == NULL) {
        return;
    }
    cJSON *object = cJSON_CreateObject();
    add_text(object, "with", is_anonymous(matrix, source) ? NULL : matrix->sources[source].label);
    cJSON_AddStringToObject(object, "verdict", registry_probe_verdict_name(cell->verdict));
    cJSON_AddBoolToObject(object, "good", registry_probe_verdict_is_good(cell->verdict));
    cJSON_AddNumberToObject(object, "status", cell->status);
    add_text(object, "message", cell->message);
    add_text(object, "digest", cell->digest);
    add_text(object, "tokenServer", cell->realm);
    if (cell->rate_remaining >= 0) {
        cJSON_AddNumberToObject(object, "pullsLeft", (double)cell->rate_remaining);
    } else {
        cJSON_AddNullToObject(object, "pullsLeft");
    }
    cJSON_AddItemToArray(list, object);
}

cJSON *cli_matrix_document(const struct cli_matrix *matrix, int64_t now_ms)
{
    char now[32];
    cJSON *document = cJSON_CreateObject();
    clock_format_rfc3339(now_ms, now);
    cJSON_AddStringToObject(document, "apiVersion", "pullmend/v1");
    cJSON_AddStringToObject(document, "kind", "SecretVerification");
    cJSON_AddStringToObject(document, "takenAt", now);
    cJSON *sources = cJSON_AddArrayToObject(document, "credentials");
    for (size_t i = 0; i < matrix->source_count; i++) {
        cJSON_AddItemToArray(sources, source_document(&matrix->sources[i]));
    }
    cJSON *images = cJSON_AddArrayToObject(document, "images");
    for (size_t i = 0; i < matrix->image_count; i++) {
        cJSON *image = cJSON_CreateObject();
        add_text(image, "image", matrix->images[i]);
        cJSON *answers = cJSON_AddArrayToObject(image, "answers");
        for (size_t j = 0; j <= matrix->source_count; j++) {
            add_answer(answers, matrix, i, j);
        }
        cJSON_AddItemToArray(images, image);
    }
    cJSON_AddNumberToObject(document, "refused", (double)cli_matrix_refused(matrix));
    return document;
}
