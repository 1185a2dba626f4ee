#include "ui/app.h"

#include <curses.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/log.h"
#include "base/text.h"
#include "ui/fixes.h"
#include "ui/rotations.h"
#include "ui/settings.h"
#include "ui/setup.h"
#include "ui/views.h"

/* --- Views --------------------------------------------------------------------------------------
 */

const struct ui_model *ui_model(const struct ui_view *view)
{
    return &view->app->model;
}

struct registry_probe_options ui_probe_options(const struct ui_view *view)
{
    const struct ui_options *options = ui_model(view)->options;
    return (struct registry_probe_options){.ca_file = options->registry_ca,
                                           .insecure_hosts = options->insecure_registries};
}

struct ui_view *ui_push(struct ui_app *app, const struct ui_view_ops *ops, void *argument)
{
    struct ui_view *view = xcalloc(1, sizeof(*view));
    view->ops = ops;
    view->app = app;
    view->state = xcalloc(1, ops->state_size);
    view->below = app->top;
    app->top = view;
    if (ops->open != NULL) {
        ops->open(view, argument);
    }
    ui_invalidate(app);
    return view;
}

static void drop_top(struct ui_app *app)
{
    struct ui_view *view = app->top;
    app->top = view->below;
    if (view->ops->close != NULL) {
        view->ops->close(view);
    }
    free(view->state);
    free(view);
}

void ui_pop(struct ui_app *app)
{
    drop_top(app);
    if (app->top == NULL) {
        app->leaving = true;
        loop_stop(app->loop, app->code);
    } else if (app->top->ops->update != NULL) {
        app->top->ops->update(app->top);
    }
    ui_invalidate(app);
}

static void refresh_model(struct ui_app *app);

/* Rows of the census may be gone since the views looked at it last. */
static void sync_model(struct ui_app *app)
{
    struct csi_census *census =
        app->model.follow == NULL ? NULL : csi_follow_census(app->model.follow);
    if (census != NULL && csi_census_settle(census, clock_wall_ms()) != app->model.generation) {
        refresh_model(app);
    }
}

static void draw_frame(void *context)
{
    struct ui_app *app = context;
    app->frame = NULL;
    if (app->leaving || !terminal_is_taken()) {
        return;
    }
    sync_model(app);
    loop_cancel_timer(app->loop, app->frame);
    app->frame = NULL;
    app_draw(app);
}

void ui_invalidate(struct ui_app *app)
{
    if (app->frame == NULL && !app->leaving) {
        int64_t wait = app->options->no_animation ? UI_CALM_FRAME_MS : UI_FRAME_MS;
        app->frame = loop_after(app->loop, wait, draw_frame, app);
    }
}

void ui_refresh_top(struct ui_app *app)
{
    if (app->top != NULL && app->top->ops->update != NULL) {
        app->top->ops->update(app->top);
    }
    ui_invalidate(app);
}

void ui_say(struct ui_app *app, enum ui_role role, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(app->message, sizeof(app->message), _(format), args);
    va_end(args);
    app->message_role = role;
    app->message_set = true;
    ui_invalidate(app);
}

bool ui_refuses(struct ui_app *app, enum ui_action action)
{
    if (!ui_actions[action].writes || !app->model.read_only) {
        return false;
    }
    ui_say(app, UI_ROLE_WARNING, "Read-only: \"%s\" would write, so nothing was done.",
           ui_actions[action].name);
    return true;
}

/* --- Actions ------------------------------------------------------------------------------------
 */

static void go_back(struct ui_app *app, bool may_end)
{
    struct ui_view *view = app->top;
    if (view->ops->may_leave != NULL && !view->ops->may_leave(view)) {
        return;
    }
    if (view->below == NULL && !may_end) {
        ui_say(app, UI_ROLE_INFO, "This is the first view; q leaves the program.");
        return;
    }
    ui_pop(app);
}

void app_leave(struct ui_app *app, int code)
{
    app->code = code;
    app->leaving = true;
    loop_stop(app->loop, code);
}

