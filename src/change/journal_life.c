#include "journal_life.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"

/* Objects are sent within seconds, and the entry is written after each. An entry of another host
 * that nobody wrote for so long has no program any more. */
#define SILENCE_MS ((int64_t)10 * 60 * 1000)
/* Where /proc/PID/stat has the start time: the 20th word behind the command in brackets. */
#define START_FIELD 20

static char *host_name(void)
{
    char name[256];
    if (gethostname(name, sizeof(name)) != 0) {
        return xstrdup("");
    }
    name[sizeof(name) - 1] = '\0';
    return xstrdup(name);
}

/* When the process began, in the kernel's ticks; 0 where that is not told. A number of a process is
 * used again, a number together with its beginning is not. */
static int64_t start_of(int64_t pid)
{
    char *path = xasprintf("/proc/%lld/stat", (long long)pid);
    struct buffer text;
    int64_t ticks = 0;
    buffer_init(&text, 65536);
    if (file_read(path, &text, NULL)) {
        const char *at = strrchr(text.data, ')');
        for (int i = 0; at != NULL && i < START_FIELD; i++) {
            at = strchr(at + 1, ' ');
        }
        ticks = at == NULL ? 0 : strtoll(at, NULL, 10);
    }
    buffer_free(&text);
    free(path);
    return ticks;
}

void journal_life_claim(struct change_journal_entry *entry)
{
    free(entry->host);
    entry->host = host_name();
    entry->pid = getpid();
    entry->pid_start = start_of(entry->pid);
}

static bool runs(const struct change_journal_entry *entry)
{
    if (entry->pid <= 0 || (kill((pid_t)entry->pid, 0) != 0 && errno == ESRCH)) {
        return false;
    }
    int64_t start = start_of(entry->pid);
    return start == 0 || entry->pid_start == 0 || start == entry->pid_start;
}

static bool is_silent(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 &&
           clock_wall_ms() - (int64_t)status.st_mtime * 1000 > SILENCE_MS;
}

void journal_life_judge(struct change_journal_entry *entry, const char *path)
{
    char *host = host_name();
    bool here = strcmp(host, entry->host) == 0;
    bool dead = here ? !runs(entry) : is_silent(path);
    bool own = here && entry->pid == getpid();
    entry->interrupted = entry->state == CHANGE_JOURNAL_APPLYING && dead;
    for (size_t i = 0; i < entry->count; i++) {
        entry->held |= entry->objects[i].hold != NULL && (dead || own);
    }
    free(host);
}
