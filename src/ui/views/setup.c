/* The guided way, five steps with one question each: cluster, driver, credential, preview, apply.
 * The last two are the preview's and the rollout's own views; answers stay when one goes back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "change/pull_check.h"
#include "ui/fixes.h"
#include "ui/rights.h"
#include "ui/source.h"
#include "ui/views.h"
#include "ui/widgets.h"

enum step { STEP_CLUSTER, STEP_DRIVER, STEP_CREDENTIAL, STEP_PREVIEW, STEP_END, STEP_COUNT };

enum { IMAGES = 64, FINDINGS = 64 };

struct setup {
    enum step step;
    struct rights rights;
    struct ui_list drivers;
    char *driver; /* the chosen one */
    struct change_pull_check *check;
    struct ui_list fixes;
    bool changing; /* a preview was opened for the chosen driver */
    int rows;
};

static const enum ui_action actions[] = {UI_GO_ON,  UI_GO_BACK,   UI_CONTEXTS,
                                         UI_RIGHTS, UI_KUBESPRAY, UI_NONE};

static const char *const titles[STEP_COUNT] = {N_("Cluster"), N_("Driver"), N_("Credential"),
                                               N_("Preview"), N_("Apply")};

/* --- What the steps are about -------------------------------------------------------------------
 */

static const struct csi_driver *chosen_driver(const struct ui_view *view)
{
    const struct setup *state = view->state;
    return state->driver == NULL ? NULL : csi_census_driver(ui_model(view)->census, state->driver);
}

/* What is to be mended at the chosen driver: the first finding with a way out. */
static const struct csi_finding *chosen_finding(const struct ui_view *view)
{
    const struct csi_finding *found[FINDINGS];
    const struct csi_driver *driver = chosen_driver(view);
    size_t count =
        driver == NULL ? 0 : ui_findings_about(ui_model(view), driver, NULL, NULL, found, FINDINGS);
    for (size_t i = 0; i < count; i++) {
        if (found[i]->fix_count > 0 && found[i]->severity > CSI_INFO) {
            return found[i];
        }
    }
    return NULL;
}

static void on_answer(void *context)
{
    ui_invalidate(context);
}

/* Can the driver's images be pulled without a credential? */
static void ask_registries(struct ui_view *view)
{
    struct setup *state = view->state;
    const struct csi_driver *driver = chosen_driver(view);
    const char *images[IMAGES];
    size_t count = 0;
    for (size_t i = 0; driver != NULL && i < driver->workload_count; i++) {
        for (size_t j = 0; j < driver->workloads[i]->image_count; j++) {
            bool known = false;
            for (size_t k = 0; k < count; k++) {
                known = known || strcmp(images[k], driver->workloads[i]->images[j]) == 0;
            }
            if (!known && count < IMAGES) {
                images[count++] = driver->workloads[i]->images[j];
            }
        }
    }
    change_pull_check_free(state->check);
    struct registry_probe_options options = ui_probe_options(view);
    state->check = change_pull_check_start(ui_model(view)->client, &options, images, count, NULL, 0,
                                           on_answer, view->app);
}

static void setup_open(struct ui_view *view, void *argument)
{
    struct setup *state = view->state;
    (void)argument;
    rights_ask(&state->rights, view->app, ui_model(view)->client, ui_model(view)->options->ns);
}

static void setup_close(struct ui_view *view)
{
    struct setup *state = view->state;
    rights_stop(&state->rights);
    change_pull_check_free(state->check);
    free(state->driver);
}

static void setup_update(struct ui_view *view)
{
    struct setup *state = view->state;
    size_t count;
    csi_census_drivers(ui_model(view)->census, &count);
    ui_list_settle(&state->drivers, (int)count, state->rows);
    /* Back from a change that mended it: the end. */
    if (state->changing && chosen_finding(view) == NULL && view->app != NULL) {
        state->changing = false;
        state->step = STEP_END;
    }
}

/* --- Drawing ------------------------------------------------------------------------------------
 */

