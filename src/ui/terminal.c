#include "ui/terminal.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"

static struct {
    bool taken;
    bool mouse;
    SCREEN *screen;
    WINDOW *keys; /* keys are read from it, so that reading never draws */
    struct loop *loop;
    struct terminal_handler handler;
    void *context;
    struct loop_fd *input;
    struct loop_fd *errors;
    int saved_stderr;
    int error_pipe;
    struct termios before;
    char leave[256]; /* what gives the terminal back, ready for a signal handler */
    size_t leave_length;
} terminal = {.saved_stderr = -1, .error_pipe = -1};

static const char modes_on[] = "\033[?2004h";
static const char modes_off[] = "\033[?2004l";

static void write_raw(const char *text, size_t length)
{
    ssize_t ignored = write(STDOUT_FILENO, text, length);
    (void)ignored;
}

void terminal_emergency_restore(void)
{
    if (terminal.taken) {
        write_raw(terminal.leave, terminal.leave_length);
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
        if (terminal.saved_stderr >= 0) {
            dup2(terminal.saved_stderr, STDERR_FILENO);
        }
    }
}

static void on_crash(int number)
{
    terminal_emergency_restore();
    terminal.taken = false;
    raise(number); /* SA_RESETHAND: now for good */
}

/* On a stack of its own: the crash may be that the other one is full. */
static void catch_crashes(void)
{
    enum { CRASH_STACK = 65536 };
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    static char stack[CRASH_STACK];
    stack_t place = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction action = {.sa_handler = on_crash};
    action.sa_flags = (int)(SA_RESETHAND | SA_NODEFER);
    if (sigaltstack(&place, NULL) == 0) {
        action.sa_flags |= SA_ONSTACK;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(crashes); i++) {
        sigaction(crashes[i], &action, NULL);
    }
}

/* The sequences of the terminal's own description: mouse off, cursor on, colours off, main screen.
 */
static void prepare_leave(void)
{
    static const char *const names[] = {"sgr0", "op", "rmkx", "rmcup", "cnorm"};
    char *at = terminal.leave;
    size_t room = sizeof(terminal.leave);
    size_t length = (size_t)snprintf(at, room, "%s\033[?1000l\033[?1006l", modes_off);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        const char *sequence = tigetstr(names[i]);
        if (sequence != NULL && sequence != (char *)-1 && length + strlen(sequence) < room) {
            length += (size_t)snprintf(at + length, room - length, "%s", sequence);
        }
    }
    terminal.leave_length = length;
}

/* After endwin(): some terminals bring back the cursor's visibility with the main screen. */
static void show_cursor(void)
{
    const char *sequence = tigetstr("cnorm");
    if (sequence != NULL && sequence != (char *)-1) {
        write_raw(sequence, strlen(sequence));
    }
}

/* --- Standard error goes to the log while the screen is ours ------------------------------------
 */

static void on_error_text(void *context, int events)
{
    (void)context;
    (void)events;
    char text[1024];
    ssize_t got = read(terminal.error_pipe, text, sizeof(text) - 1);
    if (got > 0) {
        text[got] = '\0';
        char *rest = NULL;
        for (char *line = strtok_r(text, "\n", &rest); line != NULL;
             line = strtok_r(NULL, "\n", &rest)) {
            log_message(LOG_WARNING, "%s", line);
        }
    }
}

static void capture_errors(void)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return;
    }
    fflush(stderr);
    terminal.saved_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    terminal.error_pipe = ends[0];
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    terminal.errors =
        loop_watch_fd(terminal.loop, terminal.error_pipe, LOOP_READ, on_error_text, NULL);
}

static void release_errors(void)
{
    if (terminal.saved_stderr < 0) {
        return;
    }
    fflush(stderr);
    on_error_text(NULL, LOOP_READ);
    loop_unwatch_fd(terminal.loop, terminal.errors);
    dup2(terminal.saved_stderr, STDERR_FILENO);
    close(terminal.saved_stderr);
    close(terminal.error_pipe);
    terminal.saved_stderr = terminal.error_pipe = -1;
}

