/*
 * Renders templates of a checkout as tests/kubespray/oracle.py does with Ansible:
 * render CHECKOUT INVENTORY OUT [-e EXTRA]... TEMPLATE...
 * OUT gets one file a template: its path with / as +, .out or .err behind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "kubespray/render.h"

static void save(const char *folder, const char *template, const char *suffix, const char *bytes,
                 size_t length)
{
    char *name = xasprintf("%s.%s", template, suffix);
    struct error err = ERROR_INIT;
    for (char *at = name; *at != '\0'; at++) {
        *at = *at == '/' ? '+' : *at;
    }
    char *path = file_join(folder, name);
    if (!file_write_atomic(path, bytes, length, 0600, &err)) {
        fprintf(stderr, "%s\n", err.message);
        exit(2);
    }
    free(path);
    free(name);
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    struct kubespray_options options = {0};
    const char *extra[32];
    int at = 4;
    if (argc < 5) {
        fprintf(stderr, "usage: render CHECKOUT INVENTORY OUT [-e EXTRA]... TEMPLATE...\n");
        return 2;
    }
    for (; at + 1 < argc && strcmp(argv[at], "-e") == 0 && options.extra_count < 32; at += 2) {
        extra[options.extra_count++] = argv[at + 1];
    }
    options.checkout = argv[1];
    options.inventory = argv[2];
    options.extra = extra;
    struct kubespray *kubespray = kubespray_open(&options, &err);
    if (kubespray == NULL) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    for (; at < argc; at++) {
        struct kubespray_rendered rendered;
        kubespray_render(kubespray, argv[at], &rendered);
        if (rendered.rendered) {
            save(argv[3], argv[at], "out", rendered.bytes.data, rendered.bytes.length);
        } else {
            save(argv[3], argv[at], "err", rendered.error.message, strlen(rendered.error.message));
        }
        kubespray_rendered_free(&rendered);
    }
    kubespray_close(kubespray);
    return 0;
}
