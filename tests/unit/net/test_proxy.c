#include "runner.h"

#include <string.h>

#include "net/http.h"

Suite *suite_proxy(void);

static const char *const *variables;

static char *lookup(const char *name)
{
    for (size_t i = 0; variables[i] != NULL; i += 2) {
        if (strcmp(variables[i], name) == 0) {
            return (char *)variables[i + 1];
        }
    }
    return NULL;
}

static void expect(const char *url, const char *proxy)
{
    char *got = http_proxy_for(url, lookup);
    if (proxy == NULL) {
        ck_assert_ptr_null(got);
    } else {
        ck_assert_ptr_nonnull(got);
        ck_assert_str_eq(got, proxy);
    }
    free(got);
}

START_TEST(upper_case_comes_before_lower_case_and_schemes_have_their_own)
{
    variables =
        (const char *[]){"HTTPS_PROXY", "http://a:1", "https_proxy", "http://b:1", "http_proxy",
                         "c:3128",      "ALL_PROXY",  "http://d:1",  NULL};
    expect("https://k8s.example.com", "http://a:1");
    expect("http://k8s.example.com", "http://c:3128");
    variables = (const char *[]){"ALL_PROXY", "http://d:1", NULL};
    expect("https://k8s.example.com", NULL);
}
END_TEST

START_TEST(loopback_never_goes_through_a_proxy)
{
    variables = (const char *[]){"HTTPS_PROXY", "http://a:1", NULL};
    expect("https://localhost:6443", NULL);
    expect("https://127.8.9.10:6443", NULL);
    expect("https://[::1]:6443/x", NULL);
    expect("https://10.0.0.1:6443", "http://a:1");
}
END_TEST

START_TEST(no_proxy_knows_domains_networks_and_ports)
{
    variables = (const char *[]){"HTTPS_PROXY", "http://a:1", "NO_PROXY",
                                 "example.com, .inner.net,10.0.0.0/8,192.168.1.1,fd00::/8,"
                                 "*.star.io,other.org:6443",
                                 NULL};
    expect("https://example.com", NULL);
    expect("https://k8s.Example.com", NULL);
    expect("https://badexample.com", "http://a:1");
    expect("https://inner.net", "http://a:1");
    expect("https://a.inner.net", NULL);
    expect("https://10.20.30.40:6443", NULL);
    expect("https://11.0.0.1", "http://a:1");
    expect("https://192.168.1.1", NULL);
    expect("https://192.168.1.10", "http://a:1");
    expect("https://[fd12::1]:6443", NULL);
    expect("https://[fe80::1]:6443", "http://a:1");
    expect("https://a.star.io", NULL);
    expect("https://star.io", "http://a:1");
    expect("https://other.org:6443", NULL);
    expect("https://other.org", "http://a:1");
    variables = (const char *[]){"HTTPS_PROXY", "http://a:1", "no_proxy", "*", NULL};
    expect("https://example.com", NULL);
}
END_TEST

START_TEST(origins_are_scheme_host_and_port)
{
    ck_assert(http_same_origin("https://a.example/x", "https://A.example:443/y?z"));
    ck_assert(!http_same_origin("https://a.example", "http://a.example"));
    ck_assert(!http_same_origin("https://a.example", "https://a.example:444"));
    ck_assert(!http_same_origin("https://a.example", "https://b.example"));
    ck_assert(!http_same_origin("nonsense://", "nonsense://"));
}
END_TEST

Suite *suite_proxy(void)
{
    const TTest *tests[] = {upper_case_comes_before_lower_case_and_schemes_have_their_own,
                            loopback_never_goes_through_a_proxy,
                            no_proxy_knows_domains_networks_and_ports,
                            origins_are_scheme_host_and_port, NULL};
    return suite_of("proxy", tests);
}
