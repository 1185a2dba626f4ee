#include "change/pull_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/language.h"
#include "doc/json.h"
#include "registry/keyring.h"
#include "registry/probe.h"
#include "registry/reference.h"
#include "registry/secret_state.h"

enum { CONTENT_LIMIT = 2 << 20 };

struct column {
    struct change_pull_check *check;
    char *ns, *name, *label;
    struct kube_call *call;
    struct registry_verify *verify;
    char *trouble;
};

struct cell {
    enum change_pull_answer answer;
    char *word, *message, *realm;
    int64_t rate_remaining, rate_limit;
};

struct change_pull_check {
    struct kube_client *client;
    struct registry_probe_options options;
    char **images;
    size_t image_count;
    struct column *columns;
    size_t column_count;
    struct cell *cells;
    void (*on_change)(void *context);
    void *context;
};

static struct cell *cell_at(const struct change_pull_check *check, size_t image, size_t column)
{
    return &check->cells[image * check->column_count + column];
}

static size_t index_of(const struct column *column)
{
    return (size_t)(column - column->check->columns);
}

/* --- Asking -------------------------------------------------------------------------------------
 */

static void take_answer(struct column *column, size_t image,
                        const struct registry_probe_result *result)
{
    struct cell *cell = cell_at(column->check, image, index_of(column));
    free(cell->word);
    free(cell->message);
    free(cell->realm);
    cell->realm = xstrdup_or_null(result->realm);
    cell->rate_remaining = result->rate_remaining;
    cell->rate_limit = result->rate_limit;
    cell->word = xstrdup(registry_probe_verdict_name(result->verdict));
    cell->message = xstrdup(result->message);
    cell->answer =
        registry_probe_verdict_is_good(result->verdict) ? CHANGE_PULL_GOOD : CHANGE_PULL_BAD;
}

/* A Secret's probes are a matrix too (images by entries); an image's best answer is kept. */
static void on_result(void *context, size_t image, size_t credential,
                      const struct registry_probe_result *result)
{
    struct column *column = context;
    (void)credential;
    if (cell_at(column->check, image, index_of(column))->answer != CHANGE_PULL_GOOD) {
        take_answer(column, image, result);
    }
    column->check->on_change(column->check->context);
}

static void on_done(void *context)
{
    struct column *column = context;
    column->verify = NULL;
    column->check->on_change(column->check->context);
}

static void start_probes(struct column *column, const struct registry_probe_credential *tried,
                         size_t count, const bool *wanted)
{
    static const struct registry_verify_callbacks callbacks = {on_result, on_done};
    struct change_pull_check *check = column->check;
    struct error err = ERROR_INIT;
    bool any = false;
    for (size_t i = 0; i < check->image_count * count; i++) {
        if (wanted[i]) {
            any = true;
            cell_at(check, i / count, index_of(column))->answer = CHANGE_PULL_ASKING;
        }
    }
    if (!any) {
        return;
    }
    column->verify = registry_verify_start(kube_client_loop(check->client), &check->options,
                                           (const char *const *)check->images, check->image_count,
                                           tried, count, wanted, &callbacks, column, &err);
    if (column->verify == NULL) {
        column->trouble = xstrdup(err.message);
    }
}

static void ask_anonymously(struct column *column)
{
    struct registry_probe_credential nobody = {NULL, NULL, 0};
    bool *wanted = xcalloc(column->check->image_count + 1, sizeof(bool));
    for (size_t i = 0; i < column->check->image_count; i++) {
        wanted[i] = true;
    }
    start_probes(column, &nobody, 1, wanted);
    free(wanted);
}

/* The entries that the kubelet would try for each image. */
static void ask_with(struct column *column, const struct docker_config *config)
{
    const struct change_pull_check *check = column->check;
    struct registry_probe_credential *tried = xcalloc(config->count + 1, sizeof(*tried));
    bool *wanted = xcalloc(check->image_count * config->count + 1, sizeof(bool));
    for (size_t i = 0; i < config->count; i++) {
        const struct docker_auth *auth = &config->auths[i];
        tried[i] = (struct registry_probe_credential){auth->username, auth->password,
                                                      auth->password_length};
    }
    for (size_t i = 0; i < check->image_count; i++) {
        struct image_reference image = {0};
        bool named = image_reference_parse(&image, check->images[i], NULL);
        for (size_t j = 0; named && j < config->count; j++) {
            wanted[i * config->count + j] = keyring_key_matches(config->auths[j].key, image.name);
        }
        image_reference_free(&image);
    }
    start_probes(column, tried, config->count, wanted);
    free(tried);
    free(wanted);
}

