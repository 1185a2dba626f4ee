"""Plays recorded exchanges of real API servers against pullmend-sim; speaks TAP.

usage: replay.py SIM RECORDINGS VERSION DIFFERENCES WORK

RECORDINGS holds one JSON file an exchange (request, response); files of one leading digit are one
story and share a cluster. DIFFERENCES is a table "NUMBER<TAB>VERSIONS<TAB>REASON" of those that are
known to differ; one listed there that agrees is an error too, so that the table stays true.
"""
import base64
import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import threading
import time

sim_path, recordings, version, table, work = sys.argv[1:6]
minor = int(version.split(".")[1])

# --- The cluster ---------------------------------------------------------------------------------

class Cluster:
    def __init__(self, story):
        self.kubeconfig = os.path.join(work, "kubeconfig-%s" % story)
        scenario = os.path.join(work, "empty.yaml")
        with open(scenario, "w") as out:
            out.write("description: nothing but the API\nspeed: 1\n")
        self.process = subprocess.Popen(
            [sim_path, "--kubeconfig", self.kubeconfig, "--scenario", scenario, "--version", version,
             "--print-ready", "--die-with-fd", "0"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline().decode()
        if not line.startswith("ready"):
            raise SystemExit("the simulated cluster does not start")
        text = open(self.kubeconfig).read()
        self.port = int(re.search(r"https://127\.0\.0\.1:(\d+)", text).group(1))
        ca = base64.b64decode(re.search(r"certificate-authority-data: (\S+)", text).group(1))
        self.context = ssl.create_default_context(cadata=ca.decode())
        tokens = re.findall(r"token: (\S+)", text)
        self.tokens = {"ADMIN": tokens[0], "VIEWER": tokens[1]}

    def ask(self, method, path, headers=None, body=None, timeout=30):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context,
                                                 timeout=timeout)
        headers = dict(headers or {"authorization": "Bearer ADMIN", "accept": "application/json",
                                   "content-type": "application/json",
                                   "user-agent": "demo-client/1.0"})
        auth = headers.get("authorization", "")
        for name, token in self.tokens.items():
            auth = auth.replace("Bearer " + name, "Bearer " + token)
        if auth:
            headers["authorization"] = auth
        if isinstance(body, (dict, list)):
            body = json.dumps(body, separators=(",", ":"))
        if isinstance(body, str):
            body = body.encode()
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            for one in value if isinstance(value, list) else [value]:
                connection.putheader(name, one)
        if body is not None:
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        if response.getheader("content-encoding") == "gzip":
            import gzip
            data = gzip.decompress(data)
        return response, data.decode(errors="replace")

    def make(self, path, body, method="POST", headers=None):
        response, text = self.ask(method, path, headers, body)
        if response.status >= 300 and response.status != 409:
            raise SystemExit("cannot set the stage: %s %s: %d %s" %
                             (method, path, response.status, text))
        return json.loads(text)

    def end(self):
        self.process.stdin.close()
        if self.process.wait(20) != 0:
            print("# the simulated cluster ended with an error")
            return False
        return True

# --- What stands in the cluster before a story ----------------------------------------------------

DCJ = "eyJhdXRocyI6eyJyZWdpc3RyeS5leGFtcGxlLmNvbSI6eyJ1c2VybmFtZSI6InUiLCJwYXNzd29yZCI6InAiLCJhdXRoIjoiZFRwdyJ9fX0="
CORE = "/api/v1/namespaces/rec/"
APPS = "/apis/apps/v1/namespaces/rec/"

def secret(name, labels=None, data=None, kind="kubernetes.io/dockerconfigjson", **more):
    meta = dict({"name": name, "namespace": "rec"}, **more)
    if labels:
        meta["labels"] = labels
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta,
            "data": data or {".dockerconfigjson": DCJ}, "type": kind}

