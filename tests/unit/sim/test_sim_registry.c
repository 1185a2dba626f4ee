#include "runner.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "doc/json.h"
#include "registry_server.h"
#include "sim/scenario.h"

Suite *suite_sim_registry(void);

/* puller:right, puller:wrong */
#define RIGHT "Basic cHVsbGVyOnJpZ2h0"
#define WRONG "Basic cHVsbGVyOndyb25n"

#define IMAGE "/v2/team/driver/manifests/v1"
#define SCOPE "repository:team/driver:pull"

static struct sim *scenario_of(const char *yaml)
{
    char path[] = "/tmp/registry-XXXXXX.yaml";
    int fd = mkstemps(path, 5);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, yaml, strlen(yaml)), (ssize_t)strlen(yaml));
    close(fd);
    struct error err = ERROR_INIT;
    struct sim_options options = {.seed = 1};
    struct sim *sim = sim_new(loop_new(), &options);
    ck_assert_msg(sim_scenario_load(sim, path, &err), "%s", err.message);
    unlink(path);
    return sim;
}

static struct sim *registry_of(const char *login)
{
    char *yaml = xasprintf(
        "registries:\n"
        "- {prefix: r.example/, access: public, serve: true, login: %s}\n"
        "- {prefix: r.example/team/, access: private, serve: true, login: %s, username: puller,"
        " password: right}\n"
        "- {prefix: 'r.example/team/driver:gone', access: gone, serve: true, login: basic}\n"
        "- {prefix: r.example/closed/, access: forbidden, serve: true}\n"
        "- {prefix: r.example/much/, access: limited, serve: true}\n"
        "- {prefix: r.example/ill/, access: broken, serve: true}\n",
        login, login);
    struct sim *sim = scenario_of(yaml);
    free(yaml);
    return sim;
}

static void registry_free(struct sim *sim)
{
    struct loop *loop = sim->loop;
    sim_free(sim);
    loop_free(loop);
}

/* The answer's status; the rest is kept in text and challenge. */
static char text[4096];
static char challenge[512];

static int told(struct sim *sim, const char *method, const char *path, const char *authorization,
                const char *scope)
{
    const struct sim_registry_ask ask = {sim_registry_address(sim), method, path, authorization,
                                         scope};
    struct sim_registry_answer answer;
    sim_registry_answer(sim, &ask, &answer);
    snprintf(text, sizeof(text), "%.*s", (int)answer.body.length, answer.body.data);
    snprintf(challenge, sizeof(challenge), "%s", answer.challenge == NULL ? "" : answer.challenge);
    int code = answer.code;
    sim_registry_answer_clear(&answer);
    return code;
}

/* "Bearer TOKEN" from the token endpoint. */
static const char *token(struct sim *sim, const char *authorization, const char *scope)
{
    static char out[128];
    ck_assert_int_eq(told(sim, "GET", "/token", authorization, scope), 200);
    cJSON *answer = cJSON_Parse(text);
    snprintf(out, sizeof(out), "Bearer %s", json_string_or(answer, "token", ""));
    cJSON_Delete(answer);
    return out;
}

START_TEST(basic_login_lets_in_by_name_and_password)
{
    struct sim *sim = registry_of("basic");
    ck_assert_int_eq(told(sim, "HEAD", IMAGE, NULL, NULL), 401);
    ck_assert_str_eq(challenge, "Basic realm=\"simulated registry\"");
    ck_assert_int_eq(told(sim, "HEAD", IMAGE, WRONG, NULL), 401);
    ck_assert_int_eq(told(sim, "HEAD", IMAGE, RIGHT, NULL), 200);
    ck_assert_int_eq(told(sim, "GET", "/v2/", NULL, NULL), 401);
    ck_assert_int_eq(told(sim, "GET", "/v2/", WRONG, NULL), 401);
    ck_assert_int_eq(told(sim, "GET", "/v2/", RIGHT, NULL), 200);
    ck_assert_int_eq(told(sim, "GET", "/v2/open/agent/manifests/v1", NULL, NULL), 200);
    ck_assert_ptr_nonnull(strstr(text, "\"schemaVersion\":2"));
    registry_free(sim);
}
END_TEST

START_TEST(a_token_is_for_one_repository)
{
    struct sim *sim = registry_of("hub");
    ck_assert_int_eq(told(sim, "HEAD", IMAGE, NULL, NULL), 401);
    char *expected =
        xasprintf("Bearer realm=\"http://%s/token\",service=\"%s\",scope=\"" SCOPE "\"",
                  sim_registry_address(sim), sim_registry_address(sim));
    ck_assert_str_eq(challenge, expected);
    free(expected);
    ck_assert_int_eq(told(sim, "HEAD", IMAGE, RIGHT, NULL), 401);
    ck_assert_int_eq(told(sim, "HEAD", IMAGE, token(sim, RIGHT, SCOPE), NULL), 200);
    ck_assert_int_eq(
        told(sim, "HEAD", "/v2/team/other/manifests/v1", token(sim, RIGHT, SCOPE), NULL), 401);
    ck_assert_int_eq(told(sim, "HEAD", IMAGE, "Bearer nonsense", NULL), 401);
    ck_assert_int_eq(told(sim, "GET", "/token", WRONG, SCOPE), 401);
    registry_free(sim);
}
END_TEST

