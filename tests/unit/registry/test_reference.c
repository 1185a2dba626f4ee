#include "runner.h"

#include <string.h>

#include "base/attributes.h"
#include "registry/reference.h"

Suite *suite_reference(void);

static void parse(struct image_reference *reference, const char *image)
{
    struct error err = ERROR_INIT;
    ck_assert_msg(image_reference_parse(reference, image, &err), "%s", err.message);
}

START_TEST(a_short_name_is_an_official_image_of_docker_hub)
{
    struct image_reference r;
    parse(&r, "nginx");
    ck_assert_str_eq(r.host, "docker.io");
    ck_assert_str_eq(r.repository, "library/nginx");
    ck_assert_str_eq(r.name, "docker.io/library/nginx");
    ck_assert_str_eq(r.tag, "latest");
    ck_assert_ptr_null(r.digest);
    ck_assert_str_eq(registry_api_host(r.host), "registry-1.docker.io");
    image_reference_free(&r);
}
END_TEST

START_TEST(a_digest_leaves_the_tag_out)
{
    struct image_reference r;
    parse(&r, "reg:5000/a/b@sha256:"
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ck_assert_str_eq(r.host, "reg:5000");
    ck_assert_str_eq(r.repository, "a/b");
    ck_assert_ptr_null(r.tag);
    ck_assert_int_eq(strncmp(r.digest, "sha256:e3b0", 11), 0);
    ck_assert_str_eq(registry_api_host(r.host), "reg:5000");
    image_reference_free(&r);
}
END_TEST

START_TEST(tag_and_digest_are_both_kept)
{
    struct image_reference r;
    parse(&r, "quay.io/a/b:v1@sha256:"
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ck_assert_str_eq(r.tag, "v1");
    ck_assert_ptr_nonnull(r.digest);
    image_reference_free(&r);
}
END_TEST

START_TEST(a_name_over_255_characters_is_refused)
{
    char image[400] = "r.io/";
    memset(image + 5, 'a', 251);
    struct image_reference r;
    struct error err = ERROR_INIT;
    ck_assert(!image_reference_parse(&r, image, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "255"));
    ck_assert_ptr_null(r.host);
    image[5 + 250] = '\0';
    parse(&r, image);
    image_reference_free(&r);
}
END_TEST

START_TEST(loopback_hosts_are_known_with_and_without_ports)
{
    static const char *const yes[] = {"localhost", "localhost:5000", "127.0.0.1:5000",
                                      "127.1.2.3", "[::1]",          "[::1]:443"};
    static const char *const no[] = {"localhost.example.com",
                                     "127.0.0.1.example.com",
                                     "10.0.0.1",
                                     "127.com",
                                     "[::2]:1",
                                     "xlocalhost"};
    for (size_t i = 0; i < ARRAY_LENGTH(yes); i++) {
        ck_assert_msg(registry_is_loopback(yes[i]), "%s", yes[i]);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(no); i++) {
        ck_assert_msg(!registry_is_loopback(no[i]), "%s", no[i]);
    }
}
END_TEST

START_TEST(hosts_of_amazon_ecr_are_known)
{
    ck_assert(registry_is_ecr("123456789012.dkr.ecr.eu-west-1.amazonaws.com"));
    ck_assert(registry_is_ecr("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"));
    ck_assert(registry_is_ecr("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com"));
    ck_assert(!registry_is_ecr("public.ecr.aws"));
    ck_assert(!registry_is_ecr("12345.dkr.ecr.eu-west-1.amazonaws.com"));
    ck_assert(!registry_is_ecr("123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example"));
}
END_TEST

START_TEST(the_default_server_of_docker_hub_is_kubectls)
{
    ck_assert_str_eq(registry_default_server("docker.io"), "https://index.docker.io/v1/");
    ck_assert_str_eq(registry_default_server("quay.io"), "quay.io");
}
END_TEST

Suite *suite_reference(void)
{
    const TTest *tests[] = {a_short_name_is_an_official_image_of_docker_hub,
                            a_digest_leaves_the_tag_out,
                            tag_and_digest_are_both_kept,
                            a_name_over_255_characters_is_refused,
                            loopback_hosts_are_known_with_and_without_ports,
                            hosts_of_amazon_ecr_are_known,
                            the_default_server_of_docker_hub_is_kubectls,
                            NULL};
    return suite_of("reference", tests);
}