/* --- Input --------------------------------------------------------------------------------------
 */

/* One KEY_MOUSE may stand for several events; curses hands them out newest first. */
static void take_mouse(void)
{
    enum { EVENTS = 16 };
    MEVENT events[EVENTS];
    int count = 0;
    while (count < EVENTS && getmouse(&events[count]) == OK) {
        count++;
    }
    while (count-- > 0) {
        terminal.handler.on_mouse(terminal.context, events[count].y, events[count].x,
                                  events[count].bstate);
    }
}

static void on_input(void *context, int events)
{
    (void)context;
    (void)events;
    wint_t key;
    int kind;
    while (terminal.taken && (kind = wget_wch(terminal.keys, &key)) != ERR) {
        if (kind == KEY_CODE_YES && key == KEY_MOUSE) {
            take_mouse();
        } else if (kind != KEY_CODE_YES || key != KEY_RESIZE) {
            terminal.handler.on_key(terminal.context, (int)key, kind == KEY_CODE_YES);
        }
    }
    if (!terminal.taken) {
        return;
    }
    struct termios probe;
    if (tcgetattr(STDIN_FILENO, &probe) != 0) {
        terminal.handler.on_end(terminal.context, SIGHUP);
        return;
    }
    terminal.handler.on_input_done(terminal.context);
}

static void on_resize(void *context, int number)
{
    (void)context;
    (void)number;
    struct winsize size;
    if (terminal.taken && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
        size.ws_col > 0) {
        resizeterm(size.ws_row, size.ws_col);
        clearok(curscr, TRUE); /* also if it had another size in between: what it cut is lost */
        terminal.handler.on_resize(terminal.context);
    }
}

static void on_end(void *context, int number)
{
    (void)context;
    terminal.handler.on_end(terminal.context, number);
}

/* Stopped by SIGSTOP and continued: the shell has written over the screen meanwhile. */
static void on_continue(void *context, int number)
{
    (void)context;
    (void)number;
    if (terminal.taken) {
        terminal_release();
        terminal_retake();
    }
}

static void on_stop(void *context, int number)
{
    (void)context;
    (void)number;
    terminal_suspend();
}

/* A lost terminal sends SIGHUP more than once: the second must not cut the end short. */
static void on_late_end(void *context, int number)
{
    (void)context;
    (void)number;
}

static void watch_signals(bool on)
{
    loop_on_signal(terminal.loop, SIGWINCH, on ? on_resize : NULL, NULL);
    loop_on_signal(terminal.loop, SIGTERM, on ? on_end : on_late_end, NULL);
    loop_on_signal(terminal.loop, SIGHUP, on ? on_end : on_late_end, NULL);
    loop_on_signal(terminal.loop, SIGINT, on ? on_end : on_late_end, NULL);
    loop_on_signal(terminal.loop, SIGQUIT, on ? on_end : on_late_end, NULL);
    loop_on_signal(terminal.loop, SIGTSTP, on ? on_stop : NULL, NULL);
    loop_on_signal(terminal.loop, SIGCONT, on ? on_continue : NULL, NULL);
}

static void define_keys(void)
{
    static const struct {
        const char *sequence;
        int code;
    } keys[] = {{"\033[200~", TERMINAL_KEY_PASTE_BEGIN}, {"\033[201~", TERMINAL_KEY_PASTE_END}};
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        define_key(keys[i].sequence, keys[i].code);
    }
}

