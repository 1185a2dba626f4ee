#!/bin/sh
# How long the templates of one driver take, against ansible-playbook with the same variables in the
# same run. KUBESPRAY_DIR names a checkout; without it the tests' small one serves.
work=$(mktemp -d "${TMPDIR:-/tmp}/pullmend-bench.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
checkout=${KUBESPRAY_DIR:-$TOP_SRCDIR/tests/kubespray/checkout}
inventory=$TOP_SRCDIR/tests/kubespray/inventories/full/hosts.yml
role=roles/kubernetes-apps/csi_driver/upcloud
measure=$TOP_BUILDDIR/tests/bench/measure

command -v ansible-playbook >/dev/null || {
    echo "ansible-playbook is not installed: nothing to compare with" >&2
    exit 0
}
mkdir "$work/ours" "$work/ansible"
templates=$(cd "$checkout" && ls $role/templates/*.yml.j2 | grep -v layers)
{
    cat <<EOF
- hosts: kube_control_plane[0]
  connection: local
  gather_facts: false
  roles: [$(basename "$checkout"/roles/kubespray*defaults)]
  vars: {ansible_python_interpreter: /usr/bin/python3}
  tasks:
    - include_vars: {file: $checkout/$role/defaults/main.yml}
    - template: {src: "$checkout/{{ item }}", dest: "$work/ansible/{{ item | basename }}"}
      loop:
EOF
    for template in $templates; do
        echo "        - $template"
    done
} >"$work/play.yml"

timed() { # timed NAME COMMAND...
    name=$1
    shift
    result=$("$measure" "$@" 2>"$work/err")
    # shellcheck disable=SC2086
    set -- $result
    if [ "$4" != 0 ]; then
        echo "$name failed:" >&2
        head -5 "$work/err" >&2
        exit 1
    fi
    printf '| %s | %s s | %s s | %s MiB |\n' "$name" "$1" "$2" $(($3 / 1024))
}
echo "| rendering one driver | time | CPU | memory |"
echo "|---|---|---|---|"
# shellcheck disable=SC2086
timed pullmend "$TOP_BUILDDIR/tests/kubespray/render" "$checkout" "$inventory" "$work/ours" \
    -e upcloud_password=x $templates
timed ansible-playbook env ANSIBLE_ROLES_PATH="$checkout/roles" ANSIBLE_LOCAL_TEMP="$work/tmp" \
    ANSIBLE_CONFIG="$checkout/ansible.cfg" ansible-playbook -i "$inventory" -e upcloud_password=x \
    "$work/play.yml"
