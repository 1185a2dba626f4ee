#ifndef SIM_NAMES_H
#define SIM_NAMES_H

#include <stdbool.h>

/* What names may look like (apimachinery/pkg/util/validation). Each returns NULL if text is fine,
 * else what is wrong, in a real server's words (static text). */

/* A name of most objects. */
const char *sim_name_subdomain(const char *text);
/* A name of namespaces, services... */
const char *sim_name_label(const char *text);
/* A port's, container's... label of a pod template. */
const char *sim_name_label_key(const char *text);
const char *sim_name_label_value(const char *text);
/* A key in the data of a ConfigMap or Secret. */
const char *sim_name_config_key(const char *text);
/* RBAC names, events... : anything that can stand in a path. */
const char *sim_name_path_segment(const char *text);

#endif
