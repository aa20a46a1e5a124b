using System.Text;
using System.Text.Json;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Journal;

/// <summary>The journal says who did what: the user, the user's groups, and on whose behalf.</summary>
public sealed class WhoSpec
{
    public static TheoryData<UserInfo, string> Users => new()
    {
        { "system:scheduler", """{"at":"1970-01-01T00:00:00.000000Z","by":"system:scheduler","cause":7}""" },
        { new UserInfo("anna", ["ops", "system:masters"]), """{"at":"1970-01-01T00:00:00.000000Z","by":"anna","groups":["ops","system:masters"],"cause":7}""" },
        { new UserInfo("carol", ["dev"], "anna"), """{"at":"1970-01-01T00:00:00.000000Z","by":"carol","groups":["dev"],"onBehalfOf":"anna","cause":7}""" },
    };

    [Theory]
    [MemberData(nameof(Users))]
    public void It_is_stored_and_read_back(UserInfo user, string stored)
    {
        var e = new ObjectEvent("configmap.updated.1", DateTimeOffset.UnixEpoch, user, 7, null);
        var bytes = ObjectEventCodec.Encode(e);
        Assert.Equal(stored, Encoding.UTF8.GetString(bytes));
        Assert.Equal(user, ObjectEventCodec.Decode(e.Manifest, bytes, 1).By);
    }

    [Theory]
    [MemberData(nameof(Users))]
    public void It_travels_between_hosts(UserInfo user, string stored)
    {
        Assert.Contains(user.Name, stored, StringComparison.Ordinal);
        Assert.Equal(user, JsonSerializer.Deserialize<UserInfo>(JsonSerializer.Serialize(user)));
    }

    [Fact]
    public async Task The_history_of_an_object_has_the_groups_of_a_user()
    {
        await using var node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1));
        await node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"m"}}""");
        var created = (await node.AskAsync(HttpMethod.Get, "/apis/history.orchestrator.io/v1/core/configmaps/default/m"))["items"]![0]!;
        Assert.Equal(("kubernetes-admin", "system:masters"), ((string?)created["by"], (string?)Assert.Single(created["groups"]!.AsArray())));
    }
}