def pod(name, labels, node, **spec):
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": "rec", "labels": labels},
            "spec": dict({"nodeName": node, "containers": [
                {"name": "main", "image": "registry.example.com/demo/main:v1"}]}, **spec)}

def workload(kind, name, spec):
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {
        "name": name, "namespace": "rec", "labels": {"app": name}}, "spec": dict({
            "selector": {"matchLabels": {"app": name}}}, **spec)}

def lab(secrets):
    body = workload("DaemonSet", "csi-demo-lab", {
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
        "template": {"metadata": {"labels": {"app": "csi-demo-lab"}}, "spec": {
            "serviceAccountName": "csi-demo", "imagePullSecrets": [{"name": s} for s in secrets],
            "containers": [
                {"name": "registrar", "args": ["--csi-address=/csi/csi.sock"],
                 "image": "registry.example.com/csi/node-driver-registrar:v2.1.0"},
                {"name": "driver", "args": ["--endpoint=unix:///csi/csi.sock"],
                 "image": "registry.example.com/csi/csi-demo:v1.4.0"}],
            "nodeSelector": {"csi-demo": "none"}}}})
    if not secrets:
        del body["spec"]["template"]["spec"]["imagePullSecrets"]
    return body

def settle(cluster):
    """Waits until the controller has seen the DaemonSet."""
    for _ in range(200):
        one = json.loads(cluster.ask("GET", APPS + "daemonsets/csi-demo-lab")[1])
        if one.get("status", {}).get("observedGeneration") == one["metadata"]["generation"]:
            return one
        time.sleep(0.02)
    raise SystemExit("the DaemonSet's status does not follow")

def fresh_lab(cluster, secrets=("regcred",)):
    cluster.ask("DELETE", APPS + "daemonsets/csi-demo-lab")
    body = lab(secrets)
    body["metadata"]["annotations"] = {}
    last = json.dumps(body, separators=(",", ":"), sort_keys=True) + "\n"
    body["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": last}
    cluster.make(APPS + "daemonsets?fieldManager=kubectl-client-side-apply", body)
    return settle(cluster)

def set_secrets(cluster, names):
    cluster.make(APPS + "daemonsets/csi-demo-lab",
                 {"spec": {"template": {"spec": {"imagePullSecrets": [{"name": n} for n in names]}}}},
                 "PATCH", {"authorization": "Bearer ADMIN", "user-agent": "demo-client/1.0",
                           "content-type": "application/merge-patch+json"})
    settle(cluster)

def pods(cluster):
    waiting = {"phase": "Pending", "containerStatuses": [{
        "name": "main", "state": {"waiting": {"reason": "ImagePullBackOff", "message":
            "Back-off pulling image \"registry.example.com/demo/main:v1\""}}, "lastState": {},
        "ready": False, "restartCount": 0, "image": "registry.example.com/demo/main:v1",
        "imageID": ""}], "qosClass": "BestEffort"}
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    running = {"phase": "Running", "podIP": "10.1.0.2", "podIPs": [{"ip": "10.1.0.2"}],
               "containerStatuses": [{
                   "name": "main", "state": {"running": {"startedAt": now}},
                   "lastState": {"terminated": {"exitCode": 1, "startedAt": now, "finishedAt": now}},
                   "ready": True, "restartCount": 2, "image": "registry.example.com/demo/main:v1",
                   "imageID": ""}], "qosClass": "BestEffort"}
    for i in range(1, 6):
        name = "demo-%d" % i
        body = pod(name, {"app": "demo", "n": str(i)}, "node-b" if i in (2, 4) else "node-a",
                   imagePullSecrets=[{"name": "regcred"}])
        made = cluster.make(CORE + "pods", body)
        made["status"] = running if i == 2 else waiting
        cluster.make(CORE + "pods/%s/status" % name, made, "PUT")

