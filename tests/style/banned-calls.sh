#!/bin/sh
# Calls that this house does without, and other habits that a machine can check.
. "$TOP_SRCDIR/tests/lib.sh"
cd "$TOP_SRCDIR" || exit 99

banned='strcpy strcat sprintf vsprintf gets strtok atoi atol popen system tmpnam mktemp curl_easy_perform'
for name in $banned; do
    if grep -rnE "(^|[^A-Za-z0-9_])$name[[:space:]]*\(" src include >"$work/found"; then
        not_ok "nothing calls $name()" "$work/found"
    else
        ok "nothing calls $name()"
    fi
done

if grep -rnE '(^|[^A-Za-z0-9_])(malloc|calloc|realloc|strdup|strndup)[[:space:]]*\(' src include |
    grep -v '^src/base/alloc.c' | grep -vE ':[0-9]+:[[:space:]]*(/?\*|//)' >"$work/found"; then
    not_ok "only base/alloc.c calls the allocator" "$work/found"
else
    ok "only base/alloc.c calls the allocator"
fi

if grep -rnE '(^|[^A-Za-z0-9_])(printf|puts|putchar|perror|fprintf|fputs)[[:space:]]*\(' \
    src/base src/doc src/net src/kube src/registry src/jinja src/csi src/kubespray src/change \
    2>/dev/null | grep -vE ':[0-9]+:[[:space:]]*(/?\*|//)' >"$work/found"; then
    not_ok "nothing prints from below cli/ and ui/" "$work/found"
else
    ok "nothing prints from below cli/ and ui/"
fi

if grep -rnE '.{101,}' src include --include='*.[ch]' >"$work/found"; then
    not_ok "no line is over 100 columns" "$work/found"
else
    ok "no line is over 100 columns"
fi

if grep -rnE '^[[:space:]]*typedef struct' src include >"$work/found"; then
    not_ok "structs are not hidden behind typedefs" "$work/found"
else
    ok "structs are not hidden behind typedefs"
fi
done_testing
