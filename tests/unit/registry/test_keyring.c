#include "runner.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "doc/json.h"
#include "registry/keyring.h"
#include "registry/reference.h"

Suite *suite_keyring(void);

/*
 * keyring-cases.jsonl: one case a line. `secrets` in the order of the pod's references, `users` as
 * user/password in the order in which the kubelet tries them, `err` the end of its reason, `fails`
 * for a configuration that does not parse, `legacy` for the form of .dockercfg. The first 40 are
 * answers of the kubelet's own code.
 */
enum { CASE_LIMIT = 400, SECRET_LIMIT = 8 };

static cJSON *cases[CASE_LIMIT];
static int case_count;

static _Noreturn void give_up(const struct error *err)
{
    fprintf(stderr, "keyring-cases.jsonl: %s\n", err->message);
    exit(99);
}

/* Before any test runs, so that each case is a test of its own. */
static void load_cases(void)
{
    char *path = file_join(getenv("TOP_SRCDIR"), "tests/unit/registry/keyring-cases.jsonl");
    struct buffer text;
    struct error err = ERROR_INIT;
    buffer_init(&text, 1 << 20);
    if (!file_read(path, &text, &err)) {
        give_up(&err);
    }
    for (char *line = text.data, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        cases[case_count] = json_parse(line, (size_t)(end - line), "case", &err);
        if (cases[case_count] == NULL || case_count + 1 == CASE_LIMIT) {
            give_up(&err);
        }
        case_count++;
    }
    buffer_free(&text);
    free(path);
}

static void free_cases(void)
{
    while (case_count > 0) {
        cJSON_Delete(cases[--case_count]);
    }
}

/* The kubelet says "couldn't parse image name: why" (newer ones with the name in between). */
static bool ends_with_reason(const char *message, const char *reason)
{
    const char *prefix = "couldn't parse image name: ";
    if (strncmp(reason, prefix, strlen(prefix)) == 0) {
        reason += strlen(prefix);
    }
    size_t length = strlen(message);
    return length >= strlen(reason) && strcmp(message + length - strlen(reason), reason) == 0;
}

static void compare_users(const cJSON *c, const struct keyring_candidate *candidates, size_t count)
{
    const cJSON *users = json_list(c, "users");
    ck_assert_msg(count == (size_t)cJSON_GetArraySize(users), "%s: %zu candidates",
                  json_string(c, "name"), count);
    for (size_t i = 0; i < count; i++) {
        char *got = xasprintf("%s/%s", candidates[i].auth->username, candidates[i].auth->password);
        ck_assert_msg(strcmp(got, cJSON_GetArrayItem(users, (int)i)->valuestring) == 0, "%s: %s",
                      json_string(c, "name"), got);
        free(got);
    }
}

/* The keyring of a case; false where one of its Secrets does not parse. */
static bool build(const cJSON *c, struct docker_config configs[SECRET_LIMIT],
                  struct keyring *keyring, struct error *err)
{
    enum docker_config_form form =
        json_bool(c, "legacy", false) ? DOCKER_CONFIG_LEGACY : DOCKER_CONFIG_JSON;
    const cJSON *secret = NULL;
    size_t i = 0;
    cJSON_ArrayForEach(secret, json_list(c, "secrets"))
    {
        const char *text = secret->valuestring;
        ck_assert_uint_lt(i, SECRET_LIMIT);
        if (!docker_config_parse(&configs[i], text, strlen(text), form, true, err)) {
            return false;
        }
        keyring_add(keyring, &configs[i], i);
        i++;
    }
    return true;
}

START_TEST(an_image_gets_the_credentials_that_the_kubelet_would_try)
{
    const cJSON *c = cases[_i];
    struct docker_config configs[SECRET_LIMIT] = {{NULL, 0}};
    struct keyring *keyring = keyring_new();
    struct error err = ERROR_INIT;
    struct keyring_candidate *candidates = NULL;
    size_t count = 0;
    bool good = build(c, configs, keyring, &err);
    if (json_bool(c, "fails", false)) {
        ck_assert_msg(!good, "%s: parsed", json_string(c, "name"));
    } else {
        good = good &&
               keyring_lookup_image(keyring, json_string(c, "image"), &candidates, &count, &err);
        const char *reason = json_string(c, "err");
        ck_assert_msg(good == (reason == NULL), "%s: %s", json_string(c, "name"), err.message);
        ck_assert_msg(reason == NULL || ends_with_reason(err.message, reason), "%s: %s",
                      json_string(c, "name"), err.message);
    }
    compare_users(c, candidates, count);
    free(candidates);
    keyring_free(keyring);
    for (size_t i = 0; i < SECRET_LIMIT; i++) {
        docker_config_free(&configs[i]);
    }
}
END_TEST

