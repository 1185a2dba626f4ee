#!/bin/sh
# A password that went through the form, its test, the preview and the change is not left in the
# program's memory, nor in that of the libraries under it.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"

screen=$TOP_BUILDDIR/tests/screens/screen
if [ ! -x "$screen" ] || ! command -v python3 >/dev/null 2>&1; then
    skip "memory is wiped" "no python3, or the screen tests are not built"
    done_testing
fi
marker=$(od -An -N18 -tx1 /dev/urandom | tr -d ' \n')
cat >"$work/mirror.yaml" <<END
description: a mirror with a password of this very test
base: private-mirror
registries:
- {prefix: registry.example.com/, access: private, serve: true, login: basic, username: puller,
   password: $marker}
END
cat >"$work/scan.py" <<'PYTHON'
# Says where in the memory of a process a word stands: as it is, or in the base64 of a longer text.
import base64
import sys

process, word = sys.argv[1], sys.argv[2].encode()
forms = [word]
for pad in (b"", b"x", b"xx"):
    text = base64.b64encode(pad + word)[:-4]
    forms.append(text[4:] if pad else text)
try:
    memory = open("/proc/%s/mem" % process, "rb", 0)
    ranges = open("/proc/%s/maps" % process).read().splitlines()
except OSError as error:
    print("closed: %s" % error)
    sys.exit(0)
found = read = 0
for line in ranges:
    fields = line.split()
    begin, end = (int(place, 16) for place in fields[0].split("-"))
    if "w" not in fields[1] or end - begin > 1 << 29: # a sanitizer's shadow
        continue
    try:
        memory.seek(begin)
        data = memory.read(end - begin)
    except (OSError, OverflowError, ValueError):
        continue
    read += len(data)
    for form in forms:
        at = data.find(form)
        while at >= 0:
            found += 1
            around = data[max(0, at - 40):at] + b"[it]" + data[at + len(form):at + len(form) + 40]
            print("%s %s" % (fields[5] if len(fields) > 5 else "anonymous", around))
            at = data.find(form, at + 1)
print("read %d found %d" % (read, found))
PYTHON

start_sim --scenario "$work/mirror.yaml" --speed 240 --event-speed 240
cat >"$work/scan.sh" <<END
for process in /proc/[0-9]*; do
    if tr '\\0' ' ' <"\$process/cmdline" 2>/dev/null | grep -qF "$work/mark"; then
        [ "\$(cat "\$process/comm")" = pullmend ] &&
            exec python3 "$work/scan.py" "\${process#/proc/}" "$marker" >"$work/\$1" 2>&1
    fi
done
END
cat >"$work/form.screen" <<END
size 100x30
env XDG_STATE_HOME=$XDG_STATE_HOME
env XDG_CONFIG_HOME=$XDG_CONFIG_HOME
run $PULLMEND --kubeconfig $KUBECONFIG -vvv --log-file $work/mark
test the password is typed, tried and applied
wait ✗ 6 broken
keys s
wait Entries (values are never shown)
keys n
wait New registry Secret
keys puller<Tab>
paste $marker
wait (typed, not shown)
shell sh $work/scan.sh typed
keys <^T>
wait All of them may be pulled so.
keys <^S>
wait Nothing is written yet.
keys a
wait Type the context's name
keys demo<Enter>
wait ✓ done
keys S
wait Done.
keys <Esc>
wait 6 of 6 images
keys <Esc>
wait ✓ 0 broken
shell sh $work/scan.sh left
keys q
exit 0
END
check "the password goes the whole way through the screen" "$screen" "$work/form.screen"
if grep -q '^closed' "$work/typed"; then
    skip "the search finds what is there" "this memory may not be read here"
    skip "memory is wiped" "this memory may not be read here"
else
    expect_text "the search finds what is there" '^read [0-9]+ found [1-9]' "$work/typed"
    expect_text "nothing of it is left in memory once the form is gone" '^read [0-9]+ found 0$' "$work/left"
    grep -q 'found 0$' "$work/left" || sed "s/^/# /" "$work/left"
fi
refuse_text "the log does not hold it either" "$marker" "$work/mark"
end_sim
done_testing
