/* The verification matrix: every image of a driver with every registry Secret, asked of the
 * registries from here. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"
#include "change/pull_check.h"
#include "registry/secret_state.h"
#include "ui/views.h"

enum { IMAGES = 64, SECRETS = 8, COLUMN_WIDTH = 22 };

struct verify {
    char *driver;
    struct ui_app *app;
    struct change_pull_check *check;
    struct ui_list list;
    int rows;
    int first; /* the first column shown */
};

static const enum ui_action actions[] = {UI_LEFT, UI_RIGHT, UI_NONE};

static void on_change(void *context)
{
    struct verify *state = context;
    ui_invalidate(state->app);
}

static size_t collect_images(const struct csi_driver *driver, const char *images[IMAGES])
{
    size_t count = 0;
    for (size_t i = 0; i < driver->workload_count; i++) {
        const struct csi_workload *workload = driver->workloads[i];
        for (size_t j = 0; j < workload->image_count && count < IMAGES; j++) {
            bool known = false;
            for (size_t k = 0; k < count; k++) {
                known = known || strcmp(images[k], workload->images[j]) == 0;
            }
            if (!known) {
                images[count++] = workload->images[j];
            }
        }
    }
    return count;
}

static bool driver_is_in(const struct csi_driver *driver, const char *ns)
{
    for (size_t i = 0; i < driver->workload_count; i++) {
        if (strcmp(driver->workloads[i]->ns, ns) == 0) {
            return true;
        }
    }
    return false;
}

/* The registry Secrets beside the driver's workloads. */
static size_t collect_secrets(const struct csi_census *census, const struct csi_driver *driver,
                              struct change_pull_secret secrets[SECRETS])
{
    size_t all;
    size_t count = 0;
    const struct csi_secret *const *rows = csi_census_secrets(census, &all);
    for (size_t i = 0; i < all && count < SECRETS; i++) {
        if (registry_secret_data_key(rows[i]->type) != NULL && driver_is_in(driver, rows[i]->ns)) {
            secrets[count++] = (struct change_pull_secret){rows[i]->ns, rows[i]->name};
        }
    }
    return count;
}

static void verify_open(struct ui_view *view, void *argument)
{
    struct verify *state = view->state;
    const struct csi_driver *driver = argument;
    const struct ui_model *model = ui_model(view);
    const char *images[IMAGES];
    struct change_pull_secret secrets[SECRETS];
    size_t image_count = collect_images(driver, images);
    size_t secret_count = collect_secrets(model->census, driver, secrets);
    state->app = view->app;
    state->driver = xstrdup(driver->name);
    state->check = change_pull_check_start(model->client, images, image_count, secrets,
                                           secret_count, on_change, state);
    state->list.count = (int)image_count;
}

static void verify_close(struct ui_view *view)
{
    struct verify *state = view->state;
    change_pull_check_free(state->check);
    free(state->driver);
}

static void draw_cell(struct ui_canvas *canvas, int row, int column, struct change_pull_cell cell)
{
    static const struct {
        enum ui_glyph glyph;
        enum ui_role role;
    } looks[] = {
        [CHANGE_PULL_NOT_ASKED] = {GLYPH_DASH, UI_ROLE_DIM},
        [CHANGE_PULL_ASKING] = {GLYPH_BULLET, UI_ROLE_INFO},
        [CHANGE_PULL_GOOD] = {GLYPH_GOOD, UI_ROLE_GOOD},
        [CHANGE_PULL_BAD] = {GLYPH_BAD, UI_ROLE_BAD},
    };
    const char *word = cell.answer == CHANGE_PULL_NOT_ASKED ? _("no entry")
                       : cell.answer == CHANGE_PULL_ASKING  ? _("asking...")
                                                            : cell.word;
    canvas_printf(canvas, row, column, COLUMN_WIDTH - 1, looks[cell.answer].role, "%s %s",
                  canvas_glyph(canvas, looks[cell.answer].glyph), word);
}

