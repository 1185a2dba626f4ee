#include "fixtures.h"
#include "runner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csi/history.h"

Suite *suite_warnings(void);

#define REGCRED "[{'name':'regcred'}]"
#define MINUTE  ((int64_t)60000)
#define HOUR    (60 * MINUTE)
#define POD     "csi-upcloud-node-0"

/* A cluster with one node pod whose events come before the first list ends, or after. */
static struct csi_census *census;

static void begin(void)
{
    census = csi_census_new();
    begin_lists(census);
    put_upcloud_workloads(census, REGCRED);
    put_upcloud_pods(census, 1, REGCRED);
}

static const struct csi_warnings *warnings_at(int64_t now_ms)
{
    csi_census_settle(census, now_ms);
    return &csi_census_pod(census, "kube-system", POD)->warnings;
}

/* The event of the pod as it stands count times, last seen last_ago_s before the fixture's now. */
static void event(bool listed, int64_t now_ms, int64_t count, int first_ago_s, int last_ago_s)
{
    put_count(census, listed, now_ms, POD, "uid-0", count, first_ago_s, last_ago_s);
}

START_TEST(the_first_list_tells_a_rate_from_first_to_last)
{
    begin();
    event(true, fixture_now, 289, 6 * 3600 + 30, 30);
    end_lists(census);
    const struct csi_warnings *w = warnings_at(fixture_now);
    ck_assert_int_eq(w->count, 289);
    ck_assert(w->rate_known);
    ck_assert(fabs(w->per_day - 1152) < 0.5);
    ck_assert_int_eq(w->watched_ms, 6 * 60 * MINUTE);
    ck_assert(!w->lower_bound);
    ck_assert_ptr_nonnull(strstr(w->message, "regcred"));
    csi_census_free(census);
}
END_TEST

START_TEST(nothing_is_known_before_events_were_listed_and_nothing_is_zero_after)
{
    begin();
    ck_assert(!warnings_at(fixture_now)->rate_known);
    end_lists(census);
    ck_assert(warnings_at(fixture_now)->rate_known);
    ck_assert(warnings_at(fixture_now)->per_day == 0);
    csi_census_events_unreadable(census);
    ck_assert(!warnings_at(fixture_now)->rate_known);
    csi_census_free(census);
}
END_TEST

START_TEST(a_single_occurrence_has_no_rate)
{
    begin();
    event(true, fixture_now, 1, 20, 20);
    end_lists(census);
    ck_assert_int_eq(warnings_at(fixture_now)->count, 1);
    ck_assert(!warnings_at(fixture_now)->rate_known);
    ck_assert(csi_census_totals(census).lower_bound);
    csi_census_free(census);
}
END_TEST

START_TEST(a_kubelet_restart_adds_a_second_event_to_the_sum)
{
    begin();
    event(true, fixture_now, 48, 3600, 1800);
    put_event(census, true, fixture_now,
              "{'metadata':{'name':'" POD ".ffff','namespace':'kube-system'},'involvedObject':"
              "{'kind':'Pod','namespace':'kube-system','name':'" POD "','uid':'uid-0'},'reason':"
              "'FailedToRetrieveImagePullSecret','count':25,'firstTimestamp':"
              "'2026-01-01T05:30:00Z','lastTimestamp':'2026-01-01T06:00:00Z'}");
    end_lists(census);
    const struct csi_warnings *w = warnings_at(fixture_now);
    ck_assert_int_eq(w->count, 73);
    ck_assert(fabs(w->per_day - 72 * 24) < 1);
    csi_census_free(census);
}
END_TEST

START_TEST(rates_of_a_sped_up_simulation_are_those_of_its_own_time)
{
    begin();
    csi_census_set_event_speed(census, 12);
    event(true, fixture_now, 289, 6 * 3600 + 30, 30);
    end_lists(census);
    ck_assert(fabs(warnings_at(fixture_now)->per_day - 1152) < 1);
    int64_t count = 289;
    int64_t now = fixture_now;
    for (int minute = 1; minute <= 10; minute++) { /* two hours of the cluster's */
        now += MINUTE;
        count += 12 * 60 / 75;
        event(false, now, count, 6 * 3600 + 30, -60 * minute);
        ck_assert(fabs(warnings_at(now)->per_day - 1152) < 120);
    }
    ck_assert(warnings_at(now + 20 * 1000)->per_day > 0);
    ck_assert(warnings_at(now + MINUTE)->per_day == 0); /* twelve minutes of quiet */
    csi_census_free(census);
}
END_TEST

