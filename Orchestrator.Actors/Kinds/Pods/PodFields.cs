using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>The level of support for each field of a pod's spec.</summary>
internal static class PodFields
{
    private const string NotYet = "nothing heeds it yet";
    private const string NotMounted = "no node mounts volumes of this type yet: the pod will wait";

    public static readonly FieldSupport Spec = new(
        [
            "activeDeadlineSeconds", "automountServiceAccountToken", "containers", "dnsConfig", "dnsPolicy", "enableServiceLinks", "ephemeralContainers", "hostAliases", "hostIPC", "hostNetwork", "hostPID", "hostname", "imagePullSecrets", "initContainers", "nodeName", "nodeSelector", "affinity", "preemptionPolicy", "priority", "priorityClassName", "readinessGates", "restartPolicy", "runtimeClassName",
            "schedulerName", "schedulingGates", "securityContext", "serviceAccount", "serviceAccountName", "setHostnameAsFQDN", "shareProcessNamespace", "subdomain", "terminationGracePeriodSeconds", "tolerations", "topologySpreadConstraints", "volumes",
        ],
        [
            new("evictionResponders", NotYet),
            new("hostnameOverride", NotYet),
            new("overhead", "the scheduler counts it, but nothing is limited by it"),
            new("resourceClaims", "no devices are allotted yet"),
            new("resources", "only requests and limits of containers count"),
            new("schedulingGroup", "the scheduler places each pod for itself"),
        ],
        [
            new("hostUsers", "user namespaces are not supported yet: uid 0 in the pod would be uid 0 of the node", v => v.GetValueKind() == JsonValueKind.False),
            new("os", "all nodes run Linux", o => o["name"] is { } name && !IsText(name, "linux")),
        ]);

    public static readonly FieldSupport PodSecurity = new(
        ["fsGroup", "fsGroupChangePolicy", "runAsGroup", "runAsNonRoot", "runAsUser", "seccompProfile", "supplementalGroups", "sysctls"],
        [
            new("seLinuxChangePolicy", NotYet),
            new("windowsOptions", "all nodes run Linux"),
        ],
        [
            AppArmor(), SeLinux(),
            new("supplementalGroupsPolicy", "groups of the image's user are always given", v => IsText(v, "Strict")),
        ]);

    public static readonly FieldSupport Security = new(
        ["allowPrivilegeEscalation", "capabilities", "privileged", "readOnlyRootFilesystem", "runAsGroup", "runAsNonRoot", "runAsUser", "seccompProfile"],
        [new("windowsOptions", "all nodes run Linux")],
        [AppArmor(), SeLinux(), new("procMount", "only Default is supported", v => !IsText(v, "Default"))]);

    public static readonly FieldSupport Container = new(
        [
            "args", "command", "env", "envFrom", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "name", "ports", "readinessProbe", "resizePolicy", "resources", "restartPolicy",
            "securityContext", "startupProbe", "stdin", "stdinOnce", "terminationMessagePath", "terminationMessagePolicy", "tty", "volumeMounts", "workingDir",
        ],
        [
            new("restartPolicyRules", "only restartPolicy decides"),
            new("volumeDevices", "no node has block volumes yet"),
        ],
        []);

    public static readonly FieldSupport Lifecycle = new(["postStart", "preStop"], [new("stopSignal", NotYet)], []);

    public static readonly FieldSupport Probe = new(
        ["exec", "failureThreshold", "grpc", "httpGet", "initialDelaySeconds", "periodSeconds", "successThreshold", "tcpSocket", "terminationGracePeriodSeconds", "timeoutSeconds"],
        [],
        []);

    public static readonly FieldSupport Resources = new(
        [],
        [
            new("claims", "no devices are allotted yet"),
            new("limits", "nothing limits hugepages and extended resources yet", HasUncounted),
            new("requests", "the scheduler counts neither hugepages nor extended resources yet", HasUncounted),
        ],
        []);

    public static readonly FieldSupport VariableSource = new(
        ["configMapKeyRef", "fieldRef", "resourceFieldRef", "secretKeyRef"], [new("fileKeyRef", "the variable is not set")], []);

    public static readonly FieldSupport Mount = new(
        ["mountPath", "mountPropagation", "name", "readOnly", "subPath", "subPathExpr"],
        [new("bindMountOptions", NotYet)],
        [new("recursiveReadOnly", "what is mounted below the volume would stay writable", v => IsText(v, "Enabled"))]);

    public static readonly FieldSupport Affinity = new(
        ["nodeAffinity", "podAffinity", "podAntiAffinity"], [], []);

    public static readonly FieldSupport Volume = new(
        ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "hostPath", "name", "nfs", "persistentVolumeClaim", "projected", "secret"],
        [
            .. ((string[])
            [
                "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo",
                "glusterfs", "image", "iscsi", "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos",
                "vsphereVolume",
            ]).Select(name => new UnsupportedField(name, NotMounted)),
        ],
        []);

    public static readonly FieldSupport EmptyDir = new(
        ["sizeLimit"],
        [
            new("medium", "pages of this size are not mounted: the volume is on the node's disk", v => !IsText(v, "", "Memory")),
            new("mode", "everybody may write to the volume"),
        ],
        []);

    public static readonly FieldSupport ProjectedSource = new(
        ["configMap", "downwardAPI", "secret", "serviceAccountToken"],
        [
            new("clusterTrustBundle", "no file is made of it yet"),
            new("podCertificate", "no file is made of it yet"),
        ],
        []);

    private static UnsupportedField AppArmor() =>
        new("appArmorProfile", "profiles of the node are not supported yet: use RuntimeDefault or Unconfined", o => !IsText(o["type"], "RuntimeDefault", "Unconfined"));

    private static UnsupportedField SeLinux() => new("seLinuxOptions", "labels are not supported yet", o => o is JsonObject { Count: > 0 });

    private static bool HasUncounted(JsonNode amounts) => amounts is JsonObject o && o.Any(p => p.Key is not ("cpu" or "memory" or "ephemeral-storage"));

    private static bool IsText(JsonNode? value, params ReadOnlySpan<string> texts) => value is JsonValue v && v.TryGetValue<string>(out var text) && texts.Contains(text);
}
