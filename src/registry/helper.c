#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/secret.h"
#include "gojson.h"

extern char **environ;

enum { ANSWER_LIMIT = 256 * 1024, SAID_LIMIT = 200 };

/* What docker-credential-helpers print when they keep nothing for a server. */
static const char not_found_text[] = "credentials not found in native keychain";

struct helper_call {
    struct loop *loop;
    char *program;
    char *server;
    size_t sent;
    int in;  /* we write */
    int out; /* we read; -1 when it is at its end */
    struct loop_fd *in_watch;
    struct loop_fd *out_watch;
    struct loop_child *child;
    struct loop_timer *timer;
    pid_t pid;
    int status;
    bool ended;
    struct buffer answer;
    struct error err; /* set: the call failed before the answer */
    helper_done done;
    void *context;
};

static void close_in(struct helper_call *call)
{
    loop_unwatch_fd(call->loop, call->in_watch);
    call->in_watch = NULL;
    if (call->in >= 0) {
        close(call->in);
    }
    call->in = -1;
}

static void close_out(struct helper_call *call)
{
    loop_unwatch_fd(call->loop, call->out_watch);
    call->out_watch = NULL;
    if (call->out >= 0) {
        close(call->out);
    }
    call->out = -1;
}

/* The whole group, as helpers start programs of their own. */
static void kill_helper(struct helper_call *call)
{
    if (call->pid > 0 && !call->ended) {
        kill(-call->pid, SIGKILL);
    }
}

void helper_cancel(struct helper_call *call)
{
    if (call == NULL) {
        return;
    }
    kill_helper(call);
    loop_cancel_child(call->loop, call->child);
    loop_cancel_timer(call->loop, call->timer);
    close_in(call);
    close_out(call);
    buffer_free(&call->answer);
    free(call->program);
    free(call->server);
    free(call);
}

/* A string member of the answer into out. */
static bool take_member(struct gojson root, const char *name, struct buffer *out)
{
    struct gojson value;
    return gojson_member(root, name, &value) && gojson_kind(value) == GOJSON_STRING &&
           gojson_append_decoded(out, value);
}

static void read_answer(const struct helper_call *call, struct helper_answer *answer,
                        struct error *err)
{
    struct gojson root;
    struct error fault = ERROR_INIT;
    if (!gojson_validate(call->answer.data, call->answer.length, &root, NULL, &fault)) {
        error_set(err, ERROR_PROTOCOL, "%s get for %s: its answer is not JSON (%s)", call->program,
                  call->server, fault.message);
    } else if (!take_member(root, "Username", &answer->username) ||
               !take_member(root, "Secret", &answer->password)) {
        error_set(err, ERROR_PROTOCOL,
                  "%s get for %s: its answer lacks the strings Username and Secret", call->program,
                  call->server);
    }
}

/* Helpers say on standard output why they fail; an answer in JSON is never repeated. */
static void explain_failure(const struct helper_call *call, struct error *err)
{
    const char *text = call->answer.data;
    size_t length = strcspn(text, "\r\n");
    if (strstr(text, not_found_text) != NULL) {
        error_set(err, ERROR_NOT_FOUND, "%s keeps no credential for %s", call->program,
                  call->server);
        return;
    }
    bool repeat = length > 0 && memchr(text, '{', call->answer.length) == NULL;
    if (WIFSIGNALED(call->status)) {
        error_set(err, ERROR_AUTH, "%s get for %s was ended by signal %d", call->program,
                  call->server, WTERMSIG(call->status));
    } else {
        error_set(err, ERROR_AUTH, "%s get for %s failed with exit code %d%s%.*s", call->program,
                  call->server, WEXITSTATUS(call->status), repeat ? ": " : "",
                  repeat ? (int)(length < SAID_LIMIT ? length : SAID_LIMIT) : 0, text);
    }
}

static void finish(struct helper_call *call)
{
    struct helper_answer answer;
    buffer_init_secret(&answer.username, ANSWER_LIMIT * 3);
    buffer_init_secret(&answer.password, ANSWER_LIMIT * 3);
    struct error err = call->err;
    if (err.kind == ERROR_NONE && (!WIFEXITED(call->status) || WEXITSTATUS(call->status) != 0)) {
        explain_failure(call, &err);
    } else if (err.kind == ERROR_NONE) {
        read_answer(call, &answer, &err);
    }
    helper_done done = call->done;
    void *context = call->context;
    helper_cancel(call);
    done(context, &answer, &err);
    buffer_free(&answer.username);
    buffer_free(&answer.password);
}

