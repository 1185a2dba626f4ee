#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "cli/connect.h"
#include "csi/findings.h"

/* Which rows of the census an output shows. */
struct cli_filter {
    const char *const *states; /* --state; NULL: all */
};

/* One picture of a cluster, from which every output format is made. */
struct cli_picture {
    const struct cli_connection *connection;
    const struct csi_census *census;
    const struct csi_findings *findings;
    struct cli_filter filter;
    int64_t taken_ms; /* wall */
    bool wide;
    bool pods_apart; /* the document has marks in place of pods; cli_status_print_json() sets it */
    bool color;
    bool ascii;
    int columns; /* of the terminal; 0: do not cut */
};

/* True if the pod is one of those that the filter lets through. */
bool cli_filter_pod(const struct cli_filter *filter, const struct csi_pod *pod);

/* Whether a count of warnings means anything: none was counted where kubelets report them, or some
 * were. */
bool cli_warnings_known(const struct csi_warnings *warnings);

/* The document of `-o json` (schema pullmend/v1, see the manual page). Delete it. */
cJSON *cli_status_document(const struct cli_picture *picture);
/* The same to standard output, pod by pod: the tree of thousands of pods would take more memory
 * than the census. */
void cli_status_print_json(const struct cli_picture *picture);
void cli_status_table(const struct cli_picture *picture, struct buffer *out);
/* What is wrong, under the table: each warning and error with its ways out, a line for each kind of
 * remark; wide: everything, with explanations. */
void cli_status_findings(const struct cli_picture *picture, struct buffer *out);
/* kind/namespace/name lines of the workloads whose pods are broken. */
void cli_status_names(const struct cli_picture *picture, struct buffer *out);
/* Prometheus' text format, for node-exporter's textfile collector. */
void cli_status_prometheus(const struct cli_picture *picture, struct buffer *out);

/* "✗ regcred missing": glyph, first faulty name and word for a state; ASCII glyphs if ascii. */
void cli_append_state(struct buffer *out, const struct csi_reference *references, size_t count,
                      enum csi_secret_state state, bool ascii);

#endif
