/* libFuzzer target: bytes as a recording, replayed to a client that follows the cluster. Whatever
 * it holds, it is refused with a reason or shown; what it says never reaches a terminal as it is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "csi/findings.h"
#include "csi/follow.h"
#include "kube/config.h"
#include "kube/recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { ROUNDS = 80 };

static void expect_plain(const struct error *err)
{
    for (const char *c = err->message; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ') {
            abort();
        }
    }
}

static void on_failure(void *context, const struct error *err)
{
    (void)context;
    expect_plain(err);
}

/* Its path; a file without a name, kept open. */
static char *put_into_file(const uint8_t *bytes, size_t size, int *fd)
{
    *fd = memfd_create("recording", MFD_CLOEXEC);
    if (*fd < 0 || write(*fd, bytes, size) != (ssize_t)size) {
        abort();
    }
    return xasprintf("/proc/self/fd/%d", *fd);
}

static void follow(struct loop *loop, struct kube_replay *replay)
{
    struct kube_config *config = kube_replay_config(replay);
    struct kube_client *client = kube_replay_client(replay, config);
    struct csi_follow_options options = {.secret_content = true, .keep_watching = true};
    struct csi_follow_handler handler = {NULL, NULL, on_failure};
    struct csi_follow *followed = csi_follow_start(client, &options, &handler, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        loop_step(loop, 0);
    }
    struct csi_census *census = csi_follow_census(followed);
    struct csi_findings findings;
    csi_census_settle(census, 0);
    csi_diagnose(census, &findings);
    csi_findings_free(&findings);
    csi_follow_stop(followed);
    kube_client_free(client);
    kube_config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error err = ERROR_INIT;
    int fd;
    char *path = put_into_file(bytes, size, &fd);
    struct loop *loop = loop_new();
    struct kube_replay *replay = kube_replay_open(loop, path, &err);
    if (replay != NULL) {
        follow(loop, replay);
    } else if (err.kind != ERROR_CONFIG) {
        abort();
    }
    expect_plain(&err);
    kube_replay_close(replay);
    loop_free(loop);
    free(path);
    close(fd);
    return 0;
}
