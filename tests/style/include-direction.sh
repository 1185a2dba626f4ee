#!/bin/sh
# A room may include headers of lower floors only, never of neighbours, never in a circle.
. "$TOP_SRCDIR/tests/lib.sh"
cd "$TOP_SRCDIR" || exit 99

files=$(find src include -name '*.[ch]' | sort)
# shellcheck disable=SC2086
awk '
    BEGIN {
        n = split("base 1,doc 2,net 2,kube 3,registry 3,jinja 3,csi 4,kubespray 4,change 5,ui 6,cli 6", rooms, ",")
        for (i = 1; i <= n; i++) { split(rooms[i], pair, " "); floor[pair[1]] = pair[2] }
        floor["sim"] = 2.5
    }
    FNR == 1 {
        parts = split(FILENAME, path, "/")
        room = parts > 2 ? path[2] : ""
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        split($0, quoted, "\"")
        split(quoted[2], target, "/")
        other = target[1]
        if (room == "" || other == room || !(other in floor) || !(room in floor)) next
        if (floor[other] >= floor[room] || (room == "sim" && other != "base" && other != "doc"))
            print FILENAME ":" FNR ": room " room " includes " quoted[2]
    }' $files >"$work/bad"
if [ -s "$work/bad" ]; then
    not_ok "no room includes upwards or sideways" "$work/bad"
else
    ok "no room includes upwards or sideways"
fi

# An edge a line for tsort(1), which names the loops.
# shellcheck disable=SC2086
awk '/^[ \t]*#[ \t]*include[ \t]*"/ { split($0, q, "\""); print FILENAME, "include/" q[2] }' $files |
    grep '^include' | tsort >/dev/null 2>"$work/loops"
if [ -s "$work/loops" ]; then
    not_ok "no two headers include each other" "$work/loops"
else
    ok "no two headers include each other"
fi

# Curses belongs to the screen; the engine must build without it.
if grep -lE '#[ \t]*include[ \t]*<(n?curses|term)\.h' $files | grep -vE '^(src|include)/ui/' >"$work/bad"; then
    not_ok "only the UI includes curses" "$work/bad"
else
    ok "only the UI includes curses"
fi
done_testing
