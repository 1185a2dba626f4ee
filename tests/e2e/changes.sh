#!/bin/sh
# Changes by command: exports, an own diff program, ServiceAccounts, owners, and what is offered after
# the program was killed in the midst of an apply.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"
driver=$TOP_BUILDDIR/tests/e2e/kube-driver
TMPDIR=$work/tmp
mkdir "$TMPDIR"
export TMPDIR

workload() { # workload RESOURCE NAME: spec and last-applied of the stored object, byte by byte
    "$driver" show "/apis/apps/v1/namespaces/kube-system/$1/$2" /spec \
        /metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration
}

specs() {
    workload statefulsets csi-upcloud-controller
    workload daemonsets csi-upcloud-node
}

wait_until() { # wait_until COMMAND...: 60 s at most
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 600 ] || return 1
        sleep 0.1
    done
}

account() {
    "$driver" show /api/v1/namespaces/kube-system/serviceaccounts/csi-upcloud-node-sa /imagePullSecrets
}

same() { cmp "$1" "$2"; }
is_empty() { [ -z "$(ls -A "$1")" ] || { ls -lR "$1"; return 1; }; }
fault() { "$driver" post /sim/faults "$1" >"$work/fault.out" 2>&1 || not_ok "the fault $1" "$work/fault.out"; }

# --- Export -----------------------------------------------------------------------------------------
start_sim --scenario kubespray-upcloud --speed 240 --event-speed 240
specs >"$work/before"
expect_text "the specs were read" '"imagePullSecrets":\[\{"name":"regcred"\}\]' "$work/before"
expect_exit "the desired objects as YAML" 1 "$PULLMEND" diff --drop-reference -o yaml
expect_text "both are there" '^kind: DaemonSet' "$work/out"
refuse_text "without the reference" 'regcred' "$work/out"
expect_exit "the JSON patches" 1 "$PULLMEND" diff --drop-reference -o patch
expect_text "guarded by version" '"op":"test","path":"/metadata/resourceVersion"' "$work/out"
expect_text "and by the list that was seen" \
    '"op":"test","path":"/spec/template/spec/imagePullSecrets","value":\[\{"name":"regcred"\}\]' \
    "$work/out"
expect_exit "the equivalent kubectl commands" 1 "$PULLMEND" diff --drop-reference -o commands
expect_text "a patch of each object" '^kubectl patch daemonsets.apps -n kube-system csi-upcloud-node' \
    "$work/out"
cp "$work/out" "$work/commands"
expect_exit "another format is refused by name" 2 "$PULLMEND" diff --drop-reference -o wide
expect_text "with those that there are" 'yaml, patch and commands' "$work/err"
if kubectl version --client >/dev/null 2>&1; then
    check "the commands do what was previewed" sh "$work/commands"
    expect_exit "so nothing is left to do" 0 "$PULLMEND" diff --drop-reference
    specs >"$work/after"
    refuse_text "no workload names regcred any more" 'regcred' "$work/after"
else
    skip "the commands do what was previewed" "there is no kubectl here"
fi

