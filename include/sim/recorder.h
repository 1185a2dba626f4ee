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

enum { SIM_EVENT_BURST = 25 };

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
/* The past of an event that recurred (wall clock): how often, and what of it the spam filter let
 * through: the count and time of the last write. */
struct sim_event_past {
    int64_t count;
    int64_t booked;
    int64_t first_ms;
    int64_t last_ms;
};
void sim_event_record_past(struct sim *sim, const struct sim_object *about,
                           const struct sim_event *event, const struct sim_event_past *past);
/* The spam filter's rule: whether a write passes that long after the one before; *tokens start at
 * SIM_EVENT_BURST. */
bool sim_event_spend(double *tokens, int64_t passed_ms);
/* What the past has left in the filter for events of this source, object and type, idle_ms before
 * now. */
void sim_event_tokens_past(struct sim *sim, const struct sim_object *about,
                           const struct sim_event *event, double tokens, int64_t idle_ms);
/* What kube-scheduler writes through events.k8s.io: no count, null times, eventTime. */
void sim_event_scheduled(struct sim *sim, const struct sim_object *pod, const char *node);
/* Drops what was not used for two hours of the events' time. */
void sim_recorder_forget(struct sim *sim);

#endif
