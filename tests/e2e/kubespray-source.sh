#!/bin/sh
# check and fix on a checkout: what they find, that the patch applies, that a second fix has nothing to
# do; and what bad input says. Nothing is ever written in half.
. "$TOP_SRCDIR/tests/lib.sh"
HOME=$work
LC_ALL=C.UTF-8
export HOME LC_ALL
ks=$work/ks
templates=roles/kubernetes-apps/csi_driver/upcloud/templates
cp -R "$TOP_SRCDIR/tests/kubespray/checkout" "$ks"
chmod -R u+w "$ks"

run() { # run NAME CODE COMMAND...: pullmend kubespray COMMAND on the checkout
    run_name=$1 run_code=$2 run_command=$3
    shift 3
    expect_exit "$run_name" "$run_code" "$PULLMEND" kubespray "$run_command" --kubespray "$ks" "$@"
}

# --- check
run "check finds faults" 1 check
expect_text "the hard-coded name with its place" \
    "^$templates/upcloud-csi-node.yml.j2:[0-9]+:[0-9]+: error: the pull secret 'upcloud'" "$work/out"
expect_text "the wrong type" 'pull-secret-wrong-type' "$work/out"
expect_text "the variable that nothing reads" 'oci_cloud_controller_pull_secret' "$work/out"
expect_text "how much of it can be mended" 'mends [0-9]+ of them' "$work/err"
run "a pipeline may ask for less" 0 check --fail-on never
escape=$(printf '\033')
cp "$ks/$templates/upcloud-csi-node.yml.j2" "$ks/$templates/red$escape[31m.yml.j2"
run "a file whose name would paint the terminal is told of" 1 check
expect_text "by a name" 'red.*\[31m\.yml\.j2:[0-9]+:[0-9]+: error' "$work/out"
refuse_text "that paints nothing" "$escape" "$work/out"
rm "$ks/$templates/red$escape[31m.yml.j2"
run "an unknown severity is wrong usage" 2 check --fail-on bad
run "two drivers at a time are one too many" 2 check --driver upcloud --driver cinder
run "a driver that the checkout does not have" 2 check --driver vsphere
expect_text "it says which role is missing" 'no role roles/kubernetes-apps/csi_driver/vsphere' "$work/err"
run "SARIF for code hosts" 1 check -o sarif
for member in '"version":[[:space:]]*"2.1.0"' '"name":[[:space:]]*"pullmend"' '"rules"' \
    '"ruleId":[[:space:]]*"hard-coded-pull-secret"' '"level":[[:space:]]*"error"' \
    '"startLine":[[:space:]]*[1-9]' '"uri":[[:space:]]*"roles/'; do
    expect_text "SARIF has $member" "$member" "$work/out"
done
run "a role by its folder" 1 check --driver roles/kubernetes-apps/csi_driver/upcloud
run "a driver that there is not" 2 check --driver nothing

