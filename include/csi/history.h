#ifndef CSI_HISTORY_H
#define CSI_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "csi/census.h"

/* How many warnings were counted in each minute of the last hour and each hour of the last day of
 * this session; the oldest first, the last slot is the running one. */
enum { CSI_HISTORY_MINUTES = 60, CSI_HISTORY_HOURS = 24 };

struct csi_history {
    int64_t minutes[CSI_HISTORY_MINUTES];
    int64_t hours[CSI_HISTORY_HOURS];
    int minutes_known; /* how many slots at the end were watched at all */
    int hours_known;
};

/* Of one pod, else of one driver, else (both NULL) of all drivers shown, what was taken up from an
 * earlier session included. Settle first. */
void csi_census_history(const struct csi_census *census, const struct csi_driver *driver,
                        const struct csi_pod *pod, int64_t now_ms, struct csi_history *out);

/* The hours of the whole, to be kept across sessions: text of a few hundred bytes; free() it. */
char *csi_history_save(const struct csi_history *history, int64_t now_ms);
/* Takes up what csi_history_save() gave; false (and nothing changes) if text is not that or too
 * old to matter. */
bool csi_census_restore_history(struct csi_census *census, const char *text, int64_t now_ms);

#endif
