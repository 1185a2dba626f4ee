#ifndef SIM_PROTOBUF_H
#define SIM_PROTOBUF_H

#include <cjson/cJSON.h>
#include <stddef.h>

/*
 * Objects in Kubernetes' protobuf form, which kubectl and client-go send for some kinds. Read only:
 * answers are JSON, which every client takes. NULL if the bytes are not such an object or the kind
 * is not among those that clients send so (Secrets, ConfigMaps, accounts, namespaces, roles,
 * quotas, simple Deployments, reviews, evictions, token requests, delete options). Field numbers
 * are those of the API's generated.proto files.
 */
cJSON *sim_protobuf_decode(const char *bytes, size_t length);

#endif