START_TEST(jumps_of_the_spam_filter_are_all_counted)
{
    begin();
    event(true, fixture_now, 25, 1800, 10);
    end_lists(census);
    int64_t now = fixture_now;
    int64_t count = 25;
    for (int step = 0; step < 12; step++) {
        now += 5 * MINUTE;
        count += 4;
        event(false, now, count, 1800, 10 - (step + 1) * 300);
    }
    const struct csi_warnings *w = warnings_at(now);
    ck_assert_int_eq(w->count, 73);
    ck_assert_int_eq(w->grown, 48);
    ck_assert(fabs(w->per_day - 1152) < 30);
    csi_census_free(census);
}
END_TEST

START_TEST(an_event_that_expired_and_came_back_grows_by_the_difference)
{
    begin();
    event(true, fixture_now, 10, 1800, 10);
    end_lists(census);
    csi_census_remove(census, "Event", "kube-system", POD ".18ea9c0c34f294e8");
    ck_assert_int_eq(warnings_at(fixture_now)->count, 0);
    event(false, fixture_now + 15 * MINUTE, 13, 1800, -15 * 60);
    const struct csi_warnings *w = warnings_at(fixture_now + 15 * MINUTE);
    ck_assert_int_eq(w->count, 13);
    ck_assert_int_eq(w->grown, 3);
    csi_census_remove(census, "Event", "kube-system", POD ".18ea9c0c34f294e8");
    event(false, fixture_now + 16 * MINUTE, 13, 1800, -16 * 60);
    ck_assert_int_eq(warnings_at(fixture_now + 16 * MINUTE)->grown, 4); /* at least once more */
    csi_census_remove(census, "Event", "kube-system", POD ".18ea9c0c34f294e8");
    event(false, fixture_now + 17 * MINUTE, 2, -16 * 60, -17 * 60);
    ck_assert_int_eq(warnings_at(fixture_now + 17 * MINUTE)->grown, 6); /* a new series */
    csi_census_free(census);
}
END_TEST

START_TEST(a_gap_counts_differences_of_survivors_and_is_a_lower_bound_for_the_rest)
{
    begin();
    event(true, fixture_now, 10, 1800, 10);
    end_lists(census);
    int64_t now = fixture_now + 20 * MINUTE;
    csi_census_begin_relist(census, "Event");
    event(true, now, 26, 1800, -19 * 60);
    csi_census_set_now(census, now);
    csi_census_end_relist(census, "Event");
    ck_assert_int_eq(warnings_at(now)->grown, 16);
    ck_assert(!warnings_at(now)->lower_bound);
    csi_census_begin_relist(census, "Event");
    event(true, now, 26, 1800, -19 * 60);
    put_event(census, true, now,
              "{'metadata':{'name':'old.1','namespace':'kube-system'},'involvedObject':{'uid':"
              "'uid-0'},'reason':'FailedToRetrieveImagePullSecret','count':40,'firstTimestamp':"
              "'2025-12-31T00:00:00Z','lastTimestamp':'2026-01-01T06:19:00Z'}");
    csi_census_end_relist(census, "Event");
    ck_assert(warnings_at(now)->lower_bound);
    csi_census_free(census);
}
END_TEST

START_TEST(a_count_that_goes_down_counts_nothing_and_says_so)
{
    begin();
    event(true, fixture_now, 10, 1800, 10);
    end_lists(census);
    event(false, fixture_now + 11 * MINUTE, 4, 1800, -11 * 60);
    const struct csi_warnings *w = warnings_at(fixture_now + 11 * MINUTE);
    ck_assert_int_eq(w->grown, 0);
    ck_assert_int_eq(w->count, 4);
    ck_assert(w->lower_bound);
    csi_census_free(census);
}
END_TEST

START_TEST(new_recorders_series_count_too)
{
    begin();
    put_event(census, true, fixture_now,
              "{'metadata':{'name':'s','namespace':'kube-system','creationTimestamp':"
              "'2026-01-01T05:00:00Z'},'regarding':{'namespace':'kube-system','name':'" POD
              "','uid':'uid-0'},'reason':'FailedToRetrieveImagePullSecret','note':'words',"
              "'eventTime':'2026-01-01T05:00:00.000000Z','series':{'count':49,"
              "'lastObservedTime':'2026-01-01T06:00:00.000000Z'}}");
    end_lists(census);
    const struct csi_warnings *w = warnings_at(fixture_now);
    ck_assert_int_eq(w->count, 49);
    ck_assert(fabs(w->per_day - 48 * 24) < 0.5);
    ck_assert_str_eq(w->message, "words");
    csi_census_free(census);
}
END_TEST

