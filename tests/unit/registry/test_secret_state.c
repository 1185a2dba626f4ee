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
        ck_assert_str_eq(registry_secret_state_name(registry_secret_state("s", &secret, images, 2)),
                         registry_secret_state_name(table[i].state));
        ck_assert_int_eq(secret.spoils_all, table[i].spoils_all);
        ck_assert_int_eq(secret.reason != NULL, secret.state == REGISTRY_SECRET_MALFORMED ||
                                                    secret.state == REGISTRY_SECRET_WRONG_TYPE);
        registry_secret_free(&secret);
    }
}
END_TEST

START_TEST(no_secret_is_missing_and_no_name_is_empty_name)
{
    ck_assert_int_eq(registry_secret_state("s", NULL, images, 2), REGISTRY_SECRET_MISSING);
    ck_assert_int_eq(registry_secret_state("", NULL, images, 2), REGISTRY_SECRET_EMPTY_NAME);
}
END_TEST

START_TEST(without_images_an_entry_is_enough)
{
    struct registry_secret secret;
    const char *text = "{\"auths\":{\"quay.io\":{\"auth\":\"YTpi\"}}}";
    registry_secret_read(&secret, json_type, text, strlen(text), false);
    ck_assert_int_eq(registry_secret_state("s", &secret, NULL, 0), REGISTRY_SECRET_OK);
    registry_secret_free(&secret);
}
END_TEST

START_TEST(names_of_states_go_both_ways_and_the_worst_wins)
{
    for (int i = REGISTRY_SECRET_REJECTED; i <= REGISTRY_SECRET_NONE; i++) {
        enum registry_secret_state state = REGISTRY_SECRET_NONE;
        ck_assert(registry_secret_state_from_name(
            registry_secret_state_name((enum registry_secret_state)i), &state));
        ck_assert_int_eq((int)state, i);
    }
    enum registry_secret_state state = REGISTRY_SECRET_OK;
    ck_assert(!registry_secret_state_from_name("fine", &state));
    ck_assert_int_eq(registry_secret_state_worse(REGISTRY_SECRET_OK, REGISTRY_SECRET_NO_MATCH),
                     REGISTRY_SECRET_NO_MATCH);
    ck_assert(registry_secret_state_is_sound(REGISTRY_SECRET_EMPTY));
    ck_assert(!registry_secret_state_is_sound(REGISTRY_SECRET_UNKNOWN));
}
END_TEST

Suite *suite_secret_state(void)
{
    const TTest *tests[] = {a_secret_has_the_state_that_its_content_deserves,
                            no_secret_is_missing_and_no_name_is_empty_name,
                            without_images_an_entry_is_enough,
                            names_of_states_go_both_ways_and_the_worst_wins, NULL};
    return suite_of("secret_state", tests);
}
