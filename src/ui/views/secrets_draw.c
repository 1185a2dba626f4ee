/* What the list of Secrets looks like: a row each, and all that is known of the selected one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/map.h"
#include "base/text.h"
#include "change/owner.h"
#include "registry/keyring.h"
#include "registry/reference.h"
#include "registry/secret_state.h"
#include "secrets_parts.h"

enum { TEXT_LIMIT = 1 << 16, MOST_USERS = 6, DAY_MS = 24 * 3600 * 1000 };

/* Widths of the columns, gaps included; 0: there is no room for it. */
struct layout {
    int name, type, serves, named, age, manager;
};

static struct layout lay_out(int columns)
{
    enum { ROOMY = 112, SOME = 80 }; /* so that a name has 32 columns */
    struct layout layout = {.type = columns >= SOME ? 19 : 0,
                            .serves = 17,
                            .named = 10,
                            .age = columns >= SOME ? 6 : 0,
                            .manager = columns >= ROOMY ? 26 : 0};
    layout.name =
        columns - 2 - layout.type - layout.serves - layout.named - layout.age - layout.manager;
    return layout;
}

/* The next column of a row; returns where the one behind it begins. */
static int put_column(struct ui_canvas *canvas, int row, int column, int width, enum ui_role role,
                      const char *text)
{
    if (width > 0) {
        canvas_put(canvas, row, column, width - 1, role, text);
    }
    return column + width;
}

/* Pods of CSI drivers that name it. */
static int count_users(const struct ui_view *view, const struct csi_secret *secret)
{
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(ui_model(view)->census, &count);
    int users = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < drivers[i]->workload_count; j++) {
            const struct csi_workload *workload = drivers[i]->workloads[j];
            for (size_t k = 0; k < workload->pod_count; k++) {
                const struct csi_pod *pod = workload->pods[k];
                for (size_t l = 0; l < pod->reference_count; l++) {
                    users += strcmp(pod->ns, secret->ns) == 0 &&
                             strcmp(pod->references[l].name, secret->name) == 0;
                }
            }
        }
    }
    return users;
}

static bool serves_image(const struct csi_secret *secret, const char *image)
{
    struct image_reference reference = {0};
    bool serves = false;
    if (image_reference_parse(&reference, image, NULL)) {
        for (size_t i = 0; i < secret->registry_count && !serves; i++) {
            serves = keyring_key_matches(secret->registries[i], reference.name);
        }
    }
    image_reference_free(&reference);
    return serves;
}

/* "3 of 7 images" of the driver in question; of all drivers where there is none. */
static void serving_text(const struct ui_view *view, const struct csi_secret *secret, char out[64])
{
    const struct secrets *state = view->state;
    int images = 0;
    int served = 0;
    size_t count;
    struct csi_driver *const *drivers = csi_census_drivers(ui_model(view)->census, &count);
    struct map *seen = map_new(NULL);
    for (size_t i = 0; i < count; i++) {
        bool meant = state->driver == NULL || strcmp(state->driver, drivers[i]->name) == 0;
        for (size_t j = 0; meant && j < drivers[i]->workload_count; j++) {
            const struct csi_workload *workload = drivers[i]->workloads[j];
            for (size_t k = 0; k < workload->image_count; k++) {
                if (map_get(seen, workload->images[k]) == NULL) {
                    map_set(seen, workload->images[k], seen);
                    images++;
                    served += serves_image(secret, workload->images[k]) ? 1 : 0;
                }
            }
        }
    }
    map_free(seen);
    if (registry_secret_data_key(secret->type) == NULL || images == 0) {
        snprintf(out, 64, "-");
    } else if (!secret->content_known) {
        snprintf(out, 64, _("not read"));
    } else {
        snprintf(out, 64, _("%d of %d images"), served, images);
    }
}

