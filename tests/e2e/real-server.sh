#!/bin/sh
# The main job against a real API server, where KUBEBUILDER_ASSETS names a folder with etcd and
# kube-apiserver. There is no controller manager: workloads are judged by their templates.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/real.sh"

cat >"$work/node.json" <<'JSON'
{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"csi-upcloud-node","namespace":"kube-system",
"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"annotations\":{},\"name\":\"csi-upcloud-node\",\"namespace\":\"kube-system\"},\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"csi-upcloud-node\"}},\"template\":{\"metadata\":{\"labels\":{\"app\":\"csi-upcloud-node\"}},\"spec\":{\"containers\":[{\"image\":\"registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.5.0\",\"name\":\"csi-node-driver-registrar\"},{\"image\":\"ghcr.io/upcloudltd/upcloud-csi:v1.1.0\",\"name\":\"plugin\"}],\"imagePullSecrets\":[{\"name\":\"regcred\"}]}}}}\n"}},
"spec":{"selector":{"matchLabels":{"app":"csi-upcloud-node"}},"template":{"metadata":{"labels":{"app":"csi-upcloud-node"}},
"spec":{"containers":[{"image":"registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.5.0","name":"csi-node-driver-registrar"},
{"image":"ghcr.io/upcloudltd/upcloud-csi:v1.1.0","name":"plugin"}],"imagePullSecrets":[{"name":"regcred"}]}}}}
JSON
api POST '/apis/apps/v1/namespaces/kube-system/daemonsets?fieldManager=kubectl-client-side-apply' \
    "$work/node.json" >"$work/made.json"
node=/apis/apps/v1/namespaces/kube-system/daemonsets/csi-upcloud-node

"$PULLMEND" status -o json >"$work/status.json" 2>"$work/err"
expect_text "the driver's node plugin is found" 'csi-upcloud-node' "$work/status.json"
expect_text "its reference is seen" 'regcred' "$work/status.json"
"$PULLMEND" status -o json --record "$work/recording" >"$work/recorded" 2>"$work/err"
KUBECONFIG=/nonexistent "$PULLMEND" status -o json --replay "$work/recording" >"$work/replayed" 2>"$work/err"
for picture in recorded replayed; do
    sed -i 's/"\(readOnly\|takenAt\)": *[^,]*/"\1": -/' "$work/$picture"
done
check "a recording of it replays" diff "$work/recorded" "$work/replayed"
expect_exit "the preview is the server's own" 1 "$PULLMEND" diff --drop-reference
expect_text "it removes the reference" '^- *- name: regcred' "$work/out"
expect_exit "apply writes it" 0 "$PULLMEND" apply --drop-reference --yes --no-wait
api GET "$node" >"$work/after.json"
refuse_text "the reference is gone, from last-applied too" 'regcred' "$work/after.json"
expect_exit "a Secret with a credential is made" 0 sh -c \
    'printf secret | "$PULLMEND" apply --create-secret regcred -n kube-system --docker-server ghcr.io --docker-username robot --docker-password-stdin --yes --no-wait'
api GET /api/v1/namespaces/kube-system/secrets/regcred >"$work/secret.json"
expect_text "the Secret is of the registry's type" 'kubernetes.io/dockerconfigjson' "$work/secret.json"
expect_exit "undo takes it back" 0 "$PULLMEND" undo --yes --no-wait
api GET /api/v1/namespaces/kube-system/secrets/regcred >"$work/secret.json"
expect_text "the Secret is gone" 'NotFound' "$work/secret.json"
done_testing
