#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/language.h"
#include "cli/connect.h"

enum { READY_LIMIT = 4096, NOTICE_TIME_MS = 1000, START_TIME_MS = 120000, TROUBLE_LIMIT = 4096 };

/* Two sync periods of a kubelet are 150 s, which nobody wants to wait for in a demo: its events
 * come so many times as fast, and their rates are those of the cluster's time. */
#define EVENT_SPEED "12"
#define SPEED_WORD  " event-speed="

struct cli_demo {
    struct loop *loop;
    char *folder;
    char *kubeconfig;
    pid_t pid;
    int ready_fd;   /* its standard output */
    int trouble_fd; /* its standard error */
    int life_fd;    /* it ends when this is closed */
    struct loop_fd *ready_watch;
    struct loop_fd *trouble_watch;
    struct loop_child *child;
    struct buffer trouble;
    double event_speed;
    bool ready;
    bool ended;
};

/* The simulator beside this program (an uninstalled tree), else the one on PATH. */
static char *find_simulator(void)
{
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length > 0) {
        self[length] = '\0';
        char *folder = file_folder(self);
        char *beside = file_join(folder, "pullmend-sim");
        free(folder);
        if (access(beside, X_OK) == 0) {
            return beside;
        }
        free(beside);
    }
    return xstrdup("pullmend-sim");
}

static void on_ready(void *context, int events)
{
    struct cli_demo *demo = context;
    char line[READY_LIMIT];
    (void)events;
    ssize_t got = read(demo->ready_fd, line, sizeof(line) - 1);
    if (got > 0) {
        demo->ready = true;
        line[got] = '\0';
        const char *speed = strstr(line, SPEED_WORD);
        demo->event_speed = speed == NULL ? 1 : strtod(speed + strlen(SPEED_WORD), NULL);
    } else if (got == 0 || errno != EAGAIN) {
        loop_unwatch_fd(demo->loop, demo->ready_watch);
        demo->ready_watch = NULL;
    }
}

static void on_trouble(void *context, int events)
{
    struct cli_demo *demo = context;
    char text[1024];
    (void)events;
    ssize_t got = read(demo->trouble_fd, text, sizeof(text));
    if (got > 0) {
        buffer_append(&demo->trouble, text, (size_t)got);
    } else if (got == 0 || errno != EAGAIN) {
        loop_unwatch_fd(demo->loop, demo->trouble_watch);
        demo->trouble_watch = NULL;
    }
}

static void on_end(void *context, int status)
{
    struct cli_demo *demo = context;
    (void)status;
    demo->child = NULL;
    demo->ended = true;
}

static void run_child(const char *program, const char *const arguments[], const int out[2],
                      const int trouble[2])
{
    dup2(out[1], STDOUT_FILENO);
    dup2(trouble[1], STDERR_FILENO);
    int null = open("/dev/null", O_RDONLY);
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
    }
    setpgid(0, 0); /* ^C at the terminal is for pullmend alone */
    signal(SIGPIPE, SIG_DFL);
    execvp(program, (char *const *)(uintptr_t)arguments);
    dprintf(STDERR_FILENO, "%s: %s", program, strerror(errno));
    _exit(127);
}

static bool spawn(struct cli_demo *demo, const char *scenario, struct error *err)
{
    int out[2];
    int trouble[2];
    int life[2];
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(trouble, O_CLOEXEC) != 0 || pipe(life) != 0) {
        return error_set(err, ERROR_INTERNAL, "cannot make a pipe: %s", strerror(errno));
    }
    fcntl(life[1], F_SETFD, FD_CLOEXEC);
    char fd[16];
    snprintf(fd, sizeof(fd), "%d", life[0]);
    char *program = find_simulator();
    bool own_speed = getenv("PULLMEND_SIM_EVENT_SPEED") != NULL;
    const char *arguments[] = {"pullmend-sim",
                               "--kubeconfig",
                               demo->kubeconfig,
                               "--scenario",
                               scenario,
                               "--print-ready",
                               "--die-with-fd",
                               fd,
                               own_speed ? NULL : "--event-speed",
                               EVENT_SPEED,
                               NULL};
    demo->pid = fork();
    if (demo->pid == 0) {
        run_child(program, arguments, out, trouble);
    }
    free(program);
    close(out[1]);
    close(trouble[1]);
    close(life[0]);
    demo->ready_fd = out[0];
    demo->trouble_fd = trouble[0];
    demo->life_fd = life[1];
    if (demo->pid < 0) {
        return error_set(err, ERROR_INTERNAL, "cannot start pullmend-sim: %s", strerror(errno));
    }
    fcntl(demo->ready_fd, F_SETFL, O_NONBLOCK);
    fcntl(demo->trouble_fd, F_SETFL, O_NONBLOCK);
    demo->ready_watch = loop_watch_fd(demo->loop, demo->ready_fd, LOOP_READ, on_ready, demo);
    demo->trouble_watch = loop_watch_fd(demo->loop, demo->trouble_fd, LOOP_READ, on_trouble, demo);
    demo->child = loop_watch_child(demo->loop, demo->pid, on_end, demo);
    return true;
}

