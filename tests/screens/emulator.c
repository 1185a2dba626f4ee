/* A terminal for tests: libvterm draws what a program on a pseudo-terminal writes. */
#include "emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

static void bail_out(const char *what)
{
    printf("Bail out! %s: %s\n", what, strerror(errno));
    exit(99);
}

static int on_property(VTermProp property, VTermValue *value, void *context)
{
    struct emulator *emulator = context;
    if (property == VTERM_PROP_ALTSCREEN) {
        emulator->alternate = value->boolean != 0;
    } else if (property == VTERM_PROP_CURSORVISIBLE) {
        emulator->cursor_visible = value->boolean != 0;
    } else if (property == VTERM_PROP_MOUSE) {
        emulator->mouse = value->number;
    }
    return 1;
}

/* What the terminal says: keys, mouse, answers to questions. */
static void on_output(const char *bytes, size_t length, void *context)
{
    struct emulator *emulator = context;
    emulator->echoed = true;
    while (length > 0 && emulator->master >= 0) {
        ssize_t sent = write(emulator->master, bytes, length);
        if (sent > 0) {
            bytes += sent;
            length -= (size_t)sent;
        } else if (errno == EAGAIN) {
            /* The program is busy writing: take that, so that it comes to reading. */
            emulator_pump(emulator, 10);
        } else if (errno != EINTR) {
            return;
        }
    }
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_property};

static void start_screen(struct emulator *emulator)
{
    emulator->vterm = vterm_new(emulator->rows, emulator->columns);
    vterm_set_utf8(emulator->vterm, 1);
    vterm_output_set_callback(emulator->vterm, on_output, emulator);
    emulator->screen = vterm_obtain_screen(emulator->vterm);
    vterm_screen_set_callbacks(emulator->screen, &callbacks, emulator);
    vterm_screen_enable_altscreen(emulator->screen, 1);
    vterm_screen_reset(emulator->screen, 1);
}

static void set_size(const struct emulator *emulator)
{
    struct winsize size = {.ws_row = (unsigned short)emulator->rows,
                           .ws_col = (unsigned short)emulator->columns};
    ioctl(emulator->master, TIOCSWINSZ, &size);
}

static void run_child(const char *terminal, const char *folder, char *const *argv,
                      char *const *environment)
{
    setsid();
    int fd = open(terminal, O_RDWR);
    if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) != 0 || chdir(folder) != 0) {
        _exit(126);
    }
    dup2(fd, 0);
    dup2(fd, 1);
    dup2(fd, 2);
    if (fd > 2) {
        close(fd);
    }
    execve(argv[0], argv, environment);
    _exit(127);
}

void emulator_start(struct emulator *emulator, int columns, int rows, const char *folder,
                    char *const *argv, char *const *environment)
{
    *emulator = (struct emulator){.rows = rows, .columns = columns, .cursor_visible = true};
    emulator->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (emulator->master < 0 || grantpt(emulator->master) != 0 || unlockpt(emulator->master) != 0) {
        bail_out("no pseudo-terminal");
    }
    const char *name = ptsname(emulator->master);
    emulator->slave = name == NULL ? -1 : open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (emulator->slave < 0) {
        bail_out("no pseudo-terminal");
    }
    fcntl(emulator->master, F_SETFL, O_NONBLOCK);
    set_size(emulator);
    tcgetattr(emulator->slave, &emulator->before);
    start_screen(emulator);
    fflush(stdout);
    emulator->pid = fork();
    if (emulator->pid == 0) {
        run_child(name, folder, argv, environment);
    }
    if (emulator->pid < 0) {
        bail_out("fork");
    }
    emulator->running = true;
}

bool emulator_signal(struct emulator *emulator, const char *name)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {{"TERM", SIGTERM}, {"HUP", SIGHUP},   {"INT", SIGINT},
                   {"SEGV", SIGSEGV}, {"ABRT", SIGABRT}, {"KILL", SIGKILL}};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        if (strcmp(name, signals[i].name) == 0) {
            kill(emulator->pid, signals[i].number);
            return true;
        }
    }
    return false;
}

void emulator_hang_up(struct emulator *emulator)
{
    close(emulator->slave);
    close(emulator->master);
    emulator->master = emulator->slave = -1;
}

