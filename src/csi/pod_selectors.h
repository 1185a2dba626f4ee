#ifndef CSI_POD_SELECTORS_H
#define CSI_POD_SELECTORS_H

#include "csi/census.h"

/*
 * The label selectors that together find the pods of all CSI workloads: one for each label key,
 * "app in (csi-a-controller,csi-a-node)". They only grow: pods outlive their workload.
 */
enum { POD_SELECTORS = CSI_POD_PARTS - 1 };

struct pod_selectors;

struct pod_selectors *pod_selectors_new(void);
/* NULL is allowed. */
void pod_selectors_free(struct pod_selectors *selectors);
/* Takes up what the workloads of the census need; bit i of *changed is set if selector i is new or
 * finds more than before. False if a few labels do not find their pods. */
bool pod_selectors_cover(struct pod_selectors *selectors, const struct csi_census *census,
                         unsigned *changed);
/* Selector i as the API takes it, until the next call of pod_selectors_cover(); NULL: there is
 * none. */
const char *pod_selectors_text(const struct pod_selectors *selectors, size_t i);

#endif
