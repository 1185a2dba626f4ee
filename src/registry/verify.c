#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "base/file.h"
#include "base/language.h"
#include "base/secret.h"
#include "probe_run.h"

enum { TIMEOUT_MS = 20000, PARALLEL = 6, CA_LIMIT = 1024 * 1024 };

const char *registry_probe_verdict_name(enum registry_probe_verdict verdict)
{
    static const char *const names[] = {
        N_("may pull"),       N_("public"),           N_("401 unauthorized"), N_("403 forbidden"),
        N_("404 not found"),  N_("429 rate limited"), N_("unreachable"),      N_("certificate"),
        N_("strange answer"), N_("not asked")};
    return names[verdict];
}

bool registry_probe_verdict_is_good(enum registry_probe_verdict verdict)
{
    return verdict == REGISTRY_PROBE_MAY_PULL || verdict == REGISTRY_PROBE_PUBLIC;
}

/* One probe under way, in a fixed seat. */
struct seat {
    struct registry_verify *verify;
    struct probe *probe; /* NULL: free */
    size_t pair;
};

struct registry_verify {
    struct probe_world world;
    char **images;
    size_t image_count;
    struct registry_probe_credential *credentials;
    size_t credential_count;
    bool *wanted; /* NULL: all */
    size_t next;  /* pair: image * credential_count + credential */
    struct seat *seats;
    size_t seat_count;
    size_t busy;
    bool calling; /* inside one of the caller's callbacks */
    bool cancelled;
    struct loop_timer *timer;
    struct registry_verify_callbacks callbacks;
    void *context;
};

static void release(struct registry_verify *verify)
{
    for (size_t i = 0; i < verify->seat_count; i++) {
        probe_cancel(verify->seats[i].probe);
    }
    loop_cancel_timer(verify->world.loop, verify->timer);
    http_free(verify->world.http);
    map_free(verify->world.ways);
    free(verify->world.ca);
    for (size_t i = 0; i < verify->image_count; i++) {
        free(verify->images[i]);
    }
    for (size_t i = 0; i < verify->credential_count; i++) {
        secret_wipe((void *)(uintptr_t)verify->credentials[i].password,
                    verify->credentials[i].password_length);
        free((void *)(uintptr_t)verify->credentials[i].password);
        free((void *)(uintptr_t)verify->credentials[i].username);
    }
    free(verify->images);
    free(verify->credentials);
    free(verify->wanted);
    free(verify->seats);
    free(verify);
}

void registry_verify_cancel(struct registry_verify *verify)
{
    if (verify == NULL) {
        return;
    }
    if (verify->calling) {
        verify->cancelled = true;
    } else {
        release(verify);
    }
}

static void fill_seats(struct registry_verify *verify);

static void finish(void *context)
{
    struct registry_verify *verify = context;
    verify->timer = NULL;
    verify->calling = true;
    if (verify->callbacks.done != NULL) {
        verify->callbacks.done(verify->context);
    }
    release(verify);
}

/* After a result was told: the next pairs, or the end. From the loop, as the probe that has just
 * ended is still on its way out. */
static void go_on(void *context)
{
    struct registry_verify *verify = context;
    verify->timer = NULL;
    fill_seats(verify);
    if (verify->busy == 0) {
        finish(verify);
    }
}

static void schedule(struct registry_verify *verify)
{
    if (verify->timer == NULL) {
        verify->timer = loop_after(verify->world.loop, 0, go_on, verify);
    }
}

static void on_probe(void *context, const struct registry_probe_result *result)
{
    struct seat *seat = context;
    struct registry_verify *verify = seat->verify;
    seat->probe = NULL;
    verify->busy--;
    if (verify->callbacks.result != NULL) {
        verify->calling = true;
        verify->callbacks.result(verify->context, seat->pair / verify->credential_count,
                                 seat->pair % verify->credential_count, result);
        verify->calling = false;
    }
    if (verify->cancelled) {
        release(verify);
    } else {
        schedule(verify);
    }
}

