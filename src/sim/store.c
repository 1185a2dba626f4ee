#include "sim/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "doc/json.h"
#include "random.h"
#include "store_inside.h"

enum { FIRST_VERSION = 1000, LOG_LIMIT = 5000 };

/* The objects of one kind and what happened to them lately, oldest first. */
struct shelf {
    const struct sim_resource *resource;
    struct sim_object **objects; /* sorted by namespace and name */
    size_t count;
    size_t capacity;
    struct sim_log_entry *log;
    size_t log_count;
    size_t log_capacity;
    int64_t oldest; /* the version after which the log is complete */
};

struct subscriber {
    struct subscriber *next;
    const struct sim_resource *resource;
    sim_store_callback callback;
    void *context;
    bool gone;
};

struct sim_store {
    struct shelf *shelves;
    size_t shelf_count;
    int64_t version;
    size_t log_limit;
    int64_t (*now)(void *);
    void *now_context;
    uint64_t random;
    struct subscriber *subscribers;
    struct sim_log_entry *news; /* what is still to be told */
    size_t news_count;
    size_t news_capacity;
    bool telling;
    const char *generations; /* kinds with a metadata.generation */
};

struct sim_object *sim_object_retain(struct sim_object *object)
{
    object->owners++;
    return object;
}

void sim_object_release(struct sim_object *object)
{
    if (object != NULL && --object->owners == 0) {
        cJSON_Delete(object->body);
        free(object);
    }
}

struct sim_object *sim_object_new(const struct sim_resource *resource, cJSON *body)
{
    struct sim_object *object = xcalloc(1, sizeof(*object));
    const cJSON *metadata = json_object(body, "metadata");
    const char *version = json_string_or(metadata, "resourceVersion", "0");
    object->resource = resource;
    object->ns = json_string_or(metadata, "namespace", "");
    object->name = json_string_or(metadata, "name", "");
    object->uid = json_string_or(metadata, "uid", "");
    object->version = strtoll(version, NULL, 10);
    object->body = body;
    object->owners = 1;
    return object;
}

struct sim_store *sim_store_new(int64_t (*now)(void *), void *context, uint64_t seed)
{
    struct sim_store *store = xcalloc(1, sizeof(*store));
    store->shelf_count = sim_resource_count();
    store->shelves = xcalloc(store->shelf_count, sizeof(*store->shelves));
    for (size_t i = 0; i < store->shelf_count; i++) {
        store->shelves[i].resource = sim_resource_at(i);
        store->shelves[i].oldest = FIRST_VERSION;
    }
    store->version = FIRST_VERSION;
    store->log_limit = LOG_LIMIT;
    store->generations = "DaemonSet Deployment StatefulSet ReplicaSet Pod PodDisruptionBudget";
    store->now = now;
    store->now_context = context;
    store->random = seed;
    return store;
}

static void release_entry(struct sim_log_entry *entry)
{
    sim_object_release(entry->object);
    sim_object_release(entry->previous);
}

static void drop_log(struct shelf *shelf, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        shelf->oldest = shelf->log[i].version;
        release_entry(&shelf->log[i]);
    }
    memmove(shelf->log, shelf->log + count, (shelf->log_count - count) * sizeof(*shelf->log));
    shelf->log_count -= count;
}

void sim_store_free(struct sim_store *store)
{
    if (store == NULL) {
        return;
    }
    for (size_t i = 0; i < store->shelf_count; i++) {
        struct shelf *shelf = &store->shelves[i];
        if (shelf->log_count > 0) {
            drop_log(shelf, shelf->log_count);
        }
        for (size_t j = 0; j < shelf->count; j++) {
            sim_object_release(shelf->objects[j]);
        }
        free(shelf->objects);
        free(shelf->log);
    }
    while (store->subscribers != NULL) {
        struct subscriber *next = store->subscribers->next;
        free(store->subscribers);
        store->subscribers = next;
    }
    for (size_t i = 0; i < store->news_count; i++) {
        release_entry(&store->news[i]);
    }
    free(store->news);
    free(store->shelves);
    free(store);
}

void sim_store_set_generations(struct sim_store *store, const char *kinds)
{
    store->generations = kinds;
}

bool sim_store_has_generation(const struct sim_store *store, const struct sim_resource *resource)
{
    return sim_word_in(store->generations, resource->kind);
}

int64_t sim_store_version(const struct sim_store *store)
{
    return store->version;
}

int64_t sim_store_now(const struct sim_store *store)
{
    return store->now(store->now_context);
}

static struct shelf *shelf_of(const struct sim_store *store, const struct sim_resource *resource)
{
    return &store->shelves[resource - sim_resource_at(0)];
}

