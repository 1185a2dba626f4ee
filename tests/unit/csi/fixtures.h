#ifndef TESTS_CSI_FIXTURES_H
#define TESTS_CSI_FIXTURES_H

#include "csi/census.h"

/* What the API server would send, from few words. In texts a ' stands for a ". */

/* 2026-01-01T06:00:00Z, the present of these tests. */
extern const int64_t fixture_now;

/* Parses; the caller deletes. */
cJSON *fixture_json(const char *text, ...) __attribute__((format(printf, 1, 2)));

/* Puts one object made from text; what the census said. */
bool put_workload(struct csi_census *census, const char *text, ...)
    __attribute__((format(printf, 2, 3)));
bool put_pod(struct csi_census *census, const char *text, ...)
    __attribute__((format(printf, 2, 3)));
bool put_event(struct csi_census *census, bool listed, int64_t now_ms, const char *text, ...)
    __attribute__((format(printf, 4, 5)));

/* An event of one pod: "NAME", uid of the pod, how often, seconds of its first and last sight
 * before fixture_now. */
bool put_count(struct csi_census *census, bool listed, int64_t now_ms, const char *pod,
               const char *uid, int64_t count, int first_ago_s, int last_ago_s);

/* UpCloud's controller and node workloads as Kubespray renders them; list is the text of
 * imagePullSecrets ("[{'name':'regcred'}]"). */
void put_upcloud_workloads(struct csi_census *census, const char *list);
/* The controller's pod and node pods csi-upcloud-node-0.. on worker-0..; running and ready. */
void put_upcloud_pods(struct csi_census *census, int nodes, const char *list);
/* A pod of the node DaemonSet that cannot pull its plugin. */
void put_failing_pod(struct csi_census *census, const char *name, const char *list,
                     const char *reason, const char *message);

/* Secrets: a row of the Table, and whole. payload is the decoded content of the type's key. */
void put_secret_row(struct csi_census *census, const char *ns, const char *name, const char *type,
                    int keys);
void put_secret(struct csi_census *census, const char *ns, const char *name, const char *type,
                const char *payload);
void put_account(struct csi_census *census, const char *ns, const char *name, const char *list);
void put_csi_driver(struct csi_census *census, const char *name);

/* All kinds were listed. */
void end_lists(struct csi_census *census);
void begin_lists(struct csi_census *census);

/* A cluster of one controller and nodes pods that all name regcred, which no one made. */
struct csi_census *upcloud_census(int nodes, const char *list);

#define DOCKER_TYPE "kubernetes.io/dockerconfigjson"

#endif
