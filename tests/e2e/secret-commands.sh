#!/bin/sh
# The commands `pullmend secret ...` against a simulated cluster and a real registry on loopback.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/registry.sh"
. "$TOP_SRCDIR/tests/e2e/secret-world.sh"

world_can_be
if ! command -v kubectl >/dev/null 2>&1; then
    skip "registry Secrets on a simulated cluster" "kubectl is not installed"
    done_testing
fi
XDG_STATE_HOME="$work/state"
XDG_CONFIG_HOME="$work/config"
export XDG_STATE_HOME XDG_CONFIG_HOME
put_driver_images
start_private_registry
mirror_scenario "$work/mirror.yaml"
start_cluster "$work/mirror.yaml"

# with PASSWORD EXIT NAME ARGUMENT...: pullmend with the password on standard input
with() {
    with_password=$1
    with_code=$2
    with_name=$3
    shift 3
    printf %s "$with_password" | "$PULLMEND" "$@" >"$work/out" 2>"$work/err"
    got=$?
    if [ "$got" = "$with_code" ]; then
        ok "$with_name"
    else
        echo "exit $got, expected $with_code: $*" >"$work/why"
        not_ok "$with_name" "$work/why" "$work/out" "$work/err"
    fi
}

content() { # content NAMESPACE NAME: the decoded .dockerconfigjson
    kubectl -n "$1" get secret "$2" -o 'jsonpath={.data.\.dockerconfigjson}' | base64 -d
}

puller="--docker-server $registry --docker-username puller --docker-password-stdin"
other="--docker-server other.example.com --docker-username someone --docker-password-stdin"

