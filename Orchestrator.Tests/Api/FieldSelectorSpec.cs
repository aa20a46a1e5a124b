using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Api.Selectors;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Api;

public sealed class FieldSelectorSpec
{
    private static readonly ResourceRegistry Kinds = new();

    public static TheoryData<string, string> AllLabels
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var (kind, label) in BuiltIn.All.SelectMany(k => FieldLabel.Of(k).Select(l => (k.Resource, l.Name))))
            {
                all.Add(kind, label);
            }

            return all;
        }
    }

    [Theory, MemberData(nameof(AllLabels))]
    public void An_absent_field_is_what_decoding_makes_of_it(string resource, string label)
    {
        var kind = Kinds.ByResource(resource)!;
        var empty = KubeObject.From(kind, new JsonObject());
        Assert.True(Selects(empty, $"{label}={Zero(kind.Model!, Path(label))}"));
        Assert.False(Selects(empty, $"{label}!={Zero(kind.Model!, Path(label))}"));
    }

    [Theory]
    [InlineData("nodes", """{"spec":{}}""", "spec.unschedulable=false", true)]
    [InlineData("nodes", """{"spec":{"unschedulable":true}}""", "spec.unschedulable=false", false)]
    [InlineData("nodes", """{"spec":{"unschedulable":true}}""", "spec.unschedulable==true", true)]
    [InlineData("pods", """{"spec":{}}""", "spec.hostNetwork!=true", true)]
    [InlineData("pods", """{"spec":{"nodeName":"n1"}}""", "spec.host=n1", true)]
    [InlineData("pods", """{"status":{"podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}]}}""", "status.podIPs=10.0.0.1\\,fd00::1", true)]
    [InlineData("pods", """{"spec":{"nodeName":"n1"},"status":{"phase":"Running"}}""", "spec.nodeName=n1,status.phase!=Running", false)]
    [InlineData("replicasets.apps", """{"status":{}}""", "status.replicas=0", true)]
    [InlineData("replicasets.apps", """{"status":{"replicas":2}}""", "status.replicas=2", true)]
    [InlineData("namespaces", """{"metadata":{"name":"a"}}""", "name=a", true)]
    [InlineData("events", """{"source":{"component":"scheduler"}}""", "source=scheduler", true)]
    [InlineData("events", """{"source":{},"reportingComponent":"scheduler"}""", "source=scheduler", true)]
    [InlineData("events", """{"reportingComponent":"scheduler","type":"Normal"}""", "reportingComponent=scheduler,type=Normal", true)]
    [InlineData("events", """{"involvedObject":{"kind":"Pod","fieldPath":"spec.containers{a}"}}""", "involvedObject.fieldPath=spec.containers{a}", true)]
    public void Chooses_by_value(string resource, string json, string selector, bool isChosen) =>
        Assert.Equal(isChosen, Selects(KubeObject.From(Kinds.ByResource(resource)!, (JsonObject)JsonNode.Parse(json)!), selector));

    [Theory]
    [InlineData("pods", "spec.foo=x", "field label not supported: spec.foo")]
    [InlineData("nodes", "metadata.namespace=x", "field label not supported: metadata.namespace")]
    [InlineData("configmaps", "data.x!=y", "\"data.x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")]
    [InlineData("pods", "metadata.name=x,y", "invalid selector: 'metadata.name=x,y'; can't understand 'y'")]
    [InlineData("pods", "metadata.name=x=y", "invalid field selector: unescaped character in value: =")]
    [InlineData("pods", "metadata.name=x\\y", "invalid field selector: invalid escape sequence: \\y")]
    public void Refuses_in_the_words_of_Kubernetes(string resource, string selector, string error) =>
        Assert.Equal(error, FieldSelector.Parse(Kinds.ByResource(resource)!, selector).Error);

    // Kubernetes' label for how many pods of a job succeeded.
    private static string Path(string label) => label == "status.successful" ? "status.succeeded" : label;

    private static bool Selects(KubeObject item, string selector)
    {
        var (parsed, error) = FieldSelector.Parse(item.Kind, selector);
        Assert.Null(error);
        return parsed!.Matches(item);
    }

    // The client library's type of the field that the label names; labels with a name of their own are texts.
    private static string Zero(Type model, string label)
    {
        Type? type = model;
        foreach (var name in label.Split('.'))
        {
            type = type?.GetProperties().FirstOrDefault(p => p.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name == name)?.PropertyType;
        }

        return type is null ? "" : (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(bool) => "false",
            var t when t == typeof(int) || t == typeof(long) => "0",
            _ => "",
        };
    }
}
