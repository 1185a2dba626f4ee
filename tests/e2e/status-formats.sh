#!/bin/sh
# What machines read of `pullmend status`: the JSON document field by field, and metrics that a
# textfile collector takes.
. "$TOP_SRCDIR/tests/lib.sh"
. "$TOP_SRCDIR/tests/e2e/sim.sh"
. "$TOP_SRCDIR/tests/e2e/rules-world.sh"

cat >"$work/schema.py" <<'EOF'
"""Compares a status document with its schema, field by field."""
import json
import re
import sys

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
SPAN = re.compile(r"PT(\d+H)?(\d+M)?(\d+S)?$")
STATES = ["rejected", "missing", "malformed", "wrong-type", "no-match", "empty-name", "unknown",
          "empty", "ok", "none"]
CHANGES = ["drop-reference", "create-secret", "create-empty", "use-secret", "copy-secret",
           "kubespray", "restart-pods"]


def one_of(*words):
    return lambda value: value in words


def matches(pattern):
    return lambda value: isinstance(value, str) and pattern.match(value)


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def or_null(test):
    return lambda value: value is None or (check_is(test, value))


def check_is(test, value):
    if isinstance(test, type):
        return isinstance(value, test)
    return test(value)


time = matches(TIME)
warnings = {"count": or_null(number), "perDay": or_null(number), "lowerBound": bool,
            "firstSeen": or_null(time), "lastSeen": or_null(time), "since": matches(SPAN)}
pull_secret = {"name": str, "source": one_of("pod", "serviceaccount"), "state": one_of(*STATES),
               "registries": [str]}
pod = {"name": str, "node": str, "phase": str, "ready": matches(re.compile(r"\d+/\d+$")),
       "restarts": number, "stale": bool, "images": [str], "pullSecrets": [pull_secret],
       "state": one_of(*STATES), "pulling": one_of("ok", "failing", "waiting"),
       "pullMessage?": str, "odd?": str, "warnings": warnings}
workload = {"kind": str, "namespace": str, "name": str,
            "role": one_of("controller", "node", "other"), "desired": number, "ready": number,
            "updated": number, "serviceAccount": str, "managedBy": str, "imagePullSecrets": [str],
            "pods": [pod]}
fix = {"change": one_of(*CHANGES), "restarts": number, "command": str}
finding = {"rule": str, "severity": one_of("error", "warning", "info"), "driver": str,
           "secret": "secret", "pods": number, "message": str, "explanation": str, "fixes": [fix]}
secret = {"namespace": str, "name": str}
status = {"apiVersion": one_of("pullmend/v1"), "kind": one_of("Status"), "takenAt": time,
          "cluster": {"context": str, "server": str, "version": str, "user": str,
                      "readOnly": bool, "notReadable": [str]},
          "drivers": [{"name": str, "workloads": [workload]}],
          "findings": [finding],
          "totals": {"pods": number, "broken": number, "warnings": number,
                     "warningsPerDay": or_null(number), "lowerBound": bool}}
faults = []


def walk(path, schema, value):
    if schema == "secret":
        if value is not None:
            walk(path, secret, value)
    elif isinstance(schema, dict):
        if not isinstance(value, dict):
            faults.append(f"{path}: not an object: {value!r}")
            return
        known = {key.rstrip("?") for key in schema}
        faults.extend(f"{path}.{key}: not in the schema" for key in value if key not in known)
        for key, part in schema.items():
            name = key.rstrip("?")
            if name in value:
                walk(f"{path}.{name}", part, value[name])
            elif not key.endswith("?"):
                faults.append(f"{path}.{name}: missing")
    elif isinstance(schema, list):
        if not isinstance(value, list):
            faults.append(f"{path}: not a list: {value!r}")
            return
        for i, item in enumerate(value):
            walk(f"{path}[{i}]", schema[0], item)
    elif not check_is(schema, value):
        faults.append(f"{path}: {value!r}")


document = json.load(open(sys.argv[1]))
walk("", status, document)
pods = [p for d in document["drivers"] for w in d["workloads"] for p in w["pods"]]
broken = [p for p in pods if p["state"] in STATES[:6]]
totals = document["totals"]
for name, count in (("pods", len(pods)), ("broken", len(broken)),
                    ("warnings", sum(p["warnings"]["count"] or 0 for p in pods))):
    if totals[name] != count:
        faults.append(f".totals.{name}: {totals[name]}, but there are {count}")
for p in pods:
    worst = min([STATES.index(r["state"]) for r in p["pullSecrets"]] + [STATES.index("none")])
    if STATES.index(p["state"]) != worst:
        faults.append(f"{p['name']}: {p['state']} is not the worst of its references")
print("\n".join(faults[:20]))
sys.exit(bool(faults))
EOF

# look NAME ARGUMENT...: both formats of the cluster as it is
look() {
    look_name=$1
    shift
    "$PULLMEND" status -o json "$@" >"$work/status.json" 2>"$work/err"
    "$PULLMEND" status -o prometheus "$@" >"$work/metrics" 2>"$work/err"
    if command -v python3 >/dev/null 2>&1; then
        check "$look_name: JSON is what is promised" python3 "$work/schema.py" "$work/status.json"
    else
        skip "$look_name: JSON is what is promised" "python3 is not installed"
    fi
    sed -n 's/^\([^#].*\) [-0-9.e+]*$/\1/p' "$work/metrics" | sort | uniq -d >"$work/doubles"
    check "$look_name: no series comes twice" [ ! -s "$work/doubles" ]
    if command -v promtool >/dev/null 2>&1; then
        check "$look_name: promtool takes the metrics" sh -c 'promtool check metrics <"$1"' - \
            "$work/metrics"
    else
        skip "$look_name: promtool takes the metrics" "promtool is not installed"
    fi
}

start_sim --scenario kubespray-upcloud
look "a missing Secret"
expect_text "every pod is a series" \
    '^pullmend_pod_pull_secret_broken\{driver="storage.csi.upcloud.com",namespace="kube-system",pod="csi-upcloud-controller-0",node="[^"]*",state="missing"\} 1$' \
    "$work/metrics"
expect_text "warnings are counted" '^pullmend_pod_pull_secret_warnings_total\{.*\} [1-9]' \
    "$work/metrics"
look "who may not read Secrets" --context viewer
start_sim --scenario healthy
look "a sound cluster"
start_sim --scenario "$work/rules.yaml"
look "every fault at once"
start_sim --scenario "$work/old.yaml"
look "kubelets that report nothing"
refuse_text "what no kubelet reports is not told as none" '^pullmend_pod_pull_secret_warnings_total' \
    "$work/metrics"
end_sim
done_testing
