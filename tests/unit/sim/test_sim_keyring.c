#include "runner.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "doc/json.h"
#include "sim/cluster.h"
#include "sim/registries.h"

Suite *suite_sim_keyring(void);

/* A pull Secret that holds this config.json. */
static cJSON *secret_of(const char *type, const char *key, const char *config)
{
    struct buffer encoded;
    buffer_init(&encoded, 4096);
    cJSON *value = json_of(config);
    char *plain = cJSON_PrintUnformatted(value);
    base64_encode(&encoded, plain, strlen(plain));
    cJSON *secret = cJSON_CreateObject();
    cJSON_AddStringToObject(secret, "type", type);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(secret, "data"), key, encoded.data);
    buffer_free(&encoded);
    cJSON_free(plain);
    cJSON_Delete(value);
    return secret;
}

/* The user name that is found for an image; "-" if there is none, "!" for a keyring that fails. */
static const char *user_for(const char *type, const char *config, const char *image_text)
{
    static char out[128];
    struct sim_keyring keyring = {NULL, 0, 0, NULL};
    cJSON *secret = secret_of(type, ".dockerconfigjson", config);
    sim_keyring_add(&keyring, secret);
    cJSON_Delete(secret);
    struct sim_image image;
    sim_image_parse(image_text, &image);
    const struct sim_credential *found = sim_keyring_find(&keyring, &image);
    snprintf(out, sizeof(out), "%s",
             keyring.error != NULL ? "!"
             : found == NULL       ? "-"
                                   : found->username);
    sim_image_clear(&image);
    sim_keyring_clear(&keyring);
    return out;
}

static const char *match(const char *key, const char *image)
{
    char config[256];
    snprintf(config, sizeof(config), "{'auths':{'%s':{'username':'u','password':'p'}}}", key);
    return user_for("kubernetes.io/dockerconfigjson", config, image);
}

START_TEST(keys_match_by_labels_ports_and_path_prefix)
{
    ck_assert_str_eq(match("reg.example.com", "reg.example.com/a/b:1"), "u");
    ck_assert_str_eq(match("https://reg.example.com/v2/", "reg.example.com/a/b:1"), "u");
    ck_assert_str_eq(match("*.example.com", "reg.example.com/a"), "u");
    ck_assert_str_eq(match("*.com", "reg.example.com/a"), "-");
    ck_assert_str_eq(match("reg.example.com", "reg.example.com:5000/a"), "-");
    ck_assert_str_eq(match("reg.example.com:5000", "reg.example.com:5000/a"), "u");
    ck_assert_str_eq(match("reg.example.com/team", "reg.example.com/teamother/a"), "u");
    ck_assert_str_eq(match("reg.example.com/team/", "reg.example.com/teamother/a"), "-");
    ck_assert_str_eq(match("other.example.com", "reg.example.com/a"), "-");
}
END_TEST

START_TEST(docker_hub_is_found_by_its_old_name_too)
{
    ck_assert_str_eq(match("https://index.docker.io/v1/", "nginx"), "u");
    ck_assert_str_eq(match("docker.io", "library/nginx:1"), "u");
    ck_assert_str_eq(match("registry-1.docker.io", "nginx"), "-");
}
END_TEST

START_TEST(other_types_hold_nothing_and_an_auth_field_counts_more)
{
    ck_assert_str_eq(user_for("Opaque", "{'auths':{'r.io':{'username':'u'}}}", "r.io/a"), "-");
    ck_assert_str_eq(user_for("kubernetes.io/dockerconfigjson",
                              "{'auths':{'r.io':{'username':'u','auth':'YTpi'}}}", "r.io/a"),
                     "a");
    ck_assert_str_eq(user_for("kubernetes.io/dockerconfigjson", "{'auths':{}}", "r.io/a"), "-");
}
END_TEST

START_TEST(one_bad_entry_fails_every_pull)
{
    ck_assert_str_eq(user_for("kubernetes.io/dockerconfigjson",
                              "{'auths':{'x.io':{'auth':'%%%'},'r.io':{'username':'u'}}}",
                              "r.io/a"),
                     "!");
    ck_assert_str_eq(user_for("kubernetes.io/dockerconfigjson", "{'auths':'x'}", "r.io/a"), "!");
}
END_TEST

