using System.Collections.Concurrent;
using NetArchTest.Rules;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.Agent;

namespace Orchestrator.Tests.Architecture;

/// <summary>A kind has one home: what is particular to it lies in its folder, and everything else knows its description alone.</summary>
public sealed class KindHomeSpec
{
    private const string Kinds = "Orchestrator.Actors.Kinds.";
    private static readonly ConcurrentDictionary<string, IReadOnlyCollection<string>> Known = new();

    // Who may name a kind outside of its folder, by what is reached and by whom, and why.
    private static readonly (string Kind, string By)[] Allowed =
    [
        // The list of what is built in.
        ("*", "Orchestrator.Actors.Resources.BuiltIn"),

        // The scheduler puts pods on nodes, and an agent runs pods on its node.
        ("Pods", "Orchestrator.Actors.Scheduling"),
        ("Nodes", "Orchestrator.Actors.Scheduling"),
        ("Namespaces", "Orchestrator.Actors.Scheduling"),
        ("PodDisruptionBudgets", "Orchestrator.Actors.Scheduling"),
        ("PriorityClasses", Kinds + "Pods"),

        // What a namespace allows to pods and claims.
        ("LimitRanges", Kinds + "Pods"),
        ("LimitRanges", Kinds + "PersistentVolumeClaims"),
        ("Pods", "Orchestrator.Node.Agent"),
        ("Nodes", "Orchestrator.Node.Agent"),
        ("ConfigMaps", "Orchestrator.Node.Agent.PodLauncher"),
        ("Secrets", "Orchestrator.Node.Agent.PodLauncher"),
        ("RuntimeClasses", "Orchestrator.Node.Agent.PodLauncher"),

        // Templates of pods, and those that make pods of them.
        ("Pods", "Orchestrator.Actors.Workloads"),
        ("Pods", Kinds + "ReplicaSets"),
        ("Pods", Kinds + "Deployments"),
        ("Pods", Kinds + "DaemonSets"),
        ("Nodes", Kinds + "DaemonSets"),
        ("ControllerRevisions", Kinds + "DaemonSets"),
        ("ControllerRevisions", Kinds + "StatefulSets"),
        ("Pods", Kinds + "StatefulSets"),
        ("Pods", Kinds + "PodDisruptionBudgets"),
        ("PodDisruptionBudgets", "Orchestrator.Node.ApiServer.Writes.EvictionHandler"),
        ("PersistentVolumeClaims", Kinds + "StatefulSets"),
        ("Pods", Kinds + "Nodes"),
        ("Pods", Kinds + "Jobs"),
        ("Nodes", Kinds + "Pods"),
        ("Pods", Kinds + "HorizontalPodAutoscalers"),
        ("ReplicaSets", Kinds + "Deployments"),
        ("ReplicaSets", Kinds + "ReplicationControllers"),

        // A pod shows ConfigMaps and Secrets in its volumes; a deployment rolls when the configuration of its pods changes.
        ("ConfigMaps", Kinds + "Pods"),
        ("Secrets", Kinds + "Pods"),
        ("RuntimeClasses", Kinds + "Pods"),
        ("ConfigMaps", Kinds + "Deployments"),
        ("Secrets", Kinds + "Deployments"),

        // A namespace has an account; a job is made from the template of a cron job.
        ("ServiceAccounts", Kinds + "Namespaces"),
        ("Jobs", Kinds + "CronJobs"),

        // Claims get volumes of a class, and pods use claims.
        ("PersistentVolumes", Kinds + "PersistentVolumeClaims"),
        ("StorageClasses", Kinds + "PersistentVolumeClaims"),
        ("Pods", Kinds + "PersistentVolumeClaims"),
        ("Nodes", Kinds + "PersistentVolumeClaims"),
        ("PersistentVolumeClaims", "Orchestrator.Actors.Scheduling"),
        ("PersistentVolumes", "Orchestrator.Actors.Scheduling"),
        ("StorageClasses", "Orchestrator.Actors.Scheduling"),
        ("PersistentVolumeClaims", Kinds + "PersistentVolumes"),
        ("Nodes", Kinds + "PersistentVolumes"),

        // The range of addresses that a node has is reserved.
        ("IPAddresses", Kinds + "Nodes"),
        ("IPAddresses", Kinds + "Services"),
        ("NodePorts", Kinds + "Services"),

        // The pods of a service are its endpoints; those of one without a selector are made by hand, and mirrored.
        ("Pods", Kinds + "Services"),
        ("Nodes", Kinds + "Services"),
        ("Endpoints", Kinds + "Services"),
        ("EndpointSlices", Kinds + "Services"),
        ("EndpointSlices", Kinds + "Endpoints"),
        ("Services", Kinds + "Endpoints"),
        ("PersistentVolumes", Kinds + "Nodes"),
        ("PersistentVolumeClaims", "Orchestrator.Node.Agent.PodLauncher"),
        ("PersistentVolumes", "Orchestrator.Node.Agent.PodLauncher"),
        ("StorageClasses", Kinds + "PersistentVolumes"),
        ("PersistentVolumeClaims", Kinds + "Pods"),

        // Drivers mount the volumes of pods and claims, ask for tokens of pods, and say what nodes can have.
        ("CSIDrivers", "Orchestrator.Node.Agent.Csi"),
        ("CSINodes", "Orchestrator.Node.Agent.Csi"),
        ("VolumeAttachments", "Orchestrator.Node.Agent.Csi"),
        ("PersistentVolumeClaims", "Orchestrator.Node.Agent.Csi"),
        ("Secrets", "Orchestrator.Node.Agent.Csi"),
        ("PersistentVolumes", "Orchestrator.Node.Agent.Csi"),
        ("StorageClasses", "Orchestrator.Node.Agent.Csi"),
        ("CSIStorageCapacities", "Orchestrator.Node.Agent.Csi"),
        ("CSIDrivers", "Orchestrator.Actors.Scheduling"),
        ("CSINodes", "Orchestrator.Actors.Scheduling"),
        ("CSIStorageCapacities", "Orchestrator.Actors.Scheduling"),
        ("StorageClasses", Kinds + "CSIStorageCapacities"),
        ("CSIDrivers", Kinds + "Nodes"),
        ("VolumeAttachments", Kinds + "Nodes"),
        ("PersistentVolumeClaims", Kinds + "Nodes"),
        ("CSIDrivers", Kinds + "CSINodes"),
        ("CSIDrivers", Kinds + "StorageClasses"),
        ("CSIDrivers", Kinds + "PersistentVolumes"),
        ("VolumeAttachments", Kinds + "PersistentVolumes"),
        ("CSINodes", Kinds + "CSIDrivers"),
        ("Nodes", Kinds + "CSIDrivers"),
        ("StorageClasses", Kinds + "CSIDrivers"),
        ("VolumeAttachments", Kinds + "CSIDrivers"),
        ("CSIDrivers", Kinds + "VolumeAttachments"),
        ("Nodes", Kinds + "VolumeAttachments"),
        ("PersistentVolumes", Kinds + "VolumeAttachments"),
        ("PersistentVolumeClaims", Kinds + "VolumeAttachments"),
        ("Pods", Kinds + "VolumeAttachments"),
        ("Pods", Kinds + "CSIDrivers"),
        ("PersistentVolumeClaims", Kinds + "CSIDrivers"),
        ("PersistentVolumes", Kinds + "CSIDrivers"),

        // A pod has an account of its namespace, and its node gets the tokens; the certificate that they come with is in a ConfigMap.
        ("ServiceAccounts", Kinds + "Pods"),
        ("ServiceAccounts", Kinds + "Nodes"),
        ("ConfigMaps", Kinds + "Namespaces"),

        // A token of an account may be bound to one of these objects.
        ("Pods", Kinds + "ServiceAccounts"),
        ("Secrets", Kinds + "ServiceAccounts"),
        ("Nodes", Kinds + "ServiceAccounts"),
        ("Pods", "Orchestrator.Node.ApiServer.Writes.TokenHandler"),
        ("Nodes", "Orchestrator.Node.ApiServer.Writes.TokenHandler"),
        ("ServiceAccounts", "Orchestrator.Node.ApiServer.Writes.TokenHandler"),
        ("ServiceAccounts", "Orchestrator.Node.ApiServer.Auth"),
        ("ServiceAccounts", "Orchestrator.Node.Tokens"),

        // What an account or a user may do is said by roles and their bindings.
        ("Roles", "Orchestrator.Actors.Authorization"),
        ("ClusterRoles", "Orchestrator.Actors.Authorization"),
        ("RoleBindings", "Orchestrator.Actors.Authorization"),
        ("ClusterRoleBindings", "Orchestrator.Actors.Authorization"),
        ("ServiceAccounts", "Orchestrator.Actors.Authorization"),
        ("ClusterRoleBindings", "Orchestrator.Node.ApiServer.Pipeline.AuthorizationStage"),

        // Kubernetes Events are projected from the journal and not stored as objects.
        ("Events", "Orchestrator.Actors.Feed"),
        ("Events", "Orchestrator.Actors.GarbageCollection"),
        ("Events", "Orchestrator.Node.ApiServer.Reads.GetHandler"),

        // What is carried out or made when it is read, and not stored.
        ("Bindings", "Orchestrator.Node.ApiServer"),
        ("TokenReviews", "Orchestrator.Node.ApiServer.ResourceRouter"),
        ("SelfSubjectReviews", "Orchestrator.Node.ApiServer.ResourceRouter"),
        ("LocalSubjectAccessReviews", "Orchestrator.Node.ApiServer.Writes.AccessReviewHandler"),
        ("SelfSubjectAccessReviews", "Orchestrator.Node.ApiServer.Writes.AccessReviewHandler"),
        ("SelfSubjectRulesReviews", "Orchestrator.Node.ApiServer.Writes.AccessReviewHandler"),
        ("Pods", "Orchestrator.Node.ApiServer.Writes.BindingHandler"),
        ("Pods", "Orchestrator.Node.ApiServer.Writes.EvictionHandler"),
        ("ComponentStatuses", "Orchestrator.Node.ApiServer.Reads"),
        ("NodeMetrics", "Orchestrator.Node.ApiServer.Reads"),
        ("PodMetrics", "Orchestrator.Node.ApiServer.Reads"),
        ("Nodes", "Orchestrator.Node.ApiServer.Reads.ResourceMetrics"),
        ("Pods", "Orchestrator.Node.ApiServer.Reads.ResourceMetrics"),

        // Every object with a namespace lives in one; the log of a pod is a subresource of the node that runs it; messages to agents.
        ("Namespaces", "Orchestrator.Node.ApiServer.Writes"),
        ("Namespaces", "Orchestrator.Actors.GarbageCollection"),
        ("Nodes", "Orchestrator.Node.ApiServer.Reads.LogHandler"),
        ("Nodes", "Orchestrator.Node.ApiServer.Reads.DeletedLogs"),
        ("Nodes", "Orchestrator.Node.ApiServer.Streams"),
        ("Nodes", "Orchestrator.Actors.Wire"),

        // A request to a service goes to a pod behind it.
        ("Services", "Orchestrator.Node.ApiServer.ResourceRouter"),
        ("Endpoints", "Orchestrator.Node.ApiServer.Streams.ServiceProxyHandler"),
        ("Pods", "Orchestrator.Node.ApiServer.Streams.ServiceProxyHandler"),

        // The agents of nodes follow services, their endpoints and other nodes, and make packet rules and routes of them.
        ("Services", "Orchestrator.Actors.Wire"),
        ("Services", Kinds + "Nodes.NodeGatewayActor"),
        ("Services", "Orchestrator.Node.Proxy"),
        ("Services", "Orchestrator.Node.Dns.DnsService"),
        ("EndpointSlices", "Orchestrator.Node.Proxy"),

        // An Ingress has a class, which says who serves it, leads to services, and shows certificates. Agents serve it, and say so of their nodes.
        ("IngressClasses", Kinds + "Ingresses"),
        ("Services", Kinds + "Ingresses"),
        ("Secrets", Kinds + "Ingresses"),
        ("Nodes", Kinds + "Ingresses"),
        ("Ingresses", "Orchestrator.Actors.Wire"),
        ("Ingresses", Kinds + "Nodes.NodeGatewayActor"),
        ("Ingresses", "Orchestrator.Node.Ingress"),
        ("Services", "Orchestrator.Node.Ingress"),
        ("Secrets", "Orchestrator.Node.Ingress"),

        // They enforce network policies, which name pods and namespaces and go the same way as services.
        ("NetworkPolicies", "Orchestrator.Actors.Wire"),
        ("NetworkPolicies", Kinds + "Nodes.NodeGatewayActor"),
        ("NetworkPolicies", "Orchestrator.Node.Policies"),
        ("Pods", Kinds + "NetworkPolicies.PolicyFeedActor"),
        ("Namespaces", Kinds + "NetworkPolicies.PolicyFeedActor"),

        // A role of a host says where its API server is, which is no news for the log.
        ("Services", "Orchestrator.Node.Logs.MembershipLogActor"),
        ("Nodes", Kinds + "Services.ServiceFeedActor"),
        ("Nodes", "Orchestrator.Node.Proxy"),

        // A node has pages, with rights of their own.
        ("Nodes", "Orchestrator.Node.ApiServer.ResourceRouter"),
        ("Nodes", "Orchestrator.Node.ApiServer.Auth.Access"),
        ("ResourceQuotas", "Orchestrator.Actors.Wire"),
        ("Secrets", "Orchestrator.Node.ApiServer.Reads.HistoryHandler"),

        // Composition.
        ("*", "Orchestrator.Node.Hosting"),
    ];

