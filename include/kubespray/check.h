#ifndef KUBESPRAY_CHECK_H
#define KUBESPRAY_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "kubespray/render.h"

/* Findings about pull secrets in a checkout's templates and variables. */
enum kubespray_severity { KUBESPRAY_ERROR, KUBESPRAY_WARNING, KUBESPRAY_INFO };

struct kubespray_finding {
    const char *rule; /* "hard-coded-pull-secret"... */
    enum kubespray_severity severity;
    char *file; /* relative to the checkout */
    int line;   /* from 1 */
    int column;
    char *message; /* what, in one line */
    char *why;
    char *fix;      /* what to do */
    char *variable; /* the one that nothing reads; NULL for other rules */
    bool mendable;  /* kubespray_fix() mends it */
};

struct kubespray_findings {
    struct kubespray_finding *items;
    size_t count;
    size_t capacity;
};

/* A rule's name, one line about it, for SARIF and the manual; ends with a NULL name. */
struct kubespray_rule {
    const char *name;
    enum kubespray_severity severity;
    const char *text;
};
extern const struct kubespray_rule kubespray_rules[];

/* Looks at the roles of a driver (NULL: all six), or at any role's folder given as driver
 * ("roles/network_plugin/calico"). */
bool kubespray_check(struct kubespray *kubespray, const char *driver,
                     struct kubespray_findings *out, struct error *err);
void kubespray_findings_free(struct kubespray_findings *findings);

#endif
