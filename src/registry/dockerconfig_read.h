#ifndef REGISTRY_DOCKERCONFIG_READ_H
#define REGISTRY_DOCKERCONFIG_READ_H

#include "gojson.h"
#include "registry/dockerconfig.h"

/* docker_config_parse() for a value inside a validated document: form's root. On a fault *place
 * gets where it is (may be NULL). */
bool docker_config_read(struct docker_config *config, struct gojson root,
                        enum docker_config_form form, bool keep_passwords, const char **place,
                        struct error *err);

#endif