def event(name, about, reason, message, kind, count):
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {"apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": "rec"},
            "involvedObject": {"kind": "Pod", "namespace": "rec", "name": about, "apiVersion": "v1",
                               "uid": "00000000-0000-4000-8000-00000000000" +
                                      ("2" if name == "demo-2.e5" else "1"),
                               "fieldPath": "spec.containers{main}"},
            "reason": reason, "message": message, "type": kind, "count": count,
            "source": {"component": "kubelet", "host": "node-b" if about == "demo-2" and name != "pulled.e1" else "node-a"},
            "firstTimestamp": now,
            "lastTimestamp": now}

def stage_lists(cluster):
    pods(cluster)
    for name in ("alpha", "beta"):
        cluster.make(CORE + "secrets", secret(name, {"demo": "list"}))
    cluster.make(CORE + "secrets", secret(
        "delta", {"demo": "list"}, {".dockercfg": "eyJyZWdpc3RyeS5leGFtcGxlLmNvbSI6eyJhdXRoIjoiZFRwdyJ9fQ=="},
        "kubernetes.io/dockercfg"))
    for name in ("epsilon", "gamma"):
        cluster.make(CORE + "secrets", secret(name, {"demo": "list"}, {"k": "dg=="}, "Opaque"))
    missing = ("Unable to retrieve some image pull secrets (regcred); attempting to pull the image "
               "may not succeed.")
    for one in (event("demo-1.e1", "demo-1", "FailedToRetrieveImagePullSecret", missing, "Warning", 7),
                event("demo-1.e2", "demo-1", "Failed", "Error: ImagePullBackOff", "Warning", 1),
                event("demo-1.e3", "demo-1", "BackOff", "Back-off pulling image", "Normal", 3),
                event("demo-2.e4", "demo-2", "Pulled", "Successfully pulled image", "Normal", 1),
                event("demo-2.e5", "demo-2", "FailedToRetrieveImagePullSecret", missing, "Warning", 1)):
        cluster.make(CORE + "events", one)
    body = lab(["regcred"])
    cluster.make(APPS + "daemonsets", body)
    settle(cluster)
    for kind, plural, name, image in (
            ("StatefulSet", "statefulsets", "csi-demo-controller", "csi-provisioner:v2.1.0"),
            ("Deployment", "deployments", "csi-demo-web", "csi-web:v1.0.0")):
        container = {"name": "provisioner" if kind == "StatefulSet" else "web",
                     "image": "registry.example.com/csi/" + image}
        spec = {"replicas": 0, "template": {"metadata": {"labels": {"app": name}},
                                            "spec": {"containers": [container]}}}
        if kind == "StatefulSet":
            spec["serviceName"] = name
        cluster.make(APPS + plural, workload(kind, name, spec))

def stage_basics(cluster):
    for name in ("s1",):
        cluster.make(CORE + "secrets", secret(name))
    cluster.make(CORE + "secrets", secret("s3", finalizers=["example.com/hold"]))
    for name in ("c1", "c2"):
        cluster.make(CORE + "secrets", secret(name, {"demo": "coll"}))
    cluster.make(CORE + "pods", pod("p1", {"app": "demo"}, "node-a"))
    cluster.make("/apis/storage.k8s.io/v1/csidrivers", {
        "apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": {"name": "demo.csi.example.com"},
        "spec": {"attachRequired": True, "podInfoOnMount": True}})

def config_map(name, data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "rec"},
            "data": data}

def stage_watches(cluster):
    stay = secret("stay", {"demo": "watch"}, {"k": "dg=="}, "Opaque")
    cluster.make(CORE + "secrets", stay)
    cluster.make(CORE + "secrets", secret("other", None, {"k": "dg=="}, "Opaque"))
    cluster.make(CORE + "pods", pod("wp", {"app": "demo"}, "node-a"))
    cluster.make(CORE + "configmaps", config_map("bump", {"n": "1"}))
    cluster.make(CORE + "events", event("pulled.e1", "demo-2", "Pulled", "Successfully pulled image",
                                        "Normal", 1))