static void draw_steps(const struct setup *state, struct ui_canvas *canvas)
{
    int column = 1;
    for (int i = 0; i < STEP_COUNT; i++) {
        bool now = i == (int)state->step;
        bool past = i < (int)state->step;
        column += canvas_printf(canvas, 0, column, -1,
                                now    ? UI_ROLE_SELECTED
                                : past ? UI_ROLE_GOOD
                                       : UI_ROLE_DIM,
                                " %d %s%s ", i + 1, _(titles[i]),
                                past ? canvas_glyph(canvas, GLYPH_GOOD) : "");
        column += 1;
    }
}

static void draw_cluster(const struct ui_view *view, struct ui_canvas *canvas, int row)
{
    const struct setup *state = view->state;
    const struct ui_model *model = ui_model(view);
    const struct kube_config *config = model->options->config;
    const struct csi_follow_state *follow = csi_follow_state(model->follow);
    row += canvas_wrap(canvas, row, 1, canvas->columns - 2, 2, UI_ROLE_TEXT,
                       _("Is this the cluster that you want to look at? Nothing is changed before "
                         "step 5, and every change is shown first.")) +
           1;
    canvas_printf(canvas, row++, 3, -1, UI_ROLE_TITLE, "context  %s%s", kube_config_context(config),
                  model->options->demo ? _(" (simulated: nothing can break)") : "");
    canvas_printf(canvas, row++, 3, -1, UI_ROLE_TEXT, "server   %s %s", kube_config_server(config),
                  follow->server_version);
    canvas_printf(canvas, row++, 3, -1, UI_ROLE_TEXT, "user     %s", kube_config_user(config));
    row++;
    canvas_put(canvas, row++, 1, -1, UI_ROLE_TITLE, _("What you may do there"));
    row += rights_draw(&state->rights, canvas, row);
    if (rights_missing(&state->rights) > 0) {
        canvas_wrap(
            canvas, row + 1, 1, canvas->columns - 2, 2, UI_ROLE_WARNING,
            _("Some rights are missing. You can go on as far as they reach; w shows what to "
              "ask your administrator for."));
    }
}

static void draw_drivers(const struct ui_view *view, struct ui_canvas *canvas, int row)
{
    struct setup *state = view->state;
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(ui_model(view)->census, &count);
    row +=
        canvas_wrap(canvas, row, 1, canvas->columns - 2, 3, UI_ROLE_TEXT,
                    _("Which storage driver do you want to mend? A CSI driver is the part of the "
                      "cluster that gives pods their volumes; these were found.")) +
        1;
    state->rows = canvas->rows - row;
    ui_list_settle(&state->drivers, (int)count, state->rows);
    if (count == 0) {
        canvas_put(canvas, row, 3, -1, UI_ROLE_DIM,
                   csi_follow_state(ui_model(view)->follow)->complete
                       ? _("No CSI driver runs in this cluster: there is nothing to mend.")
                       : _("Still looking..."));
    }
    for (int i = 0; i < state->rows && state->drivers.top + i < (int)count; i++) {
        const struct csi_driver *driver = drivers[state->drivers.top + i];
        bool selected = state->drivers.top + i == state->drivers.selected;
        bool broken = driver->broken_pods > 0;
        int used = canvas_printf(canvas, row + i, 2, canvas->columns / 2,
                                 selected ? UI_ROLE_SELECTED : UI_ROLE_TEXT, " %s ", driver->name);
        canvas_printf(canvas, row + i, 4 + used, -1, broken ? UI_ROLE_BAD : UI_ROLE_GOOD,
                      "%s %zu of %zu pods broken",
                      canvas_glyph(canvas, broken ? GLYPH_BAD : GLYPH_GOOD), driver->broken_pods,
                      driver->pod_count);
        if (selected) {
            canvas_cursor(canvas, row + i, 2, false);
        }
    }
}

