#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/json.h"
#include "runner.h"
#include "sim/store.h"

static int64_t now(void *context)
{
    (void)context;
    return 1767225600000; /* 2026-01-01T00:00:00Z */
}

static struct sim_store *store;
static struct sim_status status;

static void begin(void)
{
    store = sim_store_new(now, NULL, 1);
    status = (struct sim_status)SIM_STATUS_INIT;
}

static void end(void)
{
    sim_status_clear(&status);
    sim_store_free(store);
}

static cJSON *secret(const char *ns, const char *name, const char *value)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *metadata = cJSON_AddObjectToObject(body, "metadata");
    cJSON_AddStringToObject(metadata, "name", name);
    cJSON_AddStringToObject(metadata, "namespace", ns);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "data"), "k", value);
    return body;
}

static struct sim_object *create(const char *ns, const char *name)
{
    struct sim_object *made = NULL;
    ck_assert(sim_store_create(store, sim_secrets(), secret(ns, name, "a"), NULL, &made, &status));
    sim_object_release(made);
    return sim_store_get(store, sim_secrets(), ns, name);
}

START_TEST(a_new_object_gets_uid_time_and_version)
{
    begin();
    struct sim_object *made = create("a", "s");
    const cJSON *metadata = json_object(made->body, "metadata");
    ck_assert_uint_eq(strlen(made->uid), 36);
    ck_assert_str_eq(json_string(metadata, "creationTimestamp"), "2026-01-01T00:00:00Z");
    ck_assert_int_eq(made->version, sim_store_version(store));
    ck_assert_str_eq(made->body->child->string, "kind");
    ck_assert_str_eq(made->body->child->next->string, "apiVersion");
    ck_assert(!sim_store_create(store, sim_secrets(), secret("a", "s", "b"), NULL, NULL, &status));
    ck_assert_str_eq(status.message, "secrets \"s\" already exists");
    end();
}
END_TEST

START_TEST(objects_lie_in_the_order_of_their_keys)
{
    begin();
    create("b", "one");
    create("a", "two");
    create("a-b", "three");
    create("a", "one");
    size_t count;
    struct sim_object *const *all = sim_store_list(store, sim_secrets(), NULL, &count);
    ck_assert_uint_eq(count, 4);
    ck_assert_str_eq(all[0]->ns, "a-b"); /* '-' sorts before the '/' behind "a" */
    ck_assert_str_eq(all[1]->name, "one");
    ck_assert_str_eq(all[2]->name, "two");
    ck_assert_str_eq(all[3]->ns, "b");
    sim_store_list(store, sim_secrets(), "a", &count);
    ck_assert_uint_eq(count, 2);
    sim_store_list(store, sim_secrets(), "none", &count);
    ck_assert_uint_eq(count, 0);
    end();
}
END_TEST

START_TEST(a_write_that_changes_nothing_keeps_the_version)
{
    begin();
    struct sim_object *made = create("a", "s");
    int64_t version = made->version;
    ck_assert(sim_store_update(store, sim_secrets(), cJSON_Duplicate(made->body, true), NULL, NULL,
                               &status));
    ck_assert_int_eq(sim_store_version(store), version);
    ck_assert(sim_store_update(store, sim_secrets(), secret("a", "s", "b"), NULL, NULL, &status));
    ck_assert_int_eq(sim_store_version(store), version + 1);
    end();
}
END_TEST

START_TEST(an_old_version_is_refused)
{
    begin();
    cJSON *old = cJSON_Duplicate(create("a", "s")->body, true);
    ck_assert(sim_store_update(store, sim_secrets(), secret("a", "s", "b"), NULL, NULL, &status));
    ck_assert(!sim_store_update(store, sim_secrets(), old, NULL, NULL, &status));
    ck_assert_int_eq(status.code, 409);
    ck_assert_str_eq(status.reason, "Conflict");
    end();
}
END_TEST

