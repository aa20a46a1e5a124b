using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.PriorityClasses;

/// <summary>Gives a new pod the priority of its class (Kubernetes, "Pod Priority and Preemption"; admission plugin Priority).</summary>
internal static class PodPriority
{
    private const string ClassName = "priorityClassName";
    private const string Policy = "preemptionPolicy";
    private const string Usual = "PreemptLowerPriority";

    /// <summary>Sets priority and preemption policy.</summary>
    /// <param name="spec">The spec of the pod. It is modified.</param>
    /// <param name="view">The cluster.</param>
    /// <returns>Why the pod is refused; null if it is not.</returns>
    public static string? Admit(JsonObject spec, IAdmissionView view)
    {
        var name = (string?)spec[ClassName] ?? "";
        var (value, policy) = (0L, Usual);
        if (name.Length == 0 && Default(view) is { } usual)
        {
            (spec[ClassName], value, policy) = (usual.Name, Value(usual), PolicyOf(usual));
        }
        else if (name.Length > 0)
        {
            if (view.Find(PriorityClassDefinition.Instance.Key("", name)) is not { } found)
            {
                return $"no PriorityClass with name {name} was found";
            }

            (value, policy) = (Value(found), PolicyOf(found));
        }

        if (spec["priority"] is { } given && given.AsInt64() != value)
        {
            return $"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {value} from the given PriorityClass name";
        }

        if ((string?)spec[Policy] is { } own && own != policy)
        {
            return $"the string value of PreemptionPolicy ({own}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name";
        }

        (spec["priority"], spec[Policy]) = (value, policy);
        return null;
    }

    // Of several defaults, the one with the smallest value.
    private static KubeObject? Default(IAdmissionView view) =>
        view.All(PriorityClassDefinition.Instance).Where(PriorityClassStrategy.IsDefault).MinBy(Value);

    private static long Value(KubeObject found) => found.ToNode()["value"].AsInt64() ?? 0;

    private static string PolicyOf(KubeObject found) => (string?)found.ToNode()[Policy] ?? Usual;
}
