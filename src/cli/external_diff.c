/* KUBECTL_EXTERNAL_DIFF: a program of the person's own compares, on masked files. */
#include "cli/external_diff.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/language.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/credential.h"

struct comparison {
    struct cli_change_run *run;
    char *folder;           /* of mode 0700 */
    char *sides[2];         /* LIVE and MERGED below it */
    char **files;           /* all that were written */
    size_t count, capacity; /* of files */
    pid_t pid;
    int status;
    bool over;
    bool interrupted;
};

const char *cli_external_diff(void)
{
    const char *text = getenv("KUBECTL_EXTERNAL_DIFF");
    return text == NULL || text[0] == '\0' ? NULL : text;
}

/* --- Files --------------------------------------------------------------------------------------
 */

/* As kubectl names them: group.version.kind.namespace.name. free() it. */
static char *file_name(const struct change_object *object)
{
    const struct kube_resource *resource = object->resource;
    char *name = xasprintf("%s%s%s.%s.%s.%s", resource->group,
                           resource->group[0] == '\0' ? "" : ".", resource->version, resource->kind,
                           object->ns == NULL ? "" : object->ns, object->name);
    for (char *c = name; *c != '\0'; c++) {
        *c = *c == '/' ? '_' : *c;
    }
    return name;
}

static bool write_side(struct comparison *comparison, int side, const char *name, const char *text,
                       struct error *err)
{
    if (text == NULL || text[0] == '\0') {
        return true; /* it is not there on this side: diff -N takes it as empty */
    }
    char *path = file_join(comparison->sides[side], name);
    comparison->files = xgrow(comparison->files, comparison->count, &comparison->capacity,
                              sizeof(*comparison->files));
    comparison->files[comparison->count++] = path;
    return file_write_atomic(path, text, strlen(text), 0600, err);
}

static bool make_folders(struct comparison *comparison, struct error *err)
{
    static const char *const names[] = {"LIVE", "MERGED"};
    const char *temporary = getenv("TMPDIR");
    comparison->folder = file_join(temporary == NULL || temporary[0] == '\0' ? "/tmp" : temporary,
                                   "pullmend-diff.XXXXXX");
    if (mkdtemp(comparison->folder) == NULL) {
        error_set(err, ERROR_INTERNAL, "%s: cannot make a folder for KUBECTL_EXTERNAL_DIFF: %s",
                  comparison->folder, strerror(errno));
        free(comparison->folder);
        comparison->folder = NULL;
        return false;
    }
    for (int i = 0; i < 2; i++) {
        comparison->sides[i] = file_join(comparison->folder, names[i]);
        if (mkdir(comparison->sides[i], 0700) != 0) {
            return error_set(err, ERROR_INTERNAL, "%s: %s", comparison->sides[i], strerror(errno));
        }
    }
    return true;
}

static bool write_files(struct comparison *comparison, struct error *err)
{
    size_t count;
    const struct change_step *steps = change_session_steps(comparison->run->session, &count);
    bool good = make_folders(comparison, err);
    for (size_t i = 0; good && i < count; i++) {
        if (steps[i].object->action == CHANGE_NOTHING) {
            continue;
        }
        char *name = file_name(steps[i].object);
        good = write_side(comparison, 0, name, steps[i].before, err) &&
               write_side(comparison, 1, name, steps[i].after, err);
        free(name);
    }
    return good;
}

static void remove_files(struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->count; i++) {
        unlink(comparison->files[i]);
        free(comparison->files[i]);
    }
    free(comparison->files);
    for (int i = 0; i < 2; i++) {
        if (comparison->sides[i] != NULL) {
            rmdir(comparison->sides[i]);
        }
        free(comparison->sides[i]);
    }
    if (comparison->folder != NULL && rmdir(comparison->folder) != 0) {
        fprintf(stderr, _("pullmend: %s: cannot remove: %s\n"), comparison->folder,
                strerror(errno));
    }
    free(comparison->folder);
}

/* --- The program --------------------------------------------------------------------------------
 */

