# Sourced by the tests of the probe: keys, certificates and servers on loopback. POSIX sh.
probe="$TOP_BUILDDIR/tests/e2e/registry-probe"
servers=

# make_certificate: $work/ca.pem signs $work/server.pem for 127.0.0.1 and localhost
make_certificate() {
    cat >"$work/ext" <<END
subjectAltName=IP:127.0.0.1,DNS:localhost
END
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj "/CN=test authority" -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null &&
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=127.0.0.1" \
            -keyout "$work/server.key" -out "$work/server.csr" 2>/dev/null &&
        openssl x509 -req -in "$work/server.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" \
            -CAcreateserial -days 2 -extfile "$work/ext" -out "$work/server.pem" 2>/dev/null
}

# wait_for PATTERN FILE PID: until a line matches, or the process is gone
wait_for() {
    until grep -qE -- "$1" "$2" 2>/dev/null; do
        kill -0 "$3" 2>/dev/null || return 1
    done
}

# ask NAME VERDICT IMAGE CREDENTIAL [OPTION...]: one probe; its line is kept in $work/line
ask() {
    ask_name=$1
    ask_verdict=$2
    ask_image=$3
    ask_credential=$4
    shift 4
    echo "$ask_credential" | "$probe" "$@" "$ask_image" >"$work/line" 2>"$work/probe.err"
    got=$(cut -f3 "$work/line")
    if [ "$got" = "$ask_verdict" ]; then
        ok "$ask_name"
    else
        not_ok "$ask_name" "$work/line" "$work/probe.err"
    fi
}

cleanup() {
    for server in $servers; do
        kill "$server" 2>/dev/null
    done
}
