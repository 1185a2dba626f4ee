#include "sim/sim.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "bootstrap.h"
#include "random.h"
#include "registry_server.h"
#include "sim/controllers.h"
#include "sim/faults.h"
#include "sim/scenario.h"
#include "sim/server.h"

static int64_t store_now(void *context)
{
    return sim_now_ms(context);
}

struct sim *sim_new(struct loop *loop, const struct sim_options *options)
{
    struct sim *sim = xcalloc(1, sizeof(*sim));
    sim->loop = loop;
    sim->minor = options->minor != 0 ? options->minor : 36;
    sim->speed = options->speed > 0 ? options->speed : 1;
    sim->event_speed = options->event_speed > 0 ? options->event_speed : 1;
    sim->random = options->seed;
    sim->nodes = options->nodes;
    sim->registry_port = options->registry_port;
    sim->minor_given = options->minor != 0;
    sim->speed_given = options->speed > 0;
    sim->started_ms = clock_monotonic_ms();
    sim->store = sim_store_new(store_now, sim, sim_random(sim));
    sim->faults = sim_faults_new(sim);
    sim_bootstrap(sim);
    return sim;
}

void sim_free(struct sim *sim)
{
    if (sim == NULL) {
        return;
    }
    sim_server_stop(sim);
    sim_controllers_stop(sim);
    sim_registry_stop(sim);
    sim_scenario_free(sim);
    sim_faults_free(sim->faults);
    sim_store_free(sim->store);
    free(sim);
}

int64_t sim_now_ms(const struct sim *sim)
{
    (void)sim;
    return clock_wall_ms();
}

int64_t sim_cluster_ms(const struct sim *sim)
{
    return (int64_t)((double)(clock_monotonic_ms() - sim->started_ms) * sim->speed);
}

int64_t sim_event_ms(const struct sim *sim)
{
    return (int64_t)((double)(clock_monotonic_ms() - sim->started_ms) * sim->event_speed);
}

struct loop_timer *sim_after(struct sim *sim, int64_t cluster_ms, void (*callback)(void *),
                             void *context)
{
    return loop_after(sim->loop, (int64_t)((double)cluster_ms / sim->speed), callback, context);
}

uint64_t sim_random(struct sim *sim)
{
    return sim_random_next(&sim->random);
}
