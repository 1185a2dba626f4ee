#include "runner.h"

#include <string.h>

#include "base/attributes.h"
#include "registry/secret_state.h"

Suite *suite_secret_state(void);

static const char json_type[] = "kubernetes.io/dockerconfigjson";
static const char *const images[] = {"registry.k8s.io/a/b:1", "ghcr.io/x/y:2"};

START_TEST(a_secret_has_the_state_that_its_content_deserves)
{
    static const struct {
        const char *type;
        const char *data;
        enum registry_secret_state state;
        bool spoils_all;
    } table[] = {
        {json_type, "{\"auths\":{\"ghcr.io\":{\"auth\":\"YTpi\"}}}", REGISTRY_SECRET_OK, false},
        {json_type, "{\"auths\":{\"ghcr.io\":{}}}", REGISTRY_SECRET_OK, false},
        {json_type, "{\"auths\":{\"quay.io\":{\"auth\":\"YTpi\"}}}", REGISTRY_SECRET_NO_MATCH,
         false},
        {json_type, "{\"auths\":{\"gh cr.io\":{\"auth\":\"YTpi\"}}}", REGISTRY_SECRET_NO_MATCH,
         false},
        {json_type, "{\"auths\":{}}", REGISTRY_SECRET_EMPTY, false},
        {json_type, "null", REGISTRY_SECRET_EMPTY, false},
        {json_type, "{\"auths\":{\"ghcr.io\":{\"auth\":\"%\"}}}", REGISTRY_SECRET_MALFORMED, true},
        {json_type, "{\"auths\":\"x\"}", REGISTRY_SECRET_MALFORMED, true},
        {json_type, "[]", REGISTRY_SECRET_MALFORMED, true},
        {json_type, "", REGISTRY_SECRET_MALFORMED, false},
        {json_type, NULL, REGISTRY_SECRET_MALFORMED, false},
        {"kubernetes.io/dockercfg", "{\"ghcr.io\":{\"auth\":\"YTpi\"}}", REGISTRY_SECRET_OK, false},
        {"kubernetes.io/dockercfg", "{\"auths\":{\"ghcr.io\":{}}}", REGISTRY_SECRET_NO_MATCH,
         false},
        {"Opaque", "{\"auths\":{\"ghcr.io\":{\"auth\":\"YTpi\"}}}", REGISTRY_SECRET_WRONG_TYPE,
         false},
        {"", "{}", REGISTRY_SECRET_WRONG_TYPE, false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
        struct registry_secret secret;
        size_t length = table[i].data != NULL ? strlen(table[i].data) : 0;
        registry_secret_read(&secret, table[i].type, table[i].data, length, false);
        ck_assert_msg(registry_secret_state(&secret, images, 2) == table[i].state, "%s: %s",
                      table[i].type, table[i].data);
        ck_assert_int_eq(secret.spoils_all, table[i].spoils_all);
        ck_assert_int_eq(secret.reason != NULL, secret.state == REGISTRY_SECRET_MALFORMED ||
                                                    secret.state == REGISTRY_SECRET_WRONG_TYPE);
        registry_secret_free(&secret);
    }
}
END_TEST

START_TEST(without_images_an_entry_is_enough)
{
    struct registry_secret secret;
    const char *text = "{\"auths\":{\"quay.io\":{\"auth\":\"YTpi\"}}}";
    registry_secret_read(&secret, json_type, text, strlen(text), false);
    ck_assert_int_eq(registry_secret_state(&secret, NULL, 0), REGISTRY_SECRET_OK);
    registry_secret_free(&secret);
}
END_TEST

Suite *suite_secret_state(void)
{
    const TTest *tests[] = {a_secret_has_the_state_that_its_content_deserves,
                            without_images_an_entry_is_enough, NULL};
    return suite_of("secret_state", tests);
}
