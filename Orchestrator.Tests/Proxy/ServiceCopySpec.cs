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
        Assert.Empty(_copy.Take(Part([Service("a", 1)], isLast: false))!);
        Assert.Empty(_copy.Services);
        Assert.Equal(["a", "b"], _copy.Take(Part([Slice("b-1", "b", 2)], isLast: true))!.Select(k => k.Name).Order());
        Assert.Equal(("s", 7L), (_copy.Source, _copy.Version));
        Assert.Equal("a", Assert.Single(_copy.Services).Name);
        Assert.Equal("b-1", Assert.Single(_copy.SlicesOf(Key("b"))).Name);
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
        var touched = _copy.Take(Part([Service("a", 3)], isLast: true) with { Source = "restored" })!;
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

    private void Whole(params KubeObject[] objects) => _copy.Take(Part(objects, isLast: true));

    private static ObjectNews Part(KubeObject[] objects, bool isLast) => new("s", ObjectNews.Whole, 7, [.. objects], [], isLast);

    private static ObjectNews News(long from, long to, KubeObject[] objects, params GoneObject[] gone) => new("s", from, to, [.. objects], [.. gone], true);

    private static ObjectKey Key(string service) => ServiceDefinition.Instance.Key("default", service);

    private static KubeObject Service(string name, long revision) => KubeObject.From(ServiceDefinition.Instance, (JsonObject)JsonNode.Parse(
        $$"""{ "metadata": { "name": "{{name}}", "namespace": "default", "uid": "{{name}}", "resourceVersion": "{{revision}}" }, "spec": { "clusterIP": "10.96.0.9" } }""")!);

    private static KubeObject Slice(string name, string service, long revision) => KubeObject.From(EndpointSliceDefinition.Instance, (JsonObject)JsonNode.Parse(
        $$"""{ "metadata": { "name": "{{name}}", "namespace": "default", "uid": "{{name}}", "resourceVersion": "{{revision}}", "labels": { "kubernetes.io/service-name": "{{service}}" } }, "addressType": "IPv4", "endpoints": [] }""")!);
}
