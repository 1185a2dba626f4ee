#include "runner.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../src/kube/config_internal.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "doc/json.h"
#include "pem.h"

Suite *suite_config(void);

/* A folder of its own, in which the test's files lie; it goes with the test. */
static char folder[256];

static void make_folder(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof(folder), "%s/kubeconfig.XXXXXX", base == NULL ? "/tmp" : base);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    unsetenv("KUBECONFIG");
    unsetenv("KUBERNETES_SERVICE_HOST");
    setenv("HOME", folder, 1);
}

static void remove_file(const char *name)
{
    char *path = file_join(folder, name);
    unlink(path);
    free(path);
}

static void remove_folder(void)
{
    static const char *const names[] = {"config", "a",     "b",         "ca.crt", "cert",
                                        "key",    "token", "namespace", "sub/c"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        remove_file(names[i]);
    }
    char *sub = file_join(folder, "sub");
    char *kube = file_join(folder, ".kube");
    remove_file(".kube/config");
    rmdir(sub);
    rmdir(kube);
    rmdir(folder);
    free(sub);
    free(kube);
}

static char *write_file(const char *name, const char *text)
{
    char *path = file_join(folder, name);
    char *parent = file_folder(path);
    mkdir(parent, 0700);
    struct error err = ERROR_INIT;
    ck_assert_msg(file_write_atomic(path, text, strlen(text), 0600, &err), "%s", err.message);
    free(parent);
    return path;
}

/* One context "c" of cluster "k" and user "u", with the given members. */
static char *simple(const char *cluster, const char *user)
{
    return xasprintf("current-context: c\n"
                     "contexts:\n- name: c\n  context: {cluster: k, user: u, namespace: ns}\n"
                     "clusters:\n- name: k\n  cluster:\n    server: https://host:6443\n%s"
                     "users:\n- name: u\n  user:\n    x: y\n%s",
                     cluster, user);
}

static struct kube_config *load(const char *text, const struct kube_config_flags *more,
                                struct error *err)
{
    char *path = write_file("config", text);
    struct kube_config_flags flags = {0};
    if (more != NULL) {
        flags = *more;
    }
    flags.kubeconfig = path;
    *err = (struct error)ERROR_INIT;
    struct kube_config *config = kube_config_load(&flags, err);
    free(path);
    return config;
}

static void expect_error(const char *text, const struct kube_config_flags *flags,
                         const char *expected)
{
    struct error err;
    struct kube_config *config = load(text, flags, &err);
    ck_assert_msg(config == NULL, "accepted although \"%s\" was expected", expected);
    ck_assert_msg(text_find(err.message, expected) != NULL, "\"%s\" is not in: %s", expected,
                  err.message);
    ck_assert_msg(err.kind == ERROR_CONFIG, "%s: %s", error_kind_name(err.kind), err.message);
}

static void expect_simple_error(const char *cluster, const char *user, const char *expected)
{
    char *text = simple(cluster, user);
    expect_error(text, NULL, expected);
    free(text);
}

static struct kube_config *load_simple(const char *cluster, const char *user,
                                       const struct kube_config_flags *flags)
{
    char *text = simple(cluster, user);
    struct error err;
    struct kube_config *config = load(text, flags, &err);
    ck_assert_msg(config != NULL, "%s", err.message);
    free(text);
    return config;
}

START_TEST(a_context_brings_cluster_user_and_namespace)
{
    make_folder();
    struct kube_config *config = load_simple("", "    token: sesame\n", NULL);
    ck_assert_str_eq(kube_config_context(config), "c");
    ck_assert_str_eq(kube_config_server(config), "https://host:6443");
    ck_assert_str_eq(kube_config_user(config), "u");
    ck_assert_str_eq(kube_config_namespace(config), "ns");
    ck_assert_str_eq(config->token, "sesame");
    ck_assert_str_eq(kube_config_contexts(config)[0], "c");
    ck_assert_ptr_null(kube_config_contexts(config)[1]);
    ck_assert(!kube_config_is_insecure(config));
    kube_config_free(config);
    remove_folder();
}
END_TEST