# shellcheck disable=SC2086
{
    expect_exit "images that nobody may pull are a finding" 1 "$PULLMEND" secret verify
    expect_text "the missing Secret is named" 'regcred.* not found: nodes pull without it' "$work/out"
    expect_text "and what the registry wants" 'only with a credential' "$work/out"

    # A name that holds something else.
    with right-password 4 "the driver's API credentials are not replaced" \
        secret create upcloud $puller --yes
    expect_text "its type is named" 'is of type Opaque and holds username, password' "$work/err"
    expect_text "and whom it would break" \
        'StatefulSet csi-upcloud-controller \(env UPCLOUD_USERNAME' "$work/err"
    with right-password 4 "nor rotated" secret rotate upcloud $puller --yes
    expect_exit "nor copied" 4 "$PULLMEND" secret copy kube-system/upcloud --to default
    kubectl -n kube-system get secret upcloud -o 'jsonpath={.type} {.data.username}' >"$work/got"
    expect_text "it is as it was" '^Opaque Y3NpLWRlbW8=$' "$work/got"

    # The whole way, as from a script.
    with wrong-password 4 "a refused credential stops everything" \
        secret create $puller --verify --use-secret --yes
    expect_text "in the registry's words" 'does not accept .* puller' "$work/err"
    refuse_text "without the password" 'wrong-password' "$work/err"
    expect_exit "nothing was made" 1 kubectl -n kube-system get secret regcred
    mkdir -p "$work/docker"
    printf '{"auths":{"%s":{"auth":"%s"},"unused.example.com":{"auth":"YTpi"}}}' "$registry" \
        "$(printf puller:right-password | base64)" >"$work/docker/config.json"
    DOCKER_CONFIG="$work/docker"
    export DOCKER_CONFIG
    expect_exit "from docker's configuration to running pods in one command" 0 "$PULLMEND" \
        secret create --from-docker-config --registry "$registry" --verify --use-secret
    expect_text "it was verified" 'upcloud-csi:v1.1.0 +may pull' "$work/err"
    expect_text "under the name of the broken reference" '^Secret kube-system/regcred: created' \
        "$work/out"
    expect_text "and mends the pods" 'references of 6 pods are sound' "$work/out"
    refuse_text "its password is not shown" 'right-password' "$work/out"
    kubectl create secret docker-registry regcred --dry-run=client --docker-server="$registry" \
        --docker-username=puller --docker-password=right-password \
        -o 'jsonpath={.data.\.dockerconfigjson}' | base64 -d >"$work/expected"
    content kube-system regcred >"$work/got"
    check "its content is kubectl's to the byte" cmp "$work/expected" "$work/got"
    kubectl -n kube-system get secret regcred -o json >"$work/secret.json"
    expect_text "it is labelled" '"app.kubernetes.io/managed-by": "pullmend"' "$work/secret.json"
    refuse_text "and has no last-applied" 'last-applied' "$work/secret.json"
    expect_exit "now every image may be pulled" 0 "$PULLMEND" secret verify
    expect_text "with the Secret of the cluster" 'kube-system/regcred' "$work/out"

    # Entries put into a Secret that is there.
    with right-password 0 "the same again is nothing to do" secret create regcred $puller
    expect_text "and says so" '^nothing to do' "$work/out"
    with other-password 2 "putting in an entry wants a confirmation" secret create regcred $other
    expect_text "what is there is told first" "$registry \(user puller\): stays" "$work/err"
    expect_text "and who uses it" 'used by: .*DaemonSet csi-upcloud-node \(pull\)' "$work/err"
    content kube-system regcred >"$work/got"
    check "nothing was changed" cmp "$work/expected" "$work/got"
    kubectl -n kube-system annotate secret regcred note=kept >/dev/null
    with other-password 0 "--yes confirms it" secret create regcred $other --yes
    content kube-system regcred >"$work/got"
    expect_text "the old entry stays" "\"$registry\":\{\"username\":\"puller\"" "$work/got"
    expect_text "the new one is there" '"other.example.com":\{"username":"someone"' "$work/got"
    with x 2 "an existing Secret is not made immutable" secret create regcred $other --immutable

    # Rotation.
    with newer-password 0 "a rotation replaces one entry" secret rotate regcred $puller --yes
    expect_text "and says how it is taken back" 'take this back, rotate it again' "$work/out"
    content kube-system regcred >"$work/got"
    expect_text "with the new password" '"password":"newer-password"' "$work/got"
    expect_text "and keeps the others" '"other.example.com":\{"username":"someone"' "$work/got"
    kubectl -n kube-system get secret regcred -o 'jsonpath={.metadata.annotations.note} {.type}' \
        >"$work/got"
    expect_text "type and annotations stay" '^kept kubernetes.io/dockerconfigjson$' "$work/got"
    expect_exit "the registry's refusal of what the cluster holds is a finding" 1 "$PULLMEND" \
        secret verify regcred -o json
    expect_text "told in the document" '"verdict":.*"401 unauthorized"' "$work/out"
    refuse_text "which has no password" 'newer-password' "$work/out"
    with right-password 4 "with --verify a wrong password would not have come in" \
        secret rotate regcred --docker-server "$registry" --docker-username nobody \
        --docker-password-stdin --verify --yes
    with right-password 0 "the right one comes in" secret rotate regcred $puller --verify --yes
    with x 4 "what is not there cannot be rotated" secret rotate absent -n default $puller --yes
    expect_exit "a rotation without a credential is refused" 2 "$PULLMEND" secret rotate regcred \
        --empty --yes
    kubectl -n kube-system label secret regcred reconcile.external-secrets.io/managed=true >/dev/null
    with managed 2 "--yes alone does not rotate a managed Secret" secret rotate regcred $puller --yes
    with managed 0 "it is rotated where its manager is named" secret rotate regcred $puller --yes \
        --override-owner external-secrets
    expect_text "that names the source" 'External Secrets will write this Secret again' "$work/err"

    # Copies.
    expect_exit "a copy needs a place" 2 "$PULLMEND" secret copy kube-system/regcred
    expect_exit "a copy elsewhere" 0 "$PULLMEND" secret copy kube-system/regcred --to default
    expect_text "does not follow a managed source" 'the copy does not follow' "$work/err"
    content kube-system regcred >"$work/expected"
    content default regcred >"$work/got"
    check "has the same content" cmp "$work/expected" "$work/got"
    kubectl -n default get secret regcred -o json >"$work/secret.json"
    refuse_text "and not the labels of the source" 'external-secrets' "$work/secret.json"
    expect_exit "the same copy again is nothing to do" 0 "$PULLMEND" secret copy \
        kube-system/regcred --to default
    expect_text "and says so too" '^nothing to do' "$work/out"
    with x 0 "a Secret under another name" secret create mine -n default $other --immutable
    expect_exit "a copy never goes over another Secret" 4 "$PULLMEND" secret copy \
        kube-system/regcred --to default/mine
    with y 4 "an immutable Secret is not rotated" secret rotate mine -n default $other --yes
    expect_text "and the way out is said" 'immutable; create one under another name' "$work/err"
    expect_exit "there must be a namespace" 4 "$PULLMEND" secret copy kube-system/regcred --to nowhere
    expect_exit "not onto itself" 2 "$PULLMEND" secret copy kube-system/regcred --to kube-system

    # None at all.
    expect_exit "a Secret without entries is possible" 0 "$PULLMEND" secret create none -n default \
        --empty
    content default none >"$work/got"
    expect_text "it is empty" '^\{"auths":\{\}\}$' "$work/got"

    # The list.
    expect_exit "the list" 0 "$PULLMEND" secret list
    sed -n 2p "$work/out" >"$work/first"
    expect_text "begins where the drivers run" '^kube-system/regcred .* 6 of 6 ' "$work/first"
    expect_text "and goes on elsewhere" '^default/none .*none \(anonymous\)' "$work/out"
    expect_exit "as names" 0 "$PULLMEND" secret list -n default -o name
    printf '%s\n' secret/default/mine secret/default/none secret/default/regcred >"$work/expected"
    check "of one namespace" cmp "$work/expected" "$work/out"
    expect_exit "as a document" 0 "$PULLMEND" secret list -o json
    refuse_text "that holds no value" 'password' "$work/out"

    # Passwords that end.
    ecr=123456789012.dkr.ecr.eu-north-1.amazonaws.com
    with token 0 "a token of Amazon ECR" secret create ecr -n default --docker-server "$ecr" \
        --docker-username AWS --docker-password-stdin
    ends=$(($(date +%s) + 7200))
    payload=$(printf '{"exp":%s}' "$ends" | base64 | tr -d '=\n')
    with "eyJhbGciOiJub25lIn0.$payload.c2ln" 0 "a JSON web token" secret create jwt -n default \
        --docker-server tokens.example.com --docker-username robot --docker-password-stdin
    expect_exit "the list again" 0 "$PULLMEND" secret list
    expect_text "says how long ECR's live" "default/ecr: passwords for $ecr end after 12 hours" \
        "$work/out"
    expect_text "and when the web token ends" 'default/jwt: a token in it ends in [0-9]+[hm]' "$work/out"
    refuse_text "without showing them" 'eyJhbGciOi' "$work/out"

    # Who may not read Secrets is told so, not that there are none.
    expect_exit "a list that may not be read is no empty list" 4 "$PULLMEND" secret list \
        --context viewer
    expect_text "the reason is said" 'you may not list Secrets' "$work/err"
    expect_exit "nor can be verified what may not be read" 4 "$PULLMEND" secret verify \
        --context viewer
    expect_text "with the server's words" 'cannot get resource "secrets"' "$work/err"
    with x 4 "nor written what may not be written" secret create other $other --context viewer

    # What is refused at once.
    expect_exit "--read-only writes nothing" 2 "$PULLMEND" secret create x --empty --read-only
    expect_exit "but lists" 0 "$PULLMEND" secret list --read-only
    expect_exit "a name must be one" 2 "$PULLMEND" secret create Bad_Name --empty
    expect_exit "one name" 2 "$PULLMEND" secret create a --use-secret b --empty
    expect_exit "a user name has no colon" 2 "$PULLMEND" secret create a --docker-username a:b \
        --docker-password-file "$work/docker/config.json"
    expect_exit "two sources are one too many" 2 "$PULLMEND" secret create a --empty \
        --from-docker-config
    expect_exit "an unknown format is named" 2 "$PULLMEND" secret list -o prometheus
}
exec 8>&-
done_testing
