#!/bin/sh
# The simulated cluster's faults on the wire, as curl meets them: each does what the manual says.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"

if ! command -v curl >/dev/null; then
    skip "faults on the wire" "there is no curl here"
    done_testing
fi

# learn: server, CA and token out of the kubeconfig
learn() {
    server=$(sed -n 's/^ready: \([^ ]*\) .*/\1/p' "$work/ready")
    sed -n 's/.*certificate-authority-data: //p' "$KUBECONFIG" | head -1 | base64 -d >"$work/ca"
    token=$(sed -n 's/.*token: //p' "$KUBECONFIG" | head -1)
    printf 'Authorization: Bearer %s\n' "$token" >"$work/header"
}

# ask PATH [CURL FLAG...]: body in $work/body, headers in $work/head, curl's exit code in $code
ask() {
    path=$1
    shift
    : >"$work/body"
    curl -sS --max-time 60 --cacert "$work/ca" -H "@$work/header" -D "$work/head" -o "$work/body" \
        "$@" "$server$path" 2>"$work/err"
    code=$?
}

fault() { ask /sim/faults -X POST -d "$1"; }
clear_faults() { ask /sim/faults -X DELETE; }
is_code() { [ "$code" = "$1" ] || { echo "curl ended with $code, expected $1"; cat "$work/err"; return 1; }; }
is_status() { grep -q "^HTTP/[0-9.]* $1" "$work/head" || { cat "$work/head"; return 1; }; }
has() { grep -qE -- "$1" "$work/body" || { head -c 600 "$work/body"; return 1; }; }
has_header() { grep -qiE -- "$1" "$work/head" || { cat "$work/head"; return 1; }; }
is_json() { [ "$(tail -c 1 "$work/body")" = "}" ]; }
milliseconds() { date +%s%3N; }

start_sim --scenario kubespray-upcloud
learn
pods=/api/v1/pods
ask $pods
check "without a fault a list is whole" is_json
size=$(wc -c <"$work/body")

fault '{"kind":"latency","milliseconds":700,"path":"/pods","count":1}'
before=$(milliseconds)
ask $pods
check "latency holds an answer back" test $(($(milliseconds) - before)) -ge 700
check "which is whole then" is_json

fault "{\"kind\":\"bandwidth\",\"bytesPerSecond\":$((size)),\"path\":\"/pods\",\"count\":1}"
before=$(milliseconds)
ask $pods
check "bandwidth spreads an answer over its time" test $(($(milliseconds) - before)) -ge 700
check "without loss" test "$(wc -c <"$work/body")" -eq "$size"

fault '{"kind":"reset","atByte":3000,"path":"/pods","count":1}'
ask $pods
check "reset breaks the transfer" test "$code" -ne 0
check "at its byte" test "$(wc -c <"$work/body")" -le 3000

fault '{"kind":"truncate","atByte":3000,"path":"/pods","count":1}'
ask $pods
check "truncate looks like success" is_code 0
check "but for the size" test "$(wc -c <"$work/body")" -eq 3000

fault '{"kind":"status","code":429,"retryAfter":7,"path":"/pods","count":2}'
ask $pods
check "429 has its status" is_status 429
check "and says when to come again" has_header '^retry-after: 7'
check "in plain text" has_header '^content-type: text/plain'
check "which is no Status object" has '^Too many requests, please try again later\.$'
ask $pods
check "a burst hits as often as it was asked to" is_status 429
ask $pods
check "and not more" is_status 200

for status in 500 503; do
    fault "{\"kind\":\"status\",\"code\":$status,\"path\":\"/pods\",\"count\":1}"
    ask $pods
    check "$status has its status" is_status $status
    check "$status comes with a Status object" has "\"code\": *$status"
done

fault '{"kind":"status","code":403,"reason":"Forbidden","message":"no more","path":"/pods","after":2,"count":1}'
ask $pods
check "a fault can spare the first request" is_status 200
ask $pods
check "and the second" is_status 200
ask $pods
check "and hit the third" is_status 403
check "in its own words" has '"message": *"no more"'

fault '{"kind":"malformed","path":"/pods","count":1}'
ask $pods
check "malformed breaks the JSON of a list" sh -c 'tr -d "\n" <"$1" | grep -q "$(printf "\001")"' - \
    "$work/body"
fault '{"kind":"html","path":"/pods","count":1}'
ask $pods
check "html is a proxy's page" has '<h1>502 Bad Gateway'

