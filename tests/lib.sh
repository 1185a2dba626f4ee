# Sourced by the shell tests: TAP output with counted plans. POSIX sh.
tests_run=0
tests_failed=0
work=$(mktemp -d "${TMPDIR:-/tmp}/pullmend-test.XXXXXX") || exit 99
cleanup() { :; }
trap 'cleanup; rm -rf "$work"' EXIT
trap 'exit 129' HUP INT TERM

ok() { # ok NAME: the test of that name passed
    tests_run=$((tests_run + 1))
    printf 'ok %d - %s\n' "$tests_run" "$1"
}

not_ok() { # not_ok NAME [FILE...]: it failed; the files say why
    tests_run=$((tests_run + 1))
    tests_failed=$((tests_failed + 1))
    printf 'not ok %d - %s\n' "$tests_run" "$1"
    shift
    for file; do
        [ -f "$file" ] && sed 's/^/# /' "$file" | head -60
    done
}

skip() { # skip NAME REASON
    tests_run=$((tests_run + 1))
    printf 'ok %d - %s # SKIP %s\n' "$tests_run" "$1" "$2"
}

# check NAME COMMAND...: passes if the command succeeds
check() {
    check_name=$1
    shift
    if "$@" >"$work/check.out" 2>&1; then
        ok "$check_name"
    else
        not_ok "$check_name" "$work/check.out"
    fi
}

# expect_exit NAME CODE COMMAND...: output is kept in $work/out and $work/err
expect_exit() {
    expect_name=$1
    expect_code=$2
    shift 2
    "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    if [ "$got" = "$expect_code" ]; then
        ok "$expect_name"
    else
        echo "exit $got, expected $expect_code: $*" >"$work/why"
        not_ok "$expect_name" "$work/why" "$work/out" "$work/err"
    fi
}

# expect_text NAME PATTERN FILE: a line of FILE matches the extended regular expression
expect_text() {
    if grep -qE -- "$2" "$3"; then
        ok "$1"
    else
        echo "no line matches: $2" >"$work/why"
        not_ok "$1" "$work/why" "$3"
    fi
}

refuse_text() { # refuse_text NAME PATTERN FILE: no line may match
    if grep -nE -- "$2" "$3" >"$work/why"; then
        not_ok "$1" "$work/why"
    else
        ok "$1"
    fi
}

done_testing() {
    printf '1..%d\n' "$tests_run"
    [ "$tests_failed" -eq 0 ]
    exit
}
