#!/bin/sh
# A short run of each fuzz target, so many inputs each, always the same ones. For a longer one:
# configure with --enable-fuzz --enable-sanitize CC=clang, then make fuzz.
. "$TOP_SRCDIR/tests/lib.sh"
runs=${FUZZ_RUNS:-10000}

leave_out() { # leave_out REASON: all of it
    echo "1..0 # SKIP $1"
    exit 0
}

[ "$runs" -gt 0 ] || leave_out "FUZZ_RUNS=0"
command -v clang >/dev/null 2>&1 || leave_out "clang with libFuzzer is not installed"
cat >"$work/one.c" <<'END'
#include <stddef.h>
#include <stdint.h>
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    return bytes == NULL && size > 0;
}
END
clang -fsanitize=fuzzer,address,undefined -o "$work/one" "$work/one.c" >"$work/out" 2>&1 ||
    leave_out "clang comes without libFuzzer and the sanitizers' runtime"
[ ! -f "$TOP_SRCDIR/config.status" ] || leave_out "the source tree is configured in place"

# A build of its own: the targets want clang, and every object with its marks.
compiler=clang
case $CC in
ccache*) compiler="ccache clang" ;;
esac
build=$work/build
mkdir "$build"
if ! (cd "$build" && "$TOP_SRCDIR/configure" -q --enable-fuzz --enable-sanitize CC="$compiler" \
    CFLAGS='-O1 -g' && MAKEFLAGS= make -s -j2 fuzz-targets) >"$work/build.log" 2>&1; then
    tail -n 40 "$work/build.log" >"$work/why"
    not_ok "the fuzz targets build" "$work/why"
    done_testing
fi
ok "the fuzz targets build"

for target in "$build"/tests/fuzz/fuzz_*; do
    [ -x "$target" ] || continue
    name=${target##*/fuzz_}
    mkdir "$work/found-$name"
    if "$target" -runs="$runs" -seed=1 -max_len=4096 -print_final_stats=1 \
        -artifact_prefix="$work/found-$name/" "$work/found-$name" \
        "$TOP_SRCDIR/tests/fuzz/seeds/$name" >"$work/log" 2>&1; then
        ok "$runs inputs do no harm: $name"
    else
        { tail -n 50 "$work/log"; for bad in "$work/found-$name"/*-*; do
            [ ! -f "$bad" ] || { echo "$bad"; od -c "$bad" | head -n 60; }
        done; } >"$work/why"
        not_ok "$runs inputs do no harm: $name" "$work/why"
    fi
done
done_testing
