#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <cjson/cJSON.h>

#include "base/buffer.h"
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
/* Of standard output if that is a terminal, else 0. */
int cli_terminal_columns(void);

#endif