static void finish_if_over(struct helper_call *call)
{
    if (call->ended && call->out < 0) {
        finish(call);
    }
}

static void fail_now(struct helper_call *call)
{
    kill_helper(call);
    finish(call);
}

static void on_child(void *context, int status)
{
    struct helper_call *call = context;
    call->child = NULL;
    call->ended = true;
    call->status = status;
    finish_if_over(call);
}

static void on_readable(void *context, int events)
{
    (void)events;
    struct helper_call *call = context;
    char bytes[4096];
    ssize_t got = read(call->out, bytes, sizeof(bytes));
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    bool fits = got <= 0 || buffer_append(&call->answer, bytes, (size_t)got);
    secret_wipe(bytes, sizeof(bytes));
    if (!fits) {
        error_set(&call->err, ERROR_PROTOCOL, "%s get for %s printed more than %d bytes",
                  call->program, call->server, ANSWER_LIMIT);
        fail_now(call);
    } else if (got <= 0) {
        close_out(call);
        finish_if_over(call);
    }
}

static void on_writable(void *context, int events)
{
    (void)events;
    struct helper_call *call = context;
    size_t length = strlen(call->server);
    ssize_t put = write(call->in, call->server + call->sent, length - call->sent);
    if (put < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    /* A helper that does not read may still answer. */
    call->sent = put < 0 ? length : call->sent + (size_t)put;
    if (call->sent == length) {
        close_in(call);
    }
}

static void on_timeout(void *context)
{
    struct helper_call *call = context;
    call->timer = NULL;
    error_set(&call->err, ERROR_TIMEOUT, "%s get for %s did not answer in time; it was ended",
              call->program, call->server);
    fail_now(call);
}

static void on_failed_start(void *context)
{
    struct helper_call *call = context;
    call->timer = NULL;
    finish(call);
}

/* The helper's own group; signals as a program expects them; nothing but the three descriptors. */
static int spawn(struct helper_call *call, int in, int out)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &none);
    char verb[] = "get";
    char *argv[] = {call->program, verb, NULL};
    int result = posix_spawnp(&call->pid, call->program, &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return result;
}

static bool is_plain_name(const char *name)
{
    return name[0] != '\0' && name[0] != '-' &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789._-")] == '\0';
}

static bool start(struct helper_call *call, const char *name, struct error *err)
{
    if (!is_plain_name(name)) {
        return error_set(err, ERROR_CONFIG, "\"%s\" is no name of a credential helper", name);
    }
    int in[2] = {-1, -1};
    int out[2] = {-1, -1};
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
        int why = errno;
        if (in[0] >= 0) {
            close(in[0]);
            close(in[1]);
        }
        return error_set(err, ERROR_INTERNAL, "no pipe for %s: %s", call->program, strerror(why));
    }
    int result = spawn(call, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    call->in = in[1];
    call->out = out[0];
    if (result != 0) {
        call->pid = 0;
        return error_set(
            err, ERROR_CONFIG, "cannot run the credential helper %s: %s", call->program,
            result == ENOENT ? _("there is no such program in PATH") : strerror(result));
    }
    fcntl(call->in, F_SETFL, O_NONBLOCK);
    fcntl(call->out, F_SETFL, O_NONBLOCK);
    return true;
}

struct helper_call *helper_get(struct loop *loop, const char *name, const char *server,
                               int64_t timeout_ms, helper_done done, void *context)
{
    struct helper_call *call = xcalloc(1, sizeof(*call));
    *call = (struct helper_call){.loop = loop,
                                 .program = xasprintf("docker-credential-%s", name),
                                 .server = xstrdup(server),
                                 .in = -1,
                                 .out = -1,
                                 .done = done,
                                 .context = context};
    buffer_init_secret(&call->answer, ANSWER_LIMIT);
    if (!start(call, name, &call->err)) {
        call->ended = true;
        call->timer = loop_after(loop, 0, on_failed_start, call);
        return call;
    }
    call->in_watch = loop_watch_fd(loop, call->in, LOOP_WRITE, on_writable, call);
    call->out_watch = loop_watch_fd(loop, call->out, LOOP_READ, on_readable, call);
    call->child = loop_watch_child(loop, call->pid, on_child, call);
    call->timer = loop_after(loop, timeout_ms, on_timeout, call);
    return call;
}
