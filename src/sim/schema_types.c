#include "schema_types.h"

#include <stddef.h>

/* Kubernetes 1.36, the kinds that the cluster serves. */
const char *const sim_schema_types[] = {
    "ObjectMeta name:s generateName:s namespace:s selfLink:s uid:s resourceVersion:s generation:i "
    "creationTimestamp:s^ deletionTimestamp:s deletionGracePeriodSeconds:i labels:{s} "
    "annotations:{s} ownerReferences:[OwnerReference%]#uid@uid finalizers:[s]#@ managedFields:*",
    "OwnerReference apiVersion:s kind:s name:s uid:s controller:b blockOwnerDeletion:b",
    "LabelSelector matchLabels:{s} matchExpressions:[Requirement]",
    "Requirement key:s operator:s values:[s]",
    "ObjectReference kind:s namespace:s name:s uid:s apiVersion:s resourceVersion:s fieldPath:s",
    "LocalObjectReference name:s",
    "Condition type:s status:s reason:s message:s observedGeneration:i lastProbeTime:s "
    "lastTransitionTime:s lastUpdateTime:s lastHeartbeatTime:s",

    "DaemonSet apiVersion:s kind:s metadata:ObjectMeta^ spec:DaemonSetSpec^ "
    "status:DaemonSetStatus^",
    "DaemonSetSpec selector:LabelSelector!^ template:PodTemplateSpec^ "
    "updateStrategy:UpdateStrategy^ minReadySeconds:i revisionHistoryLimit:i",
    "UpdateStrategy type:s rollingUpdate:RollingUpdate",
    "RollingUpdate maxUnavailable:q maxSurge:q partition:i",
    "DaemonSetStatus currentNumberScheduled:i numberMisscheduled:i desiredNumberScheduled:i "
    "numberReady:i observedGeneration:i updatedNumberScheduled:i numberAvailable:i "
    "numberUnavailable:i collisionCount:i conditions:[Condition]#type@type",

    "StatefulSet apiVersion:s kind:s metadata:ObjectMeta^ spec:StatefulSetSpec^ "
    "status:StatefulSetStatus^",
    "StatefulSetSpec replicas:i selector:LabelSelector!^ template:PodTemplateSpec^ "
    "volumeClaimTemplates:[*] serviceName:s podManagementPolicy:s updateStrategy:UpdateStrategy^ "
    "revisionHistoryLimit:i minReadySeconds:i "
    "persistentVolumeClaimRetentionPolicy:ClaimRetention ordinals:Ordinals",
    "ClaimRetention whenDeleted:s whenScaled:s",
    "Ordinals start:i",
    "StatefulSetStatus observedGeneration:i replicas:i readyReplicas:i currentReplicas:i "
    "updatedReplicas:i currentRevision:s updateRevision:s collisionCount:i availableReplicas:i "
    "conditions:[Condition]#type@type",

    "Deployment apiVersion:s kind:s metadata:ObjectMeta^ spec:DeploymentSpec^ "
    "status:DeploymentStatus^",
    "DeploymentSpec replicas:i selector:LabelSelector!^ template:PodTemplateSpec^ "
    "strategy:UpdateStrategy~^ minReadySeconds:i revisionHistoryLimit:i paused:b "
    "progressDeadlineSeconds:i",
    "DeploymentStatus observedGeneration:i replicas:i updatedReplicas:i readyReplicas:i "
    "availableReplicas:i unavailableReplicas:i terminatingReplicas:i collisionCount:i "
    "conditions:[Condition]#type@type",

    "ReplicaSet apiVersion:s kind:s metadata:ObjectMeta^ spec:ReplicaSetSpec^ "
    "status:ReplicaSetStatus^",
    "ReplicaSetSpec replicas:i minReadySeconds:i selector:LabelSelector!^ "
    "template:PodTemplateSpec^",
    "ReplicaSetStatus replicas:i fullyLabeledReplicas:i readyReplicas:i availableReplicas:i "
    "terminatingReplicas:i observedGeneration:i conditions:[Condition]#type@type",

    "ControllerRevision apiVersion:s kind:s metadata:ObjectMeta^ data:* revision:i",

    "PodTemplateSpec metadata:ObjectMeta^ spec:PodSpec^",
    "Pod apiVersion:s kind:s metadata:ObjectMeta^ spec:PodSpec^ status:PodStatus^",
    "PodSpec volumes:[Volume]#name@name~ initContainers:[Container]#name@name "
    "containers:[Container]#name@name^ ephemeralContainers:[Container]#name@name "
    "restartPolicy:s terminationGracePeriodSeconds:i activeDeadlineSeconds:i dnsPolicy:s "
    "nodeSelector:{s}% serviceAccountName:s serviceAccount:s automountServiceAccountToken:b "
    "nodeName:s hostNetwork:b hostPID:b hostIPC:b shareProcessNamespace:b "
    "securityContext:PodSecurityContext "
    "imagePullSecrets:[LocalObjectReference%]#name@name hostname:s subdomain:s affinity:Affinity "
    "schedulerName:s tolerations:[Toleration] hostAliases:[HostAlias]#ip@ip priorityClassName:s "
    "priority:i dnsConfig:DNSConfig readinessGates:[ReadinessGate] runtimeClassName:s "
    "enableServiceLinks:b preemptionPolicy:s overhead:{q} "
    "topologySpreadConstraints:[SpreadConstraint]#topologyKey,whenUnsatisfiable@topologyKey "
    "setHostnameAsFQDN:b os:PodOS hostUsers:b schedulingGates:[SchedulingGate]#name@name "
    "resourceClaims:[PodResourceClaim]#name@name~ resources:Resources hostnameOverride:s",
    "PodSecurityContext seLinuxOptions:* windowsOptions:* runAsUser:i runAsGroup:i runAsNonRoot:b "
    "supplementalGroups:[i] supplementalGroupsPolicy:s fsGroup:i sysctls:[*] "
    "fsGroupChangePolicy:s seccompProfile:SeccompProfile appArmorProfile:SeccompProfile "
    "seLinuxChangePolicy:s",
    "SeccompProfile type:s localhostProfile:s",
    "Affinity nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAffinity",
    "NodeAffinity requiredDuringSchedulingIgnoredDuringExecution:NodeSelector% "
    "preferredDuringSchedulingIgnoredDuringExecution:[*]",
    "NodeSelector nodeSelectorTerms:[*]",
    "PodAffinity requiredDuringSchedulingIgnoredDuringExecution:[*] "
    "preferredDuringSchedulingIgnoredDuringExecution:[*]",
    "Toleration key:s operator:s value:s effect:s tolerationSeconds:i",
    "HostAlias ip:s hostnames:[s]",
    "DNSConfig nameservers:[s] searches:[s] options:[*]",
    "ReadinessGate conditionType:s",
    "SpreadConstraint maxSkew:i topologyKey:s whenUnsatisfiable:s labelSelector:LabelSelector! "
    "minDomains:i nodeAffinityPolicy:s nodeTaintsPolicy:s matchLabelKeys:[s]",
    "PodOS name:s",
    "SchedulingGate name:s",
    "PodResourceClaim name:s resourceClaimName:s resourceClaimTemplateName:s",

    "Container name:s image:s command:[s] args:[s] workingDir:s "
    "ports:[Port]#containerPort,protocol@containerPort envFrom:[EnvFrom] env:[Env]#name@name "
    "resources:Resources^ resizePolicy:[*] restartPolicy:s restartPolicyRules:[*] "
    "volumeMounts:[VolumeMount]#mountPath@mountPath "
    "volumeDevices:[VolumeDevice]#devicePath@devicePath livenessProbe:Probe readinessProbe:Probe "
    "startupProbe:Probe lifecycle:Lifecycle terminationMessagePath:s terminationMessagePolicy:s "
    "imagePullPolicy:s securityContext:SecurityContext stdin:b stdinOnce:b tty:b "
    "targetContainerName:s",
    "Port name:s hostPort:i containerPort:i protocol:s hostIP:s",
    "EnvFrom prefix:s configMapRef:* secretRef:*",
    "Env name:s value:s valueFrom:EnvSource",
    "EnvSource fieldRef:FieldRef% resourceFieldRef:ResourceFieldRef% configMapKeyRef:KeyRef% "
    "secretKeyRef:KeyRef% fileKeyRef:*",
    "FieldRef apiVersion:s fieldPath:s",
    "ResourceFieldRef containerName:s resource:s divisor:q",
    "KeyRef name:s key:s optional:b",
    "Resources limits:{q} requests:{q} claims:[*]",
    "VolumeMount name:s readOnly:b recursiveReadOnly:s mountPath:s subPath:s "
    "mountPropagation:s subPathExpr:s",
    "VolumeDevice name:s devicePath:s",
    "Probe exec:Exec httpGet:HTTPGet tcpSocket:TCPSocket grpc:GRPC initialDelaySeconds:i "
    "timeoutSeconds:i periodSeconds:i successThreshold:i failureThreshold:i "
    "terminationGracePeriodSeconds:i",
    "Exec command:[s]",
    "HTTPGet path:s port:q host:s scheme:s httpHeaders:[*]",
    "TCPSocket port:q host:s",
    "GRPC port:i service:s",
    "Lifecycle postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:s",
    "LifecycleHandler exec:Exec httpGet:HTTPGet tcpSocket:TCPSocket sleep:*",
    "SecurityContext capabilities:Capabilities privileged:b seLinuxOptions:* windowsOptions:* "
    "runAsUser:i runAsGroup:i runAsNonRoot:b readOnlyRootFilesystem:b "
    "allowPrivilegeEscalation:b procMount:s seccompProfile:SeccompProfile "
    "appArmorProfile:SeccompProfile",
    "Capabilities add:[s] drop:[s]",

    "Volume name:s hostPath:HostPath emptyDir:EmptyDir secret:SecretVolume "
    "configMap:ConfigMapVolume projected:Projected downwardAPI:DownwardVolume "
    "persistentVolumeClaim:ClaimVolume csi:CSIVolume nfs:* ephemeral:* image:* iscsi:* "
    "cinder:* cephfs:* fc:* azureFile:* azureDisk:* vsphereVolume:* awsElasticBlockStore:* "
    "gcePersistentDisk:* glusterfs:* rbd:* flexVolume:* flocker:* gitRepo:* quobyte:* "
    "photonPersistentDisk:* portworxVolume:* scaleIO:* storageos:*",
    "HostPath path:s type:s",
    "EmptyDir medium:s sizeLimit:q",
    "SecretVolume secretName:s items:[KeyPath] defaultMode:i optional:b",
    "ConfigMapVolume name:s items:[KeyPath] defaultMode:i optional:b",
    "KeyPath key:s path:s mode:i",
    "Projected sources:[*] defaultMode:i",
    "DownwardVolume items:[*] defaultMode:i",
    "ClaimVolume claimName:s readOnly:b",
    "CSIVolume driver:s readOnly:b fsType:s volumeAttributes:{s} "
    "nodePublishSecretRef:LocalObjectReference%",

    "PodStatus observedGeneration:i phase:s conditions:[Condition]#type@type message:s reason:s "
    "nominatedNodeName:s hostIP:s hostIPs:[IP] podIP:s podIPs:[IP]#ip@ip startTime:s "
    "initContainerStatuses:[*] containerStatuses:[*] ephemeralContainerStatuses:[*] qosClass:s "
    "resize:s resourceClaimStatuses:[*] resources:* allocatedResources:{q} "
    "extendedResourceClaimStatus:*",
    "IP ip:s",

    "Secret apiVersion:s kind:s metadata:ObjectMeta^ immutable:b data:{s} stringData:{s} type:s",
    "ConfigMap apiVersion:s kind:s metadata:ObjectMeta^ immutable:b data:{s} binaryData:{s}",
    "ServiceAccount apiVersion:s kind:s metadata:ObjectMeta^ "
    "secrets:[ObjectReference]#name@name imagePullSecrets:[LocalObjectReference%] "
    "automountServiceAccountToken:b",
    "Namespace apiVersion:s kind:s metadata:ObjectMeta^ spec:NamespaceSpec^ "
    "status:NamespaceStatus^",
    "NamespaceSpec finalizers:[s]",
    "NamespaceStatus phase:s conditions:[Condition]#type@type",
    "Node apiVersion:s kind:s metadata:ObjectMeta^ spec:NodeSpec^ status:NodeStatus^",
    "NodeSpec podCIDR:s podCIDRs:[s]#@ providerID:s unschedulable:b taints:[Taint] "
    "configSource:* externalID:s",
    "Taint key:s value:s effect:s timeAdded:s",
    "NodeStatus capacity:{q} allocatable:{q} phase:s conditions:[Condition]#type@type "
    "addresses:[NodeAddress]#type@type daemonEndpoints:* nodeInfo:* images:[*] "
    "volumesInUse:[s] volumesAttached:[*] config:* runtimeHandlers:[*] features:* "
    "declaredFeatures:[s]",
    "NodeAddress type:s address:s",

    "Event apiVersion:s kind:s metadata:ObjectMeta^ involvedObject:ObjectReference%^ reason:s "
    "message:s source:EventSource^ firstTimestamp:s^ lastTimestamp:s^ count:i type:s "
    "eventTime:s^ series:EventSeries action:s related:ObjectReference% reportingComponent:s^ "
    "reportingInstance:s^ regarding:ObjectReference%^ note:s reportingController:s "
    "deprecatedSource:EventSource deprecatedFirstTimestamp:s deprecatedLastTimestamp:s "
    "deprecatedCount:i",
    "EventSource component:s host:s",
    "EventSeries count:i lastObservedTime:s",

    "CSIDriver apiVersion:s kind:s metadata:ObjectMeta^ spec:CSIDriverSpec^",
    "CSIDriverSpec attachRequired:b podInfoOnMount:b volumeLifecycleModes:[s]# "
    "storageCapacity:b fsGroupPolicy:s tokenRequests:[*] requiresRepublish:b seLinuxMount:b "
    "nodeAllocatableUpdatePeriodSeconds:i serviceAccountTokenInSecrets:b",
    "CSINode apiVersion:s kind:s metadata:ObjectMeta^ spec:CSINodeSpec^",
    "CSINodeSpec drivers:[CSINodeDriver]#name@name^",
    "CSINodeDriver name:s nodeID:s topologyKeys:[s] allocatable:*",
    "StorageClass apiVersion:s kind:s metadata:ObjectMeta^ provisioner:s parameters:{s} "
    "reclaimPolicy:s mountOptions:[s] allowVolumeExpansion:b volumeBindingMode:s "
    "allowedTopologies:[*]",
    "PodDisruptionBudget apiVersion:s kind:s metadata:ObjectMeta^ spec:DisruptionSpec^ status:*",
    "DisruptionSpec minAvailable:q maxUnavailable:q selector:LabelSelector! "
    "unhealthyPodEvictionPolicy:s",
    "Service apiVersion:s kind:s metadata:ObjectMeta^ spec:* status:*",
    "Role apiVersion:s kind:s metadata:ObjectMeta^ rules:[*]",
    "ClusterRole apiVersion:s kind:s metadata:ObjectMeta^ rules:[*] aggregationRule:*",
    "RoleBinding apiVersion:s kind:s metadata:ObjectMeta^ subjects:[*] roleRef:*!",
    "ClusterRoleBinding apiVersion:s kind:s metadata:ObjectMeta^ subjects:[*] roleRef:*!",
    "Lease apiVersion:s kind:s metadata:ObjectMeta^ spec:*",
    NULL,
};
