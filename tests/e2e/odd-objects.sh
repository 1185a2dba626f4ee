#!/bin/sh
# Objects as no API server should send them, told to the whole program by a recording: fields that are
# missing, null lists, numbers as strings, control characters, names of 253 bytes, messages of 1 MB,
# one uid twice, clocks in the future, counts that go down. Nothing crashes, and the row says what is odd.
. "$TOP_SRCDIR/tests/lib.sh"
HOME=$work
XDG_CONFIG_HOME=$work/config
XDG_STATE_HOME=$work/state
LC_ALL=C.UTF-8
KUBECONFIG=/nonexistent
export HOME XDG_CONFIG_HOME XDG_STATE_HOME LC_ALL KUBECONFIG

long=$(printf '%253s' '' | tr ' ' n)
megabyte=$(printf '%1048576s' '' | tr ' ' m)
rec=$work/odd.rec
number=0

exchange() { # exchange PATH LIST-KIND: what follows on standard input are its items, or rows
    number=$((number + 1))
    printf '{"x":%d,"t":0,"get":"%s"}\n' "$number" "$1"
    printf '{"x":%d,"t":0,"status":200,"headers":"Content-Type: application/json\\r\\n"}\n' "$number"
    member=item
    [ "$2" != Table ] || member=row
    while read -r line; do
        case $line in
        '#'*) continue ;;
        'columns '*) printf '{"x":%d,"t":0,"columns":%s}\n' "$number" "${line#columns }" ;;
        *) printf '{"x":%d,"t":0,"%s":%s}\n' "$number" "$member" "$line" ;;
        esac
    done
    printf '{"x":%d,"t":0,"list":{"kind":"%s","metadata":{"resourceVersion":"7"}}}\n' "$number" "$2"
    printf '{"x":%d,"t":0,"end":""}\n' "$number"
}

# What makes a pod one of a CSI driver, and the beginning of its metadata.
csi='"containers":[{"name":"driver-registrar","image":"ghcr.io/x/csi-node-driver-registrar:v1"}]'
in='"namespace":"kube-system"'
docker=kubernetes.io/dockerconfigjson
{
    printf '{"pullmend":"recording","version":1,"at":"2026-01-01T06:00:00Z","context":"odd\\u001b[31m"}\n'
    exchange /apis/apps/v1/daemonsets DaemonSetList <<END
{"metadata":{"name":"csi-node",$in,"uid":"d","generation":"2"},"spec":{"selector":{"matchLabels":{"app":"csi-node"}},"template":{"spec":{$csi,"imagePullSecrets":[{"name":"regcred"}]}}},"status":{"desiredNumberScheduled":"3","numberReady":-7,"observedGeneration":1e300}}
{"metadata":{"name":"$long",$in},"spec":{"selector":null,"template":{"spec":{$csi,"imagePullSecrets":null,"volumes":null}}},"status":null}
{"metadata":null,"spec":null}
{}
END
    exchange /apis/apps/v1/statefulsets StatefulSetList <<END
{"metadata":{"name":"csi-\\u0007bell",$in,"labels":null,"ownerReferences":[null,{"kind":7}]},"spec":{"replicas":"two","selector":{"matchLabels":["app"]},"template":{"spec":{$csi,"imagePullSecrets":["regcred",{"name":null},{}]}}}}
END
    exchange /apis/apps/v1/deployments DeploymentList </dev/null
    exchange /apis/storage.k8s.io/v1/csidrivers CSIDriverList <<END
{"metadata":{"name":"$long$long$long"}}
{"metadata":{"name":null}}
{"metadata":{}}
END
    exchange '/api/v1/secrets?includeObject=Metadata' Table <<END
columns [{"name":"Name"},{"name":7},null,{"name":"Type"},{"name":"Data"}]
{"cells":["regcred",null,null,"$docker","three"],"object":{"metadata":{"name":"regcred",$in,"uid":"s","resourceVersion":7,"creationTimestamp":"tomorrow"}}}
{"cells":null,"object":{"metadata":{"name":"no-cells",$in,"managedFields":[null,{"time":"2999-01-01T00:00:00Z"}]}}}
{"cells":["no-object"],"object":null}
{"cells":[]}
END
    exchange /api/v1/serviceaccounts ServiceAccountList <<END
{"metadata":{"name":"default",$in},"imagePullSecrets":[null,"regcred",{"name":"regcred"}]}
{"metadata":{"name":"$long"},"imagePullSecrets":{}}
END
    exchange /api/v1/pods PodList <<END
{"metadata":{"name":"csi-node-text",$in,"uid":"u1","creationTimestamp":"2026-01-01T05:00:00Z"},"spec":{$csi,"imagePullSecrets":[{"name":"regcred"}],"nodeName":"w\\u001b]0;title\\u0007-1"},"status":{"phase":"Running","containerStatuses":[{"name":"driver-registrar","ready":"true","restartCount":"4"}]}}
{"metadata":{"name":"csi-node-null",$in,"uid":"u2","labels":null,"annotations":null,"ownerReferences":null},"spec":{$csi,"initContainers":null,"volumes":null,"imagePullSecrets":null},"status":{"containerStatuses":null,"phase":null}}
{"metadata":{"name":"csi-node-missing"},"spec":{$csi}}
{"metadata":{"name":"$long",$in,"uid":"u4"},"spec":{$csi,"nodeName":"$long","imagePullSecrets":[{"name":"$long"},{"name":""},{}]},"status":{"phase":"Pending","containerStatuses":[{"name":"driver-registrar","state":{"waiting":{"reason":"ImagePullBackOff","message":"$megabyte"}}}]}}
{"metadata":{"name":"csi-node-twin-a",$in,"uid":"same"},"spec":{$csi,"imagePullSecrets":[{"name":"regcred"}]},"status":{"phase":"Running"}}
{"metadata":{"name":"csi-node-twin-b",$in,"uid":"same"},"spec":{$csi,"imagePullSecrets":[{"name":"regcred"}]},"status":{"phase":"Running"}}
{"metadata":{"name":"csi-node-future",$in,"uid":"u6","creationTimestamp":"2999-01-01T00:00:00Z"},"spec":{$csi,"imagePullSecrets":{"name":"regcred"}},"status":{"phase":"Running","startTime":"2999-01-01T00:00:00Z"}}
{"metadata":{"name":null,"namespace":7},"spec":{$csi},"status":[]}
{"spec":{$csi}}
{}
END
    exchange '/api/v1/events?fieldSelector=type%3DWarning%2Creason%3DFailedToRetrieveImagePullSecret' EventList <<END
{"metadata":{"name":"e1",$in},"involvedObject":{"kind":"Pod",$in,"name":"csi-node-text","uid":"u1"},"reason":"FailedToRetrieveImagePullSecret","message":"$megabyte","count":"17","firstTimestamp":"2026-01-01T05:00:00Z","lastTimestamp":"2999-01-01T00:00:00Z"}
{"metadata":{"name":"e1",$in},"involvedObject":{"kind":"Pod",$in,"name":"csi-node-text","uid":"u1"},"reason":"FailedToRetrieveImagePullSecret","message":"again \\u001b[2J","count":3,"firstTimestamp":"2026-01-01T05:00:00Z","lastTimestamp":"2026-01-01T05:59:00Z"}
{"metadata":{"name":"e2",$in},"involvedObject":{"kind":"Pod",$in,"name":"csi-node-twin-a","uid":"same"},"reason":"FailedToRetrieveImagePullSecret","count":-5,"series":{"count":"many"},"eventTime":"soon"}
{"metadata":null,"involvedObject":null,"reason":"FailedToRetrieveImagePullSecret","count":null}
{}
END
    exchange '/api/v1/nodes?includeObject=None' Table <<END
columns [{"name":"Name"},{"name":"Version"}]
{"cells":["w-1",36]}
{"cells":[null,"v1.x"]}
{"cells":{}}
END
    number=$((number + 1))
    printf '{"x":%d,"t":0,"get":"/version"}\n{"x":%d,"t":0,"status":200,"headers":"Content-Type: application/json\\r\\n"}\n' "$number" "$number"
    printf '{"x":%d,"t":0,"object":{"gitVersion":36}}\n{"x":%d,"t":0,"end":""}\n' "$number" "$number"
} >"$rec"

