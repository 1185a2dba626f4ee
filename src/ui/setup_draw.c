/* The steps of the guided setup as pictures. */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/language.h"
#include "ui/fixes.h"
#include "ui/rights.h"
#include "ui/setup.h"
#include "ui/totals.h"

static const char *const titles[SETUP_STEP_COUNT] = {N_("Cluster"), N_("Driver"), N_("Credential"),
                                                     N_("Preview"), N_("Apply")};

/* Where there was nothing to mend, the steps that mend were not gone through. */
static bool was_skipped(const struct setup *setup, int step)
{
    if (setup->step != SETUP_END || (step != SETUP_CREDENTIAL && step != SETUP_PREVIEW)) {
        return false;
    }
    for (size_t i = 0; i < setup->count; i++) {
        if (setup->choices[i].answer != SETUP_OPEN) {
            return false;
        }
    }
    return true;
}

static void draw_steps(const struct setup *setup, struct ui_canvas *canvas)
{
    int column = 1;
    for (int i = 0; i < SETUP_STEP_COUNT; i++) {
        bool now = i == (int)setup->step;
        bool past = i < (int)setup->step;
        bool skipped = was_skipped(setup, i);
        const char *glyph = now       ? canvas_glyph(canvas, GLYPH_CLOSED)
                            : skipped ? canvas_glyph(canvas, GLYPH_DASH)
                            : past    ? canvas_glyph(canvas, GLYPH_GOOD)
                                      : " ";
        column += canvas_printf(canvas, 0, column, -1,
                                now                ? UI_ROLE_SELECTED
                                : past && !skipped ? UI_ROLE_GOOD
                                                   : UI_ROLE_DIM,
                                canvas->columns < 70 ? "%s%d %s" : "%s%d %s ", glyph, i + 1,
                                _(titles[i]));
        column += 1;
    }
}

static void draw_cluster(const struct ui_model *model, const struct setup *setup,
                         struct ui_canvas *canvas, int row)
{
    const struct kube_config *config = model->options->config;
    const struct csi_follow_state *follow = csi_follow_state(model->follow);
    row += canvas_wrap(canvas, row, 1, canvas->columns - 2, 2, UI_ROLE_TEXT,
                       _("Is this the cluster that you want to look at? Nothing is changed before "
                         "step 5, and every change is shown first."));
    row += canvas->rows > 18 ? 1 : 0;
    canvas_printf(canvas, row++, 3, -1, UI_ROLE_TITLE, "context  %s%s", kube_config_context(config),
                  model->options->demo ? _(" (simulated: nothing can break)") : "");
    canvas_printf(canvas, row++, 3, -1, UI_ROLE_TEXT, "server   %s %s", kube_config_server(config),
                  follow->server_version);
    canvas_printf(canvas, row++, 3, -1, UI_ROLE_TEXT, "user     %s", kube_config_user(config));
    row += canvas->rows > 18 ? 1 : 0;
    canvas_put(canvas, row++, 1, -1, UI_ROLE_TITLE, _("What you may do there"));
    int rows = canvas->rows - row - (change_rights_missing(&setup->rights) > 0 ? 2 : 0);
    row += rights_draw(&setup->rights, canvas, row, rows);
    if (change_rights_missing(&setup->rights) > 0) {
        canvas_wrap(canvas, row + (rows > CHANGE_RIGHTS_COUNT ? 1 : 0), 1, canvas->columns - 2, 2,
                    UI_ROLE_WARNING,
                    _("Some rights are missing. You can go on as far as they reach; w shows what "
                      "to ask your administrator for."));
    }
}

static void draw_driver(const struct ui_model *model, const struct setup *setup,
                        struct ui_canvas *canvas, int row, size_t number)
{
    const struct setup_choice *choice = &setup->choices[number];
    const struct csi_driver *driver = csi_census_driver(model->census, choice->driver);
    bool selected = (int)number == setup->drivers.selected;
    bool broken = driver != NULL && driver->broken_pods > 0;
    bool wants = setup_finding(model, choice->driver) != NULL;
    int used = canvas_printf(canvas, row, 2, canvas->columns / 2,
                             selected ? UI_ROLE_SELECTED : UI_ROLE_TEXT, " [%s] %s ",
                             choice->ticked ? "x" : " ", choice->driver);
    enum ui_role role = broken ? UI_ROLE_BAD : wants ? UI_ROLE_WARNING : UI_ROLE_GOOD;
    const char *glyph = canvas_glyph(canvas, broken  ? GLYPH_BAD
                                             : wants ? GLYPH_WARNING
                                                     : GLYPH_GOOD);
    used = 4 + used > 40 ? 4 + used : 40;
    if (driver == NULL) {
        canvas_put(canvas, row, used, -1, UI_ROLE_DIM, _("gone"));
    } else if (broken) {
        canvas_printf(canvas, row, used, -1, role, "%s %zu of %zu pods broken", glyph,
                      driver->broken_pods, driver->pod_count);
    } else if (driver->state == CSI_SECRET_UNKNOWN) {
        canvas_printf(canvas, row, used, -1, UI_ROLE_WARNING,
                      "%s not known: Secrets are unreadable", canvas_glyph(canvas, GLYPH_UNKNOWN));
    } else {
        canvas_printf(canvas, row, used, -1, role, "%s %s (%zu pods)", glyph,
                      wants ? _("works, but could be better") : _("sound"), driver->pod_count);
    }
    if (selected) {
        canvas_cursor(canvas, row, 2, false);
    }
}

