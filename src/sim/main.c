#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

#include "base/attributes.h"
#include "base/log.h"
#include "base/secret.h"
#include "doc/json.h"
#include "registry_server.h"
#include "sim/controllers.h"
#include "sim/faults.h"
#include "sim/scenario.h"
#include "sim/server.h"
#include "sim/sim.h"

static const char usage[] =
    "Usage: pullmend-sim --kubeconfig FILE [option...]\n"
    "\n"
    "Serves a simulated Kubernetes cluster on 127.0.0.1 until it is ended. Writes\n"
    "a kubeconfig with the contexts demo (all rights) and viewer (reads all but\n"
    "Secrets) once it serves.\n"
    "\n"
    "  --kubeconfig FILE      where to write the kubeconfig (mode 0600; removed at\n"
    "                         the end)\n"
    "  --scenario NAME|FILE   what the cluster looks like; default\n"
    "                         kubespray-upcloud\n"
    "  --list-scenarios       names the scenarios and ends\n"
    "  --version 1.20|1.36    the Kubernetes version that is played; default 1.36\n"
    "  --nodes N              number of nodes, for scenarios that scale\n"
    "  --speed F              cluster seconds a real second: roll-outs, pulls,\n"
    "                         back-offs\n"
    "  --event-speed F        the same for events, which have real dates; default 1,\n"
    "                         at most the speed\n"
    "  --seed N               the same seed gives the same names; default 1\n"
    "  --port N               port to listen on; default: a free one\n"
    "  --registry-port N      the same for the scenario's registry, if it serves\n"
    "                         one\n"
    "  --fault JSON           sets a fault from the start, repeatable; see\n"
    "                         pullmend-sim(1)\n"
    "  --certificate KIND     good, expired, foreign or other-name\n"
    "  --login KIND           how the kubeconfig's users log in: token, certificate\n"
    "                         or expired-certificate\n"
    "  --print-ready          prints one line when it serves\n"
    "  --die-with-fd N        ends when that descriptor is closed at its other end\n"
    "  --help                 prints this\n";

enum { FAULT_COUNT = 32 };

struct settings {
    const char *kubeconfig;
    const char *scenario;
    const char *faults[FAULT_COUNT];
    size_t fault_count;
    struct sim_options sim;
    struct sim_server_options server;
    bool print_ready;
    int life_fd;
};

static int complain(const struct error *err)
{
    fprintf(stderr, "pullmend-sim: %s\n", err->message);
    return error_exit_code(err->kind);
}

static bool read_number(const char *flag, const char *text, double least, double most,
                        double *number, struct error *err)
{
    char *end = NULL;
    errno = 0;
    *number = strtod(text, &end);
    if (end == text || *end != '\0' || errno != 0 || !(*number >= least && *number <= most)) {
        return error_set(err, ERROR_USAGE, "--%s %s: expected a number from %g to %g", flag, text,
                         least, most);
    }
    return true;
}

static bool read_version(const char *text, int *minor, struct error *err)
{
    const char *at = text[0] == 'v' ? text + 1 : text;
    char *end = NULL;
    long number = strncmp(at, "1.", 2) == 0 ? strtol(at + 2, &end, 10) : 0;
    if (end == NULL || *end != '\0' || number < 20 || number > 36) {
        return error_set(err, ERROR_USAGE, "--version %s: expected 1.20 to 1.36", text);
    }
    *minor = (int)number;
    return true;
}

/* The place of a word among the known ones. */
static bool read_word(const char *flag, const char *text, const char *const *known, int *choice,
                      struct error *err)
{
    struct buffer list;
    buffer_init(&list, 1024);
    for (int i = 0; known[i] != NULL; i++) {
        if (strcmp(known[i], text) == 0) {
            buffer_free(&list);
            *choice = i;
            return true;
        }
        buffer_printf(&list, "%s%s", i == 0 ? "" : known[i + 1] == NULL ? " or " : ", ", known[i]);
    }
    error_set(err, ERROR_USAGE, "--%s %s: expected %s", flag, text, list.data);
    buffer_free(&list);
    return false;
}

static bool read_certificate(const char *text, enum sim_certificate *kind, struct error *err)
{
    static const char *const names[] = {[SIM_CERTIFICATE_GOOD] = "good",
                                        [SIM_CERTIFICATE_EXPIRED] = "expired",
                                        [SIM_CERTIFICATE_FOREIGN] = "foreign",
                                        [SIM_CERTIFICATE_OTHER_NAME] = "other-name",
                                        NULL};
    int choice = 0;
    bool ok = read_word("certificate", text, names, &choice, err);
    *kind = (enum sim_certificate)choice;
    return ok;
}

