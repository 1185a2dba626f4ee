#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/error.h"

/*
 * The program's own messages. Never hand a secret to it. Lines go to the log file (if one is open),
 * to the sink (standard error in batch commands, nothing under the UI) and into a ring of the last
 * 1,000 lines that the UI's log view shows.
 */
enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG, LOG_TRACE };

void log_message(enum log_level level, const char *format, ...) ATTR_FORMAT(2, 3);

/* Up to which level lines are kept; LOG_WARNING at the start. -v adds one each. */
void log_set_level(enum log_level level);
enum log_level log_level(void);

/* Appends to a file made with mode 0600. */
bool log_open_file(const char *path, struct error *err);
/* sink gets each line without a newline; NULL: none. */
void log_set_sink(void (*sink)(void *context, enum log_level level, const char *line),
                  void *context);
/* Line i of the ring, 0 the oldest; NULL past the end. Valid until the next log_message(). */
const char *log_line(size_t i);
size_t log_line_count(void);
void log_close(void);

#endif
