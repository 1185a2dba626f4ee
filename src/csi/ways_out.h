#ifndef CSI_WAYS_OUT_H
#define CSI_WAYS_OUT_H

#include "base/language.h"

/* The ways out, each with its price. */
#define WAY_DROP                                                                                   \
    N_("Drop the reference: the pods of the workload restart, a DaemonSet's one after another.")
#define WAY_CREATE N_("Create the Secret under the name that is already used: no restart.")
#define WAY_EMPTY                                                                                  \
    N_("Create it without entries: no restart; the warnings end and pulls stay anonymous.")
#define WAY_USE     N_("Use another Secret: the pods of the workload restart.")
#define WAY_COPY    N_("Copy the Secret of that name from the other namespace: no restart.")
#define WAY_ROTATE  N_("Put a working credential into the Secret: no restart.")
#define WAY_RESTART N_("Create the pods anew: they restart, nothing else changes.")
#define WAY_KUBESPRAY                                                                              \
    N_("Mend it where Kubespray renders it: nothing changes in the cluster until it runs.")

#endif
