#include "runner.h"

#include <string.h>

#include "base/alloc.h"
#include "cli/secret_list.h"
#include "cli/secret_matrix.h"
#include "csi/fixtures.h"
#include "doc/json.h"

Suite *suite_secrets(void);

static struct csi_census *census;
static struct change_secret_uses *uses;
static struct cli_matrix matrix;

#define REGCRED "[{'name':'regcred'}]"
#define GHCR    "{\"auths\":{\"ghcr.io\":{\"auth\":\"dTpw\"}}}"
#define BOTH                                                                                       \
    "{\"auths\":{\"ghcr.io\":{\"auth\":\"dTpw\"},\"ghcr.io/upcloudltd\":{\"auth\":\"djpx\"}}}"

static void setup(void)
{
    census = upcloud_census(2, REGCRED);
    uses = change_secret_uses_new();
    matrix = (struct cli_matrix){0};
}

static void teardown(void)
{
    cli_matrix_free(&matrix);
    change_secret_uses_free(uses);
    csi_census_free(census);
}

/* --- The list ----------------------------------------------------------------------------------
 */

static struct cli_secret_picture picture(bool elsewhere)
{
    static char ns[] = "kube-system";
    static char *near[] = {ns, NULL};
    csi_census_settle(census, fixture_now);
    return (struct cli_secret_picture){.census = census,
                                       .uses = uses,
                                       .namespaces = near,
                                       .elsewhere = elsewhere,
                                       .taken_ms = fixture_now};
}

static void check_names(bool elsewhere, const char *expected)
{
    struct cli_secret_picture shown = picture(elsewhere);
    struct buffer out;
    buffer_init(&out, 10000);
    cli_secret_list_names(&shown, &out);
    ck_assert_str_eq(out.data, expected);
    buffer_free(&out);
}

START_TEST(registry_secrets_near_come_first_then_what_pods_name_then_elsewhere)
{
    put_secret(census, "default", "a", DOCKER_TYPE, GHCR);
    put_secret(census, "kube-system", "z", DOCKER_TYPE, GHCR);
    put_secret_row(census, "kube-system", "named", "Opaque", 2);
    put_secret_row(census, "kube-system", "other", "Opaque", 2);
    put_secret_row(census, "default", "opaque", "Opaque", 2);
    cJSON *pod = fixture_json("{'metadata':{'name':'p','namespace':'kube-system'},'spec':{"
                              "'imagePullSecrets':[{'name':'named'}]}}");
    change_secret_uses_add(uses, "Pod", pod);
    cJSON_Delete(pod);
    check_names(true, "secret/kube-system/z\nsecret/kube-system/named\nsecret/default/a\n");
    check_names(false, "secret/kube-system/z\nsecret/kube-system/named\n");
}
END_TEST

START_TEST(a_document_says_what_each_image_gets_and_holds_no_value)
{
    put_secret(census, "kube-system", "s", DOCKER_TYPE, GHCR);
    struct cli_secret_picture shown = picture(false);
    cJSON *document = cli_secret_list_document(&shown);
    const cJSON *item = json_list(document, "items")->child;
    const cJSON *entry;
    int served = 0;
    int images = 0;
    cJSON_ArrayForEach(entry, json_list(item, "serves"))
    {
        bool ghcr = strncmp(json_string(entry, "image"), "ghcr.io/", 8) == 0;
        ck_assert(json_bool(entry, "served", !ghcr) == ghcr);
        served += ghcr;
        images++;
    }
    ck_assert_int_ge(served, 1);
    ck_assert_int_gt(images, served);
    ck_assert_str_eq(json_string(json_list(item, "registries")->child, "user"), "u");
    char *text = cJSON_PrintUnformatted(document);
    ck_assert_ptr_null(strstr(text, "dTpw"));
    free(text);
    cJSON_Delete(document);
}
END_TEST

