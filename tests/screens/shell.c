/* Commands beside the program under test: servers for it, faults, stopped processes. */
#include "shell.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"

_Noreturn static void run_child(const struct place *place, const char *command)
{
    char shell[] = "/bin/sh";
    char option[] = "-c";
    char *text = xstrdup(command);
    char *argv[] = {shell, option, text, NULL};
    char *log = xasprintf("%s/shell.log", place->folder);
    int null = open("/dev/null", O_RDONLY);
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (chdir(place->folder) != 0 || null < 0 || out < 0) {
        _exit(126);
    }
    dup2(null, 0);
    dup2(out, 1);
    dup2(out, 2);
    for (int fd = 3; fd < 256; fd++) {
        close(fd); /* the terminal of the program among them */
    }
    execve(shell, argv, place->environment);
    _exit(127);
}

bool shell_run(const struct place *place, struct emulator *emulator, const char *command,
               int64_t limit_ms)
{
    int64_t end = clock_monotonic_ms() + limit_ms;
    int status = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        run_child(place, command);
    }
    while (pid > 0 && waitpid(pid, &status, WNOHANG) == 0) {
        if (clock_monotonic_ms() > end) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            return false;
        }
        if (emulator->vterm != NULL) {
            emulator_pump(emulator, 20);
        } else {
            usleep(20000);
        }
    }
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void shell_end(const struct place *place)
{
    char *path = xasprintf("%s/pids", place->folder);
    FILE *file = fopen(path, "r");
    char line[32];
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        long pid = strtol(line, NULL, 10);
        if (pid > 1) {
            kill((pid_t)pid, SIGKILL); /* also what was stopped */
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    free(path);
}