# --- fix
if command -v git >/dev/null; then
    (cd "$ks" && git init -q . && git config user.name t && git config user.email t@localhost &&
        git add -A && git commit -qm before) >"$work/git.log" 2>&1
    run "fix writes patches" 0 fix --registry-secret --driver upcloud --patch "$work/fix.patch"
    check "git apply takes them all" git -C "$ks" apply --check "$work/fix.patch"
    check "git am takes them one by one" git -C "$ks" am -q "$work/fix.patch"
    git -C "$ks" log --format='%an <%ae> %s' HEAD~4.. >"$work/log"
    expect_text "the author is the checkout's" '^t <t@localhost> upcloud: let the inventory' "$work/log"
    expect_text "images have a commit of their own" ' upcloud: take the registries' "$work/log"
    run "after them the driver is clean" 0 check --driver upcloud
    git -C "$ks" reset -q --hard HEAD~4
    run "the pull secrets alone are one patch" 0 fix --pull-secrets-only --patch "$work/fix.patch"
    check "git am takes it" git -C "$ks" am -q "$work/fix.patch"
    check "it is one commit" git -C "$ks" diff --quiet HEAD~1 -- \
        roles/kubernetes-apps/csi_driver/upcloud/tasks
    run "after it no pull secret is at fault" 0 check --fail-on warning
    run "but there are hints" 1 check
    run "fix mends the rest" 0 fix --yes
    run "after it check is clean" 0 check
    expect_text "and says so" '^no findings$' "$work/err"
    git -C "$ks" commit -qam rest
    run "a second fix has nothing to do" 0 fix --yes
    expect_text "and says so, too" '^nothing to do$' "$work/out"
    check "no file was touched by it" git -C "$ks" diff --quiet
    git -C "$ks" reset -q --hard HEAD~1
    git -C "$ks" reset -q --hard HEAD~1
    echo '# mine' >>"$ks/$templates/upcloud-csi-node.yml.j2"
    run "a file with changes of its own is refused" 4 fix --driver upcloud --yes
    expect_text "it is named" 'upcloud-csi-node.yml.j2 has changes' "$work/err"
    check "no other file was written" git -C "$ks" diff --quiet -- inventory roles/kubespray_defaults
    run "unless one says so" 0 fix --driver upcloud --yes --force
    git -C "$ks" reset -q --hard
else
    skip "patches" "git is not installed"
fi
cp -R "$ks" "$work/before"
chmod a-w "$ks/roles/kubernetes-apps/csi_driver/upcloud/defaults/main.yml"
run "a read-only file is refused" 4 fix --driver upcloud --yes
expect_text "with its name" 'defaults/main.yml is read-only' "$work/err"
check "and nothing is written in half" diff -r "$work/before" "$ks"
chmod u+w "$ks/roles/kubernetes-apps/csi_driver/upcloud/defaults/main.yml"
run "without --yes and a terminal nothing is written" 2 fix --driver upcloud
check "really nothing" diff -r "$work/before" "$ks"
run "the plain fix" 0 fix --driver upcloud --yes
run "after it the driver holds the line" 0 check --driver upcloud

# --- bad input
expect_exit "a folder that is no checkout" 2 "$PULLMEND" kubespray check --kubespray "$work"
expect_text "it says what is missing" 'no checkout of Kubespray: it has no folder' "$work/err"

bad() { # bad NAME PATTERN TEXT: a template with that text is refused with that message
    printf '%s\n' "$3" >"$ks/$templates/bad.yml.j2"
    expect_exit "$1 is refused" 4 timeout 60 "$PULLMEND" kubespray render --kubespray "$ks" \
        "$templates/bad.yml.j2"
    expect_text "$1: the message" "$2" "$work/err"
    check "$1: nothing of it is written" test ! -s "$work/out"
    rm "$ks/$templates/bad.yml.j2"
}
bad "an open block" 'bad.yml.j2:[0-9]+.*(if|endif)' 'a: {% if true %}'
bad "an unknown filter" 'bad.yml.j2:2.*nofilter' 'a: 1
b: {{ 1 | nofilter }}'
bad "a broken expression" 'bad.yml.j2:1' '{{ 1 + }}'
bad "a loop without end" 'bad.yml.j2:[0-9]' \
    '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'
bad "a loop over very much" 'bad.yml.j2:[0-9]' \
    '{% for i in range(99999) %}{% for k in range(99999) %}{% endfor %}{% endfor %}'
bad "a 50 MB output" 'bad.yml.j2:[0-9].*(large|limit|long|much)' "{{ 'x' * 50000000 }}"
bad "a command" 'pipe' "{{ lookup('pipe', 'id') }}"
bad "a variable in a circle" 'circle_a.*circle_b|circle_b.*circle_a' '{{ circle_a }}'

