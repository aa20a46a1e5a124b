using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.PriorityClasses;

namespace Orchestrator.Tests.Kinds.PriorityClasses;

public sealed class PodPrioritySpec
{
    [Theory]
    [InlineData("{}", null, 0, "PreemptLowerPriority")]
    [InlineData("""{"priorityClassName":"high"}""", "high", 1000, "PreemptLowerPriority")]
    [InlineData("""{"priorityClassName":"high","priority":1000}""", "high", 1000, "PreemptLowerPriority")]
    [InlineData("""{"priorityClassName":"meek"}""", "meek", 500, "Never")]
    public void A_pod_gets_what_its_class_says(string spec, string? name, long value, string policy) => Assert.Equal((name, value, policy), Admitted(spec, High, Meek));

    [Fact]
    public void Without_a_class_it_gets_the_default_one_and_of_several_the_smallest() => Assert.Equal(
        ("usual", 5, "PreemptLowerPriority"), Admitted("{}", High, Class("larger", 7, isDefault: true), Class("usual", 5, isDefault: true)));

    [Theory]
    [InlineData("""{"priorityClassName":"lost"}""", "no PriorityClass with name lost was found")]
    [InlineData("""{"priority":3}""", "the integer value of priority (3) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name")]
    [InlineData("""{"priorityClassName":"high","priority":1}""", "the integer value of priority (1) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name")]
    [InlineData("""{"priorityClassName":"meek","preemptionPolicy":"PreemptLowerPriority"}""",
        "the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name")]
    public void What_contradicts_the_class_is_refused(string spec, string why) => Assert.Equal(why, PodPriority.Admit((JsonObject)JsonNode.Parse(spec)!, View(High, Meek)));

    [Fact]
    public void There_is_one_default() => Assert.Equal("PriorityClass usual is already marked as default. Only one default can exist", new PriorityClassStrategy().Admit(
        new JsonObject { ["metadata"] = new JsonObject { ["name"] = "other" }, ["value"] = 1, ["globalDefault"] = true }, View(High, Class("usual", 5, isDefault: true))));

    private static KubeObject High => Class("high", 1000);

    private static KubeObject Meek => Class("meek", 500, policy: "Never");

    private static (string?, long, string) Admitted(string spec, params KubeObject[] classes)
    {
        var o = (JsonObject)JsonNode.Parse(spec)!;
        Assert.Null(PodPriority.Admit(o, View(classes)));
        return ((string?)o["priorityClassName"], (long)o["priority"]!, (string)o["preemptionPolicy"]!);
    }

    private static ObjectCache View(params KubeObject[] classes)
    {
        var cache = new ObjectCache();
        cache.Restore(1, classes);
        return cache;
    }

    private static KubeObject Class(string name, long value, bool isDefault = false, string policy = "PreemptLowerPriority") => KubeObject.From(PriorityClassDefinition.Instance, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["uid"] = name, ["resourceVersion"] = "1" },
        ["value"] = value,
        ["globalDefault"] = isDefault,
        ["preemptionPolicy"] = policy,
    });
}