static bool read_login(const char *text, enum sim_user_login *login, struct error *err)
{
    static const char *const names[] = {[SIM_USER_TOKEN] = "token",
                                        [SIM_USER_CERTIFICATE] = "certificate",
                                        [SIM_USER_EXPIRED_CERTIFICATE] = "expired-certificate",
                                        NULL};
    int choice = 0;
    bool ok = read_word("login", text, names, &choice, err);
    *login = (enum sim_user_login)choice;
    return ok;
}

enum flag {
    FLAG_KUBECONFIG = 256,
    FLAG_SCENARIO,
    FLAG_LIST,
    FLAG_VERSION,
    FLAG_NODES,
    FLAG_SPEED,
    FLAG_EVENT_SPEED,
    FLAG_SEED,
    FLAG_PORT,
    FLAG_REGISTRY_PORT,
    FLAG_FAULT,
    FLAG_CERTIFICATE,
    FLAG_LOGIN,
    FLAG_READY,
    FLAG_LIFE,
    FLAG_HELP,
};

static const struct option flags[] = {
    {"kubeconfig", required_argument, NULL, FLAG_KUBECONFIG},
    {"scenario", required_argument, NULL, FLAG_SCENARIO},
    {"list-scenarios", no_argument, NULL, FLAG_LIST},
    {"version", required_argument, NULL, FLAG_VERSION},
    {"nodes", required_argument, NULL, FLAG_NODES},
    {"speed", required_argument, NULL, FLAG_SPEED},
    {"event-speed", required_argument, NULL, FLAG_EVENT_SPEED},
    {"seed", required_argument, NULL, FLAG_SEED},
    {"port", required_argument, NULL, FLAG_PORT},
    {"registry-port", required_argument, NULL, FLAG_REGISTRY_PORT},
    {"fault", required_argument, NULL, FLAG_FAULT},
    {"certificate", required_argument, NULL, FLAG_CERTIFICATE},
    {"login", required_argument, NULL, FLAG_LOGIN},
    {"print-ready", no_argument, NULL, FLAG_READY},
    {"die-with-fd", required_argument, NULL, FLAG_LIFE},
    {"help", no_argument, NULL, FLAG_HELP},
    {NULL, 0, NULL, 0},
};

static bool read_value(struct settings *settings, int flag, const char *text, struct error *err)
{
    double number = 0;
    bool ok = true;
    switch (flag) {
    case FLAG_NODES:
        ok = read_number("nodes", text, 1, 20000, &number, err);
        settings->sim.nodes = (int)number;
        break;
    case FLAG_SPEED:
        ok = read_number("speed", text, 0.001, 1e6, &number, err);
        settings->sim.speed = number;
        break;
    case FLAG_EVENT_SPEED:
        ok = read_number("event-speed", text, 0.001, 1e6, &number, err);
        settings->sim.event_speed = number;
        break;
    case FLAG_SEED:
        ok = read_number("seed", text, 0, 9e15, &number, err);
        settings->sim.seed = (uint64_t)number;
        break;
    case FLAG_PORT:
        ok = read_number("port", text, 0, 65535, &number, err);
        settings->server.port = (int)number;
        break;
    case FLAG_REGISTRY_PORT:
        ok = read_number("registry-port", text, 0, 65535, &number, err);
        settings->sim.registry_port = (int)number;
        break;
    case FLAG_LIFE:
        ok = read_number("die-with-fd", text, 0, 65535, &number, err);
        settings->life_fd = (int)number;
        break;
    case FLAG_VERSION:
        return read_version(text, &settings->sim.minor, err);
    case FLAG_CERTIFICATE:
        return read_certificate(text, &settings->server.certificate, err);
    case FLAG_LOGIN:
        return read_login(text, &settings->server.login, err);
    case FLAG_FAULT:
        if (settings->fault_count == FAULT_COUNT) {
            return error_set(err, ERROR_USAGE, "--fault: at most %d", FAULT_COUNT);
        }
        settings->faults[settings->fault_count++] = text;
        break;
    default:
        break;
    }
    return ok;
}

