/* The drivers that Kubespray has roles for, and any role as if it were one. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "context.h"

const struct kubespray_driver kubespray_drivers[] = {
    {"aws_ebs", "kubernetes-apps/csi_driver/aws_ebs", "ebs.csi.aws.com", "aws_ebs_csi_enabled",
     "aws-ebs-csi"},
    {"azuredisk", "kubernetes-apps/csi_driver/azuredisk", "disk.csi.azure.com", "azure_csi_enabled",
     "azuredisk-csi"},
    {"cinder", "kubernetes-apps/csi_driver/cinder", "cinder.csi.openstack.org",
     "cinder_csi_enabled", "cinder-csi"},
    {"gcp_pd", "kubernetes-apps/csi_driver/gcp_pd", "pd.csi.storage.gke.io", "gcp_pd_csi_enabled",
     "gcp-pd-csi"},
    {"upcloud", "kubernetes-apps/csi_driver/upcloud", "storage.csi.upcloud.com",
     "upcloud_csi_enabled", "upcloud-csi"},
    {"vsphere", "kubernetes-apps/csi_driver/vsphere", "csi.vsphere.vmware.com",
     "vsphere_csi_enabled", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct kubespray_driver *kubespray_find_driver(const char *name)
{
    for (const struct kubespray_driver *driver = kubespray_drivers; driver->role != NULL;
         driver++) {
        if (strcmp(driver->role, name) == 0 || strcmp(driver->name, name) == 0) {
            return driver;
        }
    }
    return NULL;
}

char *kubespray_prefix(const struct kubespray_driver *driver)
{
    return xstrndup(driver->enabled, strlen(driver->enabled) - strlen("_enabled"));
}

char *kubespray_pull_variable(const struct kubespray_driver *driver)
{
    char *prefix = kubespray_prefix(driver);
    char *variable = xasprintf("%s_image_pull_secret", prefix);
    free(prefix);
    return variable;
}

bool driver_here(const struct kubespray *kubespray, const struct kubespray_driver *driver)
{
    static const char *const parts[] = {"templates", "tasks"};
    bool here = false;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct stat status;
        char *path = xasprintf("roles/%s/%s", driver->folder, parts[i]);
        char *full = file_join(kubespray->checkout, path);
        here = here || (stat(full, &status) == 0 && S_ISDIR(status.st_mode));
        free(full);
        free(path);
    }
    return here;
}

/* "roles/network_plugin/calico": its variables begin with the role's own name. */
static const struct kubespray_driver *role_as_driver(struct kubespray *kubespray, const char *path)
{
    struct kubespray_driver *driver = jinja_arena_alloc(kubespray->arena, sizeof(*driver));
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] == '/') {
        length--;
    }
    char *folder = jinja_arena_copy(kubespray->arena, path, length);
    const char *role = strrchr(folder, '/') + 1;
    char *enabled = jinja_arena_alloc(kubespray->arena, strlen(role) + sizeof("_enabled"));
    for (size_t i = 0; role[i] != '\0'; i++) {
        enabled[i] = role[i] == '-' ? '_' : role[i];
    }
    memcpy(enabled + strlen(role), "_enabled", sizeof("_enabled"));
    *driver = (struct kubespray_driver){
        .role = role, .folder = folder + strlen("roles/"), .name = role, .enabled = enabled};
    return driver;
}

const struct kubespray_driver *driver_named(struct kubespray *kubespray, const char *name,
                                            struct error *err)
{
    const struct kubespray_driver *driver = kubespray_find_driver(name);
    if (driver == NULL && text_starts_with(name, "roles/") && name[strlen("roles/")] != '\0' &&
        strstr(name, "..") == NULL) {
        driver = role_as_driver(kubespray, name);
    }
    if (driver == NULL) {
        error_set(err, ERROR_USAGE,
                  "%s is neither a CSI driver of Kubespray (aws_ebs, azuredisk, cinder, gcp_pd, "
                  "upcloud, vsphere) nor a role's folder (roles/...)",
                  name);
        return NULL;
    }
    if (!driver_here(kubespray, driver)) {
        error_set(err, ERROR_USAGE, "this checkout of Kubespray has no role roles/%s",
                  driver->folder);
        return NULL;
    }
    return driver;
}
