#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/text.h"
#include "cli/credential.h"
#include "registry/keyring.h"
#include "registry/probe.h"
#include "registry/reference.h"

struct verifying {
    struct cli_connection *connection;
    const char **images;
    size_t count;
    size_t refused;
    bool done;
};

/* Each image once, of the workloads of the drivers that are shown. */
static const char **collect_images(const struct csi_census *census, size_t *count)
{
    struct map *seen = map_new(NULL);
    size_t drivers;
    struct csi_driver *const *rows = csi_census_drivers(census, &drivers);
    for (size_t i = 0; i < drivers; i++) {
        for (size_t j = 0; j < rows[i]->workload_count; j++) {
            const struct csi_workload *workload = rows[i]->workloads[j];
            for (size_t k = 0; k < workload->image_count; k++) {
                map_set(seen, workload->images[k], seen);
            }
        }
    }
    const char **images = xcalloc(map_count(seen) + 1, sizeof(*images));
    size_t position = 0;
    const char *image;
    *count = 0;
    while (map_next(seen, &position, &image, NULL)) {
        images[(*count)++] = xstrdup(image);
    }
    map_free(seen);
    return images;
}

static void on_result(void *context, size_t image, size_t credential,
                      const struct registry_probe_result *result)
{
    struct verifying *verifying = context;
    (void)credential;
    bool good = registry_probe_verdict_is_good(result->verdict);
    char *name = text_safe(verifying->images[image]);
    fprintf(stderr, "%s %s: %s\n", good ? "ok  " : "FAIL", name, result->message);
    free(name);
    verifying->refused += good ? 0 : 1;
}

static void on_done(void *context)
{
    struct verifying *verifying = context;
    verifying->done = true;
    loop_stop(verifying->connection->loop, 0);
}

/* Which credential the kubelet would use for an image; the last column stands for "none". */
static void choose(bool *wanted, const char *const *images, size_t image_count,
                   const struct registry_credential *credentials, size_t count)
{
    for (size_t i = 0; i < image_count; i++) {
        size_t chosen = count;
        struct image_reference reference = {0};
        bool named = image_reference_parse(&reference, images[i], NULL);
        for (size_t j = 0; named && j < count && chosen == count; j++) {
            if (keyring_key_matches(credentials[j].server, reference.name)) {
                chosen = j;
            }
        }
        image_reference_free(&reference);
        wanted[i * (count + 1) + chosen] = true;
    }
}

bool cli_verify_credentials(struct cli_connection *connection, const struct cli_values *values,
                            const struct registry_credential *credentials, size_t count,
                            struct error *err)
{
    static const struct registry_verify_callbacks callbacks = {on_result, on_done};
    struct verifying verifying = {.connection = connection};
    verifying.images = collect_images(csi_follow_census(connection->follow), &verifying.count);
    struct registry_probe_credential *tried = xcalloc(count + 1, sizeof(*tried));
    for (size_t i = 0; i < count; i++) {
        tried[i] = (struct registry_probe_credential){
            credentials[i].username, credentials[i].password, credentials[i].password_length};
    }
    bool *wanted = xcalloc(verifying.count * (count + 1), sizeof(bool));
    choose(wanted, verifying.images, verifying.count, credentials, count);
    struct registry_probe_options options = {.ca_file = cli_text(values, CLI_REGISTRY_CA),
                                             .insecure = cli_is_set(values, CLI_INSECURE_REGISTRY)};
    struct registry_verify *verify =
        verifying.count == 0
            ? NULL
            : registry_verify_start(connection->loop, &options, verifying.images, verifying.count,
                                    tried, count + 1, wanted, &callbacks, &verifying, err);
    bool started = verify != NULL || verifying.count == 0;
    if (verify != NULL) {
        loop_run(connection->loop);
        if (!verifying.done) {
            registry_verify_cancel(verify);
            started = error_set(err, ERROR_USAGE, "interrupted; nothing was changed");
        }
    }
    for (size_t i = 0; i < verifying.count; i++) {
        free((void *)(uintptr_t)verifying.images[i]);
    }
    free(verifying.images);
    free(tried);
    free(wanted);
    if (started && verifying.refused > 0) {
        return error_set(err, ERROR_INVALID,
                         "--verify: %zu of %zu images could not be pulled with this credential; "
                         "nothing was changed",
                         verifying.refused, verifying.count);
    }
    return started;
}