# --- An own diff program -----------------------------------------------------------------------------
start_sim --scenario kubespray-upcloud --speed 240 --event-speed 240
cat >"$work/show" <<'EOF'
#!/bin/sh
ls -ld "$1/.." "$1"/* "$2"/* >"$OUT.modes"
cat "$1"/* "$2"/* >"$OUT.files" 2>/dev/null
printf '%s\n' "$@" >"$OUT.args"
[ -z "$HOLD" ] || { touch "$OUT.holds"; exec sleep 600; }
exit "${CODE:-1}"
EOF
chmod +x "$work/show"
OUT=$work/external
export OUT
printf 'very-s3cret' >"$work/password"
printf 'not-a-real-password' >"$work/mirror-password"
secret_change() {
    KUBECTL_EXTERNAL_DIFF="$work/show -u --x=1 a;b" "$PULLMEND" diff --create-secret regcred \
        --docker-server ghcr.io --docker-username robot --docker-password-file "$work/password"
}
expect_exit "differences of an own program are exit 1" 1 secret_change
expect_text "it gets flags as kubectl splits them" '^--x=1$' "$OUT.args"
refuse_text "and no others" ';' "$OUT.args"
expect_text "behind the two folders" 'LIVE$' "$OUT.args"
expect_text "the folder is private" '^drwx------' "$OUT.modes"
refuse_text "the files too" '^-rw.?[rwx]' "$OUT.modes"
expect_text "they hold the object" '^kind: Secret' "$OUT.files"
expect_text "with masked values" 'bytes, sha256' "$OUT.files"
refuse_text "and none in clear" "$(printf 'robot:very-s3cret' | base64 | cut -c1-20)|very-s3cret|eyJhdXRocyI6" \
    "$OUT.files"
check "nothing is left of the files" is_empty "$TMPDIR"
CODE=3
export CODE
expect_exit "its own failure stays its own" 3 secret_change
unset CODE
HOLD=1 KUBECTL_EXTERNAL_DIFF=$work/show "$PULLMEND" diff --drop-reference >/dev/null 2>&1 &
pid=$!
check "a program that takes its time" wait_until test -e "$OUT.holds"
kill -INT "$pid"
wait "$pid"
check "is ended by ^C, exit 130" test "$?" = 130
check "and nothing is left of the files then" is_empty "$TMPDIR"
if kubectl version --client >/dev/null 2>&1; then
    cat >"$work/words" <<'EOF'
#!/bin/sh
shift 2
printf '%s\n' "$@" >"$OUT.words"
exit 1
EOF
    chmod +x "$work/words"
    cat >"$work/map.yaml" <<'EOF'
apiVersion: v1
kind: ConfigMap
metadata: {name: m, namespace: kube-system}
data: {a: "1"}
EOF
    for flags in '-u -N' '--a=b  -c' 'x a.b $(id) "q" -0' ' -z '; do
        KUBECTL_EXTERNAL_DIFF="$work/words $flags" kubectl diff -f "$work/map.yaml" >/dev/null 2>&1
        mv "$OUT.words" "$work/theirs"
        KUBECTL_EXTERNAL_DIFF="$work/words $flags" "$PULLMEND" diff -f "$work/map.yaml" >/dev/null 2>&1
        check "kubectl hands over the same words of: $flags" same "$work/theirs" "$OUT.words"
    done
else
    skip "kubectl hands over the same words" "there is no kubectl here"
fi

# --- ServiceAccounts --------------------------------------------------------------------------------
start_sim --scenario kubespray-upcloud --speed 240 --event-speed 240
expect_exit "a Secret is made" 0 "$PULLMEND" secret create mirror -n kube-system --docker-server ghcr.io \
    --docker-username robot --docker-password-file "$work/password" --yes --no-wait
expect_exit "it is attached to the pods' ServiceAccounts" 0 \
    "$PULLMEND" apply --attach-serviceaccount mirror --yes
account >"$work/account"
expect_text "the account names it" '^\[\{"name":"mirror"\}\]$' "$work/account"
expect_exit "every pod got it" 0 "$PULLMEND" status -o json
expect_text "from its ServiceAccount" '"source":[[:space:]]*"serviceaccount"' "$work/out"
refuse_text "and regcred is gone" '"name":[[:space:]]*"regcred"' "$work/out"
expect_exit "all of it is taken back" 0 "$PULLMEND" undo --yes
account >"$work/account"
expect_text "the account's list too" '^none$' "$work/account"

expect_exit "a driver that is not there is no success" 2 \
    "$PULLMEND" apply --drop-reference --driver nosuch --yes
expect_text "but named" '--driver nosuch: this cluster has no such CSI driver' "$work/err"
expect_exit "a role of Kubespray's names one, too" 1 "$PULLMEND" diff --drop-reference --driver upcloud
expect_exit "a Secret and where it is attached are one name" 2 \
    "$PULLMEND" diff --create-secret one --attach-serviceaccount other --empty
expect_text "which is said before any cluster is asked" 'must name the same Secret' "$work/err"
expect_exit "a Secret is made and attached in one change" 0 \
    "$PULLMEND" apply --create-secret regcred --attach-serviceaccount regcred \
    --docker-server ghcr.io --docker-username robot --docker-password-file "$work/password" --yes
expect_text "whose accounts reach only pods without a list of their own" \
    'has no list of its own gets its pull secrets' "$work/err"
sed -n 's/^\(.*\): \(created\|changed\)$/\1/p' "$work/out" | cut -d' ' -f1 | uniq | tr '\n' ' ' >"$work/order"
expect_text "Secret, accounts, workloads: in that order" '^Secret ServiceAccount StatefulSet DaemonSet $' \
    "$work/order"
account >"$work/account"
expect_text "the account names the new Secret" '^\[\{"name":"regcred"\}\]$' "$work/account"
expect_exit "all of it is one entry to take back" 0 "$PULLMEND" undo --yes
account >"$work/account"
expect_text "with the account's list" '^none$' "$work/account"
expect_exit "the Secret is gone again" 4 "$driver" show /api/v1/namespaces/kube-system/secrets/regcred /type

# --- Drop, watch, undo, watch -----------------------------------------------------------------------
start_sim --scenario kubespray-upcloud --speed 240 --event-speed 240
specs >"$work/before"
expect_exit "references are dropped, and the warnings watched" 0 "$PULLMEND" apply --drop-reference --yes
expect_text "their end is said after two sync periods" 'two sync periods.*have ended' "$work/out"
specs >"$work/after"
refuse_text "no reference is left" 'regcred' "$work/after"
expect_exit "the change is taken back, and watched" 0 "$PULLMEND" undo --yes
expect_text "to the end of its rollout" 'DaemonSet kube-system/csi-upcloud-node: rolled out' "$work/out"
specs >"$work/after"
check "specs and last-applied are as they were, byte by byte" same "$work/before" "$work/after"

# The same by screen.
screen() { # screen NAME: runs $work/NAME.screen; its tests are counted as one
    "$TOP_BUILDDIR/tests/screens/screen" "$work/$1.screen" >"$work/screen.log" 2>&1
}
begin_screen() { # begin_screen NAME: what every script begins with
    cat >"$work/$1.screen" <<EOF
size 80x24
env KUBECONFIG=$KUBECONFIG
env XDG_STATE_HOME=$XDG_STATE_HOME
EOF
    cat >>"$work/$1.screen"
}
if [ -x "$TOP_BUILDDIR/tests/screens/screen" ]; then
    start_sim --scenario kubespray-upcloud --speed 240 --event-speed 240
    specs >"$work/before"
    begin_screen both-ways <<'EOF'
run $PULLMEND
test references are dropped and watched
wait 6 broken
keys f
wait 1 drop the reference
keys 1
wait Nothing is written yet.
keys a
wait Type the context's name (demo) to apply:
keys nonsense<Enter>
wait Not the context's name: nothing was applied.
keys ademo<Enter>
wait Done.
wait two sync periods
test they are taken back and watched
keys u
wait Nothing is written yet.
keys ademo<Enter>
wait Done.
match DaemonSet csi-upcloud-node .*5/5 updated 5 ready
EOF
    check "by screen references are dropped, watched, brought back and watched" screen both-ways
    grep -q '^not ok' "$work/screen.log" && sed 's/^/# /' "$work/screen.log"
    specs >"$work/after"
    check "and specs and last-applied are as they were, byte by byte" same "$work/before" "$work/after"
else
    skip "by screen too" "this build has no terminal emulator"
fi

# --- Interrupted ------------------------------------------------------------------------------------
# The StatefulSet is changed, the DaemonSet's answer never seen.
interrupt() {
    rm -rf "$XDG_STATE_HOME"
    start_sim --scenario kubespray-upcloud --speed 240 --event-speed 240
    specs >"$work/before"
    fault '{"kind":"latency","milliseconds":600000,"method":"PATCH","path":"csi-upcloud-node?","without":"dryRun"}'
    "$PULLMEND" apply --drop-reference --yes >/dev/null 2>"$work/apply.err" &
    apply=$!
    wait_until sh -c '"$PULLMEND" history -o json | tr -d " \n\t" |
        grep -q "csi-upcloud-node\",\"progress\":\"sent"' ||
        not_ok "the DaemonSet's patch is sent" "$work/apply.err"
    kill -KILL "$apply"
    wait "$apply" 2>/dev/null
    "$driver" delete /sim/faults >/dev/null 2>&1
    id=$("$PULLMEND" history -o json | sed -n 's/.*"id":[[:space:]]*"\([^"]*\)".*/\1/p' | head -1)
}
export PULLMEND

