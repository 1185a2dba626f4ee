#!/bin/sh
# Manifests as people have them: each is applied as kubectl applies it, or refused in one line that says
# where and why.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"
driver=$TOP_BUILDDIR/tests/e2e/kube-driver
maps() { "$driver" show "/api/v1/namespaces/$1/configmaps/$2" "$3"; }
is() { [ "$1" = "$2" ] || { echo "got '$1', expected '$2'"; return 1; }; }
one_line() { [ "$(wc -l <"$work/err")" = 1 ] || cat "$work/err"; }
apply() { "$PULLMEND" apply -f "$1" --yes --no-wait; }

start_sim --scenario kubespray-upcloud

cat >"$work/doubled.yaml" <<'EOF'
apiVersion: v1
kind: ConfigMap
metadata: {name: doubled, namespace: kube-system}
data:
  a: "1"
  a: "2"
EOF
expect_exit "of a doubled key the last counts, as for kubectl" 0 apply "$work/doubled.yaml"
expect_text "and it is told where it stands" \
    '^warning: .*/doubled.yaml:6:3: the key "a" stands in this map twice \(first in line 5\)' "$work/err"
check "which is what is stored" is "$(maps kube-system doubled /data)" '{"a":"2"}'
printf '{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"1","a":"2"},\n"metadata":{"name":"json","namespace":"kube-system"}}\n' \
    >"$work/doubled.json"
expect_exit "so it is in JSON" 0 apply "$work/doubled.json"
expect_text "with its place" '^warning: .*/doubled.json:1:[0-9]+: the key "a"' "$work/err"
check "the last counts there too" is "$(maps kube-system json /data)" '{"a":"2"}'

cat >"$work/misspelt.yaml" <<'EOF'
apiVersion: v1
kind: ServiceAccount
metadata: {name: misspelt, namespace: kube-system}
imagePullSecret: [{name: regcred}]
EOF
expect_exit "a field that the server does not know is refused, as kubectl refuses it" 4 \
    apply "$work/misspelt.yaml"
expect_text "by its name" 'unknown field "imagePullSecret"' "$work/err"

cat >"$work/anchors.yaml" <<'EOF'
apiVersion: v1
kind: ConfigMap
metadata:
  name: anchored
  namespace: kube-system
  labels: &labels {x: "1"}
data:
  <<: *labels
  b: "2"
EOF
expect_exit "anchors, aliases and merge keys are followed" 0 apply "$work/anchors.yaml"
check "as YAML says" is "$(maps kube-system anchored /data)" '{"b":"2","x":"1"}'

{
    echo 'a: &a ["x","x","x","x","x","x","x","x","x"]'
    before=a
    for name in b c d e f g h i; do
        echo "$name: &$name [*$before,*$before,*$before,*$before,*$before,*$before,*$before,*$before]"
        before=$name
    done
} >"$work/bomb.yaml"
expect_exit "aliases that multiply are refused" 3 apply "$work/bomb.yaml"
expect_text "with their place" 'bomb.yaml:[0-9]+:[0-9]+: aliases copy too much' "$work/err"

printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: tabs\n' >"$work/tabs.yaml"
expect_exit "a tab as indent is refused" 3 apply "$work/tabs.yaml"
expect_text "with its place and what to do" 'tabs.yaml:4:1: .*indent with blanks' "$work/err"
check "in one line" one_line

{
    printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big, namespace: kube-system}\ndata:\n  big: |\n'
    awk 'BEGIN { for (i = 0; i < 131072; i++) print "    0123456789012345678901234567890123456789012345678901234567890123456789012345" }'
} >"$work/big.yaml"
expect_exit "10 MB are read, and refused by the server" 4 apply "$work/big.yaml"
expect_text "in its words" 'Request entity too large|Too long|must have at most' "$work/err"

cat >"$work/unknown.yaml" <<'EOF'
apiVersion: x.example.com/v1
kind: Widget
metadata: {name: w}
EOF
expect_exit "a kind that the server does not know is refused" 4 apply "$work/unknown.yaml"
expect_text "by its name" 'kind Widget of x.example.com/v1' "$work/err"

