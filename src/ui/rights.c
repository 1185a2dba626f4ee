#include "ui/rights.h"

#include <string.h>

#include "base/buffer.h"
#include "base/language.h"

static const struct {
    const char *verb;
    const struct kube_resource *resource;
    const char *why;
} wanted[RIGHTS_COUNT] = {
    {"list", &kube_pods, N_("see pods and what they pull")},
    {"list", &kube_daemon_sets, N_("see node plugins")},
    {"list", &kube_stateful_sets, N_("see controllers")},
    {"list", &kube_events, N_("count warnings")},
    {"list", &kube_secrets, N_("see which Secrets exist")},
    {"get", &kube_secrets, N_("see which registries they serve")},
    {"create", &kube_secrets, N_("create a pull secret")},
    {"patch", &kube_daemon_sets, N_("change a node plugin's references")},
    {"patch", &kube_stateful_sets, N_("change a controller's references")},
};

static void on_answer(void *context, enum kube_answer answer, const char *reason)
{
    struct right *right = context;
    (void)reason;
    right->call = NULL;
    right->answer = answer;
    right->answered = true;
    ui_invalidate(right->rights->app);
}

void rights_ask(struct rights *rights, struct ui_app *app, struct kube_client *client,
                const char *ns)
{
    rights_stop(rights);
    rights->app = app;
    for (size_t i = 0; i < RIGHTS_COUNT; i++) {
        struct kube_question question = {wanted[i].verb, wanted[i].resource, ns, NULL};
        rights->of[i].rights = rights;
        rights->of[i].call = kube_review(client, &question, on_answer, &rights->of[i]);
    }
}

void rights_stop(struct rights *rights)
{
    for (size_t i = 0; i < RIGHTS_COUNT; i++) {
        kube_call_cancel(rights->of[i].call);
        rights->of[i] = (struct right){0};
    }
}

int rights_draw(const struct rights *rights, struct ui_canvas *canvas, int row)
{
    for (int i = 0; i < RIGHTS_COUNT; i++) {
        const struct right *right = &rights->of[i];
        enum ui_glyph glyph = !right->answered                ? GLYPH_BULLET
                              : right->answer == KUBE_ALLOWED ? GLYPH_GOOD
                              : right->answer == KUBE_DENIED  ? GLYPH_BAD
                                                              : GLYPH_UNKNOWN;
        enum ui_role role = glyph == GLYPH_GOOD  ? UI_ROLE_GOOD
                            : glyph == GLYPH_BAD ? UI_ROLE_BAD
                                                 : UI_ROLE_DIM;
        const char *word = !right->answered                ? _("asking")
                           : right->answer == KUBE_ALLOWED ? _("yes")
                           : right->answer == KUBE_DENIED  ? _("no")
                                                           : _("not known");
        canvas_printf(canvas, row + i, 3, 12, role, "%s %s", canvas_glyph(canvas, glyph), word);
        canvas_printf(canvas, row + i, 16, -1, UI_ROLE_TEXT, "%s (%s %s)", _(wanted[i].why),
                      wanted[i].verb, wanted[i].resource->plural);
    }
    return RIGHTS_COUNT;
}

size_t rights_missing(const struct rights *rights)
{
    size_t count = 0;
    for (size_t i = 0; i < RIGHTS_COUNT; i++) {
        count += rights->of[i].answered && rights->of[i].answer == KUBE_DENIED ? 1 : 0;
    }
    return count;
}

void rights_write_role(const struct rights *rights, struct buffer *out)
{
    buffer_append_string(
        out, _("# What to ask your administrator for. Rights that you lack are marked.\n"));
    buffer_append_string(out, "apiVersion: rbac.authorization.k8s.io/v1\n"
                              "kind: ClusterRole\n"
                              "metadata:\n"
                              "  name: pullmend\n"
                              "rules:\n");
    for (size_t i = 0; i < RIGHTS_COUNT; i++) {
        bool missing = rights->of[i].answered && rights->of[i].answer == KUBE_DENIED;
        bool lists = strcmp(wanted[i].verb, "list") == 0;
        buffer_printf(out, _("- apiGroups: [\"%s\"] # to %s%s\n"), wanted[i].resource->group,
                      _(wanted[i].why), missing ? _("  <-- you lack this") : "");
        buffer_printf(out, "  resources: [%s]\n", wanted[i].resource->plural);
        buffer_printf(out, "  verbs: [%s%s]\n", wanted[i].verb, lists ? ", watch" : "");
    }
}