static void mark_late(void *context)
{
    *(bool *)context = true;
}

/* A cluster of thousands of nodes takes a while to make: nobody should wonder what is happening. */
static void say_starting(void *context)
{
    *(struct loop_timer **)context = NULL;
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, _("pullmend: making the simulated cluster (^C stops)...\n"));
    }
}

/* Until the simulator answers, has ended with all that it said, or nobody waits any more. */
static bool wait_until_ready(struct cli_demo *demo, const bool *interrupted)
{
    bool late = false;
    struct loop_timer *notice = NULL;
    struct loop_timer *end = loop_after(demo->loop, START_TIME_MS, mark_late, &late);
    notice = loop_after(demo->loop, NOTICE_TIME_MS, say_starting, &notice);
    while (!demo->ready && !late && !*interrupted &&
           !(demo->ended && demo->trouble_watch == NULL)) {
        loop_step(demo->loop, -1);
    }
    loop_cancel_timer(demo->loop, notice);
    if (!late) {
        loop_cancel_timer(demo->loop, end);
    }
    return !late;
}

struct cli_demo *cli_demo_start(struct loop *loop, const char *scenario, const bool *interrupted,
                                struct error *err)
{
    struct cli_demo *demo = xcalloc(1, sizeof(*demo));
    demo->loop = loop;
    demo->ready_fd = demo->trouble_fd = demo->life_fd = -1;
    buffer_init(&demo->trouble, TROUBLE_LIMIT);
    const char *temporary = getenv("TMPDIR");
    demo->folder = file_join(temporary == NULL || temporary[0] == '\0' ? "/tmp" : temporary,
                             "pullmend-demo.XXXXXX");
    if (mkdtemp(demo->folder) == NULL) {
        error_set(err, ERROR_INTERNAL, "%s: cannot make a folder for the demo: %s", demo->folder,
                  strerror(errno));
        free(demo->folder);
        demo->folder = NULL;
        cli_demo_stop(demo);
        return NULL;
    }
    demo->kubeconfig = file_join(demo->folder, "config");
    if (scenario[0] == '\0') {
        scenario = "kubespray-upcloud";
    }
    if (!spawn(demo, scenario, err)) {
        cli_demo_stop(demo);
        return NULL;
    }
    bool late = !wait_until_ready(demo, interrupted);
    if (demo->ready) {
        return demo;
    }
    error_set(err, ERROR_USAGE, "--demo: the simulated cluster did not start: %s",
              *interrupted                ? "interrupted"
              : late                      ? _("it did not get ready in two minutes")
              : demo->trouble.length == 0 ? _("it ended without a word")
                                          : demo->trouble.data);
    cli_demo_stop(demo);
    return NULL;
}

const char *cli_demo_kubeconfig(const struct cli_demo *demo)
{
    return demo->kubeconfig;
}

double cli_demo_event_speed(const struct cli_demo *demo)
{
    return demo == NULL ? 1 : demo->event_speed;
}

static void close_fd(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void cli_demo_stop(struct cli_demo *demo)
{
    if (demo == NULL) {
        return;
    }
    loop_unwatch_fd(demo->loop, demo->ready_watch);
    loop_unwatch_fd(demo->loop, demo->trouble_watch);
    close_fd(demo->ready_fd);
    close_fd(demo->trouble_fd);
    close_fd(demo->life_fd);
    if (demo->pid > 0 && !demo->ended) {
        loop_cancel_child(demo->loop, demo->child);
        /* SIGKILL cannot be waited for in vain, and the simulator has nothing to save. */
        kill(demo->pid, SIGKILL);
        while (waitpid(demo->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    if (demo->folder != NULL) {
        if (demo->kubeconfig != NULL) {
            unlink(demo->kubeconfig);
        }
        rmdir(demo->folder);
    }
    buffer_free(&demo->trouble);
    free(demo->kubeconfig);
    free(demo->folder);
    free(demo);
}
