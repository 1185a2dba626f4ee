#ifndef DOC_MASK_H
#define DOC_MASK_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/buffer.h"

/*
 * Takes secret values out of an object, in place, before anyone can print, store or compare it as
 * text: data and stringData of a Secret, and every annotation that carries a Secret's manifest
 * (last-applied). A value becomes "<20 bytes, sha256 1f2e3d4c…>", so that a change still shows; of
 * data the decoded bytes count. An annotation that may be a Secret's manifest and cannot be read is
 * masked whole. Secrets are found anywhere in the tree (lists, manifests inside other objects);
 * everything else stays as it is. Masking twice changes nothing.
 */
void mask_secrets(cJSON *object);
/* The text for one value: "<20 bytes, sha256 1f2e3d4c…>". */
void mask_describe(struct buffer *out, const void *bytes, size_t length);

#endif
