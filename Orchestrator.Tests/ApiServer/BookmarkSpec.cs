using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Node.ApiServer.Watches;

namespace Orchestrator.Tests.ApiServer;

/// <summary>The revision of a bookmark is that of everything that was sent.</summary>
public sealed class BookmarkSpec
{
    [Theory]
    [InlineData(283, 0, "283")]
    [InlineData(283, 280, "283")]
    [InlineData(283, 286, "286")] // Changes came between the question for the revision and the bookmark.
    public async Task A_bookmark_is_not_older_than_a_change_before_it(long reached, long seen, string told)
    {
        using var body = new MemoryStream();
        var http = new DefaultHttpContext { Response = { Body = body } };
        await new WatchStream(http, ConfigMapDefinition.Instance, TimeProvider.System, CancellationToken.None) { Seen = seen }.BookmarkAsync(reached, endsInitial: false);
        Assert.Equal(told, (string?)JsonNode.Parse(body.ToArray())!["object"]!["metadata"]!["resourceVersion"]);
    }
}
