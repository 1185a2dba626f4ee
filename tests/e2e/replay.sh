#!/bin/sh
# A recording of what the program saw, and the same picture from it with no cluster; never the content of
# a Secret.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"
driver=$TOP_BUILDDIR/tests/e2e/kube-driver

picture() { # picture FILE: without what a replay cannot share
    sed 's/"readOnly": *[a-z]*/"readOnly": -/; s/"takenAt": *"[^"]*"/"takenAt": -/
        s/"since": *"[^"]*"/"since": -/; s/"perDay": *[0-9]*/"perDay": -/
        s/"warningsPerDay": *[0-9]*/"warningsPerDay": -/' "$1"
}

same() { # same NAME: the replay shows what was recorded
    picture "$work/recorded" >"$work/one"
    picture "$work/replayed" >"$work/other"
    check "$1" diff "$work/one" "$work/other"
}

start_sim --speed 1
"$PULLMEND" status -o json --record "$work/missing.rec" >"$work/recorded" 2>"$work/err"
check "a recording begins with whose it is" grep -q '^{"pullmend":"recording","version":1,' "$work/missing.rec"
if [ -n "$(find "$work/missing.rec" -perm 600)" ]; then
    ok "nobody else can read it"
else
    not_ok "nobody else can read it"
fi
expect_exit "a file that is there is left alone" 3 "$PULLMEND" status --record "$work/missing.rec"
expect_text "and that is said" 'missing.rec: File exists' "$work/err"

# A Secret with a password, also in the copy that kubectl keeps, and a variable with another.
cat >"$work/config" <<'END'
{"auths":{"ghcr.io":{"username":"some-person","password":"very-secret","auth":"c29tZS1wZXJzb246dmVyeS1zZWNyZXQ="}}}
END
content=$(base64 <"$work/config" | tr -d '\n')
"$driver" post /api/v1/namespaces/kube-system/secrets "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",
\"metadata\":{\"name\":\"regcred\",\"annotations\":{\"kubectl.kubernetes.io/last-applied-configuration\":
\"{\\\"data\\\":{\\\".dockerconfigjson\\\":\\\"$content\\\"}}\"}},
\"type\":\"kubernetes.io/dockerconfigjson\",\"data\":{\".dockerconfigjson\":\"$content\"}}" >"$work/out" 2>&1
"$driver" post /api/v1/namespaces/kube-system/pods '{"apiVersion":"v1","kind":"Pod","metadata":{"name":
"with-variable"},"spec":{"containers":[{"name":"c","image":"ghcr.io/team/app:1","env":[{"name":
"DB_PASSWORD","value":"hidden-value"},{"name":"PLACE","value":"shown-value"}]}]}}' >"$work/out" 2>&1
"$PULLMEND" status -o json --record "$work/content.rec" >"$work/recorded" 2>"$work/err"
"$PULLMEND" status -o json --record "$work/hashed.rec" --record-hash-names >"$work/out" 2>"$work/err"
"$PULLMEND" status --watch --record "$work/watch.rec" >"$work/lines" 2>"$work/err" </dev/null &
watcher=$!
tries=0
until [ -s "$work/lines" ] || [ "$tries" -ge 600 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
kill -INT "$watcher"
wait "$watcher"
server=$(sed -n 's/^ *server: *//p' "$KUBECONFIG" | head -n 1)
# Older versions listed all pods, whatever workloads there were.
"$PULLMEND" status -o json -l '!none' --record "$work/once.rec" >"$work/recorded.all" 2>"$work/err"
sed 's/?labelSelector=%21none"/"/' "$work/once.rec" >"$work/older.rec"
stop_sim

check "the content of a Secret was asked for" grep -q 'secrets/regcred"' "$work/content.rec"
cat "$work"/*.rec >"$work/all.rec"
grep -oE "very-secret|some-person|c29tZS1|$(echo "$content" | cut -c 60-90)|Bearer" "$work/all.rec" >"$work/leak"
refuse_text "but no recording holds it" '.' "$work/leak"
grep -o hidden-value "$work/all.rec" >"$work/leak"
refuse_text "nor a variable that sounds like a secret" '.' "$work/leak"
check "other variables stay" grep -q 'shown-value' "$work/content.rec"

export KUBECONFIG=/nonexistent
check "an older version asked for all pods" grep -q '"get":"/api/v1/pods"' "$work/older.rec"
cp "$work/recorded" "$work/kept"
cp "$work/recorded.all" "$work/recorded"
"$PULLMEND" status -o json --replay "$work/older.rec" >"$work/replayed" 2>"$work/err"
same "its recording is shown, too"
cp "$work/kept" "$work/recorded"
"$PULLMEND" status -o json --replay "$work/content.rec" >"$work/replayed" 2>"$work/err"
same "a replay shows the same picture without a cluster"
expect_text "with the Secret's state" '"state": *"(ok|no-match)"' "$work/replayed"
"$PULLMEND" status -o json --replay "$work/missing.rec" >"$work/replayed" 2>"$work/err"
expect_text "and another one that of its time" '"state": *"missing"' "$work/replayed"
"$PULLMEND" status -o json --replay "$work/watch.rec" >"$work/replayed" 2>"$work/err"
expect_text "a recording of watches replays, too" '"pods": *6' "$work/replayed"

grep -oE '.{30}(regcred|worker-[0-9]|127\.0\.0\.1|10\.[0-9]+\.[0-9]+\.[0-9]+).{30}' "$work/hashed.rec" >"$work/named"
refuse_text "with hashed names no node and Secret is named" '.' "$work/named"
"$PULLMEND" status -o json --replay "$work/hashed.rec" >"$work/replayed" 2>"$work/err"
expect_text "its picture has digests in their place" '"node": *"name-[0-9a-f]+"' "$work/replayed"
fields() { grep -oE '"(state|rule|broken|pods)": *("[a-z-]*"|[0-9]+)' "$1"; }
fields "$work/recorded" >"$work/one"
fields "$work/replayed" >"$work/other"
check "and says the same otherwise" diff "$work/one" "$work/other"

expect_exit "a replay changes nothing" 2 "$PULLMEND" apply --drop-reference --yes --replay "$work/missing.rec"
expect_exit "it has its own cluster" 2 "$PULLMEND" status --replay "$work/missing.rec" -s "$server"
expect_exit "a file that is no recording is told" 3 "$PULLMEND" status --replay "$work/config"
expect_text "with its name and line" 'config:1: not a recording' "$work/err"
sed '5s/.*/{"x":/' "$work/missing.rec" >"$work/broken.rec"
expect_exit "so is one that is damaged" 3 "$PULLMEND" status --replay "$work/broken.rec"
expect_text "with the line" 'broken.rec:5: not a line of a recording' "$work/err"
sed '$d' "$work/missing.rec" | head -n 20 >"$work/short.rec"
"$PULLMEND" status --replay "$work/short.rec" >"$work/out" 2>"$work/err"
expect_text "one that ends too early says what is missing" 'the recording (ends in the middle of|holds no answer to) GET' "$work/err"
done_testing
