/*
 * Drives a verification from the command line, for the tests:
 *
 *     registry-probe [--ca FILE] [--insecure] [--cancel-after N] [--timeout MS] IMAGE...
 * <credentials
 *
 * A credential a line: "USER PASSWORD", or "-" for none. A result a line, with tabs: image, number
 * of the credential, verdict, status, realm, what is left of the rate limit, message.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/loop.h"
#include "base/secret.h"
#include "registry/probe.h"

struct driver {
    struct loop *loop;
    struct registry_verify *verify;
    const char *const *images;
    long cancel_after; /* results; -1: never */
};

static void on_result(void *context, size_t image, size_t credential,
                      const struct registry_probe_result *result)
{
    struct driver *driver = context;
    printf("%s\t%zu\t%s\t%d\t%s\t%lld\t%s\n", driver->images[image], credential,
           registry_probe_verdict_name(result->verdict), result->status,
           result->realm != NULL ? result->realm : "-", (long long)result->rate_remaining,
           result->message);
    if (driver->cancel_after > 0 && --driver->cancel_after == 0) {
        registry_verify_cancel(driver->verify);
        loop_stop(driver->loop, 0);
    }
}

static void on_done(void *context)
{
    const struct driver *driver = context;
    loop_stop(driver->loop, 0);
}

static size_t read_credentials(struct registry_probe_credential **credentials)
{
    size_t count = 0;
    size_t capacity = 0;
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, stdin)) > 0) {
        line[strcspn(line, "\n")] = '\0';
        char *blank = strchr(line, ' ');
        *credentials = xgrow(*credentials, count, &capacity, sizeof(**credentials));
        struct registry_probe_credential *one = &(*credentials)[count++];
        *one = (struct registry_probe_credential){NULL, NULL, 0};
        if (blank != NULL) {
            one->username = xstrndup(line, (size_t)(blank - line));
            one->password = xstrdup(blank + 1);
            one->password_length = strlen(blank + 1);
        }
        secret_wipe(line, size);
    }
    free(line);
    return count;
}

static void free_credentials(struct registry_probe_credential *credentials, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        secret_free_string((char *)(uintptr_t)credentials[i].password);
        free((char *)(uintptr_t)credentials[i].username);
    }
    free(credentials);
}

int main(int argc, char **argv)
{
    struct registry_probe_options options = {0};
    struct driver driver = {.cancel_after = -1};
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "--ca") == 0 && at + 1 < argc) {
            options.ca_file = argv[++at];
        } else if (strcmp(argv[at], "--cancel-after") == 0 && at + 1 < argc) {
            driver.cancel_after = strtol(argv[++at], NULL, 10);
        } else if (strcmp(argv[at], "--timeout") == 0 && at + 1 < argc) {
            options.timeout_ms = strtol(argv[++at], NULL, 10);
        } else if (strcmp(argv[at], "--insecure") == 0) {
            options.insecure = true;
        } else {
            fprintf(stderr, "unknown option %s\n", argv[at]);
            return 2;
        }
    }
    struct registry_probe_credential *credentials = NULL;
    size_t count = read_credentials(&credentials);
    driver.images = (const char *const *)(argv + at);
    driver.loop = loop_new();
    const struct registry_verify_callbacks callbacks = {on_result, on_done};
    struct error err = ERROR_INIT;
    driver.verify = registry_verify_start(driver.loop, &options, driver.images, (size_t)(argc - at),
                                          credentials, count, NULL, &callbacks, &driver, &err);
    free_credentials(credentials, count);
    int code = 1;
    if (driver.verify != NULL) {
        code = loop_run(driver.loop);
    } else {
        fprintf(stderr, "%s\n", err.message);
    }
    loop_free(driver.loop);
    return code;
}
