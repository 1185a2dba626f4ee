/* The guided way: what the keys do in its steps. Answers stay when one goes back, and are there
 * when one comes back another day. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "ui/app.h"
#include "ui/fixes.h"
#include "ui/setup.h"
#include "ui/views.h"

enum { IMAGES = 64, FINDINGS = 64 };

static const enum ui_action actions[] = {UI_GO_ON,    UI_GO_BACK, UI_TICK,  UI_RIGHTS, UI_KUBESPRAY,
                                         UI_CONTEXTS, UI_FIX_1,   UI_FIX_2, UI_FIX_3,  UI_FIX_4,
                                         UI_FIX_5,    UI_FIX_6,   UI_SKIP,  UI_NONE};

/* --- What the steps are about -------------------------------------------------------------------
 */

const struct csi_finding *setup_finding(const struct ui_model *model, const char *name)
{
    const struct csi_finding *found[FINDINGS];
    const struct csi_driver *driver = csi_census_driver(model->census, name);
    size_t count =
        driver == NULL ? 0 : ui_findings_about(model, driver, NULL, NULL, found, FINDINGS);
    for (size_t i = 0; i < count; i++) {
        /* What is only worth knowing needs no decision, unless a reference is broken. */
        bool matters = found[i]->severity > CSI_INFO || driver->broken_pods > 0;
        if (found[i]->fix_count > 0 && matters) {
            return found[i];
        }
    }
    return NULL;
}

static int way_to(const struct csi_finding *finding, enum csi_change change)
{
    for (size_t i = 0; i < finding->fix_count; i++) {
        if (finding->fixes[i].change == change) {
            return (int)i;
        }
    }
    return -1;
}

int setup_suggestion(const struct setup *setup, const struct csi_finding *finding)
{
    size_t count = setup->check == NULL ? 0 : change_pull_check_images(setup->check);
    bool all_public = count > 0 && change_pull_check_done(setup->check);
    for (size_t i = 0; all_public && i < count; i++) {
        all_public = change_pull_check_cell(setup->check, i, 0).answer == CHANGE_PULL_GOOD;
    }
    return all_public ? way_to(finding, CSI_CHANGE_DROP_REFERENCE) : -1;
}

struct setup_choice *setup_add_choice(struct setup *setup, const char *driver)
{
    setup->choices =
        xgrow(setup->choices, setup->count, &setup->capacity, sizeof(struct setup_choice));
    struct setup_choice *choice = &setup->choices[setup->count++];
    *choice = (struct setup_choice){.driver = xstrdup(driver)};
    return choice;
}

static struct setup_choice *find_choice(struct setup *setup, const char *driver)
{
    for (size_t i = 0; i < setup->count; i++) {
        if (strcmp(setup->choices[i].driver, driver) == 0) {
            return &setup->choices[i];
        }
    }
    return NULL;
}

static struct setup_choice *current(struct setup *setup)
{
    return setup->at < setup->count ? &setup->choices[setup->at] : NULL;
}

/* --- Asking -------------------------------------------------------------------------------------
 */

/* The way that the answers speak for is selected, unless a person has chosen one. */
static void suggest(struct ui_view *view)
{
    struct setup *setup = view->state;
    struct setup_choice *choice = current(setup);
    const struct csi_finding *finding =
        choice == NULL ? NULL : setup_finding(ui_model(view), choice->driver);
    if (finding == NULL || choice->way_set) {
        return;
    }
    int suggestion = setup_suggestion(setup, finding);
    choice->way = suggestion < 0 ? 0 : suggestion;
    setup->ways.selected = choice->way;
}

static void on_answer(void *context)
{
    struct ui_view *view = context;
    suggest(view);
    ui_invalidate(view->app);
}

static void on_right(void *context)
{
    ui_invalidate(context);
}

/* Can the driver's images be pulled without a credential? */
static void ask_registries(struct ui_view *view)
{
    struct setup *setup = view->state;
    const struct setup_choice *choice = current(setup);
    const struct csi_driver *driver = csi_census_driver(ui_model(view)->census, choice->driver);
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
    change_pull_check_free(setup->check);
    struct registry_probe_options options = ui_probe_options(view);
    setup->check = change_pull_check_start(ui_model(view)->client, &options, images, count, NULL, 0,
                                           on_answer, view);
}

static void remember(const struct ui_view *view)
{
    const struct setup *setup = view->state;
    if (setup->step == SETUP_END || setup->step == SETUP_CLUSTER) {
        setup_memory_forget();
    } else {
        setup_memory_save(kube_config_server(ui_model(view)->options->config), setup);
    }
}

/* --- From step to step --------------------------------------------------------------------------
 */

