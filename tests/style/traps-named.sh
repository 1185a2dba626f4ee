#!/bin/sh
# The table of traps in tests/README.md: twenty of them, each with a test of the client and of the
# simulator, and each test is there under that name.
. "$TOP_SRCDIR/tests/lib.sh"
cd "$TOP_SRCDIR" || exit 99
grep -E '^\| [0-9]+ \|' tests/README.md >"$work/rows"
check "there are twenty" test "$(wc -l <"$work/rows")" -eq 20
awk -F ' [|] ' 'NF != 4 || $3 !~ /[a-z]/ || $4 !~ /[a-z]/' "$work/rows" >"$work/empty"
check "none lacks a test of the client or of the simulator" test ! -s "$work/empty"
grep -oE '`[a-z0-9_]{20,}`' "$work/rows" | tr -d '`' | sort -u | while read -r name; do
    grep -rqF "START_TEST($name)" tests/unit || echo "$name"
done >"$work/missing"
if [ -s "$work/missing" ]; then
    not_ok "every test that it names is there" "$work/missing"
else
    ok "every test that it names is there"
fi
done_testing