START_TEST(an_image_has_the_repository_name_that_the_kubelet_gives_it)
{
    const cJSON *c = cases[_i];
    struct image_reference reference;
    bool parsed = image_reference_parse(&reference, json_string(c, "image"), NULL);
    if (json_string(c, "repo")[0] == '\0') {
        ck_assert_msg(!parsed, "%s", json_string(c, "name"));
        return;
    }
    ck_assert_msg(parsed, "%s", json_string(c, "name"));
    ck_assert_str_eq(reference.name, json_string(c, "repo"));
    image_reference_free(&reference);
}
END_TEST

static size_t lookup(const char *text, const char *image, struct docker_config *config,
                     struct keyring **keyring, struct keyring_candidate **candidates)
{
    size_t count = 0;
    ck_assert(docker_config_parse(config, text, strlen(text), DOCKER_CONFIG_JSON, false, NULL));
    *keyring = keyring_new();
    keyring_add(*keyring, config, 7);
    ck_assert(keyring_lookup_image(*keyring, image, candidates, &count, NULL));
    return count;
}

START_TEST(two_spellings_of_a_key_in_one_secret_are_marked_as_random)
{
    struct docker_config config;
    struct keyring *keyring = NULL;
    struct keyring_candidate *found = NULL;
    size_t count = lookup("{\"auths\":{\"r.io\":{\"username\":\"a\"},\"https://r.io\":{},"
                          "\"r.io/x\":{}}}",
                          "r.io/x:1", &config, &keyring, &found);
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(found[0].key, "r.io/x");
    ck_assert(!found[0].order_is_random);
    ck_assert(found[1].order_is_random && found[2].order_is_random);
    ck_assert_uint_eq(found[1].source, 7);
    free(found);
    keyring_free(keyring);
    docker_config_free(&config);
}
END_TEST

START_TEST(a_keyring_of_ten_thousand_entries_finds_its_one)
{
    struct buffer text;
    buffer_init(&text, 1 << 20);
    buffer_append_string(&text, "{\"auths\":{");
    for (int i = 0; i < 10000; i++) {
        buffer_printf(&text, "%s\"h%d.example.com\":{\"username\":\"u%d\"}", i > 0 ? "," : "", i,
                      i);
    }
    buffer_append_string(&text, "}}");
    struct docker_config config;
    struct keyring *keyring = NULL;
    struct keyring_candidate *found = NULL;
    ck_assert_uint_eq(lookup(text.data, "h777.example.com/a", &config, &keyring, &found), 1);
    ck_assert_str_eq(found[0].auth->username, "u777");
    free(found);
    keyring_free(keyring);
    docker_config_free(&config);
    buffer_free(&text);
}
END_TEST

START_TEST(a_key_alone_can_be_asked)
{
    ck_assert(keyring_key_matches("https://index.docker.io/v1/", "docker.io/library/nginx"));
    ck_assert(!keyring_key_matches("https://index.docker.io/v1", "docker.io/library/nginx"));
    struct error err = ERROR_INIT;
    ck_assert_ptr_null(keyring_normalise_key("r .io", &err));
    ck_assert_int_eq(err.kind, ERROR_INVALID);
    char *key = keyring_normalise_key("https://r.io/v2/", NULL);
    ck_assert_str_eq(key, "r.io");
    free(key);
}
END_TEST

Suite *suite_keyring(void)
{
    const TTest *tests[] = {two_spellings_of_a_key_in_one_secret_are_marked_as_random,
                            a_keyring_of_ten_thousand_entries_finds_its_one,
                            a_key_alone_can_be_asked, NULL};
    Suite *suite = suite_of("keyring", tests);
    load_cases();
    atexit(free_cases);
    TCase *table = tcase_create("keyring cases");
    tcase_add_loop_test(table, an_image_gets_the_credentials_that_the_kubelet_would_try, 0,
                        case_count);
    tcase_add_loop_test(table, an_image_has_the_repository_name_that_the_kubelet_gives_it, 0,
                        case_count);
    suite_add_tcase(suite, table);
    return suite;
}
