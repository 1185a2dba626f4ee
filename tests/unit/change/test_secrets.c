#include "runner.h"

#include <stdio.h>

#include "change/secret.h"
#include "change/secret_uses.h"
#include "trees.h"

Suite *suite_secrets(void);

/* --- Who uses it -------------------------------------------------------------------------------
 */

static struct change_secret_uses *uses;

static void add_object(const char *kind, const char *text)
{
    cJSON *object = tree(text);
    change_secret_uses_add(uses, kind, object);
    cJSON_Delete(object);
}

static void setup_uses(void)
{
    uses = change_secret_uses_new();
    add_object(NULL, "{'kind':'StatefulSet','metadata':{'name':'csi','namespace':'ks'},'spec':"
                     "{'template':{'spec':{'imagePullSecrets':[{'name':'upcloud'}],'containers':[{"
                     "'env':[{'name':'USER','valueFrom':{'secretKeyRef':{'name':'upcloud'}}},"
                     "{'name':'PLAIN','value':'upcloud'}]}]}}}}");
    add_object("Pod", "{'metadata':{'name':'csi-0','namespace':'ks','ownerReferences':[{"
                      "'controller':true}]},'spec':{'imagePullSecrets':[{'name':'upcloud'}],"
                      "'initContainers':[{'envFrom':[{'secretRef':{'name':'upcloud'}}]}]}}");
    add_object("Pod", "{'metadata':{'name':'bare','namespace':'ks'},'spec':{'volumes':["
                      "{'name':'v','secret':{'secretName':'certs'}},"
                      "{'name':'p','projected':{'sources':[{'secret':{'name':'certs'}}]}},"
                      "{'name':'c','csi':{'nodePublishSecretRef':{'name':'certs'}}}]}}");
    add_object("CronJob",
               "{'metadata':{'name':'nightly','namespace':'ks'},'spec':{'jobTemplate':{"
               "'spec':{'template':{'spec':{'imagePullSecrets':[{'name':'certs'}]}}}}}}");
    add_object("ServiceAccount", "{'metadata':{'name':'sa','namespace':'ks'},'imagePullSecrets':["
                                 "{'name':'upcloud'}],'secrets':[{'name':'sa-token'}]}");
    add_object("Pod", "{'metadata':{'name':'far','namespace':'other'},'spec':{"
                      "'imagePullSecrets':[{'name':'upcloud'},{}]}}");
}

static void teardown_uses(void)
{
    change_secret_uses_free(uses);
}

static const char *described(const char *secret, size_t most)
{
    static char text[1000];
    struct buffer out;
    buffer_init(&out, sizeof(text) - 1);
    change_secret_uses_describe(uses, "ks", secret, most, &out);
    snprintf(text, sizeof(text), "%s", out.data);
    buffer_free(&out);
    return text;
}

START_TEST(who_uses_a_secret_is_told_with_the_way)
{
    ck_assert_str_eq(described("upcloud", 8),
                     "StatefulSet csi (pull, env USER), ServiceAccount sa (pull), 1 pod");
    ck_assert_str_eq(described("certs", 8),
                     "Pod bare (volume v, volume p, volume c), CronJob nightly (pull)");
    ck_assert_str_eq(described("sa-token", 8), "ServiceAccount sa (account)");
    ck_assert_str_eq(described("unheard-of", 8), "");
}
END_TEST

START_TEST(what_names_a_secret_from_outside_its_namespace_uses_it)
{
    add_object("StorageClass",
               "{'metadata':{'name':'fast'},'parameters':{"
               "'csi.storage.k8s.io/provisioner-secret-name':'api',"
               "'csi.storage.k8s.io/provisioner-secret-namespace':'ks',"
               "'csi.storage.k8s.io/node-publish-secret-name':'publish',"
               "'csi.storage.k8s.io/node-publish-secret-namespace':'${pvc.namespace}',"
               "'csi.storage.k8s.io/node-stage-secret-name':'${pvc.name}','type':'api'}}");
    add_object("StorageClass", "{'metadata':{'name':'old'},'parameters':{'adminSecretName':'api',"
                               "'adminSecretNamespace':'elsewhere'}}");
    add_object("PersistentVolume",
               "{'metadata':{'name':'pv'},'spec':{'claimRef':{'namespace':'ks'},'csi':{"
               "'nodeStageSecretRef':{'name':'api','namespace':'ks'},"
               "'controllerExpandSecretRef':{'name':'beside-the-claim'}}}}");
    add_object("Ingress", "{'metadata':{'name':'web','namespace':'ks'},'spec':{'tls':["
                          "{'secretName':'cert'},{}]}}");
    ck_assert_str_eq(described("api", 8), "StorageClass fast (storage), "
                                          "PersistentVolume pv (storage)");
    ck_assert_str_eq(described("publish", 8), "StorageClass fast (storage)");
    ck_assert_str_eq(described("beside-the-claim", 8), "PersistentVolume pv (storage)");
    ck_assert_str_eq(described("cert", 8), "Ingress web (tls)");
    ck_assert_str_eq(described("${pvc.name}", 8), "");
}
END_TEST