/* What the registries said to no credential at all; one line. */
static int draw_test(const struct setup *state, struct ui_canvas *canvas, int row)
{
    size_t good = 0;
    size_t refused = 0;
    size_t count = state->check == NULL ? 0 : change_pull_check_images(state->check);
    for (size_t i = 0; i < count; i++) {
        struct change_pull_cell cell = change_pull_check_cell(state->check, i, 0);
        good += cell.answer == CHANGE_PULL_GOOD ? 1 : 0;
        refused += cell.answer == CHANGE_PULL_BAD ? 1 : 0;
    }
    if (count == 0) {
        return 0;
    }
    if (!change_pull_check_done(state->check)) {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_INFO,
                      "Asking the registries whether the %zu images are public...", count);
    } else if (good == count) {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_GOOD,
                      "%s All %zu images are public: they need no credential.",
                      canvas_glyph(canvas, GLYPH_GOOD), count);
    } else {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_WARNING,
                      "%s %zu of %zu images are public; %zu could not be asked for from here or "
                      "need a credential.",
                      canvas_glyph(canvas, GLYPH_WARNING), good, count, refused);
    }
    return 2;
}

static void draw_credential(struct ui_view *view, struct ui_canvas *canvas, int row)
{
    struct setup *state = view->state;
    const struct csi_finding *finding = chosen_finding(view);
    if (finding == NULL) {
        canvas_wrap(canvas, row, 1, canvas->columns - 2, 3, UI_ROLE_GOOD,
                    _("Nothing is wrong with this driver's pull secrets. Go on to the end, or back "
                      "to choose another driver."));
        return;
    }
    row += canvas_wrap(canvas, row, 1, canvas->columns - 2, 2, UI_ROLE_WARNING, finding->message);
    row += canvas_wrap(canvas, row, 1, canvas->columns - 2, 4, UI_ROLE_TEXT, finding->explanation);
    row += 1 + draw_test(state, canvas, row + 1);
    canvas_put(canvas, row++, 1, -1, UI_ROLE_TITLE, _("What shall be done?"));
    ui_list_settle(&state->fixes, (int)finding->fix_count, canvas->rows - row);
    for (size_t i = 0; i < finding->fix_count && row < canvas->rows; i++, row++) {
        char label[256];
        bool selected = (int)i == state->fixes.selected;
        csi_fix_label(&finding->fixes[i], i + 1, label, sizeof(label));
        canvas_printf(canvas, row, 2, canvas->columns - 3,
                      selected ? UI_ROLE_SELECTED : UI_ROLE_TEXT, " %s ", label);
        if (selected) {
            canvas_cursor(canvas, row, 2, false);
        }
    }
}

static void draw_end(struct ui_view *view, struct ui_canvas *canvas, int row)
{
    const struct ui_model *model = ui_model(view);
    const struct setup *state = view->state;
    struct csi_totals totals = csi_census_totals(model->census);
    if (chosen_driver(view) != NULL && chosen_finding(view) == NULL) {
        canvas_printf(canvas, row++, 1, -1, UI_ROLE_GOOD, "%s %s is in order.",
                      canvas_glyph(canvas, GLYPH_GOOD), state->driver);
    }
    if (totals.broken_pods == 0) {
        canvas_printf(canvas, row++, 1, -1, UI_ROLE_GOOD,
                      "%s Every pull-secret reference of %zu pods in %zu drivers is sound.",
                      canvas_glyph(canvas, GLYPH_GOOD), totals.pods, totals.drivers);
    } else {
        canvas_printf(canvas, row++, 1, -1, UI_ROLE_WARNING,
                      "%s %zu pods still name a broken pull secret; go back to step 2 for them.",
                      canvas_glyph(canvas, GLYPH_WARNING), totals.broken_pods);
    }
    row++;
    for (size_t i = 0; i < model->findings->count && row < canvas->rows - 4; i++) {
        const struct csi_finding *finding = &model->findings->items[i];
        row += canvas_wrap(canvas, row, 3, canvas->columns - 4, 2,
                           finding->severity == CSI_ERROR ? UI_ROLE_BAD : UI_ROLE_TEXT,
                           finding->message);
    }
    row++;
    if (source_driver(model->census, state->driver) != NULL) {
        row += canvas_wrap(canvas, row, 1, canvas->columns - 2, 2, UI_ROLE_TEXT,
                           _("Was it made with Kubespray? Its next run would bring its own "
                             "manifests back: K mends the source too."));
    }
    canvas_put(canvas, row, 1, -1, UI_ROLE_DIM,
               _("Enter opens the overview; pullmend monitor watches from now on."));
}

