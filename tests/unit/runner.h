#ifndef TESTS_RUNNER_H
#define TESTS_RUNNER_H

/*
 * The frame of a unit test program:
 *
 *     Suite *suite_buffer(void);
 *     RUN_SUITES(suite_buffer, suite_text)
 *
 * Results are TAP on standard output (CK_TAP_LOG_FILE_NAME=-), so that every case counts by name.
 * Test names are sentences: START_TEST(a_full_buffer_refuses_more).
 */
#include <check.h>
#include <locale.h>
#include <stdlib.h>

typedef Suite *(*suite_maker)(void);

static inline int run_suites(const suite_maker *makers, size_t count)
{
    setlocale(LC_ALL, "C.UTF-8");
    SRunner *runner = srunner_create(makers[0]());
    for (size_t i = 1; i < count; i++) {
        srunner_add_suite(runner, makers[i]());
    }
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define RUN_SUITES(...)                                                                            \
    int main(void)                                                                                 \
    {                                                                                              \
        static const suite_maker makers[] = {__VA_ARGS__};                                         \
        return run_suites(makers, sizeof(makers) / sizeof(makers[0]));                             \
    }

/* A suite of one case that holds the tests of a NULL-terminated list. */
static inline Suite *suite_of(const char *name, const TTest *const *tests)
{
    Suite *suite = suite_create(name);
    TCase *test_case = tcase_create(name);
    tcase_set_timeout(test_case, 60);
    for (size_t i = 0; tests[i] != NULL; i++) {
        tcase_add_test(test_case, tests[i]);
    }
    suite_add_tcase(suite, test_case);
    return suite;
}

#endif
