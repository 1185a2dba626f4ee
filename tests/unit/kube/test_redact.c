#include "runner.h"

#include <stdlib.h>
#include <string.h>

#include "../../../src/kube/redact.h"
#include "base/alloc.h"
#include "doc/json.h"

Suite *suite_redact(void);

static cJSON *parse(const char *text)
{
    cJSON *tree = json_parse(text, strlen(text), "test", NULL);
    ck_assert_ptr_nonnull(tree);
    return tree;
}

static char *text_of(const cJSON *tree)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    json_write(&out, tree);
    return buffer_take(&out);
}

static char *encode(const char *text)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    base64_encode(&out, text, strlen(text));
    return buffer_take(&out);
}

/* What becomes of a Secret's value under that key. free() it. */
static char *cleaned(const char *key, const char *content)
{
    struct redact *redact = redact_new(false);
    struct buffer out;
    char *encoded = encode(content);
    char *text =
        xasprintf("{\"metadata\":{\"name\":\"s\"},\"data\":{\"%s\":\"%s\"}}", key, encoded);
    cJSON *secret = parse(text);
    redact_tree(redact, secret, true);
    const char *value = json_string(json_object(secret, "data"), key);
    buffer_init(&out, 1 << 20);
    ck_assert(base64_decode(&out, value, strlen(value), false));
    cJSON_Delete(secret);
    free(encoded);
    free(text);
    redact_free(redact);
    return buffer_take(&out);
}

