#include "csi/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "doc/json.h"
#include "rows.h"

enum { MINUTE_MS = 60000, HOUR_MINUTES = 60, HOUR_MS = MINUTE_MS * HOUR_MINUTES };

/* Empties the slots between the newest and now. Time that goes back counts for the newest slot. */
static void ring_turn(struct ring *ring, int64_t minute)
{
    if (ring->minute == 0) {
        ring->minute = minute;
        return;
    }
    for (int64_t at = ring->minute + 1, n = 0; at <= minute && n < CSI_HISTORY_MINUTES; at++, n++) {
        ring->minutes[at % CSI_HISTORY_MINUTES] = 0;
    }
    int64_t hour = ring->minute / HOUR_MINUTES;
    for (int64_t n = 0; hour < minute / HOUR_MINUTES && n < CSI_HISTORY_HOURS; n++) {
        hour++;
        ring->hours[hour % CSI_HISTORY_HOURS] = 0;
    }
    if (minute - ring->minute > (int64_t)CSI_HISTORY_HOURS * HOUR_MINUTES) {
        memset(ring->hours, 0, sizeof(ring->hours));
    }
    if (minute - ring->minute > CSI_HISTORY_MINUTES) {
        memset(ring->minutes, 0, sizeof(ring->minutes));
    }
    if (minute > ring->minute) {
        ring->minute = minute;
    }
}

void ring_add(struct ring *ring, int64_t now_ms, int64_t count)
{
    if (count <= 0 || now_ms <= 0) {
        return;
    }
    ring_turn(ring, now_ms / MINUTE_MS);
    uint16_t *minute = &ring->minutes[ring->minute % CSI_HISTORY_MINUTES];
    uint32_t *hour = &ring->hours[ring->minute / HOUR_MINUTES % CSI_HISTORY_HOURS];
    *minute = (uint16_t)(count > UINT16_MAX - *minute ? UINT16_MAX : *minute + count);
    *hour = (uint32_t)(count > (int64_t)(UINT32_MAX - *hour) ? UINT32_MAX : *hour + count);
}

/* What slot `back` minutes before now holds; 0 outside the ring. */
static int64_t minute_at(const struct ring *ring, int64_t minute)
{
    bool inside = minute <= ring->minute && minute > ring->minute - CSI_HISTORY_MINUTES;
    return ring->minute != 0 && inside ? ring->minutes[minute % CSI_HISTORY_MINUTES] : 0;
}

static int64_t hour_at(const struct ring *ring, int64_t hour)
{
    int64_t newest = ring->minute / HOUR_MINUTES;
    bool inside = hour <= newest && hour > newest - CSI_HISTORY_HOURS;
    return ring->minute != 0 && inside ? ring->hours[hour % CSI_HISTORY_HOURS] : 0;
}

int64_t ring_sum(const struct ring *ring, int64_t now_ms, int minutes)
{
    int64_t sum = 0;
    for (int i = 0; i < minutes && i < CSI_HISTORY_MINUTES; i++) {
        sum += minute_at(ring, now_ms / MINUTE_MS - i);
    }
    return sum;
}

void ring_add_to(const struct ring *ring, int64_t now_ms, struct csi_history *sum)
{
    int64_t minute = now_ms / MINUTE_MS;
    for (int i = 0; i < CSI_HISTORY_MINUTES; i++) {
        sum->minutes[i] += minute_at(ring, minute - (CSI_HISTORY_MINUTES - 1 - i));
    }
    for (int i = 0; i < CSI_HISTORY_HOURS; i++) {
        sum->hours[i] += hour_at(ring, minute / HOUR_MINUTES - (CSI_HISTORY_HOURS - 1 - i));
    }
}

static void add_pod(const struct csi_census *census, const struct csi_pod *pod, int64_t now_ms,
                    struct csi_history *sum)
{
    warning_book_history(census->warnings, pod, now_ms, sum);
}

static void add_driver(const struct csi_census *census, const struct csi_driver *driver,
                       int64_t now_ms, struct csi_history *sum)
{
    for (size_t i = 0; i < driver->workload_count; i++) {
        const struct csi_workload *workload = driver->workloads[i];
        for (size_t j = 0; j < workload->pod_count; j++) {
            add_pod(census, workload->pods[j], now_ms, sum);
        }
    }
}

static int known_slots(int64_t since_ms, int64_t now_ms, int64_t slot_ms, int most)
{
    if (since_ms == 0 || now_ms < since_ms) {
        return 0;
    }
    int64_t slots = now_ms / slot_ms - since_ms / slot_ms + 1;
    return slots > most ? most : (int)slots;
}

static uint32_t last_bits(int count)
{
    return count <= 0 ? 0 : ((uint32_t)1 << count) - 1;
}