void emulator_stop(struct emulator *emulator)
{
    if (emulator->vterm == NULL) {
        return;
    }
    if (emulator->running) {
        kill(emulator->pid, SIGKILL);
        waitpid(emulator->pid, &emulator->status, 0);
    }
    if (emulator->master >= 0) {
        emulator_hang_up(emulator);
    }
    vterm_free(emulator->vterm);
    *emulator = (struct emulator){.master = -1, .slave = -1};
}

static void look_for_end(struct emulator *emulator)
{
    if (emulator->running && waitpid(emulator->pid, &emulator->status, WNOHANG) > 0) {
        emulator->running = false;
    }
}

/* Counts "home, clear": ESC [ H ESC [ J, or 2 J. */
static void count_clearing(struct emulator *emulator, const char *bytes, size_t length)
{
    static const char sequence[] = "\033[H\033[";
    for (size_t i = 0; i < length; i++) {
        if (emulator->clearing == sizeof(sequence) - 1) {
            if (bytes[i] == '2') {
                continue;
            }
            emulator->cleared += bytes[i] == 'J' ? 1 : 0;
            emulator->clearing = bytes[i] == 'H' ? 3 : 0; /* home again */
        } else if (bytes[i] == sequence[emulator->clearing]) {
            emulator->clearing++;
        } else {
            emulator->clearing = bytes[i] == '\033' ? 1 : 0;
        }
    }
}

bool emulator_pump(struct emulator *emulator, int wait_ms)
{
    bool was_running = emulator->running;
    look_for_end(emulator);
    if (emulator->master < 0) {
        if (emulator->running) {
            poll(NULL, 0, wait_ms < 10 ? wait_ms : 10);
        }
        return false;
    }
    struct pollfd ready = {.fd = emulator->master, .events = POLLIN};
    bool some = false;
    /* After the program's end only what it left is taken, without waiting. */
    while (poll(&ready, 1, some || !was_running ? 0 : wait_ms) > 0 && (ready.revents & POLLIN)) {
        char bytes[16384];
        ssize_t got = read(emulator->master, bytes, sizeof(bytes));
        if (got <= 0) {
            break;
        }
        emulator->received += (size_t)got;
        count_clearing(emulator, bytes, (size_t)got);
        vterm_input_write(emulator->vterm, bytes, (size_t)got);
        some = true;
    }
    vterm_screen_flush_damage(emulator->screen);
    return some;
}

/* Rows come from the top down: the last one is the sign that the screen is whole. */
static bool has_last_row(const struct emulator *emulator)
{
    char row[EMULATOR_ROW_SIZE];
    emulator_row(emulator, emulator->rows - 1, row);
    return row[0] != '\0';
}

bool emulator_redraw(struct emulator *emulator, int64_t limit_ms)
{
    enum { SILENCE_MS = 2, LONG_MS = 1000 };
    int64_t end = clock_monotonic_ms() + limit_ms;
    unsigned before = emulator->cleared;
    emulator_character(emulator, 'l', true);
    while (emulator->cleared == before) {
        emulator_pump(emulator, 20);
        if (!emulator->running || clock_monotonic_ms() > end) {
            return false;
        }
    }
    end = clock_monotonic_ms() + LONG_MS;
    while (emulator_pump(emulator, SILENCE_MS) ||
           (!has_last_row(emulator) && clock_monotonic_ms() < end)) {
    }
    return true;
}

static void append_cell(char *out, size_t *length, const VTermScreenCell *cell)
{
    if (cell->chars[0] == 0) {
        out[(*length)++] = ' ';
        return;
    }
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i] != 0; i++) {
        *length += text_encode_utf8(cell->chars[i], out + *length);
    }
}

void emulator_row(const struct emulator *emulator, int row, char out[EMULATOR_ROW_SIZE])
{
    size_t length = 0;
    VTermPos at = {row, 0};
    while (at.col < emulator->columns && length + 32 < EMULATOR_ROW_SIZE) {
        VTermScreenCell cell;
        vterm_screen_get_cell(emulator->screen, at, &cell);
        append_cell(out, &length, &cell);
        at.col += cell.width > 1 ? cell.width : 1;
    }
    while (length > 0 && out[length - 1] == ' ') {
        length--;
    }
    out[length] = '\0';
}

