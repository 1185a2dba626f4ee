#!/bin/sh
# What `pullmend status` prints for people: what to do first, remarks in a line, more with -o wide.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"

start_sim --scenario many-drivers
expect_exit "a cluster with findings" 1 "$PULLMEND" status
cp "$work/out" "$work/short"
expect_text "a warning stands with its rule" '^warning \(secret-missing\): 4 pods name' "$work/short"
expect_text "each way out tells its cost" '^  1 drop the reference \(4 pods restart\)$' "$work/short"
expect_text "a change of a ServiceAccount's list restarts pods, too" \
    '^  3 use another Secret \(3 pods restart\)$' "$work/short"
expect_text "remarks of one rule share a line" '^info \(workload-managed\): .*\(and 5 more\)$' \
    "$work/short"
refuse_text "explanations are left to explain" 'The kubelet skips it' "$work/short"
expect_text "it says where they are" '^What it means: pullmend explain [a-z-]+\.' "$work/short"
expect_exit "the wide form" 1 "$PULLMEND" status -o wide
expect_text "it explains" 'The kubelet skips it' "$work/out"

start_sim --scenario kubespray-upcloud --nodes 30
expect_exit "a larger workload" 1 "$PULLMEND" status
expect_text "pods that are alike are not all listed" '^ +and 27 more like them' "$work/out"
expect_exit "the wide form lists them" 1 "$PULLMEND" status -o wide
check "all thirty" test "$(grep -c '^    csi-upcloud-node-' "$work/out")" -eq 30
expect_exit "so does a choice by state" 1 "$PULLMEND" status --state missing
check "again all thirty" test "$(grep -c '^    csi-upcloud-node-' "$work/out")" -eq 30
done_testing
