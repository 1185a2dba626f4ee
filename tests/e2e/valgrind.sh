#!/bin/sh
# Nothing leaks and nothing is read before it is written: the plain build under valgrind.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"

plain=${PLAIN_PULLMEND:-$TOP_SRCDIR/pullmend}
if ! command -v valgrind >/dev/null 2>&1; then
    echo "1..0 # SKIP there is no valgrind"
    exit 0
fi
if [ ! -x "$plain" ] || grep -q __asan_init "$plain"; then
    echo "1..0 # SKIP there is no build without sanitizers (./bootstrap build makes one)"
    exit 0
fi
# Under valgrind on a busy machine a connection takes its time.
memcheck() {
    valgrind -q --leak-check=full --errors-for-leak-kinds=definite,indirect \
        --error-exitcode=77 "$plain" "$@" --request-timeout 5m
}

start_sim --scenario kubespray-upcloud --speed 240 --event-speed 240
expect_exit "status is clean" 1 memcheck status -o json
expect_exit "a preview is clean" 1 memcheck diff --drop-reference
expect_exit "apply is clean" 0 memcheck apply --drop-reference --yes
expect_exit "undo is clean" 0 memcheck undo --yes
expect_exit "an error is clean" 2 memcheck diff --use-secret Bad_Name
stop_sim
expect_exit "a lost cluster is clean" 3 memcheck status --server https://127.0.0.1:1
done_testing
