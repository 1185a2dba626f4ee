#!/bin/sh
# What the client shows to a server and to proxies, as they see it on the wire: client certificates,
# server names, impersonation, encodings, credentials; and what it never sends.
. "$TOP_SRCDIR/tests/lib.sh"
driver=$TOP_BUILDDIR/tests/e2e/kube-driver
peer=$TOP_BUILDDIR/tests/e2e/wire-peer
peer_pid=
unset KUBERNETES_SERVICE_HOST http_proxy https_proxy HTTP_PROXY HTTPS_PROXY no_proxy NO_PROXY
cleanup() {
    exec 8>&-
    [ -z "$peer_pid" ] || kill "$peer_pid" 2>/dev/null
}
if ! command -v openssl >/dev/null 2>&1 || [ ! -x "$peer" ]; then
    echo "1..0 # SKIP openssl is not installed, or the build is without simulator"
    exit 0
fi

new_key() { # new_key NAME SUBJECT: a key and a request for a certificate
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$2" \
        -keyout "$work/$1.key" -out "$work/$1.csr" 2>>"$work/openssl.log"
}

sign() { # sign NAME [EXTENSIONS]
    openssl x509 -req -in "$work/$1.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial \
        -days 2 ${2:+-extfile "$2"} -out "$work/$1.pem" 2>>"$work/openssl.log"
}

echo "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost,DNS:api.example.test,DNS:other.example.test" \
    >"$work/names"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -subj "/CN=test authority" -keyout "$work/ca.key" -out "$work/ca.pem" 2>>"$work/openssl.log"
new_key server /CN=server && sign server "$work/names"
new_key person /O=team/CN=person && sign person
new_key second /CN=second && sign second
openssl ec -in "$work/person.key" -aes128 -passout pass:x -out "$work/locked.key" 2>>"$work/openssl.log"

mkfifo "$work/ask"
"$peer" "$work/server.pem" "$work/server.key" "$work/ca.pem" <"$work/ask" >"$work/peer" 2>&1 &
peer_pid=$!
exec 8>"$work/ask"
until grep -q '^socks' "$work/peer"; do
    kill -0 "$peer_pid" 2>/dev/null || { not_ok "the peer serves" "$work/peer"; done_testing; }
    sleep 0.05
done
port() { sed -n "s/^$1 \([0-9]*\)$/\1/p" "$work/peer"; }
https=$(port https)
base64_of() { base64 <"$1" | tr -d '\n'; }
ca=$(base64_of "$work/ca.pem")

kubeconfig() { # kubeconfig SERVER CLUSTER-MEMBERS USER-MEMBERS (one flow mapping each)
    cat >"$work/kubeconfig" <<END
current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: "$1", certificate-authority-data: "$ca", $2}}]
users: [{name: u, user: {$3}}]
END
}

ask() { # ask PATH...: what the server saw, a line each
    KUBECONFIG="$work/kubeconfig" "$driver" body "$@" >"$work/seen" 2>&1 </dev/null
}

sees() { # sees NAME TEXT...: the server saw all of these
    sees_name=$1
    shift
    for text; do
        if ! grep -qF -- "$text" "$work/seen"; then
            echo "not seen: $text" >"$work/why"
            not_ok "$sees_name" "$work/why" "$work/seen"
            return
        fi
    done
    ok "$sees_name"
}

sees_not() { # sees_not NAME PATTERN
    refuse_text "$1" "$2" "$work/seen"
}

# --- Client certificates ----------------------------------------------------------------------------
kubeconfig "https://127.0.0.1:$https" "" ""
ask /version
sees "who has no certificate shows none" '"certificate":null'
kubeconfig "https://127.0.0.1:$https" "" "client-certificate: person.pem, client-key: person.key"
ask /version
sees "a client certificate comes from files" '"certificate":"/O=team/CN=person"'
kubeconfig "https://127.0.0.1:$https" "" "client-certificate-data: \"$(base64_of "$work/person.pem")\", \
client-key-data: \"$(base64_of "$work/person.key")\""
ask /version
sees "or from the kubeconfig itself" '"certificate":"/O=team/CN=person"'
kubeconfig "https://127.0.0.1:$https" "" "client-certificate: person.pem, client-key: second.key"
ask /version
sees "a key of another certificate is told before anything is sent" \
    'client certificate and client key do not belong together'
kubeconfig "https://127.0.0.1:$https" "" "client-certificate: person.pem, client-key: locked.key"
ask /version
sees "an encrypted key is told before anything is sent" 'the client key is encrypted'

