using System.Globalization;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Crash;

/// <summary>
/// Writes one after the other until told to stop: a new config map, then a label on an older one, and so on. Remembers only
/// what the server acknowledged; writes that a kill cut off may be there or not.
/// </summary>
internal sealed class AcknowledgedWriter(NodeProcess node, string space, int seed)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, (long Revision, int Step)> _written = [];
    private long _newest;
    private int _step;

    /// <summary>How many writes were acknowledged.</summary>
    public int Count { get; private set; }

    /// <summary>Writes until the token ends it or the server is gone.</summary>
    public async Task RunAsync(CancellationToken ended)
    {
        try
        {
            while (!ended.IsCancellationRequested)
            {
                await WriteAsync();
            }
        }
        catch (HttpRequestException e) when (e.StatusCode is null)
        {
            // Killed in the middle of it: this write was not acknowledged.
        }
    }

    /// <summary>Everything acknowledged is there, no older than it was acknowledged, and the server's clock did not go back.</summary>
    public async Task VerifyAsync()
    {
        var list = await node.AskAsync(HttpMethod.Get, $"/api/v1/namespaces/{space}/configmaps");
        var listed = Revision(list);
        Assert.True(listed >= _newest, $"The list is of revision {listed}; {_newest} was acknowledged before.");
        var found = list["items"]!.AsArray().ToDictionary(o => (string)o!["metadata"]!["name"]!, o => o!);
        foreach (var (name, (revision, step)) in _written)
        {
            Assert.True(found.TryGetValue(name, out var item), $"{name} of revision {revision} was acknowledged and is gone.");
            Assert.True(Revision(item!) >= revision, $"{name} was acknowledged as {revision} and is {Revision(item!)} now.");
            var label = int.Parse((string)item!["metadata"]!["labels"]!["step"]!, CultureInfo.InvariantCulture);
            Assert.True(label >= step, $"{name} was acknowledged at step {step} and is at {label} now.");
        }
    }

    private async Task WriteAsync()
    {
        var step = ++_step;
        var path = $"/api/v1/namespaces/{space}/configmaps";
        if (_written.Count == 0 || _random.Next(2) == 0)
        {
            var name = $"c{step.ToString(CultureInfo.InvariantCulture)}";
            Acknowledged(name, step, Revision(await node.AskAsync(HttpMethod.Post, path,
                $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","labels":{"step":"{{{step}}}"} } }""")));
        }
        else
        {
            var name = _written.Keys.ElementAt(_random.Next(_written.Count));
            Acknowledged(name, step, Revision(await node.AskAsync(HttpMethod.Patch, $"{path}/{name}",
                $$$"""{"metadata":{"labels":{"step":"{{{step}}}"} } }""", "application/merge-patch+json")));
        }
    }

    private void Acknowledged(string name, int step, long revision)
    {
        Assert.True(revision > _newest, $"{name} was acknowledged as {revision}, after {_newest}.");
        _newest = revision;
        _written[name] = (revision, step);
        Count++;
    }

    private static long Revision(System.Text.Json.Nodes.JsonNode o) =>
        long.Parse((string)o["metadata"]!["resourceVersion"]!, CultureInfo.InvariantCulture);
}
