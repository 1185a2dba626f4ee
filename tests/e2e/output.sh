#!/bin/sh
# Where the output goes: a full disk is no success, a reader that leaves is no error, and what is
# closed stays closed.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"

# to_full NAME COMMAND...: its output does not fit
to_full() {
    full_name=$1
    shift
    "$@" >/dev/full 2>"$work/err" </dev/null
    check "$full_name" test $? -eq 3
    expect_text "$full_name, and says so" 'not all of the output could be written' "$work/err"
}

# first_line COMMAND...: read by someone who leaves after a line
first_line() {
    (
        timeout 120 "$@" 2>"$work/err" </dev/null
        echo $? >"$work/code"
    ) | head -n 1 >"$work/out"
}

start_sim --scenario kubespray-upcloud
if [ -w /dev/full ]; then
    to_full "status fails on a full disk" "$PULLMEND" status
    to_full "so does JSON" "$PULLMEND" status -o json
    to_full "so do changes as YAML" "$PULLMEND" diff --drop-reference -o yaml
    to_full "so does help" "$PULLMEND" --help
    to_full "so does a monitor, at once" timeout 120 "$PULLMEND" monitor --plain
else
    skip "status fails on a full disk" "no /dev/full"
fi

first_line "$PULLMEND" status -o json
check "a reader may leave" test "$(cat "$work/code")" = 1
check "nothing is said of it" test ! -s "$work/err"
first_line "$PULLMEND" monitor --plain
expect_text "a monitor tells what there is" '6 of 6 pods' "$work/out"
check "and ends when its reader has left" test "$(cat "$work/code")" = 0
first_line "$PULLMEND" status --watch -o json
check "so does status --watch" test "$(cat "$work/code")" = 0

# The journal of a change is the first file that is opened: it must not take the place of the output.
XDG_STATE_HOME=$work/closed
export XDG_STATE_HOME
"$PULLMEND" apply --drop-reference --yes <&- >&- 2>&-
check "a change with everything closed fails for its output" test $? -eq 3
expect_exit "it was made" 0 "$PULLMEND" history
check "its journal can be read" test -s "$work"/closed/pullmend/journal/*.json
refuse_text "and what it printed is nowhere" 'rolled out|Applied' "$work"/closed/pullmend/journal/*
done_testing
