#!/bin/sh
# SIGKILL before every system call by which an apply changes anything outside of the program: the next
# start knows what is so, and resume and undo lead to a known state.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"
driver=$TOP_BUILDDIR/tests/e2e/kube-driver
kill_at=$TOP_BUILDDIR/tests/e2e/kill-at
# A sanitizer's search for leaks is a tracer too, and a process has one at most.
traced="env ASAN_OPTIONS=detect_leaks=0:${ASAN_OPTIONS:-}"

$traced "$kill_at" 1000000 true >/dev/null 2>&1
if [ $? = 77 ]; then
    skip "every kill point" "processes cannot be traced here"
    done_testing
fi

specs() {
    for object in statefulsets/csi-upcloud-controller daemonsets/csi-upcloud-node; do
        "$driver" show "/apis/apps/v1/namespaces/kube-system/$object" /spec \
            /metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration
    done
}

problem() { echo "kill point $point: $*" >>"$work/problems"; }

# run WHAT EXIT ARGUMENT...: a command that must end so
run() {
    run_what=$1
    run_code=$2
    shift 2
    "$PULLMEND" "$@" --no-wait --yes >"$work/out" 2>"$work/err" </dev/null
    run_got=$?
    [ "$run_got" = "$run_code" ] || {
        problem "$run_what: exit $run_got"
        cat "$work/out" "$work/err" >>"$work/problems"
    }
}

# Each file of the journal is whole, and the entry of the apply says what is so.
look() {
    "$PULLMEND" history -o json >"$work/history" 2>"$work/history.err" || problem "history fails"
    [ ! -s "$work/history.err" ] || { problem "a journal that cannot be read"; cat "$work/history.err" >>"$work/problems"; }
    specs >"$work/now"
    state=none
    if grep -q '"interrupted":[[:space:]]*true' "$work/history"; then
        state=interrupted
    elif grep -q '"id"' "$work/history"; then
        state=$(sed -n 's/.*"state":[[:space:]]*"\([a-z]*\)".*/\1/p' "$work/history" | head -1)
    fi
    # What the journal does not know of must not have happened.
    if [ "$state" = none ] && ! cmp -s "$work/before" "$work/now"; then
        problem "the cluster was changed, and the journal knows nothing"
    fi
}

die_at() { # die_at N: 0 if it was killed there
    point=$1
    rm -rf "$XDG_STATE_HOME"
    $traced "$kill_at" "$point" "$PULLMEND" apply --drop-reference --yes --no-wait \
        >"$work/killed" 2>&1 </dev/null || return 1
    look
    states="$states $state"
    case $state in
    interrupted)
        if [ $((point % 2)) = 0 ]; then
            run "resume" 0 resume
            specs >"$work/now"
            grep -q regcred "$work/now" && problem "resume left a reference"
        fi
        run "undo" 0 undo
        ;;
    none) ;;
    *) run "undo" 0 undo ;;
    esac
    specs >"$work/now"
    cmp -s "$work/before" "$work/now" || problem "not as before (the journal said $state)"
}

: >"$work/problems"
states=
start_sim --scenario kubespray-upcloud --speed 240 --event-speed 240
specs >"$work/before"
n=1
while die_at "$n"; do
    n=$((n + 1))
    [ "$n" -lt 1000 ] || break
done
check "the apply that nobody killed is done" grep -q '^0$' "$work/killed"
echo "# killed at $((n - 1)) points: $(echo "$states" | tr ' ' '\n' | grep . | sort | uniq -c | tr -s ' \n' ' ')"
check "there were kill points enough" test "$n" -gt 15
check "at some nothing was begun" sh -c 'echo "$1" | grep -q none' - "$states"
check "at some it was interrupted" sh -c 'echo "$1" | grep -q interrupted' - "$states"
if [ -s "$work/problems" ]; then
    not_ok "wherever it was killed, the next start knows the truth, and resume and undo work" "$work/problems"
else
    ok "wherever it was killed, the next start knows the truth, and resume and undo work"
fi
done_testing
