using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Schema;
using k8s.Models;

namespace Orchestrator.Tests.Schema;

/// <summary>The tables of facts about model classes.</summary>
public class SchemaFactsSpec
{
    private static readonly SchemaFacts All = SchemaFacts.Join(BuiltIn.All.Select(k => k.Facts).Prepend(CommonSchema.Facts));

    [Fact]
    public void Every_fact_is_about_a_field_that_exists()
    {
        var fields = typeof(V1Pod).Assembly.GetTypes().Where(t => t is { IsClass: true, IsGenericType: false, Namespace: "k8s.Models" })
            .SelectMany(t => ModelSchemas.Properties(t).Select(p => (t.Name, p.Name))).ToHashSet();
        Assert.True(All.Fields.Count() > 500);
        Assert.All(All.Fields, field => Assert.Contains(field, fields));
    }

    [Fact]
    public void A_key_of_a_list_is_a_field_of_its_items() => Assert.All(Nodes().SelectMany(n => n.Fields.Values), field =>
    {
        foreach (var key in field.Value.Keys.Concat(field.MergeKey is { } merge ? [merge] : []))
        {
            Assert.Contains(key, field.Value.Items!.Fields.Keys);
        }
    });

    [Theory]
    [InlineData(typeof(V1PodSpec), "containers", true, "name", "name")]
    [InlineData(typeof(V1Container), "ports", false, "containerPort,protocol", "containerPort")]
    [InlineData(typeof(V1ServiceSpec), "ports", false, "port,protocol", "port")]
    [InlineData(typeof(V1PodSpec), "tolerations", false, "", null)]
    [InlineData(typeof(V1PodStatus), "conditions", false, "type", "type")]
    public void A_list_is_keyed_and_merged_as_Kubernetes_does(Type model, string name, bool isRequired, string keys, string? mergeKey)
    {
        var field = BuiltIn.Schemas.Of(model).Fields[name];
        Assert.Equal((isRequired, keys, mergeKey), (field.IsRequired, string.Join(',', field.Value.Keys), field.MergeKey));
    }

    [Theory]
    [InlineData("V1PodSpec\n  containers unique")]
    [InlineData("V1PodSpec\n  containers list")]
    public void A_word_that_is_no_fact_is_refused(string table) => Assert.Throws<FormatException>(() => SchemaFacts.Read(table));

    private static IReadOnlySet<SchemaNode> Nodes()
    {
        var (found, open) = (new HashSet<SchemaNode>(), new Stack<SchemaNode>(BuiltIn.All.Select(k => k.Schema)));
        while (open.TryPop(out var node))
        {
            if (found.Add(node))
            {
                node.Fields.Values.Select(f => f.Value).Append(node.Items).OfType<SchemaNode>().ToList().ForEach(open.Push);
            }
        }

        return found;
    }
}
