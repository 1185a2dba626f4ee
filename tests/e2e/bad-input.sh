#!/bin/sh
# What is wrong is said in one clear line, with the right exit code, and never ends in a crash.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"

one_line() { # one_line NAME CODE PATTERN COMMAND...
    line_name=$1 line_code=$2 line_pattern=$3
    shift 3
    expect_exit "$line_name" "$line_code" "$@"
    if [ "$(wc -l <"$work/err")" -eq 1 ] && grep -qE -- "$line_pattern" "$work/err"; then
        ok "$line_name: one line says so"
    else
        echo "expected one line like: $line_pattern" >"$work/why"
        not_ok "$line_name: one line says so" "$work/why" "$work/err"
    fi
}

export KUBECONFIG=
one_line "no kubeconfig at all" 3 'kubeconfig' "$PULLMEND" status
one_line "a kubeconfig that is not there" 3 'absent' "$PULLMEND" status --kubeconfig "$work/absent"
: >"$work/empty"
one_line "an empty kubeconfig" 3 'empty' "$PULLMEND" status --kubeconfig "$work/empty"
printf 'apiVersion: v1\nclusters: [\n' >"$work/broken"
one_line "a broken kubeconfig with its place" 3 'broken:[0-9]+:[0-9]+' \
    "$PULLMEND" status --kubeconfig "$work/broken"

start_sim --scenario kubespray-upcloud
one_line "an unknown context" 3 'nowhere' "$PULLMEND" status --context nowhere
one_line "an unknown flag" 2 'did you mean' "$PULLMEND" status --contxt x
one_line "an unknown command" 2 'unknown command' "$PULLMEND" stauts
one_line "two changes at once" 2 'one change' "$PULLMEND" diff --drop-reference --use-secret x
one_line "a name that no Secret can have" 2 'Bad_Name' "$PULLMEND" diff --use-secret Bad_Name
one_line "a format that is none" 2 'not a format' "$PULLMEND" status -o xml
one_line "a wrong token" 3 '401|token|credential' \
    env PULLMEND_TOKEN=wrong "$PULLMEND" status
sed 's/certificate-authority-data:.*/certificate-authority-data: AAAA/' "$KUBECONFIG" >"$work/ca"
one_line "a CA that is none" 3 'certificate' "$PULLMEND" status --kubeconfig "$work/ca"
one_line "the screen without a terminal" 2 'terminal' "$PULLMEND" monitor
cp "$KUBECONFIG" "$work/kept"
stop_sim
one_line "a server that is down" 3 'refused|connect' "$PULLMEND" status --kubeconfig "$work/kept"
done_testing