START_TEST(missing_empty_and_malformed_files_are_told_apart)
{
    make_folder();
    struct kube_config_flags flags = {.kubeconfig = "/nonexistent/x"};
    struct error err = ERROR_INIT;
    ck_assert_ptr_null(kube_config_load(&flags, &err));
    ck_assert(text_find(err.message, "/nonexistent/x") != NULL);
    ck_assert_int_eq(err.kind, ERROR_CONFIG);
    expect_error("", NULL, "no cluster is configured");
    expect_error("# nothing\n", NULL, "no cluster is configured");
    expect_error("a: [1,\nb: 2\n", NULL, "config:3:1: ");
    expect_error("- a\n", NULL, "config:1:1: a kubeconfig must be a mapping, not a list");
    expect_error("clusters: {a: b}\n", NULL, "config:1:11: clusters must be a list");
    expect_error("clusters:\n- name: yes\n", NULL,
                 "config:2:9: clusters[0].name must be a string, not a boolean; put the value in "
                 "quotes");
    expect_error("users:\n- name: a\n  user: {token: 123}\n", NULL,
                 "config:3:17: users[0].user.token must be a string, not a number");
    expect_error("users:\n- name: a\n- name: a\n", NULL, "config:3:9: a second user is named");
    expect_error("clusters:\n- name: a\n  cluster: {certificate-authority-data: '%'}\n", NULL,
                 "is not base64");
    expect_error("users:\n- name: a\n  user: {exec: {args: [1]}}\n", NULL, "a list of strings");
    expect_error("users:\n- name: a\n  user: {exec: {env: [{name: A, value: y}]}}\n", NULL,
                 "users[0].user.exec.env[0].value must be a string, not a boolean");
    expect_error("contexts:\n- 5\n", NULL, "contexts[0] must be a mapping");
    remove_folder();
}
END_TEST

START_TEST(unknown_names_say_which_there_are)
{
    make_folder();
    char *text = simple("", "");
    struct kube_config_flags flags = {.context = "other"};
    expect_error(text, &flags, "there is no context \"other\"");
    expect_error(text, &flags, "it has: c");
    flags = (struct kube_config_flags){.cluster = "other"};
    expect_error(text, &flags, "names the cluster \"other\"");
    flags = (struct kube_config_flags){.user = "other"};
    expect_error(text, &flags, "names the user \"other\"");
    free(text);
    expect_error("current-context: gone\n", NULL, "there is no context \"gone\"");
    expect_error("contexts:\n- name: a\n- name: b\n", NULL, "names no current context");
    expect_error("current-context: c\ncontexts:\n- name: c\n  context: {cluster: k}\n"
                 "clusters:\n- name: k\n",
                 NULL, "cluster \"k\" has no server");
    remove_folder();
}
END_TEST

START_TEST(several_files_merge_entry_by_entry_and_the_first_wins)
{
    make_folder();
    char *a = write_file("a", "current-context: ''\n"
                              "clusters:\n- name: k\n  cluster: {server: 'https://first'}\n"
                              "users:\n- name: u\n  user: {token: one}\n");
    char *b = write_file("b", "current-context: c\n"
                              "contexts:\n- name: c\n  context: {cluster: k, user: u}\n"
                              "clusters:\n- name: k\n  cluster: {server: 'https://second', "
                              "tls-server-name: s}\n"
                              "users:\n- name: u\n  user: {username: two, password: p}\n");
    char *list = xasprintf(":%s::/nonexistent:%s:%s", a, b, a);
    setenv("KUBECONFIG", list, 1);
    struct error err = ERROR_INIT;
    struct kube_config *config = kube_config_load(NULL, &err);
    ck_assert_msg(config != NULL, "%s", err.message);
    ck_assert_str_eq(config->server, "https://first");
    ck_assert_ptr_null(config->tls_server_name);
    ck_assert_str_eq(config->token, "one");
    ck_assert_ptr_null(config->username);
    ck_assert_str_eq(config->ns, "default");
    kube_config_free(config);
    free(write_file("b", "a: [\n"));
    ck_assert_ptr_null(kube_config_load(NULL, &err));
    ck_assert(text_find(err.message, "/b:") != NULL);
    free(list);
    free(a);
    free(b);
    remove_folder();
}
END_TEST

