#!/bin/sh
# What pullmend costs beside curl and kubectl that ask the same server in the same run. Run it with
# `make bench`, from a build without sanitizers; README.md here says what each line means.
set -eu
nodes=${BENCH_NODES:-5000}
events=${BENCH_EVENTS:-100000}
runs=${BENCH_RUNS:-3}
idle=${BENCH_IDLE_S:-60}
presses=${BENCH_KEYS:-400}
session=$TOP_BUILDDIR/tests/bench/session
replay=$TOP_BUILDDIR/tests/bench/replay
work=$(mktemp -d "${TMPDIR:-/tmp}/pullmend-bench.XXXXXX")
children=
cleanup() {
    for child in $children; do
        kill "$child" 2>/dev/null || :
    done
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 129' HUP INT TERM
HOME=$work XDG_CONFIG_HOME=$work XDG_STATE_HOME=$work LC_ALL=C.UTF-8
export HOME XDG_CONFIG_HOME XDG_STATE_HOME LC_ALL
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy NO_COLOR KUBECONFIG || :

selector='fieldSelector=type%3DWarning%2Creason%3DFailedToRetrieveImagePullSecret'
table='application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

# await FILE PID: until the program has written the file
await() {
    until [ -s "$1" ]; do
        kill -0 "$2" 2>/dev/null || { echo "bench: a server did not start" >&2; exit 99; }
        sleep 0.1
    done
}

# start_sim NAME NODES: its kubeconfig is $work/NAME.config
start_sim() {
    "$PULLMEND_SIM" --scenario large --nodes "$2" --kubeconfig "$work/$1.config" --print-ready \
        >"$work/$1.ready" 2>"$work/$1.log" &
    children="$children $!"
    sim=$!
    await "$work/$1.ready" $!
}

# curl_config KUBECONFIG FILE: how curl reaches the server that a kubeconfig names; sets $server
curl_config() {
    if command -v kubectl >/dev/null; then
        kubectl --kubeconfig "$1" config view --raw --minify --flatten >"$2.yaml"
    else
        cp "$1" "$2.yaml"
    fi
    server=$(sed -n 's/^ *server: //p' "$2.yaml" | head -n 1)
    {
        printf 'silent\nfail\nuser-agent = "bench"\n'
        grep -q 'insecure-skip-tls-verify: true' "$2.yaml" && echo insecure
        for pair in certificate-authority-data:cacert client-certificate-data:cert \
            client-key-data:key; do
            sed -n "s/^ *${pair%:*}: //p" "$2.yaml" | head -n 1 | base64 -d >"$2.${pair#*:}"
            [ ! -s "$2.${pair#*:}" ] || printf '%s = "%s"\n' "${pair#*:}" "$2.${pair#*:}"
        done
        sed -n 's/^ *token: \(.*\)/header = "Authorization: Bearer \1"/p' "$2.yaml" | head -n 1
    } >"$2"
}

# best RUNS NAME COMMAND...: of all runs the least wall time, processor time and peak; sets $wall
# $cpu $peak
best() {
    best_runs=$1
    best_name=$2
    shift 2
    : >"$work/runs"
    for run in $(seq "$best_runs"); do
        "$session" "$@" >"$work/run" 2>"$work/session.err" ||
            { cat "$work/session.err" >&2; return 1; }
        read -r wall cpu peak code <"$work/run"
        if [ "$code" != 0 ] && [ "$code" -lt 128 ]; then
            echo "bench: $best_name ended with $code" >&2
            return 1
        fi
        cat "$work/run" >>"$work/runs"
    done
    read -r wall cpu peak <<END
$(awk 'NF == 4 && $1 ~ /\./ { if (!n++ || $1 < w) w = $1; if (n == 1 || $2 < c) c = $2
       if (n == 1 || $3 < p) p = $3 } END { print w, c, p }' "$work/runs")
END
    awk -v n="$best_name" -v w="$wall" -v c="$cpu" -v p="$peak" \
        'BEGIN { printf "| %-58s | %8.3f | %8.3f | %8.1f |\n", n, w / 1e3, c / 1e3, p / 1024 }'
}

heading() {
    printf '\n%s\n\n| %-58s | %8s | %8s | %8s |\n' "$1" what 'wall s' 'CPU s' 'peak MiB'
    printf '|---|---|---|---|\n'
}

# ratio WHAT A B [GOAL]
ratio() {
    awk -v n="$1" -v a="$2" -v b="$3" -v g="${4:-}" \
        'BEGIN { printf "%s: %.2f%s\n", n, a / b, g == "" ? "" : " (goal: at most " g ")" }'
}

status() { # status RUNS NAME KUBECONFIG
    best "$1" "$2" "$PULLMEND" status --fail-on never -o json --kubeconfig "$3"
}

two_lists() { # two_lists CURL-CONFIG SERVER
    best "$runs" 'curl: pods and those events, side by side, compressed' \
        curl -q -K "$1" -H 'Accept-Encoding: gzip' --compressed -Z \
        "$2/api/v1/pods" -o "$work/pods" \
        "$2/api/v1/events?$selector" -o "$work/events"
}

# record KUBECONFIG FOLDER: keeps the answers to each request that one status makes
record() {
    mkdir -p "$2"
    curl_config "$1" "$work/record"
    "$PULLMEND" status --kubeconfig "$1" -vv -o name 2>"$work/requests" >/dev/null || :
    sed -n 's/.* GET \([^ ]*\) -> 200,.*/\1/p' "$work/requests" | while read -r url; do
        accept=application/json
        case $url in *includeObject=*) accept=$table ;; esac
        path=${url#"$server"}
        curl -q -K "$work/record" -H "Accept: $accept" -H 'Accept-Encoding: gzip' "$url" \
            -o "$work/answer"
        # an answer too small to be compressed
        gzip -t "$work/answer" 2>/dev/null ||
            { gzip -1 "$work/answer"; mv "$work/answer.gz" "$work/answer"; }
        name=$(printf %s "${path%%\?*}" | tr / _)
        case $url in *labelSelector=%21*) name=${name}_others ;; esac
        mv "$work/answer" "$2/$name"
    done
}

