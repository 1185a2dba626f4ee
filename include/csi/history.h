#ifndef CSI_HISTORY_H
#define CSI_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "csi/census.h"

/* How many warnings were counted in each minute of the last hour and each hour of the last day; the
 * oldest first, the last slot is the running one. */
enum { CSI_HISTORY_MINUTES = 60, CSI_HISTORY_HOURS = 24 };

struct csi_history {
    int64_t minutes[CSI_HISTORY_MINUTES];
    int64_t hours[CSI_HISTORY_HOURS];
    int minutes_known;      /* how many slots at the end were watched at all */
    uint32_t hours_watched; /* bit i: hours[i] was watched, at least in part; an hour between two
                               sessions was not, which is something else than no warnings */
};

/* Of one pod, else of one driver, else (both NULL) of all drivers shown, what was taken up from an
 * earlier session included. Settle first. The whole costs little however often it is asked. */
void csi_census_history(const struct csi_census *census, const struct csi_driver *driver,
                        const struct csi_pod *pod, int64_t now_ms, struct csi_history *out);

/*
 * A file that keeps the hours of several views across sessions: key tells them apart (which
 * cluster, which namespace and drivers). At most 32, none older than a day; replaced by a rename,
 * for its owner alone (0600). Both fail with one line that names the file.
 */
bool csi_history_write_file(const struct csi_census *census, const char *path, const char *key,
                            int64_t now_ms, struct error *err);
/* A file that is not there is nothing to take up, and no error. */
bool csi_history_read_file(struct csi_census *census, const char *path, const char *key,
                           int64_t now_ms, struct error *err);

#endif
