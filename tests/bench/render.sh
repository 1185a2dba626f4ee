#!/bin/sh
# How long the templates of one driver take, against ansible-playbook with the same variables in the
# same run. KUBESPRAY_DIR names a checkout; without it the tests' small one serves.
work=$(mktemp -d "${TMPDIR:-/tmp}/pullmend-bench.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
checkout=${KUBESPRAY_DIR:-$TOP_SRCDIR/tests/kubespray/checkout}
inventory=$TOP_SRCDIR/tests/kubespray/inventories/full/hosts.yml
role=roles/kubernetes-apps/csi_driver/upcloud
session=$TOP_BUILDDIR/tests/bench/session

command -v ansible-playbook >/dev/null || {
    echo "ansible-playbook is not installed: nothing to compare with" >&2
    exit 0
}
mkdir "$work/ours" "$work/ansible"
templates=$(cd "$checkout" && ls $role/templates/*.yml.j2 | grep -v layers)
# A role of its own with the driver's defaults, so that Ansible gives them their precedence.
mkdir -p "$work/roles/driver/tasks"
cp -R "$checkout/$role/defaults" "$work/roles/driver/"
{
    cat <<EOF
- template: {src: "$checkout/{{ item }}", dest: "$work/ansible/{{ item | basename }}"}
  loop:
EOF
    for template in $templates; do
        echo "    - $template"
    done
} >"$work/roles/driver/tasks/main.yml"
cat >"$work/play.yml" <<EOF
- hosts: kube_control_plane[0]
  connection: local
  gather_facts: false
  roles: [$(basename "$(ls -d "$checkout"/roles/kubespray?defaults | tail -n 1)"), driver]
  vars: {ansible_python_interpreter: /usr/bin/python3}
EOF

# timed NAME RUNS COMMAND...: the best of several runs, as a row; its numbers stay in the variables
timed() {
    name=$1 runs=$2
    shift 2
    best='' cpu='' kib=0
    while [ "$runs" -gt 0 ]; do
        runs=$((runs - 1))
        result=$("$session" "$@" 2>"$work/err")
        if [ "$(echo "$result" | cut -d' ' -f4)" != 0 ]; then
            echo "$name failed:" >&2
            head -5 "$work/err" >&2
            exit 1
        fi
        [ -n "$best" ] && awk "BEGIN { exit !($best < $(echo "$result" | cut -d' ' -f1)) }" && continue
        best=$(echo "$result" | cut -d' ' -f1)
        cpu=$(echo "$result" | cut -d' ' -f2)
        kib=$(echo "$result" | cut -d' ' -f3)
    done
    awk "BEGIN { printf \"| %s | %.2f s | %.2f s | %.0f MiB |\\n\", \"$name\", $best / 1000, $cpu / 1000, $kib / 1024 }"
}
echo "| rendering one driver | time | CPU | memory |"
echo "|---|---|---|---|"
# shellcheck disable=SC2086
timed pullmend 5 "$TOP_BUILDDIR/tests/kubespray/render" "$checkout" "$inventory" "$work/ours" \
    -e upcloud_password=x $templates
ours=$best
memory=$kib
timed ansible-playbook 1 env ANSIBLE_ROLES_PATH="$work/roles:$checkout/roles" \
    ANSIBLE_LOCAL_TEMP="$work/tmp" ANSIBLE_CONFIG="$checkout/ansible.cfg" \
    ansible-playbook -i "$inventory" -e upcloud_password=x "$work/play.yml"
# Both wrote the same.
for template in $templates; do
    file=$(basename "$template")
    cmp "$work/ansible/$file" "$work/ours/$(echo "$template" | tr / +).out" || exit 1
done
awk "BEGIN { printf \"%.0f times faster than Ansible, %.0f MiB at most\\n\", $best / $ours, $memory / 1024
    exit !($best / $ours >= 50 && $memory < 64 * 1024) }" || {
    echo "the goal is 50 times, and less than 64 MiB" >&2
    exit 1
}
