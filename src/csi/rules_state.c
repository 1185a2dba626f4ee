#include <string.h>

#include "base/intern.h"
#include "base/language.h"
#include "registry/secret_state.h"
#include "rows.h"
#include "rules.h"

/* The rules that are about the state of one reference. */

static void select_state(struct diagnosis *diagnosis, const struct csi_pod *pod,
                         enum csi_secret_state state)
{
    for (size_t i = 0; i < pod->reference_count; i++) {
        if (pod->references[i].state == state) {
            group_add_reference(diagnosis, pod, &pod->references[i]);
        }
    }
}

static void template_state(struct diagnosis *diagnosis, const struct csi_workload *workload,
                           enum csi_secret_state state)
{
    for (size_t i = 0; i < workload->reference_count; i++) {
        if (workload->references[i].state == state) {
            group_add(diagnosis, workload, NULL, workload->ns, workload->references[i].name, "");
        }
    }
}

static void judge(const struct group *group, struct csi_finding *finding)
{
    if (group->failing > 0) {
        finding->severity = CSI_ERROR;
    } else if (group_served_otherwise(group)) { /* see reference-optional */
        finding->severity = CSI_INFO;
    }
}

static const char *from_account(const struct group *group)
{
    return group->injected == 0 ? ""
                                : _(" The reference was copied from the pods' ServiceAccount when "
                                    "they were created.");
}

/* --- missing ------------------------------------------------------------------------------------
 */

void select_missing(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    select_state(diagnosis, pod, CSI_SECRET_MISSING);
}

void template_missing(struct diagnosis *diagnosis, const struct csi_workload *workload)
{
    template_state(diagnosis, workload, CSI_SECRET_MISSING);
}

static const char *what_kubelets_do(const struct group *group)
{
    switch (group->count == 0 ? CSI_REPORTING_UNKNOWN : group->pods[0]->reporting) {
    case CSI_REPORTING_NEVER:
        return _("The kubelet skips it, logs that at each sync of the pod (every 75 seconds or so; "
                 "before 1.28 there is no event) and pulls with what is left.");
    case CSI_REPORTING_FAILED_PULLS:
        return _("The kubelet skips it and pulls with what is left; it warns only when that "
                 "fails.");
    case CSI_REPORTING_UNKNOWN:
    case CSI_REPORTING_EACH_SYNC:
        break;
    }
    return _("The kubelet skips it, writes a warning at each sync of the pod (every 75 seconds or "
             "so) and pulls with what is left.");
}

void describe_missing(const struct diagnosis *diagnosis, const struct group *group,
                      struct csi_finding *finding)
{
    judge(group, finding);
    say(finding,
        language_plural("%s names Secret %s/%s, which does not exist.",
                        "%s name Secret %s/%s, which does not exist.", who_count(group)),
        who(group), group->ns, group->name);
    explain(finding, "The reference points to a Secret that is not in the namespace %s. %s%s %s",
            group->ns, what_kubelets_do(group), from_account(group), consequence_now(group));
    if (group->failing == 0) {
        fix_drop(group, finding);
    }
    fix_create(group, finding);
    fix_copy(diagnosis, group, finding);
    if (group->failing == 0) {
        fix_create_empty(group, finding);
    }
    fix_use_another(diagnosis, group, finding);
    fix_kubespray(group, finding);
}

/* --- wrong type ---------------------------------------------------------------------------------
 */

void select_wrong_type(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    select_state(diagnosis, pod, CSI_SECRET_WRONG_TYPE);
}

void template_wrong_type(struct diagnosis *diagnosis, const struct csi_workload *workload)
{
    template_state(diagnosis, workload, CSI_SECRET_WRONG_TYPE);
}

