/* The steps of a screen test. */
#include "script.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/text.h"
#include "emulator.h"
#include "monkey.h"
#include "place.h"
#include "script_parts.h"
#include "shell.h"
#include "typing.h"

char *script_read(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return NULL;
    }
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    char chunk[4096];
    size_t got;
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        buffer_append(&text, chunk, got);
    }
    fclose(file);
    return buffer_take(&text);
}

/* --- Screens ------------------------------------------------------------------------------------
 */

/* The whole screen, masked, a line a row; free() it. */
static char *screen_text(const struct script *script, bool masked)
{
    struct buffer text;
    buffer_init(&text, TEXT_LIMIT);
    for (int i = 0; i < script->emulator.rows; i++) {
        char row[EMULATOR_ROW_SIZE];
        emulator_row(&script->emulator, i, row);
        char *line = masked ? script_mask_row(script, xstrdup(row)) : xstrdup(row);
        buffer_printf(&text, "%s\n", line);
        free(line);
    }
    return buffer_take(&text);
}

static void comment(const char *title, const char *text)
{
    printf("# %s\n", title);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        printf("#   |%.*s\n", (int)length, text);
        text += length + (text[length] == '\n' ? 1 : 0);
    }
}

void script_fail(struct script *script, const char *format, ...)
{
    va_list args;
    if (script->failed) {
        return;
    }
    va_start(args, format);
    char *why = xvasprintf(format, args);
    va_end(args);
    printf("# %s:%d: %s\n", script->path, script->line, why);
    free(why);
    if (script->emulator.vterm != NULL) {
        char *screen = screen_text(script, false);
        comment("The screen:", screen);
        free(screen);
    }
    char *complaint = place_complaint(&script->place);
    if (complaint != NULL) {
        comment("A sanitizer says:", complaint);
        free(complaint);
    }
    script->failed = true;
}

static void end_test(struct script *script)
{
    if (script->test == NULL) {
        return;
    }
    char *complaint = place_complaint(&script->place);
    if (complaint != NULL) {
        script_fail(script, "a sanitizer complains");
        free(complaint);
    }
    script->tests++;
    script->failures += script->failed ? 1 : 0;
    printf("%sok %d - %s\n", script->failed ? "not " : "", script->tests, script->test);
    fflush(stdout);
    free(script->test);
    script->test = NULL;
}

/* --- Waiting: for a condition, never for a time -------------------------------------------------
 */

bool script_wait_until(struct script *script, script_condition holds, const void *argument)
{
    int64_t end = clock_monotonic_ms() + script->limit_ms;
    do {
        emulator_pump(&script->emulator, 20);
        if (holds(script, argument)) {
            return true;
        }
    } while (clock_monotonic_ms() < end);
    return false;
}

static bool find_text(struct script *script, const char *text, int *row, int *column)
{
    for (int i = 0; i < script->emulator.rows; i++) {
        char line[EMULATOR_ROW_SIZE];
        emulator_row(&script->emulator, i, line);
        const char *at = strstr(line, text);
        if (at != NULL) {
            line[at - line] = '\0';
            *row = i;
            *column = text_width(line);
            return true;
        }
    }
    return false;
}

bool script_is_there(struct script *script, const void *text)
{
    int row, column;
    return find_text(script, text, &row, &column);
}

static bool is_absent(struct script *script, const void *text)
{
    return !script_is_there(script, text);
}

