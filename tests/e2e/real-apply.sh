#!/bin/sh
# The same edits of the same manifest on a real API server, by kubectl in one namespace and by
# pullmend in another, must end in equal objects, with last-applied in step.
. "$TOP_SRCDIR/tests/lib.sh"
for tool in kubectl python3; do
    command -v "$tool" >/dev/null 2>&1 || { echo "1..0 # SKIP there is no $tool"; exit 0; }
done
. "$TOP_SRCDIR/tests/e2e/real.sh"

for ns in by-kubectl by-pullmend; do
    kubectl create namespace "$ns" >/dev/null
done

cat >"$work/base.yaml" <<'YAML'
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: node
spec:
  selector: {matchLabels: {app: node}}
  template:
    metadata: {labels: {app: node}}
    spec:
      hostNetwork: true
      imagePullSecrets:
      - name: regcred
      tolerations:
      - {key: a, operator: Exists}
      containers:
      - name: registrar
        image: registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.5.0
        args: [--v=5]
        env:
        - {name: ADDRESS, value: /csi/csi.sock}
        - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        volumeMounts:
        - {name: plugin-dir, mountPath: /csi}
      - name: plugin
        image: ghcr.io/upcloudltd/upcloud-csi:v1.1.0
        ports:
        - {containerPort: 9808, name: healthz}
        volumeMounts:
        - {name: plugin-dir, mountPath: /csi}
      volumes:
      - {name: plugin-dir, hostPath: {path: /var/lib/kubelet/plugins/x}}
YAML

# What must be equal: all but what each object has of its own.
cat >"$work/equal.py" <<'PYTHON'
import json
import sys


def bare(path):
    thing = json.load(open(path))
    thing.pop("status", None)
    meta = thing["metadata"]
    for key in ("uid", "resourceVersion", "creationTimestamp", "managedFields", "namespace"):
        meta.pop(key, None)
    name = "kubectl.kubernetes.io/last-applied-configuration"
    notes = meta.get("annotations", {})
    if name in notes:
        applied = json.loads(notes[name])
        applied["metadata"].pop("namespace", None)
        notes[name] = applied
    return json.dumps(thing, indent=1, sort_keys=True)


one, other = bare(sys.argv[1]), bare(sys.argv[2])
if one != other:
    import difflib
    print("\n".join(difflib.unified_diff(one.split("\n"), other.split("\n"), "kubectl", "pullmend",
                                         lineterm="")))
    sys.exit(1)
PYTHON

t=/spec/template/spec
# compare NAME EDIT [OTHERS]: EDIT changes the manifest, OTHERS the live object, both JSON patches
compare() {
    for ns in by-kubectl by-pullmend; do
        kubectl -n "$ns" delete daemonset node --ignore-not-found >/dev/null 2>&1
        kubectl -n "$ns" apply -f "$work/base.yaml" >/dev/null
        [ -z "${3-}" ] || kubectl -n "$ns" patch daemonset node --type=json -p "$3" >/dev/null
    done
    kubectl patch --local -f "$work/base.yaml" --type=json -p "$2" -o yaml >"$work/edited.yaml"
    kubectl -n by-kubectl apply -f "$work/edited.yaml" >"$work/kubectl.out" 2>&1
    echo "$?" >"$work/kubectl.code"
    "$PULLMEND" apply -n by-pullmend -f "$work/edited.yaml" --yes --no-wait \
        >"$work/pullmend.out" 2>&1 </dev/null
    echo "$?" >"$work/pullmend.code"
    for ns in by-kubectl by-pullmend; do
        kubectl -n "$ns" get daemonset node -o json >"$work/$ns.json"
    done
    if python3 "$work/equal.py" "$work/by-kubectl.json" "$work/by-pullmend.json" >"$work/why" &&
        [ "$(cat "$work/pullmend.code")" = 0 ] && [ "$(cat "$work/kubectl.code")" = 0 ]; then
        ok "$1"
    else
        not_ok "$1" "$work/why" "$work/kubectl.out" "$work/pullmend.out"
    fi
}

compare "nothing changes" '[]'
compare "the reference goes" '[{"op":"remove","path":"'$t'/imagePullSecrets"}]'
compare "the reference goes, another's with it" \
    '[{"op":"remove","path":"'$t'/imagePullSecrets"}]' \
    '[{"op":"add","path":"'$t'/imagePullSecrets/-","value":{"name":"theirs"}}]'
compare "the reference is renamed" \
    '[{"op":"replace","path":"'$t'/imagePullSecrets/0/name","value":"mine"}]'
