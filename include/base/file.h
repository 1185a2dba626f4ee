#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/error.h"

/* Appends the whole file to out ("-": standard input). Refuses directories and more than out's
 * limit. Errors: ERROR_CONFIG with path and reason (ERROR_NOT_FOUND where it is absent). */
bool file_read(const char *path, struct buffer *out, struct error *err);
/* Writes by a temporary file in the same folder, fsync and rename: the old content or the new one,
 * never half of it. A symbolic link's target is replaced, not the link. */
bool file_write_atomic(const char *path, const void *bytes, size_t length, mode_t mode,
                       struct error *err);
/* Every byte, however many calls it takes; false with errno set. */
bool file_write_all(int fd, const void *data, size_t length);
/* mkdir -p; mode for those it makes. */
bool file_make_folder(const char *path, mode_t mode, struct error *err);
/* folder + "/" + name (name alone if it is absolute or folder is empty); free() it. */
char *file_join(const char *folder, const char *name);
/* What stands before the last slash ("." without one); free() it. */
char *file_folder(const char *path);
/* $VARIABLE (if set, absolute), else $HOME/FALLBACK, both with "/pullmend" behind; free() it. NULL
 * without HOME. variable: "XDG_CONFIG_HOME", "XDG_STATE_HOME"... */
char *file_xdg_folder(const char *variable, const char *fallback);

#endif
