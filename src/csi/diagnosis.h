#ifndef CSI_DIAGNOSIS_H
#define CSI_DIAGNOSIS_H

#include "base/attributes.h"
#include "csi/findings.h"

/*
 * A rule selects pods (and workloads without pods) into groups, one a driver, Secret and detail;
 * each group becomes a finding, which the rule describes. Nothing here changes the census.
 */
struct diagnosis;
struct secret_row;

struct group {
    const struct csi_driver *driver;
    const char *ns;     /* of the Secret, "" where it is about none */
    const char *name;   /* of the Secret, "" */
    const char *detail; /* what else tells groups apart; borrowed; "" */
    const struct csi_pod **pods;
    size_t count;
    size_t capacity;
    size_t failing;  /* of pods: cannot pull an image now */
    size_t injected; /* of pods: the reference came from the ServiceAccount */
    size_t guarded;  /* of pods: on kubelets that check credentials of cached images */
    const struct csi_workload *workload; /* of the first */
};

struct rule {
    struct csi_rule rule;
    void (*select)(struct diagnosis *diagnosis, const struct csi_pod *pod);
    void (*describe)(const struct diagnosis *diagnosis, const struct group *group,
                     struct csi_finding *finding);
    /* for workloads without pods, whose template has the references; NULL: not asked */
    void (*select_template)(struct diagnosis *diagnosis, const struct csi_workload *workload);
};

extern const struct rule csi_secret_rules[];
extern const size_t csi_secret_rules_count;
extern const struct rule csi_pull_rules[];
extern const size_t csi_pull_rules_count;

const struct csi_census *diagnosis_census(const struct diagnosis *diagnosis);
/* Puts pod (NULL: none, a template speaks) into the group of the four. */
struct group *group_add(struct diagnosis *diagnosis, const struct csi_workload *workload,
                        const struct csi_pod *pod, const char *ns, const char *name,
                        const char *detail);
/* group_add() for one of the pod's references. */
void group_add_reference(struct diagnosis *diagnosis, const struct csi_pod *pod,
                         const struct csi_reference *reference);

/* Remembers an answer that many pods share, by two addresses, while one rule is asked. */
bool memo_find(const struct diagnosis *diagnosis, const void *a, const void *b, bool *answer);
bool memo_keep(struct diagnosis *diagnosis, const void *a, const void *b, bool answer);

/* --- What a rule says --------------------------------------------------------------------------
 */
void say(struct csi_finding *finding, const char *format, ...) ATTR_FORMAT(2, 3);
void explain(struct csi_finding *finding, const char *format, ...) ATTR_FORMAT(2, 3);
/* "1 pod", "6 pods", "DaemonSet csi-node (which has no pods)": the subject of a sentence, valid
 * until the next but one call. who_count(): of how many, for the form of its verb. */
const char *who(const struct group *group);
unsigned long who_count(const struct group *group);
/* Whether each of its pods has a sound Secret beside the one in question. */
bool group_served_otherwise(const struct group *group);
/* What the state of the group's pods means now: noise, failing, or failing at the next restart. */
const char *consequence_now(const struct group *group);

/* --- Ways out -----------------------------------------------------------------------------------
 */
struct csi_fix *fix_add(struct csi_finding *finding, enum csi_change change, int restarts,
                        const char *secret, const char *text, char *command);
/* Where very many pods would roll, what restarts none is offered first. */
void fix_order(struct csi_finding *finding);
void fix_drop(const struct group *group, struct csi_finding *finding);
void fix_create(const struct group *group, struct csi_finding *finding);
void fix_create_empty(const struct group *group, struct csi_finding *finding);
/* That Secret, NULL: one still to be found or made. */
void fix_use(const struct group *group, struct csi_finding *finding, const char *secret);
/* The one that serves most of the images. */
void fix_use_another(const struct diagnosis *diagnosis, const struct group *group,
                     struct csi_finding *finding);
/* From Secrets of the same name and a sound type in other namespaces; false if there is none. */
bool fix_copy(const struct diagnosis *diagnosis, const struct group *group,
              struct csi_finding *finding);
/* A new credential in the place of the entry that serves the pods' image, or beside the others. */
void fix_rotate(const struct diagnosis *diagnosis, const struct group *group,
                struct csi_finding *finding);
/* For a Secret that cannot be read: of the entry that spoils it. */
void fix_unusable(const struct diagnosis *diagnosis, const struct secret_row *row,
                  const struct group *group, struct csi_finding *finding);
/* The same for the entry of that key and user. */
void fix_rotate_entry(const struct group *group, struct csi_finding *finding, const char *server,
                      const char *user);
void fix_kubespray(const struct group *group, struct csi_finding *finding);
void fix_restart(const struct group *group, struct csi_finding *finding);

/* --- Questions about rows -----------------------------------------------------------------------
 */
/* Whether the registry key of a Secret serves an image; both as written. */
bool key_serves_image(const char *key, const char *image);
/* The host that an image is pulled from, as an interned string; release it. NULL if the name does
 * not parse. */
const char *host_of_image(const char *image);
bool is_registry_secret(const struct csi_secret *secret);
/* A Secret of that name and a registry type in another namespace; NULL. */
const struct csi_secret *secret_elsewhere(const struct csi_census *census, const char *ns,
                                          const char *name);

#endif
