#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"

/*
 * Runs a credential plugin: an argv array, never a shell; its output through a pipe on the loop,
 * limited in size and time; its standard error kept apart, because it would tear up the screen.
 * The environment variable and the reply are client.authentication.k8s.io's ExecCredential.
 */
enum {
    OUTPUT_LIMIT = 1024 * 1024,
    ERROR_OUTPUT_LIMIT = 64 * 1024,
    ERROR_SHOWN = 600,
    PIPE_CHUNK = 4096,
};

extern char **environ;

struct exec_run {
    struct loop *loop;
    const struct kube_config *config;
    exec_callback callback;
    void *context;
    pid_t pid;
    struct loop_child *child;
    struct loop_timer *timer;
    int fds[2]; /* standard output and standard error of the plugin, our ends */
    struct loop_fd *watches[2];
    struct buffer output; /* wiped */
    struct buffer errors;
    int status;
    bool interactive;
    bool timed_out;
    struct error failure; /* found before it ran */
};

static void close_pipe(struct exec_run *run, int which)
{
    loop_unwatch_fd(run->loop, run->watches[which]);
    run->watches[which] = NULL;
    if (run->fds[which] >= 0) {
        close(run->fds[which]);
    }
    run->fds[which] = -1;
}

static void destroy(struct exec_run *run)
{
    close_pipe(run, 0);
    close_pipe(run, 1);
    if (run->timer != NULL) {
        loop_cancel_timer(run->loop, run->timer);
    }
    if (run->child != NULL) {
        loop_cancel_child(run->loop, run->child);
        kill(-run->pid, SIGKILL);
        kill(run->pid, SIGKILL);
    }
    buffer_free(&run->output);
    buffer_free(&run->errors);
    free(run);
}

void exec_cancel(struct exec_run *run)
{
    if (run == NULL) {
        return;
    }
    if (run->interactive && run->child != NULL) {
        config_terminal_resume();
    }
    destroy(run);
}

/* The last words of the plugin, for the message. */
static void explain(const struct exec_run *run, const char *what, struct error *err)
{
    const struct exec_spec *spec = run->config->exec;
    const char *said = run->errors.data;
    size_t length = run->errors.length;
    while (length > 0 && (said[length - 1] == '\n' || said[length - 1] == ' ')) {
        length--;
    }
    size_t skip = length > ERROR_SHOWN ? length - ERROR_SHOWN : 0;
    error_set(err, ERROR_AUTH, "credential plugin %s %s%s%.*s", spec->command, what,
              length == 0 ? "" : _("; it said: "), (int)(length - skip), said + skip);
}

static void finish(struct exec_run *run)
{
    struct error err = run->failure;
    struct exec_result result = {0};
    bool good = false;
    if (err.kind != ERROR_NONE) {
        good = false;
    } else if (run->timed_out) {
        explain(run, _("did not answer in time and was ended"), &err);
    } else if (run->output.overflowed) {
        explain(run, _("wrote more than 1 MiB"), &err);
    } else if (WIFSIGNALED(run->status)) {
        explain(run, _("was killed"), &err);
    } else if (WEXITSTATUS(run->status) != 0) {
        char what[64];
        snprintf(what, sizeof(what), _("failed with exit code %d"), WEXITSTATUS(run->status));
        explain(run, what, &err);
    } else {
        good = exec_parse(run->output.data, run->output.length, run->config->exec, &result, &err);
    }
    exec_callback callback = run->callback;
    void *context = run->context;
    destroy(run);
    callback(context, good ? &result : NULL, good ? NULL : &err);
    exec_result_free(&result);
}

/* Reads what is there, but not for ever from one that writes as fast; false at the end. */
static bool drain(struct exec_run *run, int which)
{
    char bytes[PIPE_CHUNK];
    struct buffer *out = which == 0 ? &run->output : &run->errors;
    ssize_t got = 1;
    for (int chunks = OUTPUT_LIMIT / PIPE_CHUNK + 1; got > 0 && chunks > 0; chunks--) {
        got = read(run->fds[which], bytes, sizeof(bytes));
        buffer_append(out, bytes, got > 0 ? (size_t)got : 0);
    }
    secret_wipe(bytes, sizeof(bytes));
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

static void on_pipe(struct exec_run *run, int which)
{
    if (!drain(run, which)) {
        close_pipe(run, which);
    }
    if (run->output.overflowed && run->child != NULL) {
        kill(-run->pid, SIGKILL);
        kill(run->pid, SIGKILL);
    }
}

static void on_output(void *context, int events)
{
    (void)events;
    on_pipe(context, 0);
}

static void on_errors(void *context, int events)
{
    (void)events;
    on_pipe(context, 1);
}

/* A grandchild that keeps the pipes open is not waited for. */
static void on_ended(void *context, int status)
{
    struct exec_run *run = context;
    run->child = NULL;
    run->status = status;
    for (int which = 0; which < 2; which++) {
        if (run->fds[which] >= 0) {
            drain(run, which);
        }
    }
    if (run->interactive) {
        config_terminal_resume();
    }
    finish(run);
}

static void on_timeout(void *context)
{
    struct exec_run *run = context;
    run->timer = NULL;
    run->timed_out = true;
    /* Its end comes through on_ended(). */
    kill(-run->pid, SIGKILL);
    kill(run->pid, SIGKILL);
}

static void on_failure(void *context)
{
    struct exec_run *run = context;
    run->timer = NULL;
    finish(run);
}

/* The parent's environment with the plugin's own entries over it. */
static char **make_environment(const struct exec_spec *spec, const char *info)
{
    size_t count = 0;
    while (environ[count] != NULL) {
        count++;
    }
    char **out = xcalloc(count + spec->env_count + 2, sizeof(*out));
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t name = strcspn(environ[i], "=");
        bool replaced = text_starts_with(environ[i], "KUBERNETES_EXEC_INFO=");
        for (size_t k = 0; k < spec->env_count && !replaced; k++) {
            replaced = strlen(spec->env[k].name) == name &&
                       strncmp(spec->env[k].name, environ[i], name) == 0;
        }
        if (!replaced) {
            out[used++] = xstrdup(environ[i]);
        }
    }
    for (size_t k = 0; k < spec->env_count; k++) {
        out[used++] = xasprintf("%s=%s", spec->env[k].name, spec->env[k].value);
    }
    out[used] = xasprintf("KUBERNETES_EXEC_INFO=%s", info);
    return out;
}

