#include "runner.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../src/kube/auth.h"
#include "../../../src/kube/exec.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "doc/json.h"
#include "pem.h"

Suite *suite_exec(void);

struct scene {
    char folder[200];
    char *script;
    struct loop *loop;
    struct kube_config config;
    struct exec_spec spec;
    char *args[4];
    struct config_pair env[2];
    struct auth *auth;
    int answers;
    char *authorization;
    unsigned serial;
    struct error err;
};

/* body: lines of a shell script. Each run leaves a line in the file "runs". */
static void set_up(struct scene *scene, const char *body)
{
    *scene = (struct scene){.answers = 0};
    const char *base = getenv("TMPDIR");
    snprintf(scene->folder, sizeof(scene->folder), "%s/plugin.XXXXXX",
             base == NULL ? "/tmp" : base);
    ck_assert_ptr_nonnull(mkdtemp(scene->folder));
    scene->script = file_join(scene->folder, "plugin");
    char *text = xasprintf("#!/bin/sh\necho run >>%s/runs\n%s\n", scene->folder, body);
    ck_assert(file_write_atomic(scene->script, text, strlen(text), 0700, NULL));
    free(text);
    scene->args[0] = xstrdup("one arg");
    scene->env[0] = (struct config_pair){xstrdup("PLUGIN_SAYS"), xstrdup("hello world")};
    scene->spec = (struct exec_spec){.command = scene->script,
                                     .args = scene->args,
                                     .env = scene->env,
                                     .env_count = 1,
                                     .api_version = (char *)"client.authentication.k8s.io/v1",
                                     .interactive = EXEC_NEVER};
    scene->config = (struct kube_config){
        .server = (char *)"https://host:6443", .exec = &scene->spec, .user = (char *)"u"};
    scene->loop = loop_new();
    scene->auth = auth_new(scene->loop, &scene->config);
}

static void tear_down(struct scene *scene)
{
    static const char *const names[] = {"plugin", "runs", "info", "token"};
    auth_free(scene->auth);
    loop_free(scene->loop);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        char *path = file_join(scene->folder, names[i]);
        unlink(path);
        free(path);
    }
    rmdir(scene->folder);
    free(scene->script);
    free(scene->args[0]);
    free(scene->env[0].name);
    free(scene->env[0].value);
    free(scene->authorization);
}

static int runs(const struct scene *scene)
{
    struct buffer text;
    buffer_init(&text, 10000);
    char *path = file_join(scene->folder, "runs");
    file_read(path, &text, NULL);
    int count = (int)text.length / 4;
    free(path);
    buffer_free(&text);
    return count;
}

static void on_credential(void *context, const struct credential *credential,
                          const struct error *err)
{
    struct scene *scene = context;
    scene->answers++;
    scene->err = (struct error)ERROR_INIT;
    if (err != NULL) {
        scene->err = *err;
    } else {
        free(scene->authorization);
        scene->authorization = xstrdup_or_null(credential->authorization);
        scene->serial = credential->serial;
    }
    loop_stop(scene->loop, 0);
}

static void get(struct scene *scene)
{
    int before = scene->answers;
    if (auth_get(scene->auth, on_credential, scene) != NULL) {
        loop_run(scene->loop);
    }
    ck_assert_int_eq(scene->answers, before + 1);
}

#define ANSWER(status)                                                                             \
    "{\"apiVersion\":\"client.authentication.k8s.io/"                                              \
    "v1\",\"kind\":\"ExecCredential\",\"status\":" status "}"

START_TEST(a_plugin_gives_a_token_that_is_kept)
{
    struct scene scene;
    set_up(&scene, "printf '%s' '" ANSWER("{\"token\":\"sesame\"}") "'");
    get(&scene);
    ck_assert_msg(scene.err.kind == ERROR_NONE, "%s", scene.err.message);
    ck_assert_str_eq(scene.authorization, "Bearer sesame");
    get(&scene);
    ck_assert_int_eq(runs(&scene), 1);
    tear_down(&scene);
}
END_TEST

