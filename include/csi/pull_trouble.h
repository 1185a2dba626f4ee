#ifndef CSI_PULL_TROUBLE_H
#define CSI_PULL_TROUBLE_H

#include <stdbool.h>

/* Why an image could not be pulled, told from the words of kubelet, container runtime and registry.
 */
enum csi_trouble {
    CSI_TROUBLE_NONE,
    CSI_TROUBLE_UNAUTHORIZED, /* 401, "insufficient_scope", "pull access denied" */
    CSI_TROUBLE_FORBIDDEN,    /* 403 */
    CSI_TROUBLE_NOT_FOUND,    /* 404, "manifest unknown" */
    CSI_TROUBLE_CREDENTIAL,   /* the kubelet could not read a pull secret: no pull was tried */
    CSI_TROUBLE_CERTIFICATE,  /* x509 */
    CSI_TROUBLE_DNS,
    CSI_TROUBLE_UNREACHABLE, /* refused, reset, no route */
    CSI_TROUBLE_RATE_LIMIT,
    CSI_TROUBLE_TIMEOUT,
    CSI_TROUBLE_SERVER,    /* 5xx of the registry */
    CSI_TROUBLE_DISK,      /* no space left on the node */
    CSI_TROUBLE_NAME,      /* InvalidImageName, a short name that the runtime does not take */
    CSI_TROUBLE_NEVER,     /* imagePullPolicy Never and no image */
    CSI_TROUBLE_PLATFORM,  /* the image is not made for the node's architecture */
    CSI_TROUBLE_SIGNATURE, /* the node's policy wants a signature that is not there */
    CSI_TROUBLE_FORMAT,    /* an image format that the runtime does not read any more */
    CSI_TROUBLE_OTHER,
};

/*
 * reason and message of a waiting container (NULL is allowed); CSI_TROUBLE_NONE if the container
 * does not wait for an image. ErrImagePull and ImagePullBackOff are one and the same trouble.
 */
enum csi_trouble csi_trouble_classify(const char *reason, const char *message);

/* Whether the words tell more than that the kubelet backs off (1.20 says only "Back-off pulling
 * image" between two tries). */
bool csi_trouble_message_tells(const char *message);

/* The words themselves: a pointer into message (not NULL), behind what says no more than that a
 * pull failed. */
const char *csi_trouble_words(const char *message);

/* What the runtime tried, as far as the words show it: only registries with bearer tokens do,
 * and docker ("fetch anonymous token", "no basic auth credentials"; "fetch oauth token"). */
enum csi_tried { CSI_TRIED_UNKNOWN, CSI_TRIED_ANONYMOUS, CSI_TRIED_CREDENTIAL };
enum csi_tried csi_trouble_tried(const char *message);

#endif
