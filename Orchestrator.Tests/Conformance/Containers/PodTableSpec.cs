using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Tests.Conformance.Containers;

/// <summary>Pods that run to their end in real containers, as <c>pods.yaml</c> says.</summary>
[Collection(ContainersHost.Name)]
public sealed class PodTableSpec(ContainersHost host)
{
    /// <summary>The rows: the name of the pod, and what it shows.</summary>
    public static TheoryData<string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var row in PodTable.All)
            {
                rows.Add(row.Name, string.Join("; ", row.Shows));
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    [Trait("Category", "Conformance")]
    public async Task A_pod_ends_and_has_printed_what_it_should(string name, string shows)
    {
        var row = PodTable.All.Single(r => r.Name == name);
        var pod = await host.EndedAsync(row);
        var main = pod["status"]!["containerStatuses"]!.AsArray().Single(c => (string?)c!["name"] == "main")!["state"]!["terminated"];
        var phase = (string?)row.Row["phase"] ?? "Succeeded";
        Assert.True((string?)pod["status"]!["phase"] == phase, $"{shows}: {pod["status"]!.ToJsonString()}\n{string.Join('\n', main is null ? [] : await host.LogAsync(row))}");
        if ((string?)row.Row["prints"] is { } prints)
        {
            Assert.Equal(ContainersHost.Lines(await FilledAsync(prints, pod)), await host.LogAsync(row));
        }
        else
        {
            Assert.Null(main);
        }

        Assert.Equal((string?)row.Row["reason"] ?? (string?)main?["reason"], (string?)main?["reason"]);
        Assert.Equal((string?)row.Row["message"] ?? (string?)main?["message"] ?? "", (string?)main?["message"] ?? "");
    }

    private async Task<string> FilledAsync(string text, JsonNode pod)
    {
        var allocatable = (await host.Node.AskAsync(HttpMethod.Get, $"/api/v1/nodes/{pod["spec"]!["nodeName"]}"))["status"]!["allocatable"]!;
        return text.Replace("{name}", (string)pod["metadata"]!["name"]!, StringComparison.Ordinal)
            .Replace("{uid}", (string)pod["metadata"]!["uid"]!, StringComparison.Ordinal)
            .Replace("{hostIP}", (string)pod["status"]!["hostIP"]!, StringComparison.Ordinal)
            .Replace("{cpu}", Whole("cpu"), StringComparison.Ordinal)
            .Replace("{memory}", Whole("memory"), StringComparison.Ordinal);

        string Whole(string resource) => $"{Quantity.Read(allocatable[resource])!.Value.Nanos / 1_000_000_000}";
    }
}