    public static TheoryData<string> Homes => [.. typeof(ResourceDefinition).Assembly.GetTypes().Select(t => t.Namespace ?? "")
        .Where(n => n.StartsWith(Kinds, StringComparison.Ordinal)).Select(n => n[Kinds.Length..].Split('.')[0]).Distinct().Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Homes))]
    public void Nobody_names_a_kind_outside_its_folder(string home) =>
        Assert.DoesNotContain(Strangers(home), type => !Allowed.Any(a => (a.Kind == "*" || a.Kind == home) && IsOf(type, a.By)));

    [Fact]
    public void What_is_allowed_is_needed() =>
        Assert.DoesNotContain(Allowed.Where(a => a.Kind != "*"), a => !Strangers(a.Kind).Any(type => IsOf(type, a.By)));

    [Fact]
    public void Every_built_in_kind_is_described_in_a_folder_of_its_own()
    {
        var definitions = typeof(ResourceDefinition).Assembly.GetTypes().Where(t => t.Name.EndsWith("Definition", StringComparison.Ordinal) && t.Namespace?.StartsWith(Kinds, StringComparison.Ordinal) == true).ToList();
        Assert.Equal(definitions.Count, definitions.Select(t => t.Namespace).Distinct().Count());
        Assert.Equal(definitions.Select(t => t.Name[..^"Definition".Length]).Order(), BuiltIn.All.Select(k => k.Kind).Order());
    }

    // It reads all assemblies for each home.
    private static IReadOnlyCollection<string> Strangers(string home) => Known.GetOrAdd(home, _ =>
        [.. Types.InAssemblies([typeof(ResourceDefinition).Assembly, typeof(AgentServices).Assembly]).That()
            .DoNotResideInNamespaceStartingWith(Kinds + home).ShouldNot().HaveDependencyOn(Kinds + home).GetResult().FailingTypeNames ?? []]);

    private static bool IsOf(string type, string place) => type == place || type.StartsWith(place + ".", StringComparison.Ordinal) || type.StartsWith(place + "/", StringComparison.Ordinal);
}
