#!/bin/sh
# The scenario private-mirror, mended from a script: one command from pulls that fail to pods that run.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"

unset REGISTRY_AUTH_FILE DOCKER_AUTH_CONFIG XDG_RUNTIME_DIR
start_sim --scenario private-mirror
registry=$(sed -n 's/.* registry=\([0-9.:]*\).*/\1/p' "$work/ready")
check "the scenario serves its registry" test -n "$registry"

config() { # config PASSWORD: docker's, with a credential for the registry and one for another
    mkdir -p "$work/docker"
    printf '{"auths":{"%s":{"auth":"%s"},"other.example.com":{"auth":"YTpi"}}}' "$registry" \
        "$(printf 'puller:%s' "$1" | base64 | tr -d '\n')" >"$work/docker/config.json"
}
DOCKER_CONFIG="$work/docker"
export DOCKER_CONFIG

expect_exit "pulls fail at first" 1 "$PULLMEND" status
expect_exit "and no credential may pull" 1 "$PULLMEND" secret verify
config mistyped
expect_exit "a wrong password changes nothing" 4 "$PULLMEND" secret create --from-docker-config \
    --registry "$registry" --verify --use-secret
expect_text "in the registry's words" 'does not accept the user name and password of puller' \
    "$work/err"
config not-a-real-password
expect_exit "the right one mends it in one command" 0 "$PULLMEND" secret create \
    --from-docker-config --registry "$registry" --verify --use-secret --no-wait
expect_text "verified for every image" 'upcloud-csi:v1.1.0 +may pull' "$work/err"
expect_text "under the name that the pods use" '^[+]{3} Secret kube-system/regcred' "$work/out"
refuse_text "shown nowhere" 'not-a-real' "$work/err"
expect_exit "what the cluster holds may pull" 0 "$PULLMEND" secret verify
tries=0
until "$PULLMEND" status >"$work/status" 2>&1 || [ "$tries" -gt 300 ]; do
    tries=$((tries + 1))
done
check "and the pods run" "$PULLMEND" status
done_testing
