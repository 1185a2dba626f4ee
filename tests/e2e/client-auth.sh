#!/bin/sh
# Who one is and whom one trusts, against the simulated cluster: plugins, token files, server names.
. "$TOP_SRCDIR/tests/lib.sh"
driver=$TOP_BUILDDIR/tests/e2e/kube-driver
sim=
mirror=
unset KUBERNETES_SERVICE_HOST
cleanup() {
    exec 8>&-
    [ -z "$sim" ] || kill "$sim" 2>/dev/null
    [ -z "$mirror" ] || kill "$mirror" 2>/dev/null
}

wait_for() { # wait_for PATTERN FILE [COUNT]: until so many lines match; 60 s at most
    tries=0
    until [ "$(grep -cE -- "$1" "$2" 2>/dev/null)" -ge "${3:-1}" ] 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 600 ] || return 1
        sleep 0.1
    done
}

start_sim() { # start_sim [FLAG...]
    [ -z "$sim" ] || { kill "$sim" && wait "$sim"; } 2>/dev/null
    rm -f "$work/admin" "$work/sim.out"
    "$PULLMEND_SIM" --kubeconfig "$work/admin" --print-ready "$@" >"$work/sim.out" 2>&1 &
    sim=$!
    wait_for '^ready' "$work/sim.out" || not_ok "the simulator serves" "$work/sim.out"
    server=$(sed -n 's/^ *server: *//p' "$work/admin" | head -n 1)
    ca=$(sed -n 's/^ *certificate-authority-data: *//p' "$work/admin" | head -n 1)
    token=$(sed -n 's/^ *token: *//p' "$work/admin" | head -n 1)
}

kubeconfig() { # kubeconfig NAME CLUSTER-MEMBERS USER-MEMBERS (one flow mapping each)
    cat >"$work/$1" <<END
current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: $server, $2}}]
users: [{name: u, user: {$3}}]
END
}

says() { # says NAME PATTERN KUBECONFIG ARGUMENT...
    says_name=$1
    says_pattern=$2
    says_config=$3
    shift 3
    KUBECONFIG="$work/$says_config" "$driver" "$@" >"$work/says" 2>&1 </dev/null
    expect_text "$says_name" "$says_pattern" "$work/says"
}

start_sim --certificate other-name
kubeconfig named "certificate-authority-data: $ca, tls-server-name: other.example.com" "token: $token"
says "tls-server-name is the name that counts" '^200' named get /version
start_sim --certificate expired
kubeconfig trusting "insecure-skip-tls-verify: true" "token: $token"
says "who wants to trust blindly may" '^200' trusting get /version

start_sim
kubeconfig stranger "certificate-authority-data: $ca" ""
says "nobody is nobody" '^error \((forbidden|auth)\)' stranger get /api/v1/pods
printf '%s\n' "$token" >"$work/token-file"
kubeconfig file "certificate-authority-data: $ca" "tokenFile: token-file, token: wrong"
says "a token file beats a token" '^200' file get /api/v1/pods
rm "$work/token-file"
says "without the file the token is what is left" '^error \(auth\)' file get /api/v1/pods

cat >"$work/plugin" <<END
#!/bin/sh
echo run >>"$work/runs"
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":'
printf '{"token":"%s"}}' "\$(cat "$work/current")"
END
chmod +x "$work/plugin"
kubeconfig by-plugin "certificate-authority-data: $ca" \
    "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, interactiveMode: Never}"
KUBECONFIG="$work/admin" "$driver" post /sim/tokens \
    '{"token":"first","user":"person","groups":["system:masters"]}' >/dev/null
KUBECONFIG="$work/admin" "$driver" post /sim/tokens \
    '{"token":"second","user":"person","groups":["system:masters"]}' >/dev/null
printf first >"$work/current"
says "a plugin brings the credential" '^200' by-plugin get /api/v1/pods

# The token dies in the middle of a watch.
: >"$work/mirror.out"
mkfifo "$work/ask"
KUBECONFIG="$work/by-plugin" "$driver" watch Pod <"$work/ask" >"$work/mirror.out" 2>"$work/mirror.err" &
mirror=$!
exec 8>"$work/ask"
wait_for '^link live' "$work/mirror.out"
KUBECONFIG="$work/admin" "$driver" delete /sim/tokens '{"token":"first"}' >/dev/null
says "the first token is dead" '^error \(auth\)' by-plugin get /api/v1/pods
printf second >"$work/current"
: >"$work/runs"
KUBECONFIG="$work/admin" "$driver" post /sim/faults '{"kind":"restart"}' >/dev/null 2>&1
if wait_for '^link live' "$work/mirror.out" 2; then
    ok "a credential that died in mid-watch is fetched anew"
else
    not_ok "a credential that died in mid-watch is fetched anew" "$work/mirror.out" "$work/mirror.err"
fi
if [ "$(wc -l <"$work/runs")" -eq 1 ]; then
    ok "by one run of the plugin"
else
    not_ok "by one run of the plugin" "$work/runs"
fi
refuse_text "and without a refusal on the way" '^link refused' "$work/mirror.out"
printf 'exit 3\n' >>"$work/plugin"
sed -i 's/^printf.*/echo "log in first" >\&2/' "$work/plugin"
says "a plugin that fails is quoted" '^error \(auth\): credential plugin .*exit code 3.*log in first' \
    by-plugin get /api/v1/pods
done_testing
