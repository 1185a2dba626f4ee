#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "doc/digest.h"
#include "doc/json.h"
#include "kubelet_inside.h"
#include "sim/life.h"
#include "sim/pods.h"
#include "sim/recorder.h"
#include "sim/scenario_parts.h"

/* How a kubelet comes by a container's image, and what it says when it does not. */

void sim_life_book(struct pod_life *life, const struct sim_object *pod, const char *container,
                   const char *type, const char *reason, const char *message)
{
    char *path = container == NULL ? NULL : xasprintf("spec.containers{%s}", container);
    struct sim_event event = {"kubelet", sim_pod_node(pod->body), type, reason,
                              message,   path == NULL ? "" : path};
    sim_event_record(life->sim, pod, &event);
    free(path);
}

/* The credentials the pod brings; missing gets the names that lead nowhere, in their order. */
void sim_life_gather(struct sim *sim, const struct sim_object *pod, struct sim_keyring *keyring,
                     struct buffer *missing)
{
    const cJSON *reference = NULL;
    cJSON_ArrayForEach(reference, json_at(pod->body, "spec", "imagePullSecrets", NULL))
    {
        const char *name = json_string_or(reference, "name", "");
        if (name[0] == '\0') {
            continue;
        }
        struct sim_object *secret = sim_store_get(sim->store, sim_secrets(), pod->ns, name);
        if (secret != NULL) {
            sim_keyring_add(keyring, secret->body);
        } else {
            buffer_printf(missing, "%s%s", missing->length == 0 ? "" : ", ", name);
        }
    }
}

char *sim_life_missing_message(struct sim *sim, const struct sim_object *pod)
{
    struct buffer missing;
    struct sim_keyring keyring = {NULL, 0, 0, NULL};
    buffer_init(&missing, NAMES_LIMIT);
    sim_life_gather(sim, pod, &keyring, &missing);
    sim_keyring_clear(&keyring);
    char *message = NULL;
    if (missing.length > 0 && sim_scenario_kubelet_minor(sim) >= EVENT_SINCE_MINOR) {
        message = xasprintf("Unable to retrieve some image pull secrets (%s); attempting to pull "
                            "the image may not succeed.",
                            missing.data);
    }
    buffer_free(&missing);
    return message;
}

static void set_text(char **slot, char *text)
{
    free(*slot);
    *slot = text;
}

/* The status shows what the sync before came to; only the first result shows at once. */
static void set_waiting(struct sim_container *container, const char *reason, char *message)
{
    if (container->reason != NULL) {
        set_text(&container->shown_reason, container->reason);
        set_text(&container->shown_message, container->message);
    } else {
        set_text(&container->shown_reason, xstrdup(reason));
        set_text(&container->shown_message, xstrdup(message));
    }
    container->state = SIM_CONTAINER_WAITING;
    container->reason = xstrdup(reason);
    container->message = message;
}

static void start_container(struct pod_life *life, const struct sim_object *pod,
                            struct sim_container *container)
{
    bool old = sim_scenario_kubelet_minor(life->sim) < VERIFY_SINCE_MINOR;
    char *created =
        old ? xasprintf("Created container %s", container->name) : xstrdup("Container created");
    char *started =
        old ? xasprintf("Started container %s", container->name) : xstrdup("Container started");
    sim_life_book(life, pod, container->name, "Normal", "Created", created);
    sim_life_book(life, pod, container->name, "Normal", "Started", started);
    free(created);
    free(started);
    container->state = SIM_CONTAINER_RUNNING;
    container->started_ms = sim_life_ms(life->sim);
    container->backoff_ms = 0;
    life->fresh = true;
}

static char *image_key(const struct sim_object *pod, const char *image)
{
    return xasprintf("%s %s", sim_pod_node(pod->body), image);
}

static void credential_digest(const struct sim_credential *credential, char out[129])
{
    struct buffer text;
    buffer_init_secret(&text, NAMES_LIMIT);
    buffer_printf(&text, "%s\n%s", credential->username, credential->password);
    digest_hex("sha256", text.data, text.length, out);
    buffer_free(&text);
}

