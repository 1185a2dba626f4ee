# Sourced after lib.sh: scenarios that show every rule, $work/rules.yaml and, for what only older
# kubelets leave unsaid, $work/old.yaml. A driver a rule, so that each can be mended alone.
patch_object() { # patch_object PATH BODY: a merge patch by the kubeconfig's user, with curl
    patch_server=$(sed -n 's/^ *server: *//p' "$KUBECONFIG" | head -1)
    patch_token=$(sed -n 's/^ *token: *//p' "$KUBECONFIG" | head -1)
    curl -fsSk -X PATCH -H "Authorization: Bearer $patch_token" \
        -H 'Content-Type: application/merge-patch+json' -d "$2" "$patch_server$1"
}

base64_of() { # base64_of TEXT
    printf '%s' "$1" | base64 | tr -d '\n'
}

# secret NAME PAYLOAD [EXTRA]: a registry Secret in kube-system
secret() {
    cat <<EOF
  - apiVersion: v1
    kind: Secret
    metadata: {name: $1, namespace: kube-system}
    type: kubernetes.io/dockerconfigjson
    data: {.dockerconfigjson: $(base64_of "$2")}
EOF
    [ -z "${3-}" ] || echo "    $3"
}

# login KEY [USER [PASSWORD]]: one entry
login() {
    printf '"%s":{"username":"%s","password":"%s"}' "$1" "${2-puller}" "${3-not-a-real-password}"
}

# driver NAME LIST IMAGE [SETTING...]: a node plugin; settings go into the pod spec (spec:...), the
# container (container:...) or the workload's spec (workload:...)
driver() {
    driver_name=$1
    driver_list=$2
    driver_image=$3
    driver_plugin=${plugin-$1.example.com}
    shift 3
    cat <<EOF
  - apiVersion: apps/v1
    kind: DaemonSet
    metadata: {name: $driver_name, namespace: kube-system}
    spec:
      selector: {matchLabels: {app: $driver_name}}
EOF
    for setting; do
        case $setting in workload:*) echo "      ${setting#workload:}" ;; esac
    done
    cat <<EOF
      template:
        metadata: {labels: {app: $driver_name}}
        spec:
          imagePullSecrets: $driver_list
EOF
    for setting; do
        case $setting in spec:*) echo "          ${setting#spec:}" ;; esac
    done
    cat <<EOF
          containers:
          - name: node-driver-registrar
            image: "$driver_image"
            args: ["--kubelet-registration-path=/var/lib/kubelet/plugins/$driver_plugin/csi.sock"]
EOF
    for setting; do
        case $setting in container:*) echo "            ${setting#container:}" ;; esac
    done
}

head_of_scenario() { # head_of_scenario KUBELET_MINOR
    cat <<EOF
description: every rule at once
version: 36
speed: 60
past: 1h
kubelet: {minor: $1, pull: 1s, stop: 1s}
nodes:
- name: worker
registries:
- {prefix: private.example.com/, access: private, username: puller, password: not-a-real-password}
- {prefix: forbidden.example.com/, access: forbidden}
- {prefix: gone.example.com/, access: gone}
- {prefix: down.example.com/, access: down}
- {prefix: nohost.example.com/, access: no-host}
- {prefix: untrusted.example.com/, access: untrusted}
- {prefix: limited.example.com/, access: limited}
- {prefix: slow.example.com/, access: slow}
- {prefix: broken.example.com/, access: broken}
- {prefix: full.example.com/, access: full}
- {prefix: arm.example.com/, says: "rpc error: code = NotFound desc = no match for platform in manifest: not found"}
- {prefix: unsigned.example.com/, says: "SignatureValidationFailed: Source image rejected"}
- {prefix: aged.example.com/, says: "not implemented: media type v1 is no longer supported since containerd v2.1"}
- {prefix: strange.example.com/, says: "rpc error: code = Unknown desc = the runtime is puzzled"}
apply:
EOF
}

# An unsigned web token that ended at the second 1767243600.
token=$(base64_of '{"alg":"none"}').$(base64_of '{"exp":1767243600}' | tr -d '=').c2ln

