#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret.h"

static enum error_kind kind_of_errno(int number)
{
    return number == ENOENT || number == ENOTDIR ? ERROR_NOT_FOUND : ERROR_CONFIG;
}

static bool read_all(int fd, const char *path, struct buffer *out, struct error *err)
{
    char chunk[16384];
    ssize_t got;
    bool fits = true;
    do {
        got = read(fd, chunk, sizeof(chunk));
        fits = got <= 0 || buffer_append(out, chunk, (size_t)got);
    } while (fits && (got > 0 || (got < 0 && errno == EINTR)));
    secret_wipe(chunk, sizeof(chunk));
    if (!fits) {
        return error_set(err, ERROR_CONFIG, "%s: larger than the %zu bytes allowed here", path,
                         out->limit);
    }
    if (got < 0) {
        return error_set(err, kind_of_errno(errno), "%s: cannot read: %s", path, strerror(errno));
    }
    return true;
}

bool file_read(const char *path, struct buffer *out, struct error *err)
{
    if (strcmp(path, "-") == 0) {
        return read_all(STDIN_FILENO, "standard input", out, err);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return error_set(err, kind_of_errno(errno), "%s: cannot open: %s", path, strerror(errno));
    }
    struct stat status;
    bool done;
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        done = error_set(err, ERROR_CONFIG, "%s: is a folder, not a file", path);
    } else {
        done = read_all(fd, path, out, err);
    }
    close(fd);
    return done;
}

bool file_write_all(int fd, const void *data, size_t length)
{
    const char *bytes = data;
    while (length > 0) {
        ssize_t put = write(fd, bytes, length);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return false;
        }
        bytes += put;
        length -= (size_t)put;
    }
    return true;
}

static void sync_folder(const char *path)
{
    char *folder = file_folder(path);
    int fd = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

bool file_write_atomic(const char *path, const void *bytes, size_t length, mode_t mode,
                       struct error *err)
{
    char *real = realpath(path, NULL);
    const char *target = real != NULL ? real : path;
    char *temporary = xasprintf("%s.XXXXXX", target);
    bool done = false;
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        error_set(err, ERROR_INTERNAL, "%s: cannot make a file beside it: %s", path,
                  strerror(errno));
    } else {
        done = fchmod(fd, mode) == 0 && file_write_all(fd, bytes, length) && fsync(fd) == 0;
        int saved = errno;
        if (close(fd) != 0 && done) {
            done = false;
            saved = errno;
        }
        if (done && rename(temporary, target) != 0) {
            done = false;
            saved = errno;
        }
        if (done) {
            sync_folder(target);
        } else {
            unlink(temporary);
            error_set(err, ERROR_INTERNAL, "%s: cannot write (nothing was changed): %s", path,
                      strerror(saved));
        }
    }
    free(temporary);
    free(real);
    return done;
}

bool file_make_folder(const char *path, mode_t mode, struct error *err)
{
    char *partial = xstrdup(path);
    bool done = true;
    for (char *slash = partial + 1; done; slash++) {
        bool last = *slash == '\0';
        if (*slash == '/' || last) {
            *slash = '\0';
            struct stat status;
            if (mkdir(partial, mode) != 0 &&
                !(errno == EEXIST && stat(partial, &status) == 0 && S_ISDIR(status.st_mode))) {
                done = error_set(err, ERROR_INTERNAL, "%s: cannot make the folder: %s", partial,
                                 strerror(errno));
            }
            if (last) {
                break;
            }
            *slash = '/';
        }
    }
    free(partial);
    return done;
}

char *file_join(const char *folder, const char *name)
{
    if (name[0] == '/' || folder == NULL || folder[0] == '\0') {
        return xstrdup(name);
    }
    bool slash = folder[strlen(folder) - 1] == '/';
    return xasprintf("%s%s%s", folder, slash ? "" : "/", name);
}

char *file_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return xstrdup(".");
    }
    return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

char *file_xdg_folder(const char *variable, const char *fallback)
{
    const char *folder = getenv(variable);
    if (folder != NULL && folder[0] == '/') {
        return file_join(folder, "pullmend");
    }
    const char *home = getenv("HOME");
    if (home == NULL || home[0] == '\0') {
        return NULL;
    }
    char *base = file_join(home, fallback);
    char *whole = file_join(base, "pullmend");
    free(base);
    return whole;
}