/* When its passwords end; "" if that is not known. True if that is soon. */
static bool expiry_text(const struct csi_secret *secret, char out[128])
{
    bool soon = false;
    char when[32];
    out[0] = '\0';
    if (secret->expires_ms > 0) {
        int64_t left = secret->expires_ms - clock_wall_ms();
        clock_format_age(left < 0 ? -left : left, when);
        snprintf(out, 128,
                 left < 0 ? _("a token in it ended %s ago") : _("a token in it ends in %s"), when);
        return left < DAY_MS;
    }
    for (size_t i = 0; i < secret->registry_count; i++) {
        char *host = keyring_normalise_key(secret->registries[i], NULL);
        if (host != NULL) {
            host[strcspn(host, "/")] = '\0';
            soon = soon || registry_is_ecr(host);
        }
        free(host);
    }
    if (soon) {
        clock_format_age(clock_wall_ms() - secret->updated_ms, when);
        snprintf(out, 128, _("Amazon ECR: tokens end after 12 hours; written %s ago"), when);
    }
    return soon;
}

static void draw_row(const struct ui_view *view, struct ui_canvas *canvas, int line,
                     const struct csi_secret *secret, bool selected)
{
    char serving[64];
    char age[32];
    bool registry = registry_secret_data_key(secret->type) != NULL;
    enum ui_role role = selected ? UI_ROLE_SELECTED : registry ? UI_ROLE_TEXT : UI_ROLE_DIM;
    const char *type =
        text_starts_with(secret->type, "kubernetes.io/") ? secret->type + 14 : secret->type;
    serving_text(view, secret, serving);
    clock_format_age(clock_wall_ms() - secret->created_ms, age);
    if (selected) {
        canvas_fill(canvas, line, role);
        canvas_cursor(canvas, line, 0, false);
    }
    struct layout layout = lay_out(canvas->columns);
    int pods = count_users(view, secret);
    int column = 1;
    canvas_printf(canvas, line, column, layout.name - 1, role, "%s/%s", secret->ns, secret->name);
    column += layout.name;
    column = put_column(canvas, line, column, layout.type, role, type);
    column = put_column(canvas, line, column, layout.serves, role,
                        secret->fault != NULL ? _("malformed") : serving);
    canvas_printf(canvas, line, column, layout.named - 1, role,
                  language_plural("%d pod", "%d pods", (unsigned long)pods), pods);
    column += layout.named;
    column = put_column(canvas, line, column, layout.age, role, secret->created_ms == 0 ? "" : age);
    put_column(canvas, line, column, layout.manager, role, secret->managed_by);
}

/* Everybody who uses it, not only the drivers' pods. */
static int draw_users(const struct secrets *state, struct ui_canvas *canvas, int row,
                      const struct csi_secret *secret)
{
    struct buffer text;
    if (state->users == NULL || !change_secret_users_done(state->users)) {
        canvas_put(canvas, row, 1, -1, UI_ROLE_DIM, _("Used by: asking..."));
        return row + 1;
    }
    buffer_init(&text, TEXT_LIMIT);
    buffer_append_string(&text, _("Used by: "));
    size_t empty = text.length;
    change_secret_uses_describe(change_secret_users_found(state->users), secret->ns, secret->name,
                                MOST_USERS, &text);
    buffer_append_string(&text, text.length == empty ? _("nobody that can be seen") : "");
    const char *gaps = change_secret_users_gaps(state->users);
    if (gaps != NULL) {
        buffer_printf(&text, _(" (%s could not be listed)"), gaps);
    }
    row += canvas_wrap(canvas, row, 1, canvas->columns - 2, 2, UI_ROLE_TEXT, text.data);
    buffer_free(&text);
    return row;
}

/* What it is good for, in one line where it holds no entries. */
static int draw_content(struct ui_canvas *canvas, int row, const struct csi_secret *secret)
{
    char ends[128];
    if (registry_secret_data_key(secret->type) == NULL) {
        return row + canvas_wrap(canvas, row, 1, canvas->columns - 2, 2, UI_ROLE_WARNING,
                                 _("Not a registry Secret: as a pull secret the kubelet ignores it "
                                   "without a word."));
    }
    if (secret->fault != NULL) {
        return row +
               canvas_wrap(canvas, row, 1, canvas->columns - 2, 2, UI_ROLE_BAD, secret->fault);
    }
    if (secret->registry_count == 0) {
        canvas_put(canvas, row++, 1, -1, UI_ROLE_DIM,
                   secret->content_known ? _("It has no entries: pulls stay anonymous.")
                                         : _("Its content was not read."));
    }
    for (size_t i = 0; i < secret->registry_count && row < canvas->rows - 2; i++) {
        canvas_printf(canvas, row++, 1, -1, UI_ROLE_TEXT, "%s  as %s", secret->registries[i],
                      secret->users[i]);
    }
    bool soon = expiry_text(secret, ends);
    if (ends[0] != '\0') {
        canvas_put(canvas, row++, 1, -1, soon ? UI_ROLE_WARNING : UI_ROLE_DIM, ends);
    }
    return row;
}