inventory() { # inventory NAME FILE PATTERN: reading it is refused with that message
    expect_exit "$1 is refused" 3 "$PULLMEND" kubespray check --kubespray "$ks" -i "$2"
    expect_text "$1: file, line and what" "$3" "$work/err"
}
printf '[kube_control_plane]\nn1\n[kube_node:things]\n' >"$work/a.ini"
inventory "an INI inventory with an unknown section" "$work/a.ini" 'a.ini:3:[0-9]+: '
printf '[kube_control_plane]\nn[1:x]\n' >"$work/b.ini"
inventory "a range that is none" "$work/b.ini" 'b.ini:2:[0-9]+: '
printf 'all:\n  children:\n\tkube_control_plane:\n' >"$work/c.yml"
inventory "a tab in YAML" "$work/c.yml" 'c.yml:3:[0-9]+: '
printf '[a:children]\nb\n[b:children]\na\n[kube_control_plane]\nn1\n' >"$work/d.ini"
inventory "groups in a circle" "$work/d.ini" 'd.ini:[0-9]+:[0-9]+: .*circle|d.ini:[0-9]+:[0-9]+: '
printf '[kube_node]\nn1\n' >"$work/e.ini"
expect_exit "an inventory without a control plane hides no finding" 1 \
    "$PULLMEND" kubespray check --kubespray "$ks" -i "$work/e.ini"
expect_text "it names the group" 'e.ini has no host in the group kube_control_plane' "$work/err"
mkdir -p "$work/none/group_vars/k8s_cluster"
printf '[kube_control_plane]\n# node1\n' >"$work/none/hosts.ini"
echo 'driver_version: v7' >"$work/none/group_vars/k8s_cluster/all.yml"
expect_exit "without any host it renders as on an imagined one" 0 "$PULLMEND" kubespray render \
    --kubespray "$ks" -i "$work/none/hosts.ini" "$templates/upcloud-csi-node.yml.j2"
expect_text "with the variables of the groups" 'upcloud-csi:v7' "$work/out"
expect_exit "a folder whose .ini file Ansible passes over" 1 \
    "$PULLMEND" kubespray check --kubespray "$ks" -i "$work/none"
expect_text "is told with what to do" 'names no host .*name the file itself' "$work/err"
expect_text "and says what Ansible would do" 'ansible-playbook would write nothing' "$work/err"
expect_exit "an inventory that is not there is refused" 3 \
    "$PULLMEND" kubespray check --kubespray "$ks" -i "$work/nothing.ini"

# --- odd YAML that Ansible takes
mkdir -p "$work/odd/group_vars/all"
printf '[kube_control_plane]\nn1\n' >"$work/odd/hosts"
printf '\357\273\277---\r\nfirst: 1\r\nfirst: "2"\r\nbase: &base\r\n  a: x\r\n  b: y\r\nodd:\r\n  <<: *base\r\n  b: z\r\n' \
    >"$work/odd/group_vars/all/odd.yml"
echo 'first={{ first }} odd={{ odd.a }}{{ odd.b }}' >"$ks/$templates/odd.yml.j2"
expect_exit "BOM, CRLF, doubled keys, anchors and merges are read" 0 \
    "$PULLMEND" kubespray render --kubespray "$ks" -i "$work/odd/hosts" "$templates/odd.yml.j2"
expect_text "the last of doubled keys wins; merged keys give way" '^first=2 odd=xz$' "$work/out"
printf '$ANSIBLE_VAULT;1.1;AES256\n3030\n' >"$work/odd/group_vars/all/vault.yml"
expect_exit "an encrypted file is left aside" 0 \
    "$PULLMEND" kubespray render --kubespray "$ks" -i "$work/odd/hosts" "$templates/odd.yml.j2"
expect_text "and told" 'vault.yml is encrypted' "$work/err"
rm "$work/odd/group_vars/all/vault.yml"
printf 'a: [1\n' >"$work/odd/group_vars/all/broken.yml"
expect_exit "broken group variables are refused" 3 \
    "$PULLMEND" kubespray render --kubespray "$ks" -i "$work/odd/hosts" "$templates/odd.yml.j2"
expect_text "with file, line and column" 'broken.yml:[0-9]+:[0-9]+: ' "$work/err"
done_testing
