#!/bin/sh
# What the shells complete, the plugin for kubectl, and the krew manifest.
. "$TOP_SRCDIR/tests/lib.sh"

mkdir "$work/bin"
ln -s "$PULLMEND" "$work/bin/pullmend"
ln -s "$PULLMEND" "$work/bin/kubectl-pullmend"
cp "$TOP_SRCDIR/packaging/kubectl_complete-pullmend" "$work/bin/"
PATH=$work/bin:$PATH
export PATH

# --- bash ---------------------------------------------------------------------------------------
# candidates WORD...: what bash offers for the last word, one a line
candidates() {
    bash -c '
        eval "$(pullmend completion bash)"
        COMP_WORDS=(pullmend "$@")
        COMP_CWORD=$#
        COMPREPLY=()
        _pullmend
        printf "%s\n" "${COMPREPLY[@]}"' - "$@" >"$work/out" 2>"$work/err"
}
# offers NAME WANTED WORD...: WANTED is among them, and nothing is said on standard error
offers() {
    offers_name=$1 wanted=$2
    shift 2
    candidates "$@"
    if [ -s "$work/err" ]; then not_ok "$offers_name" "$work/err"; return; fi
    if grep -qxF -- "$wanted" "$work/out"; then ok "$offers_name"; else not_ok "$offers_name" "$work/out"; fi
}
# lacks NAME UNWANTED WORD...
lacks() {
    lacks_name=$1 unwanted=$2
    shift 2
    candidates "$@"
    if grep -qxF -- "$unwanted" "$work/out"; then not_ok "$lacks_name" "$work/out"; else ok "$lacks_name"; fi
}

if command -v bash >/dev/null 2>&1; then
    offers "a command is completed" status st
    lacks "only what begins so" apply st
    offers "every command is offered" completion ""
    offers "a command's flag is completed" --drop-reference apply --drop
    lacks "not that of another command" --drop-reference status --drop
    offers "a command below a command" rotate secret ro
    offers "its own flags" --docker-password-stdin secret create --docker-p
    offers "the value of a flag is no command" --drop-reference --context prod apply --drop
    offers "nor behind an equals sign" --drop-reference --context = prod apply --drop
    offers "values of a flag" json status -o j
    offers "values behind an equals sign" json status --output = j
    offers "states" wrong-type status --state wr
    offers "severities" never status --fail-on n
    offers "rules" secret-missing explain secret-m
    offers "shells" zsh completion z
    : >"$work/manifest.yaml"
    offers "files" "$work/manifest.yaml" apply -f "$work/mani"
    candidates status --namespace ""
    check "an unknown value is left to the person" test "$(grep -c . "$work/out")" = 0
else
    skip "bash completes" "no bash"
fi

# --- zsh and fish -------------------------------------------------------------------------------
for shell in zsh fish; do
    pullmend completion $shell >"$work/completion.$shell"
    if command -v $shell >/dev/null 2>&1; then
        check "$shell can read its completion" $shell -n "$work/completion.$shell"
    else
        skip "$shell can read its completion" "no $shell"
    fi
done

