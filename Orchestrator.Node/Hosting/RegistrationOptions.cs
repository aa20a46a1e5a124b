using System.Collections.Immutable;
using Akka.Configuration;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;
using Orchestrator.Node.Agent.NodeSetup;

namespace Orchestrator.Node.Hosting;

/// <summary>Reads with what nodes are registered, and what of them is reserved.</summary>
internal static class RegistrationOptions
{
    private static readonly string[] Reservable = ["cpu", "memory", "ephemeral-storage"];
    private static readonly string[] Effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

    // Kubernetes, "Well-Known Labels": what a node may say of itself in the names of Kubernetes.
    private static readonly string[] OwnLabels =
    [
        "kubernetes.io/hostname", "kubernetes.io/arch", "kubernetes.io/os", "beta.kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type",
        "failure-domain.beta.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/region", "topology.kubernetes.io/zone",
    ];

    /// <summary>Reads with what nodes are registered.</summary>
    /// <exception cref="FormatException">A setting is not valid; the message names it.</exception>
    public static NodeRegistration Read(Config config) => new(
        config.GetStringList("orchestrator.node-labels").Select(Label).ToImmutableSortedDictionary(l => l.Key, l => l.Value, StringComparer.Ordinal),
        [.. config.GetStringList("orchestrator.register-with-taints").Select(Taint)], config.GetBoolean("orchestrator.register-schedulable", true));

    /// <summary>Reads what is reserved.</summary>
    /// <exception cref="FormatException">A setting is not valid; the message names it.</exception>
    public static NodeReservations Reserved(Config config)
    {
        return new NodeReservations(Of("kube"), Of("system"));

        ResourceAmounts Of(string part)
        {
            var amounts = new ResourceAmounts();
            foreach (var name in Reservable)
            {
                if (config.GetString($"orchestrator.reserved.{part}.{name}") is { Length: > 0 } text)
                {
                    amounts[name] = Quantity.Read(text) is { Nanos: var nanos } quantity && nanos >= 0 ? quantity
                        : throw new FormatException($"reserved.{part}.{name}: \"{text}\" must be a quantity such as 500m or 1Gi, or empty for none");
                }
            }

            return amounts;
        }
    }

    private static KeyValuePair<string, string> Label(string text)
    {
        var (key, value) = text.Split('=', 2) is [var k, var v] ? (k, v) : (text, "");
        if ((Names.LabelKey(key) ?? Names.LabelValue(value)) is { } fault)
        {
            throw new FormatException($"node-labels: \"{text}\": {fault}");
        }

        var domain = key.Contains('/', StringComparison.Ordinal) ? key[..key.IndexOf('/', StringComparison.Ordinal)] : "";
        var isReserved = Within(domain, "kubernetes.io") || Within(domain, "k8s.io");
        return !isReserved || OwnLabels.Contains(key) || Within(domain, "node.kubernetes.io") || Within(domain, "kubelet.kubernetes.io") ? KeyValuePair.Create(key, value)
            : throw new FormatException($"node-labels: \"{key}\": a node may not give itself this label of Kubernetes; set it with kubectl label node");
    }

    private static (string Key, string Value, string Effect) Taint(string text)
    {
        var (rest, effect) = text.LastIndexOf(':') is > 0 and var colon ? (text[..colon], text[(colon + 1)..]) : (text, "");
        var (key, value) = rest.Split('=', 2) is [var k, var v] ? (k, v) : (rest, "");
        return (Names.LabelKey(key) ?? Names.LabelValue(value) ?? (Effects.Contains(effect) ? null : "the effect must be NoSchedule, PreferNoSchedule or NoExecute")) is { } fault
            ? throw new FormatException($"register-with-taints: \"{text}\" must be key=value:effect or key:effect: {fault}") : (key, value, effect);
    }

    private static bool Within(string domain, string zone) => domain == zone || domain.EndsWith("." + zone, StringComparison.Ordinal);
}