static bool matches(struct script *script, const void *pattern)
{
    for (int i = 0; i < script->emulator.rows; i++) {
        char line[EMULATOR_ROW_SIZE];
        emulator_row(&script->emulator, i, line);
        if (regexec(pattern, line, 0, NULL, 0) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_ended(struct script *script, const void *argument)
{
    (void)argument;
    return !script->emulator.running;
}

static bool is_equal(struct script *script, const void *expected)
{
    char *screen = screen_text(script, true);
    bool equal = strcmp(screen, expected) == 0;
    free(screen);
    return equal;
}

static bool cursor_is_on(struct script *script, const void *text)
{
    int row, column, at, ignored;
    emulator_cursor(&script->emulator, &at, &ignored);
    return find_text(script, text, &row, &column) && row == at;
}

static bool has_drawn(struct script *script, const void *argument)
{
    (void)argument;
    return script->emulator.alternate || !script->emulator.running;
}

static bool is_restored(struct script *script, const void *argument)
{
    (void)argument;
    return emulator_leftover(&script->emulator) == NULL;
}

/* --- Steps --------------------------------------------------------------------------------------
 */

void script_expect(struct script *script, const char *name)
{
    char *path = xasprintf("%s-%s.txt", script->base, name);
    char *expected = script_read(path);
    if (script->update) {
        while (emulator_pump(&script->emulator, 700)) {
        }
        char *screen = screen_text(script, true);
        FILE *file = fopen(path, "w");
        if (file != NULL) {
            fputs(screen, file);
            fclose(file);
        }
        free(screen);
    } else if (expected == NULL) {
        script_fail(script, "%s is missing; --update writes it", path);
    } else if (!script_wait_until(script, is_equal, expected)) {
        char *screen = screen_text(script, true);
        comment("Expected:", expected);
        comment("Got:", screen);
        script_fail(script, "the screen is not %s", path);
        free(screen);
    }
    free(expected);
    free(path);
}

static void step_match(struct script *script, const char *text)
{
    regex_t pattern;
    if (regcomp(&pattern, text, REG_EXTENDED | REG_NOSUB) != 0) {
        script_fail(script, "not a regular expression: %s", text);
        return;
    }
    if (!script_wait_until(script, matches, &pattern)) {
        script_fail(script, "nothing matches: %s", text);
    }
    regfree(&pattern);
}

void script_keys(struct script *script, const char *text)
{
    const char *bad = typing_type(&script->emulator, text);
    if (bad != NULL) {
        script_fail(script, "no such key: %s", bad);
    }
}

static void step_click(struct script *script, const char *text, int button, int times)
{
    int row, column;
    bool there = script_wait_until(script, script_is_there, text);
    /* A screen that is still being drawn may move it. */
    while (emulator_pump(&script->emulator, 50)) {
    }
    if (!there || !find_text(script, text, &row, &column)) {
        script_fail(script, "nothing to click on: %s", text);
        return;
    }
    for (int i = 0; i < times; i++) {
        emulator_click(&script->emulator, row, column, button);
    }
}

static bool read_size(const char *text, int *columns, int *rows)
{
    return sscanf(text, "%dx%d", columns, rows) == 2 && *columns > 0 && *rows > 0;
}

void script_size(struct script *script, const char *text, bool now)
{
    if (!read_size(text, &script->columns, &script->rows)) {
        script_fail(script, "not COLUMNSxROWS: %s", text);
    } else if (now) {
        emulator_resize(&script->emulator, script->columns, script->rows);
    }
}

static void step_run(struct script *script, const char *text)
{
    free(script->program);
    script->program = xstrdup(text);
    char **words = place_words(&script->place, text);
    emulator_stop(&script->emulator);
    emulator_start(&script->emulator, script->columns, script->rows, script->place.folder, words,
                   script->place.environment);
    for (char **word = words; *word != NULL; word++) {
        free(*word);
    }
    free(words);
}

/* NAME=VALUE, where the value is read like a word of `run`. */
static void step_env(struct script *script, const char *text)
{
    char **words = place_words(&script->place, text);
    place_set(&script->place, words[0] == NULL ? text : words[0]);
    for (char **word = words; *word != NULL; word++) {
        free(*word);
    }
    free(words);
}

static void step_exit(struct script *script, const char *text)
{
    int wanted = (int)strtol(text, NULL, 10);
    if (!script_wait_until(script, has_ended, NULL)) {
        script_fail(script, "the program has not ended");
        return;
    }
    emulator_pump(&script->emulator, 0);
    int status = script->emulator.status;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (code != wanted) {
        script_fail(script, "exit code %d, expected %d", code, wanted);
    }
}

static void step_monkey(struct script *script, const char *text)
{
    unsigned seed;
    int count;
    if (sscanf(text, "%u %d", &seed, &count) != 2) {
        script_fail(script, "monkey SEED COUNT");
        return;
    }
    int all = count;
    int starts = 0;
    /* It may leave the program as a person would; then it starts anew. */
    while (count > 0 && !script->failed) {
        int sent = monkey_play(&script->emulator, seed++, count);
        count -= sent + 1;
        if (script->emulator.running) {
            printf("# %d events, the program was left and started again %d times\n", all, starts);
            return;
        }
        starts++;
        int status = script->emulator.status;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            script_fail(script, "the program ended with status %d, %d events before the end",
                        status, count);
        } else {
            char *again = xstrdup(script->program);
            step_run(script, again);
            free(again);
            script_wait_until(script, has_drawn, NULL);
        }
    }
}

static void step_simple(struct script *script, const char *word)
{
    if (strcmp(word, "plain") == 0) {
        if (emulator_has_colors(&script->emulator)) {
            script_fail(script, "there are colours");
        }
    } else if (strcmp(word, "colored") == 0) {
        if (!emulator_has_colors(&script->emulator)) {
            script_fail(script, "there are no colours");
        }
    } else if (strcmp(word, "restored") == 0) {
        if (!script_wait_until(script, is_restored, NULL)) {
            script_fail(script, "the program leaves behind: %s",
                        emulator_leftover(&script->emulator));
        }
    } else if (strcmp(word, "ascii") == 0 || strcmp(word, "any-glyphs") == 0) {
        script->ascii = word[1] == 's';
    } else if (strcmp(word, "no-mouse") == 0) {
        if (script->emulator.mouse != 0) {
            script_fail(script, "the mouse is asked for");
        }
    } else if (strcmp(word, "hang-up") == 0) {
        emulator_hang_up(&script->emulator);
    } else {
        script_fail(script, "no such step: %s", word);
    }
}

/* `write NAME` takes the lines up to `end` into a file of the test's folder. */
static const char *step_write(struct script *script, const char *name, const char *rest)
{
    const char *end = strstr(rest, "\nend\n");
    if (strncmp(rest, "end\n", 4) == 0 || end == NULL) {
        script_fail(script, "write %s: no end", name);
        return rest;
    }
    char *text = xstrndup(rest, (size_t)(end - rest) + 1);
    place_write(&script->place, name, text);
    for (const char *at = rest; at < end + 5; at++) {
        script->line += *at == '\n' ? 1 : 0;
    }
    free(text);
    return end + 5;
}

static bool step_wait(struct script *script, const char *word, const char *rest)
{
    if (strcmp(word, "wait") == 0) {
        if (!script_wait_until(script, script_is_there, rest)) {
            script_fail(script, "not seen: %s", rest);
        }
    } else if (strcmp(word, "absent") == 0) {
        if (!script_wait_until(script, is_absent, rest)) {
            script_fail(script, "still there: %s", rest);
        }
    } else if (strcmp(word, "cursor") == 0) {
        if (!script_wait_until(script, cursor_is_on, rest)) {
            script_fail(script, "the cursor is not on the row of: %s", rest);
        }
    } else if (strcmp(word, "match") == 0) {
        step_match(script, rest);
    } else if (strcmp(word, "expect") == 0) {
        script_expect(script, rest);
    } else if (strcmp(word, "picture") == 0) {
        looks_picture(script, rest);
    } else if (strcmp(word, "exit") == 0) {
        step_exit(script, rest);
    } else {
        return false;
    }
    return true;
}

static void run_step(struct script *script, const char *word, const char *rest)
{
    if (step_wait(script, word, rest)) {
        return;
    }
    if (strcmp(word, "run") == 0) {
        step_run(script, rest);
    } else if (strcmp(word, "keys") == 0) {
        script_keys(script, rest);
    } else if (strcmp(word, "paste") == 0) {
        emulator_paste(&script->emulator, rest);
    } else if (strcmp(word, "click") == 0) {
        step_click(script, rest, 1, 1);
    } else if (strcmp(word, "double-click") == 0) {
        step_click(script, rest, 1, 2);
    } else if (strcmp(word, "wheel-up") == 0) {
        step_click(script, rest, 4, 1);
    } else if (strcmp(word, "wheel-down") == 0) {
        step_click(script, rest, 5, 1);
    } else if (strcmp(word, "size") == 0) {
        script_size(script, rest, false);
    } else if (strcmp(word, "resize") == 0) {
        script_size(script, rest, true);
    } else if (strcmp(word, "mask") == 0 || strcmp(word, "mask-right") == 0) {
        script_mask(script, rest, word[4] == '-');
    } else if (strcmp(word, "sizes") == 0) {
        looks_sizes(script, rest);
    } else if (strcmp(word, "signal") == 0) {
        if (!emulator_signal(&script->emulator, rest)) {
            script_fail(script, "no such signal: %s", rest);
        }
    } else if (strcmp(word, "shell") == 0) {
        if (!shell_run(&script->place, &script->emulator, rest, script->limit_ms)) {
            script_fail(script, "it failed, or took too long: %s", rest);
        }
    } else if (strcmp(word, "patience") == 0) {
        script->limit_ms = 1000 * strtol(rest, NULL, 10);
    } else if (strcmp(word, "monkey") == 0) {
        step_monkey(script, rest);
    } else if (strcmp(word, "every-key") == 0) {
        typing_every_key(&script->emulator, rest);
        if (!script->emulator.running) {
            script_fail(script, "the program has ended");
        }
    } else if (strcmp(word, "every-action") == 0) {
        actions_every(script, rest);
    } else if (strcmp(word, "steady") == 0) {
        looks_steady(script, rest);
    } else if (strcmp(word, "frugal") == 0) {
        looks_frugal(script, rest);
    } else if (strcmp(word, "matrix") == 0) {
        looks_matrix(script, rest);
    } else if (strcmp(word, "env") == 0) {
        step_env(script, rest);
    } else {
        step_simple(script, word);
    }
}

static bool needs_program(const char *word)
{
    static const char *const free_steps[] = {"run",   "size", "env",   "mask",    "mask-right",
                                             "write", "test", "shell", "patience"};
    for (size_t i = 0; i < sizeof(free_steps) / sizeof(free_steps[0]); i++) {
        if (strcmp(word, free_steps[i]) == 0) {
            return false;
        }
    }
    return true;
}

static const char *run_line(struct script *script, const char *line, const char *next)
{
    size_t length = strcspn(line, " ");
    char *word = xstrndup(line, length);
    const char *rest = line[length] == ' ' ? line + length + 1 : "";
    if (strcmp(word, "test") == 0) {
        end_test(script);
        script->test = xstrdup(rest);
    } else if (strcmp(word, "write") == 0) {
        next = step_write(script, rest, next);
    } else if (script->failed) {
        /* Nothing after a failure can be relied on. */
    } else if (needs_program(word) && script->emulator.vterm == NULL) {
        script_fail(script, "%s: no program runs", word);
    } else {
        run_step(script, word, rest);
    }
    free(word);
    return next;
}

static void run_lines(struct script *script, const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        char *line = xstrndup(text, length);
        const char *next = text + length + (text[length] == '\n' ? 1 : 0);
        script->line++;
        if (line[0] != '\0' && line[0] != '#') {
            next = run_line(script, line, next);
        }
        free(line);
        text = next;
    }
    end_test(script);
}

int script_run(const char *path, const char *text, bool update)
{
    struct script script = {.path = path, .update = update, .columns = 80, .rows = 24};
    const char *dot = strrchr(path, '.');
    const char *limit = getenv("SCREEN_WAIT_S");
    script.limit_ms = 1000 * (limit == NULL ? 240 : strtol(limit, NULL, 10));
    script.base = dot == NULL ? xstrdup(path) : xstrndup(path, (size_t)(dot - path));
    script.emulator.master = script.emulator.slave = -1;
    place_make(&script.place);
    run_lines(&script, text);
    emulator_stop(&script.emulator);
    shell_end(&script.place);
    place_remove(&script.place);
    for (int i = 0; i < script.mask_count; i++) {
        regfree(&script.masks[i].pattern);
        free(script.masks[i].replacement);
    }
    free(script.base);
    free(script.program);
    printf("1..%d\n", script.tests);
    return script.failures == 0 ? 0 : 1;
}
