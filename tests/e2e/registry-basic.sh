#!/bin/sh
# Debian's docker-registry with passwords and TLS, asked as a container runtime would ask.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/registry.sh"

for tool in docker-registry htpasswd openssl sha256sum; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        skip "a real registry is asked" "$tool is not installed"
        done_testing
    fi
done
make_certificate || exit 99
echo 'right-password' | htpasswd -Bin puller >"$work/htpasswd" 2>/dev/null

# A repository as the registry keeps it on disk: one manifest under one tag.
type='application/vnd.docker.distribution.manifest.v2+json'
printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"x","size":2,"digest":"sha256:%s"},"layers":[]}' \
    "$type" 44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a >"$work/manifest"
digest=$(sha256sum "$work/manifest" | cut -d' ' -f1)
root="$work/store/docker/registry/v2"
blob="$root/blobs/sha256/$(printf %.2s "$digest")/$digest"
manifests="$root/repositories/team/app/_manifests"
mkdir -p "$blob" "$manifests/revisions/sha256/$digest" "$manifests/tags/v1/current" \
    "$manifests/tags/v1/index/sha256/$digest"
cp "$work/manifest" "$blob/data"
for link in "$manifests/revisions/sha256/$digest" "$manifests/tags/v1/current" \
    "$manifests/tags/v1/index/sha256/$digest"; do
    printf 'sha256:%s' "$digest" >"$link/link"
done

# start_registry NAME TLS AUTH: its address comes back in $address
start_registry() {
    {
        printf 'version: 0.1\nlog: {level: info}\nstorage: {filesystem: {rootdirectory: %s}}\n' \
            "$work/store"
        printf 'http:\n  addr: 127.0.0.1:0\n'
        [ "$2" = tls ] &&
            printf '  tls: {certificate: %s, key: %s}\n' "$work/server.pem" "$work/server.key"
        [ "$3" = auth ] &&
            printf 'auth: {htpasswd: {realm: suite, path: %s}}\n' "$work/htpasswd"
    } >"$work/$1.yml"
    docker-registry serve "$work/$1.yml" >"$work/$1.log" 2>&1 &
    servers="$servers $!"
    wait_for 'listening on' "$work/$1.log" $! || {
        not_ok "the registry starts" "$work/$1.log"
        done_testing
    }
    address=$(sed -n 's/.*listening on \(127\.0\.0\.1:[0-9]*\).*/\1/p' "$work/$1.log" | head -1)
}

start_registry tls tls auth
tls=$address
start_registry plain no auth
plain=$address
start_registry open no open
open=$address

ca="--ca $work/ca.pem"
# shellcheck disable=SC2086
{
    ask "the right password may pull" "may pull" "$tls/team/app:v1" "puller right-password" $ca
    ask "a digest is asked for as such" "may pull" "$tls/team/app@sha256:$digest" \
        "puller right-password" $ca
    ask "a wrong password is 401" "401 unauthorized" "$tls/team/app:v1" "puller wrong-password" $ca
    expect_text "and the message names the user" 'does not accept .* puller' "$work/line"
    refuse_text "but not the password" 'wrong-password' "$work/line"
    ask "an unknown user is 401" "401 unauthorized" "$tls/team/app:v1" "nobody right-password" $ca
    ask "no credential is 401 where one is needed" "401 unauthorized" "$tls/team/app:v1" "-" $ca
    ask "a tag that is not there is 404" "404 not found" "$tls/team/app:v2" \
        "puller right-password" $ca
    expect_text "by the registry's own word" 'MANIFEST_UNKNOWN' "$work/line"
    ask "a repository that is not there is 404" "404 not found" "$tls/team/other:v1" \
        "puller right-password" $ca
    ask "an authority that nobody trusts is told" "certificate" "$tls/team/app:v1" \
        "puller right-password"
    ask "--insecure does not look at the certificate" "may pull" "$tls/team/app:v1" \
        "puller right-password" --insecure
    ask "plain HTTP serves on loopback" "may pull" "$plain/team/app:v1" "puller right-password"
    ask "and knows a wrong password" "401 unauthorized" "$plain/team/app:v1" "puller wrong"
    ask "an open registry is public" "public" "$open/team/app:v1" "-"
    ask "also with a credential, which it does not ask for" "public" "$open/team/app:v1" "a b"
    ask "a name that is none is not asked" "not asked" "$tls/Team/app:v1" "-" $ca
    ask "nobody there is unreachable" "unreachable" "127.0.0.1:1/team/app:v1" \
        "puller right-password"
    ask "a host without an address is unreachable" "unreachable" "reg.invalid/team/app:v1" "-"
}
printf 'puller right-password\n-\npuller wrong\n' |
    "$probe" --ca "$work/ca.pem" "$tls/team/app:v1" "$open/team/app:v1" "$tls/team/app:none" |
    cut -f2-3 | sort | uniq -c | sed 's/^ *//' >"$work/matrix"
printf '%s\n' '1 0	404 not found' '1 0	may pull' '1 0	public' '2 1	401 unauthorized' \
    '1 1	public' '2 2	401 unauthorized' '1 2	public' | sort -k2 >"$work/expected"
sort -k2 "$work/matrix" >"$work/sorted"
check "images times credentials are all told" diff "$work/expected" "$work/sorted"
printf 'puller right-password\n-\n' |
    "$probe" --ca "$work/ca.pem" --cancel-after 1 "$tls/team/app:v1" "$open/team/app:v1" \
        "$tls/team/app:none" >"$work/cancelled"
check "a cancelled verification tells no more" test "$(wc -l <"$work/cancelled")" -eq 1
expect_exit "a CA file without a certificate is refused" 1 "$probe" --ca "$work/manifest" x
done_testing
