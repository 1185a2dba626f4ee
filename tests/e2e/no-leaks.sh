#!/bin/sh
# One password goes through every command that takes or meets one, at the highest verbosity. Then it
# is searched for everywhere it must not be: process list, environments, output, log, journal, files.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/registry.sh"
. "$TOP_SRCDIR/tests/e2e/secret-world.sh"

world_can_be
if ! command -v kubectl >/dev/null 2>&1; then
    skip "passwords do not leak" "kubectl is not installed"
    done_testing
fi
ulimit -c unlimited 2>/dev/null # so that a limit of 0 is the program's own
umask 077
marker=$(od -An -N18 -tx1 /dev/urandom | tr -d ' \n')
input="$work/input" # what we wrote ourselves: the only place where it may be found
mkdir -p "$input/docker" "$input/bin" "$work/home" "$work/tmp" "$work/run"
printf %s "$marker" >"$input/password"

# What is searched for: the password, and base64 of it wherever it stands in a longer text.
{
    printf '%s\n' "$marker"
    for pad in '' x xx; do
        text=$(printf %s%s "$pad" "$marker" | base64 | tr -d '\n')
        text=${text%????}
        [ -n "$pad" ] && text=${text#????}
        printf '%s\n' "$text"
    done
} >"$input/forms"

put_driver_images
start_private_registry "$marker"
mv "$scratch/htpasswd" "$input/htpasswd.copy" && cp "$input/htpasswd.copy" "$scratch/htpasswd"
mirror_scenario "$input/mirror.yaml" "$marker"
start_cluster "$input/mirror.yaml"
HOME="$work/home"
TMPDIR="$work/tmp"
XDG_STATE_HOME="$work/run/state"
XDG_CONFIG_HOME="$work/run/config"
XDG_CACHE_HOME="$work/run/cache"
PATH="$input/bin:$PATH"
export HOME TMPDIR XDG_STATE_HOME XDG_CONFIG_HOME XDG_CACHE_HOME PATH
touch "$work/begun"

# Looks at all processes again and again while the commands run.
look_at_processes() {
    grep -laF -f "$input/forms" /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null
}
mkfifo "$work/control"
X="$marker" sh -c 'read -r line' <"$work/control" &
control=$!
exec 6>"$work/control"
until look_at_processes | grep -qF "/$control/environ"; do
    kill -0 "$control" || break
done
check "an environment that holds it would be seen" kill -0 "$control"
echo >&6
wait "$control"
exec 6>&-
(
    while [ ! -e "$work/over" ]; do
        look_at_processes >>"$work/run/seen"
    done
) &
watcher=$!

commands=0
run() { # run ARGUMENT...: the password on standard input; all it says is kept
    commands=$((commands + 1))
    "$PULLMEND" "$@" -vvv --log-file "$work/run/log" <"$input/password" \
        >>"$work/run/stdout" 2>>"$work/run/stderr"
    code=$?
    echo "$code $*" >>"$work/run/codes"
    return "$code"
}
until_done() { # until_done ARGUMENT...: on a busy machine a registry may not answer in time
    for _ in 1 2 3 4 5 6; do
        run "$@" && break
    done
}

puller="--docker-server $registry --docker-username puller --docker-password-stdin"
other="--docker-server other.example.com --docker-username someone --docker-password-stdin"

# A docker configuration with the password in it, one with a helper, and broken ones.
auth=$(printf 'puller:%s' "$marker" | base64 | tr -d '\n')
printf '{"auths":{"%s":{"auth":"%s"}}}' "$registry" "$auth" >"$input/docker/config.json"
printf '{"auths":{"%s":{"auth":"%s"}' "$registry" "$auth" >"$input/docker/cut.json"
printf '{"auths":{"%s":{"auth":"%s","username":5}}}' "$registry" "$marker" >"$input/docker/odd.json"
printf '{"auths":"%s"}' "$marker" >"$input/docker/wrong.json"
printf '{"credHelpers":{"%s":"good"}}' "$registry" >"$input/docker/good.json"
printf '{"credHelpers":{"%s":"bad"}}' "$registry" >"$input/docker/bad.json"
printf '{"credHelpers":{"%s":"failing"}}' "$registry" >"$input/docker/failing.json"
cat >"$input/bin/docker-credential-good" <<END
#!/bin/sh
cat >"$work/run/helper.stdin"
env >"$work/run/helper.environment"
tr '\0' ' ' <"/proc/\$PPID/cmdline" >"$work/run/helper.parent"
printf '{"Username":"puller","Secret":"%s"}' "\$(cat "$input/password")"
END
cat >"$input/bin/docker-credential-bad" <<END
#!/bin/sh
printf '{"Username":"puller","Secret":"%s" rubbish' "\$(cat "$input/password")"
END
cat >"$input/bin/docker-credential-failing" <<END
#!/bin/sh
printf '{"Secret":"%s"}' "\$(cat "$input/password")"
exit 1
END
chmod +x "$input"/bin/*

# shellcheck disable=SC2086
{
    run secret create upcloud $puller --yes
    until_done secret create $puller --verify --use-secret --yes
    run secret create regcred $other --yes
    run secret create regcred $puller
    run secret create wrong --docker-server "$registry" --docker-username nobody \
        --docker-password-stdin --verify -n default
    run secret create filed -n default --docker-server "$registry" --docker-username puller \
        --docker-password-file "$input/password" --immutable
    run secret create Bad_Name $puller
    run secret create nowhere -n nowhere $puller
    for file in config good; do
        until_done secret create "from-$file" "--from-docker-config=$input/docker/$file.json" \
            --verify
    done
    for file in cut odd wrong bad failing; do
        run secret create "from-$file" "--from-docker-config=$input/docker/$file.json" \
            --verify
    done
    run secret create again -n default --from-secret kube-system/regcred
    run secret rotate regcred $puller --verify --yes
    run secret rotate filed -n default $puller --yes
    run secret copy kube-system/regcred --to default
    kubectl -n default create -f - >/dev/null <<END
{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "spoilt"},
 "type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson":
 "{\"auths\":{\"$registry\":{\"auth\":\"!$marker\",\"password\":\"$marker\"}}}"}}
END
    run secret verify default/spoilt
    run secret rotate default/spoilt $other --yes
    run secret verify
    run secret verify regcred default/again -o json
    run secret verify $puller -o yaml
    for format in table wide json yaml name; do
        run secret list -o "$format"
    done
    run diff --create-secret new $puller
    run apply --create-secret new $puller --use-secret new --yes
    run undo --yes
    run history -o json
    run status -o json
    run status -o wide
    run secret create x --docker-password="$(printf %s shown-by-its-user)"
}

# The same on the screen: the form with the password pasted, its test, the preview in every shape, a
# file of it, the change itself, a rotation and the way back. No screen may show it.
screen="$TOP_BUILDDIR/tests/screens/screen"
if [ -x "$screen" ]; then
    hidden="absent $marker"
    cat >"$input/leaks.screen" <<END
size 100x30
env XDG_STATE_HOME=$XDG_STATE_HOME
env XDG_CONFIG_HOME=$XDG_CONFIG_HOME
run $PULLMEND --kubeconfig $KUBECONFIG -vvv --log-file $work/run/log
test a form takes the password without showing it
wait csi-upcloud-node
keys s
wait Entries (values are never shown)
keys n
wait New registry Secret
keys <Up><Up><Up><Up><^U>from-screen<Tab><Tab><Tab><^U>$registry<Tab><^U>puller<Tab>
paste $marker
wait (typed, not shown)
$hidden
test nor do its test, the preview and an exported file
keys <^T>
wait All of them may be pulled so.
$hidden
keys <^S>
wait Nothing is written yet.
$hidden
keys w
wait .dockerconfigjson
$hidden
keys k
wait kubectl
$hidden
keys x<^U>$work/run/change.yaml<Enter>
wait Written to
test applying it shows nothing of it either
keys a
wait Type the context's name
keys demo<Enter>
wait ✓ done
keys S
wait Done.
$hidden
keys <Esc>
wait from-screen
test a rotation and the way back keep it to themselves
keys r
wait New credentials for Secret
keys <Up><^U>puller<Tab>
paste $marker
keys x<^S>
wait Nothing is written yet.
keys a
wait Type the context's name
keys demo<Enter>
wait u brings the earlier credential back
$hidden
keys u
wait Nothing is written yet.
$hidden
keys <Esc><Esc>
wait from-screen
keys L
wait GET
$hidden
END
    "$screen" "$input/leaks.screen" >"$work/run/screens" 2>&1 &
    drawing=$!
    until ! kill -0 "$drawing" 2>/dev/null; do
        for process in $(grep -laF "$work/run/log" /proc/[0-9]*/cmdline 2>/dev/null); do
            [ "$(cat "${process%cmdline}comm" 2>/dev/null)" = pullmend ] || continue
            cat "${process%cmdline}limits" >"$work/limits.now" 2>/dev/null
            # What has just ended, or has not begun yet, has none that count.
            ! grep -q '^Max core file size  *0  *0 ' "$work/limits.now" ||
                cp "$work/limits.now" "$work/screen-limits"
        done
    done
    if wait "$drawing"; then
        ok "no screen shows it, from the form to the change and back"
    else
        sed "s/$marker/[the password]/g" "$work/run/screens" >"$work/why"
        not_ok "no screen shows it, from the form to the change and back" "$work/why"
    fi
    expect_text "nor does the screen leave a core" '^Max core file size +0 +0 ' \
        "$work/screen-limits"
    check "the file of the preview is there to be searched" grep -q from-screen \
        "$work/run/change.yaml"
