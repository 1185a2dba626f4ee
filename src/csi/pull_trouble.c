#include "csi/pull_trouble.h"

#include <stddef.h>
#include <string.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"

/*
 * Words of containerd, cri-o, docker and of the registries, the more telling first: a token that
 * could not be fetched for want of a network is no refusal, a rate limit stands behind "401" in
 * some. Compared without regard to case, in the text outside of quotes (images and addresses stand
 * in them). tests/unit/csi/test_trouble.c has whole messages with where they come from.
 */
static const struct {
    const char *words;
    enum csi_trouble trouble;
} phrases[] = {
    {"toomanyrequests", CSI_TROUBLE_RATE_LIMIT},
    {"too many requests", CSI_TROUBLE_RATE_LIMIT},
    {"statuscode: 429", CSI_TROUBLE_RATE_LIMIT},
    {"pull rate limit", CSI_TROUBLE_RATE_LIMIT},

    {" x509: ", CSI_TROUBLE_CERTIFICATE},
    {"failed to verify certificate", CSI_TROUBLE_CERTIFICATE},
    {"remote error: tls:", CSI_TROUBLE_CERTIFICATE},
    {"tls: handshake failure", CSI_TROUBLE_CERTIFICATE},
    {"does not look like a tls handshake", CSI_TROUBLE_CERTIFICATE},
    {"server gave http response to https client", CSI_TROUBLE_CERTIFICATE},

    {"no such host", CSI_TROUBLE_DNS},
    {"server misbehaving", CSI_TROUBLE_DNS},
    {"failure in name resolution", CSI_TROUBLE_DNS},
    {"dial tcp: lookup ", CSI_TROUBLE_DNS},

    {"no space left on device", CSI_TROUBLE_DISK},
    {"disk quota exceeded", CSI_TROUBLE_DISK},

    {"illegal base64", CSI_TROUBLE_CREDENTIAL},
    {"unable to parse auth field", CSI_TROUBLE_CREDENTIAL},

    {"signature validation failed", CSI_TROUBLE_SIGNATURE},
    {"source image rejected", CSI_TROUBLE_SIGNATURE},
    {"signature was required", CSI_TROUBLE_SIGNATURE},

    {"no match for platform", CSI_TROUBLE_PLATFORM},
    {"no matching manifest for", CSI_TROUBLE_PLATFORM},
    {"no image found in manifest list for", CSI_TROUBLE_PLATFORM},
    {"no image found in image index for", CSI_TROUBLE_PLATFORM},

    {"no longer supported since containerd", CSI_TROUBLE_FORMAT},
    {"manifest.v1+prettyjws", CSI_TROUBLE_FORMAT},
    {"unsupported manifest media type", CSI_TROUBLE_FORMAT},
    {"unsupported docker v2s2 media type", CSI_TROUBLE_FORMAT},

    {"invalid reference format", CSI_TROUBLE_NAME},
    {"short name mode is enforcing", CSI_TROUBLE_NAME},
    {"did not resolve to an alias", CSI_TROUBLE_NAME},

    {"proxyconnect tcp", CSI_TROUBLE_UNREACHABLE},
    {"proxy authentication required", CSI_TROUBLE_UNREACHABLE},
    {"connection refused", CSI_TROUBLE_UNREACHABLE},
    {"connection reset", CSI_TROUBLE_UNREACHABLE},
    {"no route to host", CSI_TROUBLE_UNREACHABLE},
    {"network is unreachable", CSI_TROUBLE_UNREACHABLE},
    {"broken pipe", CSI_TROUBLE_UNREACHABLE},

    {"i/o timeout", CSI_TROUBLE_TIMEOUT},
    {"deadline exceeded", CSI_TROUBLE_TIMEOUT},
    {"code = deadlineexceeded", CSI_TROUBLE_TIMEOUT},
    {"tls handshake timeout", CSI_TROUBLE_TIMEOUT},
    {"client.timeout", CSI_TROUBLE_TIMEOUT},
    {"timeout awaiting response headers", CSI_TROUBLE_TIMEOUT},
    {"connection timed out", CSI_TROUBLE_TIMEOUT},
    {"context canceled", CSI_TROUBLE_TIMEOUT},

    {"unexpected eof", CSI_TROUBLE_UNREACHABLE},
    {": eof", CSI_TROUBLE_UNREACHABLE},

    {"500 internal server error", CSI_TROUBLE_SERVER},
    {"502 bad gateway", CSI_TROUBLE_SERVER},
    {"503 service", CSI_TROUBLE_SERVER},
    {"504 gateway", CSI_TROUBLE_SERVER},
    {"unexpected status: 5", CSI_TROUBLE_SERVER},
    {"status code from registry 5", CSI_TROUBLE_SERVER},
    {"unexpected http status: 5", CSI_TROUBLE_SERVER},

    {"authorization token has expired", CSI_TROUBLE_UNAUTHORIZED},
    {"security token included in the request", CSI_TROUBLE_UNAUTHORIZED},
    {"403 forbidden", CSI_TROUBLE_FORBIDDEN},
    {"403 (forbidden)", CSI_TROUBLE_FORBIDDEN},
    {"status: 403", CSI_TROUBLE_FORBIDDEN},
    {"statuscode: 403", CSI_TROUBLE_FORBIDDEN},
    {"denied: permission", CSI_TROUBLE_FORBIDDEN},
    {"is not authorized to perform", CSI_TROUBLE_FORBIDDEN},

    {"requested access to the resource is denied", CSI_TROUBLE_UNAUTHORIZED},
    {"pull access denied", CSI_TROUBLE_UNAUTHORIZED},
    {"insufficient_scope", CSI_TROUBLE_UNAUTHORIZED},
    {"authorization failed", CSI_TROUBLE_UNAUTHORIZED},
    {"401 unauthorized", CSI_TROUBLE_UNAUTHORIZED},
    {"401 (unauthorized)", CSI_TROUBLE_UNAUTHORIZED},
    {"status: 401", CSI_TROUBLE_UNAUTHORIZED},
    {"statuscode: 401", CSI_TROUBLE_UNAUTHORIZED},
    {"unauthorized:", CSI_TROUBLE_UNAUTHORIZED},
    {"authentication required", CSI_TROUBLE_UNAUTHORIZED},
    {"no basic auth credentials", CSI_TROUBLE_UNAUTHORIZED},
    {"invalid username/password", CSI_TROUBLE_UNAUTHORIZED},
    {"incorrect username or password", CSI_TROUBLE_UNAUTHORIZED},

    {"manifest unknown", CSI_TROUBLE_NOT_FOUND},
    {"name unknown", CSI_TROUBLE_NOT_FOUND},
    {"code = notfound", CSI_TROUBLE_NOT_FOUND},
    {"404 not found", CSI_TROUBLE_NOT_FOUND},
    {"404 (not found)", CSI_TROUBLE_NOT_FOUND},
    {" not found", CSI_TROUBLE_NOT_FOUND},

    {"failed to authorize", CSI_TROUBLE_UNAUTHORIZED},
    {" denied:", CSI_TROUBLE_UNAUTHORIZED},
};

