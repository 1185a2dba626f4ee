#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/language.h"
#include "base/text.h"

enum { RING_SIZE = 1000, LINE_LIMIT = 16384 };

static enum log_level kept_level = LOG_WARNING;
static int log_fd = -1;
static void (*log_sink)(void *, enum log_level, const char *);
static void *sink_context;
static char *ring[RING_SIZE];
static size_t ring_start;
static size_t ring_used;

void log_set_level(enum log_level level)
{
    kept_level = level;
}

enum log_level log_level(void)
{
    return kept_level;
}

void log_set_sink(void (*sink)(void *, enum log_level, const char *), void *context)
{
    log_sink = sink;
    sink_context = context;
}

bool log_open_file(const char *path, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        return error_set(err, ERROR_CONFIG, "%s: cannot open the log file: %s", path,
                         strerror(errno));
    }
    if (log_fd >= 0) {
        close(log_fd);
    }
    log_fd = fd;
    return true;
}

static void keep_in_ring(char *line)
{
    if (ring_used == RING_SIZE) {
        free(ring[ring_start]);
        ring[ring_start] = line;
        ring_start = (ring_start + 1) % RING_SIZE;
    } else {
        ring[(ring_start + ring_used++) % RING_SIZE] = line;
    }
}

static void write_line(const char *line)
{
    char stamp[32];
    clock_format_rfc3339(clock_wall_ms(), stamp);
    char *whole = xasprintf("%s %s\n", stamp, line);
    if (!file_write_all(log_fd, whole, strlen(whole))) {
        /* A full disk must not stop the program; the ring still has the line. */
        close(log_fd);
        log_fd = -1;
    }
    free(whole);
}

void log_message(enum log_level level, const char *format, ...)
{
    if (level > kept_level) {
        return;
    }
    va_list args;
    va_start(args, format);
    char *raw = xvasprintf(_(format), args);
    va_end(args);
    struct buffer safe;
    buffer_init(&safe, LINE_LIMIT);
    if (!text_append_safe(&safe, raw, strnlen(raw, LINE_LIMIT / 4))) {
        buffer_append_string(&safe, _("(line too long)"));
    }
    free(raw);
    char *line = buffer_take(&safe);
    if (log_fd >= 0) {
        write_line(line);
    }
    if (log_sink != NULL) {
        log_sink(sink_context, level, line);
    }
    keep_in_ring(line);
}

const char *log_line(size_t i)
{
    return i < ring_used ? ring[(ring_start + i) % RING_SIZE] : NULL;
}

size_t log_line_count(void)
{
    return ring_used;
}

void log_close(void)
{
    if (log_fd >= 0) {
        close(log_fd);
        log_fd = -1;
    }
    for (size_t i = 0; i < ring_used; i++) {
        free(ring[(ring_start + i) % RING_SIZE]);
    }
    ring_start = ring_used = 0;
    log_sink = NULL;
}
