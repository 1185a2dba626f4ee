#!/bin/sh
# Each public header compiles alone, without warnings.
. "$TOP_SRCDIR/tests/lib.sh"
cd "$TOP_SRCDIR" || exit 99
for header in $(find include -name '*.h' | sort); do
    printf '#include "%s"\n#include "%s"\ntypedef int not_empty;\n' \
        "${header#include/}" "${header#include/}" >"$work/alone.c"
    # shellcheck disable=SC2086
    check "$header compiles alone, and twice" \
        $CC -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror $TEST_CPPFLAGS \
        -fsyntax-only "$work/alone.c"
done
done_testing
