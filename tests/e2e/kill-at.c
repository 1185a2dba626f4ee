/*
 * kill-at N PROGRAM [ARGUMENT...]
 *
 * Runs the program and ends it with SIGKILL just before the Nth system call by which it changes
 * anything outside itself: files made, written, synced, renamed or removed, bytes sent. The count
 * begins when a file is made in a folder named journal. Exit code 0: killed there; 3: the program
 * ended before, with its own exit code on standard output; 77: processes cannot be traced here.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANNOT_TRACE = 77, ENDED_BEFORE = 3, PATH_BYTES = 4096 };

static const long outside[] = {
    SYS_write,     SYS_writev,    SYS_sendto,    SYS_sendmsg,  SYS_fsync,
    SYS_fdatasync, SYS_ftruncate, SYS_renameat2, SYS_unlinkat,
#ifdef SYS_rename
    SYS_rename,    SYS_unlink,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
};

/* The text at an address of the child's, cut at PATH_BYTES. */
static void read_text(pid_t pid, unsigned long address, char out[PATH_BYTES + 1])
{
    size_t used = 0;
    while (used < PATH_BYTES) {
        errno = 0;
        long word = ptrace(PTRACE_PEEKDATA, pid, (void *)(address + used), NULL);
        if (errno != 0) {
            break;
        }
        memcpy(out + used, &word, sizeof(word));
        if (memchr(&word, '\0', sizeof(word)) != NULL) {
            return;
        }
        used += sizeof(word);
    }
    out[used] = '\0';
}

static bool makes_journal(pid_t pid, const struct __ptrace_syscall_info *info)
{
    char path[PATH_BYTES + sizeof(long) + 1];
    if (info->entry.nr != (unsigned long)SYS_openat || (info->entry.args[2] & O_CREAT) == 0) {
        return false;
    }
    read_text(pid, info->entry.args[1], path);
    return strstr(path, "/journal/") != NULL;
}

static bool changes_outside(const struct __ptrace_syscall_info *info)
{
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
        if (info->entry.nr == (unsigned long)outside[i]) {
            return true;
        }
    }
    return info->entry.nr == (unsigned long)SYS_openat && (info->entry.args[2] & O_CREAT) != 0;
}

/* True if the child stands before the call that is meant. */
static bool is_there(pid_t pid, long *left, bool *counting)
{
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) <= 0 ||
        info.op != PTRACE_SYSCALL_INFO_ENTRY) {
        return false;
    }
    *counting = *counting || makes_journal(pid, &info);
    return *counting && changes_outside(&info) && --*left == 0;
}

static int follow(pid_t pid, long left)
{
    int status;
    bool counting = false;
    int signal_number = 0;
    if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, pid, NULL,
               (void *)(unsigned long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) != 0) {
        return CANNOT_TRACE;
    }
    for (;;) {
        ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)signal_number);
        signal_number = 0;
        if (waitpid(pid, &status, 0) < 0) {
            return CANNOT_TRACE;
        }
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            printf("%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
            return ENDED_BEFORE;
        }
        if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
            signal_number = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
        } else if (is_there(pid, &left, &counting)) {
            kill(pid, SIGKILL); /* at the entry of a call it is not made any more */
            waitpid(pid, &status, 0);
            return 0;
        }
    }
}

int main(int argc, char **argv)
{
    long number = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    if (number <= 0) {
        fprintf(stderr, "usage: kill-at N PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    pid_t pid = fork();
    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
            _exit(127);
        }
        raise(SIGSTOP);
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    return pid < 0 ? CANNOT_TRACE : follow(pid, number);
}
