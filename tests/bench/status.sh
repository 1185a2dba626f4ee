#!/bin/sh
# How long one status takes, against curl and kubectl fetching the same lists from the same server in
# the same run. BENCH_KUBECONFIG names a real cluster's kubeconfig (its current context is used, with
# a token); without it the simulator's `large` scenario serves BENCH_NODES (5000) nodes.
work=$(mktemp -d "${TMPDIR:-/tmp}/pullmend-bench.XXXXXX") || exit 1
sim_pid=
stop_sim() {
    [ -z "$sim_pid" ] || kill "$sim_pid" 2>/dev/null
    [ -z "$sim_pid" ] || wait "$sim_pid" 2>/dev/null
    sim_pid=
}
trap 'stop_sim; rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM

measure=$TOP_BUILDDIR/tests/bench/measure
events='/api/v1/events?fieldSelector=type%3DWarning,reason%3DFailedToRetrieveImagePullSecret'

serve() { # serve NODES
    : >"$work/ready"
    "$PULLMEND_SIM" --kubeconfig "$work/config" --scenario large --nodes "$1" --print-ready \
        >"$work/ready" &
    sim_pid=$!
    until grep -q '^ready' "$work/ready"; do
        kill -0 "$sim_pid" || exit 1
        sleep 0.2
    done
    config=$work/config
}

# The best of three: what else the machine does only adds.
best() { # best COMMAND...: sets wall, cpu, memory
    wall=
    for round in 1 2 3; do
        read -r w c m code <<EOF
$("$measure" "$@" 2>"$work/err")
EOF
        if [ "$code" -gt 1 ]; then
            echo "failed ($code): $*" >&2
            cat "$work/err" >&2
            exit 1
        fi
        if [ -z "$wall" ] || [ "$(printf '%s\n%s\n' "$w" "$wall" | sort -n | head -1)" = "$w" ]; then
            wall=$w cpu=$c memory=$m
        fi
    done
}

row() { # row WHAT
    printf '| %s | %s s | %s s | %s MiB |\n' "$1" "$wall" "$cpu" $((memory / 1024))
}

compare() {
    server=$(sed -n 's/^ *server: *//p' "$config" | head -1)
    token=$(sed -n 's/^ *token: *//p' "$config" | head -1)
    cat >"$work/both" <<EOF
curl -sfk --compressed -H "Accept-Encoding: gzip" -H "Authorization: Bearer $token" "$server/api/v1/pods" -o "$work/pods" &
curl -sfk --compressed -H "Accept-Encoding: gzip" -H "Authorization: Bearer $token" "$server$events" -o "$work/events" &
wait
EOF
    best sh "$work/both"
    curl_wall=$wall
    row "curl: pods and those events, side by side, compressed"
    printf '| (%s MiB of JSON) | | | |\n' \
        $(($(cat "$work/pods" "$work/events" | wc -c) / 1048576))
    best "$PULLMEND" status -o json --kubeconfig "$config"
    row "pullmend status -o json"
    status_wall=$wall
    status_memory=$memory
    best "$PULLMEND" status --kubeconfig "$config"
    row "pullmend status"
    if command -v kubectl >/dev/null; then
        best kubectl --kubeconfig "$config" get pods -A
        row "kubectl get pods -A"
        best kubectl --kubeconfig "$config" get pods -A -o json
        row "kubectl get pods -A -o json"
    fi
    best "$PULLMEND" --version
    row "pullmend --version (the empty program)"
    empty_memory=$memory
}

ratio() { # ratio A B
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }'
}

nproc=$(getconf _NPROCESSORS_ONLN)
echo "Machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -1), $nproc cores"
echo
echo '| what | elapsed | CPU | peak memory |'
echo '| --- | --- | --- | --- |'
if [ -n "${BENCH_KUBECONFIG-}" ]; then
    config=$BENCH_KUBECONFIG
    compare
    echo
    echo "status against curl: $(ratio "$status_wall" "$curl_wall") (at most 1.15)"
    exit 0
fi
serve "${BENCH_NODES:-5000}"
compare
large_wall=$status_wall
large_memory=$((status_memory - empty_memory))
large_ratio=$(ratio "$status_wall" "$curl_wall")
large_peak=$status_memory
stop_sim
serve $((${BENCH_NODES:-5000} / 10))
best "$PULLMEND" status -o json --kubeconfig "$config"
row "pullmend status -o json, a tenth of the nodes"
stop_sim
echo
echo "status against curl: $large_ratio (at most 1.15)"
echo "peak memory: $((large_peak / 1024)) MiB (at most 48)"
echo "ten times the pods: $(ratio "$large_wall" "$wall") times the time (at most 11)," \
    "$(ratio "$large_memory" $((memory - empty_memory))) times the memory (at most 10)"
