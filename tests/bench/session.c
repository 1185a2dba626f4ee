/*
 * session [-w TEXT] [-s SECONDS] [-k KEY=TEXT]... [-n COUNT] PROGRAM ARGUMENT...
 *
 * Runs a program, throws its standard output away and prints one line on standard output:
 *
 *     WALL-MS CPU-MS PEAK-KIB STATUS
 *
 * wall and processor time (user and system) in milliseconds, the peak of its resident memory in KiB
 * as the kernel counts it (getrusage(2), ru_maxrss), and its exit code, or 128 and its signal.
 *
 * With -w it runs on a terminal of 160 columns and 48 rows and is ended once TEXT has been drawn;
 * WALL-MS is the time until then. With -s it goes on for that many seconds more; WALL-MS and CPU-MS
 * are those of these seconds alone, and the peak is that of the whole run.
 *
 * With -k it then presses the KEYs in turn, COUNT times in all, one after what the one before
 * brings and a pause of some milliseconds, and waits each time until the TEXT that it brings is
 * drawn. A second line has the times from key to text, in milliseconds:
 *
 *     MEDIAN P99 LONGEST COUNT
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* wait4, memmem */
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_MS = 120000, WINDOW = 65536, KEYS_MAX = 8, PRESSES_MAX = 100000 };

struct key {
    const char *key;
    const char *text;
};

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void give_up(const char *what)
{
    fprintf(stderr, "session: %s: %s\n", what, strerror(errno));
    exit(99);
}

/* The processor time of a process that still runs. */
static double cpu_ms_of(pid_t pid)
{
    clockid_t clock;
    struct timespec spent;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) != 0) {
        give_up("the program has ended too early");
    }
    return (double)spent.tv_sec * 1e3 + (double)spent.tv_nsec / 1e6;
}

static int open_terminal(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
        give_up("no pseudo-terminal");
    }
    return master;
}

static void become(char **argv, int master)
{
    if (master >= 0) {
        struct winsize size = {.ws_row = 48, .ws_col = 160};
        setsid();
        int slave = open(ptsname(master), O_RDWR);
        if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) != 0 || ioctl(slave, TIOCSWINSZ, &size) != 0) {
            give_up("the pseudo-terminal");
        }
        dup2(slave, 0);
        dup2(slave, 1);
        dup2(slave, 2);
        close(slave);
        close(master);
        setenv("TERM", "xterm-256color", 1);
    } else {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        close(null);
    }
    execvp(argv[0], argv);
    give_up(argv[0]);
}

/* Reads what is drawn until the text has been there (or, without one, until the time is over). */
static bool drain(int master, const char *text, double until)
{
    static char seen[WINDOW * 2];
    size_t length = 0;
    double left;
    while ((left = until - now_ms()) > 0) {
        struct pollfd one = {.fd = master, .events = POLLIN};
        int ready = poll(&one, 1, (int)left + 1);
        if (ready < 0 && errno != EINTR) {
            give_up("poll");
        }
        if (ready <= 0) {
            continue;
        }
        ssize_t got = read(master, seen + length, WINDOW);
        if (got <= 0) {
            errno = EPIPE;
            give_up("the program has ended too early");
        }
        length += (size_t)got;
        if (text != NULL && memmem(seen, length, text, strlen(text)) != NULL) {
            return true;
        }
        if (length > WINDOW) {
            memmove(seen, seen + length - WINDOW / 2, WINDOW / 2);
            length = WINDOW / 2;
        }
    }
    return false;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Prints how long the program takes to answer. */
static void press(int master, const struct key *keys, size_t key_count, long presses)
{
    static double times[PRESSES_MAX];
    for (long i = 0; i < presses; i++) {
        const struct key *key = &keys[(size_t)i % key_count];
        /* A pause that is no multiple of the program's own periods. */
        drain(master, NULL, now_ms() + 23 + (double)(i % 17) * 3);
        double from = now_ms();
        if (write(master, key->key, strlen(key->key)) < 0 ||
            !drain(master, key->text, from + LIMIT_MS)) {
            errno = ETIME;
            give_up(key->text);
        }
        times[i] = now_ms() - from;
    }
    qsort(times, (size_t)presses, sizeof(times[0]), by_size);
    printf("%.1f %.1f %.1f %ld\n", times[presses / 2], times[presses * 99 / 100],
           times[presses - 1], presses);
}

struct options {
    const char *text;
    long seconds;
    struct key keys[KEYS_MAX];
    size_t key_count;
    long presses;
};

static bool read_options(int argc, char **argv, struct options *options)
{
    int option;
    while ((option = getopt(argc, argv, "+w:s:k:n:")) != -1) {
        char *equals = option == 'k' ? strchr(optarg, '=') : NULL;
        if (option == 'w') {
            options->text = optarg;
        } else if (option == 's') {
            options->seconds = strtol(optarg, NULL, 10);
        } else if (option == 'n') {
            options->presses = strtol(optarg, NULL, 10);
        } else if (equals != NULL && options->key_count < KEYS_MAX) {
            *equals = '\0';
            options->keys[options->key_count++] = (struct key){optarg, equals + 1};
        } else {
            return false;
        }
    }
    return optind < argc && options->presses <= PRESSES_MAX &&
           (options->key_count > 0) == (options->presses > 0);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    if (!read_options(argc, argv, &options)) {
        fprintf(stderr, "usage: session [-w TEXT] [-s SECONDS] [-k KEY=TEXT]... [-n COUNT] "
                        "PROGRAM ARGUMENT...\n");
        return 2;
    }
    const char *text = options.text;
    long seconds = options.seconds;
    int master = text != NULL ? open_terminal() : -1;
    double started = now_ms();
    pid_t pid = fork();
    if (pid < 0) {
        give_up("fork");
    }
    if (pid == 0) {
        become(argv + optind, master);
    }
    double wall = 0;
    double cpu = 0;
    if (text != NULL) {
        if (!drain(master, text, started + LIMIT_MS)) {
            kill(pid, SIGTERM);
            errno = ETIME;
            give_up(text);
        }
        wall = now_ms() - started;
        if (seconds > 0) {
            double from = now_ms();
            double spent = cpu_ms_of(pid);
            drain(master, NULL, from + (double)seconds * 1e3);
            wall = now_ms() - from;
            cpu = cpu_ms_of(pid) - spent;
        }
        if (options.presses > 0) {
            press(master, options.keys, options.key_count, options.presses);
        }
        kill(pid, SIGTERM);
        close(master);
    }
    int status = 0;
    struct rusage used;
    if (wait4(pid, &status, 0, &used) != pid) {
        give_up("wait4");
    }
    if (text == NULL) {
        wall = now_ms() - started;
    }
    if (seconds == 0) {
        cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
              (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
    }
    printf("%.1f %.1f %ld %d\n", wall, cpu, used.ru_maxrss,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
