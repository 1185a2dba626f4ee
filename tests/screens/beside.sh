# Sourced by `shell` steps: the simulated cluster beside the program under test, and what befalls it.
driver=$TOP_BUILDDIR/tests/e2e/kube-driver
KUBECONFIG=$WORK/kubeconfig
export KUBECONFIG

sim() { # sim [FLAG...]: serves until the script ends
    rm -f "$WORK/ready" "$KUBECONFIG"
    "$PULLMEND_SIM" --print-ready --kubeconfig "$KUBECONFIG" "$@" >"$WORK/ready" 2>"$WORK/sim.log" &
    echo $! >>"$WORK/pids"
    echo $! >"$WORK/sim.pid"
    until [ -s "$WORK/ready" ]; do
        kill -0 "$(cat "$WORK/sim.pid")" 2>/dev/null || return 1
        sleep 0.1
    done
}

send() { # send SIGNAL: to the simulator
    kill -"$1" "$(cat "$WORK/sim.pid")"
}

fault() { # fault JSON
    "$driver" post /sim/faults "$1"
}

restart() { # restart [MILLISECONDS]: every connection is cut, also the one that asks for it
    "$driver" post /sim/faults "{\"kind\":\"restart\",\"milliseconds\":${1:-0}}"
    return 0
}

