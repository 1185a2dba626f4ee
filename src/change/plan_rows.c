#include <string.h>

#include "base/text.h"
#include "plan_parts.h"

bool plan_attaches(const struct change_intent *intent)
{
    return intent->kind == CHANGE_ATTACH_TO_SERVICE_ACCOUNT || intent->attach;
}

bool plan_means_driver(const struct change_intent *intent, const struct csi_driver *driver)
{
    if (intent->drivers == NULL) {
        return true;
    }
    for (char **name = intent->drivers; *name != NULL; name++) {
        if (strcmp(*name, driver->name) == 0 ||
            (driver->kubespray != NULL && strcmp(*name, driver->kubespray) == 0)) {
            return true;
        }
    }
    return false;
}

bool plan_means_workload(const struct change_intent *intent, const struct csi_workload *workload)
{
    return intent->ns == NULL || strcmp(intent->ns, workload->ns) == 0;
}

bool plan_means_reference(const struct change_intent *intent, const struct csi_reference *reference)
{
    if (intent->only != NULL) {
        return strcmp(intent->only, reference->name) == 0;
    }
    return csi_secret_state_is_broken(reference->state);
}

const struct kube_resource *plan_workload_resource(const struct csi_workload *workload)
{
    static const char *const kinds[] = {"DaemonSet", "Deployment", "StatefulSet"};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (strcmp(workload->kind, kinds[i]) == 0) {
            return kube_resource_by_kind(workload->kind);
        }
    }
    return NULL;
}

bool plan_workload_inherits(const struct change_intent *intent, const struct csi_workload *workload)
{
    for (size_t i = 0; i < workload->pod_count; i++) {
        const struct csi_pod *pod = workload->pods[i];
        for (size_t j = 0; j < pod->reference_count; j++) {
            if (pod->references[j].source == CSI_SOURCE_SERVICE_ACCOUNT &&
                plan_means_reference(intent, &pod->references[j])) {
                return true;
            }
        }
    }
    return false;
}

void plan_each_workload(const struct change_intent *intent, const struct csi_census *census,
                        plan_visitor visit, void *context)
{
    size_t count = 0;
    struct csi_driver *const *drivers = csi_census_drivers(census, &count);
    for (size_t i = 0; i < count; i++) {
        if (!plan_means_driver(intent, drivers[i])) {
            continue;
        }
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            if (plan_means_workload(intent, drivers[i]->workloads[j])) {
                visit(context, drivers[i]->workloads[j]);
            }
        }
    }
}
