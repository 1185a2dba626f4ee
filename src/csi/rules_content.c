#include <string.h>

#include "base/attributes.h"
#include "base/clock.h"
#include "base/intern.h"
#include "base/language.h"
#include "base/text.h"
#include "registry/reference.h"
#include "rows.h"
#include "rules.h"

/* The rules that look into what a Secret holds (hosts and user names; no passwords are kept). */

static const struct secret_row *row_of(const struct diagnosis *diagnosis, const char *ns,
                                       const char *name)
{
    return *name == '\0' ? NULL : secret_find(diagnosis_census(diagnosis), ns, name);
}

/* Adds the pod to the group of each of its Secrets that test says yes to. */
static void select_secrets(struct diagnosis *diagnosis, const struct csi_pod *pod,
                           bool (*test)(const struct secret_row *row, const struct csi_pod *pod))
{
    for (size_t i = 0; i < pod->reference_count; i++) {
        const struct secret_row *row = row_of(diagnosis, pod->ns, pod->references[i].name);
        bool yes = false;
        if (row != NULL && !row->absent && !memo_find(diagnosis, row, pod->images, &yes)) {
            yes = memo_keep(diagnosis, row, pod->images, test(row, pod));
        }
        if (yes) {
            group_add_reference(diagnosis, pod, &pod->references[i]);
        }
    }
}

static bool serves_pod(const char *key, const struct csi_pod *pod)
{
    for (size_t i = 0; i < pod->image_count; i++) {
        if (key_serves_image(key, pod->images[i])) {
            return true;
        }
    }
    return false;
}

/* --- The same name in another namespace ---------------------------------------------------------
 */

void select_elsewhere(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    for (size_t i = 0; i < pod->reference_count; i++) {
        const struct csi_reference *reference = &pod->references[i];
        bool yes = false;
        if (reference->state == CSI_SECRET_MISSING &&
            !memo_find(diagnosis, pod->ns, reference->name, &yes)) {
            yes = memo_keep(
                diagnosis, pod->ns, reference->name,
                secret_elsewhere(diagnosis_census(diagnosis), pod->ns, reference->name) != NULL);
        }
        if (yes) {
            group_add_reference(diagnosis, pod, reference);
        }
    }
}

void describe_elsewhere(const struct diagnosis *diagnosis, const struct group *group,
                        struct csi_finding *finding)
{
    const struct csi_secret *secret =
        secret_elsewhere(diagnosis_census(diagnosis), group->ns, group->name);
    say(finding, "There is a Secret %s in namespace %s, but the pods are in %s.", group->name,
        secret == NULL ? _("another") : secret->ns, group->ns);
    fix_copy(diagnosis, group, finding);
}

/* --- One bad Secret spoils the others -----------------------------------------------------------
 */

void select_spoils(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    bool sound = false;
    for (size_t i = 0; i < pod->reference_count; i++) {
        sound = sound || pod->references[i].state == CSI_SECRET_OK;
    }
    for (size_t i = 0; sound && i < pod->reference_count; i++) {
        const struct secret_row *row = row_of(diagnosis, pod->ns, pod->references[i].name);
        if (row != NULL && row->content.spoils_all) {
            group_add_reference(diagnosis, pod, &pod->references[i]);
        }
    }
}

void describe_spoils(const struct diagnosis *diagnosis, const struct group *group,
                     struct csi_finding *finding)
{
    const struct secret_row *row = row_of(diagnosis, group->ns, group->name);
    say(finding,
        language_plural(
            "Secret %s/%s makes every pull of %zu pod fail, its sound Secrets included.",
            "Secret %s/%s makes every pull of %zu pods fail, their sound Secrets included.",
            group->count),
        group->ns, group->name, group->count);
    fix_unusable(diagnosis, row, group, finding);
    fix_drop(group, finding);
}

/* --- Docker Hub's special keys ------------------------------------------------------------------
 */

static bool is_wrong_hub_key(const char *key)
{
    static const char *const wrong[] = {"registry-1.docker.io", "hub.docker.com",
                                        "registry.hub.docker.com", "auth.docker.io"};
    const char *host = strstr(key, "://");
    host = host == NULL ? key : host + 3;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        if (text_starts_with(host, wrong[i])) {
            return true;
        }
    }
    return strcmp(host, "index.docker.io/v1") == 0 || strcmp(host, "index.docker.io/v2") == 0;
}