def stage_accounts(cluster):
    pass

READER = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
          "metadata": {"name": "reader", "namespace": "rec"}, "rules": [
              {"verbs": ["get", "list", "watch"], "apiGroups": [""],
               "resources": ["pods", "secrets", "serviceaccounts", "events"]},
              {"verbs": ["get", "list", "watch"], "apiGroups": ["apps"],
               "resources": ["daemonsets", "statefulsets", "deployments"]},
              {"verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"],
               "resourceNames": ["bump"]}]}

def bind(cluster, role):
    base = "/apis/rbac.authorization.k8s.io/v1/namespaces/rec/"
    cluster.make(base + "roles", role)
    cluster.make(base + "rolebindings", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"name": role["metadata"]["name"], "namespace": "rec"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role",
                    "name": role["metadata"]["name"]},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "viewer"}]})

def stage_rights(cluster):
    cluster.make(CORE + "secrets", secret("regcred"))
    cluster.make(CORE + "configmaps", config_map("bump", {"n": "1"}))
    fresh_lab(cluster)

def allow_patch(cluster):
    bind(cluster, {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
                   "metadata": {"name": "patcher", "namespace": "rec"}, "rules": [
                       {"verbs": ["patch"], "apiGroups": ["apps"], "resources": ["daemonsets"]}]})

def account_list(cluster, names):
    cluster.make(CORE + "serviceaccounts/csi-demo",
                 {"imagePullSecrets": [{"name": n} for n in names]}, "PATCH",
                 {"authorization": "Bearer ADMIN", "content-type": "application/merge-patch+json",
                  "user-agent": "demo-client/1.0"})

STAGES = {"1": stage_basics, "2": stage_lists, "3": stage_watches, "6": stage_accounts,
          "7": stage_rights}

# What was done between the recorded exchanges.
BEFORE = {
    "2028": lambda c: None,
    "2087": lambda c: c.make(CORE + "pods/demo-1", {"metadata": {"labels": {"t": "moved"}}}, "PATCH",
                             {"authorization": "Bearer ADMIN",
                              "content-type": "application/merge-patch+json"}),
    "5002": settle, "5005": fresh_lab, "5008": settle, "5020": settle, "5027": settle,
    "5032": settle, "5035": lambda c: set_secrets(c, ["regcred"]),
    "5038": lambda c: fresh_lab(c, ("regcred", "other")), "5041": settle, "5043": settle,
    "5050": settle, "5053": fresh_lab, "5056": settle, "5060": settle, "5062": settle,
    "5073": lambda c: set_secrets(c, ["a", "a", "b"]), "5076": fresh_lab, "5079": settle,
    "5086": settle, "5089": fresh_lab, "5091": fresh_lab,
    "5105": lambda c: (fresh_lab(c), set_secrets(c, ["regcred", "regcred"])),
    "5107": fresh_lab, "5108": settle, "5111": fresh_lab, "5113": fresh_lab, "5115": settle,
    "5117": fresh_lab, "5122": settle, "5123": settle,
    "6013": lambda c: account_list(c, ["regcred"]),
    "6015": lambda c: account_list(c, ["regcred-new"]),
    "6017": lambda c: account_list(c, ["regcred"]),
    "7004": lambda c: bind(c, READER), "7033": allow_patch,
    "1014": lambda c: None,
    "2092": lambda c: patch(c, CORE + "events/demo-1.e1", {"metadata": {"labels": {"t": "moved"}}}),
    "2030": lambda c: fault(c, kind="compact"),
    "2114": lambda c: c.make(CORE + "configmaps", config_map("big", {"k": ""})),
}

# Requests whose labels stand for the object as it is made before.
MEANS = ("5005", "5108", "5117")

def patch(cluster, path, body):
    cluster.make(path, body, "PATCH", {"authorization": "Bearer ADMIN", "user-agent": "demo-client/1.0",
                                       "content-type": "application/merge-patch+json"})