START_TEST(a_dry_run_stores_nothing)
{
    begin();
    struct sim_object *made = NULL;
    struct sim_store_options options = {.dry_run = true};
    int64_t version = sim_store_version(store);
    ck_assert(
        sim_store_create(store, sim_secrets(), secret("a", "s", "b"), &options, &made, &status));
    ck_assert_ptr_null(json_string(json_object(made->body, "metadata"), "resourceVersion"));
    ck_assert_int_eq(sim_store_version(store), version);
    ck_assert_ptr_null(sim_store_get(store, sim_secrets(), "a", "s"));
    sim_object_release(made);
    end();
}
END_TEST

START_TEST(an_older_state_comes_back_out_of_the_log)
{
    begin();
    create("a", "one");
    create("a", "two");
    int64_t version = sim_store_version(store);
    ck_assert(sim_store_update(store, sim_secrets(), secret("a", "one", "b"), NULL, NULL, &status));
    struct sim_store_options options = {.grace_seconds = 0};
    ck_assert(sim_store_delete(store, sim_secrets(), "a", "two", &options, NULL, NULL, &status));
    create("a", "three");
    struct sim_object **objects;
    size_t count;
    ck_assert(sim_store_list_at(store, sim_secrets(), "a", version, &objects, &count));
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(objects[0]->name, "one");
    ck_assert_str_eq(json_string(json_object(objects[0]->body, "data"), "k"), "a");
    ck_assert_str_eq(objects[1]->name, "two");
    for (size_t i = 0; i < count; i++) {
        sim_object_release(objects[i]);
    }
    free(objects);
    sim_store_compact(store, NULL);
    ck_assert(!sim_store_list_at(store, sim_secrets(), "a", version, &objects, &count));
    ck_assert(!sim_store_reaches(store, sim_secrets(), version));
    end();
}
END_TEST

struct notes {
    int count;
    int depth;
};

static void on_change(void *context, enum sim_change change, struct sim_object *object,
                      struct sim_object *previous)
{
    struct notes *notes = context;
    (void)previous;
    ck_assert_int_eq(notes->depth, 0);
    notes->depth++;
    notes->count++;
    if (change == SIM_ADDED && strcmp(object->name, "first") == 0) {
        create("a", "second");
    }
    notes->depth--;
}

START_TEST(subscribers_hear_of_nested_writes_one_after_the_other)
{
    begin();
    struct notes notes = {0, 0};
    sim_store_subscribe(store, sim_secrets(), on_change, &notes);
    create("a", "first");
    ck_assert_int_eq(notes.count, 2);
    sim_store_unsubscribe(store, on_change, &notes);
    create("a", "third");
    ck_assert_int_eq(notes.count, 2);
    end();
}
END_TEST

START_TEST(the_log_keeps_no_more_than_its_limit)
{
    begin();
    sim_store_set_log_limit(store, 10);
    int64_t first = sim_store_version(store);
    create("a", "s");
    for (int i = 0; i < 40; i++) {
        char value[8];
        snprintf(value, sizeof(value), "%d", i);
        ck_assert(
            sim_store_update(store, sim_secrets(), secret("a", "s", value), NULL, NULL, &status));
    }
    ck_assert(!sim_store_reaches(store, sim_secrets(), first));
    ck_assert(sim_store_reaches(store, sim_secrets(), sim_store_version(store) - 5));
    end();
}
END_TEST

Suite *suite_store(void);
Suite *suite_store(void)
{
    const TTest *const tests[] = {
        a_new_object_gets_uid_time_and_version,
        objects_lie_in_the_order_of_their_keys,
        a_write_that_changes_nothing_keeps_the_version,
        an_old_version_is_refused,
        a_dry_run_stores_nothing,
        an_older_state_comes_back_out_of_the_log,
        subscribers_hear_of_nested_writes_one_after_the_other,
        the_log_keeps_no_more_than_its_limit,
        NULL,
    };
    return suite_of("store", tests);
}