/* How the credential that a pull of this image would use is remembered: "" for nobody's. */
static char *pulled_as(const struct sim_keyring *keyring, const char *text)
{
    struct sim_image image;
    sim_image_parse(text, &image);
    const struct sim_credential *credential = sim_keyring_find(keyring, &image);
    char digest[129] = "";
    if (credential != NULL) {
        credential_digest(credential, digest);
    }
    sim_image_clear(&image);
    return xstrdup(digest);
}

static const char *policy_of(const struct sim_object *pod, const struct sim_container *container)
{
    const cJSON *spec = NULL;
    cJSON_ArrayForEach(spec, json_at(pod->body, "spec", "containers", NULL))
    {
        if (strcmp(json_string_or(spec, "name", ""), container->name) == 0) {
            break;
        }
    }
    return json_string_or(spec, "imagePullPolicy", "IfNotPresent");
}

/* An image on the node may be used as it is, from 1.35 on only by who could have pulled it. */
static bool may_use_present(struct pod_life *life, const struct sim_object *pod,
                            const struct sim_container *container,
                            const struct sim_keyring *keyring)
{
    if (strcmp(policy_of(pod, container), "Always") == 0) {
        return false;
    }
    char *key = image_key(pod, container->image);
    const char *record = map_get(life->sim->controllers->kubelet->images, key);
    free(key);
    if (record == NULL || record[0] == '\0' ||
        sim_scenario_kubelet_minor(life->sim) < VERIFY_SINCE_MINOR) {
        return record != NULL;
    }
    char *own = pulled_as(keyring, container->image);
    bool same = strcmp(own, record) == 0;
    free(own);
    return same;
}

static void note_pulled(struct pod_life *life, const struct sim_object *pod,
                        const struct sim_container *container, const struct sim_keyring *keyring,
                        bool anonymous)
{
    char *key = image_key(pod, container->image);
    map_set(life->sim->controllers->kubelet->images, key,
            anonymous ? xstrdup("") : pulled_as(keyring, container->image));
    free(key);
}

static void book_quoted(struct pod_life *life, const struct sim_object *pod,
                        const struct sim_container *container, const char *type, const char *reason,
                        const char *before, const char *after)
{
    char *message = xasprintf("%s\"%s\"%s", before, container->image, after);
    sim_life_book(life, pod, container->name, type, reason, message);
    free(message);
}

/* Two failures that runtimes tell apart by their first word become reasons of their own; freed by
 * the caller. All others are ErrImagePull. */
static const char *judge_failure(const struct sim_container *container, const char *why,
                                 char **message)
{
    static const struct {
        const char *reason;
        const char *words;
    } known[] = {{"RegistryUnavailable", "the registry is unavailable"},
                 {"SignatureValidationFailed", "the signature validation failed"}};
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        if (text_starts_with(why, known[i].reason)) {
            *message = xasprintf("image pull failed for %s because %s%s", container->image,
                                 known[i].words, why + strlen(known[i].reason));
            return known[i].reason;
        }
    }
    *message = xstrdup(why);
    return "ErrImagePull";
}

static void fail_pull(struct pod_life *life, const struct sim_object *pod,
                      struct sim_container *container, const char *why)
{
    char *message = NULL;
    const char *reason = judge_failure(container, why, &message);
    char *tail = xasprintf(": %s", why);
    char *error = xasprintf("Error: %s", reason);
    book_quoted(life, pod, container, "Warning", "Failed", "Failed to pull image ", tail);
    sim_life_book(life, pod, container->name, "Warning", "Failed", error);
    free(tail);
    free(error);
    life->fresh = life->fresh || container->backoff_ms == 0;
    container->backoff_ms = container->backoff_ms == 0 ? BACKOFF_MS : container->backoff_ms * 2;
    if (container->backoff_ms > BACKOFF_LIMIT_MS) {
        container->backoff_ms = BACKOFF_LIMIT_MS;
    }
    container->retry_at_ms = sim_cluster_ms(life->sim) + container->backoff_ms;
    set_text(&container->last_failure, xasprintf(": %s: %s", reason, message));
    set_waiting(container, reason, message);
}

static void wait_longer(struct pod_life *life, const struct sim_object *pod,
                        struct sim_container *container)
{
    bool tells = sim_scenario_kubelet_minor(life->sim) >= REASON_SINCE_MINOR;
    char *message = xasprintf("Back-off pulling image \"%s\"%s", container->image,
                              tells ? container->last_failure : "");
    book_quoted(life, pod, container, "Normal", "BackOff", "Back-off pulling image ", "");
    sim_life_book(life, pod, container->name, "Warning", "Failed", "Error: ImagePullBackOff");
    set_waiting(container, "ImagePullBackOff", message);
}

