/* libFuzzer target: bytes as a kubeconfig. It loads, or it is refused as a person's mistake. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kube/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    int fd = memfd_create("kubeconfig", 0);
    char path[64];
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size) {
        abort();
    }
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    struct kube_config_flags flags = {.kubeconfig = path};
    struct error err = ERROR_INIT;
    struct kube_config *config = kube_config_load(&flags, &err);
    if (config == NULL ? err.kind != ERROR_CONFIG || err.message[0] == '\0'
                       : strstr(kube_config_server(config), "://") == NULL) {
        fprintf(stderr, "%s: %s\n", error_kind_name(err.kind), err.message);
        abort();
    }
    kube_config_free(config);
    close(fd);
    return 0;
}
