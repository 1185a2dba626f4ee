/* The frame around a view: the header says where one is and how fresh the picture is, the footer
 * what the keys do. */
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ui/app.h"
#include "ui/widgets.h"

static void link_text(const struct ui_app *app, char out[128])
{
    const struct csi_follow_state *state = csi_follow_state(app->model.follow);
    int64_t now = clock_monotonic_ms();
    char age[32];
    clock_format_age(now - state->updated_ms, age);
    switch (state->link.link) {
    case KUBE_CONNECTING:
        snprintf(out, 128, "connecting");
        break;
    case KUBE_LIVE:
        snprintf(out, 128, "live %s %s ago", app->options->ascii ? "-" : "·", age);
        break;
    case KUBE_RECONNECTING: {
        int64_t wait =
            state->link.retry_at_ms > now ? (state->link.retry_at_ms - now + 999) / 1000 : 0;
        snprintf(out, 128, "LOST, retry in %lld s, picture %s old", (long long)wait, age);
        break;
    }
    case KUBE_REFUSED:
        snprintf(out, 128, "some kinds refused");
        break;
    }
}

static void draw_header(struct ui_app *app, struct ui_canvas *canvas)
{
    const struct kube_config *config = app->options->config;
    const struct csi_follow_state *state = csi_follow_state(app->model.follow);
    char link[128];
    char right[256];
    link_text(app, link);
    snprintf(right, sizeof(right), "%s%s%s%s%s ", app->model.read_only ? "READ-ONLY " : "",
             kube_config_is_insecure(config) ? "TLS NOT VERIFIED " : "", state->server_version,
             state->server_version[0] != '\0' ? (canvas->ascii ? " - " : " · ") : "", link);
    canvas_fill(canvas, 0, UI_ROLE_HEADER);
    int width = text_width(right);
    int room = canvas->columns - width - 1;
    canvas_printf(canvas, 0, 0, room, UI_ROLE_HEADER, " pullmend %s %s %s %s%s",
                  canvas_glyph(canvas, GLYPH_SEPARATOR), kube_config_context(config),
                  canvas_glyph(canvas, GLYPH_BULLET), kube_config_user(config),
                  app->options->demo ? " (simulated)" : "");
    if (room > 0) {
        canvas_put(canvas, 0, room + 1, width,
                   state->link.link == KUBE_RECONNECTING ? UI_ROLE_DANGER : UI_ROLE_HEADER, right);
    }
}

static int draw_key(struct ui_app *app, struct ui_canvas *canvas, int row, int column,
                    enum ui_action action)
{
    const struct ui_action_info *info = &ui_actions[action];
    const char *key = keys_name(action);
    if (action == UI_OPEN && !canvas->ascii) {
        key = canvas_glyph(canvas, GLYPH_ENTER);
    } else if (action == UI_BACK) {
        key = "ESC";
    }
    int wanted = text_width(key) + 1 + text_width(info->label);
    if (info->label[0] == '\0' || column + wanted > canvas->columns) {
        return 0;
    }
    bool off = info->writes && app->model.read_only;
    int used = canvas_put(canvas, row, column, -1, off ? UI_ROLE_DISABLED : UI_ROLE_KEY, key);
    canvas_put(canvas, row, column + used + 1, -1, off ? UI_ROLE_DISABLED : UI_ROLE_LABEL,
               info->label);
    if (app->hit_count < (int)ARRAY_LENGTH(app->hits)) {
        app->hits[app->hit_count++] = (struct ui_hit){column, column + wanted, action};
    }
    return wanted + 2;
}

static void draw_footer(struct ui_app *app, struct ui_canvas *canvas)
{
    int row = canvas->rows - 1;
    app->hit_count = 0;
    if (app->message_set) {
        canvas_put(canvas, row, 1, -1, app->message_role, app->message);
        return;
    }
    /* Help and the way out always have their place; the view's own keys share the rest. */
    static const enum ui_action last[] = {UI_HELP, UI_QUIT};
    bool first_view = app->top->below == NULL;
    struct ui_canvas left = canvas_part(canvas, 0, 0, canvas->rows, canvas->columns - 16);
    int column = 1;
    for (size_t i = 0; app->top->ops->actions[i] != UI_NONE; i++) {
        column += draw_key(app, &left, row, column, app->top->ops->actions[i]);
    }
    column += draw_key(app, canvas, row, column, last[0]);
    draw_key(app, canvas, row, column, first_view ? last[1] : UI_BACK);
}

static void draw_too_small(struct ui_canvas *canvas)
{
    canvas_printf(canvas, canvas->rows / 2, 0, -1, UI_ROLE_WARNING, "too small: %dx%d, wants %dx%d",
                  canvas->columns, canvas->rows, TERMINAL_MIN_COLUMNS, TERMINAL_MIN_ROWS);
}

void app_draw(struct ui_app *app)
{
    struct ui_canvas screen = {0, 0, terminal_rows(), terminal_columns(),
                               app->options->ascii || !text_locale_is_utf8()};
    erase();
    if (screen.rows < TERMINAL_MIN_ROWS || screen.columns < TERMINAL_MIN_COLUMNS) {
        draw_too_small(&screen);
    } else if (app->top != NULL) {
        struct ui_canvas body = canvas_part(&screen, 1, 0, screen.rows - 2, -1);
        curs_set(0);
        draw_header(app, &screen);
        draw_footer(app, &screen);
        app->top->ops->draw(app->top, &body);
    }
    refresh();
}
