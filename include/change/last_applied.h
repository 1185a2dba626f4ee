#ifndef CHANGE_LAST_APPLIED_H
#define CHANGE_LAST_APPLIED_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/*
 * The annotation in which client-side apply keeps what it applied last. The next `kubectl apply`
 * compares with it, so whoever changes a field that stands in it must change it there too.
 */
#define CHANGE_LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"

/* The configuration that was applied last; NULL without the annotation or if it is not a JSON
 * object. cJSON_Delete() it. */
cJSON *change_last_applied_read(const cJSON *object);

/*
 * The annotation's text for a manifest as kubectl writes it (util.GetModifiedConfiguration): the
 * manifest with the annotation itself taken out, metadata.annotations always there, compact JSON
 * with sorted members and Go's escapes, a newline at the end. free() it.
 */
char *change_last_applied_text(const cJSON *manifest);

/* Sets the annotation of object to the text of manifest (object may be the manifest itself). */
void change_last_applied_write(cJSON *object, const cJSON *manifest);

#endif