static void draw_drivers(const struct ui_model *model, struct setup *setup,
                         struct ui_canvas *canvas, int row)
{
    row += canvas_wrap(canvas, row, 1, canvas->columns - 2, 3, UI_ROLE_TEXT,
                       _("Which storage drivers do you want to mend? A CSI driver is the part of "
                         "the cluster that gives pods their volumes; these were found. Space takes "
                         "one or leaves it.")) +
           1;
    setup->rows = canvas->rows - row;
    ui_list_settle(&setup->drivers, (int)setup->count, setup->rows);
    if (setup->count == 0) {
        canvas_wrap(canvas, row, 3, canvas->columns - 4, 3, UI_ROLE_DIM,
                    ui_model_is_cut_off(model)
                        ? _("Nothing can be read from this cluster; why stands above. It is tried "
                            "again by itself; C switches to another one.")
                    : ui_model_is_known(model)
                        ? _("No CSI driver runs in this cluster: there is nothing to mend. "
                            "C switches to another cluster.")
                        : _("Still looking..."));
    }
    for (int i = 0; i < setup->rows && setup->drivers.top + i < (int)setup->count; i++) {
        draw_driver(model, setup, canvas, row + i, (size_t)(setup->drivers.top + i));
    }
}

/* What the registries said to no credential at all; the rows used. */
static int draw_test(const struct setup *setup, struct ui_canvas *canvas, int row)
{
    size_t good = 0;
    size_t count = setup->check == NULL ? 0 : change_pull_check_images(setup->check);
    for (size_t i = 0; i < count; i++) {
        struct change_pull_cell cell = change_pull_check_cell(setup->check, i, 0);
        good += cell.answer == CHANGE_PULL_GOOD ? 1 : 0;
    }
    if (count == 0) {
        return 0;
    }
    if (!change_pull_check_done(setup->check)) {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_INFO,
                      "Asking the registries whether the %zu images are public...", count);
    } else if (good == count) {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_GOOD,
                      "%s All %zu images are public: they need no credential.",
                      canvas_glyph(canvas, GLYPH_GOOD), count);
    } else {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_WARNING,
                      "%s %zu of %zu images are public; others need a credential, or cannot be "
                      "asked for from here.",
                      canvas_glyph(canvas, GLYPH_WARNING), good, count);
    }
    return 1;
}

static void draw_way(const struct setup *setup, const struct csi_finding *finding,
                     struct ui_canvas *canvas, int row, int way, bool suggested)
{
    bool selected = way == setup->ways.selected;
    char label[256];
    if (way < (int)finding->fix_count) {
        csi_fix_label(&finding->fixes[way], (size_t)way + 1, label, sizeof(label));
    } else {
        snprintf(label, sizeof(label), "%s", _("0 leave it as it is"));
    }
    int used = canvas_printf(canvas, row, 2, canvas->columns - 3,
                             selected ? UI_ROLE_SELECTED : UI_ROLE_TEXT, " %s ", label);
    if (suggested) {
        canvas_put(canvas, row, 3 + used, -1, UI_ROLE_GOOD, _("suggested"));
    }
    if (selected) {
        canvas_cursor(canvas, row, 2, false);
    }
}

static void draw_credential(const struct ui_model *model, struct setup *setup,
                            struct ui_canvas *canvas, int row)
{
    const struct setup_choice *choice = &setup->choices[setup->at];
    const struct csi_finding *finding = setup_finding(model, choice->driver);
    canvas_put(canvas, row++, 1, -1, UI_ROLE_TITLE, choice->driver);
    if (finding == NULL) {
        canvas_wrap(canvas, row, 1, canvas->columns - 2, 3, UI_ROLE_GOOD,
                    _("Nothing is wrong with this driver's pull secrets. Go on, or back to choose "
                      "another driver."));
        return;
    }
    int ways = (int)finding->fix_count + 1;
    int room = canvas->rows - row - ways - 2;
    int used = canvas_wrap(canvas, row, 1, canvas->columns - 2, room > 2 ? 2 : 1, UI_ROLE_WARNING,
                           finding->message);
    row += used;
    room -= used;
    row += room > 1 ? canvas_wrap(canvas, row, 1, canvas->columns - 2, room - 1, UI_ROLE_TEXT,
                                  finding->explanation)
                    : 0;
    row += draw_test(setup, canvas, row);
    canvas_put(canvas, row++, 1, -1, UI_ROLE_TITLE, _("What shall be done?"));
    setup->rows = canvas->rows - row;
    int suggestion = setup_suggestion(setup, finding);
    ui_list_settle(&setup->ways, ways, setup->rows);
    for (int i = setup->ways.top; i < ways && row < canvas->rows; i++, row++) {
        draw_way(setup, finding, canvas, row, i, i == suggestion);
    }
}

