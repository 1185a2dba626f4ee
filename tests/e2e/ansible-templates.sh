#!/bin/sh
# Templates of our own, rendered by Ansible and by us: the same bytes, or both refuse.
. "$TOP_SRCDIR/tests/lib.sh"
cases=$TOP_SRCDIR/tests/jinja/cases
python=${ANSIBLE_PYTHON:-/usr/bin/python3}
FROM_ENV='environment value'
export FROM_ENV
unset NOT_SET

mkdir "$work/ansible" "$work/ours"
check "every template of the corpus ends in a result" \
    "$TOP_BUILDDIR/tests/jinja/render" "$cases" "$work/ours"
if ! "$python" -c 'import ansible.template' 2>/dev/null; then
    skip "templates render as Ansible renders them" "ansible-core is not installed"
    done_testing
fi
check "Ansible renders the corpus" \
    env ANSIBLE_LOCAL_TEMP="$work/tmp" "$python" "$TOP_SRCDIR/tests/jinja/oracle.py" "$cases" \
    "$work/ansible"

compared=0
for template in "$cases"/*.j2; do
    name=$(basename "$template" .j2)
    case $name in
    _*) continue ;;
    fail-* | undefined-*)
        if [ -f "$work/ansible/$name.err" ] && [ -f "$work/ours/$name.err" ]; then
            ok "$name is refused by both"
        else
            not_ok "$name is refused by both" "$work/ansible/$name.out" "$work/ours/$name.out"
        fi
        ;;
    *)
        if cmp -s "$work/ansible/$name.out" "$work/ours/$name.out"; then
            ok "$name renders as Ansible renders it"
        else
            diff "$work/ansible/$name.out" "$work/ours/$name.out" >"$work/why" 2>&1
            not_ok "$name renders as Ansible renders it" "$work/ansible/$name.err" \
                "$work/ours/$name.err" "$work/why"
        fi
        ;;
    esac
    compared=$((compared + 1))
done
check "the corpus has at least 150 templates" [ "$compared" -ge 150 ]
done_testing
