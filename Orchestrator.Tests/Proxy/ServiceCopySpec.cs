using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Node.Proxy;

namespace Orchestrator.Tests.Proxy;

public sealed class ServiceCopySpec
{
    private readonly ServiceCopy _copy = new();

    [Fact]
    public void A_whole_copy_comes_in_parts_and_counts_when_it_is_complete()
    {
        Assert.Null(_copy.Take(Part([Service("a", 1)], 1, 2)));
        Assert.Empty(_copy.Services);
        Assert.Equal(new FeedPosition("s", 7, 2), _copy.Position);
        Assert.Equal(["a", "b"], _copy.Take(Part([Slice("b-1", "b", 2)], 2, 2))!.Select(k => k.Name).Order());
        Assert.Equal(("s", 7L), (_copy.Source, _copy.Version));
        Assert.Equal("a", Assert.Single(_copy.Services).Name);
        Assert.Equal("b-1", Assert.Single(_copy.SlicesOf(Key("b"))).Name);
    }

    [Fact]
    public void A_whole_copy_of_which_a_part_is_missing_never_counts_and_what_was_begun_is_no_part_of_another()
    {
        Whole(Service("a", 1), Service("b", 1));
        Assert.Null(_copy.Take(Part([Service("a", 2)], 1, 3)));
        Assert.Empty(_copy.Take(Part([Service("c", 2)], 3, 3))!);
        Assert.Equal(["a", "b"], _copy.Services.Select(s => s.Name).Order());

        // Changes wait, since whoever gives the whole knows them.
        Assert.Empty(_copy.Take(News(7, 8, [Service("d", 3)]))!);
        Assert.Null(_copy.Take(Part([Service("x", 3)], 1, 2) with { Source = "another" }));
        Assert.Equal(["a", "b", "y"], _copy.Take(Part([Service("y", 3)], 2, 2) with { Source = "another" })!.Select(k => k.Name).Where(n => n != "x").Order());
        Assert.Equal(["x", "y"], _copy.Services.Select(s => s.Name).Order());
    }

    [Fact]
    public void What_is_told_twice_is_no_gap()
    {
        Whole(Service("a", 1));
        _copy.Take(News(7, 8, [Service("b", 2)]));
        Assert.Empty(_copy.Take(News(7, 8, [Service("b", 2)]))!);
        Assert.Equal(new FeedPosition("s", 8), _copy.Position);
    }

    [Fact]
    public void News_apply_to_the_version_before_them_alone()
    {
        Whole(Service("a", 1));
        Assert.Equal(["a"], _copy.Take(News(7, 8, [Slice("a-1", "a", 2)]))!.Select(k => k.Name));
        Assert.Null(_copy.Take(News(9, 10, [Slice("a-2", "a", 3)])));
        Assert.Null(_copy.Take(News(8, 9, []) with { Source = "another" }));
        Assert.Single(_copy.SlicesOf(Key("a")));
        Assert.Equal(8, _copy.Version);
    }

    [Fact]
    public void What_is_older_than_what_is_held_changes_nothing()
    {
        Whole(Service("a", 5), Slice("a-1", "a", 5));
        Assert.Empty(_copy.Take(News(7, 8, [Service("a", 4)], new GoneObject(EndpointSliceDefinition.Instance.Key("default", "a-1"), 3)))!);
        Assert.Equal(5, _copy.Find(Key("a"))!.Revision);
        Assert.Single(_copy.SlicesOf(Key("a")));
        Assert.Equal(["a"], _copy.Take(News(8, 9, [], new GoneObject(EndpointSliceDefinition.Instance.Key("default", "a-1"), 6)))!.Select(k => k.Name));
        Assert.Empty(_copy.SlicesOf(Key("a")));
    }

    [Fact]
    public void A_whole_copy_removes_what_it_does_not_have_and_that_of_another_source_is_right_whatever_its_age()
    {
        Whole(Service("a", 9), Service("b", 9), Slice("b-1", "b", 9));
        var touched = _copy.Take(Part([Service("a", 3)], 1, 1) with { Source = "restored" })!;
        Assert.Equal(["a", "b"], touched.Select(k => k.Name).Order());
        Assert.Equal(3, _copy.Find(Key("a"))!.Revision);
        Assert.Null(_copy.Find(Key("b")));
        Assert.Empty(_copy.SlicesOf(Key("b")));
    }

    [Fact]
    public void A_slice_that_is_given_another_service_touches_both()
    {
        Whole(Service("a", 1), Service("b", 1), Slice("x", "a", 1));
        Assert.Equal(["a", "b"], _copy.Take(News(7, 8, [Slice("x", "b", 2)]))!.Select(k => k.Name).Order());
        Assert.Empty(_copy.SlicesOf(Key("a")));
        Assert.Single(_copy.SlicesOf(Key("b")));
    }

    private void Whole(params KubeObject[] objects) => _copy.Take(Part(objects, 1, 1));

    private static ObjectNews Part(KubeObject[] objects, int part, int parts) => new("s", ObjectNews.Whole, 7, [.. objects], [], part, parts);

    private static ObjectNews News(long from, long to, KubeObject[] objects, params GoneObject[] gone) => new("s", from, to, [.. objects], [.. gone]);

    private static ObjectKey Key(string service) => ServiceDefinition.Instance.Key("default", service);

    private static KubeObject Service(string name, long revision) => KubeObject.From(ServiceDefinition.Instance, (JsonObject)JsonNode.Parse(
        $$"""{ "metadata": { "name": "{{name}}", "namespace": "default", "uid": "{{name}}", "resourceVersion": "{{revision}}" }, "spec": { "clusterIP": "10.96.0.9" } }""")!);

    private static KubeObject Slice(string name, string service, long revision) => KubeObject.From(EndpointSliceDefinition.Instance, (JsonObject)JsonNode.Parse(
        $$"""{ "metadata": { "name": "{{name}}", "namespace": "default", "uid": "{{name}}", "resourceVersion": "{{revision}}", "labels": { "kubernetes.io/service-name": "{{service}}" } }, "addressType": "IPv4", "endpoints": [] }""")!);
}
