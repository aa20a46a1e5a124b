using System.Text.Json.Nodes;

namespace Orchestrator.Node.Network.Cni;

/// <summary>The plugins of a network, one after the other (CNI specification, section 3).</summary>
/// <param name="Configuration">The network.</param>
/// <param name="Version">The version of the specification in which they are spoken to.</param>
/// <param name="Programs">Runs them.</param>
internal sealed record CniChain(CniConfiguration Configuration, string Version, CniPrograms Programs)
{
    private static readonly JsonObject Nothing = [];

    /// <summary>Finds out which version all plugins know.</summary>
    /// <exception cref="NetworkException">There is none, or a plugin is missing.</exception>
    public static async Task<CniChain> OfAsync(CniConfiguration configuration, CniPrograms programs, CancellationToken cancellation)
    {
        var known = new List<IReadOnlyCollection<string>>();
        foreach (var type in configuration.Plugins.Select(p => p.Type).Distinct())
        {
            var said = await programs.RunAsync(CniCommand.Version, type, new JsonObject { ["cniVersion"] = CniVersions.Known[0] }, null, cancellation).ConfigureAwait(false);
            known.Add(CniResult.Versions(CniJson.Read(said, $"what plugin {type} printed")));
        }

        return CniVersions.Newest(configuration.Versions, known) is { } version ? new CniChain(configuration, version, programs)
            : throw new NetworkException($"its plugins do not all know version {string.Join(" or ", configuration.Versions)} of the specification");
    }

    /// <summary>Adds a pod.</summary>
    /// <param name="attachment">The pod.</param>
    /// <param name="onResult">Is given the result after each plugin, by which it is removed if that is the last.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="NetworkException">A plugin failed. What those before it have made is still there.</exception>
    public async Task<CniResult> AddAsync(CniAttachment attachment, Action<JsonObject> onResult, CancellationToken cancellation)
    {
        JsonObject? result = null;
        foreach (var plugin in Configuration.Plugins)
        {
            var said = await RunAsync(CniCommand.Add, plugin, attachment, result, cancellation).ConfigureAwait(false);
            result = CniJson.Read(said, $"what plugin {plugin.Type} printed");
            onResult(result);
        }

        return CniResult.Of(result!);
    }

    /// <summary>Removes a pod, or what there is of it. May be repeated.</summary>
    /// <param name="attachment">The pod.</param>
    /// <param name="result">The last result when it was added; null if there was none.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="NetworkException">A plugin failed.</exception>
    public async Task DeleteAsync(CniAttachment attachment, JsonObject? result, CancellationToken cancellation)
    {
        foreach (var plugin in Configuration.Plugins.Reverse())
        {
            await RunAsync(CniCommand.Delete, plugin, attachment, CniVersions.Reaches(Version, CniVersions.WithCheck) ? result : null, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Asks whether the network of a pod is as it was made, if that can be asked.</summary>
    /// <exception cref="NetworkException">It is not.</exception>
    public async Task CheckAsync(CniAttachment attachment, JsonObject result, CancellationToken cancellation)
    {
        foreach (var plugin in Configuration.MayCheck && CniVersions.Reaches(Version, CniVersions.WithCheck) ? Configuration.Plugins : [])
        {
            await RunAsync(CniCommand.Check, plugin, attachment, result, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Asks whether pods can be added, if that can be asked.</summary>
    /// <exception cref="NetworkException">They cannot, or a plugin is missing.</exception>
    public async Task StatusAsync(CancellationToken cancellation)
    {
        foreach (var plugin in Configuration.Plugins)
        {
            Programs.Require(plugin.Type);
            if (CniVersions.Reaches(Version, CniVersions.WithStatus))
            {
                await RunAsync(CniCommand.Status, plugin, null, null, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Has everything removed that no pod has, if that can be asked for.</summary>
    /// <param name="containers">The pods.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="NetworkException">A plugin failed.</exception>
    public async Task CollectAsync(IReadOnlyCollection<string> containers, CancellationToken cancellation)
    {
        foreach (var plugin in Configuration.MayCollect && CniVersions.Reaches(Version, CniVersions.WithStatus) ? Configuration.Plugins : [])
        {
            var request = plugin.Request(Configuration.Name, Version, Nothing);
            request["cni.dev/valid-attachments"] = new JsonArray([.. containers.Select(c => new JsonObject { ["containerID"] = c, ["ifname"] = CniAttachment.Interface })]);
            await Programs.RunAsync(CniCommand.Collect, plugin.Type, request, null, cancellation).ConfigureAwait(false);
        }
    }

    private Task<string> RunAsync(CniCommand command, CniPlugin plugin, CniAttachment? attachment, JsonObject? previous, CancellationToken cancellation) =>
        Programs.RunAsync(command, plugin.Type, plugin.Request(Configuration.Name, Version, attachment?.Runtime ?? Nothing, previous), attachment, cancellation);
}
