#include "runner.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "registry/dockerconfig.h"

Suite *suite_dockerconfig(void);

struct typed {
    const char *server;
    const char *username;
    const char *password;
    size_t password_length;
    const char *email;
};

static struct buffer out;

static void set_up(void)
{
    buffer_init_secret(&out, 1 << 20);
}

static void tear_down(void)
{
    buffer_free(&out);
}

static struct registry_credential *credentials(const struct typed *typed, size_t count)
{
    struct registry_credential *list = xcalloc(count, sizeof(*list));
    for (size_t i = 0; i < count; i++) {
        registry_credential_set(&list[i], typed[i].server, typed[i].username, typed[i].password,
                                typed[i].password_length, typed[i].email, NULL);
    }
    return list;
}

static void write_all(const struct typed *typed, size_t count)
{
    struct registry_credential *list = credentials(typed, count);
    ck_assert(docker_config_write(&out, list, count));
    registry_credentials_free(list, count);
}

/* The expected bytes are what kubectl 1.32 stores for the same flags. */
START_TEST(a_credential_is_written_as_kubectl_writes_it)
{
    const struct typed typed = {"h&<.io", "u", "a\"b\\c<>&", 8, "e@x"};
    write_all(&typed, 1);
    ck_assert_str_eq(out.data,
                     "{\"auths\":{\"h\\u0026\\u003c.io\":{\"username\":\"u\",\"password\":"
                     "\"a\\\"b\\\\c\\u003c\\u003e\\u0026\",\"email\":\"e@x\",\"auth\":"
                     "\"dTphImJcYzw+Jg==\"}}}");
}
END_TEST

START_TEST(bytes_that_are_not_text_are_written_as_kubectl_writes_them)
{
    const struct typed typed = {"r.io", "u", "x\b\f\x7f\x01\xff\xe2\x80\xa8z", 10, NULL};
    write_all(&typed, 1);
    ck_assert_str_eq(out.data,
                     "{\"auths\":{\"r.io\":{\"username\":\"u\",\"password\":"
                     "\"x\\b\\f\x7f\\u0001\\ufffd\\u2028z\",\"auth\":\"dTp4CAx/Af/igKh6\"}}}");
}
END_TEST

START_TEST(several_registries_are_sorted_and_the_last_of_a_key_wins)
{
    const struct typed typed[] = {
        {"b.io", "u", "1", 1, NULL}, {"a.io", "u", "2", 1, NULL}, {"b.io", "u", "3", 1, NULL}};
    write_all(typed, 3);
    ck_assert_str_eq(out.data, "{\"auths\":{\"a.io\":{\"username\":\"u\",\"password\":\"2\","
                               "\"auth\":\"dToy\"},\"b.io\":{\"username\":\"u\",\"password\":\"3\","
                               "\"auth\":\"dToz\"}}}");
}
END_TEST

START_TEST(no_credential_gives_an_empty_configuration)
{
    ck_assert(docker_config_write(&out, NULL, 0));
    ck_assert_str_eq(out.data, "{\"auths\":{}}");
}
END_TEST

START_TEST(a_password_of_any_bytes_comes_back_whole)
{
    char password[512];
    for (size_t i = 0; i < sizeof(password); i++) {
        password[i] = (char)(i * 7);
    }
    const struct typed typed = {"r.io", "u", password, sizeof(password), NULL};
    write_all(&typed, 1);
    struct docker_config config;
    ck_assert(docker_config_parse(&config, out.data, out.length, DOCKER_CONFIG_JSON, true, NULL));
    ck_assert_uint_eq(config.count, 1);
    ck_assert_uint_eq(config.auths[0].password_length, sizeof(password));
    ck_assert_mem_eq(config.auths[0].password, password, sizeof(password));
    docker_config_free(&config);
}
END_TEST

START_TEST(a_small_limit_is_told)
{
    struct buffer small;
    buffer_init_secret(&small, 20);
    const struct typed typed = {"r.io", "u", "p", 1, NULL};
    struct registry_credential *list = credentials(&typed, 1);
    ck_assert(!docker_config_write(&small, list, 1));
    registry_credentials_free(list, 1);
    buffer_free(&small);
}
END_TEST

