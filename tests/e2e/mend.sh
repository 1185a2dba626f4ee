#!/bin/sh
# The main job by commands: see it, preview it, mend it, see that it is mended.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"

start_sim --scenario kubespray-upcloud --speed 240 --event-speed 240
expect_exit "a sick cluster has findings" 1 "$PULLMEND" status
expect_text "the table names the missing Secret" 'regcred missing' "$work/out"
expect_text "six pods are broken" '6 broken' "$work/out"
expect_text "the finding says what and where" 'kube-system/regcred' "$work/out"
expect_exit "the same as JSON" 1 "$PULLMEND" status -o json
expect_text "JSON has its version" '"apiVersion":[[:space:]]*"pullmend/v1"' "$work/out"
expect_text "JSON has the totals" '"broken":[[:space:]]*6' "$work/out"
expect_exit "without a terminal pullmend prints the status" 1 "$PULLMEND"

expect_exit "a preview has differences" 1 "$PULLMEND" diff --drop-reference
expect_text "the preview removes the reference" '^- *- name: regcred' "$work/out"
refuse_text "the preview has no noise" 'resourceVersion|generation|managedFields|last-applied' "$work/out"
expect_exit "nothing was written by it" 1 "$PULLMEND" status
expect_exit "without --yes and a terminal apply stops" 2 "$PULLMEND" apply --drop-reference
expect_exit "read-only refuses to apply" 2 "$PULLMEND" apply --drop-reference --yes --read-only
expect_exit "still nothing was written" 1 "$PULLMEND" status

expect_exit "apply drops the references and waits" 0 "$PULLMEND" apply --drop-reference --yes
expect_exit "afterwards the cluster is healthy" 0 "$PULLMEND" status
expect_text "and no pod is broken" ' 0 broken' "$work/out"
expect_exit "a second time there is nothing to do" 0 "$PULLMEND" apply --drop-reference --yes

start_sim --scenario kubespray-upcloud --speed 240 --event-speed 240
expect_exit "an empty Secret under the name in use mends without a restart" 0 \
    "$PULLMEND" apply --create-secret regcred --empty --yes
expect_exit "healthy again" 0 "$PULLMEND" status
expect_text "the Secret is an empty one" 'regcred empty' "$work/out"

start_sim --scenario kubespray-upcloud --speed 240 --event-speed 240
printf 'p4ss"word\n' >"$work/password"
expect_exit "a Secret with a credential, used by all" 0 \
    "$PULLMEND" apply --create-secret my-registry --use-secret my-registry \
    --docker-server ghcr.io --docker-username robot --docker-password-file "$work/password" --yes
refuse_text "the password is not printed" 'p4ss' "$work/out"
refuse_text "nor said" 'p4ss' "$work/err"
expect_exit "the references point to it" 0 "$PULLMEND" status -o json
refuse_text "regcred is gone from every pod" '"name":[[:space:]]*"regcred"' "$work/out"
done_testing
