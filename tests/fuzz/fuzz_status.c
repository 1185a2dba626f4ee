/* libFuzzer target: bytes as the body of a refusal. Whatever it is, a safe sentence comes out. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/kube/status.h"
#include "base/alloc.h"
#include "doc/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(const struct error *err)
{
    if (err->kind == ERROR_NONE || err->message[0] == '\0') {
        abort();
    }
    for (const char *c = err->message; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const int codes[] = {300, 400, 401, 403, 404, 409, 410, 413,
                                422, 429, 500, 502, 503, 504, 599};
    if (size == 0) {
        return 0;
    }
    char *body = xstrndup((const char *)bytes + 1, size - 1);
    struct http_response response = {
        .status = codes[(bytes[0] >> 1) % (sizeof(codes) / sizeof(codes[0]))],
        .body = body,
        .body_length = strlen(body),
    };
    struct error err = ERROR_INIT;
    cJSON *status = json_parse(body, strlen(body), "fuzz", NULL);
    status_explain(&err, &response, status, bytes[0] & 1);
    check(&err);
    error_clear(&err);
    status_explain_object(&err, status);
    check(&err);
    cJSON_Delete(status);
    free(body);
    return 0;
}