{
    head_of_scenario 36
    cat <<EOF
- age: 960h
  objects:
  - {apiVersion: v1, kind: Namespace, metadata: {name: elsewhere}}
  - {apiVersion: v1, kind: ServiceAccount, metadata: {name: shadowed, namespace: kube-system},
     imagePullSecrets: [{name: good}]}
  - {apiVersion: v1, kind: ServiceAccount, metadata: {name: newer, namespace: kube-system}}
  - {apiVersion: v1, kind: Secret, metadata: {name: opaque, namespace: kube-system},
     stringData: {a: b}}
  - {apiVersion: v1, kind: Secret, metadata: {name: upcloud, namespace: kube-system},
     stringData: {username: a, password: b}}
  - apiVersion: v1
    kind: Secret
    metadata: {name: moved, namespace: elsewhere}
    type: kubernetes.io/dockerconfigjson
    data: {.dockerconfigjson: $(base64_of '{"auths":{}}')}
EOF
    secret good "{\"auths\":{$(login private.example.com)}}"
    secret wrong "{\"auths\":{$(login private.example.com puller stale)}}"
    secret spoilt '{"auths":{"private.example.com/y":{"auth":"!"}}}'
    secret other "{\"auths\":{$(login other.example.com)}}"
    secret frozen "{\"auths\":{$(login other.example.com)}}" "immutable: true"
    secret empty '{"auths":{}}'
    secret blank '{"auths":{"public.example.com":{}}}'
    secret identity '{"auths":{"public.example.com":{"identitytoken":"t"}}}'
    secret hub "{\"auths\":{$(login https://index.docker.io/v1)}}"
    secret twice "{\"auths\":{$(login public.example.com),$(login https://public.example.com/ puller older)}}"
    secret ended "{\"auths\":{$(login public.example.com puller "$token")}}"
    secret ecr "{\"auths\":{$(login 123456789012.dkr.ecr.eu-west-1.amazonaws.com AWS)}}"
    image=public.example.com/x/csi-driver:v1
    private=private.example.com/x/csi-driver:v1
    driver missing "[{name: nowhere}]" "$image"
    driver rejected "[{name: wrong}]" "$private"
    driver malformed "[{name: good}, {name: spoilt}]" private.example.com/y/csi-driver:v1
    driver wrongtype "[{name: opaque}]" "$image"
    driver nomatch "[{name: other}]" "$image"
    driver immutable "[{name: frozen}]" "$image"
    driver emptyname "[{name: ''}]" "$image"
    driver empty "[{name: empty}]" "$private"
    driver elsewhere "[{name: moved}]" "$image"
    driver hubkey "[{name: hub}]" docker.io/amazon/csi-driver:v1
    driver identity "[{name: identity}]" "$image"
    driver blank "[{name: blank}]" "$image"
    driver cloud "[{name: upcloud}]" "$image"
    driver ecr "[{name: ecr}]" 123456789012.dkr.ecr.eu-west-1.amazonaws.com/x/csi-driver:v1
    driver ended "[{name: ended}]" "$image"
    driver spellings "[{name: twice}]" "$image"
    driver optional "[{name: good}, {name: maybe}]" "$private"
    driver handed "[{name: good}]" "$private"
    plugin=handed.example.com driver handed-out "[]" "$private"
    driver shadowed "[{name: nowhere}]" "$private" "spec:serviceAccountName: shadowed"
    driver newer "[]" "$image" "spec:serviceAccountName: newer" "workload:updateStrategy: {type: OnDelete}"
    driver stale "[{name: good}]" "$private" "workload:updateStrategy: {type: OnDelete}"
    driver forbidden "[]" forbidden.example.com/x/csi-driver:v1
    driver gone "[]" gone.example.com/x/csi-driver:v1
    plugin=gone.example.com driver gone-too "[]" gone.example.com/x/csi-agent:v1
    driver down "[]" down.example.com/x/csi-driver:v1
    driver nohost "[]" nohost.example.com/x/csi-driver:v1
    driver untrusted "[]" untrusted.example.com/x/csi-driver:v1
    driver limited "[]" limited.example.com/x/csi-driver:v1
    driver slow "[]" slow.example.com/x/csi-driver:v1
    driver broken "[]" broken.example.com/x/csi-driver:v1
    driver full "[]" full.example.com/x/csi-driver:v1
    driver arm "[]" arm.example.com/x/csi-driver:v1
    driver unsigned "[]" unsigned.example.com/x/csi-driver:v1
    driver aged "[]" aged.example.com/x/csi-driver:v1
    driver strange "[]" strange.example.com/x/csi-driver:v1
    driver badname "[]" "public.example.com/Capital/csi-driver:v1"
    driver never "[]" public.example.com/z/csi-driver:v1 "container:imagePullPolicy: Never"
    driver gcr "[]" k8s.gcr.io/x/csi-driver:v1
    cat <<EOF
- how: client-side
  manager: kubectl-client-side-apply
  age: 900h
  objects:
EOF
    plugin=storage.csi.upcloud.com driver csi-upcloud-node "[{name: nowhere}]" "$image"
    driver misplaced "null" "$image" "workload:imagePullSecrets: [{name: good}]"
    cat <<EOF
- age: 800h
  how: create
  objects:
  - apiVersion: v1
    kind: Pod
    metadata: {name: static-worker, namespace: kube-system, uid: "77",
               annotations: {kubernetes.io/config.mirror: a, kubernetes.io/config.source: file}}
    spec:
      nodeName: worker
      imagePullSecrets: [{name: nowhere}, {name: nowhere}]
      containers: [{name: csi-attacher, image: "$image"}]
- how: as-is
  age: 700h
  objects:
  - apiVersion: v1
    kind: Pod
    metadata: {name: "odd-worker", namespace: kube-system, labels: null, ownerReferences: {a: b}}
    spec:
      nodeName: worker
      imagePullSecrets: [good, null, {name: 7}]
      containers: [{name: csi-attacher, image: "$image"}]
    status: {phase: Running, containerStatuses: [{name: csi-attacher, ready: "yes", restartCount: "3"}]}
EOF
} >"$work/rules.yaml"

{
    head_of_scenario 27
    cat <<EOF
- age: 960h
  objects:
EOF
    driver missing "[{name: nowhere}]" public.example.com/x/csi-driver:v1
} >"$work/old.yaml"
