#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/loop.h"
#include "sim/store.h"

struct sim_faults;
struct sim_server;
struct sim_controllers;
struct sim_scenario;
struct sim_registry_server;

/*
 * One simulated cluster. Order of life: sim_new(), sim_scenario_load(), sim_controllers_start(),
 * sim_server_start(); sim_free() ends them in the opposite order.
 */
struct sim {
    struct loop *loop; /* the caller's */
    struct sim_store *store;
    struct sim_faults *faults;
    struct sim_server *server;
    struct sim_controllers *controllers;
    struct sim_scenario *scenario;
    struct sim_registry_server *registry; /* NULL: the scenario serves none */
    int minor;          /* the Kubernetes minor version that is played: 20 or 36 */
    double speed;       /* cluster seconds a real second */
    double event_speed; /* the same for what is counted and dated: events */
    bool minor_given;   /* by a flag: a scenario leaves it alone */
    bool speed_given;   /* the same */
    uint64_t random;    /* state of sim_random() */
    int nodes;          /* --nodes; 0: as the scenario says */
    int registry_port;  /* 0: a free one */
    /* Versions before this one are gone from the storage below the watch caches: lists of them are
     * expired, of kinds without a cache (events) also watches. */
    int64_t compacted;
    int64_t started_ms; /* clock_monotonic_ms() at birth */
};

struct sim_options {
    int minor;          /* 0: 36 */
    double speed;       /* 0: 1, until the scenario says otherwise */
    double event_speed; /* 0: 1 */
    uint64_t seed;      /* the same seed gives the same names and uids */
    int nodes;
    int registry_port; /* of the scenario's registry; 0: a free one */
};

struct sim *sim_new(struct loop *loop, const struct sim_options *options);
void sim_free(struct sim *sim);

/* Wall-clock milliseconds for timestamps in objects. Not sped up: kubectl and pullmend compare them
 * with the real clock. */
int64_t sim_now_ms(const struct sim *sim);
/* Milliseconds of the cluster's own clock since its start, sped up: for back-offs, sync periods. */
int64_t sim_cluster_ms(const struct sim *sim);
/* The same for events. They are dated with real times, so that by default their counts grow in real
 * time as well: their rate stays what it was in the past that was made up, whatever the speed. */
int64_t sim_event_ms(const struct sim *sim);
/* A timer in the cluster's own time: callback comes after cluster_ms / speed. Cancel with
 * loop_cancel_timer(sim->loop, ...). */
struct loop_timer *sim_after(struct sim *sim, int64_t cluster_ms, void (*callback)(void *context),
                             void *context);
/* The next number of the cluster's own sequence. */
uint64_t sim_random(struct sim *sim);

#endif
