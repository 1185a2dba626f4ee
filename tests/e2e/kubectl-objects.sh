#!/bin/sh
# kubectl judges the simulated cluster's reading and its smaller writes: forms of get, describe,
# events, labels, conflicts, rights, quotas, namespaces.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"

if ! kubectl version --client >/dev/null 2>&1; then
    skip "kubectl judges objects" "there is no kubectl here"
    done_testing
fi

k() { kubectl --namespace kube-system --request-timeout=60s "$@"; }
out() { k "$@" >"$work/got" 2>"$work/err" || { cat "$work/err"; return 1; }; }
# says NAME PATTERN KUBECTL-ARGUMENT...: a line of its output matches
says() {
    says_name=$1
    says_pattern=$2
    shift 2
    if out "$@" && grep -qE -- "$says_pattern" "$work/got"; then
        ok "$says_name"
    else
        not_ok "$says_name" "$work/got" "$work/err"
    fi
}
is() { [ "$1" = "$2" ] || { echo "got '$1', expected '$2'"; return 1; }; }
lines() { k "$@" --no-headers | grep -c .; }
ds=csi-upcloud-node
sts=csi-upcloud-controller

for version in 1.20 1.36; do
    start_sim --scenario kubespray-upcloud --version $version
    says "$version: version names the server" "Server Version.*v$version" version
    says "$version: get shows what kubectl shows" "^$sts-0 +5/5 +Running +0 " get pods
    says "$version: get -o wide has the nodes" "^$sts-0 .* worker-[0-9]+ " get pods -o wide
    check "$version: get -o json is a list" is "$(k get pods -o json | grep -c '"kind": "Pod"')" 6
    check "$version: get -o yaml too" is "$(k get ds $ds -o yaml | grep -c '^kind: DaemonSet')" 1
    check "$version: get -o jsonpath" is \
        "$(k get ds $ds -o 'jsonpath={.spec.template.spec.imagePullSecrets[0].name}')" regcred
    check "$version: get -o name" is "$(k get sts -o name)" statefulset.apps/$sts
    check "$version: a label selector" is "$(lines get pods -l app=$ds)" 5
    check "$version: a set-based one" is "$(lines get pods -l "app notin ($ds)")" 1
    check "$version: a field selector" is \
        "$(lines get pods -l app=$ds --field-selector spec.nodeName=worker-1)" 1
    check "$version: pages make the same list" is "$(lines get pods --chunk-size=2)" 6
    says "$version: -A shows namespaces" "^kube-system +$ds-" get pods -A
    says "$version: get of several kinds" "^daemonset.apps/$ds " get ds,sts
    says "$version: nodes have roles and versions" '^control-plane-1 +Ready +control-plane ' get nodes
    says "$version: CSI drivers are shown" '^storage.csi.upcloud.com +true ' get csidrivers
    says "$version: secrets count their keys" '^upcloud +Opaque +2 ' get secrets
    says "$version: describe pod" "^Service Account: +csi-upcloud-controller" \
        describe pod $sts-0
    says "$version: describe ds" '^Desired Number of Nodes Scheduled: 5' describe ds $ds
    says "$version: describe sts" '^Pods Status: +1 Running' describe sts $sts
    says "$version: describe secret hides values" '^password: +19 bytes' describe secret upcloud
    says "$version: describe sa" '^Image pull secrets:' describe sa default
    says "$version: api-resources has short names" '^daemonsets +ds +apps/v1 +true +DaemonSet' \
        api-resources
    says "$version: rights are told one by one" '^yes' auth can-i create secrets
    says "$version: and listed" '^\*\.\*' auth can-i --list
done

says "events are shown" 'FailedToRetrieveImagePullSecret +Pod/csi-upcloud' events
says "get events too" 'FailedToRetrieveImagePullSecret +pod/csi-upcloud' get events