static bool may_list(const struct ui_view *view)
{
    const char *const *refused = csi_follow_state(ui_model(view)->follow)->refused;
    for (size_t i = 0; refused != NULL && refused[i] != NULL; i++) {
        if (strcmp(refused[i], "secrets") == 0) {
            return false;
        }
    }
    return true;
}

static void draw_detail(const struct ui_view *view, struct ui_canvas *canvas, int row)
{
    const struct secrets *state = view->state;
    const struct csi_secret *secret = secrets_selected(state);
    canvas_rule(canvas, row++, _("Entries (values are never shown)"));
    if (secret == NULL) {
        canvas_put(canvas, row, 1, -1, UI_ROLE_DIM,
                   may_list(view) ? _("There is no Secret here.")
                                  : _("Secrets may not be listed here, so those that are there are "
                                      "not known."));
        return;
    }
    row = draw_content(canvas, row, secret);
    row = draw_users(state, canvas, row, secret);
    const char *source = change_owner_source(secret->managed_by);
    if (source == NULL && secret->managed_by[0] != '\0' && lay_out(canvas->columns).manager == 0 &&
        row < canvas->rows) {
        canvas_printf(canvas, row, 1, canvas->columns - 2, UI_ROLE_DIM, "Managed by: %s",
                      secret->managed_by);
    }
    if (source != NULL && row < canvas->rows) {
        canvas_printf(canvas, row, 1, canvas->columns - 2, UI_ROLE_WARNING,
                      "%s writes it, and will write it again: %s.", secret->managed_by, _(source));
    }
}

static void draw_head(const struct secrets *state, struct ui_canvas *canvas)
{
    struct layout layout = lay_out(canvas->columns);
    if (state->driver == NULL) {
        canvas_put(canvas, 0, 1, -1, UI_ROLE_TITLE, _("Secrets"));
    } else {
        canvas_printf(canvas, 0, 1, -1, UI_ROLE_TITLE,
                      "Which Secret should the pods of %s use instead of %s?", state->driver,
                      state->only == NULL || state->only[0] == '\0' ? _("the broken one")
                                                                    : state->only);
    }
    canvas_fill(canvas, 1, UI_ROLE_COLUMNS);
    int column = put_column(canvas, 1, 1, layout.name, UI_ROLE_COLUMNS, _("NAME"));
    column = put_column(canvas, 1, column, layout.type, UI_ROLE_COLUMNS, _("TYPE"));
    column = put_column(canvas, 1, column, layout.serves, UI_ROLE_COLUMNS, _("SERVES"));
    column = put_column(canvas, 1, column, layout.named, UI_ROLE_COLUMNS, _("NAMED BY"));
    column = put_column(canvas, 1, column, layout.age, UI_ROLE_COLUMNS, _("AGE"));
    put_column(canvas, 1, column, layout.manager, UI_ROLE_COLUMNS, _("MANAGED BY"));
}

void secrets_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct secrets *state = view->state;
    int detail = canvas->rows / 3 < 7 ? 7 : canvas->rows / 3;
    detail = canvas->rows < 15 ? 6 : detail;
    state->height = canvas->rows - 2 - detail;
    ui_list_settle(&state->list, (int)state->count, state->height);
    draw_head(state, canvas);
    for (int i = 0; i < state->height && state->list.top + i < state->list.count; i++) {
        int at = state->list.top + i;
        draw_row(view, canvas, 2 + i, state->rows[at], at == state->list.selected);
    }
    draw_detail(view, canvas, canvas->rows - detail);
}
