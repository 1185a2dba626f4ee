#!/bin/sh
# kubectl judges the simulated cluster's workloads: patches of all types, client-side and server-side
# apply, roll-outs of the three kinds, deletion, events.
. "$TOP_SRCDIR/tests/lib.sh"

. "$TOP_SRCDIR/tests/e2e/sim.sh"

if ! kubectl version --client >/dev/null 2>&1; then
    skip "kubectl judges workloads" "there is no kubectl here"
    done_testing
fi

k() { kubectl --namespace kube-system --request-timeout=60s "$@"; }
secrets() { k get "$1" "$2" -o 'jsonpath={.spec.template.spec.imagePullSecrets[*].name}'; }
rolled() { k rollout status "$1" --timeout=60s; }
is() { [ "$1" = "$2" ] || { echo "got '$1', expected '$2'"; return 1; }; }
ds=csi-upcloud-node
sts=csi-upcloud-controller

start_sim --scenario kubespray-upcloud
k get daemonset $ds -o \
    'jsonpath={.metadata.annotations.kubectl\.kubernetes\.io/last-applied-configuration}' \
    >"$work/ds.json"
sed 's/"imagePullSecrets":\[{"name":"regcred"}\],//' "$work/ds.json" >"$work/without.json"
sed 's/"imagePullSecrets":\[{"name":"regcred"}\]/"imagePullSecrets":[{"name":"other"}]/' \
    "$work/ds.json" >"$work/other.json"

check "an applied manifest applied again changes nothing" sh -c \
    'kubectl apply -f "$1" | grep -q unchanged' - "$work/ds.json"
check "kubectl diff finds no difference" kubectl diff -f "$work/ds.json"
expect_exit "kubectl diff shows what a changed manifest would change" 1 \
    kubectl diff -f "$work/without.json"
expect_text "the difference is the list" '^-      imagePullSecrets:' "$work/out"

expect_exit "another manager's server-side apply is refused what it does not own" 1 \
    kubectl apply --server-side --field-manager=fixer -f "$work/other.json"
cat >"$work/entry.yaml" <<'EOF'
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: csi-upcloud-node, namespace: kube-system}
spec: {template: {spec: {imagePullSecrets: [{name: other}]}}}
EOF
check "a server-side apply of one entry is taken" \
    kubectl apply --server-side --field-manager=fixer -f "$work/entry.yaml"
check "and leaves the entry that client-side apply owns" is "$(secrets ds $ds)" "regcred other"
check "the roll-out of it ends" rolled ds/$ds

cat >"$work/whole.yaml" <<'EOF'
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: whole, namespace: kube-system}
spec:
  selector: {matchLabels: {app: whole}}
  template:
    metadata: {labels: {app: whole}}
    spec:
      imagePullSecrets: [{name: regcred}]
      containers: [{name: driver, image: "registry.k8s.io/driver:1"}]
EOF
server_side() { kubectl apply --server-side -f "$work/whole.yaml"; }
generation() { k get ds whole -o 'jsonpath={.metadata.generation}'; }
check "a server-side apply creates a driver" server_side
check "which rolls out" rolled ds/whole
before=$(generation)
check "applied twice" server_side
check "it is what it was" is "$(generation)" "$before"
sed -i 's/regcred/another/; s/driver:1/driver:2/' "$work/whole.yaml"
check "applied with changes" server_side
check "the list follows, for it is the manager's own" is "$(secrets ds whole)" another
check "and so does the image" is \
    "$(k get ds whole -o 'jsonpath={.spec.template.spec.containers[0].image}')" \
    "registry.k8s.io/driver:2"
check "which counts as one generation" is "$(generation)" "$((before + 1))"
check "it goes" k delete ds whole --timeout=60s

check "a strategic merge patch deletes by name" k patch ds $ds -p \
    '{"spec":{"template":{"spec":{"imagePullSecrets":[{"$patch":"delete","name":"regcred"}]}}}}'