/* Bit i of the result: hour i of the last day, seen from now. */
static uint32_t own_hours(int64_t since_ms, int64_t now_ms)
{
    int slots = known_slots(since_ms, now_ms, HOUR_MS, CSI_HISTORY_HOURS);
    return last_bits(slots) << (CSI_HISTORY_HOURS - slots);
}

/* The hours of earlier sessions that are still inside the day. */
static uint32_t restored_hours(const struct csi_census *census, int64_t now_ms)
{
    int64_t passed = now_ms / HOUR_MS - census->restored->minute / HOUR_MINUTES;
    return passed < 0 || passed >= CSI_HISTORY_HOURS ? 0 : census->restored_watched >> passed;
}

static void sum_all(const struct csi_census *asked, int64_t now_ms, struct csi_history *out)
{
    struct csi_census *census = (struct csi_census *)asked; /* what is kept of it shows nowhere */
    if (!census->history_valid || census->history_minute != now_ms / MINUTE_MS) {
        struct csi_history *sum = &census->history;
        warning_book_summed(census->warnings);
        memset(sum, 0, sizeof(*sum));
        for (size_t i = 0; i < census->driver_count; i++) {
            add_driver(census, census->drivers[i], now_ms, sum);
        }
        census->history_valid = true;
        census->history_minute = now_ms / MINUTE_MS;
    }
    *out = census->history;
}

void history_grown(struct csi_census *census, int64_t grown)
{
    census->history.minutes[CSI_HISTORY_MINUTES - 1] += grown;
    census->history.hours[CSI_HISTORY_HOURS - 1] += grown;
}

void csi_census_history(const struct csi_census *census, const struct csi_driver *driver,
                        const struct csi_pod *pod, int64_t now_ms, struct csi_history *out)
{
    memset(out, 0, sizeof(*out));
    if (pod != NULL) {
        add_pod(census, pod, now_ms, out);
    } else if (driver != NULL) {
        add_driver(census, driver, now_ms, out);
    } else {
        sum_all(census, now_ms, out);
    }
    int64_t since = warning_book_since(census->warnings);
    out->minutes_known = known_slots(since, now_ms, MINUTE_MS, CSI_HISTORY_MINUTES);
    out->hours_watched = own_hours(since, now_ms);
    if (pod == NULL && driver == NULL && census->restored != NULL) {
        ring_add_to(census->restored, now_ms, out);
        out->hours_watched |= restored_hours(census, now_ms);
    }
}

/* --- Across sessions ----------------------------------------------------------------------------
 */

cJSON *history_save(const struct csi_history *history, int64_t now_ms)
{
    cJSON *saved = cJSON_CreateObject();
    json_set(saved, "hour", cJSON_CreateNumber((double)(now_ms / HOUR_MS)));
    cJSON *hours = json_need_list(saved, "hours");
    for (int i = 0; i < CSI_HISTORY_HOURS; i++) {
        bool watched = (history->hours_watched >> i & 1) != 0;
        cJSON_AddItemToArray(hours, watched ? cJSON_CreateNumber((double)history->hours[i])
                                            : cJSON_CreateNull());
    }
    return saved;
}

static bool no_history(struct error *err)
{
    return error_set(err, ERROR_CONFIG, "it does not hold the hours of a monitor");
}

/* The numbers of its hours; false if they are none. */
static bool read_hours(const cJSON *hours, struct ring *ring, uint32_t *watched)
{
    int64_t at = ring->minute / HOUR_MINUTES - CSI_HISTORY_HOURS + 1;
    const cJSON *count;
    uint32_t bit = 1;
    cJSON_ArrayForEach(count, hours)
    {
        if (!cJSON_IsNull(count)) {
            if (!cJSON_IsNumber(count) || !(count->valuedouble >= 0)) {
                return false;
            }
            double value = count->valuedouble;
            ring->hours[at % CSI_HISTORY_HOURS] = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
            *watched |= bit;
        }
        bit <<= 1;
        at++;
    }
    return true;
}

bool history_restore(struct csi_census *census, const cJSON *saved, int64_t now_ms,
                     struct error *err)
{
    int64_t hour = json_int(saved, "hour", -1);
    int64_t now_hour = now_ms / HOUR_MS;
    const cJSON *hours = json_list(saved, "hours");
    if (cJSON_GetArraySize(hours) != CSI_HISTORY_HOURS || hour < CSI_HISTORY_HOURS) {
        return no_history(err);
    }
    if (hour > now_hour || hour <= now_hour - CSI_HISTORY_HOURS) {
        return true; /* of another day, or of a clock that went wrong */
    }
    struct ring ring = {.minute = hour * HOUR_MINUTES};
    uint32_t watched = 0;
    if (!read_hours(hours, &ring, &watched)) {
        return no_history(err);
    }
    free(census->restored);
    census->restored = xmemdup(&ring, sizeof(ring));
    census->restored_watched = watched;
    return true;
}