static void finish_pull(struct pod_life *life, const struct sim_object *pod,
                        struct sim_container *container, const struct sim_keyring *keyring)
{
    struct sim_pull pull;
    sim_registry_pull(life->sim, container->image, keyring, &pull);
    if (!pull.done) {
        fail_pull(life, pod, container, pull.message);
    } else {
        int64_t took = life->pull_ms;
        char *tail =
            xasprintf(" in %d.%03ds (%d.%03ds including waiting). Image size: %d bytes.",
                      (int)(took / 1000), (int)(took % 1000), (int)(took / 1000),
                      (int)(took % 1000), (int)(8000000 + strlen(container->image) * 98317));
        book_quoted(life, pod, container, "Normal", "Pulled", "Successfully pulled image ", tail);
        free(tail);
        note_pulled(life, pod, container, keyring, pull.anonymous);
        start_container(life, pod, container);
    }
    free(pull.message);
}

static void refuse_config(struct pod_life *life, const struct sim_object *pod,
                          struct sim_container *container, const char *why)
{
    char *message = xasprintf("Error: %s", why);
    sim_life_book(life, pod, container->name, "Warning", "Failed", message);
    free(message);
    life->fresh = life->fresh || container->reason == NULL;
    set_waiting(container, why, xstrdup(why));
}

/* What the kubelet does not even try; NULL: it tries. */
static const char *hopeless(const struct sim_object *pod, const struct sim_container *container,
                            char **message)
{
    size_t name = strcspn(container->image, ":@");
    size_t capital = strcspn(container->image, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (capital < name) {
        *message = xasprintf("Failed to apply default image tag \"%s\": couldn't parse image name "
                             "\"%s\": invalid reference format: repository name must be lowercase",
                             container->image, container->image);
        return "InvalidImageName";
    }
    if (strcmp(policy_of(pod, container), "Never") == 0) {
        *message = xasprintf("Container image \"%s\" is not present with pull policy of Never",
                             container->image);
        return "ErrImageNeverPull";
    }
    return NULL;
}

static bool give_up(struct pod_life *life, const struct sim_object *pod,
                    struct sim_container *container)
{
    char *message = NULL;
    const char *reason = hopeless(pod, container, &message);
    if (reason == NULL) {
        return false;
    }
    char *error = xasprintf("Error: %s", reason);
    sim_life_book(life, pod, container->name, "Warning", "Failed", error);
    free(error);
    life->fresh = life->fresh || container->reason == NULL;
    set_waiting(container, reason, message);
    return true;
}

/* Works on one container. False: its pull takes time, come back. */
bool sim_life_work_on(struct pod_life *life, const struct sim_object *pod,
                      struct sim_container *container, const struct sim_keyring *keyring)
{
    bool past = life->sim->controllers->past_ms > 0;
    if (life->pulling) {
        life->pulling = false;
        finish_pull(life, pod, container, keyring);
    } else if (container->state == SIM_CONTAINER_RUNNING) {
        return true;
    } else if (container->backoff_ms > 0 && sim_cluster_ms(life->sim) < container->retry_at_ms) {
        wait_longer(life, pod, container);
    } else if (may_use_present(life, pod, container, keyring)) {
        book_quoted(life, pod, container, "Normal", "Pulled", "Container image ",
                    sim_scenario_kubelet_minor(life->sim) < VERIFY_SINCE_MINOR
                        ? " already present on machine"
                        : " already present on machine and can be accessed by the pod");
        start_container(life, pod, container);
    } else if (give_up(life, pod, container)) {
        return true;
    } else if (keyring->error != NULL) {
        refuse_config(life, pod, container, keyring->error);
    } else if (past) {
        finish_pull(life, pod, container, keyring);
    } else {
        book_quoted(life, pod, container, "Normal", "Pulling", "Pulling image ", "");
        life->pulling = true;
        int64_t usual = sim_scenario_pull_ms(life->sim);
        life->pull_ms = sim_kubelet_jitter(life->sim, usual, usual / 4);
        return false;
    }
    return true;
}
