# Sourced after lib.sh and registry.sh by the tests of Secrets: a simulated cluster whose driver's
# images come from Debian's docker-registry on loopback, which wants puller and right-password. POSIX
# sh.
scratch="$work"

# world_can_be: skips the whole test where something is missing
world_can_be() {
    for tool in docker-registry htpasswd sha256sum "$PULLMEND_SIM"; do
        if ! command -v "$tool" >/dev/null 2>&1; then
            skip "registry Secrets on a simulated cluster" "$tool is not here"
            done_testing
        fi
    done
}

# put_image REPOSITORY TAG: one manifest as the registry keeps it on disk
put_image() {
    printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"x","size":2,"digest":"sha256:%s"},"layers":[]}' \
        'application/vnd.docker.distribution.manifest.v2+json' \
        44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a >"$scratch/manifest"
    image_digest=$(sha256sum "$scratch/manifest" | cut -d' ' -f1)
    image_root="$scratch/store/docker/registry/v2"
    image_blob="$image_root/blobs/sha256/$(printf %.2s "$image_digest")/$image_digest"
    image_links="$image_root/repositories/$1/_manifests"
    mkdir -p "$image_blob" "$image_links/revisions/sha256/$image_digest" \
        "$image_links/tags/$2/current" "$image_links/tags/$2/index/sha256/$image_digest"
    cp "$scratch/manifest" "$image_blob/data"
    for image_link in "$image_links/revisions/sha256/$image_digest" \
        "$image_links/tags/$2/current" "$image_links/tags/$2/index/sha256/$image_digest"; do
        printf 'sha256:%s' "$image_digest" >"$image_link/link"
    done
}

# start_private_registry [PASSWORD]: its address comes back in $registry
start_private_registry() {
    echo "${1:-right-password}" | htpasswd -Bin puller >"$scratch/htpasswd" 2>/dev/null
    {
        printf 'version: 0.1\nlog: {level: info}\nstorage: {filesystem: {rootdirectory: %s}}\n' \
            "$scratch/store"
        printf 'http:\n  addr: 127.0.0.1:0\n'
        printf 'auth: {htpasswd: {realm: suite, path: %s}}\n' "$scratch/htpasswd"
    } >"$scratch/registry.yml"
    docker-registry serve "$scratch/registry.yml" >"$scratch/registry.log" 2>&1 &
    servers="$servers $!"
    wait_for 'listening on' "$scratch/registry.log" $! || {
        not_ok "the registry starts" "$scratch/registry.log"
        done_testing
    }
    registry=$(sed -n 's/.*listening on \(127\.0\.0\.1:[0-9]*\).*/\1/p' "$scratch/registry.log" |
        head -1)
}

# put_driver_images: those of the scenario, under the prefixes that mirror_scenario gives them
put_driver_images() {
    for image in k8s/sig-storage/csi-provisioner:v3.1.0 k8s/sig-storage/csi-attacher:v3.4.0 \
        k8s/sig-storage/csi-resizer:v1.4.0 k8s/sig-storage/csi-snapshotter:v4.2.1 \
        k8s/sig-storage/csi-node-driver-registrar:v2.5.0 upcloudltd/upcloud-csi:v1.1.0; do
        put_image "${image%:*}" "${image#*:}"
    done
}

# mirror_scenario FILE: the scenario private-mirror with this registry instead
mirror_scenario() {
    cat >"$1" <<END
description: UpCloud CSI from the registry on loopback
base: kubespray-upcloud
past: 2m
speed: 600
images:
- {from: registry.k8s.io/, to: $registry/k8s/}
- {from: k8s.gcr.io/, to: $registry/k8s/}
- {from: ghcr.io/, to: $registry/}
registries:
- {prefix: $registry/, access: private, login: basic, username: puller, password: ${2:-right-password}}
END
}

# start_cluster SCENARIO|FILE: its kubeconfig is used from then on
start_cluster() {
    KUBECONFIG="$scratch/kubeconfig"
    export KUBECONFIG
    mkfifo "$scratch/cluster.life"
    "$PULLMEND_SIM" --kubeconfig "$KUBECONFIG" --scenario "$1" --print-ready \
        --die-with-fd 0 <"$scratch/cluster.life" >"$scratch/cluster.ready" 2>"$scratch/cluster.log" &
    cluster=$!
    servers="$servers $cluster"
    exec 8>"$scratch/cluster.life"
    wait_for . "$scratch/cluster.ready" "$cluster" || {
        not_ok "the simulated cluster starts" "$scratch/cluster.log"
        done_testing
    }
}