/* text in lower case */
static enum csi_trouble find_phrase(const char *text)
{
    for (size_t i = 0; i < ARRAY_LENGTH(phrases); i++) {
        if (strstr(text, phrases[i].words) != NULL) {
            return phrases[i].trouble;
        }
    }
    return CSI_TROUBLE_OTHER;
}

/* The text in lower case, a blank before it; without what stands in quotes if unquoted: an image
 * may be called "team/x509", and not all that is quoted is true of the pull. */
static enum csi_trouble classify_part(const char *message, bool unquoted)
{
    enum { LOOKED_AT = 16 * 1024 };
    struct buffer text;
    bool quoted = false;
    buffer_init(&text, LOOKED_AT + 2);
    buffer_append_char(&text, ' ');
    for (size_t i = 0; message[i] != '\0' && i < LOOKED_AT; i++) {
        quoted = message[i] == '"' ? !quoted : quoted;
        if (!quoted || !unquoted) {
            char c = message[i];
            buffer_append_char(&text, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
        }
    }
    enum csi_trouble trouble = find_phrase(text.data);
    buffer_free(&text);
    return trouble;
}

static enum csi_trouble classify_message(const char *message)
{
    if (message == NULL) {
        return CSI_TROUBLE_OTHER;
    }
    enum csi_trouble trouble = classify_part(message, true);
    if (trouble == CSI_TROUBLE_OTHER) {
        trouble = classify_part(message, false); /* some runtimes quote the reason, too */
    }
    /* Some registries answer 403 where others have 401; nobody was refused who brought nothing. */
    bool nobody = csi_trouble_tried(message) == CSI_TRIED_ANONYMOUS;
    return trouble == CSI_TROUBLE_FORBIDDEN && nobody ? CSI_TROUBLE_UNAUTHORIZED : trouble;
}

enum csi_trouble csi_trouble_classify(const char *reason, const char *message)
{
    /* What a reason means whose words tell nothing. */
    static const struct {
        const char *reason;
        enum csi_trouble trouble;
    } pull_reasons[] = {{"ErrImagePull", CSI_TROUBLE_OTHER},
                        {"ImagePullBackOff", CSI_TROUBLE_OTHER},
                        {"ImageInspectError", CSI_TROUBLE_OTHER},
                        {"RegistryUnavailable", CSI_TROUBLE_UNREACHABLE},
                        {"SignatureValidationFailed", CSI_TROUBLE_SIGNATURE}};
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
        if (strcmp(reason, pull_reasons[i].reason) == 0) {
            enum csi_trouble trouble = classify_message(message);
            return trouble == CSI_TROUBLE_OTHER ? pull_reasons[i].trouble : trouble;
        }
    }
    /* Newer kubelets put the error itself into reason when a pull secret does not parse: nothing
     * else waits with a sentence for a reason. */
    return strchr(reason, ' ') != NULL ? classify_message(reason) : CSI_TROUBLE_NONE;
}

