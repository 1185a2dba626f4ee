#!/bin/sh
# Which requests leave the program: those of a reading, no polling beside a watch, nothing but GET where
# that was asked for.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"
driver=$TOP_BUILDDIR/tests/e2e/kube-driver
watcher=
cleanup() {
    [ -z "$watcher" ] || kill "$watcher" 2>/dev/null
    [ -z "$sim_pid" ] || kill "$sim_pid" 2>/dev/null
}

requests() { # requests FILE: "METHOD path status", sorted, of a trace
    grep -oE '(GET|HEAD|POST|PUT|PATCH|DELETE) https://[^ ]* -> [0-9]+' "$1" |
        sed 's#https://[^/]*##; s# -> # #' | sort
}

start_sim --speed 30
"$PULLMEND" status -v -o name >"$work/out" 2>"$work/trace"
requests "$work/trace" >"$work/requests"
cat >"$work/expected" <<'END'
GET /api/v1/events?fieldSelector=type%3DWarning%2Creason%3DFailedToRetrieveImagePullSecret 200
GET /api/v1/nodes?includeObject=None 200
GET /api/v1/pods?labelSelector=%21controller-revision-hash%2C%21pod-template-hash 200
GET /api/v1/pods?labelSelector=app%20in%20%28csi-upcloud-controller%2Ccsi-upcloud-node%29 200
GET /api/v1/secrets?includeObject=Metadata 200
GET /api/v1/serviceaccounts 200
GET /apis/apps/v1/daemonsets 200
GET /apis/apps/v1/deployments 200
GET /apis/apps/v1/statefulsets 200
GET /apis/storage.k8s.io/v1/csidrivers 200
GET /version 200
END
check "status reads each kind once, of the pods the drivers', Secrets and nodes without their content" \
    diff "$work/expected" "$work/requests"
expect_text "-v shows requests with time, size and audit id" \
    'GET https://127.0.0.1:[0-9]+/api/v1/serviceaccounts -> 200, [0-9]+ ms, [0-9]+ bytes, audit id [0-9a-f-]+' \
    "$work/trace"
refuse_text "and no credential" 'Bearer|Authorization' "$work/trace"

"$PULLMEND" status -v -o name -n kube-system >"$work/out" 2>"$work/trace"
requests "$work/trace" >"$work/requests"
sed 's#/v1/\(events\|pods\|secrets\|serviceaccounts\|daemonsets\|deployments\|statefulsets\)#/v1/namespaces/kube-system/\1#' \
    "$work/expected" | sort >"$work/placed"
check "in one namespace it reads nothing of the others" diff "$work/placed" "$work/requests"

# The Secret that the pods name is there: then its content is read, by its name.
"$PULLMEND" apply --create-secret regcred --empty --yes --no-wait >"$work/out" 2>&1 </dev/null
"$PULLMEND" status -v -o name >"$work/out" 2>"$work/trace"
requests "$work/trace" >"$work/requests"
{ cat "$work/expected"; echo 'GET /api/v1/namespaces/kube-system/secrets/regcred 200'; } | sort >"$work/with"
check "of Secrets only those that pods name are read" diff "$work/with" "$work/requests"

start_sim --speed 60
: >"$work/lines"
"$PULLMEND" status --watch -v >>"$work/lines" 2>"$work/trace" </dev/null &
watcher=$!
wait_lines() { # wait_lines N: until so many pictures were told; 120 s at most
    tries=0
    until [ "$(wc -l <"$work/lines")" -ge "$1" ] || [ "$tries" -ge 1200 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
}
wait_lines 1
pod=$("$driver" truth | sed -n 's/^pod \(csi-upcloud-node-.*\)/\1/p' | head -n 1)
"$driver" delete "/api/v1/namespaces/kube-system/pods/$pod" >"$work/out" 2>&1
wait_lines 3
kill -INT "$watcher"
wait "$watcher"
watcher=
requests "$work/trace" | grep -v -e watch=true -e 'GET /version ' | sort | uniq -c | awk '$1 > 1' >"$work/again"
if [ "$tries" -lt 1200 ] && [ ! -s "$work/again" ]; then
    ok "while it watches nothing is asked twice but whether the server is there"
else
    not_ok "while it watches nothing is asked twice but whether the server is there" "$work/again" "$work/trace"
fi

# --- Read-only -------------------------------------------------------------------------------------------
refused() { # refused COMMAND...: exit code 2, and no request at all
    "$PULLMEND" "$@" --read-only -v >"$work/out" 2>"$work/trace" </dev/null
    code=$?
    requests "$work/trace" >"$work/requests"
    if [ "$code" -eq 2 ] && [ ! -s "$work/requests" ] && grep -q 'read-only' "$work/trace"; then
        ok "read-only refuses $1 ${2#--*}"
    else
        echo "exit $code" >"$work/why"
        not_ok "read-only refuses $1 ${2#--*}" "$work/why" "$work/trace"
    fi
}
refused apply --drop-reference --yes
refused undo --yes
refused secret create x --empty --yes
refused secret rotate regcred --empty --yes
refused secret copy regcred --to default --yes
"$PULLMEND" diff --drop-reference --read-only -v >"$work/out" 2>"$work/trace" </dev/null
code=$?
requests "$work/trace" | grep -v '^GET ' >"$work/writes"
if [ "$code" -eq 1 ] && [ ! -s "$work/writes" ] && grep -q 'regcred' "$work/out"; then
    ok "a read-only preview is made here, without a dry run on the server"
else
    not_ok "a read-only preview is made here, without a dry run on the server" "$work/writes" "$work/trace"
fi
done_testing
