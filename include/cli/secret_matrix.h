#ifndef CLI_SECRET_MATRIX_H
#define CLI_SECRET_MATRIX_H

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "cli/connect.h"
#include "registry/dockerconfig.h"
#include "registry/probe.h"

/*
 * The verification matrix: images of the drivers × where credentials come from (Secrets of the
 * cluster, or what the flags give), and without any. For a pair the credentials that the kubelet
 * would try are asked for, in its order.
 */
struct cli_matrix_source {
    char *label;
    char *ns; /* of a Secret of the cluster; NULL for given credentials */
    char *name;
    struct docker_config config; /* with passwords */
    bool everywhere; /* tried for every image, not only for those of pods that name it */
    char *trouble;   /* why there is nothing to try; NULL */
    bool spoils;     /* trouble that makes every pull of its pods fail */
};

/* What the registry said to one credential for one image. */
struct cli_matrix_answer {
    bool wanted;
    bool told;
    enum registry_probe_verdict verdict;
    int status;
    char *message;
    char *digest;
    char *realm;
    int64_t rate_limit, rate_remaining;
};

struct cli_matrix {
    struct cli_matrix_source *sources;
    size_t source_count, source_capacity;
    char **images; /* sorted, each once */
    size_t image_count;
    /* The entries of all sources in a row, and "none" behind them: the columns of answers. */
    struct registry_probe_credential *tried;
    size_t *first; /* of each source: its first column; first[source_count] is "none" */
    struct cli_matrix_answer *answers; /* image_count × (first[source_count] + 1) */
    bool *meant;   /* image_count × source_count: the kubelet would look there for the image */
    bool *covered; /* of each image: a Secret that is no source, but named by its pods, has an entry
                    */
};

void cli_matrix_free(struct cli_matrix *matrix);
/* Adds a source that takes over config; NULL: none. The rest is copied. Valid until the next. */
struct cli_matrix_source *cli_matrix_add(struct cli_matrix *matrix, const char *ns,
                                         const char *name, struct docker_config *config);
/* Adds what flags give, in the form that it would have in a Secret. */
bool cli_matrix_add_given(struct cli_matrix *matrix, const char *label,
                          const struct registry_credential *credentials, size_t count,
                          struct error *err);
/* Chooses what is to be asked, from the drivers shown. Once, after all sources are added. */
void cli_matrix_plan(struct cli_matrix *matrix, const struct csi_census *census);

/* Asks, with --registry-ca and --insecure-registry (only of the hosts named). Runs the loop; false
 * with the reason if it could not be done or was interrupted. */
bool cli_matrix_run(struct cli_matrix *matrix, struct cli_connection *connection,
                    const struct cli_values *values, struct error *err);

/* The answer for a pair, as the kubelet would fare: of the first credential that may pull, else of
 * the first tried. source == source_count: without a credential. NULL: nothing is tried. */
const struct cli_matrix_answer *cli_matrix_cell(const struct cli_matrix *matrix, size_t image,
                                                size_t source);
/* How many pairs, or Secrets as a whole, fail. What other Secrets serve does not count. */
size_t cli_matrix_refused(const struct cli_matrix *matrix);
/* How many images one of the sources has an entry for. */
size_t cli_matrix_served(const struct cli_matrix *matrix);

void cli_matrix_table(const struct cli_matrix *matrix, int columns, struct buffer *out);
/* One sentence a line: failures in the registries' words, where passwords went, rate limits, ends
 * of tokens. */
void cli_matrix_notes(const struct cli_matrix *matrix, int64_t now_ms, struct buffer *out);
cJSON *cli_matrix_document(const struct cli_matrix *matrix, int64_t now_ms);

#endif