# A watch: what comes after it began.
k get configmaps -w -o name >"$work/watch" 2>"$work/watch.err" &
watcher=$!
tries=0
until grep -q kube-root-ca "$work/watch" || [ "$tries" -gt 600 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
check "a ConfigMap is created" k create configmap watched --from-literal=a=b
tries=0
until grep -q 'configmap/watched' "$work/watch" || [ "$tries" -gt 600 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
kill "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
expect_text "a watch tells of it" '^configmap/watched$' "$work/watch"

check "a label is set" k label pod $sts-0 tier=storage
check "and selects" is "$(lines get pods -l tier=storage)" 1
expect_exit "a label that is there is not overwritten" 1 k label pod $sts-0 tier=other
check "unless it is meant" k label --overwrite pod $sts-0 tier=other
check "it goes again" k label pod $sts-0 tier-
check "an annotation is set" k annotate sa default note='for now'
check "and is there" is "$(k get sa default -o 'jsonpath={.metadata.annotations.note}')" "for now"

k get configmap watched -o yaml >"$work/map.yaml"
check "somebody else writes" k patch configmap watched --type=merge -p '{"data":{"a":"c"}}'
sed 's/^  a: b$/  a: d/' "$work/map.yaml" >"$work/edited.yaml"
expect_exit "replace of an older version is refused" 1 k replace -f "$work/edited.yaml"
expect_text "as a conflict" 'Conflict.*the object has been modified' "$work/err"
sed -i '/resourceVersion:/d' "$work/edited.yaml"
check "without a version it replaces" k replace -f "$work/edited.yaml"
check "the value is there" is "$(k get configmap watched -o 'jsonpath={.data.a}')" d
cat >"$work/editor" <<'END'
#!/bin/sh
sed -i 's/^  a: d$/  a: e/' "$1"
END
chmod +x "$work/editor"
KUBE_EDITOR=$work/editor
export KUBE_EDITOR
check "edit changes it" k edit configmap watched
check "the edited value is there" is "$(k get configmap watched -o 'jsonpath={.data.a}')" e
check "delete" k delete configmap watched
expect_exit "what is gone is not found" 1 k get configmap watched
expect_text "in the server's words" 'configmaps "watched" not found' "$work/err"

check "a pull Secret of kubectl's making" k create secret docker-registry pull \
    --docker-server=registry.example.com --docker-username=u --docker-password=p
check "has its type" is "$(k get secret pull -o 'jsonpath={.type}')" kubernetes.io/dockerconfigjson
expect_exit "a type cannot change" 1 k patch secret pull --type=merge -p '{"type":"Opaque"}'
expect_text "and says so" 'field is immutable' "$work/err"

# kubectl sends these as protobuf.
check "create deployment" k create deployment web --image=registry.k8s.io/web:1 --replicas=2 --port=80
check "it rolls out" k rollout status deployment/web --timeout=60s
check "create role" k create role reader --verb=get,list --resource=pods,configmaps
check "create rolebinding" k create rolebinding reader --role=reader --user=somebody
says "the role counts" '^yes' auth can-i list pods --as=somebody
if k auth can-i delete pods --as=somebody >"$work/got" 2>&1; then
    not_ok "for no more than it says" "$work/got"
else
    ok "for no more than it says"
fi
says "its rules can be listed" '^configmaps +\[\] +\[\] +\[get list\]' auth can-i --list --as=somebody

check "a namespace is created" kubectl create namespace few
check "and a quota in it" kubectl -n few create quota small --hard=secrets=1,configmaps=5
check "one Secret fits" kubectl -n few create secret generic one --from-literal=a=b
expect_exit "a second does not" 1 kubectl -n few create secret generic two --from-literal=a=b
expect_text "for the quota" \
    'secrets "two" is forbidden: exceeded quota: small, requested: secrets=1, used: secrets=1, limited: secrets=1' \
    "$work/err"
expect_exit "not in a dry run either" 1 \
    kubectl -n few create secret generic two --from-literal=a=b --dry-run=server
expect_exit "describe quota" 0 kubectl -n few describe quota small
expect_text "counts" '^secrets +1 +1$' "$work/out"
check "the first goes" kubectl -n few delete secret one
check "then there is room" kubectl -n few create secret generic two --from-literal=a=b

check "something holds its deletion back" kubectl -n few patch secret two --type=merge -p \
    '{"metadata":{"finalizers":["example.com/hold"]}}'
check "the namespace is deleted" kubectl delete namespace few --wait=false
check "and is terminating" is "$(kubectl get namespace few -o 'jsonpath={.status.phase}')" Terminating
expect_exit "nothing new gets into it" 1 kubectl -n few create configmap new
expect_text "for that reason" \
    'unable to create new content in namespace few because it is being terminated' "$work/err"
check "what held it back lets go" kubectl -n few patch secret two --type=merge -p \
    '{"metadata":{"finalizers":null}}'
check "then it is gone" kubectl wait --for=delete namespace/few --timeout=60s

viewer() { kubectl --context viewer -n kube-system "$@"; }
expect_exit "the viewer reads" 0 viewer get pods
expect_exit "but not Secrets" 1 viewer get secrets
expect_text "in RBAC's words" \
    'secrets is forbidden: User "viewer" cannot list resource "secrets" in API group "" in the namespace' \
    "$work/err"
expect_exit "and changes nothing" 1 viewer delete pod $sts-0
expect_exit "what it may is listed" 0 viewer auth can-i --list
expect_text "reading is in it" '^pods +\[\] +\[\] +\[get list watch\]' "$work/out"
refuse_text "Secrets are not" '^secrets' "$work/out"

end_sim
start_sim --scenario locked-down
check "a locked-down kubeconfig has one context" is "$(kubectl config get-contexts -o name)" viewer
expect_exit "which reads" 0 k get ds $ds
expect_exit "and may not change" 1 k patch ds $ds --type=merge -p '{"metadata":{"labels":{"a":"b"}}}'
expect_text "with the reason" 'cannot patch resource "daemonsets" in API group "apps"' "$work/err"
end_sim
done_testing
