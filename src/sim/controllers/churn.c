#include "base/attributes.h"
#include "sim/life.h"
#include "sim/pods.h"
#include "sim/recorder.h"
#include "sim/scenario_parts.h"

/* Events that a busy cluster has anyway, so that watchers have something to leave aside. */

enum { TICK_MS = 1000 };

static const struct {
    const char *type;
    const char *reason;
    const char *message;
} noises[] = {
    {"Warning", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503"},
    {"Warning", "Unhealthy", "Liveness probe failed: context deadline exceeded"},
    {"Warning", "DNSConfigForming",
     "Nameserver limits were exceeded, some nameservers have been omitted"},
    {"Normal", "TaintManagerEviction", "Cancelling deletion of Pod"},
};

static void make_noise(struct sim *sim)
{
    size_t count = 0;
    struct sim_object *const *pods = sim_store_list(sim->store, sim_pods(), NULL, &count);
    if (count == 0) {
        return;
    }
    struct sim_object *pod = sim_object_retain(pods[sim_random(sim) % count]);
    size_t choice = (size_t)(sim_random(sim) % ARRAY_LENGTH(noises));
    struct sim_event event = {"kubelet",
                              sim_pod_node(pod->body),
                              noises[choice].type,
                              noises[choice].reason,
                              noises[choice].message,
                              ""};
    sim_event_record(sim, pod, &event);
    sim_object_release(pod);
}

static void tick(void *context)
{
    struct sim *sim = context;
    double due = sim_scenario_churn(sim) * TICK_MS / 1000;
    for (int i = 0; i < (int)due; i++) {
        make_noise(sim);
    }
    sim->controllers->churn = sim_after(sim, TICK_MS, tick, sim);
}

void sim_start_churn(struct sim *sim)
{
    if (sim_scenario_churn(sim) >= 1) {
        sim->controllers->churn = sim_after(sim, TICK_MS, tick, sim);
    }
}
