#include "runner.h"

#include "csi/pull_trouble.h"
#include "fixtures.h"

Suite *suite_trouble(void);

/* Texts as kubelet and containerd wrote them on a node. */
START_TEST(the_words_of_real_kubelets_are_understood)
{
    static const struct {
        const char *reason;
        const char *message;
        enum csi_trouble trouble;
    } cases[] = {
        {"ErrImagePull",
         "failed to pull and unpack image \"127.0.0.1:5001/team/driver:v1\": failed to resolve "
         "reference \"127.0.0.1:5001/team/driver:v1\": pulling from host 127.0.0.1:5001 failed "
         "with status code [manifests v1]: 401 Unauthorized",
         CSI_TROUBLE_UNAUTHORIZED},
        {"ImagePullBackOff",
         "Back-off pulling image \"x\": ErrImagePull: failed to pull and unpack image \"x\": "
         "failed with status code [manifests v1]: 401 Unauthorized",
         CSI_TROUBLE_UNAUTHORIZED},
        {"ErrImagePull",
         "pull access denied, repository does not exist or may require authorization: server "
         "message: insufficient_scope: authorization failed",
         CSI_TROUBLE_UNAUTHORIZED},
        {"ErrImagePull",
         "failed to authorize: failed to fetch anonymous token: unexpected status: 401 "
         "Unauthorized",
         CSI_TROUBLE_UNAUTHORIZED},
        {"ErrImagePull", "failed with status code [manifests v1]: 403 Forbidden",
         CSI_TROUBLE_FORBIDDEN},
        {"ErrImagePull",
         "rpc error: code = NotFound desc = failed to pull and unpack image "
         "\"127.0.0.1:5001/team/agent:nosuch\": 127.0.0.1:5001/team/agent:nosuch: not found",
         CSI_TROUBLE_NOT_FOUND},
        {"illegal base64 data at input byte 3", "illegal base64 data at input byte 3",
         CSI_TROUBLE_CREDENTIAL},
        {"ErrImagePull", "illegal base64 data at input byte 3", CSI_TROUBLE_CREDENTIAL},
        {"ErrImagePull", "dial tcp 127.0.0.1:5999: connect: connection refused",
         CSI_TROUBLE_UNREACHABLE},
        {"ErrImagePull",
         "dial tcp: lookup registry.invalid.example on 10.255.255.53:53: no such host",
         CSI_TROUBLE_DNS},
        {"ErrImagePull",
         "429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate "
         "limit.",
         CSI_TROUBLE_RATE_LIMIT},
        {"ErrImagePull",
         "tls: failed to verify certificate: x509: certificate signed by unknown authority",
         CSI_TROUBLE_CERTIFICATE},
        {"ErrImagePull", "read tcp 10.0.0.1:1->2.2.2.2:443: i/o timeout", CSI_TROUBLE_TIMEOUT},
        {"ImagePullBackOff", "Back-off pulling image \"x\"", CSI_TROUBLE_OTHER},
        {"ErrImageNeverPull", "m", CSI_TROUBLE_NEVER},
        {"InvalidImageName", "m", CSI_TROUBLE_NAME},
        {"CrashLoopBackOff", "back-off 5m0s restarting failed container", CSI_TROUBLE_NONE},
        {"ContainerCreating", NULL, CSI_TROUBLE_NONE},
        {"CreateContainerConfigError", "secret \"x\" not found", CSI_TROUBLE_NONE},
        {NULL, NULL, CSI_TROUBLE_NONE},
        {"ErrImagePull", NULL, CSI_TROUBLE_OTHER},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum csi_trouble trouble = csi_trouble_classify(cases[i].reason, cases[i].message);
        ck_assert_msg(trouble == cases[i].trouble, "%s: %d", cases[i].message, (int)trouble);
    }
}
END_TEST