# multiply FILE COUNT: the list has at least that many items then; the copies get names of their own
multiply() {
    have=$(gzip -dc "$1" | grep -o '"involvedObject":' | wc -l)
    [ "$have" -gt 0 ] || { echo "bench: no warnings were recorded" >&2; exit 99; }
    gzip -dc "$1" | awk -v times=$((($2 + have - 1) / have)) '
        BEGIN { RS = "{\"metadata\":{\"name\":\""; split("", item) }
        NR == 1 { head = $0; next }
        { sub(/,$/, ""); item[++n] = $0 }
        END {
            last = item[n]
            sub(/\]}\n?$/, "", last)
            item[n] = last
            printf "%s", head
            for (i = 1; i <= n; i++)
                for (t = 1; t <= times; t++) {
                    one = item[i]
                    if (t > 1) sub(/"/, "x" t "\"", one)
                    printf "%s%s%s", (i + t > 2 ? "," : ""), RS, one
                }
            print "]}"
        }' | gzip -1 >"$1.many"
    mv "$1.many" "$1"
    events=$((have * (($2 + have - 1) / have)))
}

# serve FOLDER: replays it; its kubeconfig is FOLDER.config, $replayed its address
serve() {
    "$replay" "$1" "$1.port" &
    children="$children $!"
    await "$1.port" $!
    replayed=http://127.0.0.1:$(cat "$1.port")
    printf '%s\n' 'apiVersion: v1' 'kind: Config' 'current-context: replay' \
        "clusters: [{name: replay, cluster: {server: '$replayed'}}]" \
        'users: [{name: nobody, user: {}}]' \
        'contexts: [{name: replay, context: {cluster: replay, user: nobody}}]' >"$1.config"
}

# --- The server as it is --------------------------------------------------------------------------
compare() { # compare KUBECONFIG
    curl_config "$1" "$work/curl"
    server_address=$server
    two_lists "$work/curl" "$server"
    curl_wall=$wall
    size=$(($(cat "$work/pods" "$work/events" | wc -c) / 1000000))
    status "$runs" 'pullmend status -o json' "$1"
    status_wall=$wall
    status_peak=$peak
    best "$runs" 'pullmend, until the first rows are drawn' -w '▾ ' "$PULLMEND" --kubeconfig "$1"
    first_wall=$wall
    if command -v kubectl >/dev/null; then
        best 1 'kubectl get pods -A' kubectl --kubeconfig "$1" get pods -A
        best 1 'kubectl get pods -A -o json' kubectl --kubeconfig "$1" get pods -A -o json
        best 1 'kubectl get events -A of that reason' kubectl --kubeconfig "$1" get events -A \
            --field-selector reason=FailedToRetrieveImagePullSecret
    fi
    best "$runs" 'pullmend --version: the empty program' "$PULLMEND" --version
    empty=$peak
    echo
    echo "the two lists: $size MB of JSON"
    asked=$("$PULLMEND" status --fail-on never -vv -o name --kubeconfig "$1" 2>&1 >/dev/null |
        sed -n 's,.* GET https*://[^/]*/api/v1/pods[? ].* \([0-9]*\) bytes.*,\1,p' |
        awk '{ sum += $1 } END { print sum + 0 }')
    all=$(curl -q -K "$work/curl" -H 'Accept-Encoding: gzip' "$server/api/v1/pods" -o "$work/pods" \
        -w '%{size_download}')
    ratio 'bytes of the pods that are asked for against a list of all' "$asked" "$all"
    ratio 'status against curl, wall time' "$status_wall" "$curl_wall" 1.15
    ratio 'peak memory of status, MiB' "$status_peak" 1024 48
    ratio 'first rows, seconds' "$first_wall" 1000 0.3
}

