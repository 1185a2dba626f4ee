#include "runner.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/text.h"
#include "fake_server.h"
#include "registry/probe.h"

Suite *suite_probe(void);

enum { SEEN_LIMIT = 1 << 16 };

/* A proxy that lets nobody through to TLS, and is itself the registry in plain HTTP. */
struct scene {
    struct loop *loop;
    struct fake_server *proxy;
    struct buffer seen; /* the first line of each request, and its Authorization */
    enum registry_probe_verdict verdict;
    char *message;
    bool done;
};

static struct scene scene;

static void on_request(void *context, struct fake_connection *connection, const char *request)
{
    (void)context;
    const char *authorization = strstr(request, "\r\nAuthorization: ");
    buffer_printf(&scene.seen, "%.*s", (int)strcspn(request, "\r\n"), request);
    if (authorization != NULL) {
        buffer_printf(&scene.seen, " %.*s", (int)strcspn(authorization + 2, "\r\n"),
                      authorization + 2);
    }
    buffer_append_char(&scene.seen, '\n');
    if (text_starts_with(request, "CONNECT ")) {
        fake_answer(connection, 403, "", "no way");
    } else if (authorization == NULL) {
        fake_answer(connection, 401, "WWW-Authenticate: Basic realm=\"suite\"\r\n", "");
    } else {
        fake_answer(connection, 200, "Docker-Content-Digest: sha256:00\r\n", "");
    }
}

static void set_up(void)
{
    char address[64];
    scene = (struct scene){.loop = loop_new()};
    buffer_init(&scene.seen, SEEN_LIMIT);
    scene.proxy = fake_server_new(scene.loop, on_request, NULL);
    snprintf(address, sizeof(address), "http://127.0.0.1:%d", fake_server_port(scene.proxy));
    setenv("HTTPS_PROXY", address, 1);
    setenv("http_proxy", address, 1);
    unsetenv("NO_PROXY");
    unsetenv("no_proxy");
    unsetenv("https_proxy");
    unsetenv("HTTP_PROXY");
}

static void tear_down(void)
{
    fake_server_free(scene.proxy);
    loop_free(scene.loop);
    buffer_free(&scene.seen);
    free(scene.message);
}

static void on_result(void *context, size_t image, size_t credential,
                      const struct registry_probe_result *result)
{
    (void)context;
    (void)image;
    (void)credential;
    free(scene.message);
    scene.verdict = result->verdict;
    scene.message = xstrdup_or_null(result->message);
}

static void on_done(void *context)
{
    (void)context;
    scene.done = true;
    loop_stop(scene.loop, 0);
}

static void probe(const char *image, const char *const *insecure_hosts)
{
    static const struct registry_verify_callbacks callbacks = {on_result, on_done};
    const struct registry_probe_credential credential = {"puller", "s3cret", 6};
    const struct registry_probe_options options = {.insecure_hosts = insecure_hosts};
    struct error err = ERROR_INIT;
    buffer_clear(&scene.seen);
    scene.done = false;
    ck_assert_ptr_nonnull(registry_verify_start(scene.loop, &options, &image, 1, &credential, 1,
                                                NULL, &callbacks, NULL, &err));
    while (!scene.done) {
        loop_run(scene.loop);
    }
}

static void expect_seen(const char *line)
{
    ck_assert_msg(strstr(scene.seen.data, line) != NULL, "%s is not in:\n%s", line,
                  scene.seen.data);
}

START_TEST(docker_hub_is_asked_where_its_images_are)
{
    static const char *const names[] = {"nginx", "docker.io/library/nginx:1.27",
                                        "index.docker.io/team/app@sha256:"
                                        "0123456789abcdef0123456789abcdef"
                                        "0123456789abcdef0123456789abcdef"};
    for (size_t i = 0; i < 3; i++) {
        probe(names[i], NULL);
        expect_seen("CONNECT registry-1.docker.io:443 ");
        ck_assert(!registry_probe_verdict_is_good(scene.verdict));
    }
}
END_TEST

START_TEST(the_proxy_of_the_environment_is_used_and_told_no_password)
{
    probe("ghcr.io/team/app:1", NULL);
    expect_seen("CONNECT ghcr.io:443 ");
    ck_assert_ptr_null(strstr(scene.seen.data, "Authorization"));
    ck_assert_ptr_null(strstr(scene.seen.data, "http://ghcr.io"));
    ck_assert_int_eq(scene.verdict, REGISTRY_PROBE_UNREACHABLE);
    setenv("NO_PROXY", "invalid", 1);
    probe("reg.invalid/team/app:1", NULL);
    ck_assert_uint_eq(scene.seen.length, 0);
}
END_TEST

START_TEST(plain_http_is_only_for_the_hosts_that_are_named)
{
    static const char *const named[] = {"other.example.com", "reg.example.com:5000", NULL};
    static const char *const others[] = {"reg.example.com", "example.com:5000", NULL};
    probe("reg.example.com:5000/team/app:1", others);
    ck_assert_ptr_null(strstr(scene.seen.data, "http://"));
    ck_assert(!registry_probe_verdict_is_good(scene.verdict));
    probe("reg.example.com:5000/team/app:1", named);
    ck_assert_msg(scene.verdict == REGISTRY_PROBE_MAY_PULL, "%s\n%s", scene.message,
                  scene.seen.data);
    expect_seen("HEAD http://reg.example.com:5000/v2/team/app/manifests/1 ");
    expect_seen("Authorization: Basic cHVsbGVyOnMzY3JldA==");
}
END_TEST

Suite *suite_probe(void)
{
    const TTest *tests[] = {docker_hub_is_asked_where_its_images_are,
                            the_proxy_of_the_environment_is_used_and_told_no_password,
                            plain_http_is_only_for_the_hosts_that_are_named, NULL};
    Suite *suite = suite_create("probe");
    TCase *test_case = tcase_create("probe");
    tcase_set_timeout(test_case, 120);
    tcase_add_checked_fixture(test_case, set_up, tear_down);
    for (size_t i = 0; tests[i] != NULL; i++) {
        tcase_add_test(test_case, tests[i]);
    }
    suite_add_tcase(suite, test_case);
    return suite;
}