interrupt
expect_exit "history names what was interrupted" 0 "$PULLMEND" history
expect_text "in words" "$id .*applying \(interrupted\)" "$work/out"
expect_exit "the next preview tells of it" 1 "$PULLMEND" diff --use-secret other
expect_text "what was done" 'StatefulSet kube-system/csi-upcloud-controller: done' "$work/err"
expect_text "what nobody knows" 'DaemonSet kube-system/csi-upcloud-node: sent, no answer seen' "$work/err"
expect_text "and the ways out" "pullmend resume $id" "$work/err"
expect_exit "resume finishes it" 0 "$PULLMEND" resume --yes
specs >"$work/after"
refuse_text "every reference is gone" 'regcred' "$work/after"
expect_exit "then nothing is interrupted any more" 4 "$PULLMEND" resume --yes
expect_exit "and undo takes back all of it" 0 "$PULLMEND" undo --yes
specs >"$work/after"
check "to the byte" same "$work/before" "$work/after"

interrupt
expect_exit "undo takes back what was done of it" 0 "$PULLMEND" undo "$id" --yes
specs >"$work/after"
check "to the byte as well" same "$work/before" "$work/after"

interrupt
specs >"$work/half"
expect_exit "leave leaves it" 0 "$PULLMEND" leave
expect_text "and says how to take it back all the same" "pullmend undo $id" "$work/out"
specs >"$work/after"
check "nothing is written to the cluster" same "$work/half" "$work/after"
expect_exit "it is not offered again" 1 "$PULLMEND" diff --use-secret other
refuse_text "with no word" 'interrupted' "$work/err"
expect_exit "who leaves it twice is told" 4 "$PULLMEND" leave "$id"
expect_exit "undo by its id still works" 0 "$PULLMEND" undo "$id" --yes
specs >"$work/after"
check "and brings every byte back" same "$work/before" "$work/after"

