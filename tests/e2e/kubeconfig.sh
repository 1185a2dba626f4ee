#!/bin/sh
# kubectl is the judge of how a kubeconfig is read: both get the same files and must come to the same
# connection, or both refuse.
. "$TOP_SRCDIR/tests/lib.sh"
show=$TOP_BUILDDIR/tests/e2e/kubeconfig-show
if ! command -v kubectl >/dev/null 2>&1; then
    skip "kubeconfigs are read as kubectl reads them" "no kubectl on PATH"
    done_testing
fi
unset KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT POD_NAMESPACE
export HOME="$work/home"
mkdir -p "$HOME" "$work/sub"

view() { # view CONTEXT: the same lines from kubectl
    kubectl config view --minify --raw ${1:+--context="$1"} -o go-template='context={{index . "current-context"}}
{{with (index .clusters 0).cluster}}server={{.server}}
tls-server-name={{with index . "tls-server-name"}}{{.}}{{end}}
insecure={{with index . "insecure-skip-tls-verify"}}{{.}}{{end}}
proxy={{with index . "proxy-url"}}{{.}}{{end}}
{{end}}{{with (index .contexts 0).context}}namespace={{with .namespace}}{{.}}{{else}}default{{end}}
user={{with .user}}{{.}}{{end}}
{{end}}{{with .users}}{{with (index . 0).user}}token={{with .token}}{{.}}{{end}}
tokenFile={{with .tokenFile}}{{.}}{{end}}
username={{with .username}}{{.}}{{end}}
password={{with .password}}{{.}}{{end}}
as={{with .as}}{{.}}{{end}}
group={{with index . "as-groups"}}{{index . 0}}{{end}}
command={{with .exec}}{{.command}}{{end}}
{{end}}{{end}}'
}

same() { # same NAME [CONTEXT]: with $KUBECONFIG as it is
    view "$2" >"$work/theirs.raw" 2>"$work/theirs.err"
    theirs=$?
    "$show" ${2:+"$2"} >"$work/ours.raw" 2>"$work/ours.err"
    ours=$?
    # Empty lines of the template and values that neither has say nothing.
    grep -v -e '^$' -e '=$' "$work/theirs.raw" | sort >"$work/theirs"
    # "config view" leaves paths as they are written; ours are resolved against their file.
    grep -v -e '=$' "$work/ours.raw" | sed "s#=$work/sub/#=#" | sort >"$work/ours"
    if [ "$theirs" -ne 0 ] && [ "$ours" -ne 0 ]; then
        ok "$1 (both refuse)"
    elif [ "$theirs" -eq 0 ] && [ "$ours" -eq 0 ] && diff "$work/theirs" "$work/ours" >"$work/diff"; then
        ok "$1"
    else
        echo "kubectl: $theirs, pullmend: $ours" >>"$work/diff"
        not_ok "$1" "$work/diff" "$work/theirs.err" "$work/ours.err"
    fi
    : >"$work/diff"
}

refused() { # refused NAME: by us as well as by kubectl, when it loads the file
    kubectl config view --minify --raw >/dev/null 2>"$work/theirs.err"
    theirs=$?
    "$show" >"$work/ours" 2>"$work/ours.err"
    ours=$?
    if [ "$theirs" -ne 0 ] && [ "$ours" -eq 3 ]; then
        ok "$1"
    else
        echo "kubectl: $theirs, pullmend: $ours" >"$work/why"
        not_ok "$1" "$work/why" "$work/theirs.err" "$work/ours.err"
    fi
}

cat >"$work/a" <<'END'
apiVersion: v1
kind: Config
current-context: ""
clusters:
- name: one
  cluster:
    server: https://one.example:6443
    tls-server-name: inner
    proxy-url: socks5://proxy:1080
- name: both
  cluster: {server: "https://first.example"}
users:
- name: one
  user: {token: abc, as: boss, as-groups: [g]}
- name: both
  user: {username: u, password: p}
contexts:
- name: c1
  context: {cluster: one, user: one, namespace: kube-system}
- name: both
  context: {cluster: both, user: both}
END
cat >"$work/sub/b" <<'END'
current-context: c2
clusters:
- name: both
  cluster: {server: "https://second.example", insecure-skip-tls-verify: true}
- name: two
  cluster: {server: "https://two.example/k8s/clusters/c-1", insecure-skip-tls-verify: true}
users:
- name: both
  user: {token: never}
- name: two
  user: {tokenFile: tok/en}
- name: three
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./bin/plugin, args: [x]}
contexts:
- name: c2
  context: {cluster: two, user: two}
- name: c3
  context: {cluster: two, user: three}
- name: both
  context: {cluster: two, user: two}
- name: nouser
  context: {cluster: two}
END
export KUBECONFIG="$work/a:$work/sub/b"
same "the first non-empty current-context counts"
for context in c1 c2 c3 both nouser; do
    same "context $context over two files" "$context"
done
same "a context that is in no file" gone
export KUBECONFIG=":$work/missing::$work/sub/b:$work/a:$work/a:"
same "empty, missing and doubled names in the list are skipped"
same "the order of the files decides" both
cd "$work" || exit 99
export KUBECONFIG="sub/b"
same "paths stand relative to a file that is itself named relatively"
mkdir -p "$HOME/.kube" && cp "$work/a" "$HOME/.kube/config"
unset KUBECONFIG
same "the home folder is read without KUBECONFIG" c1

export KUBECONFIG="$work/bad"
bad() { # bad NAME TEXT: a kubeconfig that both refuse
    printf "$2" >"$work/bad"
    refused "$1"
}
bad "broken YAML" 'a: [1,\n'
bad "a number for a server" 'current-context: c\nclusters: [{name: c, cluster: {server: 5}}]\n'
bad "a boolean for a name" 'current-context: yes\n'
bad "a number for the name of a user" 'users: [{name: 5}]\n'
bad "a boolean in a plugin's environment" \
    'users: [{name: a, user: {exec: {env: [{name: A, value: y}]}}}]\n'
bad "data that is not base64" \
    'clusters:\n- name: c\n  cluster: {certificate-authority-data: "%%"}\n'
bad "a name twice in a file" 'current-context: c\ncontexts:\n- name: c\n- name: c\n'
bad "a current context that does not exist" 'current-context: gone\n'
done_testing
