using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Faults.Cluster;

namespace Orchestrator.Tests.Faults.Workload;

/// <summary>How a watcher watches.</summary>
/// <param name="Name">Its name in the history.</param>
/// <param name="Group">The label that it selects; null for all.</param>
/// <param name="TakesBookmarks">Begins with the objects in the watch itself, lets the server end it every few seconds, and resumes from bookmarks.</param>
/// <param name="Breaks">Breaks its own connection every few seconds.</param>
internal sealed record WatchSettings(string Name, string? Group = null, bool TakesBookmarks = false, bool Breaks = false);

/// <summary>Lists once, watches from there, and resumes at any host where it was when the watch ended or broke; after 410 it lists again.</summary>
internal sealed class Watcher(WatchSettings settings, FaultCluster cluster, History history, Random random)
{
    private const string Maps = $"/api/v1/namespaces/{FaultCluster.Space}/configmaps";
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);
    private readonly Dictionary<string, long> _has = [];
    private readonly string _selector = settings.Group is null ? "" : $"&labelSelector=group%3D{settings.Group}";
    private long? _position;

    public WatchSettings Settings => settings;

    /// <summary>Whether it has these objects in these versions now, of those that it selects.</summary>
    public bool Has(IReadOnlyDictionary<string, StoredObject> objects)
    {
        lock (_has)
        {
            var wanted = objects.Where(o => settings.Group is null || o.Value.Group == settings.Group).ToList();
            return wanted.Count == _has.Count && wanted.All(o => _has.GetValueOrDefault(o.Key) == o.Value.Revision);
        }
    }

    /// <summary>Watches until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var host = cluster.Any(random);
            try
            {
                await (_position is null && !settings.TakesBookmarks ? ListAsync(host) : WatchAsync(host, stop));
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException or OperationCanceledException)
            {
                Keep(host, SeenKind.Ended, "", 0, message: e is OperationCanceledException ? "nothing came, or it was broken on purpose" : e.Message);
            }

            await Task.WhenAny(Task.Delay(random.Next(50, 300), stop));
        }
    }

    private async Task ListAsync(ControlHost host)
    {
        var answer = await host.Api.GetAsync($"{Maps}?{_selector}");
        if (answer.IsSuccess)
        {
            Begin(host, answer.Revision, Client.Versions(answer.Body!));
        }
    }

    private async Task WatchAsync(ControlHost host, CancellationToken stop)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var breaksAt = settings.Breaks ? history.Now + TimeSpan.FromSeconds(1 + (4 * random.NextDouble())) : TimeSpan.MaxValue;
        ends.CancelAfter(Idle);
        using var answer = await host.Api.OpenAsync($"{Maps}?watch=true&{Query()}{_selector}", ends.Token);
        if (!answer.IsSuccessStatusCode)
        {
            await Task.Delay(200, stop);
            Fail(host, (int)answer.StatusCode, await answer.Content.ReadAsStringAsync(ends.Token));
            return;
        }

        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(ends.Token));
        var initial = _position is null ? new Dictionary<string, long>() : null;
        while (await lines.ReadLineAsync(ends.Token) is { } line)
        {
            var e = JsonNode.Parse(line)!;
            if ((string?)e["type"] == "ERROR")
            {
                Fail(host, (int?)e["object"]?["code"] ?? 0, (string?)e["object"]?["message"] ?? "");
                return;
            }

            initial = Take(host, e, initial);
            ends.CancelAfter(breaksAt == TimeSpan.MaxValue ? Idle : TimeSpan.FromTicks(Math.Clamp((breaksAt - history.Now).Ticks, 1, Idle.Ticks)));
        }

        Keep(host, SeenKind.Ended, "", 0, message: "by the host");
    }

    private string Query() => (settings.TakesBookmarks, _position) switch
    {
        (true, null) => "allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=4",
        (true, var position) => $"allowWatchBookmarks=true&resourceVersion={position}&timeoutSeconds=4",
        (false, var position) => $"resourceVersion={position}&timeoutSeconds=60",
    };

    // The objects of the beginning are a list once the bookmark says that it is complete.
    private Dictionary<string, long>? Take(ControlHost host, JsonNode e, Dictionary<string, long>? initial)
    {
        var metadata = e["object"]!["metadata"]!;
        var (type, name) = ((string)e["type"]!, (string?)metadata["name"] ?? "");
        var revision = long.Parse((string)metadata["resourceVersion"]!);
        if (initial is not null)
        {
            if (type == "BOOKMARK" && (string?)metadata["annotations"]?["k8s.io/initial-events-end"] == "true")
            {
                Begin(host, revision, initial);
                return null;
            }

            initial[name] = revision;
            return initial;
        }

        Keep(host, Enum.Parse<SeenKind>(type, ignoreCase: true), name, revision);
        _position = revision;
        lock (_has)
        {
            switch (type)
            {
                case "DELETED":
                    _has.Remove(name);
                    break;
                case "ADDED" or "MODIFIED":
                    _has[name] = revision;
                    break;
            }
        }

        return null;
    }

    private void Begin(ControlHost host, long revision, IReadOnlyDictionary<string, long> items)
    {
        Keep(host, SeenKind.Listed, "", revision, items);
        _position = revision;
        lock (_has)
        {
            _has.Clear();
            foreach (var (name, version) in items)
            {
                _has[name] = version;
            }
        }
    }

    private void Fail(ControlHost host, int code, string message)
    {
        Keep(host, code == 410 ? SeenKind.Expired : SeenKind.Ended, "", 0, message: $"{code} {message}");
        _position = code == 410 ? null : _position;
    }

    private void Keep(ControlHost host, SeenKind kind, string name, long revision, IReadOnlyDictionary<string, long>? items = null, string message = "") =>
        history.Add(new Seen(settings.Name, host.Name, history.Now, kind, name, revision, items, message));
}
