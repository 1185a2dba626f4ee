#include "runner.h"

#include "base/alloc.h"
#include "doc/json.h"
#include "sim/cluster.h"
#include "sim/controllers.h"
#include "sim/scenario.h"
#include "sim/writes.h"

Suite *suite_namespaces(void);

/* What controllers and admission make of namespaces, quotas and accounts. */

#define FEW "few"

static const struct sim_resource *quotas(void)
{
    return sim_resource_find("", "v1", "resourcequotas");
}

static void make_namespace(struct sim *sim)
{
    cluster_create(sim, "", "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'" FEW "'}}");
}

/* The status code of a create in the namespace; 201 for success. */
static int made(struct sim *sim, const struct sim_resource *resource, const char *name,
                char message[512])
{
    struct sim_status status = SIM_STATUS_INIT;
    struct sim_write write = {.manager = "test"};
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "metadata"), "name", name);
    char version[64];
    sim_resource_api_version(resource, version);
    cJSON_AddStringToObject(body, "apiVersion", version);
    cJSON_AddStringToObject(body, "kind", resource->kind);
    bool done = sim_write_create(sim, resource, FEW, body, &write, NULL, &status);
    int code = done ? 201 : status.code;
    snprintf(message, 512, "%s", done ? "" : status.message);
    sim_status_clear(&status);
    return code;
}

static const char *quota_says(struct sim *sim, const char *member)
{
    const struct sim_object *quota = sim_store_get(sim->store, quotas(), FEW, "small");
    return json_string_or(json_at(quota->body, "status", member, NULL), "secrets", "");
}

START_TEST(a_quota_counts_and_refuses_what_is_too_much)
{
    char message[512];
    struct sim *sim = cluster_of("healthy", 1);
    make_namespace(sim);
    cluster_create(sim, FEW,
                   "{'apiVersion':'v1','kind':'ResourceQuota','metadata':{'name':'small',"
                   "'namespace':'" FEW "'},'spec':{'hard':{'secrets':'1','count/deployments.apps':"
                   "'0','requests.cpu':'4'}}}");
    ck_assert_str_eq(quota_says(sim, "hard"), "1");
    ck_assert_str_eq(quota_says(sim, "used"), "0");
    ck_assert_int_eq(made(sim, sim_secrets(), "one", message), 201);
    ck_assert_str_eq(quota_says(sim, "used"), "1");
    ck_assert_int_eq(made(sim, sim_secrets(), "two", message), 403);
    ck_assert_str_eq(message, "secrets \"two\" is forbidden: exceeded quota: small, requested: "
                              "secrets=1, used: secrets=1, limited: secrets=1");
    ck_assert_int_eq(made(sim, sim_service_accounts(), "free", message), 201);
    struct sim_store_options at_once = {.grace_seconds = 0};
    struct sim_status status = SIM_STATUS_INIT;
    ck_assert(
        sim_store_delete(sim->store, sim_secrets(), FEW, "one", &at_once, NULL, NULL, &status));
    ck_assert_str_eq(quota_says(sim, "used"), "0");
    ck_assert_int_eq(made(sim, sim_secrets(), "two", message), 201);
    cluster_free(sim);
}
END_TEST

static void delete_namespace(struct sim *sim)
{
    struct sim_store_options options = {.grace_seconds = -1};
    struct sim_status status = SIM_STATUS_INIT;
    bool gone = true;
    ck_assert(
        sim_store_delete(sim->store, sim_namespaces(), "", FEW, &options, NULL, &gone, &status));
    ck_assert(!gone);
}

static bool namespace_is_gone(struct sim *sim)
{
    return sim_store_get(sim->store, sim_namespaces(), "", FEW) == NULL;
}

static bool account_is_gone(struct sim *sim)
{
    return sim_store_get(sim->store, sim_service_accounts(), FEW, "default") == NULL;
}

START_TEST(a_namespace_that_is_deleted_takes_nothing_new_and_goes_when_it_is_empty)
{
    char message[512];
    struct sim *sim = cluster_of("healthy", 1000);
    make_namespace(sim);
    ck_assert_int_eq(made(sim, sim_secrets(), "held", message), 201);
    cluster_merge(sim, sim_secrets(), FEW, "held", "{'metadata':{'finalizers':['example.com/x']}}");
    delete_namespace(sim);
    const struct sim_object *going = sim_store_get(sim->store, sim_namespaces(), "", FEW);
    ck_assert_str_eq(json_string_or(json_member(going->body, "status"), "phase", ""),
                     "Terminating");
    ck_assert_int_eq(made(sim, sim_secrets(), "new", message), 403);
    ck_assert_str_eq(message, "secrets \"new\" is forbidden: unable to create new content in "
                              "namespace " FEW " because it is being terminated");
    cluster_wait(sim, account_is_gone);
    ck_assert(!namespace_is_gone(sim));
    cluster_merge(sim, sim_secrets(), FEW, "held", "{'metadata':{'finalizers':null}}");
    cluster_wait(sim, namespace_is_gone);
    cluster_free(sim);
}
END_TEST

static struct sim *old_cluster(int minor)
{
    struct error err = ERROR_INIT;
    struct sim_options options = {.seed = 1, .minor = minor};
    struct sim *sim = sim_new(loop_new(), &options);
    ck_assert(sim_scenario_load(sim, "kubespray-upcloud", &err) &&
              sim_controllers_start(sim, &err));
    return sim;
}

START_TEST(accounts_of_old_clusters_have_token_secrets)
{
    struct sim *sim = old_cluster(20);
    const struct sim_object *account =
        sim_store_get(sim->store, sim_service_accounts(), "kube-system", "csi-upcloud-node-sa");
    char *name = xstrdup(
        json_string_or(cJSON_GetArrayItem(json_list(account->body, "secrets"), 0), "name", ""));
    const struct sim_object *secret = sim_store_get(sim->store, sim_secrets(), "kube-system", name);
    ck_assert_ptr_nonnull(secret);
    ck_assert_str_eq(json_string_or(secret->body, "type", ""),
                     "kubernetes.io/service-account-token");
    struct sim_store_options at_once = {.grace_seconds = 0};
    struct sim_status status = SIM_STATUS_INIT;
    ck_assert(sim_store_delete(sim->store, sim_service_accounts(), "kube-system",
                               "csi-upcloud-node-sa", &at_once, NULL, NULL, &status));
    ck_assert_ptr_null(sim_store_get(sim->store, sim_secrets(), "kube-system", name));
    free(name);
    cluster_free(sim);
    sim = old_cluster(24);
    account =
        sim_store_get(sim->store, sim_service_accounts(), "kube-system", "csi-upcloud-node-sa");
    ck_assert_ptr_null(json_list(account->body, "secrets"));
    cluster_free(sim);
}
END_TEST

Suite *suite_namespaces(void)
{
    const TTest *const tests[] = {
        a_quota_counts_and_refuses_what_is_too_much,
        a_namespace_that_is_deleted_takes_nothing_new_and_goes_when_it_is_empty,
        accounts_of_old_clusters_have_token_secrets,
        NULL,
    };
    return suite_of("namespaces", tests);
}