START_TEST(other_reasons_and_events_of_earlier_pods_of_the_name_do_not_count)
{
    begin();
    put_event(census, true, fixture_now,
              "{'metadata':{'name':'b','namespace':'kube-system'},'involvedObject':{'uid':'uid-0'},"
              "'reason':'BackOff','count':9}");
    put_count(census, true, fixture_now, POD, "uid-of-an-earlier-pod", 500, 7200, 3600);
    end_lists(census);
    ck_assert_int_eq(warnings_at(fixture_now)->count, 0);
    csi_census_free(census);
}
END_TEST

START_TEST(quiet_for_ten_minutes_means_ended)
{
    begin();
    event(true, fixture_now, 100, 7200, 660);
    end_lists(census);
    ck_assert(warnings_at(fixture_now)->rate_known);
    ck_assert(warnings_at(fixture_now)->per_day == 0);
    ck_assert_int_eq(warnings_at(fixture_now)->count, 100);
    csi_census_free(census);
}
END_TEST

START_TEST(a_secret_that_came_ends_the_rate_at_once_but_not_if_warnings_go_on)
{
    begin();
    event(true, fixture_now, 100, 7200, 10);
    end_lists(census);
    ck_assert(warnings_at(fixture_now)->per_day > 1000);
    cJSON *row = fixture_json("{'cells':['regcred','" DOCKER_TYPE "',1,'1s'],'object':{'metadata':"
                              "{'name':'regcred','namespace':'kube-system','resourceVersion':'1',"
                              "'creationTimestamp':'2026-01-01T06:00:00Z'}}}");
    csi_census_put_secret_row(census, row);
    cJSON_Delete(row);
    ck_assert(warnings_at(fixture_now)->per_day == 0);
    event(false, fixture_now + 4 * MINUTE, 103, 7200, -4 * 60);
    ck_assert(warnings_at(fixture_now + 4 * MINUTE)->per_day > 1000);
    csi_census_free(census);
}
END_TEST

START_TEST(sums_of_a_driver_say_at_least_where_a_pod_has_no_rate)
{
    begin();
    event(true, fixture_now, 289, 6 * 3600 + 30, 30);
    put_count(census, true, fixture_now, "csi-upcloud-controller-0", "uid-c", 1, 20, 20);
    end_lists(census);
    csi_census_settle(census, fixture_now);
    const struct csi_driver *driver = csi_census_driver(census, "storage.csi.upcloud.com");
    ck_assert_int_eq(driver->warnings.count, 290);
    ck_assert(driver->warnings.rate_known);
    ck_assert(driver->warnings.lower_bound);
    ck_assert_int_eq(csi_census_totals(census).warnings, 290);
    csi_census_free(census);
}
END_TEST

START_TEST(clocks_in_the_future_and_odd_counts_do_no_harm)
{
    begin();
    put_event(census, true, fixture_now,
              "{'metadata':{'name':'f','namespace':'kube-system'},'involvedObject':{'uid':'uid-0'},"
              "'reason':'FailedToRetrieveImagePullSecret','count':'17','firstTimestamp':"
              "'2099-01-01T00:00:00Z','lastTimestamp':'1999-01-01T00:00:00Z'}");
    put_event(census, true, fixture_now,
              "{'metadata':{'name':'g','namespace':7},'involvedObject':null,"
              "'reason':'FailedToRetrieveImagePullSecret','count':-3,'firstTimestamp':'soon'}");
    put_event(census, true, fixture_now, "{'reason':'FailedToRetrieveImagePullSecret'}");
    put_event(census, true, fixture_now, "[]");
    end_lists(census);
    ck_assert_int_eq(warnings_at(fixture_now)->count, 17);
    csi_census_free(census);
}
END_TEST