START_TEST(who_asks_while_it_runs_waits_for_the_same_run)
{
    struct scene scene;
    set_up(&scene, "printf '%s' '" ANSWER("{\"token\":\"sesame\"}") "'");
    ck_assert_ptr_nonnull(auth_get(scene.auth, on_credential, &scene));
    struct auth_wait *second = auth_get(scene.auth, on_credential, &scene);
    ck_assert_ptr_nonnull(second);
    struct auth_wait *third = auth_get(scene.auth, on_credential, &scene);
    auth_cancel(scene.auth, third);
    loop_run(scene.loop);
    ck_assert_int_eq(scene.answers, 2);
    ck_assert_int_eq(runs(&scene), 1);
    tear_down(&scene);
}
END_TEST

START_TEST(it_is_told_what_the_protocol_says)
{
    struct scene scene;
    set_up(&scene, "[ \"$1\" = 'one arg' ] && [ \"$PLUGIN_SAYS\" = 'hello world' ] || exit 3\n"
                   "printf '%s' \"$KUBERNETES_EXEC_INFO\" >${0%/*}/info\n"
                   "read line && exit 4\n"
                   "printf '%s' '" ANSWER("{\"token\":\"t\"}") "'");
    scene.spec.provide_cluster_info = true;
    scene.spec.cluster_config = (char *)"{\"audience\":\"me\"}";
    scene.config.tls_server_name = (char *)"name";
    get(&scene);
    ck_assert_msg(scene.err.kind == ERROR_NONE, "%s", scene.err.message);
    struct buffer text;
    buffer_init(&text, 10000);
    char *path = file_join(scene.folder, "info");
    ck_assert(file_read(path, &text, NULL));
    cJSON *info = json_parse(text.data, text.length, "info", NULL);
    cJSON *expected = cJSON_Parse(
        "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\","
        "\"spec\":{\"interactive\":false,\"cluster\":{\"server\":\"https://host:6443\","
        "\"tls-server-name\":\"name\",\"config\":{\"audience\":\"me\"}}}}");
    ck_assert_msg(json_equal(info, expected), "%s", text.data);
    cJSON_Delete(info);
    cJSON_Delete(expected);
    free(path);
    buffer_free(&text);
    tear_down(&scene);
}
END_TEST

START_TEST(an_expired_or_rejected_token_is_fetched_anew)
{
    struct scene scene;
    set_up(&scene, "printf '%s' '" ANSWER(
                       "{\"token\":\"t\",\"expirationTimestamp\":\"2020-01-01T00:00:00Z\"}") "'");
    get(&scene);
    get(&scene);
    ck_assert_int_eq(runs(&scene), 2);
    tear_down(&scene);

    set_up(&scene, "printf '%s' '" ANSWER(
                       "{\"token\":\"t\",\"expirationTimestamp\":\"2999-01-01T00:00:00Z\"}") "'");
    get(&scene);
    unsigned first = scene.serial;
    ck_assert(auth_rejected(scene.auth, first));
    /* Another request's 401 comes before the plugin has answered. */
    ck_assert(auth_rejected(scene.auth, first));
    get(&scene);
    ck_assert_int_eq(runs(&scene), 2);
    /* A late 401 for the old one costs no third run. */
    ck_assert(auth_rejected(scene.auth, first));
    get(&scene);
    ck_assert_int_eq(runs(&scene), 2);
    tear_down(&scene);
}
END_TEST

