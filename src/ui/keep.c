#include "ui/keep.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "csi/history.h"
#include "doc/digest.h"
#include "ui/app.h"

enum { KEY_SIZE = 16, KEY_TEXT_LIMIT = 64 * 1024, EVERY_MS = 5 * 60 * 1000 };

/* The same numbers belong to the same question asked of the same cluster. */
static char *key_of(const struct ui_options *options)
{
    struct buffer text;
    char digest[129];
    buffer_init(&text, KEY_TEXT_LIMIT);
    buffer_printf(&text, "%s\n%s\n", kube_config_server(options->config),
                  options->ns == NULL ? "" : options->ns);
    for (const char *const *driver = options->drivers; driver != NULL && *driver != NULL;
         driver++) {
        buffer_printf(&text, "%s\n", *driver);
    }
    digest_hex("sha256", text.data, text.length, digest);
    buffer_free(&text);
    digest[KEY_SIZE] = '\0';
    return xstrdup(digest);
}

static void forget(struct ui_keep *keep)
{
    free(keep->path);
    free(keep->key);
    *keep = (struct ui_keep){0};
}

void ui_keep_open(struct ui_app *app)
{
    const struct ui_options *options = app->options;
    struct ui_keep *keep = &app->keep;
    char *folder = options->mode == UI_MODE_MONITOR && !options->no_history && !options->demo
                       ? file_xdg_folder("XDG_STATE_HOME", ".local/state")
                       : NULL;
    if (folder == NULL || options->config == NULL) {
        free(folder);
        return;
    }
    keep->path = file_join(folder, "monitor.json");
    keep->key = key_of(options);
    keep->kept_ms = clock_monotonic_ms();
    free(folder);
    struct error err = ERROR_INIT;
    if (!csi_history_read_file(csi_follow_census(app->model.follow), keep->path, keep->key,
                               clock_wall_ms(), &err)) {
        log_message(LOG_WARNING, "%s; the history of warnings begins anew", err.message);
        ui_say(app, UI_ROLE_WARNING, "%s; the history of warnings begins anew.", err.message);
    }
}

static void write_now(struct ui_app *app)
{
    struct ui_keep *keep = &app->keep;
    struct error err = ERROR_INIT;
    if (!csi_history_write_file(csi_follow_census(app->model.follow), keep->path, keep->key,
                                clock_wall_ms(), &err)) {
        log_message(LOG_WARNING, "%s; the history of warnings is not kept", err.message);
        ui_say(app, UI_ROLE_WARNING, "%s; the history of warnings is not kept.", err.message);
        forget(keep);
    }
}

void ui_keep_tick(struct ui_app *app, int64_t now_ms)
{
    if (app->keep.path != NULL && now_ms - app->keep.kept_ms >= EVERY_MS) {
        app->keep.kept_ms = now_ms;
        write_now(app);
    }
}

void ui_keep_close(struct ui_app *app)
{
    if (app->keep.path != NULL && csi_follow_state(app->model.follow)->complete) {
        write_now(app);
    }
    forget(&app->keep);
}