START_TEST(the_home_folder_is_the_last_place_that_is_looked_at)
{
    make_folder();
    char *text = simple("", "");
    free(write_file(".kube/config", text));
    struct error err = ERROR_INIT;
    struct kube_config *config = kube_config_load(NULL, &err);
    ck_assert_msg(config != NULL, "%s", err.message);
    kube_config_free(config);
    remove_file(".kube/config");
    ck_assert_ptr_null(kube_config_load(NULL, &err));
    ck_assert(text_find(err.message, ".kube/config") != NULL);
    free(text);
    remove_folder();
}
END_TEST

START_TEST(paths_are_relative_to_the_file_that_names_them)
{
    make_folder();
    free(write_file("ca.crt", test_certificate));
    free(write_file("cert", test_certificate));
    free(write_file("key", test_key));
    char *text = simple("    certificate-authority: ca.crt\n",
                        "    client-certificate: ./cert\n    client-key: key\n"
                        "    tokenFile: token\n");
    struct error err;
    struct kube_config *config = load(text, NULL, &err);
    ck_assert_msg(config != NULL, "%s", err.message);
    ck_assert_str_eq(config->ca, test_certificate);
    ck_assert_str_eq(config->certificate, test_certificate);
    ck_assert_str_eq(config->key, test_key);
    ck_assert(text_starts_with(config->token_file, folder));
    kube_config_free(config);
    free(text);
    remove_folder();
}
END_TEST

static char *encoded(const char *format, const char *text)
{
    struct buffer out;
    buffer_init(&out, 100000);
    base64_encode(&out, text, strlen(text));
    char *line = xasprintf("    %s: %s\n", format, out.data);
    buffer_free(&out);
    return line;
}

START_TEST(data_comes_before_files_and_both_is_an_error)
{
    make_folder();
    char *ca = encoded("certificate-authority-data", test_certificate);
    char *both = xasprintf("%s    certificate-authority: x\n", ca);
    struct kube_config *config = load_simple(ca, "", NULL);
    ck_assert_str_eq(config->ca, test_certificate);
    kube_config_free(config);
    expect_simple_error(both, "", "are both given");
    char *insecure = xasprintf("%s    insecure-skip-tls-verify: true\n", ca);
    expect_simple_error(insecure, "", "together with insecure-skip-tls-verify");
    free(insecure);
    free(both);
    free(ca);
    expect_simple_error("    certificate-authority: missing\n", "",
                        "certificate-authority of cluster \"k\"");
    expect_simple_error("    certificate-authority-data: aGVsbG8=\n", "", "holds no certificate");
    remove_folder();
}
END_TEST

START_TEST(keys_that_cannot_be_used_are_refused_with_the_reason)
{
    make_folder();
    char *certificate = encoded("client-certificate-data", test_certificate);
    char *key = encoded("client-key-data", test_key);
    char *other = encoded("client-key-data", test_other_key);
    char *encrypted = encoded("client-key-data", test_encrypted_key);
    char *junk = encoded("client-key-data", "junk");
    struct {
        const char *key;
        const char *expected;
    } cases[] = {{other, "do not belong together"},
                 {encrypted, "is encrypted"},
                 {junk, "not a PEM private key"},
                 {"", "without client-key"}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char *user = xasprintf("%s%s", certificate, cases[i].key);
        expect_simple_error("", user, cases[i].expected);
        free(user);
    }
    expect_simple_error("", key, "without client-certificate");
    char *good = xasprintf("%s%s", certificate, key);
    struct kube_config *config = load_simple("", good, NULL);
    ck_assert_str_eq(config->key, test_key);
    kube_config_free(config);
    free(good);
    free(certificate);
    free(key);
    free(other);
    free(encrypted);
    free(junk);
    remove_folder();
}
END_TEST

