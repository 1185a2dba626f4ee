#include "runner.h"

#include <string.h>

#include "../../../src/registry/challenge.h"
#include "base/attributes.h"

Suite *suite_challenge(void);

static const char *or_none(const char *text)
{
    return text != NULL ? text : "(none)";
}

START_TEST(challenges_are_read_as_rfc_9110_writes_them)
{
    static const struct {
        const char *value;
        enum challenge_scheme scheme;
        const char *realm;
        const char *service;
        const char *scope;
    } table[] = {
        {"Basic realm=\"Registry\"", CHALLENGE_BASIC, "Registry", NULL, NULL},
        {"Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:x/y:pull,push\"",
         CHALLENGE_BEARER, "https://a/t", "s", "repository:x/y:pull,push"},
        {"bearer  REALM = \"https://a/t\" , Service=plain", CHALLENGE_BEARER, "https://a/t",
         "plain", NULL},
        {"Bearer realm=\"a\\\"b\\\\c\"", CHALLENGE_BEARER, "a\"b\\c", NULL, NULL},
        {"Basic realm=\"b\", Bearer realm=\"t\"", CHALLENGE_BEARER, "t", NULL, NULL},
        {"Bearer realm=\"t\", Basic realm=\"b\"", CHALLENGE_BEARER, "t", NULL, NULL},
        {"Negotiate, Basic realm=\"b\"", CHALLENGE_BASIC, "b", NULL, NULL},
        {"Negotiate YWJj==, Basic realm=\"b\"", CHALLENGE_BASIC, "b", NULL, NULL},
        {"Digest realm=\"d\", nonce=\"n\"", CHALLENGE_NONE, NULL, NULL, NULL},
        {"Bearer", CHALLENGE_BEARER, NULL, NULL, NULL},
        {"Bearer realm=\"t\",error=\"invalid_token\"", CHALLENGE_BEARER, "t", NULL, NULL},
        {"Bearer realm=\"never closed", CHALLENGE_BEARER, "never closed", NULL, NULL},
        {"Bearer realm=\"back\\", CHALLENGE_BEARER, "back\\", NULL, NULL},
        {"Bearer realm=", CHALLENGE_BEARER, "", NULL, NULL},
        {"", CHALLENGE_NONE, NULL, NULL, NULL},
        {",,, ,", CHALLENGE_NONE, NULL, NULL, NULL},
        {"=\"x\"", CHALLENGE_NONE, NULL, NULL, NULL},
        {"\"Bearer\" realm=\"x\"", CHALLENGE_NONE, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
        struct challenge challenge = {CHALLENGE_NONE, NULL, NULL, NULL};
        challenge_parse(&challenge, table[i].value);
        ck_assert_msg(challenge.scheme == table[i].scheme, "%s", table[i].value);
        if (table[i].scheme != CHALLENGE_NONE) {
            ck_assert_str_eq(or_none(challenge.realm), or_none(table[i].realm));
            ck_assert_str_eq(or_none(challenge.service), or_none(table[i].service));
            ck_assert_str_eq(or_none(challenge.scope), or_none(table[i].scope));
        }
        challenge_free(&challenge);
    }
}
END_TEST

START_TEST(of_several_headers_bearer_wins_whatever_their_order)
{
    struct challenge challenge = {CHALLENGE_NONE, NULL, NULL, NULL};
    challenge_parse(&challenge, "Bearer realm=\"t\"");
    challenge_parse(&challenge, "Basic realm=\"b\"");
    ck_assert_int_eq(challenge.scheme, CHALLENGE_BEARER);
    ck_assert_str_eq(challenge.realm, "t");
    challenge_free(&challenge);
}
END_TEST

Suite *suite_challenge(void)
{
    const TTest *tests[] = {challenges_are_read_as_rfc_9110_writes_them,
                            of_several_headers_bearer_wins_whatever_their_order, NULL};
    return suite_of("challenge", tests);
}
