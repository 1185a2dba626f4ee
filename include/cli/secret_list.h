#ifndef CLI_SECRET_LIST_H
#define CLI_SECRET_LIST_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/buffer.h"
#include "change/secret_uses.h"
#include "csi/census.h"

/* What `pullmend secret list` prints: pure, from a settled census. Values are never in it. */
struct cli_secret_picture {
    const struct csi_census *census;
    const struct change_secret_uses *uses;
    char *const *namespaces; /* whose Secrets come first; NULL-terminated */
    bool elsewhere;          /* also registry Secrets of other namespaces */
    int64_t taken_ms;        /* wall */
    bool wide;
    int columns; /* of the terminal; 0: do not cut */
};

/* The Secrets in order: registry Secrets of the namespaces, then other Secrets there that a pod
 * names as pull secret, then registry Secrets elsewhere. free() the array. */
const struct csi_secret **cli_secret_list_rows(const struct cli_secret_picture *picture,
                                               size_t *count);
/* The images of the drivers shown, each once, sorted; NULL-terminated, interned by the census.
 * free() the array. */
const char **cli_driver_images(const struct csi_census *census, size_t *count);
/* Whether an entry of the Secret serves an image; false also where its content is not known. */
bool cli_secret_serves(const struct csi_secret *secret, const char *image);

cJSON *cli_secret_list_document(const struct cli_secret_picture *picture);
void cli_secret_list_table(const struct cli_secret_picture *picture, struct buffer *out);
/* secret/NAMESPACE/NAME lines. */
void cli_secret_list_names(const struct cli_secret_picture *picture, struct buffer *out);

#endif
