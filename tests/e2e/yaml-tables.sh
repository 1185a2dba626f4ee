#!/bin/sh
# The tables that the YAML tests go by say what PyYAML and kubectl really do. Where one of them is
# not installed, its half is skipped.
. "$TOP_SRCDIR/tests/lib.sh"
types=$TOP_SRCDIR/tests/unit/doc/test_yaml_types.c
looks=$TOP_SRCDIR/tests/unit/doc/test_yaml_write.c

cat >"$work/tables.py" <<'END'
import ast, datetime, json, re, subprocess, sys
mode, path, work = sys.argv[1:4]
text = open(path, encoding="utf-8").read()

def c_string(literals):
    # Adjacent literals; C's escapes that stand in the tables are Python's too.
    parts = re.findall(r'"(?:[^"\\]|\\.)*"', literals)
    joined = "".join("b" + part for part in parts).encode("ascii", "backslashreplace").decode()
    return ast.literal_eval(joined)

def type_name(value):
    if value is None: return "DOC_NULL"
    if isinstance(value, bool): return "DOC_BOOL"
    if isinstance(value, int): return "DOC_INT"
    if isinstance(value, float): return "DOC_FLOAT"
    if isinstance(value, (datetime.date, datetime.datetime)): return "DOC_DATE"
    return "DOC_STRING"

def kubectl(source, output):
    with open(work + "/o.yaml", "wb") as file: file.write(source)
    run = subprocess.run(["kubectl", "label", "--local", "-f", work + "/o.yaml", "a=b", "--overwrite",
                          "-o", output], stdout=subprocess.PIPE, check=True)
    return run.stdout

HEAD = b"apiVersion: x/v1\nkind: T\nmetadata:\n  labels:\n    a: b\n  name: a\n"
bad = 0
def complain(what):
    global bad
    bad += 1
    print(what)

rows = re.findall(r'\{("(?:[^"\\]|\\.)*"), (DOC_\w+), (DOC_\w+)\}', text)
if mode == "pyyaml":
    import yaml
    for literal, _, expected in rows:
        scalar = c_string(literal).decode()
        got = type_name(yaml.safe_load("k: " + scalar)["k"])
        if got != expected: complain("%s: PyYAML says %s, the table %s" % (scalar, got, expected))
elif mode == "kubectl-types":
    for _, expected, _ in rows: assert expected != "DOC_DATE"
    rows = [row for row in rows if not re.search(r'inf|nan', row[0], re.I)]  # no JSON has them
    source = HEAD + b"spec:\n" + b"".join(
        b"  k%d: %s\n" % (i, c_string(row[0])) for i, row in enumerate(rows))
    spec = json.loads(kubectl(source, "json"))["spec"]
    for i, (literal, expected, _) in enumerate(rows):
        value = spec["k%d" % i]
        got = type_name(value)
        if got == "DOC_INT" and expected == "DOC_FLOAT": got = "DOC_FLOAT"  # 1e3 is 1000 in JSON
        if got != expected: complain("%s: kubectl says %s, the table %s" % (literal, got, expected))
else:
    table = text[text.index("} texts[] = {"):text.index("\n};", text.index("} texts[] = {"))]
    string = r'"(?:[^"\\]|\\.)*"'
    rows = re.findall(r'\{((?:%s\s*)+),\s*((?:%s\s*)+)\}' % (string, string), table)
    rows = [(c_string(a), c_string(b)) for a, b in rows]
    rows = [(a, b) for a, b in rows if b"\xff" not in a]  # JSON on disk has to be UTF-8
    spec = b",".join(b'"k%03d":%s' % (i, row[0]) for i, row in enumerate(rows))
    source = b'{"apiVersion":"x/v1","kind":"T","metadata":{"labels":{"a":"b"},"name":"a"},"spec":{' \
        + spec + b"}}"
    expected = HEAD + b"spec:\n" + b"".join(
        b"  k%03d: %s\n" % (i, row[1].replace(b"\n ", b"\n   ")) for i, row in enumerate(rows))
    got = kubectl(source, "yaml")
    for ours, theirs in zip(expected.split(b"\n"), got.split(b"\n")):
        if ours != theirs:
            complain("the table says %r, kubectl %r" % (ours, theirs))
            break
if len(rows) < 60: complain("only %d rows found in the table" % len(rows))
sys.exit(bad > 0)
END

ansible_row="the types of Ansible's column are PyYAML's"
if python3 -c 'import yaml' 2>/dev/null; then
    check "$ansible_row" python3 "$work/tables.py" pyyaml "$types" "$work"
else
    skip "$ansible_row" "python3-yaml is not installed"
fi
KUBECONFIG=/dev/null
export KUBECONFIG
for half in types looks; do
    case $half in
    types) name="the types of Kubernetes' column are kubectl's" file=$types ;;
    looks) name="the looks of the writer's table are kubectl's" file=$looks ;;
    esac
    if command -v kubectl >/dev/null && command -v python3 >/dev/null; then
        check "$name" python3 "$work/tables.py" "kubectl-$half" "$file" "$work"
    else
        skip "$name" "kubectl or python3 is not installed"
    fi
done
done_testing