void app_act(struct ui_app *app, enum ui_action action)
{
    if (action == UI_NONE || app->top == NULL || ui_refuses(app, action)) {
        return;
    }
    struct ui_view *view = app->top;
    if (view->ops->act != NULL && view->ops->act(view, action)) {
        ui_invalidate(app);
        return;
    }
    switch (action) {
    case UI_HELP:
        ui_push(app, &view_help, view);
        break;
    case UI_LOG:
        ui_push(app, &view_log, NULL);
        break;
    case UI_THEMES:
        ui_push(app, &view_themes, NULL);
        break;
    case UI_PALETTE:
        ui_push(app, &view_palette, view);
        break;
    case UI_BACK:
        go_back(app, false);
        break;
    case UI_QUIT:
        go_back(app, true);
        break;
    case UI_REDRAW:
        clearok(curscr, TRUE);
        break;
    case UI_SUSPEND:
        terminal_suspend();
        break;
    default:
        break;
    }
    ui_invalidate(app);
}

/* --- The terminal's news ------------------------------------------------------------------------
 */

/* True for what belongs to a paste. One whose end got lost is over after a while. */
static bool is_pasted(struct ui_app *app, int key, bool is_code)
{
    enum { LOST_MS = 1000 };
    int64_t now = clock_monotonic_ms();
    bool begins = is_code && key == TERMINAL_KEY_PASTE_BEGIN;
    bool ends = is_code && key == TERMINAL_KEY_PASTE_END;
    bool pasted = begins || ends || (app->pasting && now - app->pasted_ms < LOST_MS);
    app->pasting = pasted && !ends;
    app->pasted_ms = now;
    return pasted;
}

/* Drawing anew and stopping work where text is typed, too: their keys are none of it. */
static bool act_anywhere(struct ui_app *app, int key, bool is_code)
{
    enum ui_action action = is_code || key < ' ' ? keys_action(NULL, key, is_code) : UI_NONE;
    if (action != UI_REDRAW && action != UI_SUSPEND) {
        return false;
    }
    app_act(app, action);
    return true;
}

static void on_key(void *context, int key, bool is_code)
{
    struct ui_app *app = context;
    if (app->top == NULL) {
        return;
    }
    app->message_set = false;
    sync_model(app);
    struct ui_view *view = app->top;
    bool pasted = is_pasted(app, key, is_code);
    if (!pasted && act_anywhere(app, key, is_code)) {
        return;
    }
    if (view->ops->type != NULL && view->ops->type(view, key, is_code)) {
        ui_invalidate(app);
    } else if (pasted) {
        ui_say(app, UI_ROLE_INFO,
               "Pasted text is not taken for keys; there is no field for it here.");
    } else {
        app_act(app, keys_action(view->ops->actions, key, is_code));
    }
}

/* curses' own double clicks would delay every single one. */
static bool is_second_click(struct ui_app *app, int row)
{
    enum { TWICE_MS = 400 };
    int64_t now = clock_monotonic_ms();
    bool twice = app->click.row == row && now - app->click.at_ms < TWICE_MS;
    app->click.row = row;
    app->click.at_ms = twice ? 0 : now;
    return twice;
}

static void on_mouse(void *context, int row, int column, unsigned long buttons)
{
    struct ui_app *app = context;
    struct ui_view *view = app->top;
    if (view == NULL || (buttons & BUTTON1_RELEASED) != 0) {
        return;
    }
    app->message_set = false;
    sync_model(app);
    if ((buttons & (BUTTON4_PRESSED | BUTTON5_PRESSED)) != 0) {
        int by = (buttons & BUTTON4_PRESSED) != 0 ? -3 : 3;
        if (view->ops->wheel != NULL) {
            view->ops->wheel(view, by);
        } else {
            app_act(app, by < 0 ? UI_UP : UI_DOWN);
        }
    } else if (canvas_hit_at(row, column) != UI_NONE) {
        app_act(app, (enum ui_action)canvas_hit_at(row, column));
    } else if ((buttons & BUTTON1_PRESSED) != 0 && row < terminal_rows() - 1 &&
               row >= app->body_top && view->ops->click != NULL) {
        view->ops->click(view, row - app->body_top, column, is_second_click(app, row));
    }
    ui_invalidate(app);
}

/* Not with the next calm frame: what is on the screen is of another size, or of someone else. */
static void draw_soon(void *context)
{
    struct ui_app *app = context;
    if (!app->leaving) {
        loop_cancel_timer(app->loop, app->frame);
        app->frame = loop_after(app->loop, UI_FRAME_MS, draw_frame, app);
    }
}

