#include "runner.h"

#include <string.h>

#include "base/alloc.h"
#include "base/attributes.h"
#include "registry/credential.h"

Suite *suite_credential(void);

START_TEST(servers_that_can_never_match_are_refused_with_a_hint)
{
    static const struct {
        const char *server;
        const char *hint;
    } table[] = {
        {"", "needed"},
        {"reg.example.com x", "blank"},
        {" reg.example.com", "blank"},
        {"oci://reg.example.com", "scheme"},
        {"HTTPS://reg.example.com", "scheme"},
        {"user@reg.example.com", "user"},
        {"reg.example.com?x=1", "'?'"},
        {"reg.example.com:abc", "port"},
        {"reg.example.com:65536", "1 to 65535"},
        {"[::1]:0", "1 to 65535"},
        {"reg.example.com/%zz", "escape"},
        {"https://index.docker.io/v1", "https://index.docker.io/v1/"},
        {"index.docker.io/library", "https://index.docker.io/v1/"},
        {"registry-1.docker.io", "https://index.docker.io/v1/"},
        {"https://registry.hub.docker.com/v2/", "https://index.docker.io/v1/"},
        {"myreg", "full name"},
        {"my_reg.example.com", "host"},
        {"https://", "names no host"},
        {"https:///path", "names no host"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
        struct error err = ERROR_INIT;
        ck_assert_msg(!registry_check_server(table[i].server, NULL, &err), "%s", table[i].server);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_assert_msg(strstr(err.message, table[i].hint) != NULL, "%s", err.message);
    }
}
END_TEST

START_TEST(servers_that_match_are_taken_with_a_note_where_they_surprise)
{
    static const struct {
        const char *server;
        const char *note;
    } table[] = {
        {"reg.example.com", NULL},
        {"reg.example.com/", NULL},
        {"https://reg.example.com/v2/", NULL},
        {"reg.example.com:5000", NULL},
        {"[::1]:5000", NULL},
        {"localhost", NULL},
        {"docker.io", NULL},
        {"index.docker.io", NULL},
        {"https://index.docker.io/v1/", NULL},
        {"reg.example.com:443", ":443"},
        {"http://reg.example.com", "plain HTTP"},
        {"reg.example.com/team", "middle of a word"},
        {"https://reg.example.com/v2", "/v2/"},
        {"*.example.com", "dot"},
        {"Reg.example.com", "capital"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
        struct error err = ERROR_INIT;
        char *note = NULL;
        ck_assert_msg(registry_check_server(table[i].server, &note, &err), "%s", err.message);
        if (table[i].note == NULL) {
            ck_assert_msg(note == NULL, "%s: %s", table[i].server, note);
        } else {
            ck_assert_msg(note != NULL && strstr(note, table[i].note) != NULL, "%s: %s",
                          table[i].server, note);
        }
        free(note);
    }
}
END_TEST

START_TEST(a_secrets_name_follows_dns_1123)
{
    static const char *const good[] = {"a", "regcred", "a-b.c", "0", "a.0-b"};
    static const char *const bad[] = {"",     "Reg",  "a_b",  "-a",  "a-",       ".a", "a.",
                                      "a..b", "a.-b", "a-.b", "a b", "\xc3\xa4", "a/b"};
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        ck_assert_msg(registry_check_secret_name(good[i], NULL), "%s", good[i]);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        ck_assert_msg(!registry_check_secret_name(bad[i], NULL), "%s", bad[i]);
    }
    char name[300];
    memset(name, 'a', sizeof(name));
    name[254] = '\0';
    ck_assert(!registry_check_secret_name(name, NULL));
    name[253] = '\0';
    ck_assert(registry_check_secret_name(name, NULL));
}
END_TEST

START_TEST(user_names_with_colons_or_controls_are_refused)
{
    ck_assert(registry_check_username("robot$team+ci", 13, NULL));
    ck_assert(!registry_check_username("", 0, NULL));
    ck_assert(!registry_check_username("a:b", 3, NULL));
    ck_assert(!registry_check_username("a\0b", 3, NULL));
    ck_assert(!registry_check_username("a\nb", 3, NULL));
}
END_TEST

START_TEST(passwords_of_any_bytes_are_taken_and_odd_ones_noted)
{
    char *note = NULL;
    ck_assert(registry_check_password("p", 1, &note, NULL));
    ck_assert_ptr_null(note);
    static const struct {
        const char *password;
        size_t length;
    } odd[] = {{"p\n", 2}, {" p", 2}, {"p\0q", 3}, {"\xff", 1}};
    for (size_t i = 0; i < ARRAY_LENGTH(odd); i++) {
        ck_assert(registry_check_password(odd[i].password, odd[i].length, &note, NULL));
        ck_assert_ptr_nonnull(note);
        free(note);
    }
    ck_assert(!registry_check_password("", 0, &note, NULL));
    char *big = xcalloc(1, 65537);
    memset(big, 'x', 65537);
    ck_assert(registry_check_password(big, 65536, &note, NULL));
    ck_assert(!registry_check_password(big, 65537, &note, NULL));
    free(big);
}
END_TEST

START_TEST(the_end_of_a_json_web_token_is_read)
{
    /* {"alg":"none"} . {"sub":"me","exp":1767225600} */
    const char *token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSIsImV4cCI6MTc2NzIyNTYwMH0.c2ln";
    int64_t end = 0;
    ck_assert(registry_password_expiry(token, strlen(token), &end));
    ck_assert_int_eq(end, INT64_C(1767225600000));
    static const char *const none[] = {"",
                                       "a.b.c",
                                       "password",
                                       "..",
                                       "eyJhbGciOiJub25lIn0.e30.x",
                                       "x.eyJleHAiOiJzb29uIn0.x",
                                       "x.eyJleHAiOjFlOTk5fQ.x"};
    for (size_t i = 0; i < ARRAY_LENGTH(none); i++) {
        ck_assert_msg(!registry_password_expiry(none[i], strlen(none[i]), &end), "%s", none[i]);
    }
}
END_TEST

Suite *suite_credential(void)
{
    const TTest *tests[] = {servers_that_can_never_match_are_refused_with_a_hint,
                            servers_that_match_are_taken_with_a_note_where_they_surprise,
                            a_secrets_name_follows_dns_1123,
                            user_names_with_colons_or_controls_are_refused,
                            passwords_of_any_bytes_are_taken_and_odd_ones_noted,
                            the_end_of_a_json_web_token_is_read,
                            NULL};
    return suite_of("credential", tests);
}