static bool merge(const char *existing, const struct typed *typed, enum docker_config_form form,
                  struct error *err)
{
    struct registry_credential *list = credentials(typed, 1);
    bool good = docker_config_merge(&out, existing, strlen(existing), form, list, 1, err);
    registry_credentials_free(list, 1);
    return good;
}

static const struct typed rotated = {"r.io", "u", "n", 1, NULL};

START_TEST(merging_keeps_other_entries_and_members_to_the_byte)
{
    ck_assert(merge("{ \"credsStore\" : \"x\", \"auths\": {\"q.io\": {\"auth\" : \"YTpi\", "
                    "\"more\":[1, 2]}, \"https://r.io/v2/\":{\"auth\":\"YTpi\"}}}",
                    &rotated, DOCKER_CONFIG_JSON, NULL));
    ck_assert_str_eq(out.data, "{\"auths\":{\"q.io\":{\"auth\" : \"YTpi\", \"more\":[1, 2]},"
                               "\"r.io\":{\"username\":\"u\",\"password\":\"n\",\"auth\":"
                               "\"dTpu\"}},\"credsStore\":\"x\"}");
}
END_TEST

START_TEST(merging_into_the_old_form_keeps_it)
{
    ck_assert(merge("{\"z.io\":{\"auth\":\"YTpi\"}}", &rotated, DOCKER_CONFIG_LEGACY, NULL));
    ck_assert_str_eq(out.data, "{\"r.io\":{\"username\":\"u\",\"password\":\"n\",\"auth\":"
                               "\"dTpu\"},\"z.io\":{\"auth\":\"YTpi\"}}");
}
END_TEST

START_TEST(merging_into_null_begins_anew)
{
    ck_assert(merge("null", &rotated, DOCKER_CONFIG_JSON, NULL));
    ck_assert_ptr_nonnull(strstr(out.data, "\"r.io\""));
}
END_TEST

START_TEST(merging_does_not_bring_back_what_a_null_took_away)
{
    ck_assert(
        merge("{\"auths\":{\"q.io\":{}},\"auths\":null}", &rotated, DOCKER_CONFIG_JSON, NULL));
    ck_assert_ptr_null(strstr(out.data, "q.io"));
}
END_TEST

START_TEST(merging_replaces_a_broken_entry_but_refuses_to_leave_one)
{
    struct error err = ERROR_INIT;
    ck_assert(merge("{\"auths\":{\"r.io\":{\"auth\":\"%\"}}}", &rotated, DOCKER_CONFIG_JSON, &err));
    buffer_clear(&out);
    ck_assert(
        !merge("{\"auths\":{\"q.io\":{\"auth\":\"%\"}}}", &rotated, DOCKER_CONFIG_JSON, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "q.io"));
    ck_assert_uint_eq(out.length, 0);
}
END_TEST

START_TEST(merging_into_what_is_not_json_is_refused_with_the_place)
{
    struct error err = ERROR_INIT;
    ck_assert(!merge("{\n  // mine\n}", &rotated, DOCKER_CONFIG_JSON, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "line 2, column 3"));
}
END_TEST

START_TEST(a_parse_that_keeps_names_has_no_password)
{
    const char *text = "{\"auths\":{\"r.io\":{\"auth\":\"dXNlcjpzZWNyZXQ=\",\"email\":\"e\"}}}";
    struct docker_config config;
    ck_assert(docker_config_parse(&config, text, strlen(text), DOCKER_CONFIG_JSON, false, NULL));
    ck_assert_str_eq(config.auths[0].username, "user");
    ck_assert_str_eq(config.auths[0].email, "e");
    ck_assert_ptr_null(config.auths[0].password);
    ck_assert(!config.auths[0].empty);
    docker_config_free(&config);
}
END_TEST

