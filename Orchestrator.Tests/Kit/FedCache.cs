using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Tests.Kit;

/// <summary>A cache that a spec feeds by hand, one event at a time.</summary>
internal sealed class FedCache : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private long _revision;

    private FedCache()
    {
    }

    public ObjectCache Cache { get; } = new();

    /// <summary>The revision of the last event.</summary>
    public long Revision => _revision;

    public static async Task<FedCache> StartAsync()
    {
        var fed = new FedCache();
        await fed.Cache.StartAsync(NothingAsync(), CancellationToken.None);
        return fed;
    }

    /// <summary>The object of this JSON is created.</summary>
    public Task<KubeObject?> CreateAsync(string json)
    {
        var node = (JsonObject)JsonNode.Parse(json)!;
        var kind = Cache.Registry.Served.Single(k => k.ApiVersion == (string?)node["apiVersion"] && k.Kind == (string?)node["kind"]);
        var meta = node["metadata"]!;
        return TellAsync(kind.Key((string?)meta["namespace"] ?? "", (string)meta["name"]!), "created", node);
    }

    /// <summary>An object changes.</summary>
    public Task<KubeObject?> ChangeAsync(ObjectKey key, string patch, string verb = "updated") => TellAsync(key, verb, (JsonObject)JsonNode.Parse(patch)!);

    /// <summary>An object goes.</summary>
    public Task DeleteAsync(ObjectKey key) => TellAsync(key, "deleted", null);

    /// <summary>What a decision made.</summary>
    public long Publish(ObjectKey key, ObjectEvent e)
    {
        e.Revision = ++_revision;
        Cache.Publish([new Committed(key.PersistenceId, 1, e)]);
        return _revision;
    }

    public async ValueTask DisposeAsync() => await Cache.DisposeAsync();

    private async Task<KubeObject?> TellAsync(ObjectKey key, string verb, JsonObject? delta)
    {
        Publish(key, new ObjectEvent($"{Cache.Registry.ByResource(key.Resource)!.Singular}.{verb}.1", DateTimeOffset.UnixEpoch, "test", 0, delta));
        await Cache.ReachedAsync(_revision, CancellationToken.None).WaitAsync(Bound);
        return Cache.Find(key);
    }

    private static async IAsyncEnumerable<Committed> NothingAsync()
    {
        await Task.CompletedTask;
        yield break;
    }
}