def annotate(cluster, number):
    patch(cluster, CORE + "secrets/stay", {"metadata": {"annotations": {"n": str(number)}}})

def come_and_go(cluster):
    cluster.make(CORE + "secrets", secret("w1", {"demo": "watch"}, {"k": "dg=="}, "Opaque"))
    patch(cluster, CORE + "secrets/w1", {"metadata": {"annotations": {"step": "2"}}})
    cluster.ask("DELETE", CORE + "secrets/w1")

def move(cluster):
    cluster.make(CORE + "secrets", secret("w2", {"color": "red", "demo": "watch"}, {"k": "dg=="}, "Opaque"))
    for color in ("blue", "red"):
        patch(cluster, CORE + "secrets/w2", {"metadata": {"labels": {"color": color}}})
    cluster.ask("DELETE", CORE + "secrets/w2")

def elsewhere(cluster):
    patch(cluster, CORE + "secrets/other", {"metadata": {"annotations": {"n": str(time.time())}}})

def event_life(cluster):
    cluster.make(CORE + "events", event("watch.e1", "watch", "BackOff", "Back-off pulling image",
                                        "Warning", 1))
    patch(cluster, CORE + "events/watch.e1", {"count": 2})
    cluster.ask("DELETE", CORE + "events/watch.e1")

def pod_end(cluster):
    cluster.ask("DELETE", CORE + "pods/wp")
    cluster.ask("DELETE", CORE + "pods/wp?gracePeriodSeconds=0")

def new_lab(cluster):
    cluster.make(APPS + "daemonsets", lab(["regcred"]))

# What happens while a recorded watch is open.
DURING = {
    "3001": come_and_go, "3003": move, "3004": lambda c: annotate(c, 1),
    "3006": lambda c: annotate(c, 2), "3015": elsewhere, "3018": new_lab,
    "3019": lambda c: c.make(CORE + "pods", pod("other", {"app": "x"}, "node-a")),
    "3021": event_life, "3022": pod_end, "3033": lambda c: annotate(c, 3),
    "3045": lambda c: (annotate(c, 5), annotate(c, 6)), "3046": lambda c: (annotate(c, 5), annotate(c, 6)),
    "3047": elsewhere, "3048": lambda c: (annotate(c, 5), annotate(c, 6)), "3049": elsewhere,
}

# --- Comparing ------------------------------------------------------------------------------------

LABEL = re.compile(r"(UID|RV|CONTINUE)-(\d+|CACHE|OLDEST|CURRENT)\b")

class Names:
    """What the recording's labels stand for in this run."""
    def __init__(self):
        self.value = {}

    def fill(self, text):
        def one(match):
            label = match.group(0)
            if label not in self.value:
                self.value[label] = ("00000000-0000-4000-8000-%012d" % int(match.group(2))
                                     if match.group(1) == "UID" else "1"
                                     if match.group(1) == "RV" else "")
            return self.value[label]
        return LABEL.sub(one, text)

    def learn(self, label, value):
        if not label.endswith(("CACHE", "OLDEST", "CURRENT")):
            self.value[label] = value

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

def plain(text):
    """A message without what changes from run to run."""
    text = TIME.sub("TIME", text)
    text = LABEL.sub("X", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "X", text)
    text = re.sub(r"\b\d+[smhd](\d+[smhd])?\b", "AGE", text)
    text = re.sub(r"(?<![\w.])\d{4,}(?![\w.])", "X", text)
    text = re.sub(r"-(rnd\d+|x{5}|[bcdfghjklmnpqrstvwxz2456789]{5})\b", "-RANDOM", text)
    return text

REDACTED = base64.b64encode(b"REDACTED").decode()

IGNORED = {"description", "storageVersionHash", "gitVersion", "goVersion", "minCompatibilityMinor",
           "serverAddressByClientCIDRs", "token"}

