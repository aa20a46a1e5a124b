using System.CommandLine;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary><c>orc create priorityclass</c>.</summary>
internal static class CreatePriorityClass
{
    public static Command Create(Creator creator)
    {
        var value = Setup.Number("Priority of its pods; pods with more come first", "number", "--value");
        value.Required = true;
        var isDefault = Setup.Switch("Pods without a class have this one", "--global-default");
        var description = Setup.Text("What it is meant for", "text", "--description");
        var preemption = Setup.Text("PreemptLowerPriority (default) or Never", "policy", "--preemption-policy");
        preemption.AcceptOnlyFromAmong("PreemptLowerPriority", "Never");
        return creator.Of(("priorityclass", "pc"), "Creates a priority class.", [value, isDefault, description, preemption],
            ["orc create priorityclass urgent --value=1000 --description='customers wait for it'", "orc create priorityclass batch --value=-10 --preemption-policy=Never"], (context, name) =>
                Draft.Of("scheduling.k8s.io/v1", "PriorityClass", name,
                    ("value", context.Get(value)),
                    ("globalDefault", context.Get(isDefault) ? true : null),
                    ("description", context.Get(description)),
                    ("preemptionPolicy", context.Get(preemption))));
    }
}