static bool has_wrong_hub_key(const struct secret_row *row, const struct csi_pod *pod)
{
    bool hub = false;
    for (size_t i = 0; i < row->secret.registry_count && !hub; i++) {
        hub = is_wrong_hub_key(row->secret.registries[i]);
    }
    for (size_t i = 0; i < row->secret.registry_count && hub; i++) {
        hub = !serves_pod(row->secret.registries[i], pod);
    }
    bool needed = false;
    for (size_t i = 0; hub && !needed && i < pod->image_count; i++) {
        const char *host = host_of_image(pod->images[i]);
        needed = host != NULL && registry_is_docker_hub(host);
        intern_release(host);
    }
    return hub && needed;
}

void select_hub_key(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    select_secrets(diagnosis, pod, has_wrong_hub_key);
}

void describe_hub_key(const struct diagnosis *diagnosis, const struct group *group,
                      struct csi_finding *finding)
{
    const struct secret_row *row = row_of(diagnosis, group->ns, group->name);
    const char *key = "";
    for (size_t i = 0; row != NULL && i < row->secret.registry_count; i++) {
        if (is_wrong_hub_key(row->secret.registries[i])) {
            key = row->secret.registries[i];
        }
    }
    say(finding, "Secret %s/%s files Docker Hub's credential under \"%s\", which never matches.",
        group->ns, group->name, key);
    fix_rotate(diagnosis, group, finding);
}

/* --- Entries without a usable credential --------------------------------------------------------
 */

static const struct docker_auth *find_entry(const struct secret_row *row, const struct csi_pod *pod,
                                            bool identity)
{
    for (size_t i = 0; i < row->content.config.count; i++) {
        const struct docker_auth *auth = &row->content.config.auths[i];
        bool token = auth->identity_token ||
                     (auth->username != NULL && strcmp(auth->username, "<token>") == 0);
        bool useless = auth->empty || token;
        if (useless && token == identity && serves_pod(auth->key, pod)) {
            return auth;
        }
    }
    return NULL;
}

static bool has_identity_token(const struct secret_row *row, const struct csi_pod *pod)
{
    return find_entry(row, pod, true) != NULL;
}

void select_identity_token(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    select_secrets(diagnosis, pod, has_identity_token);
}

void describe_identity_token(const struct diagnosis *diagnosis, const struct group *group,
                             struct csi_finding *finding)
{
    say(finding, "Secret %s/%s holds an identity token only, which the kubelet does not read.",
        group->ns, group->name);
    fix_rotate(diagnosis, group, finding);
}

static bool has_empty_entry(const struct secret_row *row, const struct csi_pod *pod)
{
    return find_entry(row, pod, false) != NULL;
}

void select_empty_entry(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    select_secrets(diagnosis, pod, has_empty_entry);
}

void describe_empty_entry(const struct diagnosis *diagnosis, const struct group *group,
                          struct csi_finding *finding)
{
    say(finding,
        "Secret %s/%s has an entry for an image's registry with neither user nor password.",
        group->ns, group->name);
    fix_rotate(diagnosis, group, finding);
}

/* --- The cloud's credential instead of a registry's ---------------------------------------------
 */

void select_cloud_credential(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    const struct pod_row *row = (const struct pod_row *)pod;
    for (size_t i = 0; i < pod->reference_count; i++) {
        bool used = (row->shape->also_used & (1u << i)) != 0;
        if (pod->references[i].state == CSI_SECRET_WRONG_TYPE &&
            (used || known_cloud_credential(pod->references[i].name))) {
            group_add_reference(diagnosis, pod, &pod->references[i]);
        }
    }
}

void describe_cloud_credential(const struct diagnosis *diagnosis, const struct group *group,
                               struct csi_finding *finding)
{
    (void)diagnosis;
    say(finding, "Secret %s/%s is the driver's credential for the cloud's API, not for a registry.",
        group->ns, group->name);
    fix_drop(group, finding);
    fix_kubespray(group, finding);
}

/* --- Credentials that end soon ------------------------------------------------------------------
 */

enum { ECR_HOURS = 12 };

/* A login that has ended: an error where it is asked for now or at the next restart, no more than a
 * remark where it serves none of the pods' images. */
static void judge_ended(const struct group *group, const char *key, struct csi_finding *finding)
{
    const char *const *images = NULL; /* pods made alike share theirs */
    bool serves = false;
    bool asked = false;
    for (size_t i = 0; key != NULL && i < group->count && !asked; i++) {
        const struct csi_pod *pod = group->pods[i];
        if (pod->images != images) {
            images = pod->images;
            bool this_one = serves_pod(key, pod);
            serves = serves || this_one;
            asked = this_one && pod->always_pull;
        }
    }
    if (serves) {
        finding->severity = asked || group->failing > 0 ? CSI_ERROR : CSI_WARNING;
    } else {
        finding->severity = CSI_INFO;
    }
}