static void enter_modes(void)
{
    raw();
    noecho();
    nonl();
    keypad(terminal.keys, TRUE);
    nodelay(terminal.keys, TRUE);
    intrflush(stdscr, FALSE);
    set_escdelay(25);
    if (terminal.mouse) {
        /* Releases are asked for too: curses drops what comes with one that is not. */
        mousemask(BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
        mouseinterval(0);
    }
    write_raw(modes_on, sizeof(modes_on) - 1);
}

/* Asks terminfo before curses draws where it cannot: a "dumb" terminal would stay blank. */
static bool is_able(const char *name, struct error *err)
{
    int found = 0;
    if (setupterm(name, STDOUT_FILENO, &found) != OK) {
        return error_set(err, ERROR_USAGE,
                         "TERM=%s is not a terminal that this machine's terminfo knows; try "
                         "TERM=xterm-256color",
                         name);
    }
    const char *place = tigetstr("cup");
    bool able = place != NULL && place != (char *)-1;
    del_curterm(cur_term);
    return able || error_set(err, ERROR_USAGE,
                             "TERM=%s is a terminal that cannot place its cursor; --plain works "
                             "with lines and prompts",
                             name);
}

bool terminal_open(struct loop *loop, bool mouse, const struct terminal_handler *handler,
                   void *context, struct error *err)
{
    const char *name = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return error_set(err, ERROR_USAGE,
                         "the full screen wants a terminal on standard input and output; "
                         "`pullmend status` prints the same picture");
    }
    if (name == NULL || name[0] == '\0') {
        return error_set(err, ERROR_USAGE,
                         "TERM is not set, so this terminal's abilities are unknown; set it (as "
                         "TERM=xterm-256color) or use `pullmend status`");
    }
    if (!is_able(name, err)) {
        return false;
    }
    tcgetattr(STDIN_FILENO, &terminal.before);
    terminal.loop = loop;
    terminal.mouse = mouse;
    terminal.handler = *handler;
    terminal.context = context;
    watch_signals(true); /* before curses, which then leaves SIGWINCH and SIGTSTP alone */
    terminal.screen = newterm(NULL, stdout, stdin);
    if (terminal.screen == NULL) {
        watch_signals(false);
        return error_set(err, ERROR_INTERNAL, "curses cannot use this terminal (TERM=%s)", name);
    }
    terminal.keys = newpad(1, 1);
    prepare_leave();
    catch_crashes();
    alloc_set_failure_hook(terminal_emergency_restore);
    capture_errors();
    define_keys();
    terminal.taken = true;
    enter_modes();
    terminal.input = loop_watch_fd(loop, STDIN_FILENO, LOOP_READ, on_input, NULL);
    return true;
}

void terminal_close(void)
{
    if (terminal.screen == NULL) {
        return;
    }
    loop_unwatch_fd(terminal.loop, terminal.input);
    watch_signals(false);
    if (terminal.taken) {
        write_raw(modes_off, sizeof(modes_off) - 1);
        endwin();
        show_cursor();
    }
    terminal.taken = false;
    release_errors();
    delwin(terminal.keys);
    delscreen(terminal.screen);
    terminal.screen = NULL;
    alloc_set_failure_hook(NULL);
}

void terminal_release(void)
{
    if (terminal.taken) {
        write_raw(modes_off, sizeof(modes_off) - 1);
        def_prog_mode();
        endwin();
        show_cursor();
        terminal.taken = false;
        loop_unwatch_fd(terminal.loop, terminal.input); /* the keys are someone else's now */
        terminal.input = NULL;
    }
}

bool terminal_is_taken(void)
{
    return terminal.taken;
}

void terminal_retake(void)
{
    if (terminal.screen != NULL && !terminal.taken) {
        reset_prog_mode();
        terminal.taken = true;
        enter_modes();
        terminal.input = loop_watch_fd(terminal.loop, STDIN_FILENO, LOOP_READ, on_input, NULL);
        on_resize(NULL, SIGWINCH);
        clearok(curscr, TRUE);
        terminal.handler.on_resume(terminal.context);
    }
}

void terminal_suspend(void)
{
    terminal_release();
    loop_on_signal(terminal.loop, SIGTSTP, NULL, NULL);
    loop_on_signal(terminal.loop, SIGCONT, NULL, NULL);
    kill(0, SIGTSTP); /* the whole job, as the terminal's own ^Z would */
    loop_on_signal(terminal.loop, SIGTSTP, on_stop, NULL);
    loop_on_signal(terminal.loop, SIGCONT, on_continue, NULL);
    terminal_retake();
}

int terminal_rows(void)
{
    return getmaxy(stdscr);
}

int terminal_columns(void)
{
    return getmaxx(stdscr);
}
