#include "runner.h"

#include "csi/pull_trouble.h"

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

START_TEST(what_was_tried_shows_only_with_tokens)
{
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

Suite *suite_trouble(void)
{
    const TTest *tests[] = {the_words_of_real_kubelets_are_understood,
                            what_was_tried_shows_only_with_tokens,
                            backing_off_tells_nothing_by_itself, NULL};
    return suite_of("trouble", tests);
}
