#include "fixtures.h"
#include "runner.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "../../../src/csi/follow_internal.h"
#include "base/clock.h"
#include "base/intern.h"
#include "csi/history.h"
#include "doc/json.h"
#include "doc/pick.h"

Suite *suite_soak(void);

/* Bytes that are given out at this moment; 0 where nobody counts them. */
#if defined(__SANITIZE_ADDRESS__)
size_t __sanitizer_get_current_allocated_bytes(void);
static size_t allocated(void)
{
    return __sanitizer_get_current_allocated_bytes();
}
#elif defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
static size_t allocated(void)
{
    return mallinfo2().uordblks;
}
#else
static size_t allocated(void)
{
    return 0;
}
#endif

enum { NODES = 50, WARM_UP = 2000, UPDATES = 40000 };

/* One frame of the watch of warnings, read as the client reads it: the pods in turn, each with a
 * new time and number, now and then a restarted kubelet's second event, one that expires, a message
 * that was never heard before. */
static void update(struct csi_census *census, struct json_pick *pick, int i, int64_t now_ms)
{
    char time[32];
    char text[1024];
    int node = i % NODES;
    int round = i / NODES;
    clock_format_rfc3339(now_ms, time);
    int length =
        snprintf(text, sizeof(text),
                 "{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Event\",\"metadata\":{\"name\":"
                 "\"csi-upcloud-node-%d.%d\",\"namespace\":\"kube-system\",\"uid\":\"u-%d\","
                 "\"resourceVersion\":\"%d\",\"managedFields\":[{\"fieldsV1\":{\"f:count\":{}}}]},"
                 "\"involvedObject\":{\"kind\":\"Pod\",\"namespace\":\"kube-system\",\"name\":"
                 "\"csi-upcloud-node-%d\",\"uid\":\"uid-%d\"},\"reason\":"
                 "\"FailedToRetrieveImagePullSecret\",\"message\":\"Unable (%d)\",\"count\":%d,"
                 "\"firstTimestamp\":\"%s\",\"lastTimestamp\":\"%s\"}}",
                 node, round / 100, i, i, node, node, i % 97 == 0 ? i : 0, round + 1, time, time);
    ck_assert(length > 0 && length < (int)sizeof(text));
    struct error err = ERROR_INIT;
    const cJSON *frame = json_pick_read(pick, text, (size_t)length, "frame", &err);
    ck_assert_msg(frame != NULL, "%s", err.message);
    csi_census_put_event(census, json_object(frame, "object"), false, now_ms);
    if (i % 331 == 0) {
        csi_census_set_now(census, now_ms);
        csi_census_remove(census, "Event", "kube-system",
                          json_string(json_at(frame, "object", "metadata", NULL), "name"));
    }
    json_pick_forget(pick);
}

START_TEST(memory_stays_flat_over_a_day_of_warnings)
{
    struct csi_census *census = upcloud_census(NODES, "[{'name':'regcred'}]");
    struct json_pick *pick = json_pick_new(false);
    int64_t now_ms = fixture_now;
    size_t warm = 0;
    size_t warm_texts = 0;
    json_pick_want(pick, "", "type");
    for (const char *const *field = follow_event_fields; *field != NULL; field++) {
        json_pick_want(pick, "object", *field);
    }
    for (int i = 0; i < UPDATES; i++) {
        now_ms += 2160; /* 40,000 of them make a day */
        update(census, pick, i, now_ms);
        if (i % 10 == 0) {
            struct csi_history history;
            csi_census_settle(census, now_ms);
            csi_census_history(census, NULL, NULL, now_ms, &history);
        }
        if (i == WARM_UP) {
            warm = allocated();
            warm_texts = intern_count();
        }
    }
    ck_assert(csi_census_totals(census).warnings > 0);
    /* Each pod has now some events of kubelets that were restarted; they are rows of 100 bytes. */
    ck_assert_msg(intern_count() < warm_texts + 3 * NODES, "%zu texts, %zu before", intern_count(),
                  warm_texts);
    ck_assert_msg(allocated() <= warm + warm / 2, "%zu bytes, %zu before", allocated(), warm);
    json_pick_free(pick);
    csi_census_free(census);
    ck_assert_uint_eq(intern_count(), 0);
}
END_TEST

Suite *suite_soak(void)
{
    const TTest *tests[] = {memory_stays_flat_over_a_day_of_warnings, NULL};
    return suite_of("soak", tests);
}
