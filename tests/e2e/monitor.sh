#!/bin/sh
# What the monitor keeps across sessions, and what it does with a file that is something else.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"
session=$TOP_BUILDDIR/tests/bench/session
kept=$work/state/pullmend/monitor.json

# watch_until COMMAND...: lets the monitor look at the cluster on a terminal, each time a second
# longer, until the command succeeds
watch_until() {
    for seconds in 1 2 4 8 16; do
        "$session" -w live -s "$seconds" "$PULLMEND" monitor \
            >"$work/session.out" 2>"$work/session.err" || return 1
        ! "$@" || return 0
    done
    return 1
}

start_sim --scenario kubespray-upcloud --speed 60
check "the monitor leaves a file behind" watch_until test -s "$kept"
check "for its owner alone" sh -c '[ "$(ls -l "$1" | cut -c1-10)" = -rw------- ]' - "$kept"
expect_text "with the hours of this cluster" \
    '"hour":[0-9]+,"hours":\[.*,[0-9]+\],"key":"[0-9a-f]{16}"' "$kept"
refuse_text "and no address, user or token" '127\.0\.0\.1|demo|token' "$kept"

echo garbage >"$kept"
check "a file that is something else is replaced" watch_until grep -q '"views"' "$kept"

# Hours of an earlier session are still there after another one.
hour=$(($(date +%s) / 3600))
key=$(sed 's/.*"key":"\([^"]*\)".*/\1/' "$kept")
printf '{"views":[{"key":"%s","hour":%s,"hours":[%s77,null]}]}\n' "$key" "$hour" \
    "$(printf 'null,%.0s' $(seq 22))" >"$kept"
check "what an earlier session counted is taken up" watch_until grep -Eq '[^0-9]77,' "$kept"

# For as long as was enough before.
rm "$kept"
check "a monitor with --no-history runs" \
    "$session" -w live -s "$seconds" "$PULLMEND" monitor --no-history
check "and keeps nothing" test ! -e "$kept"
stop_sim
done_testing
