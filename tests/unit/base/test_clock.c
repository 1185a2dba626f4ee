#include "runner.h"

#include "base/clock.h"

Suite *suite_clock(void);

START_TEST(rfc3339_times_are_read_with_fractions_and_offsets)
{
    int64_t ms;
    ck_assert(clock_parse_rfc3339("2026-01-01T00:00:00Z", &ms));
    ck_assert_int_eq(ms, 1767225600000);
    ck_assert(clock_parse_rfc3339("2026-01-01T01:00:00.123456+01:00", &ms));
    ck_assert_int_eq(ms, 1767225600123);
    ck_assert(clock_parse_rfc3339("1969-12-31T23:59:59Z", &ms));
    ck_assert_int_eq(ms, -1000);
    ck_assert(!clock_parse_rfc3339("2026-13-01T00:00:00Z", &ms));
    ck_assert(!clock_parse_rfc3339("2026-01-01", &ms));
    ck_assert(!clock_parse_rfc3339("", &ms));
    ck_assert(!clock_parse_rfc3339(NULL, &ms));
}
END_TEST

START_TEST(times_are_written_as_kubernetes_writes_them)
{
    char text[32];
    clock_format_rfc3339(1767225600123, text);
    ck_assert_str_eq(text, "2026-01-01T00:00:00Z");
}
END_TEST

START_TEST(durations_are_read_as_go_reads_them)
{
    int64_t ms;
    ck_assert(clock_parse_duration("1h30m", &ms));
    ck_assert_int_eq(ms, 5400000);
    ck_assert(clock_parse_duration("250ms", &ms));
    ck_assert_int_eq(ms, 250);
    ck_assert(clock_parse_duration("1.5s", &ms));
    ck_assert_int_eq(ms, 1500);
    ck_assert(clock_parse_duration("0", &ms));
    ck_assert(!clock_parse_duration("", &ms));
    ck_assert(!clock_parse_duration("10", &ms));
    ck_assert(!clock_parse_duration("s", &ms));
    ck_assert(!clock_parse_duration("5 s", &ms));
}
END_TEST

START_TEST(ages_are_short_as_kubectl_prints_them)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {{45, "45s"},    {119, "119s"},    {126, "2m6s"},     {180, "3m"},
                 {3600, "60m"},  {3 * 3600, "3h"}, {86400 * 3, "3d"}, {-5, "0s"},
                 {7260, "121m"}, {86400 * 9, "9d"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[32];
        clock_format_age(cases[i].seconds * 1000, text);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

Suite *suite_clock(void)
{
    const TTest *tests[] = {rfc3339_times_are_read_with_fractions_and_offsets,
                            times_are_written_as_kubernetes_writes_them,
                            durations_are_read_as_go_reads_them,
                            ages_are_short_as_kubectl_prints_them, NULL};
    return suite_of("clock", tests);
}
