#!/bin/sh
# The simulator as a program: it comes and goes cleanly, says in one line why it cannot start, and
# leaks nothing.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"

sim() { "$PULLMEND_SIM" --kubeconfig "$work/second" "$@"; }
one_line() { # one_line NAME CODE PATTERN FLAG...
    line_name=$1
    line_code=$2
    line_pattern=$3
    shift 3
    expect_exit "$line_name" "$line_code" sim "$@"
    expect_text "$line_name: what and why" "^pullmend-sim: .*$line_pattern" "$work/err"
    check "$line_name: in one line" test "$(wc -l <"$work/err")" -eq 1
}
gone() { [ ! -e "$1" ] || { echo "$1 is still there"; return 1; }; }

for signal in TERM INT HUP; do
    start_sim --scenario kubespray-upcloud
    mode=$(ls -l "$KUBECONFIG")
    kill -$signal "$sim_pid"
    wait "$sim_pid"
    code=$?
    sim_pid=
    check "SIG$signal ends it with success" test "$code" -eq 0
    check "SIG$signal takes the kubeconfig along" gone "$work/kubeconfig"
    check "SIG$signal leaves nothing on standard error" test ! -s "$work/sim.log"
done
case $mode in
-rw-------*) ok "the kubeconfig is for its owner alone" ;;
*) not_ok "the kubeconfig is for its owner alone" ;;
esac

start_sim --scenario kubespray-upcloud
port=$(sed -n 's|^ready: https://127\.0\.0\.1:\([0-9]*\) .*|\1|p' "$work/ready")
one_line "a port that is taken" 3 "cannot listen on 127\.0\.0\.1:$port: .*; choose another --port" \
    --port "$port"
check "the first one serves on" kill -0 "$sim_pid"
stop_sim

mkfifo "$work/life"
"$PULLMEND_SIM" --kubeconfig "$work/kubeconfig" --print-ready --die-with-fd 0 <"$work/life" \
    >"$work/ready2" 2>"$work/sim.log" &
sim_pid=$!
exec 7>"$work/life"
until [ -s "$work/ready2" ]; do
    kill -0 "$sim_pid" || break
    sleep 0.05
done
exec 7>&-
wait "$sim_pid"
code=$?
sim_pid=
check "it ends with its parent" test "$code" -eq 0

one_line "an unknown scenario" 2 'no scenario "nope"; there are kubespray-upcloud, ' --scenario nope
one_line "a file that is not there" 4 '/none\.yaml: ' --scenario "$work/none.yaml"
printf 'speed: 1\npast: 1x\n' >"$work/wrong.yaml"
one_line "a wrong setting" 3 'wrong\.yaml:2:7: not a duration' --scenario "$work/wrong.yaml"
printf 'speed: [\n' >"$work/wrong.yaml"
one_line "broken YAML" 3 'wrong\.yaml:[0-9]+:[0-9]+: ' --scenario "$work/wrong.yaml"
printf 'base: %s\n' "$work/wrong.yaml" >"$work/wrong.yaml"
one_line "a scenario based on itself" 3 'too many bases' --scenario "$work/wrong.yaml"
one_line "a version that is not played" 2 '--version 1\.19: expected 1\.20 to 1\.36' --version 1.19
one_line "a number that is none" 2 '--nodes x: expected a number from 1' --nodes x
one_line "an unknown certificate" 2 'expected good, expired, foreign or other-name' --certificate x
one_line "an unknown login" 2 'expected token, certificate or expired-certificate' --login x
one_line "a fault that is no JSON" 2 '--fault' --fault '{'
one_line "an unknown fault" 2 'unknown kind "x"; known: latency' --fault '{"kind":"x"}'
one_line "a fault without its number" 2 'needs a number "milliseconds"' --fault '{"kind":"latency"}'
expect_exit "no kubeconfig is an error" 2 "$PULLMEND_SIM"
expect_text "that says what is needed" '--kubeconfig FILE is needed' "$work/err"
one_line "a folder that is not there" 3 '/none/config' --kubeconfig "$work/none/config"

expect_exit "help" 0 "$PULLMEND_SIM" --help
check "fits 80 columns" sh -c '! grep -qE "^.{81}" "$1"' - "$work/out"
for flag in $(sed -n 's/^  \(--[a-z-]*\).*/\1/p' "$work/out"); do
    check "the manual knows $flag" grep -q "Fl Fl ${flag#--}" "$TOP_SRCDIR/man/pullmend-sim.1"
done
expect_exit "the scenarios are listed" 0 "$PULLMEND_SIM" --list-scenarios
for scenario in kubespray-upcloud kubespray-upcloud-opaque private-mirror many-drivers healthy gitops \
    locked-down large; do
    expect_text "$scenario is one" "^$scenario\$" "$work/out"
done

# Under ASan a leak gives another exit code than 0 above; valgrind sees it in any build.
if ! command -v valgrind >/dev/null; then
    skip "no leak at the end" "there is no valgrind here"
elif ldd "$PULLMEND_SIM" 2>/dev/null | grep -q 'libasan' || grep -q __asan_init "$PULLMEND_SIM"; then
    skip "no leak at the end" "this build has its own sanitizer, which has just looked"
else
    valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
        "$PULLMEND_SIM" --print-ready --kubeconfig "$work/kubeconfig" --scenario private-mirror \
        >"$work/ready3" 2>"$work/valgrind" &
    sim_pid=$!
    until [ -s "$work/ready3" ]; do
        kill -0 "$sim_pid" 2>/dev/null || break
        sleep 0.2
    done
    KUBECONFIG=$work/kubeconfig "$PULLMEND" status >"$work/status" 2>&1
    kill "$sim_pid"
    wait "$sim_pid"
    code=$?
    sim_pid=
    if [ "$code" -eq 0 ]; then
        ok "no leak at the end"
    else
        not_ok "no leak at the end" "$work/valgrind"
    fi
fi
done_testing