/* --- The end ------------------------------------------------------------------------------------
 */

static int draw_verdict(const struct ui_model *model, const struct setup_choice *choice,
                        struct ui_canvas *canvas, int row)
{
    const struct csi_finding *finding = setup_finding(model, choice->driver);
    const struct csi_driver *driver = csi_census_driver(model->census, choice->driver);
    if (driver != NULL && driver->broken_pods == 0 && driver->state == CSI_SECRET_UNKNOWN) {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_WARNING,
                      "%s %s cannot be judged: its Secrets may not be read.",
                      canvas_glyph(canvas, GLYPH_UNKNOWN), choice->driver);
        return 1;
    }
    if (finding == NULL) {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_GOOD, "%s %s is in order.",
                      canvas_glyph(canvas, GLYPH_GOOD), choice->driver);
        return 1;
    }
    if (choice->answer == SETUP_LEFT || !choice->ticked) {
        canvas_printf(canvas, row, 1, -1, UI_ROLE_DIM, "%s %s was left as it is, as you decided.",
                      canvas_glyph(canvas, GLYPH_DASH), choice->driver);
        return 1;
    }
    canvas_printf(canvas, row, 1, -1, UI_ROLE_WARNING,
                  "%s %s is not mended yet:", canvas_glyph(canvas, GLYPH_WARNING), choice->driver);
    return 1 +
           canvas_wrap(canvas, row + 1, 3, canvas->columns - 4, 2, UI_ROLE_TEXT, finding->message);
}

/* What is missing, and who can give it. */
static int draw_missing(const struct setup *setup, struct ui_canvas *canvas, int row)
{
    int first = row;
    if (change_rights_missing(&setup->rights) == 0) {
        return 0;
    }
    row += canvas_wrap(canvas, row, 1, canvas->columns - 2, 2, UI_ROLE_WARNING,
                       _("These rights are missing; an administrator of the cluster can give them. "
                         "w shows the role to ask for."));
    for (size_t i = 0; i < CHANGE_RIGHTS_COUNT && row < canvas->rows - 1; i++) {
        if (change_right_answer(&setup->rights, i) == KUBE_DENIED) {
            struct buffer what;
            buffer_init(&what, 1024);
            change_right_append(i, &what);
            canvas_printf(canvas, row++, 3, -1, UI_ROLE_TEXT, "%s: %s", change_right_purpose(i),
                          what.data);
            buffer_free(&what);
        }
    }
    return row - first;
}

static void draw_end(const struct ui_model *model, const struct setup *setup,
                     struct ui_canvas *canvas, int row)
{
    struct csi_totals totals = csi_census_totals(model->census);
    for (size_t i = 0; i < setup->count && row < canvas->rows - 5; i++) {
        row += draw_verdict(model, &setup->choices[i], canvas, row);
    }
    row++;
    size_t unknown = totals_unknown(model->census);
    if (setup->count == 0) {
        row += canvas_wrap(canvas, row, 1, canvas->columns - 2, 3, UI_ROLE_TEXT,
                           _("No CSI driver runs in this cluster: there is nothing to mend. "
                             "C switches to another cluster."));
    } else if (unknown > 0) {
        canvas_printf(canvas, row++, 1, -1, UI_ROLE_WARNING,
                      "%s The pull secrets of %zu pods cannot be judged with your rights.",
                      canvas_glyph(canvas, GLYPH_UNKNOWN), unknown);
    } else if (totals.broken_pods == 0) {
        canvas_printf(canvas, row++, 1, -1, UI_ROLE_GOOD,
                      "%s Every pull-secret reference of %zu pods is sound.",
                      canvas_glyph(canvas, GLYPH_GOOD), totals.pods);
    } else {
        canvas_printf(canvas, row++, 1, -1, UI_ROLE_WARNING,
                      "%s %zu pods still name a broken pull secret; go back to step 2 for them.",
                      canvas_glyph(canvas, GLYPH_WARNING), totals.broken_pods);
    }
    row += draw_missing(setup, canvas, row);
    row += setup->count == 0
               ? 0
               : canvas_wrap(
                     canvas, row, 1, canvas->columns - 2, 3, UI_ROLE_TEXT,
                     _("Was it made with Kubespray? Its next run would bring its own manifests "
                       "back: K mends the source too."));
    canvas_wrap(canvas, row + 1, 1, canvas->columns - 2, 2, UI_ROLE_DIM,
                _("Enter opens the overview; pullmend monitor watches from now on."));
}

void setup_draw_step(const struct ui_model *model, struct setup *setup, struct ui_canvas *canvas)
{
    setup->body = canvas->rows;
    draw_steps(setup, canvas);
    int row = canvas->rows > 16 ? 2 : 1;
    switch (setup->step) {
    case SETUP_CLUSTER:
        draw_cluster(model, setup, canvas, row);
        break;
    case SETUP_DRIVER:
        draw_drivers(model, setup, canvas, row);
        break;
    case SETUP_CREDENTIAL:
    case SETUP_PREVIEW:
        draw_credential(model, setup, canvas, row);
        break;
    default:
        draw_end(model, setup, canvas, row);
        break;
    }
}
