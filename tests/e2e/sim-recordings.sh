#!/bin/sh
# Plays recorded exchanges of real API servers against the simulated cluster. The recordings lie
# beside the source tree on some machines; the project's own small set is always there.
. "$TOP_SRCDIR/tests/lib.sh"

if ! python3 -c 'import ssl, http.client' 2>/dev/null; then
    skip "recorded exchanges" "needs python3"
    done_testing
fi
replay=$TOP_SRCDIR/tests/e2e/recordings/replay.py
table=$TOP_SRCDIR/tests/e2e/recordings/differences.tsv

# play VERSION FOLDER: in the background; tell() gives the results with their own names
play() {
    mkdir -p "$work/$1"
    {
        python3 "$replay" "$PULLMEND_SIM" "$2" "$1" "$table" "$work/$1" \
            >"$work/$1/tap" 2>"$work/$1/why"
        : >"$work/$1/over"
    } &
}

tell() { # tell VERSION
    played=0
    while IFS= read -r line; do
        case $line in
        "ok "*) played=1; ok "${line#ok * - }" ;;
        "not ok "*) played=1; not_ok "${line#not ok * - }" ;;
        "#"*) printf '%s\n' "$line" ;;
        esac
    done <"$work/$1/tap"
    if [ "$played" != 1 ] || [ -s "$work/$1/why" ]; then
        not_ok "the recordings of $1 can be played" "$work/$1/why"
    fi
}

play 1.35 "$TOP_SRCDIR/tests/e2e/recordings/own"
versions=1.35
for shared in "$TOP_SRCDIR/../shared/reference/recordings" \
    "$TOP_SRCDIR/../../shared/reference/recordings"; do
    [ -d "$shared/v1.36" ] || continue
    play 1.36 "$shared/v1.36"
    play 1.20 "$shared/v1.20"
    versions="$versions 1.36 1.20"
    break
done
wait
for version in $versions; do
    tell "$version"
done
done_testing