START_TEST(combinations_that_client_go_refuses_are_refused)
{
    make_folder();
    expect_simple_error("", "    token: t\n    username: u\n    password: p\n", "keep one");
    expect_simple_error("", "    as-groups: [g]\n", "but no user");
    expect_simple_error("", "    auth-provider: {name: gcp}\n", "auth-provider gcp");
    expect_simple_error("", "    exec: {command: x}\n", "exec.apiVersion is missing");
    expect_simple_error("", "    exec: {apiVersion: client.authentication.k8s.io/v1beta1}\n",
                        "exec.command is missing");
    expect_simple_error("", "    exec: {command: x, apiVersion: client.authentication.k8s.io/v1}\n",
                        "interactiveMode is required");
    expect_simple_error(
        "", "    exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}\n",
        "is not supported");
    expect_simple_error("",
                        "    exec: {command: x, interactiveMode: Maybe, apiVersion: "
                        "client.authentication.k8s.io/v1}\n",
                        "it must be Never");
    expect_simple_error("    proxy-url: ftp://x\n", "", "proxy-url must begin with");
    remove_folder();
}
END_TEST

START_TEST(a_plugin_is_read_with_arguments_environment_and_cluster_settings)
{
    make_folder();
    struct kube_config *config = load_simple(
        "    extensions:\n    - name: client.authentication.k8s.io/exec\n"
        "      extension: {audience: me, count: [1]}\n",
        "    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n"
        "      command: bin/plugin\n      args: [a, 'b c']\n      provideClusterInfo: true\n"
        "      env:\n      - {name: X, value: z}\n      installHint: get it\n",
        NULL);
    const struct exec_spec *spec = config->exec;
    char *path = file_join(folder, "bin/plugin");
    ck_assert_str_eq(spec->command, path);
    ck_assert_str_eq(spec->args[1], "b c");
    ck_assert_ptr_null(spec->args[2]);
    ck_assert_str_eq(spec->env[0].value, "z");
    ck_assert_str_eq(spec->install_hint, "get it");
    ck_assert_int_eq(spec->interactive, EXEC_IF_AVAILABLE);
    ck_assert(spec->provide_cluster_info);
    ck_assert_str_eq(spec->cluster_config, "{\"audience\":\"me\",\"count\":[1]}");
    free(path);
    kube_config_free(config);
    remove_folder();
}
END_TEST

START_TEST(flags_come_before_the_file)
{
    make_folder();
    char *ca = write_file("ca.crt", test_certificate);
    const char *groups[] = {"g1", "g2", NULL};
    struct kube_config_flags flags = {.server = "https://flag:1/",
                                      .token = "flagged",
                                      .certificate_authority = ca,
                                      .impersonate = "boss",
                                      .impersonate_groups = groups};
    struct kube_config *config =
        load_simple("    tls-server-name: s\n    insecure-skip-tls-verify: true\n",
                    "    tokenFile: token\n", &flags);
    ck_assert_str_eq(config->server, "https://flag:1");
    ck_assert_str_eq(config->token, "flagged");
    ck_assert_ptr_null(config->token_file);
    ck_assert_ptr_null(config->tls_server_name);
    ck_assert(!config->insecure);
    ck_assert_str_eq(config->ca, test_certificate);
    ck_assert_str_eq(config->as, "boss");
    ck_assert_str_eq(config->as_groups[1], "g2");
    kube_config_free(config);
    flags = (struct kube_config_flags){.insecure_skip_tls_verify = true, .impersonate = "boss"};
    config = load_simple("    certificate-authority: ca.crt\n",
                         "    as: one\n    as-groups: [kept]\n    as-uid: '7'\n"
                         "    as-user-extra: {scopes: [a, b]}\n",
                         &flags);
    ck_assert(config->insecure);
    ck_assert_ptr_null(config->ca);
    ck_assert_str_eq(config->as, "boss");
    ck_assert_str_eq(config->as_groups[0], "kept");
    ck_assert_str_eq(config->as_uid, "7");
    ck_assert_int_eq((int)config->as_extra_count, 2);
    ck_assert_str_eq(config->as_extra[1].value, "b");
    kube_config_free(config);
    free(ca);
    remove_folder();
}
END_TEST

