/* libFuzzer target: bytes as a credential plugin's answer. What is refused is never quoted. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/kube/exec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct exec_spec spec = {.command = (char *)(uintptr_t) "plugin",
                             .api_version = (char *)(uintptr_t) "client.authentication.k8s.io/v1"};
    struct exec_result result;
    struct error err = ERROR_INIT;
    bool good = exec_parse((const char *)bytes, size, &spec, &result, &err);
    if (good ? result.token == NULL && (result.certificate == NULL || result.key == NULL)
             : err.kind != ERROR_AUTH) {
        abort();
    }
    exec_result_free(&result);
    return 0;
}
