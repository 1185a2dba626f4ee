#!/bin/sh
# What a picture costs the server: the requests of one status, no more, and no Secret's data where
# it is not wanted.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"

requests_of() { # requests_of ARGUMENT...: the paths that were asked for, sorted, in $work/asked
    "$PULLMEND" "$@" -vv </dev/null >"$work/out" 2>"$work/err"
    [ $? -le 1 ] || cat "$work/err" >&2
    sed -n 's,.* GET https://[^/]*\(/[^ ]*\) -> .*,\1,p' "$work/err" | LC_ALL=C sort >"$work/asked"
    sed -n 's/.* \(POST\|PUT\|PATCH\|DELETE\) http.*/\1/p' "$work/err" >"$work/written"
}

named='^/api/v1/namespaces/[^/]*/secrets/'

start_sim --scenario many-drivers
requests_of status -o name
cat >"$work/expected" <<'EOT'
/api/v1/events?fieldSelector=type%3DWarning%2Creason%3DFailedToRetrieveImagePullSecret
/api/v1/nodes?includeObject=None
/api/v1/pods
/api/v1/secrets?includeObject=Metadata
/api/v1/serviceaccounts
/apis/apps/v1/daemonsets
/apis/apps/v1/deployments
/apis/apps/v1/statefulsets
/apis/storage.k8s.io/v1/csidrivers
/version
EOT
grep -v "$named" "$work/asked" >"$work/lists"
check "a status lists each kind once, warnings by their reason, Secrets as a Table" \
    diff "$work/expected" "$work/lists"
grep "$named" "$work/asked" >"$work/named"
check "it reads the Secrets that pods name, each once" sh -c \
    '[ -s "$1" ] && [ -z "$(uniq -d "$1")" ]' - "$work/named"
check "it writes nothing" test ! -s "$work/written"

requests_of status -o name -n kube-system
refuse_text "with -n nothing of other namespaces is asked for" \
    '^/(api/v1|apis/apps/v1)/(pods|secrets|events|serviceaccounts|daemonsets)' "$work/asked"

requests_of status -o json --no-secret-data
check "without the Secrets' data the lists are the same" diff "$work/expected" "$work/asked"
expect_text "and the status says what is known of names and types" '"state"' "$work/out"

requests_of monitor --once --no-secret-data
check "the monitor asks for no Secret's data if told so" diff "$work/expected" "$work/asked"
check "and writes nothing" test ! -s "$work/written"
done_testing
