/* Steps that look at screens in other ways than by their text: as pictures, at every size, by what
 * they cost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/text.h"
#include "invariant.h"
#include "picture.h"
#include "script.h"
#include "script_parts.h"
#include "typing.h"

/* The masked rows, each as wide as the screen, so that characters stay in their columns. */
static char **picture_rows(const struct script *script)
{
    char **rows = xcalloc((size_t)script->emulator.rows + 1, sizeof(char *));
    for (int i = 0; i < script->emulator.rows; i++) {
        char row[EMULATOR_ROW_SIZE];
        struct buffer padded;
        emulator_row(&script->emulator, i, row);
        char *masked = script_mask_row(script, xstrdup(row));
        buffer_init(&padded, EMULATOR_ROW_SIZE);
        text_append_cell(&padded, masked, script->emulator.columns, true);
        free(masked);
        rows[i] = buffer_take(&padded);
    }
    return rows;
}

static char *picture_of(struct script *script, const char *name)
{
    char **rows = picture_rows(script);
    char *title = xasprintf("pullmend: %s", name);
    char *svg = picture_svg(&script->emulator, rows, title);
    for (char **row = rows; *row != NULL; row++) {
        free(*row);
    }
    free(rows);
    free(title);
    return svg;
}

struct picture {
    const char *name;
    const char *expected;
};

static bool is_picture(struct script *script, const void *argument)
{
    const struct picture *picture = argument;
    char *svg = picture_of(script, picture->name);
    bool same = strcmp(svg, picture->expected) == 0;
    free(svg);
    return same;
}

/* $TOP_SRCDIR/doc/NAME.svg is what the screen looks like: written with --update, else compared. */
void looks_picture(struct script *script, const char *name)
{
    const char *top = place_get(&script->place, "TOP_SRCDIR");
    char *path = xasprintf("%s/doc/%s.svg", top == NULL ? "." : top, name);
    char *expected = script_read(path);
    struct picture picture = {name, expected};
    if (script->update) {
        while (emulator_pump(&script->emulator, 700)) {
        }
        char *svg = picture_of(script, name);
        FILE *file = fopen(path, "w");
        if (file == NULL) {
            script_fail(script, "cannot write %s", path);
        } else {
            fputs(svg, file);
            fclose(file);
        }
        free(svg);
    } else if (expected == NULL) {
        script_fail(script, "%s is missing: run make screenshots", path);
    } else if (!script_wait_until(script, is_picture, &picture)) {
        script_fail(script, "%s is not what the screen looks like now: run make screenshots", path);
    }
    free(expected);
    free(path);
}

static const char *const *matrix_sizes(void)
{
    static const char *const sizes[] = {"80x24", "120x40", "60x15", "200x50", NULL};
    return sizes;
}

static bool is_begun_anew(struct script *script, const void *before)
{
    return script->emulator.cleared != *(const unsigned *)before;
}

/* What is on the screen afterwards is of the new size. */
static void change_size(struct script *script, const char *size)
{
    unsigned before = script->emulator.cleared;
    char *now = xasprintf("%dx%d", script->columns, script->rows);
    if (strcmp(now, size) != 0) {
        script_size(script, size, true);
        if (!script_wait_until(script, is_begun_anew, &before)) {
            script_fail(script, "%s: nothing is drawn", size);
        }
    }
    free(now);
}

/* `sizes NAME`: the screen is NAME-80, NAME-120 and NAME-60 at the sizes of these widths, and goes
 * back to the size before. */
void looks_sizes(struct script *script, const char *name)
{
    char *before = xasprintf("%dx%d", script->columns, script->rows);
    for (int i = 0; i < 3 && !script->failed; i++) {
        const char *size = matrix_sizes()[i];
        char *page = xasprintf("%s-%d", name, (int)strtol(size, NULL, 10));
        change_size(script, size);
        script_expect(script, page);
        free(page);
    }
    change_size(script, before);
    free(before);
}

static bool is_sound(struct script *script, const void *ignored)
{
    (void)ignored;
    return invariant_broken(&script->emulator, script->ascii) == NULL;
}

const char *looks_for_faults(struct script *script)
{
    if (is_sound(script, NULL) || script_wait_until(script, is_sound, NULL)) {
        return NULL;
    }
    return invariant_broken(&script->emulator, script->ascii);
}

/* `matrix KEYS [=> TEXT]`: from the first view types KEYS in each size, waits for TEXT, looks
 * whether what holds for every screen holds, and goes back. */
void looks_matrix(struct script *script, const char *text)
{
    const char *arrow = strstr(text, " => ");
    char *keys = arrow == NULL ? xstrdup(text) : xstrndup(text, (size_t)(arrow - text));
    for (const char *const *size = matrix_sizes(); *size != NULL && !script->failed; size++) {
        script_size(script, *size, true);
        script_keys(script, keys);
        if (arrow != NULL && !script_wait_until(script, script_is_there, arrow + 4)) {
            script_fail(script, "%s: not seen: %s", *size, arrow + 4);
        }
        while (emulator_pump(&script->emulator, 30)) {
        }
        const char *broken = looks_for_faults(script);
        if (broken != NULL) {
            script_fail(script, "%s: %s", *size, broken);
        }
        typing_back(&script->emulator);
    }
    free(keys);
}

/* `frugal BYTES KEYS`: what KEYS make the program write is at most so much, as a slow link wants.
 */
void looks_frugal(struct script *script, const char *text)
{
    char *keys = NULL;
    unsigned long limit = strtoul(text, &keys, 10);
    while (emulator_pump(&script->emulator, 300)) {
    }
    size_t before = script->emulator.received;
    script_keys(script, keys + strspn(keys, " "));
    while (emulator_pump(&script->emulator, 300)) {
    }
    size_t written = script->emulator.received - before;
    printf("# %s: %zu bytes\n", text, written);
    if (written == 0 || written > limit) {
        script_fail(script, "%zu bytes were written, %lu are allowed", written, limit);
    }
}

/* Resident memory of the program in KiB; 0 where it cannot be seen. */
static long memory_of(const struct emulator *emulator)
{
    char *path = xasprintf("/proc/%d/statm", (int)emulator->pid);
    char *text = script_read(path);
    long all = 0;
    long resident = 0;
    if (text != NULL && sscanf(text, "%ld %ld", &all, &resident) != 2) {
        resident = 0;
    }
    free(text);
    free(path);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* `steady COUNT`: resizes so often, waits for a frame each time; the second half must not need more
 * memory than the first. */
void looks_steady(struct script *script, const char *text)
{
    enum { SLACK_KIB = 4096 };
    long count = strtol(text, NULL, 10);
    long half = 0;
    for (long i = 0; i < count && !script->failed; i++) {
        script_size(script, matrix_sizes()[i % 4], true);
        while (!emulator_pump(&script->emulator, 200) && script->emulator.running) {
        }
        half = i == count / 2 ? memory_of(&script->emulator) : half;
    }
    long end = memory_of(&script->emulator);
    printf("# %ld frames: %ld KiB at half, %ld KiB at the end\n", count, half, end);
    if (end > half + half / 10 + SLACK_KIB) {
        script_fail(script, "memory grows: %ld KiB at half, %ld KiB at the end", half, end);
    }
}
