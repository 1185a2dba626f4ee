#include "cli/output.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/language.h"
#include "doc/json.h"
#include "doc/yaml.h"

static const char *const names[CLI_FORMAT_COUNT] = {"table", "wide", "json",
                                                    "yaml",  "name", "prometheus"};

bool cli_read_format(const struct cli_values *values, unsigned known, enum cli_format *format,
                     struct error *err)
{
    const char *text = cli_text(values, CLI_OUTPUT);
    struct buffer list;
    *format = CLI_FORMAT_TABLE;
    if (text == NULL) {
        return true;
    }
    buffer_init(&list, 1000);
    for (unsigned i = 0; i < CLI_FORMAT_COUNT; i++) {
        if ((known & (1U << i)) == 0) {
            continue;
        }
        if (strcmp(text, names[i]) == 0) {
            *format = (enum cli_format)i;
            language_set_machine(*format != CLI_FORMAT_TABLE && *format != CLI_FORMAT_WIDE);
            buffer_free(&list);
            return true;
        }
        buffer_printf(&list, "%s%s", list.length > 0 ? ", " : "", names[i]);
    }
    error_set(err, ERROR_USAGE, "--output %s: not a format of this command; one of %s", text,
              list.data);
    buffer_free(&list);
    return false;
}

void cli_write_document(struct buffer *out, const cJSON *document, enum cli_format format)
{
    if (format == CLI_FORMAT_YAML) {
        doc_write_yaml(out, document, true);
        return;
    }
    json_write_lines(out, document, 0);
    buffer_append_char(out, '\n');
}

int cli_terminal_columns(void)
{
    struct winsize size;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
