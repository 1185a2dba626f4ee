/* libFuzzer target: bytes go through the YAML reader in both schemas; what it takes is turned into
 * JSON, masked, written as YAML and must read back equal. */
#include <stdint.h>
#include <stdlib.h>

#include "doc/json.h"
#include "doc/mask.h"
#include "doc/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { LARGEST = 1 << 24 };

static void check_round_trip(const cJSON *value)
{
    struct buffer text;
    buffer_init(&text, LARGEST);
    if (doc_write_yaml(&text, value, false)) {
        struct doc_options options = {.schema = DOC_SCHEMA_KUBERNETES, .source = "again"};
        struct doc_stream stream;
        if (!doc_parse_yaml(text.data, text.length, &options, &stream, NULL) || stream.count != 1) {
            abort();
        }
        cJSON *again = doc_to_json(stream.documents[0], "again", NULL);
        if (!json_equal(value, again)) {
            abort();
        }
        cJSON_Delete(again);
        doc_stream_free(&stream);
    }
    buffer_free(&text);
}

static void read_as(enum doc_schema schema, const uint8_t *bytes, size_t size)
{
    struct doc_options options = {.schema = schema, .source = "fuzz"};
    struct doc_stream stream;
    struct error err = ERROR_INIT;
    if (!doc_parse_yaml((const char *)bytes, size, &options, &stream, &err)) {
        if (err.kind != ERROR_CONFIG) {
            abort();
        }
        return;
    }
    for (size_t i = 0; i < stream.count; i++) {
        cJSON *value = doc_to_json(stream.documents[i], "fuzz", &err);
        if (value != NULL) {
            mask_secrets(value);
            check_round_trip(value);
        }
        json_delete_secret(value);
    }
    doc_stream_free(&stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    read_as(DOC_SCHEMA_KUBERNETES, bytes, size);
    read_as(DOC_SCHEMA_ANSIBLE, bytes, size);
    cJSON_Delete(json_parse((const char *)bytes, size, "fuzz", NULL));
    return 0;
}
