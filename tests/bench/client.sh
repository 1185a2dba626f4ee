#!/bin/sh
# What a client alone costs: the same answers replayed to pullmend and curl, the first rows, ten times
# the pods, an idle watch. Run it with `make bench-client`, from a build without sanitizers; README.md
# here says what each line means.
set -eu
nodes=${BENCH_NODES:-5000}
events=${BENCH_EVENTS:-100000}
runs=${BENCH_RUNS:-3}
idle=${BENCH_IDLE_S:-60}
measure=$TOP_BUILDDIR/tests/bench/session
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
    if [ -n "${BENCH_KUBECONFIG:-}" ]; then
        kubectl --kubeconfig "$1" config view --raw --minify --flatten >"$2.yaml"
    else
        cp "$1" "$2.yaml"
    fi
    server=$(sed -n 's/^ *server: //p' "$2.yaml" | head -n 1)
    {
        printf 'silent\nfail\ncompressed\nuser-agent = "bench"\n'
        for pair in certificate-authority-data:cacert client-certificate-data:cert \
            client-key-data:key; do
            sed -n "s/^ *${pair%:*}: //p" "$2.yaml" | head -n 1 | base64 -d >"$2.${pair#*:}"
            [ ! -s "$2.${pair#*:}" ] || printf '%s = "%s"\n' "${pair#*:}" "$2.${pair#*:}"
        done
        sed -n 's/^ *token: \(.*\)/header = "Authorization: Bearer \1"/p' "$2.yaml" | head -n 1
    } >"$2"
}

