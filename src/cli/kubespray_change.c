/* diff and apply --kubespray: what the roles of the drivers render, as manifests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/language.h"
#include "base/text.h"
#include "cli/kubespray.h"
#include "kubespray/manifests.h"

enum { MAX_DRIVERS = 16 };

struct chosen {
    const char *names[MAX_DRIVERS];
    size_t count;
};

/* Those of --driver; otherwise the cluster's that Kubespray has a role for; in a cluster without
 * any, those that the inventory switches on. */
static bool choose_drivers(const struct cli_values *values, struct kubespray *kubespray,
                           const struct csi_census *census, struct chosen *out, struct error *err)
{
    const char *const *named = cli_list(values, CLI_DRIVER);
    size_t running = 0;
    struct csi_driver *const *drivers = csi_census_drivers(census, &running);
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; named != NULL && named[i] != NULL && out->count < MAX_DRIVERS; i++) {
        out->names[out->count++] = named[i];
    }
    for (size_t i = 0; named == NULL && i < running && out->count < MAX_DRIVERS; i++) {
        if (kubespray_find_driver(drivers[i]->name) != NULL) {
            out->names[out->count++] = drivers[i]->name;
        }
    }
    const struct kubespray_driver *each = kubespray_drivers;
    for (; named == NULL && running == 0 && each->role != NULL; each++) {
        if (kubespray_enables(kubespray, each)) {
            out->names[out->count++] = each->name;
        }
    }
    return out->count > 0 ||
           error_set(err, ERROR_NOT_FOUND,
                     "neither does the cluster run a CSI driver that Kubespray has a role for, nor "
                     "does the inventory switch one on; name one with --driver");
}

/* What cannot be rendered is no part of the change; where that leaves nothing, it is an error. */
static bool take_manifests(const struct chosen *chosen, struct kubespray_manifests *manifests,
                           struct change_intent *intent, bool all, struct error *err)
{
    if (manifests->refused_count > 0 && (all || manifests->count == 0)) {
        error_set(err, ERROR_INVALID, "%s", manifests->refused[0]);
        return error_wrap(err, "Ansible would refuse %zu templates", manifests->refused_count);
    }
    for (size_t i = 0; i < manifests->refused_count; i++) {
        char *why = text_safe(manifests->refused[i]);
        fprintf(stderr, _("left out, because Ansible would refuse it: %s\n"), why);
        free(why);
    }
    intent->manifests = manifests->items;
    intent->manifest_count = manifests->count;
    manifests->items = NULL;
    manifests->count = 0;
    return intent->manifest_count > 0 ||
           error_set(err, ERROR_NOT_FOUND, "the role of %s renders no object", chosen->names[0]);
}

bool cli_render_manifests(const struct cli_values *values, const struct csi_census *census,
                          struct change_intent *intent, struct error *err)
{
    struct kubespray_manifests manifests = {0};
    struct chosen chosen;
    bool all = cli_flag(values, CLI_ALL_CHANGES);
    struct kubespray *kubespray = cli_open_kubespray(values, err);
    bool done = kubespray != NULL && choose_drivers(values, kubespray, census, &chosen, err);
    for (size_t i = 0; done && i < chosen.count; i++) {
        done = kubespray_manifests_add(kubespray, chosen.names[i], &manifests, err);
    }
    done = done && take_manifests(&chosen, &manifests, intent, all, err);
    kubespray_manifests_free(&manifests);
    kubespray_close(kubespray);
    intent->pull_secrets_only = !all;
    free(intent->origin);
    intent->origin = xasprintf("kubespray %s", cli_text(values, CLI_KUBESPRAY));
    return done;
}