check "only that entry is gone" is "$(secrets ds $ds)" "other"
expect_exit "a JSON patch whose test fails is refused" 1 k patch ds $ds --type=json -p \
    '[{"op":"test","path":"/spec/template/spec/imagePullSecrets/0/name","value":"regcred"}]'
check "a JSON patch removes the list" k patch ds $ds --type=json -p \
    '[{"op":"remove","path":"/spec/template/spec/imagePullSecrets"}]'
check "a merge patch sets it" k patch ds $ds --type=merge -p \
    '{"spec":{"template":{"spec":{"imagePullSecrets":[{"name":"merged"}]}}}}'
check "the list is the merge patch's" is "$(secrets ds $ds)" "merged"
check "its roll-out ends" rolled ds/$ds
check "every pod has the new list" is \
    "$(k get pods -l app=$ds -o 'jsonpath={.items[*].spec.imagePullSecrets[*].name}')" \
    "merged merged merged merged merged"

check "history has revisions" sh -c \
    'kubectl -n kube-system rollout history ds/csi-upcloud-node | grep -qE "^[3-9] "'
check "undo goes back" k rollout undo ds/$ds
check "and its roll-out ends" rolled ds/$ds
check "a restart rolls" k rollout restart ds/$ds
check "to its end" rolled ds/$ds

check "the StatefulSet takes a patch" k patch sts $sts --type=json -p \
    '[{"op":"replace","path":"/spec/template/spec/imagePullSecrets/0/name","value":"other"}]'
check "and rolls out" rolled sts/$sts
check "a pod of it comes back after deletion" k delete pod $sts-0 --timeout=60s
check "and is ready" k wait --for=condition=Ready pod/$sts-0 --timeout=60s

check "kubectl apply of a manifest without the list takes it away" \
    kubectl apply -f "$work/without.json"
check "foreign entries too" is "$(secrets ds $ds)" ""
check "this roll-out ends as well" rolled ds/$ds
k describe pod -l app=$ds >"$work/describe"
expect_text "describe shows what the node did" 'kubelet +Container started' "$work/describe"
refuse_text "no new pod warns" 'FailedToRetrieveImagePullSecret' "$work/describe"

cat >"$work/web.yaml" <<'EOF'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: kube-system}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.k8s.io/web:1"}]}
EOF
check "a Deployment is created" kubectl apply -f "$work/web.yaml"
check "it rolls out" rolled deployment/web
check "its image changes" k set image deployment/web web=registry.k8s.io/web:2
check "that rolls out" rolled deployment/web
check "undo of a Deployment goes back" k rollout undo deployment/web
check "the old image is back" is \
    "$(k get deployment web -o 'jsonpath={.spec.template.spec.containers[0].image}')" \
    "registry.k8s.io/web:1"
check "and rolled out" rolled deployment/web
check "it scales" k scale deployment/web --replicas=1
check "to one pod" k wait --for=jsonpath='{.status.replicas}'=1 deployment/web --timeout=60s
check "it is deleted when its pods are gone" k delete deployment web --cascade=foreground --timeout=60s

check "no pod of it is left" is "$(k get pods -l app=web -o name)" ""
check "a DaemonSet can go and leave its pods" k delete ds $ds --cascade=orphan --timeout=60s
check "they run on without an owner" is \
    "$(k get pods -l app=$ds -o 'jsonpath={.items[*].metadata.ownerReferences}{.items[*].status.phase}')" \
    "Running Running Running Running Running"

end_sim
start_sim --scenario private-mirror
k get pods >"$work/pods"
expect_text "pods that cannot pull show it" '(ErrImagePull|ImagePullBackOff)' "$work/pods"
check "a pull Secret is created" k create secret docker-registry regcred \
    --docker-server="$(sed 's/.* registry=//' "$work/ready")" --docker-username=puller \
    --docker-password=not-a-real-password
check "the pods recover by themselves" k wait --for=condition=Ready pod -l role=csi-upcloud \
    --timeout=60s

end_sim
start_sim --scenario locked-down
expect_exit "who may only read is refused a change" 1 k rollout restart ds/$ds
expect_text "in the server's words" 'forbidden' "$work/err"

end_sim
done_testing
