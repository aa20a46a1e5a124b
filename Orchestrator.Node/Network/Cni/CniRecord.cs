using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Network.Cni;

/// <summary>What a pod has, or may have, of plugins, and all that is needed to take it away again, whatever the configuration is by then.</summary>
/// <param name="Configuration">The network.</param>
/// <param name="Version">The version of the specification in which its plugins were spoken to.</param>
/// <param name="Folders">Where its plugins were.</param>
/// <param name="Attachment">The pod, as they were told of it.</param>
/// <param name="Ports">Its ports on the host.</param>
/// <param name="Last">The result of the last plugin that was done with it; null until one was.</param>
/// <param name="Result">What it got; null until all were done.</param>
internal sealed record CniRecord(CniConfiguration Configuration, string Version, ImmutableArray<string> Folders, CniAttachment Attachment, ImmutableArray<HostPort> Ports, JsonObject? Last = null, CniResult? Result = null)
{
    /// <summary>The chain that made it. Plugins that are not where they were may be where they are now.</summary>
    public CniChain Chain(CniPrograms now) => new(Configuration, Version, now with { Folders = [.. Folders.Union(now.Folders)] });
}
