#ifndef CHANGE_PULL_CHECK_H
#define CHANGE_PULL_CHECK_H

#include "kube/client.h"
#include "registry/probe.h"

/*
 * The verification matrix: every image with every Secret and with no credential at all, asked of
 * the registries. Secrets are read one by one, their passwords live only in the probes and are
 * wiped with them. Column 0 is "no credential"; column i + 1 the i-th Secret. A Secret without an
 * entry for an image is not asked for it.
 */
struct change_pull_check;

enum change_pull_answer {
    CHANGE_PULL_NOT_ASKED, /* no entry for this image, or the Secret cannot be read */
    CHANGE_PULL_ASKING,
    CHANGE_PULL_GOOD,
    CHANGE_PULL_BAD,
};

struct change_pull_cell {
    enum change_pull_answer answer;
    const char *word;    /* "may pull", "401 unauthorized"...; "" while there is none */
    const char *message; /* a sentence; NULL while there is none */
    const char *realm;   /* host that the credential went to besides the registry's; NULL: none */
    int64_t rate_remaining; /* pulls left; -1: not told */
    int64_t rate_limit;
};

struct change_pull_secret {
    const char *ns;
    const char *name;
};

/* Everything is copied but the texts of options, which outlive the check. on_change after each
 * answer. */
struct change_pull_check *change_pull_check_start(struct kube_client *client,
                                                  const struct registry_probe_options *options,
                                                  const char *const *images, size_t image_count,
                                                  const struct change_pull_secret *secrets,
                                                  size_t secret_count,
                                                  void (*on_change)(void *context), void *context);
/* NULL is allowed. */
void change_pull_check_free(struct change_pull_check *check);

size_t change_pull_check_images(const struct change_pull_check *check);
size_t change_pull_check_columns(const struct change_pull_check *check);
const char *change_pull_check_image(const struct change_pull_check *check, size_t image);
/* "no credential", "kube-system/regcred". */
const char *change_pull_check_column(const struct change_pull_check *check, size_t column);
/* Why a Secret could not be used; NULL if it could. */
const char *change_pull_check_trouble(const struct change_pull_check *check, size_t column);
struct change_pull_cell change_pull_check_cell(const struct change_pull_check *check, size_t image,
                                               size_t column);
bool change_pull_check_done(const struct change_pull_check *check);

#endif
