#!/bin/sh
# The mirror of a simulated cluster survives everything that a watch can meet, and equals a fresh list
# afterwards; no change is told twice.
. "$TOP_SRCDIR/tests/lib.sh"
driver=$TOP_BUILDDIR/tests/e2e/kube-driver
sim=
mirror=
unset KUBERNETES_SERVICE_HOST
cleanup() {
    exec 8>&-
    [ -z "$sim" ] || kill -CONT "$sim" 2>/dev/null
    [ -z "$sim" ] || kill "$sim" 2>/dev/null
    [ -z "$mirror" ] || kill "$mirror" 2>/dev/null
}

count() { # count PATTERN: lines of the mirror's output
    grep -cE -- "$1" "$work/mirror.out"
}

wait_count() { # wait_count PATTERN N: until so many lines match; 90 s at most
    tries=0
    while [ "$(count "$1")" -lt "$2" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 900 ] || return 1
        sleep 0.1
    done
}

reaches() { # reaches NAME PATTERN N
    if wait_count "$2" "$3"; then
        ok "$1"
    else
        not_ok "$1" "$work/mirror.out" "$work/mirror.err"
    fi
}

equal=0
is_equal() { # is_equal NAME: the mirror equals a fresh list
    equal=$((equal + 1))
    echo check >&8
    wait_count '^(equal|DIFFERENT)' "$equal"
    if [ "$(count '^equal')" -eq "$equal" ]; then
        ok "$1"
    else
        not_ok "$1" "$work/mirror.out" "$work/mirror.err"
    fi
}

fault() { # fault JSON
    "$driver" post /sim/faults "$1" >"$work/fault.out" 2>&1 ||
        not_ok "the simulator takes the fault $1" "$work/fault.out"
}

restart() { # all connections are cut, also the one that asks for it
    "$driver" post /sim/faults '{"kind":"restart"}' >"$work/fault.out" 2>&1
    return 0
}

"$PULLMEND_SIM" --kubeconfig "$work/kubeconfig" --print-ready --speed 200 --event-speed 200 >"$work/sim.out" 2>&1 &
sim=$!
tries=0
until grep -q '^ready' "$work/sim.out"; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { not_ok "the simulator serves" "$work/sim.out"; done_testing; }
    sleep 0.1
done
export KUBECONFIG="$work/kubeconfig"
: >"$work/mirror.out"
mkfifo "$work/ask"
"$driver" watch Event <"$work/ask" >"$work/mirror.out" 2>"$work/mirror.err" &
mirror=$!
exec 8>"$work/ask"

reaches "it lists and gets live" '^link live' 1
reaches "it sees changes" '^modified' 3
is_equal "it equals a fresh list"
seen=$(count '^modified')
fault '{"kind":"watch-close","count":1,"path":"watch="}'
restart
reaches "a restart of the server shows as reconnecting" '^link reconnecting: watch events' 1
reaches "and it goes on from where it was" '^modified' $((seen + 3))
is_equal "it equals a fresh list after the restart"
before=$(count '^relist')
fault '{"kind":"watch-expired","count":1}'
# The next watch meets it: cut the one that runs.
restart
reaches "410 means list anew" '^relist' $((before + 1))
is_equal "it equals a fresh list after 410"
seen=$(count '^modified')
reaches "changes go on" '^modified' $((seen + 3))
fault '{"kind":"malformed","count":2,"path":"/events"}'
fault '{"kind":"html","count":1,"path":"/events"}'
fault '{"kind":"status","code":429,"retryAfter":1,"count":1,"path":"/events"}'
fault '{"kind":"truncate","atByte":3000,"count":1,"path":"/events"}'
fault '{"kind":"stale","versions":20,"count":1,"path":"/events"}'
restart
reaches "trouble shows as reconnecting, with the reason" '^link reconnecting: (watch|list) events' 1
is_equal "it equals a fresh list after a series of troubles"
# By chance, but always the same one: the simulator's dice have a seed.
before=$(count '^link reconnecting')
fault '{"kind":"reset","atByte":1500,"chance":0.2,"path":"/events"}'
fault '{"kind":"truncate","atByte":2500,"chance":0.1,"path":"/events"}'
fault '{"kind":"status","code":503,"chance":0.1,"path":"/events"}'
fault '{"kind":"watch-expired","chance":0.2,"path":"/events"}'
round=0
while [ "$round" -lt "${SOAK_ROUNDS:-2}" ]; do
    round=$((round + 1))
    # A line that has carried changes for a while begins with a short wait when it is cut.
    wait_count '^modified' $(($(count '^modified') + 20))
    lived=$(count '^link live')
    restart
    wait_count '^link live' $((lived + 1))
done
reaches "random resets show" '^link reconnecting' $((before + round))
"$driver" delete /sim/faults >/dev/null
is_equal "it equals a fresh list after random resets"
before=$(count '^link reconnecting')
kill -STOP "$sim"
TIMEOUT=1000 "$driver" get /version >/dev/null 2>&1 # as long as a request waits
kill -CONT "$sim"
is_equal "a server that was stopped for a moment is no matter"
if [ "$(count '^link reconnecting')" -eq "$before" ]; then
    ok "and does not even show"
else
    not_ok "and does not even show" "$work/mirror.out"
fi
refuse_text "no change was told twice" '^TWICE' "$work/mirror.out"
exec 8>&-
wait "$mirror"
code=$?
mirror=
if [ "$code" -eq 0 ]; then
    ok "it ends when it is told to, without a leak"
else
    not_ok "it ends when it is told to, without a leak" "$work/mirror.err"
fi
done_testing
