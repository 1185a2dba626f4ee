#include "cli/prompt.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

struct prompt {
    struct loop *loop;
    struct buffer *answer;
    bool done;
    bool failed;
};

bool cli_can_ask(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static void on_input(void *context, int events)
{
    struct prompt *prompt = context;
    (void)events;
    char byte;
    ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
    if (got <= 0) {
        prompt->failed = true;
    } else if (byte == '\n' || byte == '\r') {
        prompt->done = true;
    } else if (!buffer_append_char(prompt->answer, byte)) {
        prompt->failed = true;
    }
}

static void on_interrupt(void *context, int signal_number)
{
    struct prompt *prompt = context;
    (void)signal_number;
    prompt->failed = true;
}

bool cli_ask(struct loop *loop, const char *question, bool hidden, struct buffer *answer,
             void (*interrupted)(void *context, int signal), void *interrupted_context)
{
    struct prompt prompt = {.loop = loop, .answer = answer};
    struct termios before;
    bool restore = hidden && tcgetattr(STDIN_FILENO, &before) == 0;
    if (restore) {
        struct termios silent = before;
        silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    fprintf(stderr, "%s", question);
    fflush(stderr);
    loop_on_signal(loop, SIGINT, on_interrupt, &prompt);
    struct loop_fd *watch = loop_watch_fd(loop, STDIN_FILENO, LOOP_READ, on_input, &prompt);
    while (!prompt.done && !prompt.failed) {
        loop_step(loop, -1);
    }
    loop_unwatch_fd(loop, watch);
    loop_on_signal(loop, SIGINT, interrupted, interrupted_context);
    if (restore) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    }
    if (hidden || prompt.failed) {
        fputc('\n', stderr);
    }
    return prompt.done;
}
