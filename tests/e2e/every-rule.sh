#!/bin/sh
# Every rule is shown by a simulated cluster and told by `pullmend status`.
. "$TOP_SRCDIR/tests/lib.sh"

if [ ! -x "$PULLMEND_SIM" ]; then
    skip "every rule is told" "built without the simulator"
    done_testing
fi

sim_pid=
cleanup() {
    [ -z "$sim_pid" ] || kill "$sim_pid" 2>/dev/null
    [ -z "$sim_pid" ] || wait "$sim_pid" 2>/dev/null
}

. "$TOP_SRCDIR/tests/e2e/rules-world.sh"
KUBECONFIG=$work/config
export KUBECONFIG

start_sim() { # start_sim FILE
    : >"$work/sim.out"
    "$PULLMEND_SIM" --kubeconfig "$KUBECONFIG" --scenario "$1" --print-ready >"$work/sim.out" \
        2>"$work/sim.err" &
    sim_pid=$!
    while kill -0 "$sim_pid" 2>/dev/null && ! grep -q '^ready' "$work/sim.out"; do
        sleep 0.1
    done
    grep -q '^ready' "$work/sim.out"
}

stop_sim() {
    cleanup
    sim_pid=
}

# The rules that a status tells go into $work/told, whatever else it prints.
tell() { # tell NAME ARGUMENT...
    tell_name=$1
    shift
    if "$PULLMEND" status -o json "$@" >"$work/out" 2>"$work/err" ||
        [ $? = 1 ]; then
        ok "$tell_name"
    else
        not_ok "$tell_name" "$work/err"
    fi
    sed -n 's/.*"rule":[^"]*"\([^"]*\)".*/\1/p' "$work/out" | sort -u >>"$work/told"
}

if start_sim "$work/rules.yaml"; then
    ok "a cluster with every fault is served"
else
    not_ok "a cluster with every fault is served" "$work/sim.err"
    done_testing
fi
tell "its status is told"
expect_exit "a driver that cannot pull and names no Secret" 1 \
    "$PULLMEND" status --driver forbidden.example.com
expect_text "is not called well" '(✗|x) pull failing' "$work/out"
refuse_text "nor in need of none" 'forbidden-.*none needed' "$work/out"

# What only comes while a cluster runs: pods that are older than what they were made from.
if command -v curl >/dev/null; then
    check "a ServiceAccount gets a pull secret" patch_object \
        /api/v1/namespaces/kube-system/serviceaccounts/newer '{"imagePullSecrets":[{"name":"good"}]}'
    check "a template changes that replaces no pod" patch_object \
        /apis/apps/v1/namespaces/kube-system/daemonsets/stale \
        '{"spec":{"template":{"metadata":{"annotations":{"changed":"yes"}}}}}'
    live=yes
fi
expect_exit "a missing Secret is created" 0 "$PULLMEND" apply \
    --create-secret nowhere --empty --driver missing.example.com --yes --no-wait
tell "the status after the changes is told"
stop_sim

if start_sim "$work/old.yaml"; then
    ok "a cluster with older kubelets is served"
else
    not_ok "a cluster with older kubelets is served" "$work/sim.err"
fi
tell "the status of older kubelets is told"
tell "the status is told to who may not read Secrets" --context viewer
stop_sim

"$PULLMEND" explain | sed 's/ .*//' >"$work/rules"
while read -r rule; do
    case $rule in
    account-newer-than-pods | pods-stale)
        if [ "${live-}" = yes ]; then
            check "$rule is told where it is true" grep -qx "$rule" "$work/told"
        else
            skip "$rule is told where it is true" "without curl nothing changes"
        fi
        ;;
    *) check "$rule is told where it is true" grep -qx "$rule" "$work/told" ;;
    esac
done <"$work/rules"
done_testing
