#!/bin/sh
# Templates of a checkout, rendered by Ansible and by us from the same inventory: the same bytes.
# With KUBESPRAY_DIR, every template of roles/kubernetes-apps of that checkout as well.
. "$TOP_SRCDIR/tests/lib.sh"
python=${ANSIBLE_PYTHON:-/usr/bin/python3}
tool=$TOP_BUILDDIR/tests/kubespray/render
inventories=$TOP_SRCDIR/tests/kubespray/inventories
UPCLOUD_USERNAME='from: the environment'
export UPCLOUD_USERNAME
ANSIBLE_LOCAL_TEMP=$work/tmp
export ANSIBLE_LOCAL_TEMP

# The names that made a template impossible, out of either side's message.
reasons() {
    sed -E "s/the template file ([^ ]+) could not be found/has no file '\1'/" "$1" |
        grep -oE "'[^' ]+' is undefined|has no attribute '[^']+'|has no file '[^']+'" | sort -u
}

# compare NAME CHECKOUT INVENTORY [-e EXTRA]...: all templates, a line for each that differs or is
# refused; refusals agree when both sides name the same undefined variable
compare() {
    title=$1 checkout=$2 inventory=$3
    shift 3
    rm -rf "$work/ansible" "$work/ours"
    mkdir "$work/ansible" "$work/ours"
    (cd "$checkout" && find roles/kubernetes-apps -name '*.j2' | sort) >"$work/templates"
    # shellcheck disable=SC2046
    "$tool" "$checkout" "$inventory" "$work/ours" "$@" $(cat "$work/templates") 2>"$work/why" ||
        not_ok "$title: the checkout opens" "$work/why"
    # shellcheck disable=SC2046
    "$python" "$TOP_SRCDIR/tests/kubespray/oracle.py" "$checkout" "$inventory" "$work/ansible" \
        "$@" $(cat "$work/templates") >"$work/why" 2>&1 ||
        not_ok "$title: Ansible reads the checkout" "$work/why"
    all=0 equal=0 refused=0 unequal=0 core=0
    while read -r template; do
        file=$(echo "$template" | tr / +)
        all=$((all + 1))
        if cmp -s "$work/ansible/$file.out" "$work/ours/$file.out"; then
            equal=$((equal + 1))
        elif [ -s "$work/ansible/$file.err" ] && [ -s "$work/ours/$file.err" ] &&
            [ -n "$(reasons "$work/ansible/$file.err")" ] &&
            [ "$(reasons "$work/ansible/$file.err")" = "$(reasons "$work/ours/$file.err")" ]; then
            refused=$((refused + 1))
            echo "# refused by both: $template: $(reasons "$work/ours/$file.err" | tr '\n' ' ')"
            case $template in
            */csi_driver/* | */persistent_volumes/* | */snapshots/*) core=$((core + 1)) ;;
            esac
        else
            unequal=$((unequal + 1))
            diff "$work/ansible/$file.out" "$work/ours/$file.out" >"$work/why" 2>&1
            not_ok "$title: $template" "$work/ansible/$file.err" "$work/ours/$file.err" "$work/why"
        fi
    done <"$work/templates"
    echo "# $title: of $all templates $equal equal, $unequal unequal," \
        "$refused refused by both for the same reason"
    [ "$unequal" -eq 0 ] && [ "$equal" -gt 0 ] && ok "$title: no template differs from Ansible's"
}

# compare_all NAME ...: nearly all templates are rendered, and all of the drivers'
compare_all() {
    compare "$@"
    check "$1: at least 95 % of the templates are rendered" [ $((equal * 100)) -ge $((all * 95)) ]
    check "$1: all templates of drivers, storage classes and snapshots are" [ "$core" -eq 0 ]
}

if ! "$python" -c 'import ansible.template' 2>/dev/null; then
    skip "templates of a checkout render as Ansible renders them" "ansible-core is not installed"
    done_testing
fi
own=$TOP_SRCDIR/tests/kubespray/checkout
compare "a small checkout, every layer" "$own" "$inventories/full/hosts.yml" \
    -e 'upcloud_password="a b"' -e '{"layer_extra": [1]}'
check "its cloud configuration is read back" grep -q 'cloud-config: ewog' \
    "$work/ours/roles+kubernetes-apps+csi_driver+azuredisk+templates+azure-csi-cloud-config-secret.yml.j2.out"
compare "a small checkout, old names of groups" "$own" "$inventories/legacy/hosts.ini"
compare "a small checkout, one host" "$own" "$inventories/one.yml"

# Before 2.23 the plays stood in the checkout's own cluster.yml, before 2.28 a role had a hyphen.
cp -R "$own" "$work/old"
chmod -R u+w "$work/old"
mv "$work/old"/playbooks/* "$work/old"
rmdir "$work/old/playbooks"
mv "$work/old/roles/kubespray_defaults" "$work/old/roles/kubespray-defaults"
grep -rl 'role: kubespray_defaults' "$work/old" | while read -r file; do
    sed 's/role: kubespray_defaults/role: kubespray-defaults/' "$file" >"$work/new" && cp "$work/new" "$file"
done
compare "an older checkout" "$work/old" "$inventories/full/hosts.yml" -e 'upcloud_password="a b"' \
    -e '{"layer_extra": [1]}'

# What fix writes, Ansible renders too.
cp -R "$own" "$work/mended"
chmod -R u+w "$work/mended"
check "the small checkout is mended" "$PULLMEND" kubespray fix --kubespray "$work/mended" \
    --registry-secret --yes
compare "a mended checkout without values" "$work/mended" "$inventories/full/hosts.yml" \
    -e 'upcloud_password="a b"'
check "nothing is rendered of the pull secret" sh -c \
    '! grep -l "imagePullSecrets\|dockerconfigjson" "$1"/*upcloud*.out' sh "$work/ours"
compare "a mended checkout with a list of Secrets and credentials" "$work/mended" \
    "$inventories/full/hosts.yml" -e 'upcloud_password="a b" upcloud_csi_registry_host=r.io:5000' \
    -e '{"upcloud_csi_image_pull_secret": ["one", "two"], "upcloud_csi_registry_username": "u",
        "upcloud_csi_registry_password": "p\u00e4ss\"word", "layer_extra": [1]}'
check "the Secret and both names are rendered" sh -c \
    'grep -q "name: two" "$1"/*node*.out && grep -q "^type: kubernetes.io/dockerconfigjson" "$1"/*registry-secret*.out' \
    sh "$work/ours"

if [ -z "$KUBESPRAY_DIR" ]; then
    skip "all templates of Kubespray render as Ansible renders them" "KUBESPRAY_DIR is not set"
    done_testing
fi
echo '{"type": "service_account"}' >"$work/account.json"
mkdir "$work/sample"
cp -R "$KUBESPRAY_DIR/inventory/sample/group_vars" "$work/sample/"
printf '[kube_control_plane]\nn[1:2] ip=10.1.1.1\n[kube_node]\nn3\n' >"$work/sample/hosts"
account=gcp_pd_csi_sa_cred_file=$work/account.json
older=@$inventories/older.yml
compare_all "Kubespray, everything set" "$KUBESPRAY_DIR" "$inventories/full/hosts.yml" -e "$account" \
    -e "$older"
compare_all "Kubespray, old names of groups" "$KUBESPRAY_DIR" "$inventories/legacy/hosts.ini" \
    -e "$account" -e "$older"
compare_all "Kubespray, one host" "$KUBESPRAY_DIR" "$inventories/one.yml" -e "$account" \
    -e "$older"
compare_all "Kubespray, the sample's variables" "$KUBESPRAY_DIR" "$work/sample/hosts" \
    -e "@$inventories/sample.yml" -e "$account" -e "$older" -e cinder_tolerations='[{"key":"a"}]'
done_testing
