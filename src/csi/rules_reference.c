#include <string.h>

#include "base/language.h"
#include "rows.h"
#include "rules.h"

/* The rules that are about the list itself, and about the ServiceAccount's list beside it. */

static bool any_broken(const struct csi_pod *pod)
{
    return csi_secret_state_is_broken(pod->state);
}

static size_t count_state(const struct csi_pod *pod, enum csi_secret_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < pod->reference_count; i++) {
        count += pod->references[i].state == state;
    }
    return count;
}

/* --- Not needed ---------------------------------------------------------------------------------
 */

/* All containers are there and none of the references can have helped. */
void select_not_needed(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    bool ran = pod->containers > 0 && pod->ready_containers == pod->containers;
    if (!ran || pod->reference_count == 0 || count_state(pod, CSI_SECRET_OK) > 0 ||
        count_state(pod, CSI_SECRET_UNKNOWN) > 0 || count_state(pod, CSI_SECRET_EMPTY) > 0) {
        return;
    }
    group_add(diagnosis, pod->workload, pod, pod->ns, "", "");
}

void describe_not_needed(const struct diagnosis *diagnosis, const struct group *group,
                         struct csi_finding *finding)
{
    (void)diagnosis;
    say(finding,
        language_plural("%zu pod runs all its images although no pull secret of it serves.",
                        "%zu pods run all their images although no pull secret of theirs serves.",
                        group->count),
        group->count);
    fix_drop(group, finding);
    fix_kubespray(group, finding);
}

/* --- Optional -----------------------------------------------------------------------------------
 */

void select_optional(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    if (count_state(pod, CSI_SECRET_OK) == 0) {
        return;
    }
    for (size_t i = 0; i < pod->reference_count; i++) {
        if (pod->references[i].state == CSI_SECRET_MISSING) {
            group_add_reference(diagnosis, pod, &pod->references[i]);
        }
    }
}

void describe_optional(const struct diagnosis *diagnosis, const struct group *group,
                       struct csi_finding *finding)
{
    (void)diagnosis;
    say(finding,
        language_plural("%s names Secret %s/%s beside a sound one: it seems to be optional.",
                        "%s name Secret %s/%s beside a sound one: it seems to be optional.",
                        who_count(group)),
        who(group), group->ns, group->name);
    fix_drop(group, finding);
    fix_create_empty(group, finding);
}

/* --- Duplicate ----------------------------------------------------------------------------------
 */

void select_duplicate(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    for (size_t i = 1; i < pod->reference_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (pod->references[i].name == pod->references[j].name &&
                *pod->references[i].name != '\0') { /* no name is no Secret, twice or not */
                group_add_reference(diagnosis, pod, &pod->references[i]);
            }
        }
    }
}

void describe_duplicate(const struct diagnosis *diagnosis, const struct group *group,
                        struct csi_finding *finding)
{
    (void)diagnosis;
    say(finding,
        language_plural("%s names Secret \"%s\" more than once.",
                        "%s name Secret \"%s\" more than once.", who_count(group)),
        who(group), group->name);
}

/* --- Not handed on ------------------------------------------------------------------------------
 */

static bool lacks_credential(const struct csi_pod *pod)
{
    return pod->reference_count == 0 && pod->pulling == CSI_PULLING_FAILING &&
           (pod->trouble == CSI_TROUBLE_UNAUTHORIZED || pod->trouble == CSI_TROUBLE_FORBIDDEN);
}

/* A Secret that another workload of the driver names and that has an entry for the image. */
static const char *secret_of_sibling(const struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    const struct csi_driver *driver = pod->workload->driver;
    for (size_t i = 0; i < driver->workload_count; i++) {
        const struct csi_workload *sibling = driver->workloads[i];
        for (size_t j = 0; j < sibling->reference_count && sibling->ns == pod->ns; j++) {
            const struct csi_secret *secret = csi_census_secret(
                diagnosis_census(diagnosis), sibling->ns, sibling->references[j].name);
            for (size_t k = 0; secret != NULL && k < secret->registry_count; k++) {
                if (key_serves_image(secret->registries[k], pod->failing_image)) {
                    return secret->name;
                }
            }
        }
    }
    return NULL;
}

