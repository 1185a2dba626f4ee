#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "base/loop.h"
#include "cli/options.h"

enum cli_format {
    CLI_FORMAT_TABLE,
    CLI_FORMAT_WIDE,
    CLI_FORMAT_JSON,
    CLI_FORMAT_YAML,
    CLI_FORMAT_NAME,
    CLI_FORMAT_PROMETHEUS,
    CLI_FORMAT_COUNT,
};

/* --output, CLI_FORMAT_TABLE where it is not set. known: a bit (1 << format) for each format that
 * the command has. ERROR_USAGE with the list of them. */
bool cli_read_format(const struct cli_values *values, unsigned known, enum cli_format *format,
                     struct error *err);
/* The document as JSON (indented) or, for CLI_FORMAT_YAML, as YAML; members in their order. */
void cli_write_document(struct buffer *out, const cJSON *document, enum cli_format format);
/* "Kind namespace/name" (ns NULL: without), safe for a terminal; free() it. */
char *cli_object_label(const char *kind, const char *ns, const char *name);
/* What is printed goes to the three descriptors of the caller or nowhere: in the place of one that
 * was closed (`>&-`), a file or connection that is opened later would get it. Once, at the very
 * start. */
void cli_open_output(void);
/* At the very end: code, or CLI_EXIT_CLUSTER and a line on standard error if not all could be
 * printed (a full disk). A reader that left (`| head`) wanted no more. */
int cli_close_output(int code);
/* Stops the loop as soon as nobody reads standard output any more, for what prints until ^C. */
void cli_watch_output(struct loop *loop);
/* Of standard output if that is a terminal, else 0. */
int cli_terminal_columns(void);

#endif
