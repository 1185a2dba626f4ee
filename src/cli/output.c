#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"
#include "cli/command.h"
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

char *cli_object_label(const char *kind, const char *ns, const char *name)
{
    char *label = xasprintf("%s %s%s%s", kind, ns == NULL ? "" : ns, ns == NULL ? "" : "/", name);
    char *safe = text_safe(label);
    free(label);
    return safe;
}

void cli_open_output(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        /* The wrong way round: who uses it gets an error, not silence. */
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) {
            return;
        }
    }
}

static bool is_unread(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO};
    return poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

int cli_close_output(int code)
{
    errno = 0;
    bool lost = fflush(stdout) != 0 || ferror(stdout) != 0;
    if (!lost || errno == EPIPE || is_unread()) {
        return code;
    }
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_INTERNAL, "not all of the output could be written: is the disk full?");
    return cli_report(&err);
}

static void on_output(void *context, int events)
{
    (void)events;
    if (is_unread()) {
        loop_stop(context, 0);
    }
}

void cli_watch_output(struct loop *loop)
{
    loop_watch_fd(loop, STDOUT_FILENO, 0, on_output, loop);
}

int cli_terminal_columns(void)
{
    struct winsize size;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