else
    skip "no screen shows it" "the screen tests are not built"
fi
touch "$work/over"
wait "$watcher"

# The log, at its most talkative, said something; so did the commands.
check "every command ran" test "$(wc -l <"$work/run/codes")" -eq "$commands"
cat "$work/run/codes" >"$work/codes"
expect_text "one made the Secret" '^0 secret create --docker-server' "$work/codes"
expect_text "one took it from docker's file" '^0 secret create from-config' "$work/codes"
expect_text "one from a helper" '^0 secret create from-good' "$work/codes"
expect_text "one was refused by the registry" '^4 secret create wrong' "$work/codes"
expect_text "a broken file was refused" '^3 secret create from-cut' "$work/codes"
expect_text "a helper's rubbish was refused" '^2 secret create from-bad' "$work/codes"
expect_text "requests were logged" 'GET|PATCH|POST' "$work/run/log"
expect_text "the journal was written" . "$(find "$XDG_STATE_HOME" -type f | head -1)"
expect_text "the helper saw the registry only" "^$registry\$" "$work/run/helper.stdin"
refuse_text "a password on the command line is not taken, nor repeated" 'shown-by-its-user' \
    "$work/run/stderr"

# While a question waits for its answer, the password lies in memory: the process is looked at then.
if command -v script >/dev/null 2>&1; then
    mkfifo "$work/keys"
    TERM=dumb script -qefc "$PULLMEND secret create regcred --docker-server third.example.com \
--docker-username someone -vvv --log-file $work/run/log" "$work/run/terminal" \
        <"$work/keys" >/dev/null 2>&1 &
    asking=$!
    servers="$servers $asking"
    exec 7>"$work/keys"
    wait_for 'Password: ' "$work/run/terminal" "$asking"
    cat "$input/password" >&7
    echo >&7
    wait_for 'Type the context' "$work/run/terminal" "$asking"
    check "the question came" grep -q 'Type the context' "$work/run/terminal"
    look_at_processes >>"$work/run/seen"
    for process in $(grep -laF third.example.com /proc/[0-9]*/cmdline 2>/dev/null); do
        [ "$(cat "${process%cmdline}comm" 2>/dev/null)" = pullmend ] &&
            cp "${process%cmdline}limits" "$work/limits"
    done
    expect_text "the program leaves no core" '^Max core file size +0 +0 ' "$work/limits"
    echo demo >&7
    wait "$asking"
    exec 7>&-
    expect_text "the typed password was used" 'Secret kube-system/regcred: changed' \
        "$work/run/terminal"
