/* The verification matrix: images of the drivers with registry Secrets and without, asked of the
 * registries from here. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"
#include "change/pull_check.h"
#include "registry/secret_state.h"
#include "ui/views.h"

enum { IMAGES = 64, SECRETS = 8, COLUMN_WIDTH = 22, ROOMY = 18 };

struct verify {
    char *title;
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

static bool is_meant(const struct csi_driver *driver, const struct view_verify_argument *argument)
{
    return argument->driver == NULL || strcmp(argument->driver, driver->name) == 0;
}

static size_t collect_images(const struct csi_census *census,
                             const struct view_verify_argument *argument,
                             const char *images[IMAGES])
{
    size_t count = 0;
    size_t drivers;
    struct csi_driver *const *rows = csi_census_drivers(census, &drivers);
    for (size_t i = 0; i < drivers; i++) {
        for (size_t j = 0; is_meant(rows[i], argument) && j < rows[i]->workload_count; j++) {
            const struct csi_workload *workload = rows[i]->workloads[j];
            for (size_t k = 0; k < workload->image_count; k++) {
                bool known = count == IMAGES;
                for (size_t l = 0; l < count; l++) {
                    known = known || strcmp(images[l], workload->images[k]) == 0;
                }
                if (!known) {
                    images[count++] = workload->images[k];
                }
            }
        }
    }
    return count;
}

static bool runs_in(const struct csi_census *census, const struct view_verify_argument *argument,
                    const char *ns)
{
    size_t drivers;
    struct csi_driver *const *rows = csi_census_drivers(census, &drivers);
    for (size_t i = 0; i < drivers; i++) {
        for (size_t j = 0; is_meant(rows[i], argument) && j < rows[i]->workload_count; j++) {
            if (strcmp(rows[i]->workloads[j]->ns, ns) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* The one that was named, or the registry Secrets beside the workloads. */
static size_t collect_secrets(const struct csi_census *census,
                              const struct view_verify_argument *argument,
                              struct change_pull_secret secrets[SECRETS])
{
    size_t all;
    size_t count = 0;
    const struct csi_secret *const *rows = csi_census_secrets(census, &all);
    if (argument->secret != NULL) {
        secrets[0] = (struct change_pull_secret){argument->ns, argument->secret};
        return 1;
    }
    for (size_t i = 0; i < all && count < SECRETS; i++) {
        if (registry_secret_data_key(rows[i]->type) != NULL &&
            runs_in(census, argument, rows[i]->ns)) {
            secrets[count++] = (struct change_pull_secret){rows[i]->ns, rows[i]->name};
        }
    }
    return count;
}

static void verify_open(struct ui_view *view, void *argument)
{
    struct verify *state = view->state;
    const struct view_verify_argument *asked = argument;
    const struct ui_model *model = ui_model(view);
    const char *images[IMAGES];
    struct change_pull_secret secrets[SECRETS];
    size_t image_count = collect_images(model->census, asked, images);
    size_t secret_count = collect_secrets(model->census, asked, secrets);
    struct registry_probe_options options = ui_probe_options(view);
    state->app = view->app;
    state->title = asked->driver == NULL
                       ? xstrdup(_("Who may pull the images of the CSI drivers"))
                       : xasprintf(_("Who may pull the images of %s"), asked->driver);
    state->check = change_pull_check_start(model->client, &options, images, image_count, secrets,
                                           secret_count, on_change, state);
    state->list.count = (int)image_count;
}

static void verify_close(struct ui_view *view)
{
    struct verify *state = view->state;
    change_pull_check_free(state->check);
    free(state->title);
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
                                                            : _(cell.word);
    canvas_printf(canvas, row, column, COLUMN_WIDTH - 1, looks[cell.answer].role, "%s %s",
                  canvas_glyph(canvas, looks[cell.answer].glyph), word);
}

/* Where a password went besides the registry, and what is left of its limit. */
static int draw_facts(struct ui_canvas *canvas, int row, struct change_pull_cell cell)
{
    if (cell.realm != NULL && row < canvas->rows) {
        canvas_printf(canvas, row++, 3, canvas->columns - 4, UI_ROLE_INFO,
                      "The credential went to the token server %s, which the registry named.",
                      cell.realm);
    }
    if (cell.rate_remaining >= 0 && row < canvas->rows) {
        canvas_printf(canvas, row++, 3, canvas->columns - 4, UI_ROLE_INFO,
                      "%lld of %lld pulls are left in its rate limit.",
                      (long long)cell.rate_remaining, (long long)cell.rate_limit);
    }
    return row;
}

static void draw_detail(const struct verify *state, struct ui_canvas *canvas, int row)
{
    canvas_rule(canvas, row++,
                _("What the registries say (from this machine, not from the nodes)"));
    if (state->list.count == 0) {
        canvas_put(canvas, row, 1, -1, UI_ROLE_DIM,
                   _("There is no image of a CSI driver to ask for."));
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
            row = draw_facts(canvas, row, cell);
        }
    }
}

static void verify_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct verify *state = view->state;
    size_t columns = change_pull_check_columns(state->check);
    int shown = canvas->columns >= 140 ? 4 : canvas->columns >= 100 ? 3 : 2;
    shown = columns > 0 && (size_t)shown > columns ? (int)columns : shown; /* images get the rest */
    int name = canvas->columns - 2 - shown * COLUMN_WIDTH;
    int detail = canvas->rows < ROOMY ? 5 : 8;
    state->rows = canvas->rows - 2 - detail;
    ui_list_settle(&state->list, state->list.count, state->rows);
    canvas_printf(canvas, 0, 1, -1, UI_ROLE_TITLE, "%s%s", state->title,
                  change_pull_check_done(state->check) ? "" : _(" (asking...)"));
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
    draw_detail(state, canvas, canvas->rows - detail);
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

static void verify_click(struct ui_view *view, int row, int column, bool twice)
{
    struct verify *state = view->state;
    (void)column;
    (void)twice;
    if (row >= 2 && row - 2 < state->rows && state->list.top + row - 2 < state->list.count) {
        state->list.selected = state->list.top + row - 2;
    }
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
                                        .click = verify_click,
                                        .wheel = verify_wheel,
                                        .close = verify_close};