static void on_end(void *context, int number)
{
    app_leave(context, 128 + number);
}

static void on_input_done(void *context)
{
    struct ui_app *app = context;
    /* A key is answered at once, not with the next frame of news. */
    if (app->frame != NULL) {
        loop_cancel_timer(app->loop, app->frame);
        draw_frame(app);
    }
}

/* --- The cluster's news -------------------------------------------------------------------------
 */

static void keep_rate(struct ui_app *app, int64_t now_ms)
{
    struct ui_model *model = &app->model;
    struct csi_totals totals = csi_census_totals(model->census);
    int64_t minute = now_ms / 60000;
    if (!totals.rate_known) {
        return;
    }
    int room = (int)ARRAY_LENGTH(model->rates);
    if (model->rate_count == 0 || minute != app->rate_minute) {
        if (model->rate_count == room) {
            memmove(model->rates, model->rates + 1, sizeof(double) * (size_t)(room - 1));
            model->rate_count--;
        }
        model->rate_count++;
        app->rate_minute = minute;
    }
    model->rates[model->rate_count - 1] = totals.warnings_per_day;
}

static void refresh_model(struct ui_app *app)
{
    if (app->model.follow == NULL) {
        ui_invalidate(app);
        return;
    }
    int64_t now = clock_wall_ms();
    struct csi_census *census = csi_follow_census(app->model.follow);
    uint64_t generation = csi_census_settle(census, now);
    app->model.census = census;
    app->model.generation = generation;
    if (csi_census_picture(census) != app->picture || app->findings.items == NULL) {
        app->picture = csi_census_picture(census);
        csi_findings_free(&app->findings);
        csi_diagnose(census, &app->findings);
    }
    keep_rate(app, now);
    for (struct ui_view *view = app->top; view != NULL; view = view->below) {
        if (view->ops->update != NULL) {
            view->ops->update(view);
        }
    }
    ui_invalidate(app);
}

static void on_change(void *context)
{
    refresh_model(context);
}

static void on_complete(void *context)
{
    refresh_model(context);
}

static void on_failure(void *context, const struct error *err)
{
    struct ui_app *app = context;
    app->failure = *err;
    log_message(LOG_ERROR, "%s", err->message);
    ui_invalidate(app);
}

static int64_t clock_period(const struct ui_app *app)
{
    enum { SECOND = 1000, MINUTE = 60000 };
    return app->options->refresh_ms > 0 ? app->options->refresh_ms
           : app->options->no_animation ? MINUTE
                                        : SECOND;
}

static void on_clock(void *context)
{
    struct ui_app *app = context;
    app->clock = loop_after(app->loop, clock_period(app), on_clock, app);
    refresh_model(app);
    ui_keep_tick(app, clock_monotonic_ms());
}

static const struct terminal_handler terminal_handler = {on_key,    on_mouse, draw_soon,
                                                         draw_soon, on_end,   on_input_done};

static const struct csi_follow_handler follow_handler = {on_change, on_complete, on_failure};

static void start_following(struct ui_app *app)
{
    const struct ui_options *options = app->options;
    struct csi_follow_options follow = {
        .ns = options->ns,
        .drivers = options->drivers,
        .secret_content = !options->no_secret_data,
        .keep_watching = true,
        .event_speed = options->event_speed,
    };
    app->model.follow = csi_follow_start(options->client, &follow, &follow_handler, app);
    app->model.census = csi_follow_census(app->model.follow);
    csi_census_settle(csi_follow_census(app->model.follow), clock_wall_ms());
    csi_diagnose(app->model.census, &app->findings);
    ui_keep_open(app);
}

static void stop_following(struct ui_app *app)
{
    ui_rotations_forget(app); /* of another cluster from now on */
    ui_keep_close(app);
    csi_follow_stop(app->model.follow);
    app->model.follow = NULL;
    app->model.census = NULL;
    csi_findings_free(&app->findings);
    kube_client_free(app->client);
    kube_config_free(app->config);
    app->client = NULL;
    app->config = NULL;
}