/* As the keys "namespace/name" sort in a real store: '/' ends the namespace. */
static int compare_keys(const char *ns, const char *name, const char *other_ns,
                        const char *other_name)
{
    size_t i = 0;
    while (ns[i] != '\0' && ns[i] == other_ns[i]) {
        i++;
    }
    if (ns[i] == other_ns[i]) {
        return strcmp(name, other_name);
    }
    unsigned char left = ns[i] == '\0' ? '/' : (unsigned char)ns[i];
    unsigned char right = other_ns[i] == '\0' ? '/' : (unsigned char)other_ns[i];
    return left < right ? -1 : 1;
}

/* The place of the first object that does not sort before the key. */
static size_t place_of(const struct shelf *shelf, const char *ns, const char *name)
{
    size_t low = 0;
    size_t high = shelf->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct sim_object *object = shelf->objects[middle];
        if (compare_keys(object->ns, object->name, ns, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_at(const struct shelf *shelf, size_t place, const char *ns, const char *name)
{
    return place < shelf->count && strcmp(shelf->objects[place]->ns, ns) == 0 &&
           strcmp(shelf->objects[place]->name, name) == 0;
}

struct sim_object *sim_store_get(struct sim_store *store, const struct sim_resource *resource,
                                 const char *ns, const char *name)
{
    const struct shelf *shelf = shelf_of(store, resource);
    size_t place = place_of(shelf, ns, name);
    return is_at(shelf, place, ns, name) ? shelf->objects[place] : NULL;
}

struct sim_object *const *sim_store_list(struct sim_store *store,
                                         const struct sim_resource *resource, const char *ns,
                                         size_t *count)
{
    const struct shelf *shelf = shelf_of(store, resource);
    if (ns == NULL) {
        *count = shelf->count;
        return shelf->objects;
    }
    size_t first = place_of(shelf, ns, "");
    size_t end = first;
    while (end < shelf->count && strcmp(shelf->objects[end]->ns, ns) == 0) {
        end++;
    }
    *count = end - first;
    return shelf->count == 0 ? NULL : shelf->objects + first;
}

void sim_store_number(struct sim_store *store, struct sim_object *object)
{
    char text[24];
    object->version = ++store->version;
    snprintf(text, sizeof(text), "%lld", (long long)object->version);
    json_set_string(json_need_object(object->body, "metadata"), "resourceVersion", text);
}

static void remember(struct sim_store *store, struct shelf *shelf, enum sim_change change,
                     struct sim_object *object, struct sim_object *previous)
{
    struct sim_log_entry entry = {change, object, previous, object->version};
    if (shelf->log_count >= store->log_limit + store->log_limit / 4) {
        drop_log(shelf, shelf->log_count - store->log_limit);
    }
    for (int copy = 0; copy < 2; copy++) {
        sim_object_retain(object);
        if (previous != NULL) {
            sim_object_retain(previous);
        }
    }
    shelf->log = xgrow(shelf->log, shelf->log_count, &shelf->log_capacity, sizeof(*shelf->log));
    shelf->log[shelf->log_count++] = entry;
    store->news =
        xgrow(store->news, store->news_count, &store->news_capacity, sizeof(*store->news));
    store->news[store->news_count++] = entry;
}

void sim_store_put(struct sim_store *store, struct sim_object *object)
{
    struct shelf *shelf = shelf_of(store, object->resource);
    size_t place = place_of(shelf, object->ns, object->name);
    if (is_at(shelf, place, object->ns, object->name)) {
        struct sim_object *previous = shelf->objects[place];
        shelf->objects[place] = sim_object_retain(object);
        remember(store, shelf, SIM_MODIFIED, object, previous);
        sim_object_release(previous);
        return;
    }
    shelf->objects =
        xgrow(shelf->objects, shelf->count, &shelf->capacity, sizeof(struct sim_object *));
    memmove(shelf->objects + place + 1, shelf->objects + place,
            (shelf->count - place) * sizeof(struct sim_object *));
    shelf->objects[place] = sim_object_retain(object);
    shelf->count++;
    remember(store, shelf, SIM_ADDED, object, NULL);
}

void sim_store_take(struct sim_store *store, struct sim_object *last)
{
    struct shelf *shelf = shelf_of(store, last->resource);
    size_t place = place_of(shelf, last->ns, last->name);
    if (!is_at(shelf, place, last->ns, last->name)) {
        return;
    }
    struct sim_object *previous = shelf->objects[place];
    shelf->count--;
    memmove(shelf->objects + place, shelf->objects + place + 1,
            (shelf->count - place) * sizeof(struct sim_object *));
    remember(store, shelf, SIM_DELETED, last, previous);
    sim_object_release(previous);
}

static void sweep_subscribers(struct sim_store *store)
{
    struct subscriber **link = &store->subscribers;
    while (*link != NULL) {
        struct subscriber *one = *link;
        if (one->gone) {
            *link = one->next;
            free(one);
        } else {
            link = &one->next;
        }
    }
}

void sim_store_tell(struct sim_store *store)
{
    if (store->telling) {
        return; /* the outermost call will come to it */
    }
    store->telling = true;
    for (size_t i = 0; i < store->news_count; i++) {
        struct sim_log_entry entry = store->news[i];
        for (struct subscriber *one = store->subscribers; one != NULL; one = one->next) {
            if (!one->gone && (one->resource == NULL || one->resource == entry.object->resource)) {
                one->callback(one->context, entry.change, entry.object, entry.previous);
            }
        }
        release_entry(&entry);
    }
    store->news_count = 0;
    store->telling = false;
    sweep_subscribers(store);
}

void sim_store_subscribe(struct sim_store *store, const struct sim_resource *resource,
                         sim_store_callback callback, void *context)
{
    struct subscriber *one = xcalloc(1, sizeof(*one));
    one->resource = resource;
    one->callback = callback;
    one->context = context;
    struct subscriber **link = &store->subscribers;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = one;
}

void sim_store_unsubscribe(struct sim_store *store, sim_store_callback callback, void *context)
{
    for (struct subscriber *one = store->subscribers; one != NULL; one = one->next) {
        if (one->callback == callback && one->context == context) {
            one->gone = true;
        }
    }
    if (!store->telling) {
        sweep_subscribers(store);
    }
}

const struct sim_log_entry *sim_store_after(struct sim_store *store,
                                            const struct sim_resource *resource, int64_t version)
{
    const struct shelf *shelf = shelf_of(store, resource);
    size_t low = 0;
    size_t high = shelf->log_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (shelf->log[middle].version <= version) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < shelf->log_count ? &shelf->log[low] : NULL;
}

bool sim_store_reaches(const struct sim_store *store, const struct sim_resource *resource,
                       int64_t version)
{
    return version >= shelf_of(store, resource)->oldest;
}

int64_t sim_store_oldest(const struct sim_store *store, const struct sim_resource *resource)
{
    return shelf_of(store, resource)->oldest;
}

void sim_store_compact(struct sim_store *store, const struct sim_resource *resource)
{
    for (size_t i = 0; i < store->shelf_count; i++) {
        struct shelf *shelf = &store->shelves[i];
        if (resource != NULL && shelf->resource != resource) {
            continue;
        }
        if (shelf->log_count > 0) {
            drop_log(shelf, shelf->log_count);
        }
        shelf->oldest = store->version;
    }
}

void sim_store_set_log_limit(struct sim_store *store, size_t limit)
{
    store->log_limit = limit;
}

static void insert_copy(struct sim_object ***objects, size_t *count, size_t *capacity,
                        struct sim_object *object)
{
    *objects = xgrow(*objects, *count, capacity, sizeof(struct sim_object *));
    (*objects)[(*count)++] = sim_object_retain(object);
}

static int by_key(const void *a, const void *b)
{
    const struct sim_object *left = *(struct sim_object *const *)a;
    const struct sim_object *right = *(struct sim_object *const *)b;
    return compare_keys(left->ns, left->name, right->ns, right->name);
}

/* What holds of today's objects: those not changed since; and of the log: the state before each
 * object's first change since. */
bool sim_store_list_at(struct sim_store *store, const struct sim_resource *resource, const char *ns,
                       int64_t version, struct sim_object ***objects, size_t *count)
{
    const struct shelf *shelf = shelf_of(store, resource);
    *objects = NULL;
    *count = 0;
    if (version < shelf->oldest || version > store->version) {
        return false;
    }
    size_t capacity = 0;
    for (size_t i = 0; i < shelf->count; i++) {
        struct sim_object *object = shelf->objects[i];
        if (object->version <= version && (ns == NULL || strcmp(object->ns, ns) == 0)) {
            insert_copy(objects, count, &capacity, object);
        }
    }
    const struct sim_log_entry *end = shelf->log + shelf->log_count;
    const struct sim_log_entry *entry = sim_store_after(store, resource, version);
    for (; entry != NULL && entry < end; entry++) {
        struct sim_object *before = entry->previous;
        if (before != NULL && before->version <= version &&
            (ns == NULL || strcmp(before->ns, ns) == 0)) {
            insert_copy(objects, count, &capacity, before);
        }
    }
    if (*count > 1) {
        qsort(*objects, *count, sizeof(struct sim_object *), by_key);
    }
    return true;
}

void sim_store_new_uid(struct sim_store *store, char out[37])
{
    uint64_t high = sim_random_next(&store->random);
    uint64_t low = sim_random_next(&store->random);
    snprintf(out, 37, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(high >> 32),
             (unsigned)(high >> 16 & 0xffff), (unsigned)(high & 0xfff),
             (unsigned)(low >> 48 & 0x3fff) | 0x8000U,
             (unsigned long long)(low & UINT64_C(0xffffffffffff)));
}

/* The alphabet leaves out vowels and look-alikes (apimachinery's rand.String). */
void sim_store_new_suffix(struct sim_store *store, char out[6])
{
    static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";
    uint64_t random = sim_random_next(&store->random);
    for (int i = 0; i < 5; i++) {
        out[i] = alphabet[random % (sizeof(alphabet) - 1)];
        random /= sizeof(alphabet) - 1;
    }
    out[5] = '\0';
}