static void enter_choice(struct ui_view *view, size_t at)
{
    struct setup *setup = view->state;
    setup->at = at;
    setup->step = SETUP_CREDENTIAL;
    setup->ways = (struct ui_list){.selected = setup->choices[at].way};
    ask_registries(view);
    remember(view);
}

/* The next ticked driver that is not decided, from that one on; the end if there is none. */
static void next_choice(struct ui_view *view, size_t from)
{
    struct setup *setup = view->state;
    for (size_t i = from; i < setup->count; i++) {
        const struct setup_choice *choice = &setup->choices[i];
        if (choice->ticked && choice->answer == SETUP_OPEN) {
            enter_choice(view, i);
            return;
        }
    }
    setup->step = SETUP_END;
    remember(view);
}

static void take_drivers(struct ui_view *view)
{
    struct setup *setup = view->state;
    const struct ui_model *model = ui_model(view);
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(model->census, &count);
    for (size_t i = 0; i < count; i++) {
        struct setup_choice *choice = find_choice(setup, drivers[i]->name);
        if (choice == NULL) {
            choice = setup_add_choice(setup, drivers[i]->name);
        }
        if (!choice->chosen) {
            choice->ticked = drivers[i]->broken_pods > 0;
        }
    }
    ui_list_settle(&setup->drivers, (int)setup->count, setup->rows);
}

static void setup_update(struct ui_view *view)
{
    take_drivers(view);
}

/* Back from the preview or the rollout: mended, or only looked at. Known when the setup is drawn
 * again; before that a preview may have given its place to a rollout. */
static void come_back(struct ui_view *view)
{
    struct setup *setup = view->state;
    struct setup_choice *choice = current(setup);
    setup->changing = false;
    if (choice != NULL && setup_finding(ui_model(view), choice->driver) == NULL) {
        choice->answer = SETUP_MENDED;
        next_choice(view, setup->at + 1);
    }
}

static void setup_open(struct ui_view *view, void *argument)
{
    struct setup *setup = view->state;
    const struct ui_model *model = ui_model(view);
    (void)argument;
    change_rights_ask(&setup->rights, model->client, model->options->ns, on_right, view->app);
    setup->resumed = setup_memory_load(kube_config_server(model->options->config), setup);
    take_drivers(view);
    if (setup->resumed && setup->step > SETUP_CLUSTER) {
        if (setup->step == SETUP_CREDENTIAL && setup->at < setup->count) {
            enter_choice(view, setup->at);
        } else {
            setup->step = SETUP_DRIVER;
        }
        ui_say(view->app, UI_ROLE_INFO,
               "Going on where you left off; the steps before are still "
               "there.");
    }
}

static void setup_close(struct ui_view *view)
{
    struct setup *setup = view->state;
    change_rights_stop(&setup->rights);
    change_pull_check_free(setup->check);
    for (size_t i = 0; i < setup->count; i++) {
        free(setup->choices[i].driver);
    }
    free(setup->choices);
}

static void setup_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct setup *setup = view->state;
    if (setup->changing) {
        come_back(view);
    }
    setup_draw_step(ui_model(view), setup, canvas);
}

/* --- Keys ---------------------------------------------------------------------------------------
 */

static void leave_as_it_is(struct ui_view *view)
{
    struct setup *setup = view->state;
    struct setup_choice *choice = current(setup);
    choice->answer = SETUP_LEFT;
    next_choice(view, setup->at + 1);
}

static void start_change(struct ui_view *view)
{
    struct setup *setup = view->state;
    struct setup_choice *choice = current(setup);
    const struct csi_finding *finding = setup_finding(ui_model(view), choice->driver);
    if (finding == NULL) {
        choice->answer = SETUP_MENDED;
        next_choice(view, setup->at + 1);
        return;
    }
    choice->way = setup->ways.selected;
    choice->way_set = true;
    if (choice->way >= (int)finding->fix_count) {
        leave_as_it_is(view);
    } else if (!ui_refuses(view->app, UI_FIX)) {
        setup->changing = true;
        remember(view);
        ui_start_fix(view->app, finding, (size_t)choice->way);
        setup->changing = view->app->top != view;
    }
}

static void choose_way(struct ui_view *view, int way)
{
    struct setup *setup = view->state;
    const struct setup_choice *choice = current(setup);
    const struct csi_finding *finding = setup->step != SETUP_CREDENTIAL || choice == NULL
                                            ? NULL
                                            : setup_finding(ui_model(view), choice->driver);
    if (finding != NULL && way <= (int)finding->fix_count) {
        setup->ways.selected = way;
        start_change(view);
    }
}

static void tick(struct setup *setup)
{
    if (setup->step == SETUP_DRIVER && setup->drivers.selected < (int)setup->count) {
        struct setup_choice *choice = &setup->choices[setup->drivers.selected];
        choice->ticked = !choice->ticked;
        choice->chosen = true;
    }
}

