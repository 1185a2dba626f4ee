/* One pod: reference -> Secret -> registry entry -> image -> what the kubelet says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "registry/keyring.h"
#include "registry/reference.h"
#include "ui/pager.h"
#include "ui/views.h"
#include "ui/widgets.h"

struct pod_state {
    char *ns;
    char *name;
    struct pager pager;
    struct ui_canvas glyphs; /* for the glyphs of the lines */
};

static const enum ui_action actions[] = {UI_FIX,    UI_YAML,       UI_EVENTS,
                                         UI_VERIFY, PAGER_ACTIONS, UI_NONE};

static const struct csi_pod *find(const struct ui_view *view)
{
    const struct pod_state *state = view->state;
    return csi_census_pod(ui_model(view)->census, state->ns, state->name);
}

static void add_reference(struct pod_state *state, const struct ui_model *model,
                          const struct csi_pod *pod, const struct csi_reference *reference)
{
    const struct csi_secret *secret = csi_census_secret(model->census, pod->ns, reference->name);
    bool broken = csi_secret_state_is_broken(reference->state);
    pager_printf(&state->pager, widget_state_role(reference->state), "  %s %-24s %-11s %s",
                 canvas_glyph(&state->glyphs, broken ? GLYPH_BAD : GLYPH_GOOD),
                 reference->name[0] == '\0' ? "(no name)" : reference->name,
                 csi_secret_state_name(reference->state),
                 reference->source == CSI_SOURCE_POD
                     ? "from the pod's own list"
                     : "from the ServiceAccount, at the pod's creation");
    if (secret != NULL) {
        pager_printf(&state->pager, UI_ROLE_DIM, "      Secret %s/%s, type %s, %d key%s%s%s",
                     secret->ns, secret->name, secret->type, secret->keys,
                     secret->keys == 1 ? "" : "s", secret->fault == NULL ? "" : ": ",
                     secret->fault == NULL ? "" : secret->fault);
    }
    for (size_t i = 0; secret != NULL && i < secret->registry_count; i++) {
        pager_printf(&state->pager, UI_ROLE_DIM, "      for %s as %s", secret->registries[i],
                     secret->users[i][0] == '\0' ? "(no user)" : secret->users[i]);
    }
}

/* Pull secrets of the ServiceAccount that never reached the pod. */
static void add_shadowed(struct pod_state *state, const struct ui_model *model,
                         const struct csi_pod *pod)
{
    const struct csi_service_account *account =
        csi_census_service_account(model->census, pod->ns, pod->service_account);
    for (size_t i = 0; account != NULL && i < account->pull_secret_count; i++) {
        bool used = false;
        for (size_t j = 0; j < pod->reference_count; j++) {
            used = used || strcmp(pod->references[j].name, account->pull_secrets[i]) == 0;
        }
        if (!used) {
            pager_printf(&state->pager, UI_ROLE_DIM, "  - %-24s on ServiceAccount %s: %s",
                         account->pull_secrets[i], account->name,
                         pod->reference_count > 0
                             ? "ignored, the pod has its own list"
                             : "not in this pod, which is older than that change");
        }
    }
}

/* The first Secret of the pod with an entry for the image; NULL: the pull is anonymous. */
static const char *serving(const struct ui_model *model, const struct csi_pod *pod,
                           const char *repository, const char **key)
{
    for (size_t i = 0; i < pod->reference_count; i++) {
        const struct csi_secret *secret =
            csi_census_secret(model->census, pod->ns, pod->references[i].name);
        for (size_t j = 0; secret != NULL && j < secret->registry_count; j++) {
            if (keyring_key_matches(secret->registries[j], repository)) {
                *key = secret->registries[j];
                return secret->name;
            }
        }
    }
    return NULL;
}

static void add_images(struct pod_state *state, const struct ui_model *model,
                       const struct csi_pod *pod)
{
    pager_add(&state->pager, UI_ROLE_TEXT, "");
    pager_add(&state->pager, UI_ROLE_TITLE, "IMAGES");
    for (size_t i = 0; i < pod->image_count; i++) {
        struct image_reference image = {0};
        const char *key = NULL;
        pager_printf(&state->pager, UI_ROLE_TEXT, "  %s", pod->images[i]);
        if (!image_reference_parse(&image, pod->images[i], NULL)) {
            pager_add(&state->pager, UI_ROLE_BAD, "      not a valid image name");
            continue;
        }
        const char *name = serving(model, pod, image.name, &key);
        if (name == NULL) {
            pager_printf(&state->pager, UI_ROLE_DIM, "      %s %s anonymous", image.host,
                         canvas_glyph(&state->glyphs, GLYPH_DASH));
        } else {
            pager_printf(&state->pager, UI_ROLE_GOOD, "      %s: Secret %s, entry %s", image.host,
                         name, key);
        }
        image_reference_free(&image);
    }
}