/* Messages of other runtimes and registries, as people met them. */
START_TEST(the_words_of_every_runtime_are_understood)
{
    static const struct {
        const char *who;
        const char *message;
        enum csi_trouble trouble;
    } cases[] = {
        {"containerd 1.x, registry with basic login",
         "failed to pull and unpack image \"r.example.com/a:v1\": failed to resolve reference "
         "\"r.example.com/a:v1\": unexpected status code [manifests v1]: 401 Unauthorized",
         CSI_TROUBLE_UNAUTHORIZED},
        {"containerd 1.x, the blob is refused",
         "failed to pull and unpack image \"r.example.com/a:v1\": failed to copy: httpReadSeeker: "
         "failed open: server message: invalid_token: authorization failed",
         CSI_TROUBLE_UNAUTHORIZED},
        {"containerd 2.x, a token is refused",
         "failed to authorize: failed to fetch oauth token: unexpected status from GET request to "
         "https://r.example.com/token?scope=repository%3Aa%3Apull: 401 Unauthorized",
         CSI_TROUBLE_UNAUTHORIZED},
        {"containerd, GHCR with a token that has ended",
         "failed to authorize: failed to fetch oauth token: unexpected status: 403 Forbidden",
         CSI_TROUBLE_FORBIDDEN},
        {"containerd, nobody at a registry that answers 403",
         "failed to authorize: failed to fetch anonymous token: unexpected status from GET request "
         "to https://ghcr.io/token?scope=x: 403 Forbidden",
         CSI_TROUBLE_UNAUTHORIZED},
        {"containerd, the token server is away",
         "failed to pull and unpack image \"r/a:v1\": failed to resolve reference \"r/a:v1\": "
         "failed to authorize: failed to fetch anonymous token: Get \"https://auth.docker.io/"
         "token?scope=x\": dial tcp 192.0.2.230:443: connect: connection refused",
         CSI_TROUBLE_UNREACHABLE},
        {"containerd, the token server is slow",
         "rpc error: code = DeadlineExceeded desc = failed to pull and unpack image \"r/a:v1\": "
         "failed to authorize: failed to fetch anonymous token: Get \"https://auth.docker.io/\": "
         "dial tcp 192.0.2.165:443: i/o timeout",
         CSI_TROUBLE_TIMEOUT},
        {"containerd, Amazon ECR without a login",
         "failed to resolve reference \"r/a:v1\": pull access denied, repository does not exist or "
         "may require authorization: authorization failed: no basic auth credentials",
         CSI_TROUBLE_UNAUTHORIZED},
        {"Amazon ECR, a token of yesterday",
         "Error response from daemon: pull access denied for r/a, repository does not exist or may "
         "require 'docker login': denied: Your authorization token has expired. Reauthenticate and "
         "try again.",
         CSI_TROUBLE_UNAUTHORIZED},
        {"Amazon ECR, a role without the right",
         "denied: User: arn:aws:sts::123456789012:assumed-role/x is not authorized to perform: "
         "ecr:BatchGetImage on resource: y because no identity-based policy allows it",
         CSI_TROUBLE_FORBIDDEN},
        {"Google Artifact Registry, an account without the right",
         "denied: Permission \"artifactregistry.repositories.downloadArtifacts\" denied on "
         "resource",
         CSI_TROUBLE_FORBIDDEN},
        {"docker, Docker Hub",
         "rpc error: code = Unknown desc = Error response from daemon: pull access denied for x/y, "
         "repository does not exist or may require 'docker login': denied: requested access to the "
         "resource is denied",
         CSI_TROUBLE_UNAUTHORIZED},
        {"docker, a wrong password",
         "rpc error: code = Unknown desc = Error response from daemon: Get https://registry-1."
         "docker.io/v2/library/nginx/manifests/latest: unauthorized: incorrect username or "
         "password",
         CSI_TROUBLE_UNAUTHORIZED},
        {"docker, nobody",
         "rpc error: code = Unknown desc = Error response from daemon: Get http://nexus3:8083/v2/a/"
         "manifests/1: no basic auth credentials",
         CSI_TROUBLE_UNAUTHORIZED},
        {"docker, GHCR",
         "Error response from daemon: Head \"https://ghcr.io/v2/a/manifests/v1\": denied: denied",
         CSI_TROUBLE_UNAUTHORIZED},
        {"cri-o, a wrong password",
         "rpc error: code = Unknown desc = unable to retrieve auth token: invalid "
         "username/password: unauthorized: Please login to the Registry",
         CSI_TROUBLE_UNAUTHORIZED},
        {"cri-o, nobody",
         "rpc error: code = Unknown desc = reading manifest v1 in docker.io/a/b: errors:\ndenied: "
         "requested access to the resource is denied\nunauthorized: authentication required",
         CSI_TROUBLE_UNAUTHORIZED},
        {"cri-o, forbidden",
         "rpc error: code = Unknown desc = Requesting bearer token: invalid status code from "
         "registry 403 (Forbidden)",
         CSI_TROUBLE_FORBIDDEN},
        {"cri-o, the registry is ill",
         "rpc error: code = Unknown desc = Error reading signatures: received unexpected HTTP "
         "status: 500 Internal Server Error",
         CSI_TROUBLE_SERVER},
        {"cri-o, no such tag",
         "rpc error: code = Unknown desc = Error reading manifest latest in r.example.com/image: "
         "manifest unknown: manifest unknown",
         CSI_TROUBLE_NOT_FOUND},
        {"cri-o, no such repository",
         "reading manifest v1 in r.example.com/a: name unknown: repository name not known to "
         "registry",
         CSI_TROUBLE_NOT_FOUND},
        {"docker, no such tag",
         "rpc error: code = Unknown desc = Error response from daemon: manifest for a:v9 not "
         "found: "
         "manifest unknown: manifest unknown",
         CSI_TROUBLE_NOT_FOUND},
        {"containerd, a layer is missing",
         "rpc error: code = NotFound desc = failed to pull and unpack image \"x/y:v1\": failed to "
         "copy: httpReadSeeker: failed open: could not fetch content descriptor sha256:8f3843 "
         "(application/vnd.docker.container.image.v1+json) from remote: not found",
         CSI_TROUBLE_NOT_FOUND},
        {"containerd, a blob is limited",
         "failed to pull and unpack image \"docker.io/a/b:v1\": failed to copy: httpReadSeeker: "
         "failed open: unexpected status code https://registry-1.docker.io/v2/a/b/manifests/"
         "sha256:1: 429 Too Many Requests - Server message: toomanyrequests: You have reached your "
         "unauthenticated pull rate limit.",
         CSI_TROUBLE_RATE_LIMIT},
        {"cri-o, limited",
         "loading manifest for target platform: reading manifest sha256:1 in docker.io/a/b: "
         "toomanyrequests: You have reached your pull rate limit.",
         CSI_TROUBLE_RATE_LIMIT},
        {"docker, limited",
         "rpc error: code = Unknown desc = Error response from daemon: toomanyrequests: You have "
         "reached your pull rate limit.",
         CSI_TROUBLE_RATE_LIMIT},
        {"cri-o, the resolver does not answer",
         "rpc error: code = Unknown desc = pinging container registry r.example.com:5000: Get "
         "\"https://r.example.com:5000/v2/\": dial tcp: lookup r.example.com on 192.0.2.5:53: read "
         "udp 10.0.0.6:33734->192.0.2.5:53: i/o timeout",
         CSI_TROUBLE_DNS},
        {"cri-o 1.18, the resolver is busy",
         "rpc error: code = Unknown desc = error pinging docker registry k8s.gcr.io: Get "
         "\"https://k8s.gcr.io/v2/\": dial tcp: lookup k8s.gcr.io: device or resource busy",
         CSI_TROUBLE_DNS},
        {"cri-o, a timeout",
         "rpc error: code = Unknown desc = pinging docker registry returned: Get "
         "http://registry-1.docker.io/v2/: dial tcp 192.0.2.84:80: i/o timeout",
         CSI_TROUBLE_TIMEOUT},
        {"docker, a timeout",
         "rpc error: code = Unknown desc = Error response from daemon: Get https://registry-1."
         "docker.io/v2/: net/http: TLS handshake timeout",
         CSI_TROUBLE_TIMEOUT},
        {"docker, another",
         "Error response from daemon: Get https://r/v2/: net/http: request canceled while waiting "
         "for connection (Client.Timeout exceeded while awaiting headers)",
         CSI_TROUBLE_TIMEOUT},
        {"containerd, the pull made no progress",
         "failed to pull and unpack image \"r/a:v1\": failed to copy: httpReadSeeker: failed open: "
         "failed to do request: context canceled",
         CSI_TROUBLE_TIMEOUT},
        {"containerd, cut off",
         "failed to resolve reference \"r/a:v1\": failed to do request: Head \"https://r/v2/\": "
         "EOF",
         CSI_TROUBLE_UNREACHABLE},
        {"containerd, a proxy is away",
         "failed to do request: Head \"https://r/v2/a\": proxyconnect tcp: dial tcp 10.0.0.1:3128: "
         "i/o timeout",
         CSI_TROUBLE_UNREACHABLE},
        {"containerd, a proxy wants a login",
         "failed to do request: Head \"https://r/v2/a\": Proxy Authentication Required",
         CSI_TROUBLE_UNREACHABLE},
        {"a wrong certificate",
         "failed to do request: Head \"https://r/v2/\": x509: certificate is valid for a, not b",
         CSI_TROUBLE_CERTIFICATE},
        {"plain HTTP where TLS is wanted",
         "failed to do request: Head \"https://r:5000/v2/\": http: server gave HTTP response to "
         "HTTPS client",
         CSI_TROUBLE_CERTIFICATE},
        {"TLS where another protocol answers",
         "Get \"https://r:80/v2/\": tls: first record does not look like a TLS handshake",
         CSI_TROUBLE_CERTIFICATE},
        {"containerd, not for this node",
         "rpc error: code = NotFound desc = failed to pull and unpack image \"x/y:v2.6.0\": no "
         "match for platform in manifest: not found",
         CSI_TROUBLE_PLATFORM},
        {"docker, not for this node",
         "rpc error: code = Unknown desc = no matching manifest for linux/arm64/v8 in the manifest "
         "list entries",
         CSI_TROUBLE_PLATFORM},
        {"cri-o, not for this node",
         "choosing an image from manifest list docker://r/a:v1: no image found in image index for "
         "architecture \"arm64\", variant \"v8\", OS \"linux\"",
         CSI_TROUBLE_PLATFORM},
        {"containerd 2.1, an image of 2016",
         "not implemented: media type "
         "\"application/vnd.docker.distribution.manifest.v1+prettyjws\" "
         "is no longer supported since containerd v2.1, please rebuild the image",
         CSI_TROUBLE_FORMAT},
        {"cri-o, an unsigned image",
         "SignatureValidationFailed: Source image rejected: A signature was required, but no "
         "signature exists",
         CSI_TROUBLE_SIGNATURE},
        {"cri-o 1.34, a short name",
         "Failed to inspect image \"\": rpc error: code = Unknown desc = short name mode is "
         "enforcing, but image name synology/synology-csi:v1.2.0 returns ambiguous list",
         CSI_TROUBLE_NAME},
        {"cri-o, a short name that leads nowhere",
         "rpc error: code = Unknown desc = short-name \"busybox:latest\" did not resolve to an "
         "alias "
         "and no unqualified-search registries are defined in \"\"",
         CSI_TROUBLE_NAME},
        {"a reason in quotes", "the runtime says \"401 Unauthorized\"", CSI_TROUBLE_UNAUTHORIZED},
        {"an image called like a fault",
         "failed to resolve reference \"r/x509: not found:v1\": something else",
         CSI_TROUBLE_NOT_FOUND},
        {"an image called like a fault that has another",
         "failed to resolve reference \"r/no-such-host/403 Forbidden\": connect: connection "
         "refused",
         CSI_TROUBLE_UNREACHABLE},
        {"a proxy's answer", "unexpected status code [manifests v1]: 400 Bad Request",
         CSI_TROUBLE_OTHER},
        {"the kubelet's own limit", "pull QPS exceeded", CSI_TROUBLE_OTHER},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum csi_trouble trouble = csi_trouble_classify("ErrImagePull", cases[i].message);
        ck_assert_msg(trouble == cases[i].trouble, "%s: %d", cases[i].who, (int)trouble);
    }
}
END_TEST