# What a person at a terminal is asked at the next apply, and sees at the next start of the screen.
if [ -x "$TOP_BUILDDIR/tests/screens/screen" ]; then
    interrupt
    begin_screen offer <<'EOF'
run $PULLMEND apply --use-secret other
test the next apply offers the ways out
wait An earlier change was interrupted
wait r finishes it, u takes it back
keys x<Enter>
wait nothing was changed
exit 2
run $PULLMEND apply --use-secret other
test and takes back what was done
wait r finishes it, u takes it back
keys u<Enter>
wait Type the context's name (demo) to go on:
keys demo<Enter>
wait what you asked for was not begun
exit 0
EOF
    check "at a terminal the next apply offers resume, undo and leave" screen offer
    grep -q '^not ok' "$work/screen.log" && sed 's/^/# /' "$work/screen.log"
    specs >"$work/after"
    check "undo from there brings every byte back" same "$work/before" "$work/after"
    interrupt
    begin_screen start <<'EOF'
run $PULLMEND
test the next start shows what was interrupted
wait r finishes it, u takes it back, l leaves it so.
wait DaemonSet kube-system/csi-upcloud-node: sent, no answer
test and finishes it
keys r
wait Nothing is written yet.
keys ademo<Enter>
wait Done.
keys <Esc>
wait ✓ done
keys <Esc>
wait 6 pods
keys q
exit 0
EOF
    check "the screen begins with what was interrupted, and finishes it" screen start
    grep -q '^not ok' "$work/screen.log" && sed 's/^/# /' "$work/screen.log"
    expect_exit "then nothing is interrupted" 4 "$PULLMEND" leave
fi

# --- Owners -----------------------------------------------------------------------------------------
start_sim --scenario gitops --speed 240 --event-speed 240
specs >"$work/before"
expect_exit "--yes alone does not override Argo CD" 2 "$PULLMEND" apply --drop-reference --yes
expect_text "which is said with its consequence" 'Argo CD application storage will set this back' \
    "$work/err"
expect_text "and with the flag that does" 'override-owner argocd' "$work/err"
expect_exit "another owner's name does not either" 2 \
    "$PULLMEND" apply --drop-reference --yes --override-owner helm
expect_exit "nor take over its fields" 2 \
    "$PULLMEND" apply --drop-reference --yes --override-owner argocd
expect_text "each of which is named" \
    'conflict with "argocd-controller": .spec.template.spec.imagePullSecrets\[name="regcred"\]' "$work/err"
expect_text "with the ways out" 'Three ways out' "$work/err"
specs >"$work/after"
check "nothing was written so far" same "$work/before" "$work/after"
expect_exit "confirmed one by one it is done" 0 \
    "$PULLMEND" apply --drop-reference --yes --override-owner argocd --force-conflicts --no-wait
specs >"$work/after"
refuse_text "the references are gone" 'regcred' "$work/after"

# --- Large ------------------------------------------------------------------------------------------
start_sim --scenario large --nodes 200 --speed 60
expect_exit "where hundreds of pods would roll" 1 "$PULLMEND" status
expect_text "what restarts none is offered first" '^  1 create regcred without entries' "$work/out"
expect_exit "the preview of the others" 1 "$PULLMEND" diff --drop-reference
expect_text "says how long it takes, and what does without a restart" \
    'rollout takes about [0-9]+[mh].*without entries.*--create-secret regcred --empty' "$work/err"