# --- What the client alone costs ------------------------------------------------------------------
replay_all() {
    record "$cluster" "$work/recorded"
    cp -R "$work/recorded" "$work/many"
    multiply "$work/many/_api_v1_events" "$events"
    serve "$work/many"
    : >"$work/plain"
    printf 'silent\nfail\nuser-agent = "bench"\n' >"$work/plain"
    heading "The same answers replayed by a server that costs nothing, with $events warning events"
    two_lists "$work/plain" "$replayed"
    curl_cpu=$cpu
    status "$runs" 'pullmend status -o json' "$work/many.config"
    echo
    ratio 'status against curl, processor time' "$cpu" "$curl_cpu"
    ratio 'peak memory of status, MiB' "$peak" 1024 48
}

ten_times() {
    start_sim few $((nodes / 10))
    record "$work/few.config" "$work/few"
    kill "$sim"
    cp -R "$work/recorded" "$work/all"
    serve "$work/few"
    serve "$work/all"
    heading 'Ten times the pods (replayed, with the events that the simulator has)'
    status "$runs" "$((nodes / 10)) nodes" "$work/few.config"
    few_cpu=$cpu few_peak=$peak
    status "$runs" "$nodes nodes" "$work/all.config"
    echo
    ratio 'processor time' "$cpu" "$few_cpu" 11
    ratio 'memory above the empty program' $((peak - empty)) $((few_peak - empty)) 10
}

# --- While a cluster lives ------------------------------------------------------------------------
# The replayed cluster with 100 updates a second of the warnings' counts.
watch_for() { # watch_for MODE: a share of one core while nothing but warnings changes
    best 1 "pullmend $1, $idle s of live watches" -w 'live' -s "$idle" "$PULLMEND" "$@" \
        --kubeconfig "$work/living.config"
    shares="$shares$(awk -v c="$cpu" -v w="$wall" -v n="$1" 'BEGIN {
        printf "pullmend %s: %.2f %% of one core (goal: under 2 %%)", n, c / w * 100 }')
"
}

press_keys() { # press_keys NAME TEXT-OF-j TEXT-OF-k COMMAND...
    press_name=$1
    down=$2
    up=$3
    shift 3
    "$session" -w '▾ ' -s 3 -k "j=$down" -k "k=$up" -n "$presses" "$@" >"$work/keys"
    awk -v n="$press_name" 'NR == 1 {
        printf "%s, %d keys: median %.1f ms, p99 %.1f ms, longest %.1f ms\n", n, $4, $1, $2, $3
    }' "$work/keys"
}

living() {
    cp -R "$work/recorded" "$work/living"
    gzip -dc "$work/living/_api_v1_events" | awk 'BEGIN { RS = "{\"metadata\":{\"name\":\"" }
        NR > 1 {
            name = $0
            sub(/".*/, "", name)
            about = $0
            sub(/.*"involvedObject":{/, "", about)
            pod = uid = about
            sub(/.*"name":"/, "", pod)
            sub(/".*/, "", pod)
            sub(/.*"uid":"/, "", uid)
            sub(/".*/, "", uid)
            print name, pod, uid
        }' >"$work/living/updates"
    [ -s "$work/living/updates" ] || { echo "bench: no warnings were recorded" >&2; exit 99; }
    serve "$work/living"
    heading 'With live watches, and 100 updates of warnings a second'
    shares=
    watch_for monitor
    watch_for --read-only
    printf '\n%s' "$shares"
    press_keys 'from key to frame meanwhile (goal: p99 at most 16 ms)' csi-upcloud-controller \
        storage.csi.upcloud "$PULLMEND" --kubeconfig "$work/living.config"
    # What the machine itself takes at that moment, with everything else that it does.
    press_keys 'the same of cat(1)' j k sh -c 'stty raw -echo; printf "▾ "; exec cat'
}

echo "Machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -1)," \
    "$(getconf _NPROCESSORS_ONLN) cores, load $(cut -d' ' -f1 /proc/loadavg 2>/dev/null)"
if [ -n "${BENCH_KUBECONFIG:-}" ]; then
    cluster=$BENCH_KUBECONFIG
    curl_config "$cluster" "$work/curl"
    heading "The server as it is: $server"
    compare "$cluster"
    exit 0
fi
start_sim cluster "$nodes"
cluster=$work/cluster.config
heading "The server as it is: pullmend-sim, $nodes nodes"
compare "$cluster"
replay_all
ten_times
living
