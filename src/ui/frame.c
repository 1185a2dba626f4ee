/* The frame around a view: the header says where one is and how fresh the picture is, the footer
 * what the keys do. */
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "ui/app.h"
#include "ui/widgets.h"

/* NULL where no cluster is followed. */
static const struct csi_follow_state *follow_state(const struct ui_app *app)
{
    return app->model.follow == NULL ? NULL : csi_follow_state(app->model.follow);
}

static void link_text(const struct ui_app *app, const struct csi_follow_state *state, char out[128])
{
    int64_t now = clock_monotonic_ms();
    char age[32];
    clock_format_age(now - state->updated_ms, age);
    switch (state->link.link) {
    case KUBE_CONNECTING:
        snprintf(out, 128, "%s", _("connecting"));
        break;
    case KUBE_LIVE:
        if (app->options->no_animation) {
            snprintf(out, 128, "%s", _("live"));
            break;
        }
        snprintf(out, 128, _("live %s %s ago"), app->options->ascii ? "-" : "·", age);
        break;
    case KUBE_RECONNECTING: {
        if (app->options->no_animation) {
            snprintf(out, 128, "%s", _("LOST, trying again"));
            break;
        }
        int64_t wait =
            state->link.retry_at_ms > now ? (state->link.retry_at_ms - now + 999) / 1000 : 0;
        snprintf(out, 128, _("LOST, retry in %lld s, picture %s old"), (long long)wait, age);
        break;
    }
    case KUBE_REFUSED:
        snprintf(out, 128, "%s", _("NO ACCESS"));
        break;
    }
}

static void draw_header(struct ui_app *app, struct ui_canvas *canvas)
{
    const struct kube_config *config = app->options->config;
    const struct csi_follow_state *state = follow_state(app);
    char link[128];
    char right[256];
    canvas_fill(canvas, 0, UI_ROLE_HEADER);
    if (state == NULL) {
        canvas_printf(canvas, 0, 0, -1, UI_ROLE_HEADER, " pullmend %s no cluster",
                      canvas_glyph(canvas, GLYPH_SEPARATOR));
        return;
    }
    link_text(app, state, link);
    snprintf(right, sizeof(right), "%s%s%s%s%s ", app->model.read_only ? _("READ-ONLY ") : "",
             kube_config_is_insecure(config) ? _("TLS NOT VERIFIED ") : "", state->server_version,
             state->server_version[0] != '\0' ? (canvas->ascii ? " - " : " · ") : "", link);
    int width = text_width(right);
    int room = canvas->columns - width - 1;
    canvas_printf(canvas, 0, 0, room, UI_ROLE_HEADER, " pullmend %s %s %s %s%s",
                  canvas_glyph(canvas, GLYPH_SEPARATOR), kube_config_context(config),
                  canvas_glyph(canvas, GLYPH_BULLET), kube_config_user(config),
                  app->options->demo ? _(" (simulated)") : "");
    if (room > 0) {
        canvas_put(canvas, 0, room + 1, width,
                   ui_model_is_cut_off(&app->model) ? UI_ROLE_DANGER : UI_ROLE_HEADER, right);
    }
}

static const char *key_text(const struct ui_app *app, const struct ui_canvas *canvas,
                            enum ui_action action)
{
    bool typing = app->top->ops->typing != NULL && app->top->ops->typing(app->top) != NULL;
    if (action == UI_HELP && typing) {
        return "F1"; /* the other key is a letter there */
    }
    if (action == UI_BACK) {
        return "ESC";
    }
    const char *name = keys_name(action);
    return strcmp(name, "Enter") == 0 ? canvas_glyph(canvas, GLYPH_ENTER) : name;
}

static int draw_key(struct ui_app *app, struct ui_canvas *canvas, int row, int column,
                    enum ui_action action)
{
    const struct ui_action_info *info = &ui_actions[action];
    const char *key = key_text(app, canvas, action);
    const char *label = _(info->label);
    int wanted = text_width(key) + 1 + text_width(label);
    if (label[0] == '\0' || column + wanted > canvas->columns) {
        return 0;
    }
    bool off = info->writes && app->model.read_only;
    int used = canvas_put(canvas, row, column, -1, off ? UI_ROLE_DISABLED : UI_ROLE_KEY, key);
    canvas_put(canvas, row, column + used + 1, -1, off ? UI_ROLE_DISABLED : UI_ROLE_LABEL, label);
    canvas_hit(canvas, row, column, wanted, (int)action);
    return wanted + 2;
}

