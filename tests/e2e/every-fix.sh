#!/bin/sh
# The first way out that each rule offers does what it says: its command, run as it is printed, makes
# the finding go.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"
. "$TOP_SRCDIR/tests/e2e/rules-world.sh"

cp -R "$TOP_SRCDIR/tests/kubespray/checkout" "$work/ks"
chmod -R u+w "$work/ks"
rm "$work/ks/roles/kubernetes-apps/csi_driver/upcloud/templates/layers.yml.j2" # no manifest
pullmend() { "$PULLMEND" "$@"; }

# The finding's first command, from the indented JSON in $work/status.
first_command() { # first_command RULE DRIVER
    awk -v rule="$1" -v driver="$2" '
        function value(line) { sub(/^[^:]*:[ \t]*"/, "", line); sub(/",?[ \t]*$/, "", line); return line }
        /"rule":/ { here = value($0) == rule; mine = 0 }
        here && /"driver":/ { mine = value($0) == driver }
        here && mine && /"command":/ { print value($0); exit }' "$work/status"
}

findings() { # findings RULE DRIVER: how many pods it is true of
    awk -v rule="$1" -v driver="$2" '
        function value(line) { sub(/^[^:]*:[ \t]*"?/, "", line); sub(/"?,?[ \t]*$/, "", line); return line }
        /"rule":/ { here = value($0) == rule; mine = 0 }
        here && /"driver":/ { mine = value($0) == driver }
        here && mine && /"pods":/ { pods += value($0); mine = 0 }
        END { print pods + 0 }' "$work/status"
}

look() { pullmend status -o json >"$work/status" 2>"$work/err" || [ $? = 1 ]; }

gone() { # gone RULE DRIVER BEFORE: fewer pods than before, once the nodes have come round to it
    tries=0
    while look && [ "$(findings "$1" "$2")" -ge "$3" ]; do
        tries=$((tries + 1))
        [ $tries -lt 120 ] || return 1
        sleep 0.5
    done
}

# run COMMAND: as a person would, with the words in capitals replaced and the password typed
run() {
    run_command=$(printf '%s\n' "$1" |
        sed "s| USER | puller |; s| NAME | good |; s| DIR | $work/ks |")
    case $run_command in pullmend*) run_command="$run_command --yes" ;; esac
    printf 'not-a-real-password\n' | PATH="$work/bin:$PATH" sh -c "$run_command" \
        >"$work/out" 2>"$work/err"
}

mkdir "$work/bin"
ln -s "$PULLMEND" "$work/bin/pullmend"

# begin: a fresh cluster in which every fault is there
begin() {
    start_sim --scenario "$work/rules.yaml" --speed 600 --event-speed 600
    if command -v curl >/dev/null 2>&1; then
        patch_object /api/v1/namespaces/kube-system/serviceaccounts/newer \
            '{"imagePullSecrets":[{"name":"good"}]}' >"$work/out" || return 1
    fi
    used=" "
    look
}

# find RULE: a driver with that finding that offers a command, and no one has mended yet
find() {
    for try_driver in $drivers; do
        case $used in *" $try_driver "*) continue ;; esac
        try_command=$(first_command "$1" "$try_driver")
        [ -z "$try_command" ] || return 0
    done
    return 1
}

# try RULE: the first command of a finding of it
try() {
    if ! "$PULLMEND" explain "$1" | grep -q '^Ways out:'; then
        for driver in $drivers; do
            first_command "$1" "$driver"
        done >"$work/why"
        check "$1 offers no way out on its page and none in a finding" [ ! -s "$work/why" ]
        return
    fi
    if ! find "$1"; then
        check "a fresh cluster" begin
        if ! find "$1"; then
            not_ok "$1 offers the way out that its page tells of" "$work/status"
            return
        fi
    fi
    used="$used$try_driver "
    case $try_command in
    kubectl*)
        if ! command -v kubectl >/dev/null 2>&1; then
            skip "$1: $try_command" "kubectl is not installed"
            return
        fi
        ;;
    esac
    before=$(findings "$1" "$try_driver")
    echo "$try_command" >"$work/why"
    if ! run "$try_command"; then
        not_ok "$1: its command is carried out" "$work/why" "$work/out" "$work/err"
        return
    fi
    case $try_command in
    *"kubespray fix"*)
        check "$1: $try_command" "$PULLMEND" kubespray check --kubespray "$work/ks" \
            --driver "$try_driver"
        return
        ;;
    esac
    if gone "$1" "$try_driver" "$before"; then
        ok "$1: $try_command"
    else
        not_ok "$1: its command makes the finding go" "$work/why" "$work/out" "$work/err"
    fi
}

check "a cluster in which every fault is there" begin
drivers=$(sed -n 's/^ *"driver": "\(.*\)",$/\1/p' "$work/status" | sort -u)
"$PULLMEND" explain | sed 's/ .*//' >"$work/rules"
while read -r rule; do
    try "$rule"
done <"$work/rules"
end_sim
done_testing
