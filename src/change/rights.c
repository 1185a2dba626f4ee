#include "change/rights.h"

#include <string.h>

#include "base/attributes.h"
#include "base/language.h"

static const struct {
    const char *verb;
    const char *purpose;
    const struct kube_resource *resources[CHANGE_RIGHT_RESOURCES];
} wanted[CHANGE_RIGHTS_COUNT] = {
    {"list", N_("see pods and what they pull"), {&kube_pods}},
    {"list",
     N_("see what the pods belong to"),
     {&kube_daemon_sets, &kube_stateful_sets, &kube_deployments}},
    {"list", N_("see drivers and accounts"), {&kube_csi_drivers, &kube_service_accounts}},
    {"list", N_("count warnings"), {&kube_events}},
    {"list", N_("see which Secrets exist"), {&kube_secrets}},
    {"get", N_("see which registries they serve"), {&kube_secrets}},
    {"create", N_("create a pull secret"), {&kube_secrets}},
    {"patch",
     N_("change what pods refer to"),
     {&kube_daemon_sets, &kube_stateful_sets, &kube_deployments}},
};

static void on_answer(void *context, enum kube_answer answer, const char *reason)
{
    struct change_right_question *question = context;
    struct change_rights *rights = question->right->rights;
    (void)reason;
    question->call = NULL;
    question->answer = answer;
    question->answered = true;
    rights->on_answer(rights->context);
}

void change_rights_ask(struct change_rights *rights, struct kube_client *client, const char *ns,
                       void (*answered)(void *context), void *context)
{
    change_rights_stop(rights);
    rights->on_answer = answered;
    rights->context = context;
    for (size_t i = 0; i < CHANGE_RIGHTS_COUNT; i++) {
        struct change_right *right = &rights->of[i];
        right->rights = rights;
        for (size_t j = 0; j < CHANGE_RIGHT_RESOURCES && wanted[i].resources[j] != NULL; j++) {
            /* What is the cluster's is in no namespace. */
            const char *where = wanted[i].resources[j] == &kube_csi_drivers ? NULL : ns;
            struct kube_question question = {wanted[i].verb, wanted[i].resources[j], where, NULL};
            right->of[j].right = right;
            right->of[j].call = kube_review(client, &question, on_answer, &right->of[j]);
        }
    }
}

void change_rights_stop(struct change_rights *rights)
{
    for (size_t i = 0; i < CHANGE_RIGHTS_COUNT; i++) {
        for (size_t j = 0; j < CHANGE_RIGHT_RESOURCES; j++) {
            kube_call_cancel(rights->of[i].of[j].call);
        }
        rights->of[i] = (struct change_right){0};
    }
}

bool change_right_is_known(const struct change_rights *rights, size_t number)
{
    for (size_t j = 0; j < CHANGE_RIGHT_RESOURCES && wanted[number].resources[j] != NULL; j++) {
        if (!rights->of[number].of[j].answered) {
            return false;
        }
    }
    return true;
}

bool change_rights_known(const struct change_rights *rights)
{
    for (size_t i = 0; i < CHANGE_RIGHTS_COUNT; i++) {
        if (!change_right_is_known(rights, i)) {
            return false;
        }
    }
    return true;
}

enum kube_answer change_right_answer(const struct change_rights *rights, size_t number)
{
    bool known = true;
    for (size_t j = 0; j < CHANGE_RIGHT_RESOURCES && wanted[number].resources[j] != NULL; j++) {
        const struct change_right_question *question = &rights->of[number].of[j];
        if (question->answered && question->answer == KUBE_DENIED) {
            return KUBE_DENIED;
        }
        known = known && question->answered && question->answer == KUBE_ALLOWED;
    }
    return known ? KUBE_ALLOWED : KUBE_UNKNOWN;
}

const char *change_right_purpose(size_t number)
{
    return _(wanted[number].purpose);
}

static void append_resources(size_t number, struct buffer *out)
{
    for (size_t j = 0; j < CHANGE_RIGHT_RESOURCES && wanted[number].resources[j] != NULL; j++) {
        buffer_printf(out, "%s%s", j > 0 ? ", " : "", wanted[number].resources[j]->plural);
    }
}

void change_right_append(size_t number, struct buffer *out)
{
    buffer_printf(out, "%s ", wanted[number].verb);
    append_resources(number, out);
}

size_t change_rights_missing(const struct change_rights *rights)
{
    size_t count = 0;
    for (size_t i = 0; i < CHANGE_RIGHTS_COUNT; i++) {
        count += change_right_answer(rights, i) == KUBE_DENIED ? 1 : 0;
    }
    return count;
}

/* A rule has one group: resources of a right that are in another one get a rule of their own. */
static void write_rules(const struct change_rights *rights, size_t number, struct buffer *out)
{
    const struct kube_resource *const *resources = wanted[number].resources;
    bool lists = strcmp(wanted[number].verb, "list") == 0;
    bool missing = change_right_answer(rights, number) == KUBE_DENIED;
    for (size_t j = 0; j < CHANGE_RIGHT_RESOURCES && resources[j] != NULL; j++) {
        bool first = j == 0 || strcmp(resources[j]->group, resources[j - 1]->group) != 0;
        if (first) {
            buffer_printf(out, "%s- apiGroups: [\"%s\"] # %s%s\n  resources: [",
                          j == 0 ? "" : "]\n", resources[j]->group, change_right_purpose(number),
                          missing ? _("  <-- you lack this") : "");
        }
        buffer_printf(out, "%s%s", first ? "" : ", ", resources[j]->plural);
        bool last = j + 1 == CHANGE_RIGHT_RESOURCES || resources[j + 1] == NULL ||
                    strcmp(resources[j]->group, resources[j + 1]->group) != 0;
        if (last) {
            buffer_printf(out, "]\n  verbs: [%s%s", wanted[number].verb, lists ? ", watch" : "");
        }
    }
    buffer_append_string(out, "]\n");
}

void change_rights_write_role(const struct change_rights *rights, struct buffer *out)
{
    buffer_printf(out,
                  "# %s\n"
                  "apiVersion: rbac.authorization.k8s.io/v1\n"
                  "kind: ClusterRole\n"
                  "metadata:\n"
                  "  name: pullmend\n"
                  "rules:\n",
                  _("What to ask your administrator for. Rights that you lack are marked."));
    for (size_t i = 0; i < CHANGE_RIGHTS_COUNT; i++) {
        write_rules(rights, i, out);
    }
}