START_TEST(content_that_may_not_be_read_is_not_called_useless)
{
    put_secret_row(census, "kube-system", "s", DOCKER_TYPE, 1);
    struct cli_secret_picture shown = picture(false);
    struct buffer out;
    buffer_init(&out, 10000);
    cli_secret_list_table(&shown, &out);
    ck_assert_ptr_nonnull(strstr(out.data, "dockerconfigjson  ?           ?      ?       -"));
    buffer_free(&out);
    cJSON *document = cli_secret_list_document(&shown);
    ck_assert(cJSON_IsNull(json_member(json_list(document, "items")->child, "serves")));
    cJSON_Delete(document);
}
END_TEST

/* --- The matrix --------------------------------------------------------------------------------
 */

static struct cli_matrix_source *add_source(const char *ns, const char *name, const char *content)
{
    struct docker_config config = {0};
    struct error err = ERROR_INIT;
    ck_assert_msg(
        docker_config_parse(&config, content, strlen(content), DOCKER_CONFIG_JSON, true, &err),
        "%s", err.message);
    return cli_matrix_add(&matrix, ns, name, &config);
}

static size_t image_at(const char *prefix)
{
    for (size_t i = 0; i < matrix.image_count; i++) {
        if (strncmp(matrix.images[i], prefix, strlen(prefix)) == 0) {
            return i;
        }
    }
    ck_abort_msg("no image %s", prefix);
    return 0;
}

static struct cli_matrix_answer *answer(size_t image, size_t column)
{
    return &matrix.answers[image * (matrix.first[matrix.source_count] + 1) + column];
}

static void tell(size_t image, size_t column, enum registry_probe_verdict verdict)
{
    ck_assert(answer(image, column)->wanted);
    answer(image, column)->told = true;
    answer(image, column)->verdict = verdict;
    answer(image, column)->rate_remaining = -1;
}

static void plan(void)
{
    csi_census_settle(census, fixture_now);
    cli_matrix_plan(&matrix, census);
}

START_TEST(an_image_is_asked_for_with_every_entry_that_matches_else_without)
{
    add_source("kube-system", "regcred", BOTH);
    plan();
    size_t plugin = image_at("ghcr.io/upcloudltd/");
    size_t sidecar = image_at("registry.k8s.io/");
    ck_assert_uint_eq(matrix.first[1], 2);
    ck_assert(answer(plugin, 0)->wanted && answer(plugin, 1)->wanted);
    ck_assert(!answer(plugin, 2)->wanted);
    ck_assert(!answer(sidecar, 0)->wanted && !answer(sidecar, 1)->wanted);
    ck_assert(answer(sidecar, 2)->wanted);
    ck_assert_uint_eq(cli_matrix_served(&matrix), 1);
}
END_TEST

START_TEST(a_secret_that_no_pod_names_is_tried_only_if_it_was_asked_for)
{
    add_source("kube-system", "unused", GHCR);
    plan();
    ck_assert_uint_eq(cli_matrix_served(&matrix), 0);
    cli_matrix_free(&matrix);
    add_source("kube-system", "unused", GHCR)->everywhere = true;
    plan();
    ck_assert_uint_eq(cli_matrix_served(&matrix), 1);
    cli_matrix_free(&matrix);
    add_source("default", "regcred", GHCR); /* the name, but of another namespace */
    plan();
    ck_assert_uint_eq(cli_matrix_served(&matrix), 0);
}
END_TEST

START_TEST(one_credential_that_may_pull_is_enough)
{
    add_source("kube-system", "regcred", BOTH);
    plan();
    size_t plugin = image_at("ghcr.io/");
    tell(plugin, 0, REGISTRY_PROBE_UNAUTHORIZED);
    ck_assert_uint_eq(cli_matrix_refused(&matrix), 1);
    tell(plugin, 1, REGISTRY_PROBE_MAY_PULL);
    ck_assert_uint_eq(cli_matrix_refused(&matrix), 0);
    ck_assert_int_eq(cli_matrix_cell(&matrix, plugin, 0)->verdict, REGISTRY_PROBE_MAY_PULL);
}
END_TEST

START_TEST(what_another_secret_of_the_pods_serves_does_not_count)
{
    put_secret(census, "kube-system", "regcred", DOCKER_TYPE,
               "{\"auths\":{\"registry.k8s.io\":{\"auth\":\"dTpw\"}}}");
    add_source("kube-system", "new", GHCR)->everywhere = true;
    plan();
    size_t sidecar = image_at("registry.k8s.io/");
    ck_assert(matrix.covered[sidecar]);
    tell(sidecar, 1, REGISTRY_PROBE_UNAUTHORIZED);
    ck_assert_uint_eq(cli_matrix_refused(&matrix), 0);
}
END_TEST

