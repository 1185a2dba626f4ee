#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/intern.h"
#include "base/language.h"
#include "base/text.h"
#include "diagnosis.h"
#include "registry/reference.h"
#include "rows.h"

struct csi_fix *fix_add(struct csi_finding *finding, enum csi_change change, int restarts,
                        const char *secret, const char *text, char *command)
{
    finding->fixes = xreallocarray(finding->fixes, finding->fix_count + 1, sizeof(struct csi_fix));
    struct csi_fix *fix = &finding->fixes[finding->fix_count++];
    *fix = (struct csi_fix){.change = change,
                            .restarts = restarts,
                            .text = xstrdup(text),
                            .command = command,
                            .secret = xstrdup_or_null(secret)};
    return fix;
}

static bool has_broken_reference(const struct csi_workload *workload)
{
    for (size_t i = 0; i < workload->reference_count; i++) {
        if (csi_secret_state_is_broken(workload->references[i].state)) {
            return true;
        }
    }
    return false;
}

/* Pods take their ServiceAccount's list only when they are created. */
static bool has_broken_injection(const struct csi_workload *workload)
{
    for (size_t i = 0; i < workload->pod_count; i++) {
        const struct csi_pod *pod = workload->pods[i];
        for (size_t j = 0; j < pod->reference_count; j++) {
            if (pod->references[j].source == CSI_SOURCE_SERVICE_ACCOUNT &&
                csi_secret_state_is_broken(pod->references[j].state)) {
                return true;
            }
        }
    }
    return false;
}

/* To point to a Secret gives one to pods that have none and cannot pull. */
static bool lacks_reference(const struct csi_workload *workload)
{
    for (size_t i = 0; workload->reference_count == 0 && i < workload->pod_count; i++) {
        if (workload->pods[i]->pulling == CSI_PULLING_FAILING &&
            workload->pods[i]->reference_count == 0) {
            return true;
        }
    }
    return false;
}

/* A change of a template or of a ServiceAccount's list restarts all pods made with it, and the
 * command changes everything of the driver that has a broken reference. */
static int restarts_of_driver(const struct csi_driver *driver, bool adds)
{
    int pods = 0;
    for (size_t i = 0; i < driver->workload_count; i++) {
        const struct csi_workload *workload = driver->workloads[i];
        if (has_broken_reference(workload) || has_broken_injection(workload) ||
            (adds && lacks_reference(workload))) {
            pods += workload->desired > (int)workload->pod_count ? workload->desired
                                                                 : (int)workload->pod_count;
        }
    }
    return pods;
}

