#include "runner.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "registry/credential_source.h"

Suite *suite_credential_source(void);

/* A home of its own for each test, with helper programs in PATH. */
static char *home;
static struct loop *loop;

struct outcome {
    bool called;
    struct registry_credential *credentials;
    size_t count;
    char *skipped;
    struct error err;
};

static void put(const char *name, const char *text, mode_t mode)
{
    char *path = file_join(home, name);
    char *folder = file_folder(path);
    struct error err = ERROR_INIT;
    ck_assert_msg(file_make_folder(folder, 0700, &err), "%s", err.message);
    ck_assert_msg(file_write_atomic(path, text, strlen(text), mode, &err), "%s", err.message);
    free(folder);
    free(path);
}

static void set_up(void)
{
    const char *tmp = getenv("TMPDIR");
    home = xasprintf("%s/pullmend-source.XXXXXX", tmp != NULL ? tmp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(home));
    char *path = xasprintf("%s/bin:%s", home, getenv("PATH"));
    setenv("PATH", path, 1);
    setenv("HOME", home, 1);
    free(path);
    unsetenv("DOCKER_CONFIG");
    unsetenv("REGISTRY_AUTH_FILE");
    unsetenv("DOCKER_AUTH_CONFIG");
    unsetenv("XDG_RUNTIME_DIR");
    unsetenv("XDG_CONFIG_HOME");
    loop = loop_new();
}

