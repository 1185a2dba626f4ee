#include "rules.h"

#include "base/attributes.h"
#include "base/language.h"
#include "ways_out.h"

/*
 * The rules about Secrets, references and pods: the page of each and its two halves (those about
 * pulls that fail are in rules_pull_table.c). `pullmend explain RULE`, the manual page and the
 * finding itself are made from this one table. Sources of what is said here: the kubelet's
 * kubelet_pods.go, credentialprovider/keyring.go and secrets.go, the ServiceAccount admission
 * plugin, client-go's tools/record, KEP-2535.
 */
const struct rule csi_secret_rules[] = {
    {{"secret-rejected",
      CSI_ERROR,
      N_("The registry refuses the credential"),
      N_("The Secret has an entry for the registry of an image, and the registry still answers 401 "
         "or 403: the password is wrong, was rotated or has expired, or the account may not read "
         "this repository."),
      N_("Pulls fail now. Once an entry matches, the kubelet does not fall back to an anonymous "
         "pull, so a stale credential also breaks public images of that registry. A corrected "
         "Secret is used at the next try, at most five minutes later; no pod need restart."),
      {WAY_ROTATE, WAY_USE}},
     select_rejected,
     describe_rejected,
     NULL},
    {{"secret-missing",
      CSI_WARNING,
      N_("The Secret does not exist"),
      N_("imagePullSecrets names a Secret that is not in the pod's own namespace; references never "
         "reach into another one. The kubelet skips it and goes on with the other Secrets and with "
         "what the node itself has."),
      N_("With public images this is noise: a warning event and a log line at each sync of each "
         "pod, about 1,150 a day and pod on kubelets 1.28 to 1.36 (older ones only log it). With "
         "private images the pull fails with 401. A missing Secret alone never stops a container. "
         "Creating it, even empty, ends the warnings without a restart."),
      {WAY_DROP, WAY_CREATE, WAY_EMPTY, WAY_USE, WAY_COPY, WAY_KUBESPRAY}},
     select_missing,
     describe_missing,
     template_missing},
    {{"secret-malformed",
      CSI_WARNING,
      N_("The Secret's content cannot be read"),
      N_("The type is right, but what is under .dockerconfigjson or .dockercfg is not what the "
         "kubelet can use. The API server checks only that the key is there and holds JSON; "
         "base64, "
         "colons and field types are left to the kubelet."),
      N_("An entry whose auth is not base64 of user:password makes every pull of every pod that "
         "names the Secret fail, whatever other Secrets it has, before the registry is even asked. "
         "An empty or null configuration is skipped without a word."),
      {WAY_ROTATE, WAY_DROP, WAY_USE, WAY_KUBESPRAY}},
     select_malformed,
     describe_malformed,
     NULL},
    {{"secret-wrong-type",
      CSI_WARNING,
      N_("The Secret is no registry credential"),
      N_("The kubelet uses two types only: kubernetes.io/dockerconfigjson and "
         "kubernetes.io/dockercfg. Any other type, such as Opaque, is skipped even if it holds a "
         "perfect .dockerconfigjson."),
      N_("There is no event and no log line: the reference looks sound, and pulls are anonymous "
         "unless another Secret or the node itself has a credential. Private images fail with 401. "
         "The type of a Secret is immutable, so mending means another Secret, or the same name "
         "after a deletion."),
      {WAY_DROP, WAY_USE, WAY_KUBESPRAY}},
     select_wrong_type,
     describe_wrong_type,
     template_wrong_type},
    {{"secret-no-match",
      CSI_WARNING,
      N_("No entry serves an image of the pod"),
      N_("The Secret is sound, but none of its registries is the one that the pod's images come "
         "from. The kubelet compares ports as text (no port is not :443), needs as many labels in "
         "the host name, lets * stand within one label, and takes a path as a plain prefix."),
      N_("The Secret has no effect at all: pulls are anonymous, private images fail with 401, and "
         "nothing warns of it."),
      {WAY_DROP, WAY_ROTATE, WAY_USE, WAY_KUBESPRAY}},
     select_no_match,
     describe_no_match,
     NULL},
    {{"secret-empty-name",
      CSI_WARNING,
      N_("A pull secret has an empty name"),
      N_("The list has an entry without a name, mostly a template rendered with an empty variable. "
         "API servers accept it, newer ones with a Warning header."),
      N_("Kubelets from 1.21 on skip it silently. Because the list is not empty, the "
         "ServiceAccount's pull secrets are not copied into the pods, and strategic merge patches "
         "of the list fail on newer servers."),
      {WAY_DROP, WAY_USE, WAY_KUBESPRAY}},
     select_empty_name,
     describe_empty_name,
     template_empty_name},
    {{"secret-unknown",
      CSI_INFO,
      N_("The Secret may not be read"),
      N_("Your rights do not reach far enough to tell whether the Secret exists or what it holds."),
      N_("Nothing can be said about it. List on secrets tells name and type (no value is fetched), "
         "get tells which registries it serves."),
      {NULL}},
     select_unknown,
     describe_unknown,
     NULL},
    {{"secret-empty",
      CSI_INFO,
      N_("The Secret has no entries"),
      N_("It has the right type and holds {\"auths\":{}}: a reference that resolves, without a "
         "credential."),
      N_("Pulls are anonymous and no warnings are written. An empty entry "
         "({\"auths\":{\"host\":{}}}) would be another thing: it counts as a credential."),
      {WAY_ROTATE}},
     select_empty,
     describe_empty,
     NULL},
    {{"secret-elsewhere",
      CSI_INFO,
      N_("A Secret of that name is in another namespace"),
      N_("A registry Secret with the same name exists, but not where the pods are. Pull secrets "
         "are "
         "looked up in the namespace of the pod only."),
      N_("It helps these pods as little as if it did not exist. A copy in their namespace is used "
         "without a restart; whoever rotates the original must rotate the copy."),
      {WAY_COPY}},
     select_elsewhere,
     describe_elsewhere,
     NULL},
    {{"secret-spoils-others",
      CSI_ERROR,
      N_("One unreadable Secret disables the sound ones"),
      N_("The kubelet builds one keyring from all pull secrets of a pod. If one entry of one of "
         "them does not parse, it gives up on the whole keyring and reports the parse error as the "
         "reason of the container."),
      N_("No image of these pods can be pulled, not even with the sound Secret. Running containers "
         "go on until an image must be pulled or, from 1.35 on, checked again."),
      {WAY_ROTATE, WAY_DROP}},
     select_spoils,
     describe_spoils,
     NULL},
    {{"secret-hub-key",
      CSI_WARNING,
      N_("Docker Hub's credential stands under a key that never matches"),
      N_("For Docker Hub the kubelet knows docker.io, index.docker.io and "
         "https://index.docker.io/v1/ (with the slash at its end). Without the slash, /v1 is taken "
         "for a path; registry-1.docker.io and hub.docker.com are other hosts."),
      N_("Pulls from Docker Hub are anonymous: they count against the rate limit of the node's "
         "address, and private repositories answer that access is denied."),
      {WAY_ROTATE}},
     select_hub_key,
     describe_hub_key,
     NULL},
    {{"secret-identity-token",
      CSI_WARNING,
      N_("The entry holds an identity token only"),
      N_("docker login against some clouds stores identitytoken in place of a password. The "
         "kubelet "
         "reads username, password and auth and nothing else; credHelpers and credsStore are "
         "ignored as well."),
      N_("The entry matches, so it counts as a credential, an empty one: the registry sees no "
         "login "
         "and refuses private images. Use a token that works as a password."),
      {WAY_ROTATE}},
     select_identity_token,
     describe_identity_token,
     NULL},
    {{"secret-empty-entry",
      CSI_WARNING,
      N_("An entry has neither user nor password"),
      N_("An entry for the registry of an image is there but empty. For the kubelet that is a "
         "candidate like any other."),
      N_("Because an entry matched, the kubelet makes no try without a credential of its own "
         "accord. containerd takes an empty login for an anonymous pull; other runtimes may send "
         "it, and be refused. {\"auths\":{}} is the sound way to say \"no credential\"."),
      {WAY_ROTATE}},
     select_empty_entry,
     describe_empty_entry,
     NULL},
    {{"secret-cloud-credential",
      CSI_WARNING,
      N_("The cloud's API credential is used as a pull secret"),
      N_("The Secret feeds the driver with the user name and password for the cloud's API. As a "
         "pull secret it cannot serve: it is Opaque and holds no registry. Kubespray 2.27 and "
         "later "
         "name the Secret upcloud here, because 2.26 named one that did not exist."),
      N_("The warnings ended with the rename, but pulls are as anonymous as before: a private "
         "mirror cannot work. Do not change the Secret, the driver needs it; drop the reference or "
         "name another."),
      {WAY_DROP, WAY_KUBESPRAY}},
     select_cloud_credential,
     describe_cloud_credential,
     NULL},
    {{"credential-short-lived",
      CSI_WARNING,
      N_("A token of Amazon ECR is older than its twelve hours"),
      N_("Passwords for Amazon ECR are tokens that end after twelve hours. This Secret was last "
         "written longer ago."),
      N_("Running pods go on; the next pull fails with 401. Something must write the Secret anew "
         "in time (External Secrets, a CronJob), or the kubelet's ECR credential provider makes it "
         "superfluous."),
      {WAY_ROTATE}},
     select_short_lived,
     describe_short_lived,
     NULL},
    {{"credential-expired",
      CSI_WARNING,
      N_("The password is a token that has ended"),
      N_("The password of an entry is a JSON web token, as the clouds' registries hand them out, "
         "and "
         "the time it tells of itself is over."),
      N_("Running containers go on; the next pull that uses the entry fails with 401, public "
         "images "
         "of that registry included. Whatever writes the Secret has stopped, or nothing does."),
      {WAY_ROTATE}},
     select_expired,
     describe_expired,
     NULL},
    {{"secret-immutable",
      CSI_WARNING,
      N_("A broken Secret is immutable"),
      N_("The Secret is marked immutable: true. Its data cannot be changed, nor can the mark be "
         "taken "
         "away."),
      N_("Deleting and creating it anew works for the API, but a kubelet stops watching a Secret "
         "once "
         "it has seen it immutable: nodes go on with the old content until no pod on them names it "
         "any more. Another name is the quicker way."),
      {WAY_USE}},
     select_immutable,
     describe_immutable,
     NULL},
    {{"secret-two-spellings",
      CSI_WARNING,
      N_("One registry stands in the Secret twice"),
      N_("Keys such as \"https://reg.example.com\" and \"reg.example.com/\" differ as text, but "
         "the "
         "kubelet reduces both to reg.example.com."),
      N_("It tries both credentials, in the order of a Go map: another one each time. If one of "
         "them "
         "is stale, pulls cost an extra refusal now and then, which is hard to find."),
      {WAY_ROTATE}},
     select_random_order,
     describe_random_order,
     NULL},
    {{"reference-not-needed",
      CSI_INFO,
      N_("The pods run without their pull secrets"),
      N_("All containers of these pods are ready although none of the Secrets named could have "
         "served: every image was pulled anonymously or with what the node has, or was there "
         "already."),
      N_("The references can be dropped. Before that, think of the day when the images move to a "
         "private mirror: a variable in the template serves both."),
      {WAY_DROP, WAY_KUBESPRAY}},
     select_not_needed,
     describe_not_needed,
     NULL},
    {{"reference-optional",
      CSI_INFO,
      N_("One of several pull secrets is missing"),
      N_("The pod has a sound Secret besides the missing one. Vendors list several names so that "
         "one manifest fits many sites."),
      N_("Pulls work. Kubelets 1.28 to 1.36 still warn at each sync, for they report any name that "
         "they cannot find. An empty registry Secret under the missing name ends that."),
      {WAY_DROP, WAY_EMPTY}},
     select_optional,
     describe_optional,
     NULL},
    {{"reference-duplicate",
      CSI_INFO,
      N_("A Secret is named twice"),
      N_("imagePullSecrets is a list keyed by name. API servers let duplicates pass, newer ones "
         "with a Warning header."),
      N_("The kubelet reads the Secret twice, no more. But on Kubernetes 1.20 writing such a list "
         "wipes managedFields, and every server-side apply of the object fails from then on; "
         "kubectl cannot patch the list."),
      {NULL}},
     select_duplicate,
     describe_duplicate,
     NULL},
    {{"reference-misplaced",
      CSI_WARNING,
      N_("imagePullSecrets stands where nothing reads it"),
      N_("The manifest that was applied has imagePullSecrets, but not in spec.template.spec, or as "
         "plain strings. kubectl refuses such a manifest unless its validation was turned off; the "
         "server itself drops what it does not know, before 1.25 without a word, later with a "
         "Warning header."),
      N_("The pods have no pull secret at all. The list belongs into the pod spec, as objects: "
         "imagePullSecrets: [{name: regcred}]."),
      {NULL}},
     select_misplaced,
     describe_misplaced,
     template_misplaced},
    {{"reference-not-propagated",
      CSI_ERROR,
      N_("A workload of the driver was left out"),
      N_("Other workloads of the same driver name a Secret for this registry; this one names none "
         "and is refused. Operators that generate their CSI workloads often hand the pull secret "
         "to "
         "some of them only."),
      N_("Its images cannot be pulled. Set the pull secret where the workload is generated (the "
         "operator's or chart's own setting), or on its ServiceAccount, and make its pods anew."),
      {WAY_USE}},
     select_not_propagated,
     describe_not_propagated,
     NULL},
    {{"account-secret-shadowed",
      CSI_INFO,
      N_("The pod's own list hides the ServiceAccount's"),
      N_("The ServiceAccount admission plugin copies the account's pull secrets into a new pod "
         "only "
         "if the pod's own list is empty. The two are never merged."),
      N_("What is configured on the ServiceAccount has no effect on these pods. A hard-coded name "
         "in the template, even a broken one, is enough to disable it."),
      {WAY_DROP}},
     select_shadowed,
     describe_shadowed,
     NULL},
    {{"account-newer-than-pods",
      CSI_WARNING,
      N_("The pods are older than the ServiceAccount's list"),
      N_("Admission copies the list once, when a pod is created. These pods have no list of their "
         "own and not the account's present one either: it was changed after they came."),
      N_("The change reaches them when they are created anew and not before; it causes no "
         "rollout."),
      {WAY_RESTART}},
     select_older_than_account,
     describe_older_than_account,
     NULL},
    {{"pods-stale",
      CSI_INFO,
      N_("Pods were made from an older template"),
      N_("The workload's template changed, and these pods still have the old one: a rollout is on "
         "its way, paused, stuck, or the strategy is OnDelete."),
      N_("They keep the pull secrets that they were created with; a pod's list is immutable. A "
         "DaemonSet replaces one pod after another by default."),
      {NULL}},
     select_stale,
     describe_stale,
     NULL},
    {{"pod-static",
      CSI_INFO,
      N_("A static pod cannot be mended through the API"),
      N_("Its manifest is a file on the node; what the API shows is a mirror. Admission leaves "
         "static pods alone: they get no ServiceAccount's pull secrets. Where the NodeRestriction "
         "plugin is on, as kubeadm and Kubespray have it, a kubelet may not even create the mirror "
         "of a pod that names Secrets."),
      N_("Changing or deleting the mirror changes nothing, nor does creating the Secret: the Node "
         "authorizer gives a kubelet no Secret on account of a mirror pod. Mend the file in the "
         "kubelet's manifest folder on that node; a credential for static pods belongs to the node "
         "itself (the kubelet's config.json or a credential provider), not into a Secret."),
      {NULL}},
     select_static_pod,
     describe_static_pod,
     NULL},
    {{"workload-managed",
      CSI_INFO,
      N_("Something else owns the workloads"),
      N_("The broken references come from a source outside the cluster's live objects: a playbook, "
         "a chart, a Git repository or an operator."),
      N_("A change in the cluster lasts until the source is applied again. kubectl apply of a "
         "manifest that has the reference puts it back; one that had it and drops it now takes "
         "away "
         "the whole list, also entries of others. Mend the source as well."),
      {WAY_KUBESPRAY}},
     select_managed,
     describe_managed,
     NULL},
    {{"registry-frozen",
      CSI_INFO,
      N_("An image comes from a registry that is frozen or gone"),
      N_("The registry gets no new images and is kept, if at all, for compatibility."),
      N_("Pulls work only as long as the old address is served or redirected, and no security fix "
         "will ever come from it. Change the image; no pull secret is needed for its successor."),
      {NULL}},
     select_frozen_registry,
     describe_frozen_registry,
     NULL},
    {{"image-cache-no-shield",
      CSI_INFO,
      N_("Cached images no longer hide a broken pull secret"),
      N_("With KubeletEnsureSecretPulledImages (KEP-2535, on by default from 1.35) an image that "
         "was once pulled with a credential is given to a pod only if the pod brings a Secret that "
         "was good for it, or if the registry accepts it again. Images that were pulled "
         "anonymously "
         "or preloaded are free for all."),
      N_("Containers that run are not touched. If an image was pulled with a credential, the next "
         "restart of a container fails with ErrImagePull though the image is on the node. On older "
         "kubelets the same pod would start, as it does where the kubelet's "
         "imagePullCredentialsVerificationPolicy is NeverVerify."),
      {NULL}},
     select_no_shield,
     describe_no_shield,
     NULL},
    {{"warnings-not-reported",
      CSI_INFO,
      N_("The kubelets do not report missing pull secrets"),
      N_("The event FailedToRetrieveImagePullSecret came with kubelet 1.28. Before, there is only "
         "a "
         "log line; after 1.36 the kubelet writes it only when a pull really failed."),
      N_("No event is no proof of health. The state here is told from the pods and the Secrets "
         "themselves; a rate of warnings is not known, which is something else than zero."),
      {NULL}},
     select_not_reported,
     describe_not_reported,
     NULL},
    {{"warnings-transient",
      CSI_INFO,
      N_("Warnings although the Secrets exist"),
      N_("Any failed look-up counts for the kubelet: a Secret that came after the pod, or its "
         "cache "
         "that was not filled in time after a restart of kubelet or API server."),
      N_("Nothing to do. Events are not taken back: they go an hour after the last one, as long as "
         "the API server's --event-ttl says nothing else. If the number keeps growing, look at the "
         "kubelet's log."),
      {NULL}},
     select_transient,
     describe_transient,
     NULL},
};

const size_t csi_secret_rules_count = ARRAY_LENGTH(csi_secret_rules);