# --- Client certificates of a plugin ------------------------------------------------------------------
cat >"$work/plugin" <<END
#!/bin/sh
echo run >>"$work/runs"
name=person
[ "\$(wc -l <"$work/runs")" -lt 2 ] || name=second
json() { awk 'BEGIN { printf "\"" } { printf "%s\\\\n", \$0 } END { printf "\"" }' "\$1"; }
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{'
printf '"clientCertificateData":%s,' "\$(json "$work/\$name.pem")"
printf '"clientKeyData":%s,' "\$(json "$work/\${KEY:-\$name}.key")"
printf '"expirationTimestamp":"2020-01-01T00:00:00Z"}}'
END
chmod +x "$work/plugin"
plugin="exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, interactiveMode: Never"
kubeconfig "https://127.0.0.1:$https" "" "$plugin}"
ask /one /two
sees "a plugin brings a client certificate" '"certificate":"/O=team/CN=person"'
sees "when it has expired the next one is shown, on another connection" '"certificate":"/CN=second"'
if [ "$(grep -o '"connection":[0-9]*' "$work/seen" | sort -u | wc -l)" -eq 2 ]; then
    ok "and nothing is sent on the connection of the first"
else
    not_ok "and nothing is sent on the connection of the first" "$work/seen"
fi
kubeconfig "https://127.0.0.1:$https" "" "$plugin, env: [{name: KEY, value: person}]}"
ask /version
sees "a key of another certificate from a plugin is told" 'error (auth)' \
    'client certificate and client key do not belong together'
kubeconfig "https://127.0.0.1:$https" "" "$plugin, env: [{name: KEY, value: locked}]}"
ask /version
sees "so is an encrypted one" 'error (auth)' 'the client key is encrypted'

# --- Names ----------------------------------------------------------------------------------------------
kubeconfig "https://localhost:$https" "" "token: t"
ask /version
sees "the server is asked for by its name" '"sni":"localhost"' "Host: localhost:$https"
kubeconfig "https://127.0.0.1:$https" "tls-server-name: other.example.test" "token: t"
ask /version
sees "tls-server-name is asked for in its place" '"sni":"other.example.test"' "Host: 127.0.0.1:$https"
kubeconfig "https://127.0.0.1:$https" "tls-server-name: wrong.example.test" "token: t"
ask /version
sees "and is what the certificate is checked for" 'error (auth)' 'is for another name'
kubeconfig "https://[::1]:$https/prefix" "" "token: t"
if ask /version && grep -q Wire "$work/seen"; then
    sees "IPv6 addresses and paths of a server work" "GET /prefix/version HTTP/1.1" "Host: [::1]:$https"
else
    skip "IPv6 addresses and paths of a server work" "no IPv6 here"
fi

# --- Who one is -------------------------------------------------------------------------------------------
kubeconfig "https://127.0.0.1:$https" "" "token: secret-token"
ask /version
sees "a token is a bearer token" 'Authorization: Bearer secret-token'
sees "compressed answers are asked for with the one word that is known" '"Accept-Encoding: gzip"'
kubeconfig "https://127.0.0.1:$https" "disable-compression: true" "token: secret-token"
ask /version
sees_not "disable-compression asks for none" 'Accept-Encoding'
kubeconfig "https://127.0.0.1:$https" "" "username: person, password: \"pass:word\""
ask /version
sees "a password is basic authentication" 'Authorization: Basic cGVyc29uOnBhc3M6d29yZA=='
kubeconfig "https://127.0.0.1:$https" "" "token: t, as: someone, as-uid: \"42\", \
as-groups: [one, \"two words\"], as-user-extra: {example.com/scope: [a, b], Plain: [c]}"
ask /version
sees "impersonation names user, id and groups" '"Impersonate-User: someone"' '"Impersonate-Uid: 42"' \
    '"Impersonate-Group: one"' '"Impersonate-Group: two words"'
sees "and what else there is, under names that a header may have" \
    '"Impersonate-Extra-example.com%2Fscope: a"' '"Impersonate-Extra-example.com%2Fscope: b"' \
    'Impersonate-Extra-'
AS=flag KUBECONFIG="$work/kubeconfig" "$driver" body /version >"$work/seen" 2>&1
sees "a flag comes before the file" '"Impersonate-User: flag"' '"Impersonate-Group: one"'
kubeconfig "http://127.0.0.1:$(port http)" "" "token: secret-token"
ask /version
sees "plain HTTP works" '"kind":"Wire"'
sees_not "but carries no credential" 'secret-token|Authorization'

# --- Proxies ------------------------------------------------------------------------------------------------
by_proxy() { # by_proxy NAME PROXY-URL LINE...: the request arrives, and the proxy saw those lines
    by_name=$1
    kubeconfig "https://api.example.test:$https" "proxy-url: \"$2\"" "token: secret-token"
    shift 2
    ask /version
    for line; do
        grep -qxF -- "$line" "$work/peer" || {
            echo "not seen: $line" >"$work/why"
            not_ok "$by_name" "$work/why" "$work/peer" "$work/seen"
            return
        }
    done
    sees "$by_name" '"sni":"api.example.test"' 'Authorization: Bearer secret-token'
}
by_proxy "an HTTP proxy is asked for the server by name" "http://127.0.0.1:$(port http-proxy)" \
    "http-proxy to api.example.test:$https, nobody's"
by_proxy "an HTTPS proxy is trusted by the same authority" "https://127.0.0.1:$(port https-proxy)" \
    "https-proxy to api.example.test:$https, nobody's"
by_proxy "a SOCKS proxy resolves the name" "socks5://127.0.0.1:$(port socks)" \
    "socks to name api.example.test:$https"
by_proxy "a proxy's own credential goes to it" "http://me:pw@127.0.0.1:$(port http-proxy)" \
    "http-proxy to api.example.test:$https, Proxy-Authorization: Basic bWU6cHc="
refuse_text "and the server's never" "with the server's token" "$work/peer"
sees_not "nor the proxy's to the server" 'Proxy-Authorization'
kubeconfig "https://api.example.test:$https" "" "token: t"
HTTPS_PROXY="127.0.0.1:$(port http-proxy)" ask /version
sees "the environment names a proxy, too" '"sni":"api.example.test"'
kubeconfig "https://127.0.0.1:$https" "" "token: t"
HTTPS_PROXY="127.0.0.1:1" ask /version
sees "but none for loopback" '"kind":"Wire"'
kubeconfig "https://api.example.test:$https" "proxy-url: \"http://127.0.0.1:1\"" "token: t"
ask /version
sees "a proxy that is not there is told" 'error (unavailable)' 'proxy'
done_testing