void describe_wrong_type(const struct diagnosis *diagnosis, const struct group *group,
                         struct csi_finding *finding)
{
    judge(group, finding);
    const struct csi_secret *secret =
        csi_census_secret(diagnosis_census(diagnosis), group->ns, group->name);
    const char *type = secret == NULL ? "" : secret->type;
    say(finding,
        language_plural("%s names Secret %s/%s, which has type %s: no registry credential.",
                        "%s name Secret %s/%s, which has type %s: no registry credential.",
                        who_count(group)),
        who(group), group->ns, group->name, *type == '\0' ? "Opaque" : type);
    explain(finding,
            "The kubelet reads kubernetes.io/dockerconfigjson and kubernetes.io/dockercfg only and "
            "skips every other type without an event or a line in its log, so the absence of "
            "warnings proves nothing here. The type of a Secret cannot be changed: it takes "
            "another Secret.%s %s",
            from_account(group),
            group->failing > 0 ? consequence_now(group)
                               : _("No pull fails now: the images came without it. A private one "
                                   "would fail at its next pull."));
    if (group->failing == 0) {
        fix_drop(group, finding);
    }
    fix_use_another(diagnosis, group, finding);
    fix_kubespray(group, finding);
}

/* --- malformed ----------------------------------------------------------------------------------
 */

void select_malformed(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    select_state(diagnosis, pod, CSI_SECRET_MALFORMED);
}

void describe_malformed(const struct diagnosis *diagnosis, const struct group *group,
                        struct csi_finding *finding)
{
    const struct csi_secret *secret =
        csi_census_secret(diagnosis_census(diagnosis), group->ns, group->name);
    const struct secret_row *row = (const struct secret_row *)secret;
    bool spoils = row != NULL && row->content.spoils_all;
    judge(group, finding);
    if (spoils) {
        finding->severity = CSI_ERROR;
    }
    say(finding,
        language_plural("%s names Secret %s/%s, whose content the kubelet cannot read.",
                        "%s name Secret %s/%s, whose content the kubelet cannot read.",
                        who_count(group)),
        who(group), group->ns, group->name);
    const char *fault = secret != NULL && secret->fault != NULL
                            ? secret->fault
                            : _("its key is empty, or holds no registry configuration");
    explain(finding, "What is wrong with it: %s. %s", fault,
            spoils
                ? _("The kubelet gives up on all pull secrets of a pod when one does not parse: "
                    "no image of these pods can be pulled, public ones included; containers that "
                    "run go on until their image is pulled again.")
                : _("The kubelet skips it without a word and pulls without a credential."));
    fix_unusable(diagnosis, row, group, finding);
    fix_drop(group, finding);
    fix_use_another(diagnosis, group, finding);
    fix_kubespray(group, finding);
}

/* --- no match -----------------------------------------------------------------------------------
 */

void select_no_match(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    select_state(diagnosis, pod, CSI_SECRET_NO_MATCH);
}

/* "ghcr.io, quay.io and 3 more" into out. */
static void list_registries(const struct csi_secret *secret, char *out, size_t size)
{
    enum { SHOWN = 3 };
    struct buffer text;
    buffer_init(&text, size - 1);
    for (size_t i = 0; secret != NULL && i < secret->registry_count && i < SHOWN; i++) {
        buffer_printf(&text, "%s%.200s", i > 0 ? ", " : "", secret->registries[i]);
    }
    if (secret != NULL && secret->registry_count > SHOWN) {
        buffer_printf(&text, _(" and %zu more"), secret->registry_count - SHOWN);
    }
    memcpy(out, text.length > 0 ? text.data : "", text.length + 1);
    buffer_free(&text);
}

void describe_no_match(const struct diagnosis *diagnosis, const struct group *group,
                       struct csi_finding *finding)
{
    char registries[1024];
    judge(group, finding);
    const struct csi_secret *secret =
        csi_census_secret(diagnosis_census(diagnosis), group->ns, group->name);
    list_registries(secret, registries, sizeof(registries));
    say(finding,
        language_plural("%s names Secret %s/%s, which serves none of its images.",
                        "%s name Secret %s/%s, which serves none of their images.",
                        who_count(group)),
        who(group), group->ns, group->name);
    explain(finding,
            "Its entries are for %s. The kubelet compares host and port as text, host labels one "
            "by one (a * stands for one label only), and the path as a prefix; none of the pods' "
            "images fits, so it is as if the Secret were not there. %s",
            registries,
            group->failing > 0 ? consequence_now(group)
                               : _("No pull fails now: the images came without it."));
    if (group->failing > 0) {
        fix_rotate(diagnosis, group, finding);
    }
    fix_drop(group, finding);
    if (group->failing == 0) {
        fix_rotate(diagnosis, group, finding);
    }
    fix_use_another(diagnosis, group, finding);
    fix_kubespray(group, finding);
}