bool ui_model_is_known(const struct ui_model *model)
{
    const struct csi_follow_state *state = csi_follow_state(model->follow);
    return state->complete && state->link.link != KUBE_REFUSED;
}

bool ui_model_is_cut_off(const struct ui_model *model)
{
    enum kube_link link = csi_follow_state(model->follow)->link.link;
    return link == KUBE_RECONNECTING || link == KUBE_REFUSED;
}

static const struct ui_view_ops *first_view(const struct ui_options *options);

bool app_switch_context(struct ui_app *app, const char *name, struct error *err)
{
    struct kube_config *config = NULL;
    struct kube_client *client = NULL;
    if (app->options->connect == NULL) {
        return error_set(err, ERROR_USAGE, "the cluster cannot be switched here");
    }
    if (!app->options->connect(app->options->connect_context, name, &config, &client, err)) {
        return false;
    }
    for (struct ui_view *view = app->top; view != NULL; view = view->below) {
        if (view->ops->may_leave != NULL && !view->ops->may_leave(view)) {
            kube_client_free(client);
            kube_config_free(config);
            return error_set(err, ERROR_USAGE, "a change is under way here; leave it first");
        }
    }
    while (app->top != NULL) {
        drop_top(app);
    }
    stop_following(app);
    app->config = config;
    app->client = client;
    app->options->config = config;
    app->options->client = client;
    app->model.client = client;
    app->model.read_only =
        app->options->mode == UI_MODE_MONITOR || kube_client_is_read_only(client);
    app->model.rate_count = 0;
    error_clear(&app->failure);
    start_following(app);
    ui_push(app, first_view(app->options), NULL);
    ui_offer_interrupted(app);
    ui_say(app, UI_ROLE_INFO, "Now at %s.", kube_config_context(config));
    return true;
}

static const struct ui_view_ops *first_view(const struct ui_options *options)
{
    return options->client == NULL            ? &view_start
           : options->mode == UI_MODE_MONITOR ? &view_monitor
           : options->mode == UI_MODE_SETUP   ? &view_setup
                                              : &view_overview;
}

/* Once, and only until the next key. */
static void greet(struct ui_app *app)
{
    const struct ui_options *options = app->options;
    if (options->client != NULL && options->mode == UI_MODE_SESSION && setup_memory_first_start()) {
        char *guide = xstrdup(keys_name(UI_SETUP));
        ui_say(app, UI_ROLE_INFO, "First time here? %s guides you step by step, %s shows the keys.",
               guide, keys_name(UI_HELP));
        free(guide);
    } else if (options->mode != UI_MODE_MONITOR && log_line_count() > 0) {
        ui_say(app, UI_ROLE_WARNING,
               language_plural("There is %zu message of this program: %s shows it.",
                               "There are %zu messages of this program: %s shows them.",
                               log_line_count()),
               log_line_count(), keys_name(UI_LOG));
    }
}

bool ui_run(const struct ui_options *options, int *code, struct error *err)
{
    struct ui_options own = *options;
    struct ui_app app = {.options = &own, .loop = options->loop};
    app.model = (struct ui_model){
        .loop = options->loop,
        .client = options->client,
        .findings = &app.findings,
        .options = &own,
        .read_only = options->mode == UI_MODE_MONITOR ||
                     (options->client != NULL && kube_client_is_read_only(options->client)),
    };
    if (!settings_read(err) ||
        !terminal_open(options->loop, !options->no_mouse, &terminal_handler, &app, err)) {
        return false;
    }
    bool done = theme_load(options->theme, options->no_color, err);
    if (done) {
        if (options->client != NULL) {
            start_following(&app);
        }
        ui_push(&app, first_view(&own), NULL);
        ui_offer_interrupted(&app);
        greet(&app);
        app_draw(&app);
        app.clock = loop_after(app.loop, clock_period(&app), on_clock, &app);
        loop_set_slice(app.loop, UI_SLICE_MS);
        loop_run(app.loop);
        loop_set_slice(app.loop, 0);
    }
    app.leaving = true;
    while (app.top != NULL) {
        drop_top(&app);
    }
    loop_cancel_timer(app.loop, app.frame);
    loop_cancel_timer(app.loop, app.clock);
    stop_following(&app);
    terminal_close();
    *code = app.code;
    return done;
}