START_TEST(a_reason_can_tell_what_its_words_do_not)
{
    ck_assert_int_eq(csi_trouble_classify("RegistryUnavailable", "image pull failed for x"),
                     CSI_TROUBLE_UNREACHABLE);
    ck_assert_int_eq(csi_trouble_classify("RegistryUnavailable", "x: no such host"),
                     CSI_TROUBLE_DNS);
    ck_assert_int_eq(csi_trouble_classify("SignatureValidationFailed", NULL),
                     CSI_TROUBLE_SIGNATURE);
    ck_assert_int_eq(csi_trouble_classify("ImageInspectError", "m"), CSI_TROUBLE_OTHER);
}
END_TEST

START_TEST(the_words_stand_behind_what_every_failure_says)
{
    ck_assert_str_eq(
        csi_trouble_words("Back-off pulling image \"r/a:v1\": ErrImagePull: rpc error: code = "
                          "Unknown desc = failed to pull and unpack image \"r/a:v1\": failed to "
                          "resolve reference \"r/a:v1\": unexpected status code: 400 Bad Request"),
        "unexpected status code: 400 Bad Request");
    ck_assert_str_eq(csi_trouble_words("Back-off pulling image \"r/a:v1\""),
                     "Back-off pulling image \"r/a:v1\"");
    ck_assert_str_eq(csi_trouble_words(""), "");
}
END_TEST

