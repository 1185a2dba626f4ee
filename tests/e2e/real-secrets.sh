#!/bin/sh
# The commands about registry Secrets against a real API server: what is written, what is kept, who
# uses it, what is refused.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/real.sh"

printf 'first-s3cret' >"$work/first"
printf 'next-s3cret' >"$work/next"
core=/api/v1/namespaces/kube-system

put() { # put PATH OBJECT: makes it; the server must take it
    printf '%s' "$2" >"$work/object"
    api POST "$1" "$work/object" >"$work/answer"
    grep -q '"creationTimestamp"' "$work/answer" || not_ok "the server takes $1" "$work/answer"
}

field() { # field NAME: of the Secret in $work/secret, one line
    sed -n "s|.*\"$1\": *\"\([^\"]*\)\".*|\1|p" "$work/secret" | head -1
}

put /api/v1/namespaces '{"metadata": {"name": "other"}}'
put "$core/secrets" '{"metadata": {"name": "upcloud"}, "stringData": {"username": "api"}}'
put /apis/storage.k8s.io/v1/storageclasses '{"metadata": {"name": "fast"}, "provisioner": "x.example.com",
 "parameters": {"csi.storage.k8s.io/provisioner-secret-name": "upcloud",
 "csi.storage.k8s.io/provisioner-secret-namespace": "kube-system"}}'
put /apis/networking.k8s.io/v1/namespaces/kube-system/ingresses '{"metadata": {"name": "web"},
 "spec": {"defaultBackend": {"service": {"name": "x", "port": {"number": 80}}},
 "tls": [{"secretName": "upcloud"}]}}'
put /apis/apps/v1/namespaces/kube-system/daemonsets '{"metadata": {"name": "node"}, "spec": {"selector":
 {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers":
 [{"name": "c", "image": "reg.example.com/c:1", "envFrom": [{"secretRef": {"name": "upcloud"}}]}],
 "imagePullSecrets": [{"name": "regcred"}]}}}}'

first="--docker-server reg.example.com --docker-username puller --docker-password-file $work/first"
next="--docker-server reg.example.com --docker-username puller --docker-password-file $work/next"
# shellcheck disable=SC2086
{
    expect_exit "a Secret of another type is not replaced" 4 "$PULLMEND" secret create upcloud \
        -n kube-system $first --yes
    expect_text "its pods' use is told" 'DaemonSet node \(env\)' "$work/err"
    expect_text "a StorageClass's too" 'StorageClass fast \(storage\)' "$work/err"
    expect_text "and an Ingress's" 'Ingress web \(tls\)' "$work/err"

    expect_exit "a new one" 0 "$PULLMEND" secret create regcred -n kube-system $first --yes --no-wait
    api GET "$core/secrets/regcred" >"$work/secret"
    field '.dockerconfigjson' | base64 -d >"$work/got"
    printf '%s' '{"auths":{"reg.example.com":{"username":"puller","password":"first-s3cret","auth":"' \
        >"$work/expected"
    printf 'puller:first-s3cret' | base64 | tr -d '\n' >>"$work/expected"
    printf '"}}}' >>"$work/expected"
    check "has kubectl's content" cmp "$work/expected" "$work/got"
    check "the registry type" test "$(field type)" = kubernetes.io/dockerconfigjson
    check "and the label" test "$(field app.kubernetes.io/managed-by)" = pullmend
    uid=$(field uid)

    printf '{"metadata": {"annotations": {"note": "kept"}}}' >"$work/object"
    curl -sk -A test -H "Authorization: Bearer $token" -X PATCH \
        -H 'Content-Type: application/merge-patch+json' --data-binary "@$work/object" \
        "$server$core/secrets/regcred" >/dev/null
    expect_exit "a rotation" 0 "$PULLMEND" secret rotate regcred -n kube-system $next --yes --no-wait
    api GET "$core/secrets/regcred" >"$work/secret"
    check "is made in place" test "$(field uid)" = "$uid"
    check "and keeps the annotations" test "$(field note)" = kept
    field '.dockerconfigjson' | base64 -d >"$work/got"
    expect_text "with the new password" '"password":"next-s3cret"' "$work/got"

    expect_exit "a copy" 0 "$PULLMEND" secret copy kube-system/regcred --to other --immutable \
        --no-wait
    api GET /api/v1/namespaces/other/secrets/regcred >"$work/secret"
    field '.dockerconfigjson' | base64 -d >"$work/copied"
    check "has the same content" cmp "$work/got" "$work/copied"
    expect_exit "an immutable one is not rotated" 4 "$PULLMEND" secret rotate regcred -n other \
        $next --yes
    expect_exit "none at all" 0 "$PULLMEND" secret create none -n other --empty --yes --no-wait
    expect_exit "a name that the server refuses too is refused before" 2 "$PULLMEND" secret create \
        No_Name -n other --empty
    expect_exit "no namespace, no Secret" 4 "$PULLMEND" secret create x -n nowhere --empty --no-wait
    expect_exit "the list" 0 "$PULLMEND" secret list -n kube-system
    expect_text "names the user" 'kube-system/regcred .*reg.example.com .*puller' "$work/out"
    refuse_text "and no value" 's3cret' "$work/out"
}
done_testing