else
    skip "a typed password is not echoed" "script is not installed"
fi

# The search. A control first: what is found nowhere because nothing is searched proves nothing.
check "the search finds what is there" grep -qaF -f "$input/forms" "$input/docker/config.json"
search() { # search NAME PLACE...: what is found is shown with the password struck out
    search_name=$1
    shift
    if grep -raF -f "$input/forms" "$@" 2>/dev/null |
        sed "s/$marker/[the password]/g" | cut -c -300 | grep . >"$work/found"; then
        not_ok "$search_name" "$work/found"
    else
        ok "$search_name"
    fi
}
if [ -s "$work/run/seen" ]; then
    not_ok "no process shows it in its arguments or environment" "$work/run/seen"
else
    ok "no process shows it in its arguments or environment"
fi
search "standard output does not hold it" "$work/run/stdout"
search "standard error does not hold it" "$work/run/stderr"
search "the log does not hold it" "$work/run/log"
search "the journal does not hold it" "$XDG_STATE_HOME"
search "a helper is given nothing of it" "$work/run/helper.environment" "$work/run/helper.parent"
search "no screen's dump and no message of it holds it" "$work/run/screens" "$work/run/change.yaml"
search "no file in its folders holds it" "$work/run" "$work/home" "$work/tmp"
find "${work%/*}" /tmp /var/tmp /dev/shm -newer "$work/begun" -type f -size -20000k \
    ! -path "$input/*" 2>/dev/null |
    while IFS= read -r file; do
        grep -laF -f "$input/forms" "$file" 2>/dev/null
    done >"$work/found"
check "nor does any other new file" test ! -s "$work/found"
exec 8>&-
done_testing