static bool read_secret(const cJSON *secret, struct docker_config *config, struct error *err)
{
    const char *type = json_string_or(secret, "type", "");
    const char *key = registry_secret_data_key(type);
    const char *encoded = key == NULL ? NULL : json_string(json_object(secret, "data"), key);
    if (key == NULL) {
        return error_set(err, ERROR_INVALID, "its type \"%s\" holds no registry credentials", type);
    }
    struct buffer content;
    buffer_init_secret(&content, CONTENT_LIMIT);
    bool done = encoded != NULL && base64_decode(&content, encoded, strlen(encoded), false);
    if (!done) {
        error_set(err, ERROR_INVALID, "its key %s is absent or not base64", key);
    } else {
        done = docker_config_parse(
            config, content.data, content.length,
            strcmp(key, ".dockercfg") == 0 ? DOCKER_CONFIG_LEGACY : DOCKER_CONFIG_JSON, true, err);
    }
    buffer_free(&content);
    return done;
}

static void on_secret(void *context, struct kube_response *response)
{
    struct column *column = context;
    struct docker_config config = {0};
    struct error err = ERROR_INIT;
    column->call = NULL;
    if (response->err != NULL) {
        column->trouble = xstrdup(response->err->message);
    } else {
        cJSON *secret = kube_response_take(response);
        if (read_secret(secret, &config, &err)) {
            ask_with(column, &config);
        } else {
            column->trouble = xstrdup(err.message);
        }
        json_delete_secret(secret);
    }
    docker_config_free(&config);
    column->check->on_change(column->check->context);
}

/* --- Birth, death, looking ----------------------------------------------------------------------
 */

struct change_pull_check *change_pull_check_start(struct kube_client *client,
                                                  const struct registry_probe_options *options,
                                                  const char *const *images, size_t image_count,
                                                  const struct change_pull_secret *secrets,
                                                  size_t secret_count,
                                                  void (*on_change)(void *context), void *context)
{
    struct change_pull_check *check = xcalloc(1, sizeof(*check));
    check->client = client;
    check->options = *options;
    check->on_change = on_change;
    check->context = context;
    check->image_count = image_count;
    check->images = xcalloc(image_count + 1, sizeof(char *));
    for (size_t i = 0; i < image_count; i++) {
        check->images[i] = xstrdup(images[i]);
    }
    check->column_count = secret_count + 1;
    check->columns = xcalloc(check->column_count, sizeof(struct column));
    check->cells = xcalloc(image_count * check->column_count + 1, sizeof(struct cell));
    check->columns[0] = (struct column){.check = check, .label = xstrdup(_("no credential"))};
    for (size_t i = 0; i < secret_count; i++) {
        struct column *column = &check->columns[i + 1];
        *column = (struct column){.check = check,
                                  .ns = xstrdup(secrets[i].ns),
                                  .name = xstrdup(secrets[i].name),
                                  .label = xasprintf("%s/%s", secrets[i].ns, secrets[i].name)};
        column->call = kube_get(client, &kube_secrets, column->ns, column->name, on_secret, column);
    }
    if (image_count > 0) {
        ask_anonymously(&check->columns[0]);
    }
    return check;
}

void change_pull_check_free(struct change_pull_check *check)
{
    if (check == NULL) {
        return;
    }
    for (size_t i = 0; i < check->column_count; i++) {
        struct column *column = &check->columns[i];
        kube_call_cancel(column->call);
        registry_verify_cancel(column->verify);
        free(column->ns);
        free(column->name);
        free(column->label);
        free(column->trouble);
    }
    for (size_t i = 0; i < check->image_count * check->column_count; i++) {
        free(check->cells[i].word);
        free(check->cells[i].message);
        free(check->cells[i].realm);
    }
    for (size_t i = 0; i < check->image_count; i++) {
        free(check->images[i]);
    }
    free(check->images);
    free(check->columns);
    free(check->cells);
    free(check);
}

size_t change_pull_check_images(const struct change_pull_check *check)
{
    return check->image_count;
}

size_t change_pull_check_columns(const struct change_pull_check *check)
{
    return check->column_count;
}

const char *change_pull_check_image(const struct change_pull_check *check, size_t image)
{
    return check->images[image];
}

const char *change_pull_check_column(const struct change_pull_check *check, size_t column)
{
    return check->columns[column].label;
}

const char *change_pull_check_trouble(const struct change_pull_check *check, size_t column)
{
    return check->columns[column].trouble;
}

struct change_pull_cell change_pull_check_cell(const struct change_pull_check *check, size_t image,
                                               size_t column)
{
    const struct cell *cell = cell_at(check, image, column);
    bool told = cell->word != NULL;
    /* Its Secret is still being read: nobody knows yet if it has an entry. */
    bool waits = cell->answer == CHANGE_PULL_NOT_ASKED && check->columns[column].call != NULL;
    return (struct change_pull_cell){.answer = waits ? CHANGE_PULL_ASKING : cell->answer,
                                     .word = told ? cell->word : "",
                                     .message = cell->message,
                                     .realm = cell->realm,
                                     .rate_remaining = told ? cell->rate_remaining : -1,
                                     .rate_limit = told ? cell->rate_limit : -1};
}

bool change_pull_check_done(const struct change_pull_check *check)
{
    for (size_t i = 0; i < check->column_count; i++) {
        if (check->columns[i].call != NULL || check->columns[i].verify != NULL) {
            return false;
        }
    }
    return true;
}