show() { # show NAME ARGUMENT...: it tells of findings, and a terminal can bear it
    show_name=$1
    shift
    expect_exit "$show_name" 1 "$PULLMEND" "$@" --replay "$rec"
    tr -d '\n\t' <"$work/out" | LC_ALL=C grep -ac '[[:cntrl:]]' >"$work/controls"
    check "$show_name: without control characters" grep -qx 0 "$work/controls"
    check "$show_name: of a size that fits" test "$(wc -c <"$work/out")" -lt 100000
}

show "the table" status
show "the wide table" status -o wide
show "yaml" status -o yaml
show "metrics" status -o prometheus
show "the monitor's picture" monitor --once
show "lines in a pipe" status -o name
show "json" status -o json
tr -d '\n' <"$work/out" | sed 's/"name": *"csi-node-/\n&/g' >"$work/pods"
odd() { # odd POD PATTERN
    grep "^\"name\": *\"$1\"" "$work/pods" >"$work/pod"
    expect_text "the row of $1 says what is odd" "\"odd\": *\"[^\"]*$2" "$work/pod"
}
odd csi-node-text 'number stands in quotes'
odd csi-node-text 'control characters'
odd csi-node-missing 'no uid'
odd csi-node-future 'wrong type'
grep '^"name": *"csi-node-null"' "$work/pods" >"$work/pod"
refuse_text "null lists are nothing odd" '"odd"' "$work/pod"
expect_text "numbers in quotes are read" '"restarts": *4' "$work/pods"
for pod in csi-node-twin-a csi-node-twin-b; do
    expect_text "$pod is there, whatever its uid" "\"$pod\"" "$work/pods"
done
expect_text "a name of 253 bytes is whole" "\"$long\"" "$work/out"
grep '^"name": *"csi-node-text"' "$work/pods" >"$work/pod"
expect_text "after a count that went down it is a lower bound" '"lowerBound": *true' "$work/pod"
expect_text "a clock of the future ends now" '"perDay": *48' "$work/pod"
refuse_text "nor is any span longer than there was time" 'PT[0-9]{4,}H' "$work/out"
refuse_text "and no sentence has a hole" 'Secret , ' "$work/out"
done_testing