START_TEST(a_long_list_of_users_is_cut)
{
    ck_assert_str_eq(described("upcloud", 1), "StatefulSet csi (pull, env USER), 1 pod and 1 more");
}
END_TEST

START_TEST(the_same_use_counts_once_and_namespaces_are_kept_apart)
{
    size_t count;
    add_object("Pod", "{'metadata':{'name':'twice','namespace':'other'},'spec':{"
                      "'imagePullSecrets':[{'name':'upcloud'},{'name':'upcloud'}]}}");
    const struct change_secret_use **found =
        change_secret_uses_of(uses, "other", "upcloud", &count);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(found[0]->name, "far");
    ck_assert_str_eq(found[1]->name, "twice");
    ck_assert(!found[1]->by_another);
    free(found);
}
END_TEST

START_TEST(objects_of_the_wrong_shape_use_nothing)
{
    add_object("Pod", "{'metadata':5,'spec':{'volumes':'x','containers':[1,{'env':{}}]}}");
    add_object("ServiceAccount", "{'metadata':{'name':7},'secrets':[[],{'name':null}]}");
    size_t count;
    free(change_secret_uses_of(uses, "", "", &count));
    ck_assert_uint_eq(count, 0);
}
END_TEST

/* --- Rotation and copy -------------------------------------------------------------------------
 */

static cJSON *secret_of(const char *type, const char *key, const char *content)
{
    struct buffer encoded;
    buffer_init(&encoded, 100000);
    base64_encode(&encoded, content, strlen(content));
    cJSON *secret = tree("{'metadata':{'name':'s','namespace':'ks','labels':{'a':'b'}}}");
    json_set_string(secret, "type", type);
    json_set_string(json_need_object(secret, "data"), key, encoded.data);
    buffer_free(&encoded);
    return secret;
}

static void check_content(const cJSON *secret, const char *key, const char *expected)
{
    struct buffer decoded;
    buffer_init(&decoded, 100000);
    const char *text = json_string(json_object(secret, "data"), key);
    ck_assert_ptr_nonnull(text);
    ck_assert(base64_decode(&decoded, text, strlen(text), false));
    ck_assert_str_eq(decoded.data, expected);
    buffer_free(&decoded);
}

static cJSON *merged(const cJSON *live, const char *server, bool *replaced, struct error *err)
{
    struct registry_credential credential = {0};
    registry_credential_set(&credential, server, "u", "p", 1, NULL, NULL);
    cJSON *secret = change_secret_merged(live, &credential, 1, replaced, err);
    registry_credential_free(&credential);
    return secret;
}

#define DOCKER "kubernetes.io/dockerconfigjson"
#define ENTRY  "{\"username\":\"u\",\"password\":\"p\",\"auth\":\"dTpw\"}"

START_TEST(a_rotation_keeps_the_other_entries_to_the_byte)
{
    struct error err = ERROR_INIT;
    bool replaced = true;
    cJSON *live = secret_of(DOCKER, ".dockerconfigjson",
                            "{ \"auths\": {\"a.io\": {\"auth\" : \"eDp5\"},\"https://b.io\":{}}}");
    cJSON *secret = merged(live, "b.io", &replaced, &err);
    ck_assert_msg(secret != NULL, "%s", err.message);
    ck_assert(!replaced);
    check_content(secret, ".dockerconfigjson",
                  "{\"auths\":{\"a.io\":{\"auth\" : \"eDp5\"},\"b.io\":" ENTRY "}}");
    ck_assert_str_eq(json_string(secret, "type"), DOCKER);
    cJSON_Delete(secret);
    cJSON_Delete(live);
}
END_TEST

START_TEST(the_old_form_is_kept)
{
    struct error err = ERROR_INIT;
    cJSON *live = secret_of("kubernetes.io/dockercfg", ".dockercfg", "{\"a.io\":{}}");
    cJSON *secret = merged(live, "b.io", NULL, &err);
    ck_assert_msg(secret != NULL, "%s", err.message);
    check_content(secret, ".dockercfg", "{\"a.io\":{},\"b.io\":" ENTRY "}");
    cJSON_Delete(secret);
    cJSON_Delete(live);
}
END_TEST