fault '{"kind":"timeout","path":"/pods","count":1}'
ask $pods
check "a list that takes too long begins with 200" is_status 200
check "and is cut off" test "$code" -ne 0

watch="/api/v1/namespaces/kube-system/events?watch=1&timeoutSeconds=20"
fault '{"kind":"watch-expired","path":"/events","count":1}'
ask "$watch&resourceVersion=1"
check "an expired watch is 200" is_status 200
check "with one frame" has '^\{"type":"ERROR".*"code":410'
fault '{"kind":"watch-close","path":"/events","count":1}'
before=$(milliseconds)
ask "$watch"
check "a closed watch ends early" test $(($(milliseconds) - before)) -lt 19000
check "and cleanly" is_code 0
fault '{"kind":"malformed","path":"/events","count":1}'
ask "$watch" --max-time 3
check "malformed breaks a frame" sh -c 'grep -q "$(printf "\001")" "$1"' - "$work/body"

maps=/api/v1/namespaces/default/configmaps
for name in one two three; do
    ask $maps -X POST -H 'Content-Type: application/json' -d "{\"metadata\":{\"name\":\"$name\"}}"
done
fault '{"kind":"stale","versions":2,"path":"/configmaps","count":1}'
ask $maps
check "a stale read knows the older object" has '"one"'
check "but not the newest" sh -c '! grep -q "\"three\"" "$1"' - "$work/body"

fault '[{"kind":"html","path":"/never"},{"kind":"latency","milliseconds":1}]'
ask /sim/faults
check "faults that are set can be seen" has '"path": *"/never"'
clear_faults
ask /sim/faults
check "and cleared" has '^\[\]'
fault '{"kind":"nonsense"}'
check "an unknown fault is refused with the known ones" has 'known: latency, bandwidth,'

fault '{"kind":"restart","milliseconds":500}'
tries=0
until ask /readyz && [ "$code" -eq 0 ] || [ "$tries" -gt 300 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
check "after a restart it serves again" is_code 0

end_sim
start_sim --scenario kubespray-upcloud --version 1.20 --fault '{"kind":"timeout","path":"/pods"}'
learn
ask $pods
check "an old server's list that takes too long is 504" is_status 504
check "of plain text" has_header '^content-type: text/plain'
check "with a Status in it" has '"reason": *"Timeout"'

end_sim
start_sim --certificate expired
learn
ask /version
check "an expired certificate is refused by clients" is_code 60
end_sim
start_sim --certificate foreign
learn
ask /version
check "so is one of another CA" is_code 60
end_sim
start_sim --certificate other-name
learn
ask /version
check "and one for another name" is_code 60
ask /version --insecure
check "which is the only thing wrong with it" is_status 200

end_sim
start_sim --login certificate
learn
for part in certificate key; do
    sed -n "s/.*client-$part-data: //p" "$KUBECONFIG" | head -1 | base64 -d >"$work/$part"
done
: >"$work/header"
self=/apis/authentication.k8s.io/v1/selfsubjectreviews
me() { ask $self -X POST -H 'Content-Type: application/json' -d '{}' "$@"; }
me --cert "$work/certificate" --key "$work/key"
check "a client certificate says who asks" has '"username": *"admin"'
check "and its organization is the group" has '"system:masters"'
ask $pods
check "who shows none is nobody" has 'system:anonymous'
expect_exit "pullmend logs in with it" 1 "$PULLMEND" status
expect_text "and sees the cluster" '6 broken' "$work/out"
if openssl req -x509 -newkey rsa:2048 -nodes -subj /O=system:masters/CN=admin -days 1 \
    -keyout "$work/key" -out "$work/certificate" 2>/dev/null; then
    me --cert "$work/certificate" --key "$work/key"
    check "a certificate of another CA is 401" is_status 401
else
    skip "a certificate of another CA is 401" "there is no openssl command"
fi
end_sim
start_sim --login expired-certificate
learn
for part in certificate key; do
    sed -n "s/.*client-$part-data: //p" "$KUBECONFIG" | head -1 | base64 -d >"$work/$part"
done
me --cert "$work/certificate" --key "$work/key"
check "an expired one too" is_status 401
expect_exit "which pullmend says" 3 "$PULLMEND" status
expect_text "with what to check" 'does not accept the credential' "$work/err"
end_sim
done_testing
