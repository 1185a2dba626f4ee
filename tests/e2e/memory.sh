#!/bin/sh
# Memory stays flat while warnings are counted for a long time: what the whole program holds after so
# many of them is what it holds after ten times as many. MEMORY_WARNINGS says how many at first.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"
first=${MEMORY_WARNINGS:-600}
watcher=
cleanup() {
    [ -z "$watcher" ] || kill "$watcher" 2>/dev/null
    [ -z "$sim_pid" ] || kill "$sim_pid" 2>/dev/null
}
if [ ! -r /proc/self/status ]; then
    echo "1..0 # SKIP there is no /proc/PID/status"
    exit 0
fi
# What a sanitizer keeps of freed memory is no memory of the program.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1:allocator_release_to_os_interval_ms=100
export ASAN_OPTIONS

held() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$watcher/status"; }

counted() { # the warnings that the last whole line tells
    tail -n 2 "$work/lines" | sed -n 's/.*"totals":{\([^}]*\)}.*/\1/p' | tail -n 1 |
        sed -n 's/.*"warnings":\([0-9]*\).*/\1/p'
}

wait_counted() { # wait_counted N: until so many more were counted than at the start
    tries=0
    until now=$(counted) && [ $((${now:-0} - start)) -ge "$1" ]; do
        kill -0 "$watcher" 2>/dev/null || return 1
        tries=$((tries + 1))
        [ "$tries" -lt 3000 ] || return 1
        sleep 0.2
    done
}

start_sim --nodes 60 --speed 600 --event-speed 600 --seed 11
: >"$work/lines"
"$PULLMEND" status --watch >>"$work/lines" 2>"$work/watch.err" </dev/null &
watcher=$!
start=0
wait_counted 1
start=$(counted)
if wait_counted "$first"; then
    ok "warnings are counted as they come"
else
    not_ok "warnings are counted as they come" "$work/watch.err"
fi
before=$(held)
if wait_counted $((first * 10)); then
    ok "and ten times as many"
else
    not_ok "and ten times as many" "$work/watch.err"
fi
after=$(held)
now=$(counted)
echo "# $before KiB after $first warnings, $after KiB after $((now - start))"
# A history of each pod grows in its first hour; nothing else does.
check "memory is what it was then, within an eighth" test "$after" -le $((before + before / 8)) -a "$before" -gt 0
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