def shape(path, want, got, names, out):
    """Adds to out where got is not as want."""
    if want in ("...", "left out", REDACTED) or (isinstance(want, str) and "left out" in want):
        return
    if isinstance(want, dict):
        if not isinstance(got, dict):
            out.append("%s: %r instead of an object" % (path, got))
            return
        if any("-rnd" in key for key in want):
            want = {plain(key): value for key, value in want.items()}
            got = {plain(key): value for key, value in got.items()}
        partial = "..." in want or (path.endswith("metadata") and list(want) == ["name"]) or \
            path.endswith(".object.metadata")
        for key, value in want.items():
            if key == "..." or key in IGNORED or (partial and value is None and key not in got):
                continue
            if key not in got:
                out.append("%s.%s: missing" % (path, key))
            else:
                shape(path + "." + key, value, got[key], names, out)
        for key in got:
            if key not in want and not partial and key not in IGNORED and key != "managedFields":
                out.append("%s.%s: should not be there (%s)" % (path, key, json.dumps(got[key])[:80]))
        return
    if isinstance(want, list):
        if not isinstance(got, list):
            out.append("%s: %r instead of a list" % (path, got))
            return
        key = "managedFields" if path.endswith("managedFields") else None
        if key:
            order = lambda e: (e.get("manager", ""), e.get("operation", ""), e.get("subresource", ""))
            want, got = sorted(want, key=order), sorted(got, key=order)
        if len(want) != len(got):
            out.append("%s: %d elements instead of %d" % (path, len(got), len(want)))
            return
        for i, value in enumerate(want):
            shape("%s[%d]" % (path, i), value, got[i], names, out)
        return
    if isinstance(want, str) and isinstance(got, str):
        label = LABEL.fullmatch(want)
        if label:
            names.learn(want, got)
        elif plain(want) != plain(got):
            if path.endswith(("cells[4]", "annotations.n")) or re.fullmatch(r"\d+[smhd]", want):
                return
            out.append("%s: %r instead of %r" % (path, got[:300], want[:300]))
        return
    if type(want) is not type(got) or want != got:
        if isinstance(want, (int, float)) and isinstance(got, (int, float)):
            if path.endswith(("count", "remainingItemCount", "expirationSeconds")) or want != got:
                out.append("%s: %r instead of %r" % (path, got, want))
            return
        out.append("%s: %r instead of %r" % (path, got, want))

def trimmed(note):
    return "trimmed" in note or "kept" in note or "names only" in note or "names kept" in note

def names_of(value):
    return [i["metadata"]["name"] for i in value.get("items", [])]

def compare(number, record, response, text, names):
    want = record["response"]
    out = []
    if response.status != want["status"]:
        out.append("status %d instead of %d: %s" % (response.status, want["status"], text[:300]))
        return out
    for name in ("content-type", "retry-after", "content-encoding", "vary"):
        expected = want.get("headers", {}).get(name)
        got = response.getheader(name)
        if (expected or "") != (got or ""):
            out.append("header %s: %r instead of %r" % (name, got, expected))
    expected = want.get("headers", {}).get("warning") or []
    got = [value for name, value in response.getheaders() if name.lower() == "warning"]
    if sorted(expected) != sorted(got):
        out.append("warnings: %r instead of %r" % (got, expected))
    body = want.get("body")
    if "frames" in want:
        frames = [json.loads(line) for line in text.splitlines()]
        compare_frames(want["frames"], frames, names, out)
        return out
    if body is None:
        return out
    if isinstance(body, str):
        if "left out" not in body and plain(body) != plain(text):
            out.append("body %r instead of %r" % (text[:300], body[:300]))
        return out
    try:
        value = json.loads(text)
    except ValueError:
        out.append("no JSON: %r" % text[:200])
        return out
    note = record["note"]
    if "body bytes" in body:
        return out
    if body.get("columnDefinitions") in ("left out", ["left out"]):
        value["columnDefinitions"] = body["columnDefinitions"]
    if isinstance(body.get("items"), list) and body["items"] and \
            all(isinstance(i, str) for i in body["items"]):
        count = re.fullmatch(r"(\d+) items?", body["items"][0])
        if count and int(count.group(1)) != len(value["items"]):
            out.append("%d items instead of %s" % (len(value["items"]), count.group(1)))
        elif not count and "left out" not in body["items"][0] and \
                body["items"] != names_of(value):
            out.append("items %r instead of %r" % (names_of(value), body["items"]))
        body = {k: v for k, v in body.items() if k != "items"}
        value.pop("items", None)
    for part in ("items", "rows", "resources", "groups"):
        if isinstance(body.get(part), list) and isinstance(value.get(part), list) and \
                (trimmed(note) or part in ("resources", "groups")):
            value[part] = pick(body[part], value[part])
    shape("", body, value, names, out)
    return out