static bool is_public_image(const char *image)
{
    static const char *const hosts[] = {"registry.k8s.io/", "k8s.gcr.io/", "quay.io/k8scsi/"};
    for (size_t i = 0; i < ARRAY_LENGTH(hosts); i++) {
        if (strncmp(image, hosts[i], strlen(hosts[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* The image that most likely wants a credential: one that cannot be pulled, else the plugin's, else
 * one that is in no public registry of Kubernetes, else any. */
static const char *image_for_credential(const struct group *group)
{
    const struct csi_workload *workload = group->workload;
    const char *const *images = group->count > 0 ? group->pods[0]->images : workload->images;
    size_t count = group->count > 0 ? group->pods[0]->image_count : workload->image_count;
    for (size_t i = 0; i < group->count; i++) {
        if (group->pods[i]->failing_image != NULL) {
            return group->pods[i]->failing_image;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (known_driver_of_image(images[i]) != NULL) {
            return images[i];
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_public_image(images[i])) {
            return images[i];
        }
    }
    return count > 0 ? images[0] : NULL;
}

/* Interned; release it. NULL: no image tells. */
static const char *host_for_credential(const struct group *group)
{
    const char *image = image_for_credential(group);
    return image == NULL ? NULL : host_of_image(image);
}

/* The list of a pod that exists cannot be changed, nor a Job's template; and what lies on a node as
 * a file no API changes. */
static bool has_template(const struct csi_workload *workload)
{
    static const char *const kinds[] = {"DaemonSet", "Deployment", "StatefulSet"};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (strcmp(workload->kind, kinds[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool group_has_template(const struct group *group)
{
    bool any = group->count == 0 && has_template(group->workload);
    for (size_t i = 0; i < group->count && !any; i++) {
        any = has_template(group->pods[i]->workload);
    }
    return any;
}

/* No kubelet may read a Secret on account of a mirror pod: there is nothing to create for it. */
static bool all_static(const struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        if (!group->pods[i]->is_static) {
            return false;
        }
    }
    return group->count > 0;
}

/* True where the template has no such reference any more: only pods of an earlier one do. */
static bool is_left_behind(const struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct csi_workload *workload = group->pods[i]->workload;
        if (!group->pods[i]->stale) {
            return false;
        }
        for (size_t j = 0; j < workload->reference_count; j++) {
            if (workload->references[j].name == group->name) {
                return false;
            }
        }
    }
    return group->count > 0;
}

/* No change of a template reaches them: they have to go. */
static void fix_replace(const struct group *group, struct csi_finding *finding)
{
    enum { NAMED = 20 };
    struct buffer command;
    buffer_init(&command, 1 << 16);
    buffer_printf(&command, "kubectl -n %s delete pod", group->pods[0]->ns);
    for (size_t i = 0; i < group->count && i < NAMED; i++) {
        buffer_printf(&command, " %s", group->pods[i]->name);
    }
    fix_add(finding, CSI_CHANGE_RESTART_PODS, (int)group->count, NULL,
            _("delete what is left of an earlier template"), buffer_take(&command));
}

void fix_drop(const struct group *group, struct csi_finding *finding)
{
    if (is_left_behind(group)) {
        fix_replace(group, finding);
        return;
    }
    if ((group->count > 0 && group->injected == group->count) || !group_has_template(group)) {
        return; /* not in any template: the ServiceAccount has it, or nothing made the pod */
    }
    fix_add(finding, CSI_CHANGE_DROP_REFERENCE, restarts_of_driver(group->driver, false), NULL,
            _("drop the reference"),
            xasprintf("pullmend apply --drop-reference --driver %s", group->driver->name));
}

void fix_create(const struct group *group, struct csi_finding *finding)
{
    if (all_static(group)) {
        return;
    }
    const char *host = host_for_credential(group);
    char *text = xasprintf(_("create %s"), group->name);
    fix_add(finding, CSI_CHANGE_CREATE_SECRET, 0, group->name, text,
            xasprintf("pullmend apply --create-secret %s --docker-server %s --docker-username USER "
                      "--docker-password-stdin --driver %s",
                      group->name, host == NULL ? "HOST" : registry_default_server(host),
                      group->driver->name));
    free(text);
    intern_release(host);
}

void fix_create_empty(const struct group *group, struct csi_finding *finding)
{
    if (all_static(group)) {
        return;
    }
    char *text = xasprintf(_("create %s without entries (the warnings end, pulls stay anonymous)"),
                           group->name);
    fix_add(finding, CSI_CHANGE_CREATE_EMPTY, 0, group->name, text,
            xasprintf("pullmend apply --create-secret %s --empty --driver %s", group->name,
                      group->driver->name));
    free(text);
}

/* An entry that holds neither user nor password, or an identity token, opens nothing. */
static bool entry_is_useless(const struct csi_secret *secret, size_t i)
{
    const struct docker_auth *auth = &((const struct secret_row *)secret)->content.config.auths[i];
    return auth->empty || auth->identity_token || strcmp(secret->users[i], "<token>") == 0;
}

static int images_served(const struct csi_secret *secret, const struct group *group)
{
    const struct csi_workload *workload = group->workload;
    int served = 0;
    for (size_t i = 0; i < workload->image_count; i++) {
        for (size_t j = 0; j < secret->registry_count; j++) {
            if (!entry_is_useless(secret, j) &&
                key_serves_image(secret->registries[j], workload->images[i])) {
                served++;
                break;
            }
        }
    }
    return served;
}

/* The registry Secret of the namespace that serves most of the images; among equals the first. */
static const struct csi_secret *best_secret(const struct csi_census *census,
                                            const struct group *group)
{
    const char *ns = *group->ns != '\0' ? group->ns : group->workload->ns;
    const struct csi_secret *best = NULL;
    int best_served = -1;
    size_t count;
    const struct csi_secret *const *secrets = csi_census_secrets(census, &count);
    for (size_t i = 0; i < count; i++) {
        const struct csi_secret *secret = secrets[i];
        if (strcmp(secret->ns, ns) != 0 || strcmp(secret->name, group->name) == 0 ||
            !is_registry_secret(secret) || secret->fault != NULL ||
            (secret->expires_ms != 0 && secret->expires_ms <= census->now_ms)) {
            continue;
        }
        int served = images_served(secret, group);
        if (served == 0 && secret->content_known) {
            continue;
        }
        if (served > best_served) {
            best_served = served;
            best = secret;
        }
    }
    return best;
}

void fix_use(const struct group *group, struct csi_finding *finding, const char *secret)
{
    if (!group_has_template(group)) {
        return;
    }
    char *text =
        secret == NULL ? xstrdup(_("use another Secret")) : xasprintf(_("use Secret %s"), secret);
    fix_add(finding, CSI_CHANGE_USE_SECRET, restarts_of_driver(group->driver, true), secret, text,
            xasprintf("pullmend apply --use-secret %s --driver %s",
                      secret == NULL ? "NAME" : secret, group->driver->name));
    free(text);
}

void fix_use_another(const struct diagnosis *diagnosis, const struct group *group,
                     struct csi_finding *finding)
{
    const struct csi_secret *secret = best_secret(diagnosis_census(diagnosis), group);
    fix_use(group, finding, secret == NULL ? NULL : secret->name);
}

bool fix_copy(const struct diagnosis *diagnosis, const struct group *group,
              struct csi_finding *finding)
{
    const struct csi_secret *secret =
        secret_elsewhere(diagnosis_census(diagnosis), group->ns, group->name);
    if (secret == NULL || all_static(group)) {
        return false;
    }
    char *text = xasprintf(_("copy %s/%s here"), secret->ns, secret->name);
    fix_add(finding, CSI_CHANGE_COPY_SECRET, 0, group->name, text,
            xasprintf("pullmend apply --create-secret %s --from-secret %s/%s --driver %s",
                      group->name, secret->ns, secret->name, group->driver->name));
    free(text);
    return true;
}

/* A word for a shell: as it is, or in quotes. The caller's. */
static char *shell_word(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./:@%+,=";
    if (*text != '\0' && strspn(text, plain) == strlen(text)) {
        return xstrdup(text);
    }
    struct buffer out;
    buffer_init(&out, strlen(text) * 4 + 4);
    buffer_append_char(&out, '\'');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'') {
            buffer_append_string(&out, "'\\''");
        } else {
            buffer_append_char(&out, *c);
        }
    }
    buffer_append_char(&out, '\'');
    return buffer_take(&out);
}

void fix_rotate_entry(const struct group *group, struct csi_finding *finding, const char *server,
                      const char *user)
{
    char *server_word = shell_word(server);
    char *user_word = shell_word(user);
    char *text = xasprintf(_("put a working credential into %s"), group->name);
    fix_add(finding, CSI_CHANGE_CREATE_SECRET, 0, group->name, text,
            xasprintf("pullmend secret rotate %s -n %s --docker-server %s --docker-username %s "
                      "--docker-password-stdin",
                      group->name, group->ns, server_word, user_word));
    free(text);
    free(user_word);
    free(server_word);
}

/* The entry that serves the image is the one to renew, with the user it has. */
void fix_rotate(const struct diagnosis *diagnosis, const struct group *group,
                struct csi_finding *finding)
{
    const struct csi_secret *secret =
        csi_census_secret(diagnosis_census(diagnosis), group->ns, group->name);
    const char *image = image_for_credential(group);
    if (secret != NULL && secret->immutable) {
        return;
    }
    for (size_t i = 0; secret != NULL && image != NULL && i < secret->registry_count; i++) {
        if (key_serves_image(secret->registries[i], image)) {
            bool known = *secret->users[i] != '\0' && !entry_is_useless(secret, i);
            fix_rotate_entry(group, finding, secret->registries[i],
                             known ? secret->users[i] : "USER");
            return;
        }
    }
    const char *host = host_for_credential(group);
    fix_rotate_entry(group, finding, host == NULL ? "HOST" : registry_default_server(host), "USER");
    intern_release(host);
}

void fix_unusable(const struct diagnosis *diagnosis, const struct secret_row *row,
                  const struct group *group, struct csi_finding *finding)
{
    if (row != NULL && row->content.unusable != NULL && !row->secret.immutable) {
        fix_rotate_entry(group, finding, row->content.unusable, "USER");
    } else {
        fix_rotate(diagnosis, group, finding);
    }
}

void fix_kubespray(const struct group *group, struct csi_finding *finding)
{
    if (group->driver->kubespray != NULL) {
        fix_add(
            finding, CSI_CHANGE_KUBESPRAY, 0, NULL,
            _("fix it in Kubespray (nothing changes in the cluster)"),
            xasprintf("pullmend kubespray fix --kubespray DIR --driver %s", group->driver->name));
    }
}

/* "kubectl -n NS delete pod A B C" for pods that no rollout replaces. */
static char *delete_command(const struct group *group)
{
    enum { MOST = 20 };
    struct buffer out;
    buffer_init(&out, (size_t)MOST * 300 + 400);
    buffer_printf(&out, "kubectl -n %s delete pod", group->workload->ns);
    for (size_t i = 0; i < group->count && i < MOST; i++) {
        buffer_printf(&out, " %s", group->pods[i]->name);
    }
    return buffer_take(&out);
}

void fix_restart(const struct group *group, struct csi_finding *finding)
{
    const struct csi_workload *workload = group->workload;
    bool rolls = has_template(workload) && !((const struct workload_row *)workload)->on_delete;
    char *text = xasprintf(_("make the pods of %s %s anew"), workload->kind, workload->name);
    char *command = rolls ? xasprintf("kubectl -n %s rollout restart %s/%s", workload->ns,
                                      workload->kind, workload->name)
                          : delete_command(group);
    fix_add(finding, CSI_CHANGE_RESTART_PODS, (int)(rolls ? workload->pod_count : group->count),
            NULL, text, command);
    free(text);
}

void csi_fix_label(const struct csi_fix *fix, size_t number, char *out, size_t size)
{
    if (text_ends_with(fix->text, ")")) {
        snprintf(out, size, "%zu %s", number, fix->text);
    } else if (fix->restarts == 0) {
        snprintf(out, size, _("%zu %s (no restart)"), number, fix->text);
    } else {
        snprintf(out, size,
                 language_plural("%zu %s (%d pod restarts)", "%zu %s (%d pods restart)",
                                 (unsigned long)fix->restarts),
                 number, fix->text, fix->restarts);
    }
}

/* From so many restarts on a rollout, pod by pod, takes the better part of an hour or more. */
#define MANY_RESTARTS 100

/* How early a way is offered then: creating the Secret that is missing restarts nothing. */
static int rank_of(const struct csi_fix *fix)
{
    switch (fix->change) {
    case CSI_CHANGE_CREATE_EMPTY:
        return 0;
    case CSI_CHANGE_CREATE_SECRET:
    case CSI_CHANGE_COPY_SECRET:
        return 1;
    default:
        return 2;
    }
}

void fix_order(struct csi_finding *finding)
{
    int most = 0;
    for (size_t i = 0; i < finding->fix_count; i++) {
        most = finding->fixes[i].restarts > most ? finding->fixes[i].restarts : most;
    }
    for (size_t i = 1; most >= MANY_RESTARTS && i < finding->fix_count; i++) {
        struct csi_fix fix = finding->fixes[i];
        size_t at = i;
        for (; at > 0 && rank_of(&finding->fixes[at - 1]) > rank_of(&fix); at--) {
            finding->fixes[at] = finding->fixes[at - 1];
        }
        finding->fixes[at] = fix;
    }
}
