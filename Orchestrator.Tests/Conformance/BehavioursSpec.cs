using Xunit.Abstractions;

namespace Orchestrator.Tests.Conformance;

/// <summary>The count of conformance behaviours does not lie.</summary>
public class BehavioursSpec(ITestOutputHelper output)
{
    [Fact]
    public void Every_behaviour_is_shown_by_a_spec_or_open_with_a_reason()
    {
        var all = Behaviours.Read();
        output.WriteLine(Behaviours.Report(all));
        Assert.Equal(all.Select(b => b.Name).Distinct(), all.Select(b => b.Name));
        Assert.All(all, b => Assert.True(b.Specs.Count > 0 != b.Why is { Length: > 0 },
            b.Specs.Count > 0 ? $"\"{b.Name}\" is shown by {b.Specs[0].DeclaringType!.Name}.{b.Specs[0].Name}: take away the reason." : $"\"{b.Name}\" is shown by no spec: say why behind \"| open:\"."));
    }

    [Fact]
    public void Every_mark_names_a_behaviour_of_the_list_on_a_spec_that_runs()
    {
        var names = Behaviours.Read().Select(b => b.Name).ToHashSet();
        Assert.All(Behaviours.Marked(), m =>
        {
            Assert.True(names.Contains(m.Name), $"{m.Spec.DeclaringType!.Name}.{m.Spec.Name} shows \"{m.Name}\", which the list does not have.");
            var fact = (FactAttribute?)Attribute.GetCustomAttribute(m.Spec, typeof(FactAttribute));
            Assert.True(fact is not null && (fact.Skip is null || fact.GetType() != typeof(FactAttribute)), $"{m.Spec.Name} is no spec that runs.");
        });
    }

    [Fact]
    public void The_report_counts_what_is_shown_and_names_the_rest()
    {
        var spec = typeof(BehavioursSpec).GetMethod(nameof(The_report_counts_what_is_shown_and_names_the_rest))!;
        var report = Behaviours.Report([new("sig-x", "a", null, [spec]), new("sig-x", "b", "not built", []), new("sig-y", "c", null, [spec])]);
        Assert.StartsWith("2 of 3 behaviours ", report, StringComparison.Ordinal);
        Assert.Contains("by 1 specs", report, StringComparison.Ordinal);
        Assert.Contains("\nsig-x 1 of 2, sig-y 1 of 1\n", report, StringComparison.Ordinal);
        Assert.EndsWith("Not shown:\n  b: not built\n", report, StringComparison.Ordinal);
    }
}