cat >"$work/nowhere.yaml" <<'EOF'
apiVersion: v1
kind: ConfigMap
metadata: {name: nowhere}
data: {a: "1"}
EOF
expect_exit "without a namespace it goes to the context's" 0 apply "$work/nowhere.yaml"
check "which is default" is "$(maps default nowhere /data)" '{"a":"1"}'
expect_exit "or to that of -n" 0 "$PULLMEND" apply -f "$work/nowhere.yaml" -n kube-system --yes --no-wait
check "there" is "$(maps kube-system nowhere /data)" '{"a":"1"}'
sed 's/^\([[:space:]]*\)user: demo$/&\n\1namespace: kube-public/; s/^\([[:space:]]*\)user: demo-admin$/&\n\1namespace: kube-public/' \
    "$KUBECONFIG" >"$work/elsewhere"
sed 's/nowhere/elsewhere/' "$work/nowhere.yaml" >"$work/elsewhere.yaml"
if grep -q 'namespace: kube-public' "$work/elsewhere"; then
    expect_exit "a context with a namespace counts" 1 \
        "$PULLMEND" diff -f "$work/elsewhere.yaml" --kubeconfig "$work/elsewhere"
    expect_text "as for kubectl" 'ConfigMap kube-public/elsewhere' "$work/out"
fi
expect_exit "-n and another namespace contradict" 2 \
    "$PULLMEND" apply -f "$work/doubled.yaml" -n default --yes
expect_text "which is said" 'is of namespace kube-system' "$work/err"

cat >"$work/list.yaml" <<'EOF'
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: one}
- apiVersion: v1
  kind: ConfigMapList
  items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: two}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: three}
---
EOF
expect_exit "lists, lists in them and several documents" 0 apply "$work/list.yaml"
for name in one two three; do
    check "$name is there" is "$(maps default $name /metadata/name)" "\"$name\""
done
expect_exit "a second time there is nothing to do" 0 apply "$work/list.yaml"
expect_text "which is said" 'nothing to do' "$work/out"
cat "$work/doubled.yaml" - "$work/doubled.yaml" >"$work/twice.yaml" <<'EOF'
---
EOF
expect_exit "the same object twice is refused" 3 apply "$work/twice.yaml"
expect_text "by its name" 'ConfigMap doubled is there twice' "$work/err"

cat >"$work/secret.yaml" <<'EOF'
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: kube-system}
stringData: {k: very-s3cret}
EOF
expect_exit "a Secret with stringData is made" 0 apply "$work/secret.yaml"
"$driver" show /api/v1/namespaces/kube-system/secrets/s /data /metadata/annotations >"$work/secret"
expect_text "as data" '"k":"dmVyeS1zM2NyZXQ="' "$work/secret"
expect_text "and in no annotation" '^none$' "$work/secret"
cat "$work/out" "$work/err" "$XDG_STATE_HOME"/pullmend/journal/*.json >"$work/seen"
refuse_text "its value is printed and kept nowhere" 'very-s3cret|dmVyeS1zM2NyZXQ' "$work/seen"
expect_exit "a second time it is as it should be" 0 apply "$work/secret.yaml"
expect_text "without a change" 'nothing to do' "$work/out"
expect_exit "undo deletes it" 0 "$PULLMEND" undo --yes --no-wait
check "by uid and version" is "$("$driver" get /api/v1/namespaces/kube-system/secrets/s | cut -c1-5)" "error"

printf 'kind: ConfigMap\nmetadata: {name: x}\n' >"$work/bare.yaml"
expect_exit "a document without apiVersion is refused" 3 apply "$work/bare.yaml"
printf 'apiVersion: v1\nkind: ConfigMap\n' >"$work/bare.yaml"
expect_exit "one without a name too" 3 apply "$work/bare.yaml"
: >"$work/bare.yaml"
expect_exit "an empty file is no change" 2 apply "$work/bare.yaml"
expect_exit "from standard input" 0 sh -c '"$0" apply -f - --yes --no-wait <"$1"' "$PULLMEND" "$work/nowhere.yaml"
done_testing
