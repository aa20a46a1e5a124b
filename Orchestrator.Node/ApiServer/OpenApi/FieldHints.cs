using System.Collections.Frozen;

namespace Orchestrator.Node.ApiServer.OpenApi;

/// <summary>What the model classes do not say of their fields: which are required, and how a strategic merge patch merges them.</summary>
internal static class FieldHints
{
    private static readonly FrozenDictionary<string, string[]> RequiredFields = new Dictionary<string, string[]>
    {
        ["PodSpec"] = ["containers"],
        ["Container"] = ["name"],
        ["EphemeralContainer"] = ["name"],
        ["ContainerPort"] = ["containerPort"],
        ["ContainerStatus"] = ["name", "ready", "restartCount", "image", "imageID"],
        ["EnvVar"] = ["name"],
        ["ConfigMapKeySelector"] = ["key"],
        ["SecretKeySelector"] = ["key"],
        ["ObjectFieldSelector"] = ["fieldPath"],
        ["ResourceFieldSelector"] = ["resource"],
        ["VolumeMount"] = ["name", "mountPath"],
        ["VolumeDevice"] = ["name", "devicePath"],
        ["Volume"] = ["name"],
        ["KeyToPath"] = ["key", "path"],
        ["HostPathVolumeSource"] = ["path"],
        ["HTTPGetAction"] = ["port"],
        ["TCPSocketAction"] = ["port"],
        ["GRPCAction"] = ["port"],
        ["HTTPHeader"] = ["name", "value"],
        ["HostAlias"] = ["ip"],
        ["NodeCondition"] = ["type", "status"],
        ["PodCondition"] = ["type", "status"],
        ["DeploymentCondition"] = ["type", "status"],
        ["ReplicaSetCondition"] = ["type", "status"],
        ["NamespaceCondition"] = ["type", "status"],
        ["NodeAddress"] = ["type", "address"],
        ["NodeSelector"] = ["nodeSelectorTerms"],
        ["NodeSelectorRequirement"] = ["key", "operator"],
        ["LabelSelectorRequirement"] = ["key", "operator"],
        ["Taint"] = ["key", "effect"],
        ["TopologySpreadConstraint"] = ["maxSkew", "topologyKey", "whenUnsatisfiable"],
        ["DeploymentSpec"] = ["selector", "template"],
        ["ReplicaSetSpec"] = ["selector"],
        ["ReplicaSetStatus"] = ["replicas"],
        ["ServicePort"] = ["port"],
        ["OwnerReference"] = ["apiVersion", "kind", "name", "uid"],
        ["Event"] = ["metadata", "involvedObject"],
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, (string Strategy, string? Key)> Merges = new Dictionary<string, (string, string?)>
    {
        ["PodSpec.containers"] = ("merge", "name"),
        ["PodSpec.initContainers"] = ("merge", "name"),
        ["PodSpec.ephemeralContainers"] = ("merge", "name"),
        ["PodSpec.volumes"] = ("merge,retainKeys", "name"),
        ["PodSpec.resourceClaims"] = ("merge,retainKeys", "name"),
        ["PodSpec.imagePullSecrets"] = ("merge", "name"),
        ["PodSpec.hostAliases"] = ("merge", "ip"),
        ["PodSpec.schedulingGates"] = ("merge", "name"),
        ["PodSpec.topologySpreadConstraints"] = ("merge", "topologyKey"),
        ["PodStatus.conditions"] = ("merge", "type"),
        ["PodStatus.podIPs"] = ("merge", "ip"),
        ["Container.env"] = ("merge", "name"),
        ["Container.ports"] = ("merge", "containerPort"),
        ["Container.volumeMounts"] = ("merge", "mountPath"),
        ["Container.volumeDevices"] = ("merge", "devicePath"),
        ["EphemeralContainer.env"] = ("merge", "name"),
        ["EphemeralContainer.ports"] = ("merge", "containerPort"),
        ["EphemeralContainer.volumeMounts"] = ("merge", "mountPath"),
        ["EphemeralContainer.volumeDevices"] = ("merge", "devicePath"),
        ["NodeStatus.addresses"] = ("merge", "type"),
        ["NodeStatus.conditions"] = ("merge", "type"),
        ["NamespaceStatus.conditions"] = ("merge", "type"),
        ["DeploymentSpec.strategy"] = ("retainKeys", null),
        ["DeploymentStatus.conditions"] = ("merge", "type"),
        ["ReplicaSetStatus.conditions"] = ("merge", "type"),
        ["ServiceSpec.ports"] = ("merge", "port"),
        ["ServiceStatus.conditions"] = ("merge", "type"),
        ["ServiceAccount.secrets"] = ("merge", "name"),
        ["ObjectMeta.ownerReferences"] = ("merge", "uid"),
        ["ObjectMeta.finalizers"] = ("merge", null),
    }.ToFrozenDictionary();

    /// <summary>The required fields of a component, by the last part of its name.</summary>
    public static string[] Required(string component) => RequiredFields.GetValueOrDefault(Short(component), []);

    /// <summary>How lists and unions merge; null for a field that a patch replaces.</summary>
    public static (string Strategy, string? Key)? Merge(string component, string field) =>
        Merges.TryGetValue($"{Short(component)}.{field}", out var merge) ? merge : null;

    private static string Short(string component) => component[(component.LastIndexOf('.') + 1)..];
}
