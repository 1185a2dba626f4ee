#include "base/attributes.h"
#include "base/language.h"
#include "rules.h"
#include "ways_out.h"

/* The rules about images that cannot be pulled, and what is left over. Behind those of rules.c: a
 * cause stands before what follows from it. */
const struct rule csi_pull_rules[] = {
    {{"pull-unauthorized",
      CSI_ERROR,
      N_("The registry wants a credential (401)"),
      N_("The registry refused the pull. The words are mostly the same whether no credential was "
         "sent or a wrong one; registries with tokens tell by \"anonymous token\" and \"oauth "
         "token\"."),
      N_("The container does not start until a credential serves. The kubelet tries again after 10 "
         "seconds, then less and less often, every 5 minutes at last; a mended Secret needs no "
         "restart, deleting the pod makes it immediate."),
      {WAY_ROTATE, WAY_USE}},
     select_pull_unauthorized,
     describe_pull_unauthorized,
     NULL},
    {{"pull-forbidden",
      CSI_ERROR,
      N_("The registry forbids the pull (403)"),
      N_("The registry knows who asks and gives no access to this repository, or it answers 403 "
         "where others answer 401: GHCR and Amazon ECR do so for a token that has ended. Some also "
         "refuse addresses or countries that they do not serve."),
      N_("The container does not start. If the credential is a fresh one, another password will "
         "not help: the account needs the right to pull, or a Secret of another account is "
         "needed."),
      {NULL}},
     select_pull_forbidden,
     describe_pull_forbidden,
     NULL},
    {{"pull-not-found",
      CSI_ERROR,
      N_("The image does not exist (404)"),
      N_("The registry has no such repository or tag, or hides it from this account."),
      N_("No pull secret mends a wrong tag. Compare the image name with the registry; tags are "
         "sometimes deleted."),
      {NULL}},
     select_pull_not_found,
     describe_pull_not_found,
     NULL},
    {{"pull-credential-unreadable",
      CSI_ERROR,
      N_("A pull secret does not parse"),
      N_("The kubelet stopped before asking the registry: the auth field of an entry is not base64 "
         "of user:password. On kubelet 1.36 the words of the decoder stand as the container's "
         "reason itself, and there is no Pulling event; older ones say ErrImagePull."),
      N_("Every image of the pod fails, public ones included, until the entry is corrected or the "
         "Secret is no longer named."),
      {NULL}},
     select_pull_credential,
     describe_pull_credential,
     NULL},
    {{"pull-certificate",
      CSI_ERROR,
      N_("The registry's certificate is not trusted"),
      N_("TLS failed before any credential was sent: an unknown CA, a wrong host name, an expired "
         "certificate, or plain HTTP where HTTPS was expected."),
      N_("Nothing about the Secret is at fault. The container runtime on the node needs the CA "
         "(containerd: hosts.toml in its certs.d; cri-o: /etc/containers/certs.d)."),
      {NULL}},
     select_pull_certificate,
     describe_pull_certificate,
     NULL},
    {{"pull-dns",
      CSI_ERROR,
      N_("The registry's name cannot be resolved"),
      N_("The node's resolver does not know the host of the image, or does not answer. The "
         "kubelet's warning about a missing Secret may stand beside it, but is not the reason."),
      N_("No pull from this registry works on that node. Check the image's host for a typing "
         "error, "
         "then the node's DNS."),
      {NULL}},
     select_pull_dns,
     describe_pull_dns,
     NULL},
    {{"pull-unreachable",
      CSI_ERROR,
      N_("The registry cannot be reached"),
      N_("The connection was refused, reset or has no route, or a proxy on the way did not let it "
         "pass. The credential was not judged."),
      N_("Check proxies, firewalls and mirrors on the node; the Secret is not at fault."),
      {NULL}},
     select_pull_unreachable,
     describe_pull_unreachable,
     NULL},
    {{"pull-rate-limited",
      CSI_ERROR,
      N_("The registry's rate limit is used up"),
      N_("Registries count pulls, anonymous ones by address. Docker Hub allows 100 in six hours to "
         "an address and 200 to a free account; a node behind NAT shares its address with all "
         "others there."),
      N_("Pulls fail until the window has passed. A credential raises the limit: here a pull "
         "secret "
         "helps although the image is public."),
      {NULL}},
     select_pull_rate_limit,
     describe_pull_rate_limit,
     NULL},
    {{"pull-timeout",
      CSI_ERROR,
      N_("The registry does not answer in time"),
      N_("The connection or the transfer took too long. containerd also ends a pull in which "
         "nothing has moved for a while (image_pull_progress_timeout)."),
      N_("The kubelet tries again. If it lasts, look at the network between node and registry and "
         "at the size of the image."),
      {NULL}},
     select_pull_timeout,
     describe_pull_timeout,
     NULL},
    {{"pull-server-error",
      CSI_ERROR,
      N_("The registry has an error of its own"),
      N_("The registry answered with a 5xx status: it was reached and could not serve."),
      N_("The kubelet tries again; nothing in the cluster is at fault."),
      {NULL}},
     select_pull_server,
     describe_pull_server,
     NULL},
    {{"pull-disk-full",
      CSI_ERROR,
      N_("The node has no room for the image"),
      N_("Writing the image failed for want of space on the node."),
      N_("No image can be pulled there until space is made. The kubelet removes unused images by "
         "itself only when the disk is filled to 85 % (imageGCHighThresholdPercent), and none that "
         "a container uses."),
      {NULL}},
     select_pull_disk,
     describe_pull_disk,
     NULL},
    {{"pull-invalid-name",
      CSI_ERROR,
      N_("The image's name is not valid"),
      N_("The reference does not parse: capitals in the repository, an empty tag, a template that "
         "rendered nothing. Or it is a short name without a host: cri-o from 1.34 on refuses one "
         "for which it could ask several registries."),
      N_("Nothing is pulled, and no credential is asked for. Correct the image in the template, "
         "and name its host."),
      {NULL}},
     select_pull_name,
     describe_pull_name,
     NULL},
    {{"pull-never",
      CSI_ERROR,
      N_("The image is not on the node and may not be pulled"),
      N_("imagePullPolicy is Never, and the image is not there."),
      N_("The container starts only where the image was loaded by hand. Change the policy or load "
         "it. Kubelets from 1.35 on use the same words for an image that is there but was pulled "
         "with a credential that this pod does not bring."),
      {NULL}},
     select_pull_never,
     describe_pull_never,
     NULL},
    {{"pull-platform",
      CSI_ERROR,
      N_("The image is not made for the node's processor"),
      N_("The registry has the image, but not for the architecture or operating system of the "
         "node: mostly one that was built for amd64 alone, on an arm64 node."),
      N_("The container cannot start on such nodes, whatever the pull secret. Use an image for "
         "several architectures, or keep the workload off these nodes (nodeSelector "
         "kubernetes.io/arch)."),
      {NULL}},
     select_pull_platform,
     describe_pull_platform,
     NULL},
    {{"pull-signature",
      CSI_ERROR,
      N_("The image's signature is not accepted"),
      N_("The container runtime of the node wants images to be signed (cri-o: policy.json), and "
         "this one has no signature, or none that the policy accepts. The registry gave the image "
         "out."),
      N_("The container does not start, whatever the pull secret. Use an image that is signed, or "
         "correct the policy on the nodes."),
      {NULL}},
     select_pull_signature,
     describe_pull_signature,
     NULL},
    {{"pull-old-format",
      CSI_ERROR,
      N_("The image has a format that is no longer read"),
      N_("The image was pushed in Docker's first format (schema 1), which containerd reads no more "
         "since 2.1 and other runtimes have given up, too. Images up to about 2017 have it; frozen "
         "registries keep them."),
      N_("Nodes with an older container runtime still pull it, upgraded ones never will, whatever "
         "the pull secret. Use a newer tag, or build and push the image anew."),
      {NULL}},
     select_pull_format,
     describe_pull_format,
     NULL},
    {{"pull-failed",
      CSI_ERROR,
      N_("An image cannot be pulled"),
      N_("The words of kubelet and container runtime are those of no cause known here. Kubelets "
         "before 1.32 tell the reason only between a try and the back-off that follows it."),
      N_("The container does not start. Read the kubelet's words in the finding; where there are "
         "none, look again in a moment, or at the pod's events."),
      {NULL}},
     select_pull_other,
     describe_pull_other,
     NULL},
    {{"object-odd",
      CSI_INFO,
      N_("A pod looks strange"),
      N_("The API server sent a pod with fields that are missing, of the wrong type or unusually "
         "long. It is shown as well as it can be."),
      N_("What the row says may be incomplete. A Kubernetes API server hardly ever sends such a "
         "pod: look at what stands between it and you, a proxy or a stand-in for instance."),
      {NULL}},
     select_odd,
     describe_odd,
     NULL},
};

const size_t csi_pull_rules_count = ARRAY_LENGTH(csi_pull_rules);
