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
start_sim --scenario kubespray-upcloud --speed 240
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
start_sim --scenario kubespray-upcloud --speed 240
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
start_sim --scenario kubespray-upcloud --speed 240
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

# --- Drop, watch, undo, watch -----------------------------------------------------------------------
start_sim --scenario kubespray-upcloud --speed 240
specs >"$work/before"
expect_exit "references are dropped, and the warnings watched" 0 "$PULLMEND" apply --drop-reference --yes
expect_text "their end is said after two sync periods" 'two sync periods.*have ended' "$work/out"
specs >"$work/after"
refuse_text "no reference is left" 'regcred' "$work/after"
expect_exit "the change is taken back, and watched" 0 "$PULLMEND" undo --yes
expect_text "to the end of its rollout" 'DaemonSet kube-system/csi-upcloud-node: rolled out' "$work/out"
specs >"$work/after"
check "specs and last-applied are as they were, byte by byte" same "$work/before" "$work/after"

# --- Interrupted ------------------------------------------------------------------------------------
# The StatefulSet is changed, the DaemonSet's answer never seen.
interrupt() {
    rm -rf "$XDG_STATE_HOME"
    start_sim --scenario kubespray-upcloud --speed 240
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

done_testing
