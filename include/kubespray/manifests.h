#ifndef KUBESPRAY_MANIFESTS_H
#define KUBESPRAY_MANIFESTS_H

#include <cjson/cJSON.h>

#include "kubespray/render.h"

/* What a driver's role renders, as the objects that its tasks apply. */
struct kubespray_manifests {
    cJSON **items; /* they can hold credentials: wiped when freed */
    size_t count;
    char **refused; /* "TEMPLATE:LINE: why" of those that Ansible would refuse */
    size_t refused_count;
};

/* Adds to out (zeroed by the caller at first) what the templates of a driver render. A template
 * that Ansible would refuse is noted. Errors: ERROR_USAGE if there is no such driver here,
 * ERROR_CONFIG if a template renders no YAML, or as kubespray_has_host(). */
bool kubespray_manifests_add(struct kubespray *kubespray, const char *driver,
                             struct kubespray_manifests *out, struct error *err);
void kubespray_manifests_free(struct kubespray_manifests *manifests);

/* Whether the inventory switches a driver's role on (upcloud_csi_enabled...). */
bool kubespray_enables(struct kubespray *kubespray, const struct kubespray_driver *driver);

#endif
