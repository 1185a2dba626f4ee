#!/bin/sh
# What Kubespray renders, applied by kubectl to a real API server: then pullmend sees no difference;
# and after the source and the cluster are mended by pullmend, kubectl sees none.
. "$TOP_SRCDIR/tests/lib.sh"
command -v kubectl >/dev/null 2>&1 || { echo "1..0 # SKIP there is no kubectl"; exit 0; }
. "$TOP_SRCDIR/tests/e2e/real.sh"
ks=$work/ks
cp -R "${KUBESPRAY_DIR:-$TOP_SRCDIR/tests/kubespray/checkout}" "$ks"
chmod -R u+w "$ks"
rm -f "$ks/roles/kubernetes-apps/csi_driver/upcloud/templates/layers.yml.j2" # no manifest
with="--kubespray $ks --driver upcloud -e upcloud_username=u -e upcloud_password=p"

# As the role's task does: one file after the other.
playbook() {
    rm -rf "$work/rendered"
    # shellcheck disable=SC2086
    "$PULLMEND" kubespray render $with --out "$work/rendered" || return 1
    for file in "$work/rendered"/*.yml; do
        kubectl "$@" -f "$file" || return 1
    done
}

kubectl create namespace kube-system >/dev/null 2>&1
check "kubectl applies what is rendered" playbook apply --force
# shellcheck disable=SC2086
expect_exit "then there is no difference" 0 "$PULLMEND" diff $with
refuse_text "nor any drift" 'left alone' "$work/err"
# shellcheck disable=SC2086
expect_exit "also not in anything else" 0 "$PULLMEND" diff $with --all-changes
# shellcheck disable=SC2086
expect_exit "the source is mended" 0 "$PULLMEND" kubespray fix --kubespray "$ks" --driver upcloud --yes
# shellcheck disable=SC2086
expect_exit "it takes the references away" 1 "$PULLMEND" diff $with
expect_text "and nothing more" '^- *- name: upcloud' "$work/out"
# shellcheck disable=SC2086
expect_exit "the cluster is mended" 0 "$PULLMEND" apply $with --yes --no-wait
check "the next run of the playbook changes nothing" playbook diff
check "also when it applies" playbook apply --force
# shellcheck disable=SC2086
expect_exit "and then there still is no difference" 0 "$PULLMEND" diff $with --all-changes

# The other drivers of a whole checkout, with everything set: aws_ebs is no YAML with these values.
echo '{"type": "service_account"}' >"$work/account.json"
for driver in azuredisk cinder gcp_pd vsphere; do
    [ -n "$KUBESPRAY_DIR" ] || continue
    with="--kubespray $ks --driver $driver -e gcp_pd_csi_sa_cred_file=$work/account.json"
    with="$with -i $TOP_SRCDIR/tests/kubespray/inventories/full/hosts.yml"
    check "$driver: kubectl applies what is rendered" playbook apply --force
    # shellcheck disable=SC2086
    expect_exit "$driver: then there is no difference" 0 "$PULLMEND" diff $with
    refuse_text "$driver: nor any drift" 'left alone' "$work/err"
done
done_testing
