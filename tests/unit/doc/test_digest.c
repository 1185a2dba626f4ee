#include "runner.h"

#include <string.h>

#include "base/attributes.h"
#include "doc/digest.h"

Suite *suite_digest(void);

START_TEST(known_digests_come_out)
{
    static const struct {
        const char *name;
        const char *hex;
    } cases[] = {
        {"md5", "900150983cd24fb0d6963f7d28e17f72"},
        {"sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"sha224", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
        {"sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"sha384", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                   "8086072ba1e7cc2358baeca134c825a7"},
        {"sha512", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                   "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char out[129];
        ck_assert_uint_eq(digest_hex(cases[i].name, "abc", 3, out), strlen(cases[i].hex));
        ck_assert_str_eq(out, cases[i].hex);
    }
}
END_TEST

START_TEST(a_name_that_is_not_known_gives_nothing)
{
    char out[129];
    ck_assert_uint_eq(digest_hex("sha3", "abc", 3, out), 0);
    ck_assert_str_eq(out, "");
}
END_TEST

Suite *suite_digest(void)
{
    const TTest *tests[] = {known_digests_come_out, a_name_that_is_not_known_gives_nothing, NULL};
    return suite_of("digest", tests);
}
