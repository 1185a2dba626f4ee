/* libFuzzer target: bytes as a JSON document. What is read whole must equal what cJSON reads; what
 * is read in part must be read, too, and nothing may be looked at beyond the end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "doc/pick.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* cJSON takes no number of more than 63 characters. */
static bool has_long_number(const char *text, size_t size)
{
    size_t run = 0;
    for (size_t i = 0; i < size && run < 60; i++) {
        run = strchr("0123456789+-.eE", text[i]) != NULL && text[i] != '\0' ? run + 1 : 0;
    }
    return run >= 60;
}

static void compare(const char *text, size_t size)
{
    struct json_pick *pick = json_pick_new(false);
    struct error err = ERROR_INIT;
    json_pick_want(pick, "", "");
    const cJSON *mine = json_pick_read(pick, text, size, "fuzz", &err);
    cJSON *other = json_parse(text, size, "fuzz", NULL);
    if (mine == NULL && err.kind == ERROR_NONE) {
        abort(); /* refused without a reason */
    }
    if (mine != NULL && !json_equal(mine, other) && !has_long_number(text, size)) {
        abort();
    }
    cJSON_Delete(other);
    json_pick_free(pick);
}

static void read_parts(const char *text, size_t size, bool whole)
{
    static const char *const wants[] = {"metadata name",
                                        "metadata labels",
                                        "spec containers image",
                                        "spec containers env value",
                                        "status ?",
                                        "items"};
    struct json_pick *pick = json_pick_new(true);
    struct error err = ERROR_INIT;
    for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
        json_pick_want(pick, "", wants[i]);
    }
    if (whole) {
        json_pick_want(pick, "", "");
        json_pick_want(pick, "", "- metadata managedFields");
    }
    const cJSON *tree = json_pick_read(pick, text, size, "fuzz", &err);
    if ((tree == NULL) == (err.kind == ERROR_NONE)) {
        abort();
    }
    json_pick_free(pick);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 1) {
        return 0;
    }
    char *text = xmemdup(bytes + 1, size - 1);
    if ((bytes[0] & 1) != 0) {
        compare(text, size - 1);
    }
    read_parts(text, size - 1, (bytes[0] & 2) != 0);
    free(text);
    return 0;
}