# best NAME COMMAND...: of all runs the least wall time, processor time and peak; $wall $cpu $peak
best() {
    best_name=$1
    shift
    : >"$work/runs"
    for run in $(seq "$runs"); do
        "$measure" "$@" >>"$work/runs" 2>"$work/measure.err" ||
            { cat "$work/measure.err" >&2; return 1; }
    done
    read -r wall cpu peak <<END
$(awk 'NR == 1 || $1 < w { w = $1 } NR == 1 || $2 < c { c = $2 } NR == 1 || $3 < p { p = $3 }
       END { print w, c, p }' "$work/runs")
END
    awk -v n="$best_name" -v w="$wall" -v c="$cpu" -v p="$peak" \
        'BEGIN { printf "| %-50s | %8.3f | %8.3f | %8.1f |\n", n, w / 1e3, c / 1e3, p / 1024 }'
}

heading() {
    printf '\n%s\n\n| %-50s | %8s | %8s | %8s |\n' "$1" what 'wall s' 'CPU s' 'peak MiB'
    printf '|---|---|---|---|\n'
}

# ratio WHAT A B [GOAL]
ratio() {
    awk -v n="$1" -v a="$2" -v b="$3" -v g="${4:-}" \
        'BEGIN { printf "%s: %.2f%s\n", n, a / b, g == "" ? "" : " (goal: at most " g ")" }'
}

# record KUBECONFIG FOLDER: keeps the answers to each request that one status makes
record() {
    mkdir -p "$2"
    curl_config "$1" "$work/record"
    sed '/^compressed/d' "$work/record" >"$work/record.raw"
    "$PULLMEND" status --kubeconfig "$1" -vv -o name 2>"$work/requests" >/dev/null || :
    sed -n 's/.* GET \([^ ]*\) -> 200,.*/\1/p' "$work/requests" | while read -r url; do
        accept=application/json
        case $url in *includeObject=*) accept=$table ;; esac
        path=${url#"$server"}
        curl -K "$work/record.raw" -H "Accept: $accept" -H 'Accept-Encoding: gzip' "$url" \
            -o "$work/answer"
        # an answer too small to be compressed
        gzip -t "$work/answer" 2>/dev/null || { gzip -1 "$work/answer"; mv "$work/answer.gz" "$work/answer"; }
        mv "$work/answer" "$2/$(printf %s "${path%%\?*}" | tr / _)"
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

status() { # status NAME KUBECONFIG
    best "$1" "$PULLMEND" status --fail-on never -o json --kubeconfig "$2"
}

two_lists() { # two_lists NAME CURL-CONFIG SERVER
    best "$1" curl -q -K "$2" -Z "$3/api/v1/pods" -o /dev/null "$3/api/v1/events?$selector" -o /dev/null
}

if [ -n "${BENCH_KUBECONFIG:-}" ]; then
    cluster=$BENCH_KUBECONFIG
    sim=
else
    start_sim cluster "$nodes"
    cluster=$work/cluster.config
fi
curl_config "$cluster" "$work/curl"
server_address=$server

heading "The server as it is: $([ -n "$sim" ] && echo "pullmend-sim, $nodes nodes" || echo "$server")"
best 'pullmend, until the first rows are drawn' -w '▾ ' "$PULLMEND" --kubeconfig "$cluster" || :
first_wall=$wall
echo
ratio 'first rows, seconds' "$first_wall" 1000 0.3

record "$cluster" "$work/recorded"
cp -R "$work/recorded" "$work/many"
multiply "$work/many/_api_v1_events" "$events"
serve "$work/many"
printf 'silent\nfail\ncompressed\nuser-agent = "bench"\n' >"$work/plain"
heading "The same answers replayed by a server that costs nothing, with $events warning events"
two_lists 'curl: pods and warning events, side by side' "$work/plain" "$replayed"
curl_wall=$wall
status 'pullmend status -o json' "$work/many.config"
status_wall=$wall
status_peak=$peak
echo
ratio 'status against curl, wall time' "$status_wall" "$curl_wall"
ratio 'peak memory of status, MiB' "$status_peak" 1024 48

if [ -n "$sim" ]; then
    start_sim few $((nodes / 10))
    record "$work/few.config" "$work/few"
    kill "$sim"
    cp -R "$work/recorded" "$work/all"
    serve "$work/few"
    serve "$work/all"
    heading 'Ten times the pods (replayed, with the events that the simulator has)'
    best 'pullmend --version: the empty program' "$PULLMEND" --version
    empty=$peak
    status "$((nodes / 10)) nodes" "$work/few.config"
    few_cpu=$cpu few_peak=$peak
    status "$nodes nodes" "$work/all.config"
    echo
    ratio 'processor time' "$cpu" "$few_cpu" 11
    ratio 'memory above the empty program' $((peak - empty)) $((few_peak - empty)) 10

    # 100 updates a second of the warnings' counts, through the API
    curl -q -K "$work/curl" "$server_address/api/v1/events?$selector&limit=500" | tr '{' '\n' |
        sed -n 's/^"name":"\([^"]*\)","namespace":"\([^"]*\)".*/\2 \1/p' >"$work/names"
    awk -v updates=$(((idle + 20) * 100)) -v server="$server_address" -v auth="$work/curl" '
        BEGIN { while ((getline line < auth) > 0) shared = shared line "\n" }
        { ns[NR] = $1; name[NR] = $2 }
        END {
            for (i = 0; i < updates; i++) {
                at = i % NR + 1
                printf "%s%surl = \"%s/api/v1/namespaces/%s/events/%s\"\nrequest = PATCH\n", \
                    (i ? "next\n" : ""), shared, server, ns[at], name[at]
                printf "header = \"Content-Type: application/merge-patch+json\"\n"
                printf "data = \"{\\\"count\\\":%d}\"\noutput = /dev/null\nrate = 100/s\n", 100000 + i
                printf "write-out = \"%%{stderr}%%{http_code}\\n\"\n"
            }
        }' "$work/names" >"$work/updates"
    curl -q -K "$work/updates" 2>"$work/updated" & # its standard error is not buffered
    updater=$!
    children="$children $updater"
    heading "Idle with live watches, $idle s"
    from=$(date +%s)
    runs=1
    best 'pullmend monitor, 100 updates a second wanted' -w 'live' -s "$idle" "$PULLMEND" monitor \
        --kubeconfig "$cluster"
    done_updates=$(grep -c '^200' "$work/updated" || :)
    echo
    echo "updates a second that the server took: $((done_updates / ($(date +%s) - from)))"
    awk -v c="$cpu" -v w="$wall" \
        'BEGIN { printf "share of one core: %.2f %% (goal: under 2 %%)\n", c / w * 100 }'
fi
