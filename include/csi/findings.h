#ifndef CSI_FINDINGS_H
#define CSI_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "csi/census.h"

/* What is wrong, why, and the ways out: pure functions from a settled census to findings. */
enum csi_severity { CSI_INFO, CSI_WARNING, CSI_ERROR };
const char *csi_severity_name(enum csi_severity severity);

enum csi_change {
    CSI_CHANGE_DROP_REFERENCE,
    CSI_CHANGE_CREATE_SECRET, /* under the name that is already used: no restart */
    CSI_CHANGE_CREATE_EMPTY,  /* the same without entries: warnings end, pulls stay anonymous */
    CSI_CHANGE_USE_SECRET,
    CSI_CHANGE_COPY_SECRET,
    CSI_CHANGE_KUBESPRAY, /* at the source; nothing changes in the cluster */
    CSI_CHANGE_RESTART_PODS,
};
/* "drop-reference", "create-secret"...: the words of the JSON output. */
const char *csi_change_name(enum csi_change change);

struct csi_fix {
    enum csi_change change;
    int restarts;  /* pods that restart because of it */
    char *text;    /* "drop the reference" */
    char *command; /* the command line that does it */
    char *secret;  /* the proposed Secret's name, NULL where there is none */
};

/* "1 drop the reference (6 pods restart)", cut to size. */
void csi_fix_label(const struct csi_fix *fix, size_t number, char *out, size_t size);

struct csi_rule {
    const char *name; /* "secret-missing" */
    enum csi_severity severity;
    /* In English: _() where they are shown. */
    const char *title;       /* one line */
    const char *explanation; /* what it is, in whole sentences */
    const char *consequence; /* what happens, and when */
    const char *ways_out[8]; /* each with what it costs; a NULL behind the last */
};

struct csi_finding {
    const struct csi_rule *rule;
    enum csi_severity severity;
    const char *driver;           /* interned */
    const char *secret_namespace; /* "" where it is about no Secret */
    const char *secret_name;
    size_t pods;           /* how many it is true of */
    char *message;         /* "6 pods name Secret kube-system/regcred, which does not exist." */
    char *explanation;     /* cause and consequence in this cluster */
    struct csi_fix *fixes; /* the cheapest first */
    size_t fix_count;
    char **pod_names; /* "namespace/name" of the pods it is about; NULL-terminated */
};

struct csi_findings {
    struct csi_finding *items; /* worst first, then by driver, rule and Secret */
    size_t count;
};

void csi_diagnose(const struct csi_census *census, struct csi_findings *out);
void csi_findings_free(struct csi_findings *findings);
enum csi_severity csi_findings_worst(const struct csi_findings *findings, bool *any);

/* All rules, for `explain` and the manual page. */
const struct csi_rule *csi_rules(size_t *count);
const struct csi_rule *csi_rule_by_name(const char *name);

#endif