static void add_warnings(struct pod_state *state, const struct csi_pod *pod)
{
    const struct csi_warnings *warnings = &pod->warnings;
    char rate[48];
    char age[32] = "";
    char first[32] = "";
    int64_t now = clock_wall_ms();
    widget_rate(&state->glyphs, warnings, rate);
    pager_add(&state->pager, UI_ROLE_TEXT, "");
    pager_add(&state->pager, UI_ROLE_TITLE, "WARNINGS");
    if (warnings->count == 0) {
        pager_add(&state->pager, UI_ROLE_TEXT,
                  "  none is recorded (kubelets before 1.28 record none; coming ones only for "
                  "failed pulls)");
    } else {
        clock_format_age(now - warnings->last_seen_ms, age);
        clock_format_age(now - warnings->first_seen_ms, first);
        pager_printf(&state->pager, UI_ROLE_WARNING,
                     "  %s a day, %lld in all, first %s ago, last %s ago", rate,
                     (long long)warnings->count, first, age);
    }
    if (pod->pulling == CSI_PULLING_FAILING) {
        pager_add(&state->pager, UI_ROLE_BAD, "  the pull is failing now:");
        pager_printf(&state->pager, UI_ROLE_BAD, "    %s",
                     pod->pull_message == NULL ? "" : pod->pull_message);
    }
    if (pod->odd != NULL) {
        pager_printf(&state->pager, UI_ROLE_WARNING, "  odd: %s", pod->odd);
    }
}

static void pod_update(struct ui_view *view)
{
    struct pod_state *state = view->state;
    const struct ui_model *model = ui_model(view);
    const struct csi_pod *pod = find(view);
    state->glyphs.ascii = model->options->ascii || !text_locale_is_utf8();
    pager_clear(&state->pager);
    if (pod == NULL) {
        pager_add(&state->pager, UI_ROLE_WARNING, "This pod is gone.");
        return;
    }
    pager_printf(&state->pager, UI_ROLE_TEXT, "%s, %d/%d ready, %d restart%s%s%s", pod->phase,
                 pod->ready_containers, pod->containers, pod->restarts,
                 pod->restarts == 1 ? "" : "s", pod->stale ? ", made from an older template" : "",
                 pod->is_static ? ", static pod" : "");
    pager_add(&state->pager, UI_ROLE_TEXT, "");
    pager_add(&state->pager, UI_ROLE_TITLE, "PULL SECRETS");
    for (size_t i = 0; i < pod->reference_count; i++) {
        add_reference(state, model, pod, &pod->references[i]);
    }
    if (pod->reference_count == 0) {
        pager_add(&state->pager, UI_ROLE_TEXT, "  none: images are pulled anonymously");
    }
    add_shadowed(state, model, pod);
    add_images(state, model, pod);
    add_warnings(state, pod);
}

static void pod_open(struct ui_view *view, void *argument)
{
    struct pod_state *state = view->state;
    const struct view_pod_argument *pod = argument;
    state->ns = xstrdup(pod->ns);
    state->name = xstrdup(pod->name);
    pod_update(view);
}

static void pod_close(struct ui_view *view)
{
    struct pod_state *state = view->state;
    free(state->ns);
    free(state->name);
    pager_free(&state->pager);
}

static void pod_draw(struct ui_view *view, struct ui_canvas *canvas)
{
    struct pod_state *state = view->state;
    const struct csi_pod *pod = find(view);
    canvas_printf(canvas, 0, 1, -1, UI_ROLE_TITLE, "%s %s %s %s %s", state->name,
                  canvas_glyph(canvas, GLYPH_BULLET), state->ns, canvas_glyph(canvas, GLYPH_BULLET),
                  pod == NULL ? "" : pod->node);
    struct ui_canvas body = canvas_part(canvas, 2, 0, canvas->rows - 2, -1);
    pager_draw(&state->pager, &body);
}

static void open_other(struct ui_view *view, enum ui_action action)
{
    const struct pod_state *state = view->state;
    const struct csi_pod *pod = find(view);
    struct view_object_argument object = {"Pod", state->ns, state->name};
    if (action != UI_VERIFY) {
        ui_push(view->app, action == UI_YAML ? &view_yaml : &view_events, &object);
    } else if (pod != NULL && pod->workload->driver != NULL) {
        ui_push(view->app, &view_verify, pod->workload->driver);
    }
}

static bool pod_act(struct ui_view *view, enum ui_action action)
{
    struct pod_state *state = view->state;
    if (action == UI_YAML || action == UI_EVENTS || action == UI_VERIFY) {
        open_other(view, action);
        return true;
    }
    if (action == UI_FIX) {
        const struct csi_findings *findings = ui_model(view)->findings;
        char *name = xasprintf("%s/%s", state->ns, state->name);
        for (size_t i = 0; i < findings->count; i++) {
            char **names = findings->items[i].pod_names;
            for (size_t j = 0; names != NULL && names[j] != NULL; j++) {
                if (strcmp(names[j], name) == 0) {
                    free(name);
                    ui_push(view->app, &view_fix, &findings->items[i]);
                    return true;
                }
            }
        }
        free(name);
        ui_say(view->app, UI_ROLE_INFO, "Nothing to mend here.");
        return true;
    }
    return pager_act(&state->pager, action);
}

static bool pod_type(struct ui_view *view, int key, bool is_code)
{
    struct pod_state *state = view->state;
    return pager_type(&state->pager, key, is_code);
}

static const char *pod_typing(const struct ui_view *view)
{
    const struct pod_state *state = view->state;
    return pager_typing(&state->pager);
}

static void pod_wheel(struct ui_view *view, int rows)
{
    struct pod_state *state = view->state;
    pager_wheel(&state->pager, rows);
}

const struct ui_view_ops view_pod = {.name = "pod",
                                     .title = "A pod and its credentials",
                                     .state_size = sizeof(struct pod_state),
                                     .actions = actions,
                                     .open = pod_open,
                                     .draw = pod_draw,
                                     .act = pod_act,
                                     .type = pod_type,
                                     .typing = pod_typing,
                                     .wheel = pod_wheel,
                                     .update = pod_update,
                                     .close = pod_close};