/* kubectl takes no other words as flags, and says nothing of those it leaves out. */
static bool is_flag(const char *word)
{
    for (const char *c = word; *c != '\0'; c++) {
        bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        if (!letter && !(*c >= '0' && *c <= '9') && *c != '-' && *c != '=') {
            return false;
        }
    }
    return word[0] != '\0';
}

/* Program, the two folders, then its flags (kubectl's DiffProgram.getCommand). NULL-terminated;
 * free each and the array. */
static char **make_arguments(const struct comparison *comparison)
{
    const char *text = cli_external_diff();
    size_t length = strcspn(text, " ");
    size_t count = 0;
    char **arguments = xcalloc(strlen(text) + 4, sizeof(char *));
    arguments[count++] = xstrndup(text, length);
    arguments[count++] = xstrdup(comparison->sides[0]);
    arguments[count++] = xstrdup(comparison->sides[1]);
    for (text += length; *text != '\0'; text += length) {
        text++;
        length = strcspn(text, " ");
        char *word = xstrndup(text, length);
        if (is_flag(word)) {
            arguments[count++] = word;
            continue;
        }
        if (word[0] != '\0') {
            char *safe = text_safe(word);
            fprintf(stderr,
                    _("pullmend: KUBECTL_EXTERNAL_DIFF: \"%s\" is left out, as kubectl does: only "
                      "letters, digits, - and = may stand in its flags\n"),
                    safe);
            free(safe);
        }
        free(word);
    }
    return arguments;
}

static void on_end(void *context, int status)
{
    struct comparison *comparison = context;
    comparison->status = status;
    comparison->over = true;
}

/* The terminal tells the program itself; a signal to us alone is passed on. */
static void on_signal(void *context, int signal_number)
{
    struct comparison *comparison = context;
    (void)signal_number;
    kill(comparison->pid, comparison->interrupted ? SIGKILL : SIGTERM);
    comparison->interrupted = true;
}

static void catch_signals(struct comparison *comparison)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        loop_on_signal(comparison->run->connection->loop, numbers[i], on_signal, comparison);
    }
}

static bool run_program(struct comparison *comparison, struct error *err)
{
    struct loop *loop = comparison->run->connection->loop;
    char **arguments = make_arguments(comparison);
    fflush(stdout);
    comparison->pid = fork();
    if (comparison->pid == 0) {
        signal(SIGPIPE, SIG_DFL);
        execvp(arguments[0], arguments);
        fprintf(stderr, _("pullmend: KUBECTL_EXTERNAL_DIFF: %s: %s\n"), arguments[0],
                strerror(errno));
        _exit(127);
    }
    for (char **argument = arguments; *argument != NULL; argument++) {
        free(*argument);
    }
    free(arguments);
    if (comparison->pid < 0) {
        return error_set(err, ERROR_INTERNAL, "KUBECTL_EXTERNAL_DIFF: cannot start it: %s",
                         strerror(errno));
    }
    loop_watch_child(loop, comparison->pid, on_end, comparison);
    while (!comparison->over) {
        loop_step(loop, -1);
    }
    return true;
}

int cli_run_external_diff(struct cli_change_run *run)
{
    struct comparison comparison = {.run = run};
    struct error err = ERROR_INIT;
    int code;
    catch_signals(&comparison);
    if (!write_files(&comparison, &err) || !run_program(&comparison, &err)) {
        code = cli_report(&err);
    } else if (comparison.interrupted) {
        code = CLI_EXIT_INTERRUPTED;
    } else if (WIFEXITED(comparison.status)) {
        code = WEXITSTATUS(comparison.status);
    } else {
        fprintf(stderr, _("pullmend: KUBECTL_EXTERNAL_DIFF: it was ended by signal %d\n"),
                WTERMSIG(comparison.status));
        code = CLI_EXIT_USAGE;
    }
    remove_files(&comparison);
    loop_on_signal(run->connection->loop, SIGHUP, NULL, NULL);
    loop_on_signal(run->connection->loop, SIGINT, cli_interrupt, run->connection);
    loop_on_signal(run->connection->loop, SIGTERM, cli_interrupt, run->connection);
    return code;
}