void select_not_propagated(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    if (!lacks_credential(pod) || pod->failing_image == NULL) {
        return;
    }
    const char *name = secret_of_sibling(diagnosis, pod);
    if (name != NULL) {
        group_add(diagnosis, pod->workload, pod, pod->ns, name, pod->workload->name);
    }
}

void describe_not_propagated(const struct diagnosis *diagnosis, const struct group *group,
                             struct csi_finding *finding)
{
    (void)diagnosis;
    say(finding, "%s %s names no pull secret; others of the driver use %s for the same registry.",
        group->workload->kind, group->workload->name, group->name);
    fix_use(group, finding, group->name);
}

/* --- The ServiceAccount's list ------------------------------------------------------------------
 */

static const struct csi_service_account *account_of(const struct diagnosis *diagnosis,
                                                    const struct csi_pod *pod)
{
    const char *name = *pod->service_account == '\0' ? "default" : pod->service_account;
    return csi_census_service_account(diagnosis_census(diagnosis), pod->ns, name);
}

static bool pod_names(const struct csi_pod *pod, const char *name)
{
    for (size_t i = 0; i < pod->reference_count; i++) {
        if (strcmp(pod->references[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

void select_shadowed(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    const struct csi_service_account *account = account_of(diagnosis, pod);
    if (account == NULL || pod->is_static || pod->reference_count == 0 ||
        pod->references[0].source != CSI_SOURCE_POD) {
        return;
    }
    for (size_t i = 0; i < account->pull_secret_count; i++) {
        const char *name = account->pull_secrets[i];
        if (*name != '\0' && !pod_names(pod, name)) {
            group_add(diagnosis, pod->workload, pod, pod->ns, name, account->name);
        }
    }
}

void describe_shadowed(const struct diagnosis *diagnosis, const struct group *group,
                       struct csi_finding *finding)
{
    bool broken = false;
    for (size_t i = 0; i < group->count; i++) {
        broken = broken || any_broken(group->pods[i]);
    }
    finding->severity = broken ? CSI_WARNING : CSI_INFO;
    say(finding,
        language_plural("ServiceAccount %s offers Secret %s, but %zu pod with a list of its own "
                        "does not get it.",
                        "ServiceAccount %s offers Secret %s, but %zu pods with a list of their own "
                        "do not get it.",
                        group->count),
        group->detail, group->name, group->count);
    if (broken) {
        fix_drop(group, finding);
    }
    (void)diagnosis;
}

void select_older_than_account(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    const struct csi_service_account *account = account_of(diagnosis, pod);
    bool own = pod->workload->reference_count > 0;
    if (account == NULL || pod->is_static || own) {
        return;
    }
    for (size_t i = 0; i < account->pull_secret_count; i++) {
        if (*account->pull_secrets[i] != '\0' && !pod_names(pod, account->pull_secrets[i])) {
            group_add(diagnosis, pod->workload, pod, pod->ns, account->pull_secrets[i],
                      account->name);
        }
    }
}

void describe_older_than_account(const struct diagnosis *diagnosis, const struct group *group,
                                 struct csi_finding *finding)
{
    (void)diagnosis;
    if (group->failing > 0) {
        finding->severity = CSI_ERROR;
    }
    say(finding,
        language_plural("%zu pod is older than Secret %s in the list of ServiceAccount %s.",
                        "%zu pods are older than Secret %s in the list of ServiceAccount %s.",
                        group->count),
        group->count, group->name, group->detail);
    fix_restart(group, finding);
}

/* --- Misplaced ----------------------------------------------------------------------------------
 */

static bool is_misplaced(const struct csi_workload *workload)
{
    return ((const struct workload_row *)workload)->misplaced;
}

void select_misplaced(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    if (is_misplaced(pod->workload)) {
        group_add(diagnosis, pod->workload, pod, "", "", pod->workload->name);
    }
}

void template_misplaced(struct diagnosis *diagnosis, const struct csi_workload *workload)
{
    if (is_misplaced(workload)) {
        group_add(diagnosis, workload, NULL, "", "", workload->name);
    }
}

void describe_misplaced(const struct diagnosis *diagnosis, const struct group *group,
                        struct csi_finding *finding)
{
    (void)diagnosis;
    say(finding,
        "%s %s/%s was applied with imagePullSecrets where the API server does not read it.",
        group->workload->kind, group->workload->ns, group->workload->name);
}
