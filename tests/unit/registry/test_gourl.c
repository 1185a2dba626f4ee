#include "runner.h"

#include <string.h>

#include "../../../src/registry/gourl.h"
#include "base/attributes.h"

Suite *suite_gourl(void);

static bool glob(const char *pattern, const char *text)
{
    return goglob_match(pattern, strlen(pattern), text, strlen(text));
}

/* The table of Go's own path/filepath documentation, in our words. */
START_TEST(globs_match_as_filepath_match_does)
{
    static const struct {
        const char *pattern;
        const char *text;
        bool matches;
    } table[] = {
        {"abc", "abc", true},
        {"*", "abc", true},
        {"*c", "abc", true},
        {"a*", "a", true},
        {"a*", "ab/c", false},
        {"a*/b", "abc/b", true},
        {"a*b*c*d", "axbxcxd", true},
        {"a*b?c*x", "abxbbxdbxebxczzx", true},
        {"a*b?c*x", "abxbbxdbxebxczzy", false},
        {"ab[c]", "abc", true},
        {"ab[b-d]", "abc", true},
        {"ab[e-g]", "abc", false},
        {"ab[^c]", "abc", false},
        {"ab[^e-g]", "abc", true},
        {"a\\*b", "a*b", true},
        {"a\\*b", "ab", false},
        {"a?b",
         "a\xe2\x98\xba"
         "b",
         true},
        {"a[^a]b",
         "a\xe2\x98\xba"
         "b",
         true},
        {"a???b",
         "a\xe2\x98\xba"
         "b",
         false},
        {"[a-\xce\xb6]*", "\xce\xb1", true},
        {"*[a-\xce\xb6]", "A", false},
        {"a?b", "a/b", false},
        {"[\\]a]", "]", true},
        {"[\\-]", "-", true},
        {"[x\\-]", "z", false},
        {"[]a]", "]", false},
        {"[-]", "-", false},
        {"[x-]", "x", false},
        {"[a-b-c]", "a", false},
        {"[", "a", false},
        {"[^", "a", false},
        {"a[", "ab", false},
        {"*x", "xxx", true},
        {"", "", true},
        {"", "a", false},
        {"a", "", false},
        {"**", "", true},
        {"a\\", "a", false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
        ck_assert_msg(glob(table[i].pattern, table[i].text) == table[i].matches, "%s on %s",
                      table[i].pattern, table[i].text);
    }
}
END_TEST

START_TEST(ports_are_split_as_net_splithostport_does)
{
    static const struct {
        const char *host;
        const char *name;
        const char *port;
    } table[] = {{"r.io", "r.io", ""},     {"r.io:5000", "r.io", "5000"}, {"r.io:", "r.io", ""},
                 {"[::1]:5", "::1", "5"},  {"[::1]", "[::1]", ""},        {"a:b:c", "a:b:c", ""},
                 {"a[b]:1", "a[b]:1", ""}, {"[a]b:1", "[a]b:1", ""}};
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
        const char *name = NULL;
        const char *port = NULL;
        size_t length = 0;
        gourl_split_port(table[i].host, &name, &length, &port);
        ck_assert_msg(length == strlen(table[i].name) && strncmp(name, table[i].name, length) == 0,
                      "%s: %.*s", table[i].host, (int)length, name);
        ck_assert_str_eq(port, table[i].port);
    }
}
END_TEST

Suite *suite_gourl(void)
{
    const TTest *tests[] = {globs_match_as_filepath_match_does,
                            ports_are_split_as_net_splithostport_does, NULL};
    return suite_of("gourl", tests);
}