/* Returns -1 to go on, else the exit code. */
static int read_flags(int argc, char **argv, struct settings *settings)
{
    struct error err = ERROR_INIT;
    int flag;
    opterr = 1;
    const char *event_speed = getenv("PULLMEND_SIM_EVENT_SPEED");
    if (event_speed != NULL && !read_value(settings, FLAG_EVENT_SPEED, event_speed, &err)) {
        fprintf(stderr, "pullmend-sim: PULLMEND_SIM_EVENT_SPEED: %s\n", err.message);
        return 2;
    }
    while ((flag = getopt_long(argc, argv, "", flags, NULL)) != -1) {
        if (flag == '?') {
            return 2;
        } else if (flag == FLAG_HELP) {
            fputs(usage, stdout);
            return 0;
        } else if (flag == FLAG_LIST) {
            struct buffer names;
            buffer_init(&names, 64 * 1024);
            sim_scenario_names(&names);
            fputs(names.data == NULL ? "" : names.data, stdout);
            buffer_free(&names);
            return 0;
        } else if (flag == FLAG_KUBECONFIG) {
            settings->kubeconfig = optarg;
        } else if (flag == FLAG_SCENARIO) {
            settings->scenario = optarg;
        } else if (flag == FLAG_READY) {
            settings->print_ready = true;
        } else if (!read_value(settings, flag, optarg, &err)) {
            return complain(&err);
        }
    }
    if (optind < argc) {
        error_set(&err, ERROR_USAGE, "unexpected argument \"%s\"; see --help", argv[optind]);
        return complain(&err);
    }
    if (settings->kubeconfig == NULL) {
        error_set(&err, ERROR_USAGE, "--kubeconfig FILE is needed; see --help");
        return complain(&err);
    }
    return -1;
}

static void on_signal(void *context, int number)
{
    (void)number;
    loop_stop(context, 0);
}

/* The other end of the pipe is the parent: when it is gone, so are we. */
static void on_life(void *context, int events)
{
    struct settings *settings = ((void **)context)[0];
    struct loop *loop = ((void **)context)[1];
    char byte;
    (void)events;
    ssize_t got = read(settings->life_fd, &byte, 1);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        loop_stop(loop, 0);
    }
}

static bool set_faults(struct sim *sim, const struct settings *settings, struct error *err)
{
    for (size_t i = 0; i < settings->fault_count; i++) {
        cJSON *fault = json_parse(settings->faults[i], strlen(settings->faults[i]), "--fault", err);
        bool ok = fault != NULL && sim_faults_add(sim->faults, fault, err);
        cJSON_Delete(fault);
        if (!ok) {
            if (err->kind == ERROR_PROTOCOL) {
                err->kind = ERROR_USAGE;
            }
            return false;
        }
    }
    return true;
}

static bool start(struct sim *sim, const struct settings *settings, struct error *err)
{
    if (!sim_scenario_load(sim, settings->scenario, err)) {
        return false;
    }
    if (sim->event_speed > sim->speed) {
        sim->event_speed = sim->speed; /* a kubelet syncs no faster than the cluster runs */
    }
    return sim_controllers_start(sim, err) && set_faults(sim, settings, err) &&
           sim_server_start(sim, &settings->server, err) &&
           sim_server_write_kubeconfig(sim, settings->kubeconfig, err);
}

static void print_ready(const struct sim *sim, const struct settings *settings)
{
    printf("ready: https://127.0.0.1:%d scenario=%s version=1.%d event-speed=%g kubeconfig=%s",
           sim_server_port(sim), settings->scenario, sim->minor, sim->event_speed,
           settings->kubeconfig);
    for (size_t i = 0; sim_registry_address_at(sim, i) != NULL; i++) {
        printf("%s%s", i == 0 ? " registry=" : ",", sim_registry_address_at(sim, i));
    }
    putchar('\n');
    fflush(stdout);
}

static int serve(struct settings *settings)
{
    struct error err = ERROR_INIT;
    struct loop *loop = loop_new();
    void *life[] = {settings, loop};
    loop_on_signal(loop, SIGTERM, on_signal, loop);
    loop_on_signal(loop, SIGINT, on_signal, loop);
    loop_on_signal(loop, SIGHUP, on_signal, loop);
    if (settings->life_fd >= 0) {
        fcntl(settings->life_fd, F_SETFL, O_NONBLOCK);
        loop_watch_fd(loop, settings->life_fd, LOOP_READ, on_life, life);
    }
    struct sim *sim = sim_new(loop, &settings->sim);
    int code;
    if (start(sim, settings, &err)) {
        if (settings->print_ready) {
            print_ready(sim, settings);
        }
        code = loop_run(loop);
        unlink(settings->kubeconfig);
    } else {
        code = complain(&err);
    }
    sim_free(sim);
    loop_free(loop);
    return code;
}

static void print_log(void *context, enum log_level level, const char *line)
{
    (void)context;
    (void)level;
    fprintf(stderr, "pullmend-sim: %s\n", line);
}

int main(int argc, char **argv)
{
    secret_harden_process();
    setlocale(LC_CTYPE, "");
    struct settings settings = {.scenario = "kubespray-upcloud", .sim = {.seed = 1}, .life_fd = -1};
    int code = read_flags(argc, argv, &settings);
    if (code >= 0) {
        return code;
    }
#ifdef HAVE_SYS_PRCTL_H
    if (settings.life_fd >= 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
    }
#endif
    log_set_sink(print_log, NULL);
    return serve(&settings);
}