START_TEST(content_without_entries_is_replaced_and_that_is_said)
{
    static const char *const contents[] = {"", "not JSON", "[]", "null"};
    for (size_t i = 0; i < 4; i++) {
        struct error err = ERROR_INIT;
        bool replaced = false;
        cJSON *live = secret_of(DOCKER, ".dockerconfigjson", contents[i]);
        cJSON *secret = merged(live, "b.io", &replaced, &err);
        ck_assert_msg(secret != NULL, "%s", err.message);
        ck_assert(replaced);
        check_content(secret, ".dockerconfigjson", "{\"auths\":{\"b.io\":" ENTRY "}}");
        cJSON_Delete(secret);
        cJSON_Delete(live);
    }
}
END_TEST

START_TEST(another_entry_that_the_kubelet_cannot_read_is_named)
{
    struct error err = ERROR_INIT;
    cJSON *live = secret_of(DOCKER, ".dockerconfigjson", "{\"auths\":{\"a.io\":{\"auth\":\"!\"}}}");
    ck_assert_ptr_null(merged(live, "b.io", NULL, &err));
    ck_assert_int_eq(err.kind, ERROR_INVALID);
    ck_assert_ptr_nonnull(strstr(err.message, "Secret ks/s"));
    ck_assert_ptr_nonnull(strstr(err.message, "a.io"));
    cJSON *secret = merged(live, "a.io", NULL, &err);
    ck_assert_ptr_nonnull(secret); /* the broken entry itself can be rotated */
    cJSON_Delete(secret);
    cJSON_Delete(live);
}
END_TEST

START_TEST(a_secret_of_another_type_is_neither_rotated_nor_copied)
{
    struct error err = ERROR_INIT;
    cJSON *live = secret_of("Opaque", "username", "x");
    ck_assert_ptr_null(merged(live, "b.io", NULL, &err));
    ck_assert_int_eq(err.kind, ERROR_CONFLICT);
    ck_assert_ptr_nonnull(strstr(err.message, "Opaque"));
    ck_assert_ptr_null(change_secret_copied(live, "to", "t", &err));
    ck_assert_int_eq(err.kind, ERROR_CONFLICT);
    cJSON_Delete(live);
}
END_TEST

START_TEST(a_copy_has_the_content_and_nothing_of_the_sources_owners)
{
    struct error err = ERROR_INIT;
    cJSON *live = secret_of(DOCKER, ".dockerconfigjson", "{\"auths\":{}}");
    json_set_string(json_need_object(live, "data"), "extra", "eA==");
    cJSON *copy = change_secret_copied(live, "to", "t", &err);
    ck_assert_msg(copy != NULL, "%s", err.message);
    ck_assert_tree(copy, "{'apiVersion':'v1','kind':'Secret','type':'" DOCKER "','metadata':{"
                         "'name':'t','namespace':'to','labels':{"
                         "'app.kubernetes.io/managed-by':'pullmend'}},"
                         "'data':{'.dockerconfigjson':'eyJhdXRocyI6e319'}}");
    cJSON_Delete(copy);
    json_remove(json_object(live, "data"), ".dockerconfigjson");
    ck_assert_ptr_null(change_secret_copied(live, "to", "t", &err));
    ck_assert_int_eq(err.kind, ERROR_INVALID);
    cJSON_Delete(live);
}
END_TEST

Suite *suite_secrets(void)
{
    const TTest *using[] = {who_uses_a_secret_is_told_with_the_way,
                            what_names_a_secret_from_outside_its_namespace_uses_it,
                            a_long_list_of_users_is_cut,
                            the_same_use_counts_once_and_namespaces_are_kept_apart,
                            objects_of_the_wrong_shape_use_nothing};
    const TTest *tests[] = {a_rotation_keeps_the_other_entries_to_the_byte,
                            the_old_form_is_kept,
                            content_without_entries_is_replaced_and_that_is_said,
                            another_entry_that_the_kubelet_cannot_read_is_named,
                            a_secret_of_another_type_is_neither_rotated_nor_copied,
                            a_copy_has_the_content_and_nothing_of_the_sources_owners,
                            NULL};
    Suite *suite = suite_of("secrets", tests);
    TCase *uses_case = tcase_create("uses");
    tcase_add_checked_fixture(uses_case, setup_uses, teardown_uses);
    for (size_t i = 0; i < sizeof(using) / sizeof(using[0]); i++) {
        tcase_add_test(uses_case, using[i]);
    }
    suite_add_tcase(suite, uses_case);
    return suite;
}