START_TEST(failures_say_what_the_plugin_said)
{
    static const struct {
        const char *body;
        const char *expected;
    } cases[] = {
        {"echo 'please log in' >&2; exit 7", "failed with exit code 7; it said: please log in"},
        {"printf '\\033[31mred' >&2; exit 1", "red"},
        {"kill -9 $$", "was killed"},
        {"echo nonsense", "did not answer with JSON"},
        {"true", "did not answer with JSON"},
        {"head -c 2000000 /dev/zero", "more than 1 MiB"},
        {"printf '%s' '{\"kind\":\"ExecCredential\",\"apiVersion\":"
         "\"client.authentication.k8s.io/v1beta1\",\"status\":{\"token\":\"x\"}}'",
         "but the kubeconfig says"},
        {"printf '%s' '" ANSWER("{}") "'", "without a token"},
        {"printf '%s' '" ANSWER("{\"clientKeyData\":\"x\"}") "'", "only one of"},
        {"printf '%s' '" ANSWER("{\"token\":\"x\",\"expirationTimestamp\":\"soon\"}") "'",
         "is no time"},
        {"printf '%s' '{\"kind\":\"Other\"}'", "with an ExecCredential"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct scene scene;
        set_up(&scene, cases[i].body);
        get(&scene);
        ck_assert_msg(text_find(scene.err.message, cases[i].expected) != NULL, "%zu: %s", i,
                      scene.err.message);
        ck_assert_int_eq(scene.err.kind, ERROR_AUTH);
        ck_assert_ptr_null(strchr(scene.err.message, 033));
        tear_down(&scene);
    }
}
END_TEST

START_TEST(a_plugin_that_is_not_there_comes_with_its_hint)
{
    struct scene scene;
    set_up(&scene, "true");
    scene.spec.command = (char *)"no-such-plugin-anywhere";
    scene.spec.install_hint = (char *)"install it with care";
    get(&scene);
    ck_assert(text_find(scene.err.message, "not found in PATH") != NULL);
    ck_assert(text_find(scene.err.message, "install it with care") != NULL);
    tear_down(&scene);
}
END_TEST

START_TEST(one_that_needs_a_terminal_does_not_run_without)
{
    struct scene scene;
    set_up(&scene, "true");
    ck_assert_ptr_nonnull(freopen("/dev/null", "r", stdin));
    scene.spec.interactive = EXEC_ALWAYS;
    get(&scene);
    ck_assert(text_find(scene.err.message, "needs a terminal") != NULL);
    ck_assert_int_eq(runs(&scene), 0);
    tear_down(&scene);
}
END_TEST

static void on_result(void *context, struct exec_result *result, const struct error *err)
{
    struct scene *scene = context;
    ck_assert_ptr_null(result);
    scene->err = *err;
    loop_stop(scene->loop, 0);
}

START_TEST(one_that_hangs_is_ended)
{
    struct scene scene;
    set_up(&scene, "echo still waiting >&2; exec tail -f /dev/null");
    exec_start(scene.loop, &scene.config, true, 300, on_result, &scene);
    loop_run(scene.loop);
    ck_assert_msg(text_find(scene.err.message, "did not answer in time") != NULL, "%s",
                  scene.err.message);
    tear_down(&scene);
}
END_TEST

START_TEST(one_that_is_cancelled_does_not_call_back)
{
    struct scene scene;
    set_up(&scene, "exec tail -f /dev/null");
    struct exec_run *run = exec_start(scene.loop, &scene.config, true, 60000, on_result, &scene);
    loop_step(scene.loop, 0);
    exec_cancel(run);
    loop_step(scene.loop, 0);
    ck_assert_int_eq(scene.err.kind, ERROR_NONE);
    tear_down(&scene);
}
END_TEST

START_TEST(a_static_credential_keeps_the_plugin_from_running)
{
    struct scene scene;
    set_up(&scene, "exit 1");
    scene.config.username = (char *)"me";
    scene.config.password = (char *)"pa:ss";
    get(&scene);
    ck_assert_str_eq(scene.authorization, "Basic bWU6cGE6c3M=");
    ck_assert_int_eq(runs(&scene), 0);
    tear_down(&scene);
}
END_TEST

START_TEST(a_token_file_is_read_again_when_the_token_is_rejected)
{
    struct scene scene;
    set_up(&scene, "exit 1");
    char *path = file_join(scene.folder, "token");
    scene.config.token_file = path;
    scene.config.token = (char *)"fallback";
    get(&scene);
    ck_assert_str_eq(scene.authorization, "Bearer fallback");
    ck_assert(file_write_atomic(path, " one\n\n", 6, 0600, NULL));
    get(&scene);
    ck_assert_str_eq(scene.authorization, "Bearer one");
    ck_assert(!auth_rejected(scene.auth, scene.serial));
    ck_assert(file_write_atomic(path, "two", 3, 0600, NULL));
    get(&scene);
    ck_assert_str_eq(scene.authorization, "Bearer one"); /* not a minute old */
    ck_assert(auth_rejected(scene.auth, scene.serial));
    get(&scene);
    ck_assert_str_eq(scene.authorization, "Bearer two");
    unlink(path);
    ck_assert(!auth_rejected(scene.auth, scene.serial));
    get(&scene);
    ck_assert_str_eq(scene.authorization, "Bearer two"); /* the last value stays */
    free(path);
    tear_down(&scene);
}
END_TEST

static char *in_a_pod(const char *name)
{
    return strcmp(name, "KUBERNETES_SERVICE_HOST") == 0   ? (char *)"fd00::1"
           : strcmp(name, "KUBERNETES_SERVICE_PORT") == 0 ? (char *)"443"
                                                          : NULL;
}

START_TEST(a_pods_own_token_rotates)
{
    struct scene scene;
    set_up(&scene, "exit 1");
    char *authority = file_join(scene.folder, "ca.crt");
    char *token = file_join(scene.folder, "token");
    ck_assert(file_write_atomic(authority, test_certificate, strlen(test_certificate), 0600, NULL));
    ck_assert(file_write_atomic(token, "first", 5, 0600, NULL));
    struct kube_config *config = xcalloc(1, sizeof(*config));
    ck_assert_msg(config_in_cluster(config, scene.folder, in_a_pod, &scene.err), "%s",
                  scene.err.message);
    ck_assert_str_eq(config->server, "https://[fd00::1]:443");
    auth_free(scene.auth);
    scene.auth = auth_new(scene.loop, config);
    get(&scene);
    ck_assert_str_eq(scene.authorization, "Bearer first");
    ck_assert(file_write_atomic(token, "second", 6, 0600, NULL));
    ck_assert(auth_rejected(scene.auth, scene.serial));
    get(&scene);
    ck_assert_str_eq(scene.authorization, "Bearer second");
    unlink(authority);
    free(authority);
    free(token);
    tear_down(&scene);
    kube_config_free(config);
}
END_TEST

START_TEST(a_token_file_that_never_was_is_an_error)
{
    struct scene scene;
    set_up(&scene, "exit 1");
    scene.config.token_file = (char *)"/nonexistent/token";
    get(&scene);
    ck_assert_int_eq(scene.err.kind, ERROR_AUTH);
    ck_assert(text_find(scene.err.message, "/nonexistent/token") != NULL);
    tear_down(&scene);
}
END_TEST

Suite *suite_exec(void)
{
    const TTest *tests[] = {a_plugin_gives_a_token_that_is_kept,
                            who_asks_while_it_runs_waits_for_the_same_run,
                            it_is_told_what_the_protocol_says,
                            an_expired_or_rejected_token_is_fetched_anew,
                            failures_say_what_the_plugin_said,
                            a_plugin_that_is_not_there_comes_with_its_hint,
                            one_that_needs_a_terminal_does_not_run_without,
                            one_that_hangs_is_ended,
                            one_that_is_cancelled_does_not_call_back,
                            a_static_credential_keeps_the_plugin_from_running,
                            a_token_file_is_read_again_when_the_token_is_rejected,
                            a_pods_own_token_rotates,
                            a_token_file_that_never_was_is_an_error,
                            NULL};
    return suite_of("exec", tests);
}
