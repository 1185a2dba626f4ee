#!/bin/sh
# A checkout and a cluster: what the role renders as a change, the fix at the source, and that the
# next run of the playbook then changes nothing.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"
cp -R "$TOP_SRCDIR/tests/kubespray/checkout" "$work/ks"
chmod -R u+w "$work/ks"
rm "$work/ks/roles/kubernetes-apps/csi_driver/upcloud/templates/layers.yml.j2" # no manifest
mkdir -p "$work/inv/group_vars/all"
printf '[kube_control_plane]\nn1\n[kube_node]\nn2\n' >"$work/inv/hosts.ini"
printf -- '---\nupcloud_csi_enabled: true\nupcloud_username: u\nupcloud_password: p\n' \
    >"$work/inv/group_vars/all/upcloud.yml"
printf 'upcloud_csi_controller_replicas: 2\ndriver_version: v9.9.9\n' \
    >"$work/inv/group_vars/all/versions.yml"
use="--kubespray $work/ks -i $work/inv/hosts.ini"

start_sim --scenario kubespray-upcloud --speed 240 --event-speed 240
# shellcheck disable=SC2086
expect_exit "the next playbook run would set its reference again" 1 "$PULLMEND" diff $use
expect_text "the driver is found in the cluster; its reference is named" \
    '^\+ *- name: upcloud' "$work/out"
refuse_text "what has nothing to do with pull secrets is not in the change" 'v9.9.9' "$work/out"
expect_text "it is shown apart" '^\+ .*image: ghcr.io/upcloudltd/upcloud-csi:v9.9.9' "$work/err"
expect_text "with how to send it too" '--all-changes' "$work/err"
# shellcheck disable=SC2086
expect_exit "--all-changes has it in the change" 1 "$PULLMEND" diff $use --all-changes
expect_text "and then nothing is shown apart" 'v9.9.9' "$work/out"
refuse_text "really nothing" 'left alone' "$work/err"

# shellcheck disable=SC2086
expect_exit "the source is mended" 0 "$PULLMEND" kubespray fix $use --driver upcloud --yes
# shellcheck disable=SC2086
expect_exit "now the role drops the reference" 1 "$PULLMEND" diff $use
expect_text "the missing Secret goes" '^- *- name: regcred' "$work/out"
# shellcheck disable=SC2086
expect_exit "the cluster is mended from the source" 0 "$PULLMEND" apply $use --yes
expect_exit "no pod is broken any more" 0 "$PULLMEND" status
# shellcheck disable=SC2086
expect_exit "the next run changes no pull secret" 0 "$PULLMEND" diff $use
expect_text "drift from elsewhere is still told" 'v9.9.9' "$work/err"

PULLMEND_KUBESPRAY=$work/ks
export PULLMEND_KUBESPRAY
expect_exit "a checkout in the environment is no second change" 0 "$PULLMEND" diff --drop-reference
unset PULLMEND_KUBESPRAY
expect_exit "two changes at a time are one too many" 2 \
    "$PULLMEND" diff --drop-reference --kubespray "$work/ks"
printf '[kube_control_plane]\n' >"$work/empty.ini"
expect_exit "without a host the playbook changes nothing, so nor do we" 3 \
    "$PULLMEND" diff --kubespray "$work/ks" -i "$work/empty.ini"
expect_text "it says why" 'empty.ini names no host: the next run' "$work/err"
# shellcheck disable=SC2086
expect_exit "an undefined variable is named with who uses it" 4 \
    "$PULLMEND" kubespray render --kubespray "$work/ks" --driver azuredisk
expect_text "by its name" '^  azure_csi_tenant_id$' "$work/err"
expect_text "and the template's line" 'azure-csi-cloud-config.j2:[0-9]' "$work/err"
done_testing