bool csi_trouble_message_tells(const char *message)
{
    if (message == NULL) {
        return false;
    }
    return !text_starts_with(message, "Back-off pulling image") || strstr(message, ": ") != NULL;
}

/* Behind `words "..."SEPARATOR`, if text begins so; else text. */
static const char *skip_quoted(const char *text, const char *words)
{
    if (!text_starts_with(text, words) || text[strlen(words)] != '"') {
        return text;
    }
    const char *end = strstr(text + strlen(words) + 1, "\": ");
    return end == NULL ? text : end + 3;
}

const char *csi_trouble_words(const char *message)
{
    static const char *const quoted[] = {"Back-off pulling image ",
                                         "failed to pull and unpack image ",
                                         "failed to resolve reference ", "failed to pull image "};
    static const char *const plain[] = {
        "ErrImagePull: ", "rpc error: code = Unknown desc = ", "Error response from daemon: ",
        "RegistryUnavailable: ", "SignatureValidationFailed: "};
    const char *before = NULL;
    while (message != before) {
        before = message;
        for (size_t i = 0; i < ARRAY_LENGTH(quoted); i++) {
            message = skip_quoted(message, quoted[i]);
        }
        for (size_t i = 0; i < ARRAY_LENGTH(plain); i++) {
            message += text_starts_with(message, plain[i]) ? strlen(plain[i]) : 0;
        }
    }
    return message;
}

enum csi_tried csi_trouble_tried(const char *message)
{
    static const char *const nobody[] = {"fetch anonymous token", "no basic auth credentials"};
    static const char *const somebody[] = {"fetch oauth token", "invalid username/password",
                                           "incorrect username or password",
                                           "authorization token has expired"};
    for (size_t i = 0; message != NULL && i < ARRAY_LENGTH(nobody); i++) {
        if (strstr(message, nobody[i]) != NULL) {
            return CSI_TRIED_ANONYMOUS;
        }
    }
    for (size_t i = 0; message != NULL && i < ARRAY_LENGTH(somebody); i++) {
        if (strstr(message, somebody[i]) != NULL) {
            return CSI_TRIED_CREDENTIAL;
        }
    }
    return CSI_TRIED_UNKNOWN;
}
