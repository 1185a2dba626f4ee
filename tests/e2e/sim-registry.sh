#!/bin/sh
# The registry of a scenario: what a credential is worth there, it is worth on the simulated nodes.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"

start_sim --scenario private-mirror
registry=$(sed -n 's/.* registry=//p' "$work/ready")
expect_text "the ready line names the registry" ' registry=127\.0\.0\.1:[0-9]+$' "$work/ready"

verify() { # verify PASSWORD: puller's credential, tried by the client's own probe
    printf %s "$1" | "$PULLMEND" secret verify --docker-server "$registry" \
        --docker-username puller --docker-password-stdin
}
expect_exit "a wrong password is refused" 1 verify wrong-password
expect_text "with the registry's 401" '401 unauthorized' "$work/out"
expect_exit "the right one may pull" 0 verify not-a-real-password
expect_text "each image" 'upcloud-csi:v1\.1\.0 .*may pull' "$work/out"

create() {
    printf not-a-real-password | "$PULLMEND" secret create regcred -n kube-system \
        --docker-server "$registry" --docker-username puller --docker-password-stdin --yes
}
expect_exit "the Secret is created" 0 create
expect_exit "which the pods' own names lead to" 0 "$PULLMEND" secret verify
expect_text "so that they may pull" 'upcloud-csi:v1\.1\.0 .*may pull' "$work/out"
if command -v kubectl >/dev/null; then
    check "and they do" kubectl -n kube-system wait --for=condition=Ready pod --all --timeout=120s
else
    skip "and they do" "no kubectl here"
fi

end_sim
start_sim --scenario healthy
expect_exit "tokens work as well as Basic" 0 "$PULLMEND" secret verify
expect_text "each image may be pulled" 'upcloud-csi:v1\.1\.0 .*may pull' "$work/out"

port=$(sed -n 's/.* registry=127\.0\.0\.1://p' "$work/ready")
expect_exit "a port that is taken is one clear line" 3 "$PULLMEND_SIM" --kubeconfig "$work/second" \
    --scenario private-mirror --registry-port "$port"
expect_text "with what to do" \
    "^pullmend-sim: cannot listen on 127\.0\.0\.1:$port: .*; choose another --registry-port\$" \
    "$work/err"
end_sim

# --- Two registries -----------------------------------------------------------------------------------
start_sim --scenario two-registries --speed 240
expect_text "the ready line names both" ' registry=127\.0\.0\.1:[0-9]+,127\.0\.0\.1:[0-9]+$' "$work/ready"
second=$(sed -n 's/.* registry=.*,//p' "$work/ready")
expect_exit "one of them refuses" 1 "$PULLMEND" secret verify
expect_text "the driver's image may be pulled" 'upcloud-csi:v1\.1\.0 .*may pull' "$work/out"
expect_text "the sidecars may not" "^$second/k8s/.*401 unauthorized" "$work/out"
expect_text "by the token server's word" "token server of $second does not accept" "$work/out"
rotate() {
    printf not-a-real-password | "$PULLMEND" secret rotate regcred -n kube-system \
        --docker-server "$second" --docker-username robot --docker-password-stdin --yes
}
expect_exit "a new password for that one alone" 0 rotate
expect_exit "is enough" 0 "$PULLMEND" secret verify
if command -v kubectl >/dev/null; then
    check "for the pods too" kubectl -n kube-system wait --for=condition=Ready pod --all --timeout=120s
else
    skip "for the pods too" "no kubectl here"
fi
end_sim
done_testing