void emulator_resize(struct emulator *emulator, int columns, int rows)
{
    emulator->rows = rows;
    emulator->columns = columns;
    vterm_set_size(emulator->vterm, rows, columns);
    set_size(emulator);
}

void emulator_character(struct emulator *emulator, unsigned character, bool control)
{
    vterm_keyboard_unichar(emulator->vterm, character, control ? VTERM_MOD_CTRL : VTERM_MOD_NONE);
}

bool emulator_named_key(struct emulator *emulator, const char *name)
{
    static const struct {
        const char *name;
        VTermKey key;
    } keys[] = {{"Enter", VTERM_KEY_ENTER},
                {"Tab", VTERM_KEY_TAB},
                {"Backspace", VTERM_KEY_BACKSPACE},
                {"Esc", VTERM_KEY_ESCAPE},
                {"Up", VTERM_KEY_UP},
                {"Down", VTERM_KEY_DOWN},
                {"Left", VTERM_KEY_LEFT},
                {"Right", VTERM_KEY_RIGHT},
                {"Delete", VTERM_KEY_DEL},
                {"Home", VTERM_KEY_HOME},
                {"End", VTERM_KEY_END},
                {"PageUp", VTERM_KEY_PAGEUP},
                {"PageDown", VTERM_KEY_PAGEDOWN}};
    if (strcmp(name, "BackTab") == 0) {
        vterm_keyboard_key(emulator->vterm, VTERM_KEY_TAB, VTERM_MOD_SHIFT);
        return true;
    }
    if (name[0] == 'F' && name[1] >= '1' && name[1] <= '9') {
        int number = (int)strtol(name + 1, NULL, 10);
        vterm_keyboard_key(emulator->vterm, (VTermKey)VTERM_KEY_FUNCTION(number), VTERM_MOD_NONE);
        return true;
    }
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(name, keys[i].name) == 0) {
            vterm_keyboard_key(emulator->vterm, keys[i].key, VTERM_MOD_NONE);
            return true;
        }
    }
    return false;
}

void emulator_paste(struct emulator *emulator, const char *text)
{
    vterm_keyboard_start_paste(emulator->vterm);
    on_output(text, strlen(text), emulator);
    vterm_keyboard_end_paste(emulator->vterm);
}

void emulator_click(struct emulator *emulator, int row, int column, int button)
{
    vterm_mouse_move(emulator->vterm, row, column, VTERM_MOD_NONE);
    vterm_mouse_button(emulator->vterm, button, true, VTERM_MOD_NONE);
    if (button < 4) {
        vterm_mouse_button(emulator->vterm, button, false, VTERM_MOD_NONE);
    }
}

bool emulator_has_colors(const struct emulator *emulator)
{
    for (VTermPos at = {0, 0}; at.row < emulator->rows; at.row++) {
        for (at.col = 0; at.col < emulator->columns; at.col++) {
            VTermScreenCell cell;
            vterm_screen_get_cell(emulator->screen, at, &cell);
            if (!VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) || !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg)) {
                return true;
            }
        }
    }
    return false;
}

const char *emulator_leftover(struct emulator *emulator)
{
    struct termios now;
    if (emulator->alternate) {
        return "the alternate screen";
    }
    if (emulator->mouse != 0) {
        return "mouse reports";
    }
    if (!emulator->cursor_visible) {
        return "an invisible cursor";
    }
    emulator->echoed = false;
    vterm_keyboard_start_paste(emulator->vterm);
    if (emulator->echoed) {
        return "bracketed paste";
    }
    if (tcgetattr(emulator->slave, &now) != 0 || now.c_iflag != emulator->before.c_iflag ||
        now.c_oflag != emulator->before.c_oflag || now.c_lflag != emulator->before.c_lflag ||
        now.c_cflag != emulator->before.c_cflag) {
        return "the line settings";
    }
    return NULL;
}

void emulator_cursor(const struct emulator *emulator, int *row, int *column)
{
    VTermPos at;
    vterm_state_get_cursorpos(vterm_obtain_state(emulator->vterm), &at);
    *row = at.row;
    *column = at.col;
}