START_TEST(what_was_tried_shows_only_with_tokens_and_docker)
{
    ck_assert_int_eq(csi_trouble_tried("Error response from daemon: no basic auth credentials"),
                     CSI_TRIED_ANONYMOUS);
    ck_assert_int_eq(csi_trouble_tried("unauthorized: incorrect username or password"),
                     CSI_TRIED_CREDENTIAL);
    ck_assert_int_eq(csi_trouble_tried("unable to retrieve auth token: invalid username/password"),
                     CSI_TRIED_CREDENTIAL);
    ck_assert_int_eq(csi_trouble_tried("failed to fetch anonymous token: unexpected status: 401"),
                     CSI_TRIED_ANONYMOUS);
    ck_assert_int_eq(csi_trouble_tried("failed to fetch oauth token: unexpected status: 401"),
                     CSI_TRIED_CREDENTIAL);
    ck_assert_int_eq(csi_trouble_tried("401 Unauthorized"), CSI_TRIED_UNKNOWN);
    ck_assert_int_eq(csi_trouble_tried(NULL), CSI_TRIED_UNKNOWN);
}
END_TEST

START_TEST(backing_off_tells_nothing_by_itself)
{
    ck_assert(!csi_trouble_message_tells("Back-off pulling image \"x:v1\""));
    ck_assert(csi_trouble_message_tells("Back-off pulling image \"x\": ErrImagePull: 401"));
    ck_assert(csi_trouble_message_tells("failed to pull"));
    ck_assert(!csi_trouble_message_tells(NULL));
}
END_TEST