/* Who says where to go on has decided anew about what is still wrong. */
static void leave_drivers(struct ui_view *view)
{
    struct setup *setup = view->state;
    if (setup->count == 0 && !ui_model_is_known(ui_model(view))) {
        ui_say(view->app, UI_ROLE_INFO, "The cluster could not be read yet.");
        return;
    }
    for (size_t i = 0; i < setup->count; i++) {
        setup->choices[i].chosen = true;
        setup->choices[i].answer = SETUP_OPEN;
    }
    next_choice(view, 0);
}

static void go_on(struct ui_view *view)
{
    struct setup *setup = view->state;
    switch (setup->step) {
    case SETUP_CLUSTER:
        setup->step = SETUP_DRIVER;
        remember(view);
        break;
    case SETUP_DRIVER:
        leave_drivers(view);
        break;
    case SETUP_CREDENTIAL:
    case SETUP_PREVIEW:
        start_change(view);
        break;
    default:
        ui_push(view->app, &view_overview, NULL);
        break;
    }
}

static void go_back(struct ui_view *view)
{
    struct setup *setup = view->state;
    if (setup->step == SETUP_CLUSTER) {
        ui_say(view->app, UI_ROLE_INFO, "This is the first step; q leaves.");
        return;
    }
    setup->step = setup->step == SETUP_DRIVER ? SETUP_CLUSTER : SETUP_DRIVER;
    remember(view);
}

static bool setup_move(struct setup *setup, enum ui_action action)
{
    if (setup->step == SETUP_DRIVER) {
        return ui_list_act(&setup->drivers, action, setup->rows);
    }
    if (setup->step == SETUP_CREDENTIAL && ui_list_act(&setup->ways, action, setup->rows)) {
        struct setup_choice *choice = current(setup);
        choice->way = setup->ways.selected;
        choice->way_set = true;
        return true;
    }
    return false;
}

static bool setup_act(struct ui_view *view, enum ui_action action)
{
    struct setup *setup = view->state;
    if (setup_move(setup, action)) {
        return true;
    }
    switch (action) {
    case UI_GO_ON:
        go_on(view);
        return true;
    case UI_GO_BACK:
        go_back(view);
        return true;
    case UI_TICK:
        tick(setup);
        return true;
    case UI_FIX_1:
    case UI_FIX_2:
    case UI_FIX_3:
    case UI_FIX_4:
    case UI_FIX_5:
    case UI_FIX_6:
        choose_way(view, (int)(action - UI_FIX_1));
        return true;
    case UI_SKIP:
        if (setup->step == SETUP_CREDENTIAL && current(setup) != NULL) {
            leave_as_it_is(view);
        }
        return true;
    case UI_KUBESPRAY: {
        const struct setup_choice *choice = current(setup);
        ui_push(view->app, &view_kubespray, choice == NULL ? NULL : choice->driver);
        return true;
    }
    case UI_CONTEXTS:
        ui_push(view->app, &view_contexts, NULL);
        return true;
    case UI_RIGHTS:
        ui_push(view->app, &view_rights, &setup->rights);
        return true;
    default:
        return false;
    }
}

/* What would do something in this step. */
static bool setup_offers(const struct ui_view *view, enum ui_action action)
{
    const struct setup *setup = view->state;
    switch (action) {
    case UI_TICK:
        return setup->step == SETUP_DRIVER && setup->count > 0;
    case UI_GO_BACK:
        return setup->step != SETUP_CLUSTER;
    case UI_RIGHTS:
        return change_rights_missing(&setup->rights) > 0;
    default:
        return true;
    }
}

static void setup_click(struct ui_view *view, int row, int column, bool twice)
{
    struct setup *setup = view->state;
    (void)column;
    struct ui_list *list = setup->step == SETUP_DRIVER       ? &setup->drivers
                           : setup->step == SETUP_CREDENTIAL ? &setup->ways
                                                             : NULL;
    int first = setup->body - setup->rows;
    if (list == NULL || row < first || list->top + row - first >= list->count) {
        return;
    }
    list->selected = list->top + row - first;
    if (setup->step == SETUP_DRIVER) {
        tick(setup);
    } else if (twice) {
        start_change(view);
    }
}

const struct ui_view_ops view_setup = {.name = "setup",
                                       .title = N_("Setup, step by step"),
                                       .state_size = sizeof(struct setup),
                                       .actions = actions,
                                       .open = setup_open,
                                       .draw = setup_draw,
                                       .act = setup_act,
                                       .offers = setup_offers,
                                       .click = setup_click,
                                       .update = setup_update,
                                       .close = setup_close};
