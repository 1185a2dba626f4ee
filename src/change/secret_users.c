#include "change/secret_users.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "base/log.h"

enum { PAGE = 500, GAPS_LIMIT = 4096 };

static const struct kube_resource jobs = {"batch", "v1", "jobs", "Job", true};
static const struct kube_resource cron_jobs = {"batch", "v1", "cronjobs", "CronJob", true};
static const struct kube_resource ingresses = {"networking.k8s.io", "v1", "ingresses", "Ingress",
                                               true};
static const struct kube_resource volumes = {"", "v1", "persistentvolumes", "PersistentVolume",
                                             false};
static const struct kube_resource storage_classes = {"storage.k8s.io", "v1", "storageclasses",
                                                     "StorageClass", false};
static const struct kube_resource snapshot_classes = {
    "snapshot.storage.k8s.io", "v1", "volumesnapshotclasses", "VolumeSnapshotClass", false};

/* Whose description comes first. */
static const struct kube_resource *const kinds[] = {
    &kube_daemon_sets,
    &kube_stateful_sets,
    &kube_deployments,
    &cron_jobs,
    &jobs,
    &storage_classes,
    &volumes,
    &snapshot_classes,
    &kube_service_accounts,
    &ingresses,
    &kube_pods,
};

/* What change_secret_uses_add() reads of a pod: there are many. */
static const char *const pod_fields[] = {
    "metadata name",
    "metadata namespace",
    "metadata ownerReferences controller",
    "spec imagePullSecrets",
    "spec volumes",
    "spec initContainers env",
    "spec initContainers envFrom",
    "spec containers env",
    "spec containers envFrom",
    "spec ephemeralContainers env",
    "spec ephemeralContainers envFrom",
    NULL,
};

struct change_secret_users {
    struct kube_client *client;
    char *ns;
    struct change_secret_uses *uses;
    struct kube_call *call;
    struct loop_timer *timer;
    size_t next; /* kind */
    struct buffer gaps;
    void (*on_change)(void *context);
    void *context;
};

static bool on_item(void *context, const cJSON *item)
{
    struct change_secret_users *users = context;
    change_secret_uses_add(users->uses, kinds[users->next]->kind, item);
    return true;
}

static void ask(void *context);

static void on_end(void *context, const struct error *err, int status, const char *resource_version)
{
    struct change_secret_users *users = context;
    (void)resource_version;
    users->call = NULL;
    /* 404: this server has no such kind. */
    if (err != NULL && err->kind != ERROR_NONE && status != 404) {
        buffer_printf(&users->gaps, "%s%s", users->gaps.length > 0 ? ", " : "",
                      kinds[users->next]->plural);
        log_message(LOG_INFO, "%s", err->message);
    }
    users->next++;
    users->timer = loop_after(kube_client_loop(users->client), 0, ask, users);
}

static void ask(void *context)
{
    struct change_secret_users *users = context;
    users->timer = NULL;
    if (users->next == ARRAY_LENGTH(kinds)) {
        users->on_change(users->context);
        return;
    }
    const struct kube_resource *kind = kinds[users->next];
    struct kube_query query = {.resource = kind,
                               .ns = kind->namespaced ? users->ns : NULL,
                               .limit = PAGE,
                               .fields = kind == &kube_pods ? pod_fields : NULL};
    users->call = kube_list(users->client, &query, on_item, on_end, users);
}

struct change_secret_users *change_secret_users_start(struct kube_client *client, const char *ns,
                                                      void (*on_change)(void *context),
                                                      void *context)
{
    struct change_secret_users *users = xcalloc(1, sizeof(*users));
    users->client = client;
    users->ns = xstrdup_or_null(ns);
    users->uses = change_secret_uses_new();
    users->on_change = on_change;
    users->context = context;
    buffer_init(&users->gaps, GAPS_LIMIT);
    users->timer = loop_after(kube_client_loop(client), 0, ask, users);
    return users;
}

void change_secret_users_free(struct change_secret_users *users)
{
    if (users == NULL) {
        return;
    }
    kube_call_cancel(users->call);
    loop_cancel_timer(kube_client_loop(users->client), users->timer);
    change_secret_uses_free(users->uses);
    buffer_free(&users->gaps);
    free(users->ns);
    free(users);
}

bool change_secret_users_done(const struct change_secret_users *users)
{
    return users->next == ARRAY_LENGTH(kinds);
}

const struct change_secret_uses *change_secret_users_found(const struct change_secret_users *users)
{
    return users->uses;
}

const char *change_secret_users_gaps(const struct change_secret_users *users)
{
    return users->gaps.length > 0 ? users->gaps.data : NULL;
}