# What is typed, and what becomes of it behind a Tab: in an interactive zsh, and as fish proposes it.
cat >"$work/typed" <<END
pullmend sta|pullmend status|status
pullmend secret ro|pullmend secret rotate|rotate
pullmend kubespray ch|pullmend kubespray check|check
pullmend explain secret-mi|pullmend explain secret-missing|secret-missing
pullmend completion z|pullmend completion zsh|zsh
pullmend apply --drop|pullmend apply --drop-reference|--drop-reference
pullmend status --drop|pullmend status --drop|
pullmend status -o j|pullmend status -o json|json
pullmend status --output js|pullmend status --output json|json
pullmend --context prod status --fail-on n|pullmend --context prod status --fail-on never|never
pullmend status --state mi|pullmend status --state missing|missing
pullmend apply -f $work/mani|pullmend apply -f $work/manifest.yaml|$work/manifest.yaml
pullmend apply --filename $work/mani|pullmend apply --filename $work/manifest.yaml|$work/manifest.yaml
END
: >"$work/manifest.yaml"
if command -v zsh >/dev/null 2>&1 && zsh -fc 'zmodload zsh/zpty' 2>/dev/null; then
    mkdir "$work/zsh"
    cp "$work/completion.zsh" "$work/zsh/_pullmend"
    set --
    while IFS='|' read -r typed wanted proposed; do set -- "$@" "$typed"; done <"$work/typed"
    HOME=$work timeout 240 zsh -f "$TOP_SRCDIR/tests/e2e/complete.zsh" "$work/zsh" "$@" >"$work/out" 2>"$work/err"
    sed 's/ $//' "$work/out" >"$work/became"
    while IFS='|' read -r typed wanted proposed; do
        check "zsh completes: $typed" grep -qxF -- "$wanted" "$work/became"
    done <"$work/typed"
else
    skip "zsh completes what is typed" "no zsh with zsh/zpty"
fi
if command -v fish >/dev/null 2>&1; then
    while IFS='|' read -r typed wanted proposed; do
        HOME=$work fish -c "source '$work/completion.fish'; complete -C '$typed'" >"$work/out" 2>"$work/err" </dev/null
        cut -f1 "$work/out" >"$work/became"
        if [ -z "$proposed" ]; then
            check "fish completes: $typed" test ! -s "$work/became"
        else
            check "fish completes: $typed" grep -qxF -- "$proposed" "$work/became"
        fi
    done <"$work/typed"
else
    skip "fish completes what is typed" "no fish"
fi

# --- kubectl ------------------------------------------------------------------------------------
kubectl_complete-pullmend apply --drop >"$work/out" 2>"$work/err"
expect_text "kubectl is told a flag" '^--drop-reference$' "$work/out"
expect_text "and that no file name fits" '^:4$' "$work/out"
kubectl_complete-pullmend apply -f "" >"$work/out" 2>"$work/err"
expect_text "or that one does" '^:0$' "$work/out"
if command -v kubectl >/dev/null 2>&1; then
    expect_exit "kubectl finds the plugin" 0 kubectl pullmend --version
    expect_text "and runs it" '^pullmend [0-9]' "$work/out"
    if kubectl __complete pullmend sta >"$work/out" 2>/dev/null; then
        expect_text "kubectl completes the plugin's commands" '^status' "$work/out"
    else
        skip "kubectl completes the plugin's commands" "this kubectl does not ask plugins"
    fi
else
    skip "kubectl finds the plugin" "no kubectl"
fi

# --- krew ---------------------------------------------------------------------------------------
mkdir "$work/release"
expect_exit "without an archive there is no manifest" 1 \
    sh "$TOP_SRCDIR/packaging/krew/manifest.sh" 1.2.3 https://example.com https://example.com/v1.2.3 "$work/release"
echo archive >"$work/release/pullmend-1.2.3-linux-arm64.tar.gz"
expect_exit "with one there is" 0 \
    sh "$TOP_SRCDIR/packaging/krew/manifest.sh" 1.2.3 https://example.com https://example.com/v1.2.3/ "$work/release"
expect_text "it has the version" '^  version: v1\.2\.3$' "$work/out"
expect_text "the address" 'uri: https://example\.com/v1\.2\.3/pullmend-1\.2\.3-linux-arm64\.tar\.gz$' "$work/out"
expect_text "the file's own checksum" \
    "sha256: $(sha256sum "$work/release/pullmend-1.2.3-linux-arm64.tar.gz" | cut -d' ' -f1)\$" "$work/out"
refuse_text "and no platform that was not built" amd64 "$work/out"
refuse_text "nothing is left to fill in" '@[A-Z]' "$work/out"
done_testing