START_TEST(images_are_taken_apart_as_docker_does)
{
    static const struct {
        const char *text;
        const char *parts;
    } cases[] = {
        {"nginx", "docker.io library/nginx latest"},
        {"a/b:2", "docker.io a/b 2"},
        {"reg.io:5000/a/b", "reg.io:5000 a/b latest"},
        {"reg.io/a@sha256:12", "reg.io a sha256:12"},
        {"localhost/a:1", "localhost a 1"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct sim_image image;
        char got[128];
        sim_image_parse(cases[i].text, &image);
        snprintf(got, sizeof(got), "%s %s %s", image.host, image.path, image.tag);
        ck_assert_str_eq(got, cases[i].parts);
        sim_image_clear(&image);
    }
}
END_TEST

static const char rules[] = "registries:\n"
                            "- {prefix: basic.io/, access: private, login: basic, username: u, "
                            "password: p}\n"
                            "- {prefix: hub.io/, access: private, login: hub, username: u, "
                            "password: p}\n"
                            "- {prefix: hub.io/open/, access: public}\n"
                            "- {prefix: 'basic.io/a:gone', access: gone}\n"
                            "- {prefix: down.io/, access: down}\n"
                            "- {prefix: none.io/, access: no-host}\n"
                            "- {prefix: no.io/, access: forbidden}\n";

/* What a node hears; config NULL: it has no credential. */
static const char *answer(const struct sim *sim, const char *image, const char *config)
{
    static char out[512];
    struct sim_keyring keyring = {NULL, 0, 0, NULL};
    struct sim_pull pull;
    if (config != NULL) {
        cJSON *secret = secret_of("kubernetes.io/dockerconfigjson", ".dockerconfigjson", config);
        sim_keyring_add(&keyring, secret);
        cJSON_Delete(secret);
    }
    sim_registry_pull(sim, image, &keyring, &pull);
    const char *text = pull.message == NULL ? "" : strstr(pull.message, "\": ");
    text = text == NULL || text[0] == '\0' ? pull.message : strstr(text + 3, "\": ");
    snprintf(out, sizeof(out), "%s", pull.done ? "pulled" : text == NULL ? "" : text + 3);
    free(pull.message);
    sim_keyring_clear(&keyring);
    return out;
}

START_TEST(registries_answer_in_their_own_words)
{
    char path[] = "/tmp/scenario-XXXXXX.yaml";
    int fd = mkstemps(path, 5);
    ck_assert_int_eq(write(fd, rules, strlen(rules)), (ssize_t)strlen(rules));
    close(fd);
    struct sim *sim = cluster_of(path, 1);
    unlink(path);
    static const char right[] = "{'auths':{'*.io':{'username':'u','password':'p'}}}";
    static const char wrong[] = "{'auths':{'*.io':{'username':'u','password':'x'}}}";
    ck_assert_str_eq(answer(sim, "basic.io/a:1", right), "pulled");
    ck_assert_str_eq(
        answer(sim, "basic.io/a:1", NULL),
        "pulling from host basic.io failed with status code [manifests 1]: 401 Unauthorized");
    ck_assert_str_eq(
        answer(sim, "basic.io/a:1", wrong),
        "pulling from host basic.io failed with status code [manifests 1]: 401 Unauthorized");
    ck_assert_str_eq(answer(sim, "hub.io/a", NULL),
                     "pull access denied, repository does not exist or may require authorization: "
                     "server message: insufficient_scope: authorization failed");
    ck_assert_str_eq(
        answer(sim, "hub.io/a", wrong),
        "failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized");
    ck_assert_str_eq(answer(sim, "hub.io/open/a", NULL), "pulled");
    ck_assert_str_eq(answer(sim, "basic.io/a:gone", right), "basic.io/a:gone: not found");
    ck_assert_ptr_nonnull(strstr(answer(sim, "down.io/a", NULL), "connect: connection refused"));
    ck_assert_ptr_nonnull(strstr(answer(sim, "none.io/a", NULL), "no such host"));
    ck_assert_ptr_nonnull(strstr(answer(sim, "no.io/a", right), "403 Forbidden"));
    ck_assert_str_eq(answer(sim, "elsewhere.org/a", wrong), "pulled");
    cluster_free(sim);
}
END_TEST

Suite *suite_sim_keyring(void)
{
    const TTest *const tests[] = {
        keys_match_by_labels_ports_and_path_prefix,
        docker_hub_is_found_by_its_old_name_too,
        other_types_hold_nothing_and_an_auth_field_counts_more,
        one_bad_entry_fails_every_pull,
        images_are_taken_apart_as_docker_does,
        registries_answer_in_their_own_words,
        NULL,
    };
    return suite_of("sim_keyring", tests);
}
