#!/bin/sh
# `pullmend status --watch` rides through restarts, expired versions and a series of resets, always the
# same ones, while pods come and go; afterwards it tells what is. SOAK_RESETS says how many
# connections are broken; SOAK=1 goes on for five minutes.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"
driver=$TOP_BUILDDIR/tests/e2e/kube-driver
watcher=
cleanup() {
    [ -z "$watcher" ] || kill "$watcher" 2>/dev/null
    [ -z "$sim_pid" ] || kill "$sim_pid" 2>/dev/null
}

fault() { # fault JSON
    "$driver" post /sim/faults "$1" >"$work/fault.out" 2>&1 ||
        not_ok "the simulator takes the fault $1" "$work/fault.out"
}

restart() { # every connection is cut, also the one that asks for it; all versions are forgotten
    "$driver" post /sim/faults '{"kind":"restart"}' >"$work/fault.out" 2>&1
    return 0
}

left() { # the faults that are still to come
    "$driver" body /sim/faults >"$work/faults" 2>&1
    tr ',{' '\n\n' <"$work/faults" | sed -n 's/.*"left":\([0-9]*\).*/\1/p' |
        awk '{ sum += $1 } END { print sum + 0 }'
}

lines() { wc -l <"$work/lines"; }

wait_lines() { # wait_lines N: until so many were written; 180 s at most
    tries=0
    while [ "$(lines)" -lt "$1" ]; do
        kill -0 "$watcher" 2>/dev/null || return 1
        tries=$((tries + 1))
        [ "$tries" -lt 900 ] || return 1
        sleep 0.2
    done
}

delete_pod() { # one of the DaemonSet's; a new one comes, under another name. Faults hit this too.
    for again in 1 2 3 4 5 6 7 8; do
        pod=$("$driver" truth 2>"$work/fault.out" | sed -n 's/^pod \(csi-upcloud-node-.*\)/\1/p' |
            sed -n "$((round % 5 + 1))p")
        [ -n "$pod" ] && "$driver" delete "/api/v1/namespaces/kube-system/pods/$pod" \
            >"$work/fault.out" 2>&1 && return
    done
}

start_sim --speed 60 --event-speed 60 --seed 7
: >"$work/lines"
"$PULLMEND" status --watch >>"$work/lines" 2>"$work/watch.err" </dev/null &
watcher=$!
if wait_lines 2; then
    ok "it tells the first picture and changes"
else
    not_ok "it tells the first picture and changes" "$work/watch.err"
fi

fault "{\"kind\":\"reset\",\"atByte\":1200,\"chance\":0.3,\"count\":${SOAK_RESETS:-25}}"
fault '{"kind":"watch-expired","chance":0.3,"count":6}'
fault '{"kind":"truncate","atByte":900,"chance":0.2,"count":6}'
fault '{"kind":"status","code":429,"retryAfter":1,"chance":0.2,"count":4,"path":"/api"}'
end=$(($(date +%s) + 300))
round=0
alive=true
while $alive && { [ "$(left)" -gt 0 ] || { [ -n "${SOAK:-}" ] && [ "$(date +%s)" -lt "$end" ]; }; }; do
    round=$((round + 1))
    [ "$round" -le 400 ] || break
    seen=$(lines)
    restart
    delete_pod
    [ -z "${SOAK:-}" ] || [ "$(left)" -gt 0 ] ||
        fault '{"kind":"reset","atByte":1200,"chance":0.5,"count":20}'
    wait_lines $((seen + 1)) || alive=false
done
echo "# $round restarts, $(lines) pictures"
if $alive; then
    ok "changes go on being told between all of them"
else
    not_ok "changes go on being told between all of them" "$work/watch.err"
fi
"$driver" delete /sim/faults >"$work/fault.out" 2>&1

# The Secret ends the warnings, so that there is one truth to compare with.
if "$PULLMEND" apply --create-secret regcred --empty --yes --no-wait >"$work/out" 2>&1 </dev/null; then
    ok "a change can be made right afterwards"
else
    not_ok "a change can be made right afterwards" "$work/out"
fi
tries=0
until "$driver" truth 2>/dev/null | sort >"$work/truth" &&
    "$driver" picture <"$work/lines" | sort >"$work/picture" && cmp -s "$work/truth" "$work/picture"; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || break
    sleep 0.3
done
check "pods and warnings are those of the server in the end" diff "$work/truth" "$work/picture"
broken() { tr -d ' \t\n' | grep -o '"totals":{[^}]*}' | grep -o '"broken":[0-9]*'; }
fresh=$("$PULLMEND" status -o json 2>"$work/err" </dev/null | broken)
tries=0 # the watch of the Secrets may have to wait after a reset
until last=$(tail -n 1 "$work/lines" | broken) && [ "$last" = "$fresh" ] || [ "$tries" -ge 300 ]; do
    tries=$((tries + 1))
    sleep 0.3
done
echo "fresh $fresh, watched $last" >"$work/why"
if [ -n "$fresh" ] && [ "$fresh" = "$last" ]; then
    ok "and so are the broken ones"
else
    not_ok "and so are the broken ones" "$work/why"
fi
kill -INT "$watcher"
wait "$watcher"
code=$?
watcher=
if [ "$code" -eq 130 ]; then
    ok "it ends when it is interrupted, without a leak"
else
    not_ok "it ends when it is interrupted, without a leak" "$work/watch.err"
fi
done_testing
