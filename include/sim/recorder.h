#ifndef SIM_RECORDER_H
#define SIM_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/sim.h"
#include "sim/store.h"

/*
 * Events as client-go's recorder books them (tools/record): equal ones grow one object's count,
 * ten different messages in ten minutes become one, and a spam filter lets 25 writes pass for each
 * source, object and type, then one in five minutes. The count grows before the filter, so that
 * writes that come through jump.
 */
struct sim_recorder;

struct sim_event {
    const char *component; /* "kubelet", "daemonset-controller"... */
    const char *host;      /* node name; "" where the component has none */
    const char *type;      /* "Normal", "Warning" */
    const char *reason;
    const char *message;
    const char *field_path; /* "spec.containers{driver}"; "" for none */
};

struct sim_recorder *sim_recorder_new(struct sim *sim);
void sim_recorder_free(struct sim_recorder *recorder);

void sim_event_record(struct sim *sim, const struct sim_object *about,
                      const struct sim_event *event);
/* The past of an event that recurred: count occurrences between the two times (wall clock), as the
 * spam filter let them through; first_ms a real start, last_ms the last one. */
void sim_event_record_past(struct sim *sim, const struct sim_object *about,
                           const struct sim_event *event, int64_t count, int64_t first_ms,
                           int64_t last_ms);
/* What kube-scheduler writes through events.k8s.io: no count, null times, eventTime. */
void sim_event_scheduled(struct sim *sim, const struct sim_object *pod, const char *node);
/* Drops what was not used for two hours of the cluster's time. */
void sim_recorder_forget(struct sim *sim);

#endif
