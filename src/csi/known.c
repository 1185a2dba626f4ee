#include <string.h>

#include "base/attributes.h"
#include "rows.h"

/* Kubespray's own drivers: the names of the CSIDriver object, of the role (roles/kubernetes-apps/
 * csi_driver/ROLE), of its workloads, and of the Secret with the cloud's API credential. */
static const struct {
    const char *driver;
    const char *role;
    const char *controller;
    const char *node;
    const char *credential;
} kubespray[] = {
    {"ebs.csi.aws.com", "aws_ebs", "ebs-csi-controller", "ebs-csi-node", NULL},
    {"disk.csi.azure.com", "azuredisk", "csi-azuredisk-controller", "csi-azuredisk-node",
     "cloud-config"},
    {"cinder.csi.openstack.org", "cinder", "csi-cinder-controllerplugin", "csi-cinder-nodeplugin",
     "cloud-config"},
    {"pd.csi.storage.gke.io", "gcp_pd", "csi-gce-pd-controller", "csi-gce-pd-node", "cloud-sa"},
    {"storage.csi.upcloud.com", "upcloud", "csi-upcloud-controller", "csi-upcloud-node", "upcloud"},
    {"csi.vsphere.vmware.com", "vsphere", "vsphere-csi-controller", "vsphere-csi-node",
     "vsphere-config-secret"},
};

/* What the plugin's image is called, wherever it is mirrored to. */
static const struct {
    const char *part;
    const char *driver;
} images[] = {
    {"aws-ebs-csi-driver", "ebs.csi.aws.com"},
    {"aws-efs-csi-driver", "efs.csi.aws.com"},
    {"azuredisk-csi", "disk.csi.azure.com"},
    {"azurefile-csi", "file.csi.azure.com"},
    {"blob-csi", "blob.csi.azure.com"},
    {"cinder-csi-plugin", "cinder.csi.openstack.org"},
    {"manila-csi-plugin", "manila.csi.openstack.org"},
    {"gcp-compute-persistent-disk-csi-driver", "pd.csi.storage.gke.io"},
    {"gcp-filestore-csi-driver", "filestore.csi.storage.gke.io"},
    {"upcloud-csi", "storage.csi.upcloud.com"},
    {"csi-vsphere/driver", "csi.vsphere.vmware.com"},
    {"csi-vsphere/syncer", "csi.vsphere.vmware.com"},
    {"hcloud-csi-driver", "csi.hetzner.cloud"},
    {"do-csi-plugin", "dobs.csi.digitalocean.com"},
    {"linode-blockstorage-csi-driver", "linodebs.csi.linode.com"},
    {"vultr-csi", "block.csi.vultr.com"},
    {"scaleway-csi", "csi.scaleway.com"},
    {"exoscale/csi-driver", "csi.exoscale.com"},
    {"longhornio/longhorn-manager", "driver.longhorn.io"},
    {"nfsplugin", "nfs.csi.k8s.io"},
    {"smbplugin", "smb.csi.k8s.io"},
    {"linstor-csi", "linstor.csi.linbit.com"},
    {"csi-driver-lvm", "lvm.csi.metal-stack.io"},
};

const char *known_driver_of_image(const char *image)
{
    for (size_t i = 0; i < ARRAY_LENGTH(images); i++) {
        if (strstr(image, images[i].part) != NULL) {
            return images[i].driver;
        }
    }
    return NULL;
}

const char *known_driver_of_workload(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kubespray); i++) {
        if (strcmp(name, kubespray[i].controller) == 0 || strcmp(name, kubespray[i].node) == 0) {
            return kubespray[i].driver;
        }
    }
    return NULL;
}

const char *known_kubespray_role(const char *driver)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kubespray); i++) {
        if (strcmp(driver, kubespray[i].driver) == 0) {
            return kubespray[i].role;
        }
    }
    return NULL;
}

bool known_cloud_credential(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kubespray); i++) {
        if (kubespray[i].credential != NULL && strcmp(name, kubespray[i].credential) == 0) {
            return true;
        }
    }
    return false;
}
