#include <stdio.h>
#include <string.h>

#include "base/intern.h"
#include "base/language.h"
#include "rows.h"
#include "rules.h"

/* The rules that are about images which cannot be pulled: one a cause, grouped by image. */

static void select_trouble(struct diagnosis *diagnosis, const struct csi_pod *pod,
                           enum csi_trouble trouble)
{
    if (pod->pulling == CSI_PULLING_FAILING && pod->trouble == trouble) {
        group_add(diagnosis, pod->workload, pod, "", "",
                  pod->failing_image == NULL ? "" : pod->failing_image);
    }
}

/* Which of the pod's Secrets should have served the image, and what is wrong with it. */
static void blame(const struct diagnosis *diagnosis, const struct csi_pod *pod, char *out,
                  size_t size)
{
    struct buffer text;
    buffer_init(&text, size - 1);
    for (size_t i = 0; i < pod->reference_count; i++) {
        const struct csi_reference *reference = &pod->references[i];
        const struct csi_secret *secret =
            csi_census_secret(diagnosis_census(diagnosis), pod->ns, reference->name);
        bool serves = false;
        for (size_t j = 0; secret != NULL && !serves && j < secret->registry_count; j++) {
            serves = pod->failing_image != NULL &&
                     key_serves_image(secret->registries[j], pod->failing_image);
        }
        buffer_printf(&text, "%s%.100s (%s%s)", text.length > 0 ? ", " : "",
                      *reference->name == '\0' ? "\"\"" : reference->name,
                      csi_secret_state_name(reference->state),
                      serves ? _(", has an entry for this image") : "");
    }
    snprintf(out, size, "%s", text.length > 0 ? text.data : _("none"));
    buffer_free(&text);
}

static void describe_trouble(const struct diagnosis *diagnosis, const struct group *group,
                             struct csi_finding *finding, const char *what)
{
    char secrets[1024];
    const struct csi_pod *pod = group->pods[0];
    blame(diagnosis, pod, secrets, sizeof(secrets));
    say(finding,
        language_plural("%zu pod cannot pull %s: %s.", "%zu pods cannot pull %s: %s.",
                        group->count),
        group->count, *group->detail == '\0' ? _("an image") : group->detail, _(what));
    explain(finding, "%s %s Pull secrets of the pod: %s. The kubelet says: %s",
            _(finding->rule->explanation), _(finding->rule->consequence), secrets,
            pod->pull_message == NULL ? _("nothing more.") : pod->pull_message);
}

#define PULL_RULE(name, trouble, what)                                                             \
    void select_##name(struct diagnosis *diagnosis, const struct csi_pod *pod)                     \
    {                                                                                              \
        select_trouble(diagnosis, pod, trouble);                                                   \
    }                                                                                              \
    void describe_##name(const struct diagnosis *diagnosis, const struct group *group,             \
                         struct csi_finding *finding)                                              \
    {                                                                                              \
        describe_trouble(diagnosis, group, finding, what);                                         \
    }

PULL_RULE(pull_forbidden, CSI_TROUBLE_FORBIDDEN, N_("the registry answers 403 Forbidden"))
PULL_RULE(pull_not_found, CSI_TROUBLE_NOT_FOUND, N_("there is no such image"))
PULL_RULE(pull_credential, CSI_TROUBLE_CREDENTIAL, N_("a pull secret does not parse"))
PULL_RULE(pull_certificate, CSI_TROUBLE_CERTIFICATE,
          N_("the registry's certificate is not trusted"))
PULL_RULE(pull_dns, CSI_TROUBLE_DNS, N_("the node cannot resolve the registry's name"))
PULL_RULE(pull_unreachable, CSI_TROUBLE_UNREACHABLE, N_("the node cannot connect to the registry"))
PULL_RULE(pull_rate_limit, CSI_TROUBLE_RATE_LIMIT, N_("the registry's rate limit is used up"))
PULL_RULE(pull_timeout, CSI_TROUBLE_TIMEOUT, N_("the registry does not answer in time"))
PULL_RULE(pull_server, CSI_TROUBLE_SERVER, N_("the registry has an error of its own"))
PULL_RULE(pull_disk, CSI_TROUBLE_DISK, N_("the node's disk is full"))
PULL_RULE(pull_name, CSI_TROUBLE_NAME, N_("the image's name is not valid"))
PULL_RULE(pull_never, CSI_TROUBLE_NEVER, N_("it is not on the node and may not be pulled"))
PULL_RULE(pull_platform, CSI_TROUBLE_PLATFORM, N_("it is not made for the node's processor"))
PULL_RULE(pull_signature, CSI_TROUBLE_SIGNATURE, N_("its signature is not accepted"))
PULL_RULE(pull_format, CSI_TROUBLE_FORMAT, N_("its format is no longer read"))

void select_pull_other(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    select_trouble(diagnosis, pod, CSI_TROUBLE_OTHER);
}

/* The words themselves are the best there is. */
void describe_pull_other(const struct diagnosis *diagnosis, const struct group *group,
                         struct csi_finding *finding)
{
    const char *message = group->pods[0]->pull_message;
    describe_trouble(diagnosis, group, finding, N_("the kubelet does not say more than that"));
    const char *words = csi_trouble_message_tells(message) ? csi_trouble_words(message) : "";
    if (*words != '\0') {
        say(finding,
            language_plural("%zu pod cannot pull %s, in words of no known cause: %.200s",
                            "%zu pods cannot pull %s, in words of no known cause: %.200s",
                            group->count),
            group->count, *group->detail == '\0' ? _("an image") : group->detail, words);
    }
}

void select_pull_unauthorized(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    select_trouble(diagnosis, pod, CSI_TROUBLE_UNAUTHORIZED);
}

void describe_pull_unauthorized(const struct diagnosis *diagnosis, const struct group *group,
                                struct csi_finding *finding)
{
    enum csi_tried tried = csi_trouble_tried(group->pods[0]->pull_message);
    describe_trouble(diagnosis, group, finding,
                     tried == CSI_TRIED_ANONYMOUS
                         ? N_("no credential was offered and one is needed")
                     : tried == CSI_TRIED_CREDENTIAL ? N_("the credential was refused")
                                                     : N_("the registry answers 401 Unauthorized"));
    if (group->pods[0]->reference_count == 0) {
        struct group named = *group;
        named.ns = group->workload->ns;
        fix_use_another(diagnosis, &named, finding);
    }
}
