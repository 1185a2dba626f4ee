#!/bin/sh
# The client against the simulated cluster, with every fault that it can be given: what is said, and
# that nothing is taken for whole that is not.
. "$TOP_SRCDIR/tests/lib.sh"
driver=$TOP_BUILDDIR/tests/e2e/kube-driver
sim=
unset KUBERNETES_SERVICE_HOST
cleanup() { [ -z "$sim" ] || kill "$sim" 2>/dev/null; }

wait_for() { # wait_for PATTERN FILE: until a line matches; 60 s at most
    tries=0
    until grep -qE -- "$1" "$2" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 600 ] || return 1
        sleep 0.1
    done
}

start_sim() { # start_sim [FLAG...]
    cleanup
    [ -z "$sim" ] || wait "$sim" 2>/dev/null
    rm -f "$work/kubeconfig" "$work/sim.out"
    "$PULLMEND_SIM" --kubeconfig "$work/kubeconfig" --print-ready "$@" >"$work/sim.out" 2>&1 &
    sim=$!
    wait_for '^ready' "$work/sim.out" || not_ok "the simulator serves" "$work/sim.out"
    export KUBECONFIG="$work/kubeconfig"
}

says() { # says NAME PATTERN COMMAND...: what the driver prints
    says_name=$1
    says_pattern=$2
    shift 2
    "$@" >"$work/says" 2>&1 </dev/null
    expect_text "$says_name" "$says_pattern" "$work/says"
}

fault() { # fault JSON
    "$driver" post /sim/faults "$1" >"$work/fault.out" 2>&1 ||
        not_ok "the simulator takes the fault $1" "$work/fault.out"
}

# --- Trust -----------------------------------------------------------------------------------------
start_sim --certificate expired
says "an expired certificate is named" '^error \(auth\).*has expired' "$driver" get /version
start_sim --certificate foreign
says "a foreign authority is named" '^error \(auth\).*authority that is not the configured one' \
    "$driver" get /version
start_sim --certificate other-name
says "a certificate for another name is named" '^error \(auth\).*is for another name' \
    "$driver" get /version

# --- Who one is ------------------------------------------------------------------------------------
start_sim
says "the client gets through" '^200' "$driver" get /version
says "a wrong token is named" '^error \(auth\): the server does not accept the credential' \
    env TOKEN=wrong "$driver" get /api/v1/pods
says "a right that is missing is named" 'error \(forbidden\): list secrets.*cannot list resource' \
    env CONTEXT=viewer "$driver" list Secret
says "lists are whole" '^6 items' "$driver" list Pod
says "lists in pages are whole" '^6 items' "$driver" list Pod 4
says "a path that is none is named" '^error \(not-found\).*404' "$driver" get /apis/nope.example/v1
VERBOSE=1 "$driver" list Secret >"$work/out" 2>"$work/trace"
expect_text "the trace shows requests with status, time, size and audit id" \
    'GET https://127.0.0.1:[0-9]+/api/v1/secrets -> 200, [0-9]+ ms, [0-9]+ bytes, audit id ' \
    "$work/trace"
token=$(sed -n 's/^ *token: *//p' "$work/kubeconfig" | head -n 1 | tr -d '"')
if [ -n "$token" ]; then
    refuse_text "the trace shows no token" "$token|Bearer" "$work/trace"
else
    not_ok "the trace shows no token" "$work/kubeconfig"
fi
says "plain HTTP to the TLS port is explained" '^error' \
    sh -c "sed 's#https://#http://#' '$work/kubeconfig' >'$work/plain'; KUBECONFIG='$work/plain' '$driver' get /version"

# --- Compressed -----------------------------------------------------------------------------------
start_sim --scenario large --nodes 60
transferred() { # transferred KUBECONFIG: "items bytes" of a list of pods
    KUBECONFIG=$1 VERBOSE=1 "$driver" list Pod >"$work/out" 2>"$work/trace"
    echo "$(sed -n 's/ items$//p' "$work/out") $(sed -n 's/.*pods -> 200, .* \([0-9]*\) bytes.*/\1/p' "$work/trace")"
}
sed 's/^\( *\)server: .*/&\n\1disable-compression: true/' "$KUBECONFIG" >"$work/uncompressed"
set -- $(transferred "$KUBECONFIG") $(transferred "$work/uncompressed")
echo "compressed: $1 items in $2 bytes; plain: $3 items in $4 bytes" >"$work/why"
if [ "$#" -eq 4 ] && [ "$1" -ge 60 ] && [ "$1" = "$3" ] && [ "$(($2 * 3))" -lt "$4" ]; then
    ok "a large list comes compressed and is whole"
else
    not_ok "a large list comes compressed and is whole" "$work/why" "$work/trace"
fi
fault '{"kind":"truncate","atByte":9000,"path":"/api/v1/pods","count":1}'
says "a compressed list that is cut is not taken for whole" '^error \((unavailable|protocol)\): list pods' \
    "$driver" list Pod

# --- Answers that go wrong -------------------------------------------------------------------------
start_sim
fault '{"kind":"status","code":429,"retryAfter":1,"path":"/api/v1/pods","count":1}'
says "429 is waited out" '^6 items' "$driver" list Pod
fault '{"kind":"status","code":503,"path":"/api/v1/pods","count":1}'
says "503 is told" '^error \(unavailable\): list pods' "$driver" list Pod
fault '{"kind":"status","code":500,"path":"/api/v1/pods","count":1}'
says "500 is told" '^error \(unavailable\): list pods' "$driver" list Pod
fault '{"kind":"truncate","atByte":20000,"path":"/api/v1/pods","count":1}'
says "a truncated list is not taken for whole" '^error \((unavailable|protocol)\): list pods.*cut off' \
    "$driver" list Pod
fault '{"kind":"reset","atByte":20000,"path":"/api/v1/pods","count":1}'
says "a list that is reset is not taken for whole" '^error \(unavailable\): list pods' \
    "$driver" list Pod
fault '{"kind":"malformed","path":"/api/v1/pods","count":1}'
says "an answer that is not JSON is told" '^error \(protocol\): list pods' "$driver" list Pod
fault '{"kind":"html","path":"/api/v1/pods","count":1}'
says "a web page is told" '^error \(protocol\).*(web page|login page)' "$driver" list Pod
fault '{"kind":"latency","milliseconds":3000,"path":"/api/v1/pods","count":1}'
says "a server that takes too long is told" '^error \(timeout\).*did not answer in time' \
    env TIMEOUT=500 "$driver" list Pod
fault '{"kind":"bandwidth","bytesPerSecond":100000,"path":"/api/v1/pods","count":1}'
says "a slow line is waited for" '^6 items' "$driver" list Pod
kill -STOP "$sim"
says "a server that hangs is told" '^error \(timeout\)' env TIMEOUT=500 "$driver" get /version
kill -CONT "$sim"
cleanup
wait "$sim" 2>/dev/null
sim=
says "a server that is gone is told" '^error \(unavailable\).*refused: nothing listens' \
    env KUBECONFIG="$work/plain" "$driver" get /version
done_testing
