/* Reads .git/index (versions 2 and 3), as its format is documented in gitformat-index(5). */
#include "git_index.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "doc/digest.h"

enum { HEADER = 12, HASH_AT = 40, FLAGS_AT = 60, NAME_AT = 62, MAX_INDEX = 64 * 1024 * 1024 };

static uint32_t number_at(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

char *git_folder_above(const char *real, const char **inside)
{
    char *folder = xstrdup(real);
    char *found = NULL;
    char *slash;
    while (found == NULL && (slash = strrchr(folder, '/')) != NULL) {
        struct stat status;
        *slash = '\0';
        char *git = file_join(folder[0] == '\0' ? "/" : folder, ".git");
        if (stat(git, &status) == 0) {
            *inside = real + (slash - folder) + 1;
            struct buffer text;
            buffer_init(&text, PATH_MAX + 100);
            if (S_ISDIR(status.st_mode)) {
                found = xstrdup(git);
            } else if (file_read(git, &text, NULL) && text_starts_with(text.data, "gitdir: ")) {
                /* A work tree of its own: a file that names the folder. */
                char *target = text.data + strlen("gitdir: ");
                target[strcspn(target, "\n")] = '\0';
                found = file_join(folder, target);
            }
            buffer_free(&text);
        }
        free(git);
        if (folder[0] == '\0') {
            break;
        }
    }
    free(folder);
    return found;
}

/* The entry's blob hash, NULL if the file is not in the index. *readable is false for an index that
 * is not understood. */
static const unsigned char *find_entry(const struct buffer *index, const char *path, bool *readable)
{
    const unsigned char *bytes = (const unsigned char *)index->data;
    size_t length = strlen(path);
    *readable = index->length > HEADER && memcmp(bytes, "DIRC", 4) == 0 &&
                number_at(bytes + 4) >= 2 && number_at(bytes + 4) <= 3;
    if (!*readable) {
        return NULL;
    }
    uint32_t count = number_at(bytes + 8);
    size_t at = HEADER;
    for (uint32_t i = 0; i < count; i++) {
        if (at + NAME_AT + 2 > index->length) {
            *readable = false;
            return NULL;
        }
        const unsigned char *entry = bytes + at;
        bool extended = (entry[FLAGS_AT] & 0x40) != 0;
        size_t name_at = NAME_AT + (extended ? 2 : 0);
        const char *name = (const char *)entry + name_at;
        size_t room = index->length - at - name_at;
        size_t size = strnlen(name, room);
        if (size == room) {
            *readable = false;
            return NULL;
        }
        if (size == length && memcmp(name, path, size) == 0) {
            return entry + HASH_AT;
        }
        at += (name_at + size + 8) / 8 * 8;
    }
    return NULL;
}

static bool has_hash(const char *bytes, size_t length, const unsigned char *hash)
{
    struct buffer blob;
    char hex[129];
    char wanted[41];
    for (int i = 0; i < 20; i++) {
        snprintf(wanted + 2 * i, 3, "%02x", hash[i]);
    }
    buffer_init(&blob, length + 100);
    buffer_printf(&blob, "blob %zu", length);
    buffer_append_char(&blob, '\0');
    buffer_append(&blob, bytes, length);
    digest_hex("sha1", blob.data, blob.length, hex);
    buffer_free(&blob);
    return strcmp(hex, wanted) == 0;
}

/* git may keep line ends as \n where the work tree has \r\n. */
static void drop_returns(struct buffer *text)
{
    size_t kept = 0;
    for (size_t i = 0; i < text->length; i++) {
        if (text->data[i] != '\r' || i + 1 >= text->length || text->data[i + 1] != '\n') {
            text->data[kept++] = text->data[i];
        }
    }
    buffer_truncate(text, kept);
}

enum git_state git_state_of(const char *path)
{
    char real[PATH_MAX];
    const char *inside = NULL;
    char *folder = realpath(path, real) == NULL ? NULL : git_folder_above(real, &inside);
    if (folder == NULL) {
        return GIT_UNKNOWN;
    }
    char *index_path = file_join(folder, "index");
    free(folder);
    struct buffer index;
    struct buffer text;
    enum git_state state = GIT_UNKNOWN;
    buffer_init(&index, MAX_INDEX);
    buffer_init(&text, MAX_INDEX);
    if (file_read(index_path, &index, NULL) && file_read(real, &text, NULL)) {
        bool readable;
        const unsigned char *hash = find_entry(&index, inside, &readable);
        if (hash == NULL) {
            state = readable ? GIT_UNTRACKED : GIT_UNKNOWN;
        } else if (has_hash(text.data, text.length, hash)) {
            state = GIT_CLEAN;
        } else {
            drop_returns(&text);
            state = has_hash(text.data, text.length, hash) ? GIT_CLEAN : GIT_DIRTY;
        }
    }
    buffer_free(&text);
    buffer_free(&index);
    free(index_path);
    return state;
}