static bool open_pipe(int out[2])
{
    if (pipe(out) != 0) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(out[i], F_SETFD, FD_CLOEXEC);
    }
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    return true;
}

static int spawn(struct exec_run *run, int output, int errors, char **argv, char **envp)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    short flags = POSIX_SPAWN_SETSIGDEF;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    if (!run->interactive) {
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        /* A group of its own, so that a time-out reaches what it started, too. An interactive one
         * stays in the foreground group, or it could not read the terminal. */
        flags |= POSIX_SPAWN_SETPGROUP;
        posix_spawnattr_setpgroup(&attributes, 0);
    }
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    if (errors >= 0) {
        posix_spawn_file_actions_adddup2(&actions, errors, 2);
    } else if (config_terminal_is_shared()) {
        /* The screen keeps our standard error to itself; the person sits at the terminal. */
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/tty", O_WRONLY, 0);
    }
    posix_spawnattr_setflags(&attributes, flags);
    int code = posix_spawnp(&run->pid, argv[0], &actions, &attributes, argv, envp);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return code;
}

static void cannot_start(struct exec_run *run, int code)
{
    const struct exec_spec *spec = run->config->exec;
    if (code == ENOENT) {
        error_set(&run->failure, ERROR_AUTH, "credential plugin %s is not installed%s%s%s",
                  spec->command,
                  strchr(spec->command, '/') == NULL ? _(" (not found in PATH)") : "",
                  spec->install_hint == NULL ? "" : ": ",
                  spec->install_hint == NULL ? "" : spec->install_hint);
    } else {
        error_set(&run->failure, ERROR_AUTH, "credential plugin %s cannot be started: %s",
                  spec->command, strerror(code));
    }
}

static void launch(struct exec_run *run)
{
    const struct exec_spec *spec = run->config->exec;
    int output[2] = {-1, -1};
    int errors[2] = {-1, -1};
    struct buffer info;
    buffer_init(&info, 4 * 1024 * 1024);
    exec_write_info(&info, run->config, run->interactive);
    char **envp = make_environment(spec, info.data);
    size_t count = 0;
    while (spec->args[count] != NULL) {
        count++;
    }
    char **argv = xcalloc(count + 2, sizeof(*argv));
    argv[0] = spec->command;
    memcpy(argv + 1, spec->args, count * sizeof(*argv));
    int code = open_pipe(output) && open_pipe(errors) ? 0 : errno;
    if (code == 0) {
        if (run->interactive) {
            config_terminal_suspend();
        }
        /* An interactive plugin talks to the person on standard error. */
        code = spawn(run, output[1], run->interactive ? -1 : errors[1], argv, envp);
        if (code != 0 && run->interactive) {
            config_terminal_resume();
        }
    }
    if (output[1] >= 0) {
        close(output[1]);
    }
    if (errors[1] >= 0) {
        close(errors[1]);
    }
    run->fds[0] = output[0];
    run->fds[1] = errors[0];
    if (code != 0) {
        cannot_start(run, code);
    }
    config_free_list(envp);
    free(argv);
    buffer_free(&info);
}

struct exec_run *exec_start(struct loop *loop, const struct kube_config *config, bool may_interact,
                            int64_t time_limit_ms, exec_callback callback, void *context)
{
    const struct exec_spec *spec = config->exec;
    struct exec_run *run = xcalloc(1, sizeof(*run));
    run->loop = loop;
    run->config = config;
    run->callback = callback;
    run->context = context;
    run->fds[0] = run->fds[1] = -1;
    buffer_init_secret(&run->output, OUTPUT_LIMIT);
    buffer_init(&run->errors, ERROR_OUTPUT_LIMIT);
    bool terminal = isatty(STDIN_FILENO) == 1;
    run->interactive = spec->interactive != EXEC_NEVER && terminal && may_interact;
    if (spec->interactive == EXEC_ALWAYS && !terminal) {
        error_set(&run->failure, ERROR_AUTH,
                  "credential plugin %s needs a terminal (interactiveMode: Always), and standard "
                  "input is none",
                  spec->command);
    } else {
        log_message(LOG_DEBUG, "running credential plugin %s", spec->command);
        launch(run);
    }
    if (run->failure.kind != ERROR_NONE) {
        run->timer = loop_after(loop, 0, on_failure, run);
        return run;
    }
    run->watches[0] = loop_watch_fd(loop, run->fds[0], LOOP_READ, on_output, run);
    run->watches[1] = loop_watch_fd(loop, run->fds[1], LOOP_READ, on_errors, run);
    run->child = loop_watch_child(loop, run->pid, on_ended, run);
    run->timer = loop_after(loop, time_limit_ms, on_timeout, run);
    return run;
}
