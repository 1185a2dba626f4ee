#!/bin/sh
# The main job against a real API server, where KUBEBUILDER_ASSETS names a folder with etcd and
# kube-apiserver. There is no controller manager: workloads are judged by their templates.
. "$TOP_SRCDIR/tests/lib.sh"

if [ ! -x "${KUBEBUILDER_ASSETS:-}/kube-apiserver" ] || [ ! -x "$KUBEBUILDER_ASSETS/etcd" ]; then
    echo "1..0 # SKIP KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver"
    exit 0
fi
for tool in curl openssl; do
    command -v "$tool" >/dev/null 2>&1 || { echo "1..0 # SKIP there is no $tool"; exit 0; }
done

HOME=$work
XDG_CONFIG_HOME=$work/config
XDG_STATE_HOME=$work/state
LC_ALL=C.UTF-8
export HOME XDG_CONFIG_HOME XDG_STATE_HOME LC_ALL
etcd_pid= server_pid=
cleanup() {
    for pid in $server_pid $etcd_pid; do
        kill "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
}

base=$((20000 + $$ % 20000))
client=http://127.0.0.1:$base
server=https://127.0.0.1:$((base + 2))
token=$(openssl rand -hex 16)
printf '%s,admin,1,system:masters\n' "$token" >"$work/tokens"
openssl genrsa -out "$work/sa.key" 2048 2>/dev/null

"$KUBEBUILDER_ASSETS/etcd" --data-dir "$work/etcd" --listen-client-urls "$client" \
    --advertise-client-urls "$client" --listen-peer-urls "http://127.0.0.1:$((base + 1))" \
    >"$work/etcd.log" 2>&1 &
etcd_pid=$!
"$KUBEBUILDER_ASSETS/kube-apiserver" --etcd-servers "$client" --secure-port "$((base + 2))" \
    --bind-address 127.0.0.1 --cert-dir "$work/certs" --token-auth-file "$work/tokens" \
    --authorization-mode RBAC --service-account-issuer https://localhost \
    --service-account-signing-key-file "$work/sa.key" --service-account-key-file "$work/sa.key" \
    --service-cluster-ip-range 10.0.0.0/24 --endpoint-reconciler-type none \
    >"$work/server.log" 2>&1 &
server_pid=$!

api() { # api METHOD PATH [BODY-FILE]
    curl -sk --max-time 20 -A test -H "Authorization: Bearer $token" -X "$1" \
        -H 'Content-Type: application/json' ${3:+--data-binary "@$3"} "$server$2"
}

until [ "$(api GET /readyz 2>/dev/null)" = ok ]; do
    if ! kill -0 "$server_pid" 2>/dev/null || ! kill -0 "$etcd_pid" 2>/dev/null; then
        tail -5 "$work/server.log" "$work/etcd.log" | sed 's/^/# /'
        echo "Bail out! the API server did not start"
        exit 99
    fi
    sleep 0.2
done

cat >"$work/kubeconfig" <<CONFIG
apiVersion: v1
kind: Config
current-context: real
clusters:
- name: real
  cluster: {server: "$server", certificate-authority: "$work/certs/apiserver.crt"}
users:
- name: admin
  user: {token: "$token"}
contexts:
- name: real
  context: {cluster: real, user: admin}
CONFIG
KUBECONFIG=$work/kubeconfig
export KUBECONFIG

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