START_TEST(forgetting_takes_the_passwords_only)
{
    const char *text = "{\"auths\":{\"r.io\":{\"username\":\"u\",\"password\":\"p\"}}}";
    struct docker_config config;
    ck_assert(docker_config_parse(&config, text, strlen(text), DOCKER_CONFIG_JSON, true, NULL));
    ck_assert_str_eq(config.auths[0].password, "p");
    docker_config_forget_passwords(&config);
    ck_assert_ptr_null(config.auths[0].password);
    ck_assert_str_eq(config.auths[0].username, "u");
    docker_config_free(&config);
}
END_TEST

START_TEST(an_error_never_shows_a_value)
{
    static const char *const bad[] = {
        "{\"auths\":{\"r.io\":{\"password\":\"hunter2\"},\"q\":{\"auth\":\"hunter2%\"}}}",
        "{\"auths\":{\"r.io\":{\"password\":\"hunter2\"}}} hunter2",
        "{\"auths\":{\"r.io\":{\"password\":[\"hunter2\"]}}}",
        "{\"auths\":{\"r.io\":{\"password\":\"hunter2",
        "{\"auths\":{\"r.io\":{\"auth\":\"aHVudGVyMg==\"}}}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        struct docker_config config;
        struct error err = ERROR_INIT;
        ck_assert(
            !docker_config_parse(&config, bad[i], strlen(bad[i]), DOCKER_CONFIG_JSON, true, &err));
        ck_assert_msg(strstr(err.message, "hunter2") == NULL, "%s", err.message);
        ck_assert_uint_eq(config.count, 0);
    }
}
END_TEST

START_TEST(nesting_without_end_is_refused)
{
    struct buffer deep;
    buffer_init(&deep, 1 << 20);
    buffer_append_string(&deep, "{\"auths\":");
    buffer_append_repeat(&deep, '[', 100000);
    struct docker_config config;
    struct error err = ERROR_INIT;
    ck_assert(
        !docker_config_parse(&config, deep.data, deep.length, DOCKER_CONFIG_JSON, true, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "deep"));
    buffer_free(&deep);
}
END_TEST

START_TEST(every_cut_of_a_configuration_is_refused_without_harm)
{
    const char *text =
        "{\"auths\":{\"r.io\":{\"auth\":\"YTpi\",\"n\":[1.5e3,true,null,\"\\u00e4\"]}}}";
    for (size_t length = 0; length < strlen(text); length++) {
        char *cut = xmemdup(text, length + 1);
        struct docker_config config;
        ck_assert(!docker_config_parse(&config, cut, length, DOCKER_CONFIG_JSON, true, NULL));
        free(cut);
    }
}
END_TEST

Suite *suite_dockerconfig(void)
{
    const TTest *tests[] = {a_credential_is_written_as_kubectl_writes_it,
                            bytes_that_are_not_text_are_written_as_kubectl_writes_them,
                            several_registries_are_sorted_and_the_last_of_a_key_wins,
                            no_credential_gives_an_empty_configuration,
                            a_password_of_any_bytes_comes_back_whole,
                            a_small_limit_is_told,
                            merging_keeps_other_entries_and_members_to_the_byte,
                            merging_into_the_old_form_keeps_it,
                            merging_into_null_begins_anew,
                            merging_does_not_bring_back_what_a_null_took_away,
                            merging_replaces_a_broken_entry_but_refuses_to_leave_one,
                            merging_into_what_is_not_json_is_refused_with_the_place,
                            a_parse_that_keeps_names_has_no_password,
                            forgetting_takes_the_passwords_only,
                            an_error_never_shows_a_value,
                            nesting_without_end_is_refused,
                            every_cut_of_a_configuration_is_refused_without_harm,
                            NULL};
    Suite *suite = suite_create("dockerconfig");
    TCase *test_case = tcase_create("dockerconfig");
    tcase_add_checked_fixture(test_case, set_up, tear_down);
    for (size_t i = 0; tests[i] != NULL; i++) {
        tcase_add_test(test_case, tests[i]);
    }
    suite_add_tcase(suite, test_case);
    return suite;
}
