#!/bin/sh
# What nobody should give for a registry Secret, given all the same: one line says what is wrong and
# what to write instead, and nothing is written.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"

unset REGISTRY_AUTH_FILE DOCKER_AUTH_CONFIG DOCKER_CONFIG XDG_RUNTIME_DIR
start_sim --scenario kubespray-upcloud
printf 'puller-s3cret' >"$work/password"

# bad NAME CODE PATTERN ARGUMENT...: secret create with the password on standard input
bad() {
    bad_name=$1 bad_code=$2 bad_pattern=$3
    shift 3
    "$PULLMEND" secret create "$@" <"$work/password" >"$work/out" 2>"$work/err"
    got=$?
    lines=$(grep -vc '^pullmend: warning' "$work/err")
    if [ "$got" = "$bad_code" ] && [ "$lines" -eq 1 ] && grep -qE -- "$bad_pattern" "$work/err" &&
        ! grep -q 's3cret' "$work/out" "$work/err"; then
        ok "$bad_name"
    else
        echo "exit $got, expected $bad_code and one line like: $bad_pattern" >"$work/why"
        not_ok "$bad_name" "$work/why" "$work/out" "$work/err"
    fi
}

typed="--docker-username u --docker-password-stdin --yes"
# shellcheck disable=SC2086
{
    bad "a name in capitals" 2 '"Bad_Name" is no name for a Secret' Bad_Name $typed
    bad "an empty name, as of an unset variable" 2 'name' "" $typed
    bad "two dots in a name" 2 '"a..b" is no name' a..b $typed
    bad "a name that is too long" 2 'at most 253' "$(printf '%0254d' 0)" $typed
    for server in 'reg.example.com:99999|1 to 65535' 'reg.example.com:x|port' '[fd00::1|\]' \
        'oci://reg.example.com|scheme' 'index.docker.io/v1|https://index.docker.io/v1/' \
        'https://index.docker.io/v1|slash at its end' \
        'registry-1.docker.io|https://index.docker.io/v1/' 'user@reg.example.com|user' \
        'reg.example.com?x|\?' 'a b.example.com|blank' 'myreg|full name' '|is needed'; do
        bad "the server \"${server%%|*}\"" 2 "${server#*|}" x $typed \
            --docker-server "${server%%|*}"
    done
    for server in https://reg.example.com reg.example.com/ reg.example.com:5000 '[::1]:5000' \
        https://index.docker.io/v1/; do
        expect_exit "the server \"$server\" is a good one" 0 "$PULLMEND" secret create good \
            -n default --docker-server "$server" --docker-username u \
            --docker-password-file "$work/password" --yes --no-wait
    done
    expect_exit "a path is taken" 0 "$PULLMEND" secret create good -n default \
        --docker-server reg.example.com/team --docker-username u \
        --docker-password-file "$work/password" --yes --no-wait
    expect_text "with a word about what it serves" 'also in the middle of a word' "$work/err"
    bad "a user name with a colon" 2 'cannot have a colon' x --docker-username a:b \
        --docker-password-stdin
    bad "an empty user name" 2 'user name is needed' x --docker-username '' --docker-password-stdin
    : >"$work/none"
    bad "an empty password" 2 'password is needed' x --docker-username u \
        --docker-password-file "$work/none"
    head -c 65537 /dev/zero | tr '\0' x >"$work/long"
    bad "a password of more than 64 KiB" 2 'larger than the 65536 bytes' x --docker-username u \
        --docker-password-file "$work/long"
    bad "a password file that is not there" 2 'absent' x --docker-username u \
        --docker-password-file "$work/absent"
    bad "a folder in place of a password file" 2 'is a folder' x --docker-username u \
        --docker-password-file "$work"

    # Any byte may stand in a password, up to 64 KiB.
    printf 'a\0b"\\'"'"'\nc\303\050' >"$work/bytes"
    expect_exit "a password with NUL, quotes, a line break" 0 "$PULLMEND" secret create bytes \
        -n default --docker-server reg.example.com --docker-username u \
        --docker-password-file "$work/bytes" --yes --no-wait
    head -c 65536 /dev/zero | tr '\0' x >"$work/full"
    expect_exit "a password of 64 KiB" 0 "$PULLMEND" secret create full -n default \
        --docker-server reg.example.com --docker-username u --docker-password-file "$work/full" \
        --yes --no-wait
    if command -v kubectl >/dev/null 2>&1; then
        printf 'u:' | cat - "$work/bytes" | base64 | tr -d '\n' >"$work/expected"
        kubectl -n default get secret bytes -o 'jsonpath={.data.\.dockerconfigjson}' | base64 -d |
            sed 's/.*"auth":"\([^"]*\)".*/\1/' | tr -d '\n' >"$work/got"
        check "its bytes are in the Secret as they were" cmp "$work/expected" "$work/got"
    fi

    # Configuration files.
    printf '// mine\n{"auths":{}}' >"$work/comment.json"
    bad "a configuration with a comment" 3 'comment.json:1:1' x --from-docker-config="$work/comment.json"
    printf '\357\273\277{"auths":{"r.io":{"auth":"dTpw"}}}' >"$work/bom.json"
    bad "one that begins with a byte order mark" 3 'bom.json:1:1' x --from-docker-config="$work/bom.json"
    printf '{"auths":\n  {"r.io":{"auth":5}}}' >"$work/type.json"
    bad "one with a number for a password" 3 'type.json:2:[0-9]+' x --from-docker-config="$work/type.json"
    printf '{"auths":[]}' >"$work/list.json"
    bad "one with a list of entries" 3 'list.json:1:[0-9]+' x --from-docker-config="$work/list.json"
    printf '{"auths":{"r.io":{"identitytoken":"t0ken-s3cret"}}}' >"$work/identity.json"
    bad "one with an identity token, which kubelets do not read" 3 'identity token' x \
        --from-docker-config="$work/identity.json" --registry r.io
    bad "one that is not there" 2 'absent.json' x --from-docker-config="$work/absent.json"
    if [ "$(id -u)" -ne 0 ]; then
        printf '{"auths":{}}' >"$work/closed.json"
        chmod 000 "$work/closed.json"
        bad "one that may not be read" 3 'closed.json' x --from-docker-config="$work/closed.json"
    fi
    printf '{"auths":{"r.io":{"auth":"dTpw"}}}' >"$work/good.json"
    bad "one without the registry asked for" 2 'quay.io' x \
        --from-docker-config="$work/good.json" --registry quay.io
    DOCKER_AUTH_CONFIG='{"auths":{"r.io":' bad "a broken text in the environment" 3 \
        'DOCKER_AUTH_CONFIG:1:[0-9]+' x --from-docker-config

    # Programs that keep credentials.
    mkdir -p "$work/bin"
    PATH="$work/bin:$PATH"
    printf '#!/bin/sh\necho %s\n' '{"Username": "u", "Secret": "s3cret" rubbish' \
        >"$work/bin/docker-credential-rubbish"
    printf '#!/bin/sh\necho the keyring is locked\nexit 1\n' >"$work/bin/docker-credential-locked"
    printf '#!/bin/sh\nexec cat /dev/zero\n' >"$work/bin/docker-credential-endless"
    chmod +x "$work"/bin/*
    for helper in 'rubbish|is not JSON' 'locked|exit code 1: the keyring is locked' \
        'endless|printed more than' 'absent|no such program in PATH'; do
        printf '{"credHelpers":{"r.io":"%s"}}' "${helper%%|*}" >"$work/store.json"
        bad "a program for credentials: ${helper%%|*}" 3 "${helper#*|}" x \
            --from-docker-config="$work/store.json" --registry r.io
    done
    printf '{"credsStore":"../evil"}' >"$work/store.json"
    bad "a program with a path in its name" 3 'no name of a credential' x \
        --from-docker-config="$work/store.json" --registry r.io

    # What is in the cluster already.
    {
        printf '{"auths":{"none.example.com":{}'
        for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
            printf ',"r%s.example.com":{"username":"u","password":"' "$i"
            cat "$work/full"
            printf '"}'
        done
        printf '}}'
    } >"$work/large.json"
    bad "more than a Secret can hold" 2 'over 1 MiB' x --from-docker-config="$work/large.json"
    expect_exit "an immutable Secret" 0 "$PULLMEND" secret create frozen -n default --empty \
        --immutable
    bad "an entry for an immutable Secret" 4 'is immutable; create one under another name' frozen \
        -n default $typed --docker-server r.io
    bad "the name of a Secret of another type" 4 'is of type Opaque and holds' upcloud $typed
    bad "a namespace that is not there" 4 'namespaces "nowhere" not found' x -n nowhere $typed
}
done_testing
