#include "fixtures.h"
#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "csi/history.h"

Suite *suite_history_file(void);

#define HOUR ((int64_t)3600000)

static char folder[64];
static char *path;

static void set_up(void)
{
    snprintf(folder, sizeof(folder), "/tmp/pullmend-history.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    path = xasprintf("%s/pullmend/monitor.json", folder);
}

static void tear_down(void)
{
    char *inner = xasprintf("%s/pullmend", folder);
    unlink(path);
    rmdir(inner);
    rmdir(folder);
    free(inner);
    free(path);
}

/* A census that counted that many warnings within its first minute. */
static struct csi_census *counted(int64_t count)
{
    struct csi_census *census = upcloud_census(1, "[{'name':'regcred'}]");
    csi_census_settle(census, fixture_now);
    put_count(census, false, fixture_now + 1000, "csi-upcloud-node-0", "uid-0", count, 60, 0);
    csi_census_settle(census, fixture_now + 1000);
    return census;
}

static int64_t last_hour_of(const char *key, struct error *err)
{
    struct csi_census *census = upcloud_census(1, "[{'name':'regcred'}]");
    struct csi_history history;
    csi_census_settle(census, fixture_now);
    if (!csi_history_read_file(census, path, key, fixture_now + HOUR, err)) {
        csi_census_free(census);
        return -1;
    }
    csi_census_history(census, NULL, NULL, fixture_now + HOUR, &history);
    csi_census_free(census);
    return history.hours[CSI_HISTORY_HOURS - 2];
}

static void write_count(const char *key, int64_t count, int64_t now_ms)
{
    struct error err = ERROR_INIT;
    struct csi_census *census = counted(count);
    ck_assert_msg(csi_history_write_file(census, path, key, now_ms, &err), "%s", err.message);
    csi_census_free(census);
}

START_TEST(each_view_takes_up_its_own_hours)
{
    struct error err = ERROR_INIT;
    struct stat about;
    ck_assert_int_eq(last_hour_of("one", &err), 0); /* there is no file */
    write_count("one", 5, fixture_now + 2000);
    write_count("two", 9, fixture_now + 2000);
    ck_assert_int_eq(stat(path, &about), 0);
    ck_assert_int_eq(about.st_mode & 0777, 0600);
    ck_assert_int_eq(last_hour_of("one", &err), 5);
    ck_assert_int_eq(last_hour_of("two", &err), 9);
    ck_assert_int_eq(last_hour_of("three", &err), 0);
    write_count("one", 6, fixture_now + 2000);
    ck_assert_int_eq(last_hour_of("one", &err), 6);
    ck_assert_int_eq(err.kind, ERROR_NONE);
}
END_TEST

START_TEST(a_file_that_is_something_else_is_told_of_and_replaced)
{
    static const char *const texts[] = {
        "no JSON",
        "{}",
        "[1]",
        "{\"views\":[{\"key\":\"one\",\"hour\":\"x\"}]}",
        "{\"views\":[{\"key\":\"one\",\"hour\":490000,\"hours\":[true]}]}",
        "{\"views\":[{\"key\":\"one\",\"hour\":500000,\"hours\":[1,2]}]}",
        ""};
    write_count("one", 5, fixture_now + 2000);
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct error err = ERROR_INIT;
        ck_assert(file_write_atomic(path, texts[i], strlen(texts[i]), 0600, &err));
        ck_assert_int_eq(last_hour_of("one", &err), -1);
        ck_assert_msg(strstr(err.message, path) != NULL, "%s", err.message);
        ck_assert_ptr_null(strchr(err.message, '\n'));
        write_count("one", 7, fixture_now + 2000);
        error_clear(&err);
        ck_assert_int_eq(last_hour_of("one", &err), 7);
    }
}
END_TEST

static void expect_taken_up(struct csi_census *census, int64_t now_ms)
{
    struct error err = ERROR_INIT;
    ck_assert_msg(csi_history_read_file(census, path, "one", now_ms, &err), "%s", err.message);
}