static void tear_down(void)
{
    loop_free(loop);
    pid_t pid = fork();
    if (pid == 0) {
        execlp("rm", "rm", "-rf", home, (char *)NULL);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
    free(home);
}

static void on_done(void *context, struct registry_credential *credentials, size_t count,
                    const char *skipped, const struct error *err)
{
    struct outcome *outcome = context;
    ck_assert(!outcome->called);
    *outcome = (struct outcome){true, credentials, count, xstrdup_or_null(skipped), *err};
    loop_stop(loop, 0);
}

static struct outcome look(const char *name, const char *registry, int64_t timeout_ms)
{
    struct outcome outcome = {false, NULL, 0, NULL, ERROR_INIT};
    char *path = name != NULL ? file_join(home, name) : NULL;
    const struct credential_source_options options = {
        .path = path, .registry = registry, .helper_timeout_ms = timeout_ms};
    credential_source_start(loop, &options, on_done, &outcome);
    ck_assert(!outcome.called);
    free(path);
    loop_run(loop);
    ck_assert(outcome.called);
    return outcome;
}

static void drop(struct outcome *outcome)
{
    registry_credentials_free(outcome->credentials, outcome->count);
    free(outcome->skipped);
}

/* One credential is expected: server, user, password. */
static void expect_one(const char *name, const char *registry, const char *server, const char *user,
                       const char *password)
{
    struct outcome o = look(name, registry, 0);
    ck_assert_msg(o.err.kind == ERROR_NONE, "%s", o.err.message);
    ck_assert_uint_eq(o.count, 1);
    ck_assert_str_eq(o.credentials[0].server, server);
    ck_assert_str_eq(o.credentials[0].username, user);
    ck_assert_str_eq(o.credentials[0].password, password);
    drop(&o);
}

static void expect_error(const char *name, const char *registry, int64_t timeout_ms,
                         enum error_kind kind, const char *hint)
{
    struct outcome o = look(name, registry, timeout_ms);
    ck_assert_msg(o.err.kind == kind, "%s: %s", error_kind_name(o.err.kind), o.err.message);
    ck_assert_msg(strstr(o.err.message, hint) != NULL, "%s", o.err.message);
    ck_assert_uint_eq(o.count, 0);
    drop(&o);
}

START_TEST(an_entry_is_picked_by_its_registry)
{
    put("c.json",
        "{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"aHViOnNlY3JldA==\"},"
        "\"https://reg.example.com/v2/\":{\"auth\":\"dTpw\",\"email\":\"e\"}}}",
        0600);
    expect_one("c.json", "reg.example.com", "https://reg.example.com/v2/", "u", "p");
    expect_one("c.json", "docker.io", "https://index.docker.io/v1/", "hub", "secret");
    expect_error("c.json", "quay.io", 0, ERROR_NOT_FOUND, "quay.io");
}
END_TEST

START_TEST(the_longest_path_that_ends_at_a_slash_wins)
{
    put("auth.json",
        "{\"auths\":{\"r.io\":{\"auth\":\"aG9zdDpw\"},\"r.io/team\":{\"auth\":\"dGVhbTpw\"},"
        "\"docker.io\":{\"auth\":\"aHViOnA=\"}}}",
        0600);
    expect_one("auth.json", "r.io/team/app", "r.io/team", "team", "p");
    expect_one("auth.json", "r.io/teamother/app", "r.io", "host", "p");
    expect_one("auth.json", "docker.io", "https://index.docker.io/v1/", "hub", "p");
}
END_TEST

START_TEST(without_a_registry_every_entry_comes)
{
    put("c.json",
        "{\"auths\":{\"a.io\":{\"auth\":\"dTox\"},\"b.io\":{\"auth\":\"dToy\"},\"c.io\":{},"
        "\"d.io\":{\"identitytoken\":\"t\"},\"https://index.docker.io/v1/access-token\":"
        "{\"auth\":\"dToz\"}}}",
        0600);
    struct outcome o = look("c.json", NULL, 0);
    ck_assert_msg(o.err.kind == ERROR_NONE, "%s", o.err.message);
    ck_assert_uint_eq(o.count, 2);
    ck_assert_str_eq(o.credentials[1].server, "b.io");
    ck_assert_ptr_nonnull(strstr(o.skipped, "c.io"));
    ck_assert_ptr_nonnull(strstr(o.skipped, "identity token"));
    ck_assert_ptr_nonnull(strstr(o.skipped, "access-token"));
    drop(&o);
}
END_TEST

static const char good_helper[] =
    "#!/bin/sh\n[ \"$1\" = get ] || exit 9\nread -r server\n"
    "printf '{\"ServerURL\":\"%s\",\"Username\":\"me@%s\",\"Secret\":\"s\\\\u0000x\"}' \"$server\" "
    "\"$server\"\n";

START_TEST(a_helper_is_asked_on_its_standard_input)
{
    put("bin/docker-credential-good", good_helper, 0755);
    put("c.json", "{\"credHelpers\":{\"reg.example.com\":\"good\"}}", 0600);
    struct outcome o = look("c.json", "reg.example.com", 0);
    ck_assert_msg(o.err.kind == ERROR_NONE, "%s", o.err.message);
    ck_assert_str_eq(o.credentials[0].username, "me@reg.example.com");
    ck_assert_uint_eq(o.credentials[0].password_length, 3);
    ck_assert_mem_eq(o.credentials[0].password, "s\0x", 3);
    ck_assert_str_eq(o.credentials[0].source, "docker-credential-good");
    drop(&o);
    expect_one("c.json", NULL, "reg.example.com", "me@reg.example.com", "s");
}
END_TEST

START_TEST(a_helper_can_be_named_without_any_file)
{
    put("bin/docker-credential-direct",
        "#!/bin/sh\nread -r server\n[ \"$server\" = r.io ] || {\n"
        "echo 'credentials not found in native keychain'; exit 1; }\n"
        "echo '{\"Username\":\"direct\",\"Secret\":\"s\"}'\n",
        0700);
    const char *const registries[] = {"r.io", "other.io"};
    for (size_t i = 0; i < 2; i++) {
        struct outcome outcome = {false, NULL, 0, NULL, ERROR_INIT};
        const struct credential_source_options options = {.registry = registries[i],
                                                          .helper = "direct"};
        credential_source_start(loop, &options, on_done, &outcome);
        loop_run(loop);
        if (i == 0) {
            ck_assert_msg(outcome.err.kind == ERROR_NONE, "%s", outcome.err.message);
            ck_assert_uint_eq(outcome.count, 1);
            ck_assert_str_eq(outcome.credentials[0].username, "direct");
            ck_assert_str_eq(outcome.credentials[0].source, "docker-credential-direct");
        } else {
            ck_assert_int_eq(outcome.err.kind, ERROR_NOT_FOUND);
            ck_assert_ptr_nonnull(strstr(outcome.err.message, "keeps no credential for other.io"));
        }
        drop(&outcome);
    }
}
END_TEST

START_TEST(the_store_comes_before_the_file_and_a_helper_before_the_store)
{
    put("bin/docker-credential-good", good_helper, 0755);
    put("bin/docker-credential-none",
        "#!/bin/sh\necho 'credentials not found in native keychain'\nexit 1\n", 0755);
    put("c.json",
        "{\"auths\":{\"a.io\":{\"auth\":\"dTox\"},\"b.io\":{}},\"credsStore\":\"none\","
        "\"credHelpers\":{\"b.io\":\"good\"}}",
        0600);
    expect_one("c.json", "a.io", "a.io", "u", "1");
    struct outcome o = look("c.json", "b.io", 0);
    ck_assert_uint_eq(o.count, 1);
    ck_assert_str_eq(o.credentials[0].username, "me@b.io");
    drop(&o);
    expect_error("c.json", "c.io", 0, ERROR_NOT_FOUND, "c.io");
}
END_TEST

START_TEST(helpers_that_fail_are_told_and_nothing_of_their_answer_is)
{
    put("bin/docker-credential-rubbish", "#!/bin/sh\necho '{hunter2'\n", 0755);
    put("bin/docker-credential-half", "#!/bin/sh\necho '{\"Username\":\"hunter2\"}'\n", 0755);
    put("bin/docker-credential-exit", "#!/bin/sh\necho 'vault is locked'\nexit 3\n", 0755);
    put("bin/docker-credential-leak", "#!/bin/sh\necho '{\"Secret\":\"hunter2\"}'\nexit 3\n", 0755);
    put("bin/docker-credential-flood", "#!/bin/sh\nexec tr '\\0' x </dev/zero\n", 0755);
    put("bin/docker-credential-token",
        "#!/bin/sh\necho '{\"Username\":\"<token>\",\"Secret\":\"hunter2\"}'\n", 0755);
    put("bin/docker-credential-killed", "#!/bin/sh\nkill -TERM $$\n", 0755);
    static const struct {
        const char *helper;
        enum error_kind kind;
        const char *hint;
    } table[] = {
        {"rubbish", ERROR_PROTOCOL, "not JSON"},    {"half", ERROR_PROTOCOL, "Secret"},
        {"exit", ERROR_AUTH, "3: vault is locked"}, {"leak", ERROR_AUTH, "exit code 3"},
        {"flood", ERROR_PROTOCOL, "more than"},     {"token", ERROR_AUTH, "identity token"},
        {"killed", ERROR_AUTH, "signal 15"},        {"absent", ERROR_CONFIG, "PATH"},
        {"../../bin/sh", ERROR_CONFIG, "no name"},  {"a b", ERROR_CONFIG, "no name"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char *text = xasprintf("{\"credHelpers\":{\"r.io\":\"%s\"}}", table[i].helper);
        put("c.json", text, 0600);
        free(text);
        struct outcome o = look("c.json", "r.io", 0);
        ck_assert_msg(o.err.kind == table[i].kind, "%s: %s", table[i].helper, o.err.message);
        ck_assert_msg(strstr(o.err.message, table[i].hint) != NULL, "%s", o.err.message);
        ck_assert_msg(strstr(o.err.message, "hunter2") == NULL, "%s", o.err.message);
        drop(&o);
    }
}
END_TEST

START_TEST(a_helper_that_hangs_is_ended_with_its_children)
{
    put("bin/docker-credential-hang", "#!/bin/sh\nsleep 1000 &\necho $! >\"$HOME/pid\"\nwait\n",
        0755);
    put("c.json", "{\"credsStore\":\"hang\"}", 0600);
    expect_error("c.json", "r.io", 1000, ERROR_TIMEOUT, "did not answer");
    char *path = file_join(home, "pid");
    struct buffer text;
    buffer_init(&text, 100);
    ck_assert(file_read(path, &text, NULL));
    /* A killed process stays as a zombie where nobody collects it: the state tells. */
    char *stat = xasprintf("/proc/%ld/stat", strtol(text.data, NULL, 10));
    buffer_free(&text);
    for (bool alive = true; alive;) {
        buffer_init(&text, 4096);
        alive = file_read(stat, &text, NULL) && strstr(text.data, ") Z") == NULL;
        buffer_free(&text);
    }
    free(stat);
    free(path);
}
END_TEST

START_TEST(a_lookup_can_be_cancelled_at_any_time)
{
    put("bin/docker-credential-hang", "#!/bin/sh\nexec sleep 1000\n", 0755);
    put("c.json", "{\"credsStore\":\"hang\"}", 0600);
    char *path = file_join(home, "c.json");
    const struct credential_source_options options = {.path = path, .registry = "r.io"};
    for (int rounds = 0; rounds < 4; rounds++) {
        struct outcome outcome = {false, NULL, 0, NULL, ERROR_INIT};
        struct credential_source *source =
            credential_source_start(loop, &options, on_done, &outcome);
        for (int i = 0; i < rounds; i++) {
            loop_step(loop, 0);
        }
        credential_source_cancel(source);
        loop_step(loop, 0);
        ck_assert(!outcome.called);
    }
    free(path);
}
END_TEST

START_TEST(broken_files_are_told_with_their_place)
{
    put("comment.json", "{\n  // mine\n  \"auths\": {}\n}", 0600);
    expect_error("comment.json", "r.io", 0, ERROR_CONFIG, "comment.json:2:3: ");
    put("bom.json", "\xef\xbb\xbf{\"auths\":{}}", 0600);
    expect_error("bom.json", "r.io", 0, ERROR_CONFIG, "byte-order mark");
    put("list.json", "{\"auths\": []}", 0600);
    expect_error("list.json", "r.io", 0, ERROR_CONFIG, "list.json:1:11: \"auths\" is a list");
    put("auth.json", "{\"auths\": {\"r.io\":\n {\"auth\": \"%\"}}}", 0600);
    expect_error("auth.json", "r.io", 0, ERROR_CONFIG, "auth.json:2:11: ");
    put("store.json", "{\"credsStore\": 5}", 0600);
    expect_error("store.json", "r.io", 0, ERROR_CONFIG, "store.json:1:16: credsStore");
    put("helpers.json", "{\"credHelpers\": {\"r.io\": 5}}", 0600);
    expect_error("helpers.json", "r.io", 0, ERROR_CONFIG, "helpers.json:1:26: ");
    put("empty.json", "", 0600);
    expect_error("empty.json", "r.io", 0, ERROR_CONFIG, "ends too early");
    put("folder/x", "", 0600);
    expect_error("folder", "r.io", 0, ERROR_CONFIG, "folder");
    expect_error("absent.json", "r.io", 0, ERROR_NOT_FOUND, "absent.json");
    put("none.json", "{}", 0600);
    expect_error("none.json", NULL, 0, ERROR_NOT_FOUND, "none.json");
}
END_TEST

START_TEST(the_files_of_podman_and_docker_are_tried_in_order)
{
    expect_error(NULL, "r.io", 0, ERROR_NOT_FOUND, "r.io");
    put(".dockercfg", "{\"r.io\":{\"auth\":\"b2xkOnA=\"}}", 0600);
    expect_one(NULL, "r.io", "r.io", "old", "p");
    put(".docker/config.json", "{\"auths\":{\"r.io\":{\"auth\":\"ZG9ja2VyOnA=\"}}}", 0600);
    expect_one(NULL, "r.io", "r.io", "docker", "p");
    put("run/containers/auth.json", "{\"auths\":{\"r.io\":{\"auth\":\"cG9kbWFuOnA=\"}}}", 0600);
    char *run = file_join(home, "run");
    setenv("XDG_RUNTIME_DIR", run, 1);
    expect_one(NULL, "r.io", "r.io", "podman", "p");
    put("docker/config.json", "{\"auths\":{\"r.io\":{\"auth\":\"ZW52OnA=\"}}}", 0600);
    char *docker = file_join(home, "docker");
    setenv("DOCKER_CONFIG", docker, 1);
    expect_one(NULL, "r.io", "r.io", "env", "p");
    put("named.json", "{\"auths\":{\"r.io\":{\"auth\":\"bmFtZWQ6cA==\"}}}", 0600);
    setenv("DOCKER_AUTH_CONFIG", "{\"auths\":{\"r.io\":{\"auth\":\"dmFyaWFibGU6cA==\"}}}", 1);
    expect_one(NULL, "r.io", "r.io", "variable", "p");
    setenv("DOCKER_AUTH_CONFIG", "{\"auths\":{\"r.io\":{\"auth\":5}}}", 1);
    expect_error(NULL, "r.io", 0, ERROR_CONFIG, "$DOCKER_AUTH_CONFIG:1:26");
    char *named = file_join(home, "named.json");
    setenv("REGISTRY_AUTH_FILE", named, 1);
    expect_one(NULL, "r.io", "r.io", "named", "p");
    unsetenv("DOCKER_AUTH_CONFIG");
    free(named);
    free(docker);
    free(run);
}
END_TEST

Suite *suite_credential_source(void)
{
    const TTest *tests[] = {an_entry_is_picked_by_its_registry,
                            the_longest_path_that_ends_at_a_slash_wins,
                            without_a_registry_every_entry_comes,
                            a_helper_is_asked_on_its_standard_input,
                            a_helper_can_be_named_without_any_file,
                            the_store_comes_before_the_file_and_a_helper_before_the_store,
                            helpers_that_fail_are_told_and_nothing_of_their_answer_is,
                            a_helper_that_hangs_is_ended_with_its_children,
                            a_lookup_can_be_cancelled_at_any_time,
                            broken_files_are_told_with_their_place,
                            the_files_of_podman_and_docker_are_tried_in_order,
                            NULL};
    Suite *suite = suite_create("credential_source");
    TCase *test_case = tcase_create("credential_source");
    tcase_set_timeout(test_case, 60);
    tcase_add_checked_fixture(test_case, set_up, tear_down);
    for (size_t i = 0; tests[i] != NULL; i++) {
        tcase_add_test(test_case, tests[i]);
    }
    suite_add_tcase(suite, test_case);
    return suite;
}
