#ifndef REGISTRY_REFERENCE_H
#define REGISTRY_REFERENCE_H

#include <stdbool.h>

#include "base/error.h"

/*
 * An image name taken apart as the kubelet does it (ParseImageName on distribution/reference):
 * "nginx" is docker.io/library/nginx:latest, "index.docker.io" is "docker.io". Owned by whoever
 * parsed it.
 */
struct image_reference {
    char *host;       /* "docker.io", "reg.example.com:5000" */
    char *repository; /* "library/nginx": the path on that host */
    char *name;       /* host + "/" + repository: what a keyring matches */
    char *tag;        /* "latest" if the image names neither tag nor digest; else NULL if absent */
    char *digest;     /* "sha256:..."; NULL if absent */
};

/* Errors: ERROR_INVALID with the kubelet's reason; then reference is empty. Free with
 * image_reference_free(). */
bool image_reference_parse(struct image_reference *reference, const char *image, struct error *err);
/* An empty one (all zero) is allowed. */
void image_reference_free(struct image_reference *reference);

/* The host whose /v2/ serves the images of this host: "registry-1.docker.io" for Docker Hub, the
 * host itself otherwise. Not owned. */
const char *registry_api_host(const char *host);
/* True for "docker.io" and "index.docker.io". */
bool registry_is_docker_hub(const char *host);
/* True for a loopback host with or without port: localhost, 127.0.0.0/8, [::1]. Container runtimes
 * speak plain HTTP there by default. */
bool registry_is_loopback(const char *host);
/* True for hosts of Amazon ECR, whose tokens end after 12 hours:
 * ACCOUNT.dkr.ecr.REGION.amazonaws.com[.cn], with -fips and the dual-stack names. */
bool registry_is_ecr(const char *host);
/* The key under which kubectl files a credential for the images of host: Docker Hub's is
 * "https://index.docker.io/v1/", the host itself otherwise. Not owned. */
const char *registry_default_server(const char *host);

#endif
