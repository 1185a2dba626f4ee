# Sourced by end-to-end tests, after lib.sh: a real API server of its own for each test, where
# KUBEBUILDER_ASSETS names a folder with etcd and kube-apiserver; elsewhere the test is skipped.
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
unset NO_COLOR http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
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
    --service-cluster-ip-range 10.0.0.0/24 --endpoint-reconciler-type none --allow-privileged \
    >"$work/server.log" 2>&1 &
server_pid=$!

api() { # api METHOD PATH [BODY-FILE]
    curl -sk --max-time 20 -A test -H "Authorization: Bearer $token" -X "$1" \
        -H 'Content-Type: application/json' ${3:+--data-binary "@$3"} "$server$2"
}

tries=0
until [ "$(api GET /readyz 2>/dev/null)" = ok ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ] || ! kill -0 "$server_pid" 2>/dev/null || ! kill -0 "$etcd_pid" 2>/dev/null; then
        cat "$work/server.log" "$work/etcd.log" | tail -n 10 | sed 's/^/# /'
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