def key_of(entry):
    if "metadata" in entry:
        return entry["metadata"].get("name")
    if entry.get("object"):
        return entry["object"]["metadata"]["name"]
    return entry.get("name") or (entry.get("cells") or [None])[0]

def pick(want, got):
    """The entries of got that a shortened recording kept."""
    kept = []
    for one in want:
        same = [g for g in got if key_of(g) == key_of(one)] if isinstance(one, dict) else []
        if "versions" in (one if isinstance(one, dict) else {}) and same:
            for mine, his in zip(one["versions"], same[0]["versions"]):
                if "resources" in mine:
                    his["resources"] = [r for r in his["resources"] if r["resource"] in
                                        [m["resource"] for m in mine["resources"]]]
        kept.extend(same[:1])
    return kept if kept else got

def compare_frames(want, got, names, out):
    for i, frame in enumerate(want):
        if i >= len(got):
            if i != len(want) - 1 or frame["type"] != "BOOKMARK":
                out.append("frame %d (%s) is missing" % (i, frame["type"]))
            break
        if frame["type"] != got[i]["type"]:
            out.append("frame %d is %s instead of %s" % (i, got[i]["type"], frame["type"]))
            break
        shape("frame[%d]" % i, frame["object"], got[i]["object"], names, out)

# --- The run -------------------------------------------------------------------------------------

def read_table():
    reasons = {}
    with open(table) as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                number, versions, reason = line.rstrip("\n").split("\t")
                if version in versions.split(","):
                    reasons[number] = reason
    return reasons

def big_config_map(cluster, number):
    """A ConfigMap whose plain answer has exactly as many bytes as the recording says."""
    wanted = 131072 if number == "2114" else 131073
    path = CORE + "configmaps/big"
    plain_headers = {"authorization": "Bearer ADMIN", "accept": "application/json"}
    size = len(cluster.ask("GET", path, plain_headers)[1])
    one = json.loads(cluster.ask("GET", path, plain_headers)[1])
    length = len(one.get("data", {}).get("k", "")) + wanted - size
    cluster.make(path, config_map("big", {"k": "x" * length}), "PUT")

def find_labels(cluster, number, path, names):
    """Versions and tokens that an unrecorded request brought are asked for now."""
    for label in LABEL.finditer(path):
        if label.group(0) in names.value or label.group(1) == "UID":
            continue
        collection = path.split("?")[0]
        query = "?limit=2" if label.group(1) == "CONTINUE" else "?limit=1"
        answer = json.loads(cluster.ask("GET", collection + query)[1])
        metadata = answer.get("metadata", {})
        names.value[label.group(0)] = metadata.get(
            "continue" if label.group(1) == "CONTINUE" else "resourceVersion", "")
    if number in AFTER_LABELS:
        AFTER_LABELS[number](cluster)

def fault(cluster, **what):
    cluster.make("/sim/faults", what)

def touch(cluster, path, times):
    """Writes that leave the object as it was."""
    for _ in range(times):
        for value in ("x", None):
            patch(cluster, path, {"metadata": {"annotations": {"touched": value}}})

