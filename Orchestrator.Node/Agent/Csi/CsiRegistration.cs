using System.Collections.Immutable;
using Grpc.Core;
using Orchestrator.Actors.Validation;
using Orchestrator.Node.Agent.Csi.Wire;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>A driver that cannot be registered, and why.</summary>
internal sealed class RegistrationException(string message) : Exception(message);

/// <summary>Asks who is behind a socket in the folder of registrations, and what it can do (Kubernetes, kubelet's plugin registration; CSI, NodeGetInfo). What a driver says is not trusted.</summary>
/// <param name="paths">Where drivers are.</param>
/// <param name="time">The clock.</param>
internal sealed class CsiRegistration(CsiPaths paths, TimeProvider time)
{
    private const string Kind = "CSIPlugin";
    private const int MaxName = 63;
    private const int MaxNodeId = 256;

    /// <summary>Labels of Kubernetes that a driver may name; others of its domain say what only the cluster may say of a node.</summary>
    private static readonly string[] Known = ["kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch"];

    /// <summary>Reads who a plugin is; null if it is none of CSI.</summary>
    /// <exception cref="RegistrationException">It cannot be a driver of this node.</exception>
    /// <exception cref="CsiException">It does not answer.</exception>
    public async Task<CsiDriver?> ReadAsync(string socket, CancellationToken stopping)
    {
        var (name, endpoint) = await WhoAsync(socket, stopping).ConfigureAwait(false);
        if (name is null)
        {
            return null;
        }

        var channel = UnixChannel.Open(endpoint);
        try
        {
            var nodes = new Wire.Node.NodeClient(channel);
            var identity = new Identity.IdentityClient(channel);
            var info = await CsiCall.RunAsync(c => nodes.NodeGetInfoAsync(new(), cancellationToken: c), CsiCall.Short, time, stopping).ConfigureAwait(false);
            var node = await CsiCall.RunAsync(c => nodes.NodeGetCapabilitiesAsync(new(), cancellationToken: c), CsiCall.Short, time, stopping).ConfigureAwait(false);
            var plugin = await CsiCall.RunAsync(c => identity.GetPluginCapabilitiesAsync(new(), cancellationToken: c), CsiCall.Short, time, stopping).ConfigureAwait(false);
            var services = plugin.Capabilities.Where(c => c.Service is not null).Select(c => c.Service.Type).ToHashSet();
            return new CsiDriver(name, socket, channel)
            {
                NodeId = info.NodeId is { Length: > 0 and <= MaxNodeId } id ? id : throw new RegistrationException($"driver {name} gives the node an id of {info.NodeId.Length} characters: it must have 1 to {MaxNodeId}"),
                MaxVolumes = Math.Clamp(info.MaxVolumesPerNode, 0, int.MaxValue),
                Topology = Topology(name, info.AccessibleTopology?.Segments ?? []),
                Node = [.. node.Capabilities.Where(c => c.Rpc is not null).Select(c => c.Rpc.Type)],
                HasTopology = services.Contains(PluginCapability.Types.Service.Types.Type.VolumeAccessibilityConstraints),
                Controller = services.Contains(PluginCapability.Types.Service.Types.Type.ControllerService) ? await ControllerAsync(channel, stopping).ConfigureAwait(false) : null,
            };
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    /// <summary>Tells a plugin whether it was registered. A plugin that does not listen is none the worse for it.</summary>
    /// <param name="socket">Its socket.</param>
    /// <param name="error">Why not; null if it was.</param>
    /// <param name="stopping">Cancels the call.</param>
    public async Task NotifyAsync(string socket, string? error, CancellationToken stopping)
    {
        using var channel = UnixChannel.Open(socket);
        try
        {
            var plugin = new Registration.RegistrationClient(channel);
            await CsiCall.RunAsync(c => plugin.NotifyRegistrationStatusAsync(new() { PluginRegistered = error is null, Error = error ?? "" }, cancellationToken: c), CsiCall.Short, time, stopping).ConfigureAwait(false);
        }
        catch (CsiException)
        {
            // It asks again by a new socket.
        }
    }

    private async Task<(string? Name, string Endpoint)> WhoAsync(string socket, CancellationToken stopping)
    {
        using var channel = UnixChannel.Open(socket);
        var plugin = new Registration.RegistrationClient(channel);
        var info = await CsiCall.RunAsync(c => plugin.GetInfoAsync(new(), cancellationToken: c), CsiCall.Short, time, stopping).ConfigureAwait(false);
        if (info.Type != Kind)
        {
            return (null, socket);
        }

        if (info.Name.Length > MaxName || Names.Subdomain(info.Name.ToLowerInvariant()) is not null)
        {
            throw new RegistrationException($"\"{info.Name[..Math.Min(info.Name.Length, MaxName)]}\" is not a name of a driver: it must be a domain name of at most {MaxName} characters");
        }

        if (!info.SupportedVersions.Any(v => v.TrimStart('v').StartsWith("1.", StringComparison.Ordinal)))
        {
            throw new RegistrationException($"driver {info.Name} speaks the versions {string.Join(", ", info.SupportedVersions)} of CSI: 1.x is needed");
        }

        return (info.Name, Endpoint(info, socket));
    }

    // A plugin names its own socket, and no other of the host.
    private string Endpoint(PluginInfo info, string socket)
    {
        if (info.Endpoint.Length == 0)
        {
            return socket;
        }

        var said = info.Endpoint.StartsWith("unix://", StringComparison.Ordinal) ? info.Endpoint["unix://".Length..] : info.Endpoint;
        var path = Path.GetFullPath(said);
        return path == said && path.StartsWith(paths.Root + "/", StringComparison.Ordinal) && Linux.KindOf(path) == Linux.FileKind.Socket ? path
            : throw new RegistrationException($"driver {info.Name} names the endpoint {info.Endpoint}: it must be the full path of a socket below {paths.Root}");
    }

    private static ImmutableSortedDictionary<string, string> Topology(string driver, IEnumerable<KeyValuePair<string, string>> segments)
    {
        var all = segments.ToImmutableSortedDictionary(StringComparer.Ordinal);
        foreach (var (key, value) in all)
        {
            if ((Names.LabelKey(key) ?? Names.LabelValue(value)) is { } why)
            {
                throw new RegistrationException($"driver {driver} says where the node is by \"{key}\": {why}");
            }

            var domain = key.Contains('/', StringComparison.Ordinal) ? key[..key.IndexOf('/', StringComparison.Ordinal)] : "";
            if (!Known.Contains(key) && domain != "topology.kubernetes.io" && (domain is "kubernetes.io" or "k8s.io" || domain.EndsWith(".kubernetes.io", StringComparison.Ordinal) || domain.EndsWith(".k8s.io", StringComparison.Ordinal)))
            {
                throw new RegistrationException($"driver {driver} says where the node is by \"{key}\": of labels of Kubernetes it may name only topology.kubernetes.io/… and {string.Join(", ", Known)}");
            }
        }

        return all;
    }

    private async Task<ImmutableHashSet<ControllerServiceCapability.Types.RPC.Types.Type>?> ControllerAsync(Grpc.Net.Client.GrpcChannel channel, CancellationToken stopping)
    {
        try
        {
            var controllers = new Controller.ControllerClient(channel);
            var answer = await CsiCall.RunAsync(c => controllers.ControllerGetCapabilitiesAsync(new(), cancellationToken: c), CsiCall.Short, time, stopping).ConfigureAwait(false);
            return [.. answer.Capabilities.Where(c => c.Rpc is not null).Select(c => c.Rpc.Type)];
        }
        catch (CsiException e) when (e.Code == StatusCode.Unimplemented)
        {
            // The process on the nodes often serves the node service alone.
            return null;
        }
    }
}
