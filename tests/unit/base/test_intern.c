#include "runner.h"

#include <stdio.h>

#include "base/intern.h"

Suite *suite_intern(void);

START_TEST(equal_text_is_one_pointer_until_its_last_owner_lets_go)
{
    const char *a = intern("kube-system");
    const char *b = intern_length("kube-system-and-more", 11);
    ck_assert_ptr_eq(a, b);
    ck_assert_uint_eq(intern_count(), 1);
    intern_release(a);
    ck_assert_str_eq(b, "kube-system");
    intern_release(b);
    ck_assert_uint_eq(intern_count(), 0);
}
END_TEST

START_TEST(many_strings_stay_apart)
{
    static const char *kept[5000];
    for (int i = 0; i < 5000; i++) {
        char name[32];
        snprintf(name, sizeof(name), "node-%d", i);
        kept[i] = intern(name);
    }
    ck_assert_uint_eq(intern_count(), 5000);
    ck_assert_str_eq(kept[4321], "node-4321");
    for (int i = 0; i < 5000; i++) {
        intern_release(kept[i]);
    }
    ck_assert_uint_eq(intern_count(), 0);
}
END_TEST

Suite *suite_intern(void)
{
    const TTest *tests[] = {equal_text_is_one_pointer_until_its_last_owner_lets_go,
                            many_strings_stay_apart, NULL};
    return suite_of("intern", tests);
}