START_TEST(a_history_has_minutes_and_hours)
{
    begin();
    event(true, fixture_now, 10, 1800, 10);
    end_lists(census);
    event(false, fixture_now + 1 * MINUTE, 12, 1800, -60);
    event(false, fixture_now + 3 * MINUTE, 15, 1800, -180);
    csi_census_settle(census, fixture_now + 3 * MINUTE);
    struct csi_history history;
    csi_census_history(census, NULL, NULL, fixture_now + 3 * MINUTE, &history);
    ck_assert_int_eq(history.minutes[59], 3);
    ck_assert_int_eq(history.minutes[58], 0);
    ck_assert_int_eq(history.minutes[57], 2);
    ck_assert_int_eq(history.minutes[56], 0);
    ck_assert_int_eq(history.hours[23], 5);
    ck_assert_int_eq(history.minutes_known, 4);
    ck_assert_uint_eq(history.hours_watched, (uint32_t)1 << 23);
    csi_census_history(census, NULL, csi_census_pod(census, "kube-system", POD),
                       fixture_now + 90 * MINUTE, &history);
    ck_assert_int_eq(history.minutes[59], 0);
    ck_assert_int_eq(history.hours[22], 5);
    csi_census_history(census, csi_census_driver(census, "storage.csi.upcloud.com"), NULL,
                       fixture_now + (int64_t)26 * 60 * MINUTE, &history);
    ck_assert_int_eq(history.hours[23] + history.hours[0], 0);
    csi_census_free(census);
}
END_TEST

START_TEST(the_sum_over_all_is_the_same_however_often_it_is_asked)
{
    begin();
    event(true, fixture_now, 10, 1800, 10);
    end_lists(census);
    int64_t now = fixture_now;
    int count = 10;
    for (int i = 0; i < 500; i++) {
        now += i % 7 * 137;
        count += i % 3;
        event(false, now, count, 1800, (int)((fixture_now - now) / 1000));
        struct csi_history asked, fresh;
        if (i % 5 != 0) { /* else two pieces of news come before the next look */
            csi_census_settle(census, now);
            csi_census_history(census, NULL, NULL, now, &asked);
            csi_census_history(census, csi_census_driver(census, "storage.csi.upcloud.com"), NULL,
                               now, &fresh);
            ck_assert_int_eq(memcmp(asked.minutes, fresh.minutes, sizeof(asked.minutes)), 0);
            ck_assert_int_eq(memcmp(asked.hours, fresh.hours, sizeof(asked.hours)), 0);
            ck_assert_int_eq(csi_census_totals(census).warnings, count);
        }
    }
    csi_census_free(census);
}
END_TEST

START_TEST(old_gone_events_are_forgotten)
{
    begin();
    end_lists(census);
    for (int i = 0; i < 1000; i++) {
        put_event(census, false, fixture_now,
                  "{'metadata':{'name':'e%d','namespace':'x'},'involvedObject':{'uid':'gone-%d'},"
                  "'reason':'FailedToRetrieveImagePullSecret','count':2}",
                  i, i);
    }
    csi_census_set_now(census, fixture_now);
    csi_census_begin_relist(census, "Event");
    csi_census_end_relist(census, "Event");
    csi_census_set_now(census, fixture_now + 121 * MINUTE);
    csi_census_begin_relist(census, "Event");
    csi_census_end_relist(census, "Event");
    put_event(census, false, fixture_now + 121 * MINUTE,
              "{'metadata':{'name':'e7','namespace':'x'},'involvedObject':{'uid':'uid-0'},"
              "'reason':'FailedToRetrieveImagePullSecret','count':3}");
    /* all three are new: the row of the old e7 is gone */
    ck_assert_int_eq(warnings_at(fixture_now + 121 * MINUTE)->grown, 3);
    csi_census_free(census);
}
END_TEST

Suite *suite_warnings(void)
{
    const TTest *tests[] = {the_first_list_tells_a_rate_from_first_to_last,
                            nothing_is_known_before_events_were_listed_and_nothing_is_zero_after,
                            a_single_occurrence_has_no_rate,
                            a_kubelet_restart_adds_a_second_event_to_the_sum,
                            rates_of_a_sped_up_simulation_are_those_of_its_own_time,
                            jumps_of_the_spam_filter_are_all_counted,
                            an_event_that_expired_and_came_back_grows_by_the_difference,
                            a_gap_counts_differences_of_survivors_and_is_a_lower_bound_for_the_rest,
                            a_count_that_goes_down_counts_nothing_and_says_so,
                            new_recorders_series_count_too,
                            other_reasons_and_events_of_earlier_pods_of_the_name_do_not_count,
                            quiet_for_ten_minutes_means_ended,
                            a_secret_that_came_ends_the_rate_at_once_but_not_if_warnings_go_on,
                            sums_of_a_driver_say_at_least_where_a_pod_has_no_rate,
                            clocks_in_the_future_and_odd_counts_do_no_harm,
                            a_history_has_minutes_and_hours,
                            the_sum_over_all_is_the_same_however_often_it_is_asked,
                            old_gone_events_are_forgotten,
                            NULL};
    return suite_of("warnings", tests);
}
