using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Node.ApiServer.Reads;

namespace Orchestrator.Tests.ApiServer;

/// <summary>A get on one of several hosts, whose entity may be one that the cluster has replaced: it tells what was acknowledged before it was asked.</summary>
public class ObjectReaderSpec
{
    private static readonly ObjectKey Key = ConfigMapDefinition.Instance.Key("default", "a");

    [Theory]
    [InlineData(7, 7, 9, 7)] // nothing has happened
    [InlineData(7, 8, 9, 8)] // the entity was replaced, and the object changed since
    [InlineData(7, null, 9, null)] // … or deleted
    [InlineData(null, 8, 9, 8)] // … or created
    [InlineData(10, 8, 9, 10)] // the entity stored a change after the journal was asked
    [InlineData(10, null, 9, 10)] // … or the object
    [InlineData(null, null, 9, null)]
    public void The_newer_answer_is_given(int? entity, int? journal, int journalIsAt, int? given) =>
        Assert.Equal(given, (int?)ObjectReader.Newer(At(entity), Snapshot(At(journal), journalIsAt), Key)?.Revision);

    private static KubeObject? At(int? revision) => revision is not { } r ? null : KubeObject.From(ConfigMapDefinition.Instance,
        (JsonObject)JsonNode.Parse($$$"""{"metadata":{"name":"a","namespace":"default","resourceVersion":"{{{r}}}"}}""")!);

    private static KindSnapshot Snapshot(KubeObject? item, long revision) => new(revision,
        item is null ? ObjectMap.Empty : ObjectMap.Of([item]));
}