START_TEST(a_registry_secret_keeps_its_form_and_nothing_else)
{
    static const struct {
        const char *key;
        const char *content;
        const char *left;
    } cases[] = {
        {".dockerconfigjson",
         "{\"auths\":{\"ghcr.io\":{\"username\":\"u\",\"password\":\"p\",\"auth\":\"dTpw\"}}}",
         "{\"auths\":{\"ghcr.io\":{\"username\":\"removed\",\"password\":\"removed\",\"auth\":"
         "\"cmVtb3ZlZDpyZW1vdmVk\"}}}"},
        {".dockerconfigjson", "{\"auths\":{\"ghcr.io\":{\"auth\":\"?!\"}},\"other\":\"p\"}",
         "{\"auths\":{\"ghcr.io\":{\"auth\":\"%\"}}}"},
        {".dockerconfigjson", "{\"auths\":{\"ghcr.io\":{}}}", "{\"auths\":{\"ghcr.io\":{}}}"},
        {".dockerconfigjson", "{\"auths\":{\"ghcr.io\":\"p\"}}",
         "{\"auths\":{\"ghcr.io\":\"removed\"}}"},
        {".dockerconfigjson", "{\"auths\":\"p\"}", "{\"auths\":\"removed\"}"},
        {".dockerconfigjson", "{}", "{}"},
        {".dockerconfigjson", "null", "null"},
        {".dockerconfigjson", "[\"p\"]", "[]"},
        {".dockerconfigjson", "p", "removed"},
        {".dockercfg", "{\"ghcr.io\":{\"auth\":\"dTpw\",\"identitytoken\":\"p\"}}",
         "{\"ghcr.io\":{\"auth\":\"cmVtb3ZlZDpyZW1vdmVk\",\"identitytoken\":\"removed\"}}"},
        {"password", "p", "removed"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char *left = cleaned(cases[i].key, cases[i].content);
        ck_assert_str_eq(left, cases[i].left);
        free(left);
    }
}
END_TEST

START_TEST(copies_of_secrets_and_variables_go_too)
{
    struct redact *redact = redact_new(false);
    cJSON *tree = parse(
        "{\"items\":[{\"kind\":\"Secret\",\"stringData\":{\"k\":\"hidden\"},\"metadata\":{"
        "\"annotations\":{\"kubectl.kubernetes.io/last-applied-configuration\":\"hidden\"}}},"
        "{\"kind\":\"Pod\",\"metadata\":{\"managedFields\":[{\"fieldsV1\":{\"k:hidden\":{}}}],"
        "\"annotations\":{\"kubectl.kubernetes.io/last-applied-configuration\":"
        "\"{\\\"env\\\":[{\\\"name\\\":\\\"API_TOKEN\\\",\\\"value\\\":\\\"hidden\\\"}]}\"}},"
        "\"spec\":{\"containers\":[{\"env\":[{\"name\":\"Db_PassWord\",\"value\":\"hidden\"},"
        "{\"name\":\"PLACE\",\"value\":\"shown\"}]}]}}]}");
    redact_tree(redact, tree, false);
    char *text = text_of(tree);
    ck_assert_msg(strstr(text, "hidden") == NULL, "%s", text);
    ck_assert_ptr_nonnull(strstr(text, "shown"));
    ck_assert_ptr_nonnull(strstr(text, "API_TOKEN"));
    free(text);
    cJSON_Delete(tree);
    redact_free(redact);
}
END_TEST

START_TEST(names_become_digests_that_hold_for_one_recording)
{
    static const char pod[] =
        "{\"metadata\":{\"name\":\"plugin-x1\",\"namespace\":\"team\"},\"spec\":{\"nodeName\":"
        "\"worker-1\",\"imagePullSecrets\":[{\"name\":\"regcred\"}]},\"status\":{\"hostIP\":"
        "\"10.1.2.3\",\"message\":\"of 10.1.2.3.\"}}";
    static const char event[] =
        "{\"metadata\":{\"namespace\":\"kube-system\"},\"source\":{\"host\":\"worker-1\"},"
        "\"reason\":\"FailedToRetrieveImagePullSecret\",\"message\":\"secrets (regcred, other); on "
        "worker-1.\"}";
    struct redact *redact = redact_new(true);
    cJSON *one = parse(pod);
    cJSON *other = parse(event);
    redact_tree(redact, other, false);
    redact_tree(redact, one, false);
    char *path = redact_path(redact, "/api/v1/namespaces/team/secrets/regcred?x=worker-1");
    char *pod_text = text_of(one);
    char *event_text = text_of(other);
    char *texts = xasprintf("%s %s", pod_text, event_text);
    ck_assert_msg(strstr(texts, "regcred") == NULL && strstr(texts, "worker-1") == NULL &&
                      strstr(texts, "team") == NULL && strstr(texts, "10.1.2.3") == NULL &&
                      strstr(texts, "other") == NULL,
                  "%s", texts);
    ck_assert_ptr_nonnull(strstr(texts, "plugin-x1"));
    ck_assert_ptr_nonnull(strstr(texts, "kube-system"));
    const char *secret =
        json_string(json_list(json_object(one, "spec"), "imagePullSecrets")->child, "name");
    ck_assert_ptr_nonnull(strstr(path, secret));
    ck_assert_ptr_nonnull(strstr(json_string(other, "message"), secret));
    struct redact *second = redact_new(true);
    char *elsewhere = redact_path(second, "/api/v1/namespaces/team/secrets/regcred?x=worker-1");
    ck_assert_str_ne(path, elsewhere);
    free(elsewhere);
    free(path);
    free(texts);
    free(pod_text);
    free(event_text);
    cJSON_Delete(one);
    cJSON_Delete(other);
    redact_free(redact);
    redact_free(second);
}
END_TEST

START_TEST(addresses_of_either_kind_are_hidden_and_times_are_not)
{
    static const struct {
        const char *text;
        const char *left;
    } cases[] = {
        {"dial tcp [fd00:10:96::a]:443: connect", "dial tcp [2001:db8::1]:443: connect"},
        {"lookup on FE80::1: no route to fd00::2.",
         "lookup on 2001:db8::1: no route to 2001:db8::1."},
        {"10.1.2.3:53 at 18:05:14", "192.0.2.1:53 at 18:05:14"},
        {"sha256:dead aa:bb:cc:dd:ee:ff", "sha256:dead aa:bb:cc:dd:ee:ff"},
    };
    struct redact *redact = redact_new(true);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char *text = redact_text(redact, cases[i].text);
        ck_assert_str_eq(text, cases[i].left);
        free(text);
    }
    redact_free(redact);
}
END_TEST

Suite *suite_redact(void)
{
    const TTest *tests[] = {a_registry_secret_keeps_its_form_and_nothing_else,
                            copies_of_secrets_and_variables_go_too,
                            names_become_digests_that_hold_for_one_recording,
                            addresses_of_either_kind_are_hidden_and_times_are_not, NULL};
    return suite_of("redact", tests);
}