#define CRASHING                                                                                   \
    "{'metadata':{'name':'p','namespace':'x','uid':'%s'},'spec':{'containers':[{'name':'c',"       \
    "'image':'r.example.com/csi-attacher:v1'}]},'status':{'phase':'Running','containerStatuses':[" \
    "{'name':'c','restartCount':%d,'state':{'waiting':{'reason':'%s','message':'%s'}}}]}}"

static enum csi_pulling pulling_of(struct csi_census *census, const char *uid, int restarts,
                                   const char *reason, const char *message)
{
    put_pod(census, CRASHING, uid, restarts, reason, message);
    csi_census_settle(census, fixture_now);
    return csi_census_pod(census, "x", "p")->pulling;
}

/* As recorded of a kubelet 1.36 whose pod had lost its pull secret. */
START_TEST(an_image_that_may_not_be_used_again_fails_all_the_time)
{
    static const char refusal[] = "failed to resolve reference: 401 Unauthorized";
    static const char crash[] = "back-off 10s restarting failed container";
    struct csi_census *census = csi_census_new();
    ck_assert_int_eq(pulling_of(census, "1", 0, "CrashLoopBackOff", crash), CSI_PULLING_OK);
    ck_assert_int_eq(pulling_of(census, "1", 0, "ErrImagePull", refusal), CSI_PULLING_FAILING);
    ck_assert_int_eq(pulling_of(census, "1", 0, "CrashLoopBackOff", crash), CSI_PULLING_FAILING);
    const struct csi_pod *pod = csi_census_pod(census, "x", "p");
    ck_assert_int_eq(pod->trouble, CSI_TROUBLE_UNAUTHORIZED);
    ck_assert_str_eq(pod->failing_image, "r.example.com/csi-attacher:v1");
    ck_assert_str_eq(pod->pull_message, refusal);
    ck_assert_int_eq(pulling_of(census, "1", 0, "CrashLoopBackOff", crash), CSI_PULLING_FAILING);
    /* it was pulled, ran and ended; and another pod of that name never failed */
    ck_assert_int_eq(pulling_of(census, "1", 1, "CrashLoopBackOff", crash), CSI_PULLING_OK);
    ck_assert_int_eq(pulling_of(census, "1", 1, "ErrImagePull", refusal), CSI_PULLING_FAILING);
    ck_assert_int_eq(pulling_of(census, "2", 1, "CrashLoopBackOff", crash), CSI_PULLING_OK);
    csi_census_free(census);
}
END_TEST

