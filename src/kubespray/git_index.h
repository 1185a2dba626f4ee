#ifndef SRC_KUBESPRAY_GIT_INDEX_H
#define SRC_KUBESPRAY_GIT_INDEX_H

#include <stdbool.h>

/* What git's index says about a file, without running git. */
enum git_state {
    GIT_UNKNOWN,   /* no repository, or an index that cannot be read here */
    GIT_UNTRACKED, /* not in the index */
    GIT_CLEAN,     /* as it was added or committed last */
    GIT_DIRTY,     /* changed since */
};

/* path: of the file. The repository is the nearest folder above it with a .git. */
enum git_state git_state_of(const char *path);

/* Where the repository around a file keeps what git knows (.git, or where a file of that name
 * points to), NULL if there is none; *inside: the file's path within the work tree. real: its
 * realpath(). free() it. */
char *git_folder_above(const char *real, const char **inside);

#endif