# --- Rollouts that stand still ----------------------------------------------------------------------
start_sim --scenario private-mirror --speed 240 --event-speed 240
"$PULLMEND" status -o json >"$work/status" 2>/dev/null
mirror=$(grep -o '127\.0\.0\.1:[0-9]*/' "$work/status" | head -1)
mirror=${mirror%/}
expect_exit "a Secret that the registry takes" 0 "$PULLMEND" secret create good -n kube-system \
    --docker-server "$mirror" --docker-username puller \
    --docker-password-file "$work/mirror-password" --yes --no-wait
"$PULLMEND" apply --use-secret good --yes >"$work/rolls.out" 2>"$work/rolls.err" &
apply=$!
check "a StatefulSet that waits for its broken old pod is recognised" \
    wait_until grep -q 'has the old template and cannot start' "$work/rolls.err"
expect_text "with the cure" 'kubectl delete pod -n kube-system csi-upcloud-controller-0' "$work/rolls.err"
expect_text "and the ways out" 'pods do not come up: .C stops the waiting, pullmend undo' "$work/rolls.err"
"$driver" delete /api/v1/namespaces/kube-system/pods/csi-upcloud-controller-0 >/dev/null 2>&1
wait "$apply"
check "once the pod is gone it rolls out" test "$?" = 0

if [ -x "$TOP_BUILDDIR/tests/screens/screen" ]; then
    start_sim --scenario private-mirror --speed 240 --event-speed 240
    specs >"$work/before"
    "$PULLMEND" status -o json >"$work/status" 2>/dev/null
    mirror=$(grep -o '127\.0\.0\.1:[0-9]*/' "$work/status" | head -1)
    expect_exit "a Secret that the registry does not take" 0 "$PULLMEND" secret create wrong \
        -n kube-system --docker-server "${mirror%/}" --docker-username puller \
        --docker-password-file "$work/password" --yes --no-wait
    begin_screen hold <<'EOF'
run $PULLMEND
test pods that do not come up are said at once, in the registry's words
wait 6 broken
keys f
wait use Secret wrong
keys 2
wait kube-system/wrong
keys <Enter>
wait Nothing is written yet.
keys ademo<Enter>
wait Pods do not come up: u takes the change back, p holds it where it is.
wait has the old template
wait cannot pull:
wait 401 Unauthorized
test a key holds the rollout where it is
keys p
wait Held where it is: p lets it go on, u takes the change back.
wait held: 0 of 1 pods have the new template
keys p
wait Pods do not come up: u takes the change back
keys p
wait Held where it is
test undo takes the change back, and what held it
keys u
wait Undo: Use Secret wrong
wait Nothing is written yet.
keys ademo<Enter>
absent Nothing is written yet.
wait Undo: Use Secret wrong
wait StatefulSet csi-upcloud-controller
EOF
    check "by screen a rollout that fails is said, held, let go on and taken back" screen hold
    grep -q '^not ok' "$work/screen.log" && sed 's/^/# /' "$work/screen.log"
    wait_until sh -c '"$PULLMEND" history -o json | tr -d " \n\t" | grep -q "\"state\":\"undone\""'
    specs >"$work/after"
    check "to the byte, the strategy too" same "$work/before" "$work/after"

    start_sim --scenario kubespray-upcloud --speed 0.3
    begin_screen left-held <<'EOF'
run $PULLMEND
test a rollout is held, and the program killed
wait 6 broken
keys f
wait 1 drop the reference
keys 1
wait Nothing is written yet.
keys ademo<Enter>
wait of 5 pods have the new template
keys p
wait Held where it is: p lets it go on
match held: . of 5 pods have the new template
keys <Esc>
wait The rollout is held, and stays so
signal KILL
test the next start tells of it, and a key lets it go on
run $PULLMEND
wait Its rollout is held where it is: r lets it go on
keys r
wait Let it go on: Drop the reference
wait OnDelete
keys ademo<Enter>
match [1-5] of 5 (pods have the new template|updated)
keys S
wait Not waited for the end
EOF
    check "by screen a rollout that was left held is found and let go on" screen left-held
    grep -q '^not ok' "$work/screen.log" && sed 's/^/# /' "$work/screen.log"
    "$PULLMEND" history -o json >"$work/history.json" 2>"$work/err"
    refuse_text "nothing counts as held any more" '"held":[[:space:]]*true' "$work/history.json"
fi

done_testing