/* --- empty name ---------------------------------------------------------------------------------
 */

void select_empty_name(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    select_state(diagnosis, pod, CSI_SECRET_EMPTY_NAME);
}

void template_empty_name(struct diagnosis *diagnosis, const struct csi_workload *workload)
{
    template_state(diagnosis, workload, CSI_SECRET_EMPTY_NAME);
}

void describe_empty_name(const struct diagnosis *diagnosis, const struct group *group,
                         struct csi_finding *finding)
{
    judge(group, finding);
    say(finding,
        language_plural("%s lists a pull secret with an empty name.",
                        "%s list a pull secret with an empty name.", who_count(group)),
        who(group));
    explain(finding,
            "Usually a template whose variable was empty (\"- name: \"). Kubelets from 1.21 on "
            "skip it without a word, older ones log `secret \"\" not found` at each sync. But the "
            "list is not empty: the pull secrets of the ServiceAccount are not copied into these "
            "pods, and a strategic merge patch of the list fails (\"does not contain declared "
            "merge key: name\").");
    fix_drop(group, finding);
    fix_use_another(diagnosis, group, finding);
    fix_kubespray(group, finding);
}

/* --- rejected -----------------------------------------------------------------------------------
 */

void select_rejected(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    select_state(diagnosis, pod, CSI_SECRET_REJECTED);
}

void describe_rejected(const struct diagnosis *diagnosis, const struct group *group,
                       struct csi_finding *finding)
{
    const struct csi_pod *pod = group->count > 0 ? group->pods[0] : NULL;
    say(finding, "The registry refuses the credential in Secret %s/%s for %s.", group->ns,
        group->name,
        pod == NULL || pod->failing_image == NULL ? _("an image") : pod->failing_image);
    explain(finding,
            "The Secret has an entry for the image's registry, and the pull still fails with 401 "
            "or 403: the password is wrong or expired, or the account may not read this "
            "repository. Where an entry matches, the kubelet never tries again without a "
            "credential: a stale one breaks even public images. A new password in the Secret is "
            "taken up at the next try (at most 5 minutes later), without a restart.");
    fix_rotate(diagnosis, group, finding);
    fix_use_another(diagnosis, group, finding);
}

/* --- unknown and empty --------------------------------------------------------------------------
 */

void select_unknown(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    select_state(diagnosis, pod, CSI_SECRET_UNKNOWN);
}

void describe_unknown(const struct diagnosis *diagnosis, const struct group *group,
                      struct csi_finding *finding)
{
    const struct secret_row *row = secret_find(diagnosis_census(diagnosis), group->ns, group->name);
    bool seen = row != NULL && row->listed;
    say(finding,
        language_plural("Whether Secret %s/%s serves %zu pod is not known: it may not be read.",
                        "Whether Secret %s/%s serves %zu pods is not known: it may not be read.",
                        group->count),
        group->ns, group->name, group->count);
    explain(finding,
            "%s The missing right: verb %s on secrets in namespace %s. `unknown` is neither "
            "missing nor sound.",
            seen ? _("The Secret is there, but its content could not be read.")
                 : _("Neither a list of the Secrets nor a read of this one was allowed or has "
                     "come yet."),
            seen ? "get" : _("list (or get, for this name)"), group->ns);
}

void select_empty(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    select_state(diagnosis, pod, CSI_SECRET_EMPTY);
}

void describe_empty(const struct diagnosis *diagnosis, const struct group *group,
                    struct csi_finding *finding)
{
    if (group->failing > 0 && !group_served_otherwise(group)) {
        finding->severity = CSI_ERROR;
    }
    say(finding,
        language_plural("%s names Secret %s/%s, which has no entries: its pulls are anonymous.",
                        "%s name Secret %s/%s, which has no entries: their pulls are anonymous.",
                        who_count(group)),
        who(group), group->ns, group->name);
    if (group->failing > 0) {
        explain(finding, "%s %s", _(finding->rule->explanation), consequence_now(group));
        fix_rotate(diagnosis, group, finding);
    }
}