START_TEST(given_credentials_are_read_as_the_kubelet_would_read_them)
{
    struct registry_credential credential = {0};
    struct error err = ERROR_INIT;
    registry_credential_set(&credential, "ghcr.io", "u", "p", 1, NULL, NULL);
    ck_assert(cli_matrix_add_given(&matrix, "given", &credential, 1, &err));
    registry_credential_free(&credential);
    plan();
    ck_assert_uint_eq(cli_matrix_served(&matrix), 1);
    tell(image_at("ghcr.io/"), 0, REGISTRY_PROBE_FORBIDDEN);
    answer(image_at("ghcr.io/"), 0)->message = xstrdup("no\x1b[31m right");
    struct buffer out;
    buffer_init(&out, 10000);
    cli_matrix_notes(&matrix, fixture_now, &out);
    ck_assert_str_eq(out.data, "with given: no\xef\xbf\xbd[31m right\n");
    buffer_free(&out);
    cJSON *document = cli_matrix_document(&matrix, fixture_now);
    ck_assert_int_eq(json_int(document, "refused", 0), 1);
    cJSON_Delete(document);
}
END_TEST

START_TEST(content_that_fails_every_pull_is_a_refusal)
{
    struct cli_matrix_source *source = cli_matrix_add(&matrix, "kube-system", "regcred", NULL);
    source->trouble = xstrdup("it is malformed");
    source->spoils = true;
    plan();
    ck_assert_uint_eq(cli_matrix_refused(&matrix), 1);
}
END_TEST

START_TEST(the_end_of_a_token_and_of_ecr_passwords_is_said)
{
    /* exp 1767250800: 2026-01-01T07:00:00Z, an hour after the present of these tests. */
    struct registry_credential credentials[2] = {0};
    struct error err = ERROR_INIT;
    const char *token = "e30.eyJleHAiOjE3NjcyNTA4MDB9.x";
    const char *ecr = "123456789012.dkr.ecr.eu-north-1.amazonaws.com";
    registry_credential_set(&credentials[0], "ghcr.io", "u", token, strlen(token), NULL, NULL);
    registry_credential_set(&credentials[1], ecr, "AWS", "p", 1, NULL, NULL);
    ck_assert(cli_matrix_add_given(&matrix, "given", credentials, 2, &err));
    registry_credential_free(&credentials[0]);
    registry_credential_free(&credentials[1]);
    plan();
    struct buffer out;
    buffer_init(&out, 10000);
    cli_matrix_notes(&matrix, fixture_now, &out);
    ck_assert_ptr_nonnull(strstr(out.data, "given: the token for ghcr.io ends in 60m; pulls fail"));
    ck_assert_ptr_nonnull(strstr(out.data, "amazonaws.com end after 12 hours"));
    buffer_free(&out);
}
END_TEST

Suite *suite_secrets(void)
{
    const TTest *tests[] = {registry_secrets_near_come_first_then_what_pods_name_then_elsewhere,
                            a_document_says_what_each_image_gets_and_holds_no_value,
                            content_that_may_not_be_read_is_not_called_useless,
                            an_image_is_asked_for_with_every_entry_that_matches_else_without,
                            a_secret_that_no_pod_names_is_tried_only_if_it_was_asked_for,
                            one_credential_that_may_pull_is_enough,
                            what_another_secret_of_the_pods_serves_does_not_count,
                            given_credentials_are_read_as_the_kubelet_would_read_them,
                            content_that_fails_every_pull_is_a_refusal,
                            the_end_of_a_token_and_of_ecr_passwords_is_said};
    Suite *suite = suite_create("secrets");
    TCase *test_case = tcase_create("secrets");
    tcase_add_checked_fixture(test_case, setup, teardown);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        tcase_add_test(test_case, tests[i]);
    }
    suite_add_tcase(suite, test_case);
    return suite;
}
