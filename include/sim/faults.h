#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sim/status.h"

/*
 * Faults on demand. A fault is a JSON object, given to --fault or posted to /sim/faults:
 *   {"kind": "latency", "milliseconds": 500}
 *   {"kind": "bandwidth", "bytesPerSecond": 20000}
 *   {"kind": "reset", "atByte": 4096}             the connection is cut in the answer's body
 *   {"kind": "truncate", "atByte": 4096}          the body ends early, cleanly
 *   {"kind": "status", "code": 429, "retryAfter": 1}   429, 500 or 503
 *   {"kind": "status", "code": 403, "reason": "Forbidden", "message": "...", "causes": [...]}
 *                                                 a refusal of one's own: a quota's, a webhook's...
 *   {"kind": "watch-expired"}                     watches get an ERROR frame with 410
 *   {"kind": "watch-close"}                       watches end
 *   {"kind": "malformed"}                         answers and frames are not JSON
 *   {"kind": "timeout"}                           lists take too long: 504, or cut off (1.33 on)
 *   {"kind": "html"}                              a proxy's page instead of the answer
 *   {"kind": "stale", "versions": 20}             reads answer from an older state
 *   {"kind": "compact"}                           at once: older versions are too old
 *   {"kind": "restart"}                           at once: all connections cut, all versions too
 *                                                 old
 * Each may have "path" (a substring of path and query), "without" (what these must not hold),
 * "method", "after" (how many requests pass before), "count" (how many it hits then; 0 or absent:
 * all until it is cleared) and "chance" (0 to 1, by the cluster's own sequence).
 */
struct sim;
struct sim_faults;

/* What holds for one request; all zero: nothing. */
struct sim_fault {
    int64_t latency_ms;
    int64_t bytes_per_second;
    int64_t reset_at;    /* -1: not */
    int64_t truncate_at; /* -1: not */
    int status_code;
    int retry_after;
    cJSON *status; /* reason, message, causes; the caller deletes it; NULL: the usual ones */
    bool watch_expired;
    bool watch_close;
    bool malformed;
    bool html;
    bool times_out;
    int64_t stale_versions;
};

struct sim_faults *sim_faults_new(struct sim *sim);
void sim_faults_free(struct sim_faults *faults);
/* One fault, or a list of them. Errors: ERROR_USAGE with what is wrong. */
bool sim_faults_add(struct sim_faults *faults, const cJSON *fault, struct error *err);
void sim_faults_clear(struct sim_faults *faults);
/* What is set, as a list; the caller's. */
cJSON *sim_faults_show(const struct sim_faults *faults);
/* Draws for a request and counts it. */
void sim_faults_draw(struct sim_faults *faults, const char *method, const char *url,
                     struct sim_fault *out);

#endif