/* The entry for Amazon ECR; -1 without one. */
static int ecr_entry(const struct secret_row *row)
{
    for (size_t i = 0; i < row->secret.registry_count; i++) {
        const char *key = row->secret.registries[i];
        const char *host = strstr(key, "://");
        char text[256];
        host = host == NULL ? key : host + 3;
        size_t length = strcspn(host, "/");
        if (length < sizeof(text)) {
            memcpy(text, host, length);
            text[length] = '\0';
            if (registry_is_ecr(text)) {
                return (int)i;
            }
        }
    }
    return -1;
}

void select_short_lived(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    int64_t now_ms = diagnosis_census(diagnosis)->now_ms;
    for (size_t i = 0; i < pod->reference_count; i++) {
        const struct secret_row *row = row_of(diagnosis, pod->ns, pod->references[i].name);
        bool old = row != NULL && !row->absent && row->secret.updated_ms > 0 &&
                   now_ms - row->secret.updated_ms > (int64_t)ECR_HOURS * 3600 * 1000;
        bool yes = false;
        if (old && !memo_find(diagnosis, row, NULL, &yes)) {
            yes = memo_keep(diagnosis, row, NULL, ecr_entry(row) >= 0);
        }
        if (yes) {
            group_add_reference(diagnosis, pod, &pod->references[i]);
        }
    }
}

void describe_short_lived(const struct diagnosis *diagnosis, const struct group *group,
                          struct csi_finding *finding)
{
    const struct secret_row *row = row_of(diagnosis, group->ns, group->name);
    int64_t age = row == NULL ? 0 : diagnosis_census(diagnosis)->now_ms - row->secret.updated_ms;
    int entry = row == NULL ? -1 : ecr_entry(row);
    judge_ended(group, entry < 0 ? NULL : row->secret.registries[entry], finding);
    say(finding, "Secret %s/%s has a token of Amazon ECR that was written %lld hours ago.",
        group->ns, group->name, (long long)(age / 3600000));
    if (entry >= 0) {
        fix_rotate_entry(group, finding, row->secret.registries[entry], "AWS");
    }
}

static bool has_expired(const struct secret_row *row, int64_t now_ms)
{
    return row->secret.expires_ms != 0 && row->secret.expires_ms <= now_ms;
}

void select_expired(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    for (size_t i = 0; i < pod->reference_count; i++) {
        const struct secret_row *row = row_of(diagnosis, pod->ns, pod->references[i].name);
        if (row != NULL && has_expired(row, diagnosis_census(diagnosis)->now_ms)) {
            group_add_reference(diagnosis, pod, &pod->references[i]);
        }
    }
}

void describe_expired(const struct diagnosis *diagnosis, const struct group *group,
                      struct csi_finding *finding)
{
    char when[32] = "";
    const struct secret_row *row = row_of(diagnosis, group->ns, group->name);
    if (row != NULL) {
        clock_format_rfc3339(row->secret.expires_ms, when);
    }
    bool known = row != NULL && row->expiring < row->secret.registry_count;
    judge_ended(group, known ? row->secret.registries[row->expiring] : NULL, finding);
    say(finding, "Secret %s/%s holds a token that ended at %s.", group->ns, group->name, when);
    if (known) {
        const char *user = row->secret.users[row->expiring];
        fix_rotate_entry(group, finding, row->secret.registries[row->expiring],
                         *user == '\0' ? "USER" : user);
    }
}

/* --- Secrets that cannot be mended in place -----------------------------------------------------
 */

void select_immutable(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    for (size_t i = 0; i < pod->reference_count; i++) {
        const struct secret_row *row = row_of(diagnosis, pod->ns, pod->references[i].name);
        if (row != NULL && row->secret.immutable &&
            csi_secret_state_is_broken(pod->references[i].state)) {
            group_add_reference(diagnosis, pod, &pod->references[i]);
        }
    }
}

void describe_immutable(const struct diagnosis *diagnosis, const struct group *group,
                        struct csi_finding *finding)
{
    say(finding, "Secret %s/%s is broken and immutable: it cannot be corrected in place.",
        group->ns, group->name);
    fix_use_another(diagnosis, group, finding);
}

/* --- Two spellings of one registry --------------------------------------------------------------
 */

void select_random_order(struct diagnosis *diagnosis, const struct csi_pod *pod)
{
    for (size_t i = 0; i < pod->reference_count; i++) {
        const struct secret_row *row = row_of(diagnosis, pod->ns, pod->references[i].name);
        if (row != NULL && row->random_order) {
            group_add_reference(diagnosis, pod, &pod->references[i]);
        }
    }
}

void describe_random_order(const struct diagnosis *diagnosis, const struct group *group,
                           struct csi_finding *finding)
{
    say(finding, "Secret %s/%s has two entries that are one registry to the kubelet.", group->ns,
        group->name);
    fix_rotate(diagnosis, group, finding);
}