def forget(cluster, path):
    touch(cluster, path, 2)
    fault(cluster, kind="compact")

AFTER_LABELS = {
    "2023": lambda c: forget(c, CORE + "pods/demo-5"),
    "2025": lambda c: forget(c, CORE + "events/demo-1.e1"),
    "3023": lambda c: forget(c, CORE + "events/pulled.e1"),
    "3025": lambda c: (touch(c, CORE + "configmaps/bump", 2), fault(c, kind="restart"),
                       time.sleep(0.2)),
}

def play(cluster, number, record, names):
    request = record["request"]
    seen = BEFORE[number](cluster) if number in BEFORE else None
    if number in MEANS:
        for label in LABEL.finditer(json.dumps(request["body"])):
            member = {"RV": "resourceVersion", "UID": "uid"}[label.group(1)]
            if label.group(0) not in names.value:
                names.value[label.group(0)] = seen["metadata"][member]
    if number in ("2114", "2115"):
        big_config_map(cluster, number)
    body = request["body"]
    text = body if isinstance(body, str) or body is None else json.dumps(body, separators=(",", ":"))
    size = re.fullmatch(r"\((?:data\.k of )?(\d+) bytes\)", text or "")
    if size and "data.k" in text:
        text = json.dumps(secret("bad", None, {"k": base64.b64encode(
            b"x" * int(size.group(1))).decode()}, "Opaque"))
    elif size:
        text = " " * int(size.group(1))
    elif text is not None:
        text = names.fill(text)
    headers = {k: v for k, v in request["headers"].items() if k != "content-length"}
    find_labels(cluster, number, request["path"], names)
    path = names.fill(request["path"])
    if record["response"]["status"] is None:
        try:
            cluster.ask(request["method"], path, headers, text)
        except (OSError, http.client.HTTPException):
            return []
        return ["an answer although the recorded server gave none"]
    helper = None
    if number in DURING:
        helper = threading.Timer(0.3, DURING[number], [cluster])
        helper.start()
    response, answer = cluster.ask(request["method"], path, headers, text)
    if helper:
        helper.join()
    return compare(number, record, response, answer, names)

def main():
    reasons = read_table()
    files = sorted(f for f in os.listdir(recordings) if f.endswith(".json"))
    run = failed = 0
    for story in sorted(set(f[0] for f in files)):
        cluster = Cluster(story)
        cluster.make("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace",
                                            "metadata": {"name": "rec"}})
        cluster.make(CORE + "serviceaccounts", {"apiVersion": "v1", "kind": "ServiceAccount",
                                                "metadata": {"name": "csi-demo", "namespace": "rec"}})
        cluster.ask("DELETE", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/viewer")
        STAGES.get(story, lambda c: None)(cluster)
        names = Names()
        for name in (f for f in files if f[0] == story):
            number = name[:4]
            with open(os.path.join(recordings, name)) as source:
                record = json.load(source)
            run += 1
            title = "%s answers %s as recorded" % (version, name[:-5])
            reason = reasons.get(number, "")
            if reason.startswith("not played:"):
                print("ok %d - %s # SKIP %s" % (run, title, reason))
                continue
            try:
                problems = play(cluster, number, record, names)
            except (OSError, http.client.HTTPException, ValueError, SystemExit) as error:
                problems = ["no answer: %r" % error]
            if bool(problems) == bool(reason):
                print("ok %d - %s%s" % (run, title, " (known to differ: %s)" % reason if reason else ""))
                continue
            failed += 1
            print("not ok %d - %s" % (run, title))
            for problem in problems[:12] or ["agrees, but is listed as different: " + reason]:
                print("# " + problem)
        run += 1
        print("%s %d - the cluster of story %s %s ends cleanly" %
              ("ok" if cluster.end() else "not ok", run, story, version))
    print("1..%d" % run)
    sys.exit(1 if failed else 0)

main()