static bool next_pair(struct registry_verify *verify, size_t *pair)
{
    size_t all = verify->image_count * verify->credential_count;
    while (verify->next < all) {
        *pair = verify->next++;
        if (verify->wanted == NULL || verify->wanted[*pair]) {
            return true;
        }
    }
    return false;
}

static void fill_seats(struct registry_verify *verify)
{
    for (size_t i = 0; i < verify->seat_count; i++) {
        struct seat *seat = &verify->seats[i];
        if (seat->probe != NULL || !next_pair(verify, &seat->pair)) {
            continue;
        }
        verify->busy++;
        seat->probe = probe_start(
            &verify->world, verify->images[seat->pair / verify->credential_count],
            &verify->credentials[seat->pair % verify->credential_count], on_probe, seat);
    }
}

static bool read_ca(struct probe_world *world, const char *path, struct error *err)
{
    struct buffer text;
    buffer_init(&text, CA_LIMIT);
    bool good = file_read(path, &text, err);
    if (good && strstr(text.data, "-----BEGIN CERTIFICATE-----") == NULL) {
        good = error_set(err, ERROR_CONFIG, "%s: no certificate in PEM form in it", path);
    }
    if (good) {
        world->ca = buffer_take(&text);
    } else if (err != NULL) {
        err->kind = ERROR_CONFIG;
    }
    buffer_free(&text);
    return good;
}

static void copy_work(struct registry_verify *verify, const char *const *images,
                      const struct registry_probe_credential *credentials, const bool *wanted)
{
    size_t pairs = verify->image_count * verify->credential_count;
    verify->images = xcalloc(verify->image_count + 1, sizeof(*verify->images));
    verify->credentials = xcalloc(verify->credential_count + 1, sizeof(*verify->credentials));
    for (size_t i = 0; i < verify->image_count; i++) {
        verify->images[i] = xstrdup(images[i]);
    }
    for (size_t i = 0; i < verify->credential_count; i++) {
        verify->credentials[i].username = xstrdup_or_null(credentials[i].username);
        size_t length = credentials[i].username != NULL ? credentials[i].password_length : 0;
        if (length > 0) {
            verify->credentials[i].password = xmemdup(credentials[i].password, length);
            verify->credentials[i].password_length = length;
        }
    }
    verify->wanted = wanted != NULL && pairs > 0 ? xmemdup(wanted, pairs * sizeof(*wanted)) : NULL;
}

struct registry_verify *registry_verify_start(struct loop *loop,
                                              const struct registry_probe_options *options,
                                              const char *const *images, size_t image_count,
                                              const struct registry_probe_credential *credentials,
                                              size_t credential_count, const bool *wanted,
                                              const struct registry_verify_callbacks *callbacks,
                                              void *context, struct error *err)
{
    struct registry_verify *verify = xcalloc(1, sizeof(*verify));
    verify->world.loop = loop;
    verify->world.insecure = options->insecure;
    verify->world.insecure_hosts = options->insecure_hosts;
    verify->world.timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_MS;
    verify->world.ways = map_new(NULL);
    if (options->ca_file != NULL && !read_ca(&verify->world, options->ca_file, err)) {
        error_wrap(err, "registry CA");
        release(verify);
        return NULL;
    }
    verify->world.http = http_new(loop, true);
    verify->image_count = image_count;
    verify->credential_count = credential_count;
    copy_work(verify, images, credentials, wanted);
    verify->seat_count = (size_t)(options->parallel > 0 ? options->parallel : PARALLEL);
    verify->seats = xcalloc(verify->seat_count, sizeof(*verify->seats));
    for (size_t i = 0; i < verify->seat_count; i++) {
        verify->seats[i].verify = verify;
    }
    verify->callbacks = *callbacks;
    verify->context = context;
    schedule(verify);
    return verify;
}