#define ENDED                                                                                      \
    "{'metadata':{'name':'p','namespace':'x','uid':'1'},'spec':{'imagePullSecrets':[{'name':"      \
    "'regcred'}],'containers':[{'name':'csi-attacher','image':'r.example.com/a:v1'}]},"            \
    "'status':{'phase':'%s'}}"

START_TEST(a_pod_that_has_ended_pulls_nothing_any_more)
{
    struct csi_census *census = csi_census_new();
    begin_lists(census);
    put_pod(census, ENDED, "Failed");
    end_lists(census);
    csi_census_settle(census, fixture_now);
    ck_assert_ptr_null(csi_census_pod(census, "x", "p"));
    put_pod(census, ENDED, "Running");
    csi_census_settle(census, fixture_now);
    ck_assert_int_eq(csi_census_pod(census, "x", "p")->state, CSI_SECRET_MISSING);
    put_pod(census, ENDED, "Succeeded");
    csi_census_settle(census, fixture_now);
    ck_assert_ptr_null(csi_census_pod(census, "x", "p"));
    ck_assert_uint_eq(csi_census_totals(census).pods, 0);
    csi_census_free(census);
}
END_TEST

Suite *suite_trouble(void)
{
    const TTest *tests[] = {the_words_of_real_kubelets_are_understood,
                            the_words_of_every_runtime_are_understood,
                            a_reason_can_tell_what_its_words_do_not,
                            the_words_stand_behind_what_every_failure_says,
                            what_was_tried_shows_only_with_tokens_and_docker,
                            backing_off_tells_nothing_by_itself,
                            an_image_that_may_not_be_used_again_fails_all_the_time,
                            a_pod_that_has_ended_pulls_nothing_any_more,
                            NULL};
    return suite_of("trouble", tests);
}