START_TEST(the_server_keeps_its_path_and_gets_a_scheme)
{
    static const struct {
        const char *cluster;
        const char *flag;
        const char *expected;
    } cases[] = {
        {"", "https://h:1/k8s/x/", "https://h:1/k8s/x"},
        {"", "https://h?a=b", "https://h"},
        {"", "h:8080", "http://h:8080"},
        {"    insecure-skip-tls-verify: true\n", "h:8443", "https://h:8443"},
        {"", "http://[::1]:80", "http://[::1]:80"},
    };
    make_folder();
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct kube_config_flags flags = {.server = cases[i].flag};
        struct kube_config *config = load_simple(cases[i].cluster, "", &flags);
        ck_assert_str_eq(kube_config_server(config), cases[i].expected);
        kube_config_free(config);
    }
    char *text = simple("", "");
    struct kube_config_flags flags = {.server = "ftp://h"};
    expect_error(text, &flags, "neither https:// nor http://");
    flags.server = "https://";
    expect_error(text, &flags, "has no host");
    free(text);
    remove_folder();
}
END_TEST

static const char *service_host;

static char *lookup(const char *name)
{
    if (strcmp(name, "KUBERNETES_SERVICE_HOST") == 0) {
        return (char *)service_host;
    }
    return strcmp(name, "KUBERNETES_SERVICE_PORT") == 0 ? (char *)"443" : NULL;
}

START_TEST(a_pod_finds_its_cluster_by_its_service_account)
{
    make_folder();
    free(write_file("ca.crt", test_certificate));
    free(write_file("namespace", "inner\n"));
    struct kube_config *config = xcalloc(1, sizeof(*config));
    struct error err = ERROR_INIT;
    service_host = NULL;
    ck_assert(!config_in_cluster(config, folder, lookup, &err));
    ck_assert_int_eq(err.kind, ERROR_NONE);
    service_host = "fd00::1";
    ck_assert_msg(config_in_cluster(config, folder, lookup, &err), "%s", err.message);
    ck_assert_str_eq(config->server, "https://[fd00::1]:443");
    ck_assert_str_eq(config->ns, "inner");
    ck_assert_str_eq(config->ca, test_certificate);
    ck_assert(text_ends_with(config->token_file, "/token"));
    remove_file("ca.crt");
    ck_assert(!config_in_cluster(config, folder, lookup, &err));
    ck_assert_int_ne(err.kind, ERROR_NONE);
    kube_config_free(config);
    remove_folder();
}
END_TEST

Suite *suite_config(void)
{
    const TTest *tests[] = {a_context_brings_cluster_user_and_namespace,
                            missing_empty_and_malformed_files_are_told_apart,
                            unknown_names_say_which_there_are,
                            several_files_merge_entry_by_entry_and_the_first_wins,
                            the_home_folder_is_the_last_place_that_is_looked_at,
                            paths_are_relative_to_the_file_that_names_them,
                            data_comes_before_files_and_both_is_an_error,
                            keys_that_cannot_be_used_are_refused_with_the_reason,
                            combinations_that_client_go_refuses_are_refused,
                            a_plugin_is_read_with_arguments_environment_and_cluster_settings,
                            flags_come_before_the_file,
                            the_server_keeps_its_path_and_gets_a_scheme,
                            a_pod_finds_its_cluster_by_its_service_account,
                            NULL};
    return suite_of("config", tests);
}
