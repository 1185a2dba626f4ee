# Sourced by the end-to-end tests, after lib.sh: a simulated cluster of its own for each test.
sim_pid=
cleanup() { [ -z "$sim_pid" ] || kill "$sim_pid" 2>/dev/null; }

if [ ! -x "$PULLMEND_SIM" ]; then
    echo "1..0 # SKIP this build has no simulator"
    exit 0
fi

HOME=$work
XDG_CONFIG_HOME=$work/config
XDG_STATE_HOME=$work/state
LC_ALL=C.UTF-8
export HOME XDG_CONFIG_HOME XDG_STATE_HOME LC_ALL
unset KUBECONFIG NO_COLOR http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy

# start_sim [FLAG...]: serves until the test ends; KUBECONFIG names it
start_sim() {
    stop_sim
    rm -f "$work/ready" "$work/kubeconfig"
    "$PULLMEND_SIM" --print-ready --kubeconfig "$work/kubeconfig" "$@" >"$work/ready" 2>"$work/sim.log" &
    sim_pid=$!
    until [ -s "$work/ready" ]; do
        if ! kill -0 "$sim_pid" 2>/dev/null; then
            sed 's/^/# /' "$work/sim.log"
            echo "Bail out! the simulator did not start"
            exit 99
        fi
        sleep 0.05
    done
    KUBECONFIG=$work/kubeconfig
    export KUBECONFIG
}

stop_sim() {
    if [ -n "$sim_pid" ]; then
        kill "$sim_pid" 2>/dev/null
        wait "$sim_pid" 2>/dev/null
        sim_pid=
    fi
}

# end_sim: stops it and counts as a test that it ended well: with a sanitizer, without a leak
end_sim() {
    [ -n "$sim_pid" ] || return 0
    kill "$sim_pid" 2>/dev/null
    wait "$sim_pid"
    sim_code=$?
    sim_pid=
    if [ "$sim_code" -eq 0 ]; then
        ok "the simulated cluster ends cleanly"
    else
        echo "exit $sim_code" >"$work/why"
        not_ok "the simulated cluster ends cleanly" "$work/why" "$work/sim.log"
    fi
}