static void draw_detail(const struct verify *state, struct ui_canvas *canvas, int row)
{
    canvas_rule(canvas, row++,
                _("What the registries say (from this machine, not from the nodes)"));
    if (state->list.count == 0) {
        return;
    }
    size_t image = (size_t)state->list.selected;
    for (size_t i = 0; i < change_pull_check_columns(state->check) && row < canvas->rows; i++) {
        struct change_pull_cell cell = change_pull_check_cell(state->check, image, i);
        const char *trouble = change_pull_check_trouble(state->check, i);
        const char *text = trouble != NULL ? trouble : cell.message;
        if (text != NULL) {
            char *line = xasprintf("%s: %s", change_pull_check_column(state->check, i), text);
            row += canvas_wrap(canvas, row, 1, canvas->columns - 2, canvas->rows - row,
                               trouble != NULL || cell.answer == CHANGE_PULL_BAD ? UI_ROLE_BAD
                                                                                 : UI_ROLE_TEXT,
                               line);
            free(line);
        }
    }
}

static void verify_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct verify *state = view->state;
    size_t columns = change_pull_check_columns(state->check);
    int shown = canvas->columns >= 140 ? 4 : canvas->columns >= 100 ? 3 : 2;
    int name = canvas->columns - 2 - shown * COLUMN_WIDTH;
    state->rows = canvas->rows - 10;
    ui_list_settle(&state->list, state->list.count, state->rows);
    canvas_printf(canvas, 0, 1, -1, UI_ROLE_TITLE, "Who may pull the images of %s%s", state->driver,
                  change_pull_check_done(state->check) ? "" : " (asking...)");
    canvas_fill(canvas, 1, UI_ROLE_COLUMNS);
    canvas_put(canvas, 1, 1, name, UI_ROLE_COLUMNS, _("IMAGE"));
    for (int i = 0; i < shown && (size_t)(state->first + i) < columns; i++) {
        canvas_put(canvas, 1, 1 + name + i * COLUMN_WIDTH, COLUMN_WIDTH - 1, UI_ROLE_COLUMNS,
                   change_pull_check_column(state->check, (size_t)(state->first + i)));
    }
    for (int i = 0; i < state->rows && state->list.top + i < state->list.count; i++) {
        int at = state->list.top + i;
        bool selected = at == state->list.selected;
        canvas_put(canvas, 2 + i, 1, name - 1, selected ? UI_ROLE_SELECTED : UI_ROLE_TEXT,
                   change_pull_check_image(state->check, (size_t)at));
        for (int j = 0; j < shown && (size_t)(state->first + j) < columns; j++) {
            draw_cell(canvas, 2 + i, 1 + name + j * COLUMN_WIDTH,
                      change_pull_check_cell(state->check, (size_t)at, (size_t)(state->first + j)));
        }
        if (selected) {
            canvas_cursor(canvas, 2 + i, 1, false);
        }
    }
    draw_detail(state, canvas, canvas->rows - 8);
}

static bool verify_act(struct ui_view *view, enum ui_action action)
{
    struct verify *state = view->state;
    int last = (int)change_pull_check_columns(state->check) - 1;
    if (action == UI_LEFT || action == UI_RIGHT) {
        state->first += action == UI_LEFT ? -1 : 1;
        state->first = state->first < 0 ? 0 : state->first > last ? last : state->first;
        return true;
    }
    return ui_list_act(&state->list, action, state->rows);
}

static void verify_wheel(struct ui_view *view, int rows)
{
    struct verify *state = view->state;
    ui_list_wheel(&state->list, rows, state->rows);
}

const struct ui_view_ops view_verify = {.name = "verify",
                                        .title = N_("Who may pull which image"),
                                        .state_size = sizeof(struct verify),
                                        .actions = actions,
                                        .open = verify_open,
                                        .draw = verify_draw,
                                        .act = verify_act,
                                        .wheel = verify_wheel,
                                        .close = verify_close};
