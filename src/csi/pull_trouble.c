#include "csi/pull_trouble.h"

#include <stddef.h>
#include <string.h>

#include "base/attributes.h"
#include "base/text.h"

/*
 * Words of containerd, cri-o, docker and of the registries, the more telling first: "401" may stand
 * behind "failed to authorize", a rate limit behind "toomanyrequests: ... 429". Compared without
 * regard to case.
 */
static const struct {
    const char *words;
    enum csi_trouble trouble;
} phrases[] = {
    {"toomanyrequests", CSI_TROUBLE_RATE_LIMIT},
    {"429 too many requests", CSI_TROUBLE_RATE_LIMIT},
    {"pull rate limit", CSI_TROUBLE_RATE_LIMIT},
    {"x509:", CSI_TROUBLE_CERTIFICATE},
    {"tls: failed to verify certificate", CSI_TROUBLE_CERTIFICATE},
    {"tls: handshake failure", CSI_TROUBLE_CERTIFICATE},
    {"server gave http response to https client", CSI_TROUBLE_CERTIFICATE},
    {"no such host", CSI_TROUBLE_DNS},
    {"server misbehaving", CSI_TROUBLE_DNS},
    {"temporary failure in name resolution", CSI_TROUBLE_DNS},
    {"no space left on device", CSI_TROUBLE_DISK},
    {"illegal base64", CSI_TROUBLE_CREDENTIAL},
    {"unable to parse auth field", CSI_TROUBLE_CREDENTIAL},
    {"403 forbidden", CSI_TROUBLE_FORBIDDEN},
    {"status: 403", CSI_TROUBLE_FORBIDDEN},
    {"denied: permission", CSI_TROUBLE_FORBIDDEN},
    {"denied: requested access", CSI_TROUBLE_UNAUTHORIZED},
    {"insufficient_scope", CSI_TROUBLE_UNAUTHORIZED},
    {"pull access denied", CSI_TROUBLE_UNAUTHORIZED},
    {"401 unauthorized", CSI_TROUBLE_UNAUTHORIZED},
    {"status: 401", CSI_TROUBLE_UNAUTHORIZED},
    {"unauthorized:", CSI_TROUBLE_UNAUTHORIZED},
    {"authentication required", CSI_TROUBLE_UNAUTHORIZED},
    {"no basic auth credentials", CSI_TROUBLE_UNAUTHORIZED},
    {"failed to authorize", CSI_TROUBLE_UNAUTHORIZED},
    {"code = notfound", CSI_TROUBLE_NOT_FOUND},
    {"manifest unknown", CSI_TROUBLE_NOT_FOUND},
    {"name unknown", CSI_TROUBLE_NOT_FOUND},
    {"404 not found", CSI_TROUBLE_NOT_FOUND},
    {": not found", CSI_TROUBLE_NOT_FOUND},
    {"i/o timeout", CSI_TROUBLE_TIMEOUT},
    {"deadline exceeded", CSI_TROUBLE_TIMEOUT},
    {"tls handshake timeout", CSI_TROUBLE_TIMEOUT},
    {"client.timeout", CSI_TROUBLE_TIMEOUT},
    {"connection refused", CSI_TROUBLE_UNREACHABLE},
    {"connection reset", CSI_TROUBLE_UNREACHABLE},
    {"no route to host", CSI_TROUBLE_UNREACHABLE},
    {"network is unreachable", CSI_TROUBLE_UNREACHABLE},
    {"unexpected eof", CSI_TROUBLE_UNREACHABLE},
    {"500 internal server error", CSI_TROUBLE_SERVER},
    {"502 bad gateway", CSI_TROUBLE_SERVER},
    {"503 service unavailable", CSI_TROUBLE_SERVER},
    {"504 gateway", CSI_TROUBLE_SERVER},
};

static enum csi_trouble classify_message(const char *message)
{
    for (size_t i = 0; message != NULL && i < ARRAY_LENGTH(phrases); i++) {
        if (text_find(message, phrases[i].words) != NULL) {
            return phrases[i].trouble;
        }
    }
    return CSI_TROUBLE_OTHER;
}

enum csi_trouble csi_trouble_classify(const char *reason, const char *message)
{
    static const char *const pull_reasons[] = {"ErrImagePull", "ImagePullBackOff",
                                               "RegistryUnavailable", "ImageInspectError",
                                               "SignatureValidationFailed"};
    if (reason == NULL) {
        return CSI_TROUBLE_NONE;
    }
    if (strcmp(reason, "InvalidImageName") == 0) {
        return CSI_TROUBLE_NAME;
    }
    if (strcmp(reason, "ErrImageNeverPull") == 0) {
        return CSI_TROUBLE_NEVER;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(pull_reasons); i++) {
        if (strcmp(reason, pull_reasons[i]) == 0) {
            return classify_message(message);
        }
    }
    /* Kubelets from 1.3x on put the error itself into reason when a pull secret does not parse:
     * nothing else waits with a sentence for a reason. */
    return strchr(reason, ' ') != NULL ? classify_message(reason) : CSI_TROUBLE_NONE;
}

bool csi_trouble_message_tells(const char *message)
{
    if (message == NULL) {
        return false;
    }
    return !text_starts_with(message, "Back-off pulling image") || strstr(message, ": ") != NULL;
}

enum csi_tried csi_trouble_tried(const char *message)
{
    if (message == NULL) {
        return CSI_TRIED_UNKNOWN;
    }
    if (strstr(message, "fetch anonymous token") != NULL) {
        return CSI_TRIED_ANONYMOUS;
    }
    return strstr(message, "fetch oauth token") != NULL ? CSI_TRIED_CREDENTIAL : CSI_TRIED_UNKNOWN;
}