static void draw_footer(struct ui_app *app, struct ui_canvas *canvas)
{
    const struct ui_view *view = app->top;
    const char *hint = view->ops->typing == NULL ? NULL : view->ops->typing(view);
    int row = canvas->rows - 1;
    if (app->message_set) {
        canvas_put(canvas, row, 1, -1, app->message_role, app->message);
        return;
    }
    if (hint != NULL && hint[0] != '\0') {
        canvas_put(canvas, row, 1, -1, UI_ROLE_INFO, hint);
        return;
    }
    /* Help and the way out always have their place; the view's own keys share the rest. */
    enum { PLACE_OF_LAST = 18 };
    struct ui_canvas left =
        canvas_part(canvas, 0, 0, canvas->rows, canvas->columns - PLACE_OF_LAST);
    int column = 1;
    for (size_t i = 0; view->ops->actions[i] != UI_NONE; i++) {
        if (view->ops->offers == NULL || view->ops->offers(view, view->ops->actions[i])) {
            column += draw_key(app, &left, row, column, view->ops->actions[i]);
        }
    }
    column += draw_key(app, canvas, row, column, UI_HELP);
    draw_key(app, canvas, row, column, view->below == NULL ? UI_QUIT : UI_BACK);
}

/* Why the picture is old or incomplete, beneath the header; returns the rows used. */
static int draw_trouble(struct ui_app *app, struct ui_canvas *canvas)
{
    const struct csi_follow_state *state = follow_state(app);
    if (state == NULL) {
        return 0;
    }
    const struct error *why = &state->link.error;
    if (why->message[0] == '\0' && state->link.link == KUBE_CONNECTING) {
        why = &app->failure;
    }
    if (ui_model_is_cut_off(&app->model) || state->link.link == KUBE_CONNECTING) {
        return why->message[0] == '\0'
                   ? 0
                   : canvas_wrap(canvas, 1, 1, canvas->columns - 2, 2, UI_ROLE_BAD, why->message);
    }
    if (state->refused == NULL || state->refused[0] == NULL) {
        return 0;
    }
    struct buffer kinds;
    buffer_init(&kinds, 1024);
    for (size_t i = 0; state->refused[i] != NULL; i++) {
        buffer_printf(&kinds, "%s%s", i > 0 ? ", " : "", state->refused[i]);
    }
    canvas_printf(canvas, 1, 1, -1, UI_ROLE_WARNING,
                  "%s You may not read: %s. What depends on it is shown as unknown.",
                  canvas_glyph(canvas, GLYPH_WARNING), kinds.data);
    buffer_free(&kinds);
    return 1;
}

static int draw_heading(struct ui_app *app, struct ui_canvas *canvas, int row)
{
    char heading[512] = "";
    if (app->top->ops->heading == NULL) {
        return 0;
    }
    app->top->ops->heading(app->top, heading, sizeof(heading));
    canvas_rule(canvas, row, heading);
    return 1;
}

static void draw_too_small(struct ui_canvas *canvas)
{
    canvas_printf(canvas, canvas->rows / 2, 0, -1, UI_ROLE_WARNING, "too small: %dx%d, wants %dx%d",
                  canvas->columns, canvas->rows, TERMINAL_MIN_COLUMNS, TERMINAL_MIN_ROWS);
}

void app_draw(struct ui_app *app)
{
    struct ui_canvas screen = {.rows = terminal_rows(),
                               .columns = terminal_columns(),
                               .ascii = app->options->ascii || !text_locale_is_utf8()};
    erase();
    canvas_cursor_reset();
    canvas_hits_reset();
    if (screen.rows < TERMINAL_MIN_ROWS || screen.columns < TERMINAL_MIN_COLUMNS) {
        draw_too_small(&screen);
    } else if (app->top != NULL) {
        const struct csi_follow_state *state = follow_state(app);
        draw_header(app, &screen);
        draw_footer(app, &screen);
        int top = 1 + draw_trouble(app, &screen);
        top += draw_heading(app, &screen, top);
        struct ui_canvas body = canvas_part(&screen, top, 0, screen.rows - top - 1, -1);
        body.faded = state != NULL && ui_model_is_cut_off(&app->model);
        app->body_top = top;
        app->top->ops->draw(app->top, &body);
    }
    canvas_cursor_place();
    refresh();
}