static void setup_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    const struct setup *state = view->state;
    draw_steps(state, canvas);
    switch (state->step) {
    case STEP_CLUSTER:
        draw_cluster(view, canvas, 2);
        break;
    case STEP_DRIVER:
        draw_drivers(view, canvas, 2);
        break;
    case STEP_CREDENTIAL:
    case STEP_PREVIEW:
        draw_credential(view, canvas, 2);
        break;
    default:
        draw_end(view, canvas, 2);
        break;
    }
}

/* --- Keys ---------------------------------------------------------------------------------------
 */

static void choose_driver(struct ui_view *view)
{
    struct setup *state = view->state;
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(ui_model(view)->census, &count);
    if (state->drivers.selected >= (int)count) {
        ui_say(view->app, UI_ROLE_INFO, "There is no driver to choose yet.");
        return;
    }
    const char *name = drivers[state->drivers.selected]->name;
    if (state->driver == NULL || strcmp(state->driver, name) != 0) {
        free(state->driver);
        state->driver = xstrdup(name);
        state->fixes = (struct ui_list){0};
        ask_registries(view);
    }
    state->step = STEP_CREDENTIAL;
}

static void start_change(struct ui_view *view)
{
    struct setup *state = view->state;
    const struct csi_finding *finding = chosen_finding(view);
    if (finding == NULL) {
        state->step = STEP_END;
    } else if (!ui_refuses(view->app, UI_FIX)) {
        state->changing = true;
        ui_start_fix(view->app, finding, (size_t)state->fixes.selected);
    }
}

static void go_on(struct ui_view *view)
{
    struct setup *state = view->state;
    switch (state->step) {
    case STEP_CLUSTER:
        state->step = STEP_DRIVER;
        break;
    case STEP_DRIVER:
        choose_driver(view);
        break;
    case STEP_CREDENTIAL:
    case STEP_PREVIEW:
        start_change(view);
        break;
    default:
        ui_push(view->app, &view_overview, NULL);
        break;
    }
}

static bool setup_act(struct ui_view *view, enum ui_action action)
{
    struct setup *state = view->state;
    struct ui_list *list = state->step == STEP_DRIVER ? &state->drivers : &state->fixes;
    if (ui_list_act(list, action, state->rows > 0 ? state->rows : 10)) {
        return true;
    }
    switch (action) {
    case UI_GO_ON:
        go_on(view);
        return true;
    case UI_GO_BACK:
        if (state->step > STEP_CLUSTER) {
            state->step = state->step == STEP_END ? STEP_CREDENTIAL : state->step - 1;
        } else {
            ui_say(view->app, UI_ROLE_INFO, "This is the first step; q leaves.");
        }
        return true;
    case UI_KUBESPRAY:
        ui_push(view->app, &view_kubespray, state->driver);
        return true;
    case UI_CONTEXTS:
        ui_push(view->app, &view_contexts, NULL);
        return true;
    case UI_RIGHTS:
        ui_push(view->app, &view_rights, &state->rights);
        return true;
    default:
        return false;
    }
}

const struct ui_view_ops view_setup = {.name = "setup",
                                       .title = N_("Setup, step by step"),
                                       .state_size = sizeof(struct setup),
                                       .actions = actions,
                                       .open = setup_open,
                                       .draw = setup_draw,
                                       .act = setup_act,
                                       .update = setup_update,
                                       .close = setup_close};