START_TEST(what_is_older_than_a_day_changes_nothing)
{
    write_count("one", 7, fixture_now + 2000);
    struct csi_census *census = upcloud_census(1, "[{'name':'regcred'}]");
    struct csi_history history;
    int64_t later = fixture_now + 2 * HOUR;
    csi_census_settle(census, fixture_now);
    expect_taken_up(census, fixture_now + 30 * HOUR);
    csi_census_history(census, NULL, NULL, later, &history);
    ck_assert_int_eq(history.hours[21], 0);
    expect_taken_up(census, later);
    csi_census_history(census, NULL, NULL, later, &history);
    ck_assert_int_eq(history.hours[21], 7);
    csi_census_free(census);
}
END_TEST

START_TEST(an_hour_that_nobody_watched_is_not_one_without_warnings)
{
    struct error err = ERROR_INIT;
    struct buffer text;
    write_count("one", 7, fixture_now + 2000);
    buffer_init(&text, 65536);
    ck_assert(file_read(path, &text, &err));
    ck_assert_ptr_nonnull(strstr(text.data, "null,null,7]"));
    buffer_free(&text);
    int64_t later = fixture_now + 5 * HOUR;
    struct csi_census *census = csi_census_new();
    struct csi_history history;
    csi_census_begin_relist(census, "Event");
    csi_census_set_now(census, later);
    csi_census_end_relist(census, "Event");
    csi_census_settle(census, later);
    expect_taken_up(census, later);
    csi_census_history(census, NULL, NULL, later, &history);
    ck_assert_uint_eq(history.hours_watched, (uint32_t)1 << 23 | (uint32_t)1 << 18);
    ck_assert_int_eq(history.hours[18], 7);
    csi_census_free(census);
}
END_TEST

START_TEST(the_file_stays_small)
{
    struct stat about;
    struct error err = ERROR_INIT;
    for (int i = 0; i < 50; i++) {
        char *key = xasprintf("view-%d", i);
        write_count(key, i + 1, fixture_now + 2000);
        free(key);
    }
    ck_assert_int_eq(stat(path, &about), 0);
    ck_assert_int_lt((int)about.st_size, 32 * 1024);
    ck_assert_int_eq(last_hour_of("view-49", &err), 50);
    ck_assert_int_eq(last_hour_of("view-18", &err), 19); /* the 32nd */
    ck_assert_int_eq(last_hour_of("view-17", &err), 0);
    /* and forgets what is older than a day */
    write_count("late", 1, fixture_now + 30 * HOUR);
    ck_assert_int_eq(stat(path, &about), 0);
    ck_assert_int_lt((int)about.st_size, 1024);
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_named)
{
    struct error err = ERROR_INIT;
    struct csi_census *census = counted(1);
    ck_assert(!csi_history_write_file(census, "/dev/null/pullmend/monitor.json", "one", fixture_now,
                                      &err));
    ck_assert_msg(strstr(err.message, "/dev/null") != NULL, "%s", err.message);
    csi_census_free(census);
}
END_TEST

Suite *suite_history_file(void)
{
    const TTest *tests[] = {each_view_takes_up_its_own_hours,
                            a_file_that_is_something_else_is_told_of_and_replaced,
                            what_is_older_than_a_day_changes_nothing,
                            an_hour_that_nobody_watched_is_not_one_without_warnings,
                            the_file_stays_small,
                            a_folder_that_cannot_be_written_is_named,
                            NULL};
    Suite *suite = suite_create("history file");
    TCase *test_case = tcase_create("history file");
    tcase_add_checked_fixture(test_case, set_up, tear_down);
    for (size_t i = 0; tests[i] != NULL; i++) {
        tcase_add_test(test_case, tests[i]);
    }
    suite_add_tcase(suite, test_case);
    return suite;
}
