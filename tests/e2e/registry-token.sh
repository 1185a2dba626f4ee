#!/bin/sh
# A registry with a token server, and many ways to be odd: what comes back, and where the password
# goes.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/registry.sh"

server="$TOP_BUILDDIR/tests/e2e/token-registry"
if ! command -v openssl >/dev/null 2>&1 || [ ! -x "$server" ]; then
    skip "a token server is asked" "openssl is not installed, or the build is without simulator"
    done_testing
fi
make_certificate || exit 99
mkfifo "$work/hold"
"$server" "$work/server.pem" "$work/server.key" puller right-password \
    <"$work/hold" >"$work/requests" 2>&1 &
servers=$!
exec 9>"$work/hold"
wait_for '^ports' "$work/requests" "$servers" || {
    not_ok "the token server starts" "$work/requests"
    done_testing
}
registry=127.0.0.1:$(sed -n 's/^ports \([0-9]*\) .*/\1/p' "$work/requests")
elsewhere=127.0.0.1:$(sed -n 's/^ports [0-9]* //p' "$work/requests")

try() { # try NAME VERDICT REPOSITORY [CREDENTIAL]
    ask "$1" "$2" "$registry/$3/app:1" "${4:-puller right-password}" --ca "$work/ca.pem"
}

try "a token of the right user may pull" "may pull" private
expect_text "the scope is the repository's" '^registry GET /token Basic scope=repository:private/app:pull' \
    "$work/requests"
try "a wrong password is told by the token server" "401 unauthorized" private "puller wrong"
expect_text "and so is the message" 'token server .* does not accept' "$work/line"
try "an anonymous token of no right means a credential is needed" "401 unauthorized" private -
try "a server without anonymous tokens means the same" "401 unauthorized" strict -
try "an anonymous token can be enough" "public" public -
try "a public repository with a wrong password fails, as on a node" "401 unauthorized" public \
    "puller wrong"
try "a challenge without scope gets the repository's" "may pull" noscope
expect_text "by our own words" '/token Basic scope=repository:noscope/app:pull' "$work/requests"
try "of Basic and Bearer, Bearer is taken" "may pull" two
refuse_text "so the password goes to the token server alone" '/v2/two/app.* Basic' "$work/requests"
try "a 401 without a challenge asks /v2/" "401 unauthorized" silent -
expect_text "once" '^registry GET /v2/ none' "$work/requests"
try "a repository without right is 403" "403 forbidden" noright
try "a hidden repository is 403" "403 forbidden" hidden
try "an absent tag is 404" "404 not found" gone
try "an absent name is 404" "404 not found" noname
expect_text "and said to be a repository" 'no such repository' "$work/line"
try "a registry without HEAD is asked by GET" "may pull" nohead
try "an open image needs no credential" "public" open
try "a 403 without a challenge is told" "403 forbidden" closed
try "a redirect is followed" "may pull" moved
expect_text "without the token" '^elsewhere HEAD /v2/open/app/manifests/1 none' "$work/requests"

try "a rate limit is told" "429 rate limited" limited
expect_text "with what is left" '	0	.*31 s' "$work/line"
try "a fault of the registry says nothing of the credential" "unreachable" broken
try "a page instead of a manifest is no image" "strange answer" html
try "a page instead of an error is no registry" "strange answer" site
try "a token server that shows a page gives no token" "strange answer" rubbish
try "a redirect loop ends" "strange answer" loop
try "a redirect to plain HTTP is not followed" "strange answer" downgrade
try "a challenge without a realm is no use" "strange answer" norealm
try "a realm on plain HTTP gets nothing" "not asked" plainrealm
ask "an error without end says nothing of the image" "strange answer" "$registry/endless/app:1" - \
    --ca "$work/ca.pem" --timeout 3000

try "a host that the registry redirects to may not ask for the password" "strange answer" astray
refuse_text "and does not get it" '^elsewhere .*(Basic|Bearer)' "$work/requests"
try "a realm on another host that the registry names gets the password" "may pull" farrealm
expect_text "which is said" "	$elsewhere	" "$work/line"
expect_text "and done" '^elsewhere GET /token Basic' "$work/requests"
refuse_text "no password goes where a manifest is" '/v2/.* Basic' "$work/requests"
refuse_text "no message holds the password" 'right-password' "$work/line"

# --- Through the form of the screen -------------------------------------------------------------------
if [ -x "$TOP_BUILDDIR/tests/screens/screen" ] && [ -x "$PULLMEND_SIM" ]; then
    cat >"$work/images.yaml" <<EOF
description: images of a registry that asks for tokens, whose certificate is of a CA of its own
base: kubespray-upcloud
images:
- {from: registry.k8s.io/, to: $registry/private/}
- {from: k8s.gcr.io/, to: $registry/private/}
- {from: ghcr.io/, to: $registry/farrealm/}
EOF
    cat >"$work/form.screen" <<EOF
size 120x36
run $PULLMEND --demo=$work/images.yaml --registry-ca $work/ca.pem
test a wrong password is refused by the token server
wait regcred missing
keys s
wait Which Secret should the pods
keys n
wait New registry Secret
keys puller<Tab>wr0ng-one<^T>
wait ✗ 401 unauthorized
match token server .* does not accept
absent wr0ng
test the right one opens every image, and it is said where the password went
keys <^U>right-password<^T>
wait All of them may be pulled so. ^S goes on.
wait $elsewhere
absent 401 unauthorized
absent right-pass
keys <Esc><Esc>q
exit 0
test without its CA the registry is asked nothing
run $PULLMEND --demo=$work/images.yaml
wait regcred missing
keys s
wait Which Secret should the pods
keys n
wait New registry Secret
keys puller<Tab>right-password<^T>
match certificate
absent may be pulled so
EOF
    "$TOP_BUILDDIR/tests/screens/screen" "$work/form.screen" >"$work/form.out" 2>&1
    check "the form asks as the command does" test "$?" = 0
    grep -q '^not ok' "$work/form.out" && sed 's/^/# /' "$work/form.out"
    refuse_text "and sends no password where a manifest is" '/v2/.* Basic' "$work/requests"
else
    skip "the form asks as the command does" "this build has no simulator or no terminal emulator"
fi
exec 9>&-
done_testing