compare "the reference is renamed beside another's" \
    '[{"op":"replace","path":"'$t'/imagePullSecrets/0/name","value":"mine"}]' \
    '[{"op":"add","path":"'$t'/imagePullSecrets/0","value":{"name":"theirs"}}]'
compare "a second reference" \
    '[{"op":"add","path":"'$t'/imagePullSecrets/-","value":{"name":"mine"}}]'
compare "a reference that another took away comes back" '[]' \
    '[{"op":"remove","path":"'$t'/imagePullSecrets"}]'
compare "an image beside an injected sidecar" \
    '[{"op":"replace","path":"'$t'/containers/1/image","value":"r:v2"}]' \
    '[{"op":"add","path":"'$t'/containers/0","value":{"name":"side","image":"s:1"}}]'
compare "a container goes" '[{"op":"remove","path":"'$t'/containers/0"}]'
compare "arguments and an env entry" \
    '[{"op":"replace","path":"'$t'/containers/0/args","value":["--v=9","--x"]},
      {"op":"add","path":"'$t'/containers/0/env/0","value":{"name":"FIRST","value":"1"}}]' \
    '[{"op":"add","path":"'$t'/containers/0/env/-","value":{"name":"LAST","value":"9"}}]'
compare "an env entry goes" '[{"op":"remove","path":"'$t'/containers/0/env/1"}]'
compare "a value's source changes" \
    '[{"op":"replace","path":"'$t'/containers/0/env/1","value":{"name":"NODE","value":"n"}}]'
compare "a volume changes its source" \
    '[{"op":"replace","path":"'$t'/volumes/0","value":{"name":"plugin-dir","emptyDir":{}}}]'
compare "a port" '[{"op":"replace","path":"'$t'/containers/1/ports/0/containerPort","value":9}]'
compare "tolerations are replaced whole" \
    '[{"op":"replace","path":"'$t'/tolerations","value":[{"operator":"Exists"}]}]' \
    '[{"op":"add","path":"'$t'/tolerations/-","value":{"key":"z","operator":"Exists"}}]'
compare "labels and annotations" \
    '[{"op":"add","path":"/metadata/labels","value":{"mine":"1"}},
      {"op":"add","path":"/metadata/annotations","value":{"note":"x"}}]' \
    '[{"op":"add","path":"/metadata/labels","value":{"theirs":"1"}}]'
compare "the strategy" \
    '[{"op":"add","path":"/spec/updateStrategy","value":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"10%"}}}]'
compare "host network goes" '[{"op":"remove","path":"'$t'/hostNetwork"}]'

# The way back: as it was, to the byte.
kubectl -n by-pullmend delete daemonset node >/dev/null
kubectl -n by-pullmend apply -f "$work/base.yaml" >/dev/null
kubectl -n by-pullmend get daemonset node -o json >"$work/before.json"
kubectl patch --local -f "$work/base.yaml" --type=json \
    -p '[{"op":"remove","path":"'$t'/imagePullSecrets"}]' -o yaml >"$work/edited.yaml"
expect_exit "a manifest is applied" 0 \
    "$PULLMEND" apply -n by-pullmend -f "$work/edited.yaml" --yes --no-wait
expect_exit "and taken back" 0 "$PULLMEND" undo --yes --no-wait
kubectl -n by-pullmend get daemonset node -o json >"$work/after.json"
spec() { python3 -c '
import json, sys
thing = json.load(open(sys.argv[1]))
notes = thing["metadata"]["annotations"]
notes.pop("deprecated.daemonset.template.generation") # the server counts the changes
print(json.dumps([thing["spec"], notes], sort_keys=True))' "$1"; }
spec "$work/before.json" >"$work/before"
spec "$work/after.json" >"$work/after"
check "undo leaves specification and last-applied as they were" cmp "$work/before" "$work/after"

# --- What a server of today refuses --------------------------------------------------------------------
cat >"$work/misspelt.yaml" <<'YAML'
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, labels: {a: b}}
imagePullSecret: [{name: regcred}]
YAML
expect_exit "kubectl refuses a field that the server does not know" 1 \
    kubectl apply -n by-kubectl -f "$work/misspelt.yaml"
expect_exit "and so does pullmend" 4 "$PULLMEND" apply -n by-pullmend -f "$work/misspelt.yaml" --yes
expect_text "in one line" 'strict decoding error: unknown field "imagePullSecret"$' "$work/err"
refuse_text "that does not quote the object" 'managedFields' "$work/err"

done_testing
