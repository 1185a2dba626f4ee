#!/bin/sh
# What a picture costs the server: the requests of one status, no more, no list of all pods where
# labels find those of the drivers, and no Secret's data where it is not wanted.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"

requests_of() { # requests_of ARGUMENT...: the paths that were asked for, sorted, in $work/asked
    "$PULLMEND" "$@" -vv </dev/null >"$work/out" 2>"$work/err"
    [ $? -le 1 ] || cat "$work/err" >&2
    sed -n 's,.* GET https://[^/]*\(/[^ ]*\) -> .*,\1,p' "$work/err" | LC_ALL=C sort >"$work/asked"
    sed -n 's/.* \(POST\|PUT\|PATCH\|DELETE\) http.*/\1/p' "$work/err" >"$work/written"
}

# The pods that no DaemonSet, StatefulSet or Deployment made.
others='/api/v1/pods?labelSelector=%21controller-revision-hash%2C%21pod-template-hash'
named='^/api/v1/namespaces/[^/]*/secrets/'

start_sim --scenario many-drivers
requests_of status -o name
cat >"$work/expected" <<EOT
/api/v1/events?fieldSelector=type%3DWarning%2Creason%3DFailedToRetrieveImagePullSecret
/api/v1/nodes?includeObject=None
$others
/api/v1/pods?labelSelector=app%20in%20%28csi-azuredisk-node%2Ccsi-cinder-controllerplugin%2Ccsi-cinder-nodeplugin%2Ccsi-upcloud-node%2Cebs-csi-controller%2Cebs-csi-node%2Cgcp-compute-persistent-disk-csi-driver%2Cvsphere-csi-node%29
/api/v1/secrets?includeObject=Metadata
/api/v1/serviceaccounts
/apis/apps/v1/daemonsets
/apis/apps/v1/deployments
/apis/apps/v1/statefulsets
/apis/storage.k8s.io/v1/csidrivers
/version
EOT
grep -v "$named" "$work/asked" >"$work/lists"
check "a status lists each kind once, warnings by their reason, Secrets as a Table" \
    diff "$work/expected" "$work/lists"
grep "$named" "$work/asked" >"$work/named"
check "it reads the Secrets that pods name, each once" sh -c \
    '[ -s "$1" ] && [ -z "$(uniq -d "$1")" ]' - "$work/named"
check "it writes nothing" test ! -s "$work/written"

# With labels of the user's own these alone choose the pods.
requests_of status -o name -l '!no-such-label'
grep /pods "$work/asked" >"$work/pods"
echo '/api/v1/pods?labelSelector=%21no-such-label' >"$work/one"
check "with -l the pods are listed once" diff "$work/one" "$work/pods"

requests_of status -o name -n kube-system
refuse_text "with -n nothing of other namespaces is asked for" \
    '^/(api/v1|apis/apps/v1)/(pods|secrets|events|serviceaccounts|daemonsets)' "$work/asked"

requests_of status -o json --no-secret-data
check "without the Secrets' data the lists are the same" diff "$work/expected" "$work/asked"
expect_text "and the status says what is known of names and types" '"state"' "$work/out"

requests_of monitor --once --no-secret-data
check "the monitor asks for no Secret's data if told so" diff "$work/expected" "$work/asked"
check "and writes nothing" test ! -s "$work/written"

# --- A crowd --------------------------------------------------------------------------------------
# One pod in a hundred is a driver's, two of these were made by hand, one by a kubelet.
cat >"$work/crowd.yaml" <<'EOT'
description: many pods, few of them of a CSI driver
base: kubespray-upcloud
apply:
- objects:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: shop, namespace: default}
    spec:
      replicas: 600
      selector: {matchLabels: {app: shop}}
      template:
        metadata: {labels: {app: shop}}
        spec: {containers: [{name: shop, image: 'registry.k8s.io/pause:3.10'}]}
- how: create
  objects:
  - apiVersion: v1
    kind: Pod
    metadata: {name: csi-by-hand, namespace: default}
    spec: &spec
      nodeName: worker-1
      imagePullSecrets: [{name: regcred}]
      containers:
      - {name: node-driver-registrar, image: 'ghcr.io/x/csi-node-driver-registrar:v2.5.0'}
  - apiVersion: v1
    kind: Pod
    metadata: {name: csi-labelled, namespace: kube-system, labels: {app: csi-upcloud-node}}
    spec: *spec
  - apiVersion: v1
    kind: Pod
    metadata:
      name: csi-static
      namespace: kube-system
      annotations: {kubernetes.io/config.mirror: 0a1b}
      ownerReferences: [{apiVersion: v1, kind: Node, name: worker-2, uid: w, controller: true}]
    spec: *spec
EOT
bytes_of_pods() { # how many bytes the lists of pods were
    sed -n 's,.* GET https://[^/]*/api/v1/pods[? ].* \([0-9]*\) bytes.*,\1,p' "$work/err" |
        awk '{ sum += $1 } END { print sum + 0 }'
}
picture() { # without what goes on while one looks
    sed 's/"\(takenAt\|since\)": *"[^"]*"/"\1": -/; s/"\(perDay\|warningsPerDay\|count\|warnings\)": *[0-9]*/"\1": -/
        s/"lastSeen": *"[^"]*"/"lastSeen": -/' "$work/out"
}

start_sim --scenario "$work/crowd.yaml" --event-speed 0.001
# Only large answers are compressed: bytes are compared without.
sed 's/^\( *\)server:/\1disable-compression: true\
&/' "$KUBECONFIG" >"$work/plain.config"
KUBECONFIG=$work/plain.config
grep -q disable-compression "$KUBECONFIG" || not_ok "the kubeconfig turns compression off"
requests_of status -o json -l '!no-such-label'
picture >"$work/all"
all=$(bytes_of_pods)
requests_of status -o json
picture >"$work/selected"
some=$(bytes_of_pods)
grep /pods "$work/asked" >"$work/pods"
printf '%s\n' "$others" '/api/v1/pods?labelSelector=app%20in%20%28csi-upcloud-controller%2Ccsi-upcloud-node%29' |
    LC_ALL=C sort >"$work/two"
check "in a crowd the drivers' pods are asked for by label, and what no workload made" \
    diff "$work/two" "$work/pods"
check "the picture is that of a list of all pods" diff "$work/all" "$work/selected"
for pod in csi-by-hand csi-labelled csi-static; do
    expect_text "with the pod $pod" "\"$pod\"" "$work/selected"
done
echo "# $all bytes of all pods, $some of those that matter"
check "for a twentieth of the bytes at most" test "$((some * 20))" -lt "$all" -a "$some" -gt 0
end_sim
done_testing
