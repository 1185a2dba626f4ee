/* One pod: reference -> Secret -> registry entry -> image -> what the kubelet says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/text.h"
#include "registry/keyring.h"
#include "registry/reference.h"
#include "ui/explanation.h"
#include "ui/fixes.h"
#include "ui/pager.h"
#include "ui/views.h"
#include "ui/widgets.h"

struct pod_state {
    char *ns;
    char *name;
    struct pager pager;
    struct ui_canvas glyphs; /* for the glyphs of the lines */
    int width;               /* of the canvas that the lines were made for */
};

enum { FINDINGS = 16 };

static const enum ui_action actions[] = {UI_FIX,        UI_YAML,  UI_EVENTS, UI_VERIFY,
                                         PAGER_ACTIONS, UI_FIX_1, UI_FIX_2,  UI_FIX_3,
                                         UI_FIX_4,      UI_FIX_5, UI_FIX_6,  UI_NONE};

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
    char word[64];
    pager_say(&state->pager, widget_state_role(reference->state), "  %s %-24s %s %s",
              canvas_glyph(&state->glyphs, broken ? GLYPH_BAD : GLYPH_GOOD),
              reference->name[0] == '\0' ? _("(no name)") : reference->name,
              text_column(word, sizeof(word), _(csi_secret_state_name(reference->state)), 11),
              reference->source == CSI_SOURCE_POD
                  ? _("from the pod's own list")
                  : _("from the ServiceAccount, at the pod's creation"));
    if (secret != NULL) {
        pager_printf(&state->pager, UI_ROLE_DIM,
                     language_plural("      Secret %s/%s, type %s, %d key%s%s",
                                     "      Secret %s/%s, type %s, %d keys%s%s",
                                     (unsigned long)secret->keys),
                     secret->ns, secret->name, secret->type, secret->keys,
                     secret->fault == NULL ? "" : ": ", secret->fault == NULL ? "" : secret->fault);
    }
    for (size_t i = 0; secret != NULL && i < secret->registry_count; i++) {
        pager_printf(&state->pager, UI_ROLE_DIM, "      for %s as %s", secret->registries[i],
                     secret->users[i][0] == '\0' ? _("(no user)") : secret->users[i]);
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
            pager_say(&state->pager, UI_ROLE_DIM, "  - %-24s on ServiceAccount %s: %s",
                      account->pull_secrets[i], account->name,
                      pod->reference_count > 0
                          ? _("ignored, the pod has its own list")
                          : _("not in this pod, which is older than that change"));
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

/* "Secret regcred, entry ghcr.io", or why there is none; free() it. */
static char *credential_text(const struct pod_state *state, const struct ui_model *model,
                             const struct csi_pod *pod, const char *repository, bool *found)
{
    const char *key = NULL;
    const char *name = serving(model, pod, repository, &key);
    *found = name != NULL;
    return name != NULL ? xasprintf(_("Secret %s, entry %s"), name, key)
                        : xasprintf(_("%s anonymous"), canvas_glyph(&state->glyphs, GLYPH_DASH));
}

/* Image, registry and credential in one row where there is room, otherwise in two. */
static void add_image(struct pod_state *state, const struct ui_model *model,
                      const struct csi_pod *pod, const char *text, int image_width)
{
    struct image_reference image = {0};
    if (!image_reference_parse(&image, text, NULL)) {
        pager_printf(&state->pager, UI_ROLE_BAD, "  %s: not a valid image name", text);
        return;
    }
    bool found;
    char *credential = credential_text(state, model, pod, image.name, &found);
    enum ui_role role = found ? UI_ROLE_GOOD : UI_ROLE_TEXT;
    if (image_width > 0) {
        pager_printf(&state->pager, role, "  %-*s  %-18s  %s", image_width, text, image.host,
                     credential);
    } else {
        pager_printf(&state->pager, UI_ROLE_TEXT, "  %s", text);
        pager_printf(&state->pager, found ? role : UI_ROLE_DIM, "      %s %s", image.host,
                     credential);
    }
    free(credential);
    image_reference_free(&image);
}

static void add_images(struct pod_state *state, const struct ui_model *model,
                       const struct csi_pod *pod)
{
    enum { OTHERS = 2 + 2 + 18 + 2 + 26 };
    int widest = 0;
    for (size_t i = 0; i < pod->image_count; i++) {
        int width = text_width(pod->images[i]);
        widest = width > widest ? width : widest;
    }
    bool beside = widest + OTHERS <= state->width;
    pager_add(&state->pager, UI_ROLE_TEXT, "");
    if (beside) {
        pager_printf(&state->pager, UI_ROLE_TITLE, "%-*s  %-18s  %s", widest + 2, "IMAGES",
                     "REGISTRY", "CREDENTIAL");
    } else {
        pager_add(&state->pager, UI_ROLE_TITLE, _("IMAGES"));
    }
    for (size_t i = 0; i < pod->image_count; i++) {
        add_image(state, model, pod, pod->images[i], beside ? widest : 0);
    }
}

/* What follows from all that, and the ways out: the keys are the same as in the overview. */
static void add_findings(struct pod_state *state, const struct ui_model *model,
                         const struct csi_pod *pod)
{
    const struct csi_finding *found[FINDINGS];
    const struct csi_driver *driver = pod->workload->driver;
    size_t count =
        driver == NULL ? 0 : ui_findings_about(model, driver, NULL, pod, found, FINDINGS);
    pager_add(&state->pager, UI_ROLE_TEXT, "");
    pager_add(&state->pager, UI_ROLE_TITLE, _("WHAT IS WRONG"));
    if (count == 0) {
        pager_add(&state->pager, UI_ROLE_GOOD, _("  nothing"));
    }
    for (size_t i = 0; i < count; i++) {
        pager_say(&state->pager, explanation_role(found[i]->severity), "  %s: %s",
                  _(csi_severity_name(found[i]->severity)), found[i]->message);
        for (size_t j = 0; i == 0 && j < found[i]->fix_count; j++) {
            char label[256];
            csi_fix_label(&found[i]->fixes[j], j + 1, label, sizeof(label));
            pager_printf(&state->pager, UI_ROLE_TEXT, "    %s", label);
        }
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
    pager_add(&state->pager, UI_ROLE_TITLE, _("WARNINGS"));
    if (warnings->count == 0) {
        pager_add(&state->pager, UI_ROLE_TEXT,
                  _("  none is recorded (kubelets before 1.28 record none; coming ones only for "
                    "failed pulls)"));
    } else {
        clock_format_age(now - warnings->last_seen_ms, age);
        clock_format_age(now - warnings->first_seen_ms, first);
        pager_printf(&state->pager, UI_ROLE_WARNING,
                     "  %s a day, %lld in all, first %s ago, last %s ago", rate,
                     (long long)warnings->count, first, age);
    }
    if (pod->pulling == CSI_PULLING_FAILING) {
        pager_add(&state->pager, UI_ROLE_BAD, _("  the pull is failing now:"));
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
        pager_add(&state->pager, UI_ROLE_WARNING, _("This pod is gone."));
        return;
    }
    pager_printf(&state->pager, UI_ROLE_TEXT,
                 language_plural("%s, %d/%d ready, %d restart%s%s",
                                 "%s, %d/%d ready, %d restarts%s%s", (unsigned long)pod->restarts),
                 pod->phase, pod->ready_containers, pod->containers, pod->restarts,
                 pod->stale ? _(", made from an older template") : "",
                 pod->is_static ? _(", static pod") : "");
    pager_add(&state->pager, UI_ROLE_TEXT, "");
    pager_add(&state->pager, UI_ROLE_TITLE, _("PULL SECRETS"));
    for (size_t i = 0; i < pod->reference_count; i++) {
        add_reference(state, model, pod, &pod->references[i]);
    }
    if (pod->reference_count == 0) {
        pager_add(&state->pager, UI_ROLE_TEXT, _("  none: images are pulled anonymously"));
    }
    add_shadowed(state, model, pod);
    add_images(state, model, pod);
    add_warnings(state, pod);
    add_findings(state, model, pod);
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
    if (state->width != canvas->columns) {
        state->width = canvas->columns;
        pod_update(view);
    }
    pager_draw(&state->pager, canvas);
}

static void pod_heading(const struct ui_view *view, char *out, size_t size)
{
    const struct pod_state *state = view->state;
    const struct csi_pod *pod = find(view);
    const char *bullet = canvas_glyph(&state->glyphs, GLYPH_BULLET);
    snprintf(out, size, "%s %s %s%s%s%s%s", state->name, bullet, state->ns, pod == NULL ? "" : " ",
             pod == NULL ? "" : bullet, pod == NULL ? "" : " ", pod == NULL ? "" : pod->node);
}

static void open_other(struct ui_view *view, enum ui_action action)
{
    const struct pod_state *state = view->state;
    const struct csi_pod *pod = find(view);
    struct view_object_argument object = {"Pod", state->ns, state->name};
    if (action != UI_VERIFY) {
        ui_push(view->app, action == UI_YAML ? &view_yaml : &view_events, &object);
    } else if (pod != NULL && pod->workload->driver != NULL) {
        struct view_verify_argument argument = {.driver = pod->workload->driver->name};
        ui_push(view->app, &view_verify, &argument);
    }
}

/* number 0: all ways out of what is worst here. */
static void mend(struct ui_view *view, size_t number)
{
    const struct csi_finding *found[FINDINGS];
    const struct csi_pod *pod = find(view);
    const struct csi_driver *driver = pod == NULL ? NULL : pod->workload->driver;
    size_t count =
        driver == NULL ? 0 : ui_findings_about(ui_model(view), driver, NULL, pod, found, FINDINGS);
    if (count == 0 || number > found[0]->fix_count) {
        ui_say(view->app, UI_ROLE_INFO, "Nothing to mend here.");
    } else if (number == 0) {
        ui_push(view->app, &view_fix, (void *)(uintptr_t)found[0]);
    } else {
        ui_start_fix(view->app, found[0], number - 1);
    }
}

static bool pod_act(struct ui_view *view, enum ui_action action)
{
    struct pod_state *state = view->state;
    if (action == UI_YAML || action == UI_EVENTS || action == UI_VERIFY) {
        open_other(view, action);
        return true;
    }
    if (action == UI_FIX || (action >= UI_FIX_1 && action <= UI_FIX_6)) {
        mend(view, action == UI_FIX ? 0 : (size_t)(action - UI_FIX_1) + 1);
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
                                     .title = N_("A pod and its credentials"),
                                     .state_size = sizeof(struct pod_state),
                                     .actions = actions,
                                     .open = pod_open,
                                     .draw = pod_draw,
                                     .heading = pod_heading,
                                     .act = pod_act,
                                     .type = pod_type,
                                     .typing = pod_typing,
                                     .wheel = pod_wheel,
                                     .update = pod_update,
                                     .close = pod_close};