START_TEST(a_hub_gives_nobody_a_token_with_less_in_it)
{
    struct sim *sim = registry_of("hub");
    ck_assert_int_eq(told(sim, "HEAD", IMAGE, token(sim, NULL, SCOPE), NULL), 401);
    ck_assert(text_ends_with(challenge, ",error=\"insufficient_scope\""));
    ck_assert_int_eq(told(sim, "HEAD", "/v2/open/agent/manifests/v1",
                          token(sim, NULL, "repository:open/agent:pull"), NULL),
                     200);
    registry_free(sim);
    sim = registry_of("strict");
    ck_assert_int_eq(told(sim, "GET", "/token", NULL, SCOPE), 401);
    registry_free(sim);
}
END_TEST

START_TEST(what_ails_an_image_has_its_own_status)
{
    struct sim *sim = registry_of("basic");
    ck_assert_int_eq(told(sim, "HEAD", "/v2/team/driver/manifests/gone", NULL, NULL), 404);
    ck_assert_ptr_nonnull(strstr(text, "MANIFEST_UNKNOWN"));
    ck_assert_int_eq(told(sim, "HEAD", "/v2/closed/a/manifests/v1", RIGHT, NULL), 403);
    ck_assert_int_eq(told(sim, "HEAD", "/v2/much/a/manifests/v1", RIGHT, NULL), 429);
    ck_assert_int_eq(told(sim, "HEAD", "/v2/ill/a/manifests/v1", RIGHT, NULL), 503);
    ck_assert_int_eq(told(sim, "POST", "/token", RIGHT, SCOPE), 405);
    ck_assert_int_eq(told(sim, "GET", "/v2/_catalog", RIGHT, NULL), 404);
    ck_assert_int_eq(told(sim, "GET", "/v2/a/manifests/", RIGHT, NULL), 404);
    registry_free(sim);
}
END_TEST

/* What a node says when it pulls the image without a credential; "" if it can. */
static const char *node_says(struct sim *sim, const char *image)
{
    struct sim_pull pull;
    struct sim_keyring keyring = {NULL, 0, 0, NULL};
    sim_registry_pull(sim, image, &keyring, &pull);
    snprintf(text, sizeof(text), "%s", pull.done ? "" : pull.message);
    free(pull.message);
    return text;
}

START_TEST(nodes_fail_in_the_words_of_real_ones)
{
    static const struct {
        const char *image;
        const char *words;
    } cases[] = {
        {"gone.example/a:v1", "rpc error: code = NotFound desc = failed to pull and unpack image "
                              "\"gone.example/a:v1\": failed to resolve reference "
                              "\"gone.example/a:v1\": gone.example/a:v1: not found"},
        {"closed.example/a:v1", ": pulling from host closed.example failed with status code "
                                "[manifests v1]: 403 Forbidden"},
        {"down.example/a:v1", ": connect: connection refused"},
        {"lost.example/a:v1", "dial tcp: lookup lost.example on 192.0.2.53:53: no such host"},
        {"odd.example/a:v1", "x509: certificate signed by unknown authority"},
        {"much.example/a:v1", "429 Too Many Requests"},
        {"slow.example/a:v1", "i/o timeout"},
        {"ill.example/a:v1", "503 Service Unavailable"},
        {"full.example/a:v1", "no space left on device"},
    };
    struct sim *sim = scenario_of(
        "registries:\n"
        "- {prefix: gone.example/, access: gone}\n- {prefix: closed.example/, access: forbidden}\n"
        "- {prefix: down.example/, access: down}\n- {prefix: lost.example/, access: no-host}\n"
        "- {prefix: odd.example/, access: untrusted}\n- {prefix: much.example/, access: limited}\n"
        "- {prefix: slow.example/, access: slow}\n- {prefix: ill.example/, access: broken}\n"
        "- {prefix: full.example/, access: full}\n");
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const char *said = node_says(sim, cases[i].image);
        ck_assert_msg(text_ends_with(said, cases[i].words), "%s: %s", cases[i].image, said);
    }
    ck_assert_str_eq(node_says(sim, "other.example/a:v1"), "");
    registry_free(sim);
}
END_TEST

START_TEST(what_is_no_credential_counts_as_none)
{
    struct sim *sim = registry_of("basic");
    static const char *const odd[] = {"Basic",          "Basic ",   "Basic !!!",
                                      "Basic cHVsbGVy", "Bearer x", "basic cHVsbGVyOnJpZ2h0"};
    for (size_t i = 0; i < ARRAY_LENGTH(odd); i++) {
        ck_assert_int_eq(told(sim, "HEAD", IMAGE, odd[i], NULL), 401);
    }
    registry_free(sim);
}
END_TEST

Suite *suite_sim_registry(void)
{
    Suite *suite = suite_create("sim registry");
    TCase *registry = tcase_create("registry");
    suite_add_tcase(suite, registry);
    tcase_add_test(registry, basic_login_lets_in_by_name_and_password);
    tcase_add_test(registry, a_token_is_for_one_repository);
    tcase_add_test(registry, a_hub_gives_nobody_a_token_with_less_in_it);
    tcase_add_test(registry, what_ails_an_image_has_its_own_status);
    tcase_add_test(registry, nodes_fail_in_the_words_of_real_ones);
    tcase_add_test(registry, what_is_no_credential_counts_as_none);
    return suite;
}
