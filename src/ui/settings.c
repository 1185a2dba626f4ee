#include "ui/settings.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/file.h"
#include "doc/yaml.h"
#include "ui/keys.h"
#include "ui/presets.h"

enum { SETTINGS_LIMIT = 1 << 20 };

bool settings_read_file(const char *path, struct error *err)
{
    struct buffer text;
    struct doc_stream stream = {NULL, 0};
    struct doc_options options = {.source = path, .refuse_duplicates = true};
    struct error why = ERROR_INIT;
    buffer_init(&text, SETTINGS_LIMIT);
    bool done = file_read(path, &text, &why);
    if (!done) {
        done = why.kind == ERROR_NOT_FOUND || error_set(err, why.kind, "%s", why.message);
    } else {
        done = doc_parse_yaml(text.data, text.length, &options, &stream, err);
    }
    for (size_t i = 0; done && i < stream.count; i++) {
        const struct doc_node *root = stream.documents[i];
        done = root->type != DOC_MAP || (keys_bind_map(path, doc_get(root, "keys"), err) &&
                                         presets_take(path, doc_get(root, "presets"), err));
    }
    doc_stream_free(&stream);
    buffer_free(&text);
    return done;
}

bool settings_read(struct error *err)
{
    char *folder = file_xdg_folder("XDG_CONFIG_HOME", ".config");
    if (folder == NULL) {
        return true;
    }
    char *path = file_join(folder, "config.yaml");
    bool done = settings_read_file(path, err);
    free(path);
    free(folder);
    return done;
}
