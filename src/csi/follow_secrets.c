#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "doc/json.h"
#include "follow_internal.h"

/*
 * Named reads of the few Secrets whose content decides a state. The tree is wiped as soon as the
 * census has taken hosts and user names from it.
 */
enum { TRIES = 3 };

static char *key_of(const char *ns, const char *name)
{
    return xasprintf("%s/%s", ns, name);
}

static bool is_listed(const struct csi_follow *follow)
{
    for (size_t i = 0; i < FOLLOW_SOURCES; i++) {
        const struct source *source = &follow->sources[i];
        if (source->follow != NULL && !source->done) {
            return false;
        }
    }
    return true;
}

static size_t failures(const struct csi_follow *follow, const char *key)
{
    return (size_t)(uintptr_t)map_get(follow->failed, key);
}

/* What a failed GET says about the Secret. */
static void note_failure(struct csi_follow *follow, const struct secret_get *get,
                         const struct error *err)
{
    char *key = key_of(get->ns, get->name);
    if (err->kind == ERROR_NOT_FOUND) {
        csi_census_secret_absent(follow->census, get->ns, get->name);
    } else if (err->kind == ERROR_FORBIDDEN || err->kind == ERROR_AUTH ||
               failures(follow, key) + 1 >= TRIES) {
        log_message(LOG_INFO, "Secret %s cannot be read: %s", key, err->message);
        csi_census_secret_refused(follow->census, get->ns, get->name);
    } else {
        map_set(follow->failed, key, (void *)(uintptr_t)(failures(follow, key) + 1));
    }
    free(key);
}

static void release(struct secret_get *get)
{
    get->call = NULL;
    free(get->ns);
    free(get->name);
    get->ns = get->name = NULL;
}

static void on_secret(void *context, struct kube_response *response)
{
    struct secret_get *get = context;
    struct csi_follow *follow = get->follow;
    if (response->err == NULL && response->object != NULL) {
        cJSON *secret = kube_response_take(response);
        csi_census_put_secret(follow->census, secret);
        json_delete_secret(secret);
    } else if (response->err != NULL) {
        note_failure(follow, get, response->err);
    }
    release(get);
    follow_secrets_pump(follow);
    follow_changed(follow);
}

static bool is_under_way(const struct csi_follow *follow, const char *ns, const char *name)
{
    for (size_t i = 0; i < FOLLOW_GETS; i++) {
        const struct secret_get *get = &follow->gets[i];
        if (get->call != NULL && strcmp(get->ns, ns) == 0 && strcmp(get->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static struct secret_get *free_get(struct csi_follow *follow)
{
    for (size_t i = 0; i < FOLLOW_GETS; i++) {
        if (follow->gets[i].call == NULL) {
            return &follow->gets[i];
        }
    }
    return NULL;
}

/* False if no GET is free. */
static bool ask(struct csi_follow *follow, const char *ns, const char *name)
{
    if (is_under_way(follow, ns, name)) {
        return true;
    }
    struct secret_get *get = free_get(follow);
    if (get == NULL) {
        return false;
    }
    char *key = key_of(ns, name);
    map_set(follow->asked, key, follow);
    free(key);
    get->follow = follow;
    get->ns = xstrdup(ns);
    get->name = xstrdup(name);
    get->call = kube_get(follow->client, &kube_secrets, ns, name, on_secret, get);
    return true;
}

static bool ask_key(struct csi_follow *follow, const char *key)
{
    const char *slash = strchr(key, '/');
    char *ns = xstrndup(key, (size_t)(slash - key));
    bool asked = ask(follow, ns, slash + 1);
    free(ns);
    return asked;
}

void follow_secrets_pump(struct csi_follow *follow)
{
    /* Only when all lists are there is it known which Secrets matter. */
    if (!follow->secret_content || !is_listed(follow)) {
        return;
    }
    struct csi_secret_name wanted[FOLLOW_GETS * 2];
    csi_census_settle(follow->census, clock_wall_ms());
    size_t count = csi_census_wanted_secrets(follow->census, wanted, FOLLOW_GETS * 2);
    bool room = true;
    for (size_t i = 0; i < count && room; i++) {
        room = ask(follow, wanted[i].ns, wanted[i].name);
    }
    size_t position = 0;
    const char *key;
    while (room && map_next(follow->extra, &position, &key, NULL)) {
        room = ask_key(follow, key);
        if (room) {
            map_remove(follow->extra, key);
        }
    }
}

bool follow_secrets_idle(const struct csi_follow *follow)
{
    struct csi_secret_name wanted;
    for (size_t i = 0; i < FOLLOW_GETS; i++) {
        if (follow->gets[i].call != NULL) {
            return false;
        }
    }
    return !follow->secret_content || csi_census_wanted_secrets(follow->census, &wanted, 1) == 0;
}

void follow_secrets_refresh(struct csi_follow *follow)
{
    size_t position = 0;
    const char *key;
    while (map_next(follow->asked, &position, &key, NULL)) {
        map_set(follow->extra, key, follow);
    }
    follow_secrets_pump(follow);
}

void follow_secrets_stop(struct csi_follow *follow)
{
    for (size_t i = 0; i < FOLLOW_GETS; i++) {
        kube_call_cancel(follow->gets[i].call);
        release(&follow->gets[i]);
    }
}

void csi_follow_read_secret(struct csi_follow *follow, const char *ns, const char *name)
{
    const struct csi_secret *known = csi_census_secret(follow->census, ns, name);
    if (!follow->secret_content ||
        (known != NULL && known->content_known && !known->content_stale)) {
        return;
    }
    char *key = key_of(ns, name);
    map_set(follow->extra, key, follow);
    free(key);
    follow_secrets_pump(follow);
}
