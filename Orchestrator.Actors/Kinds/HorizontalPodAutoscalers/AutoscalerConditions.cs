using k8s.Models;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>The conditions of an autoscaler, with the reasons and words of Kubernetes.</summary>
/// <param name="stored">The stored conditions.</param>
/// <param name="now">Transition time of those whose status changes.</param>
internal sealed class AutoscalerConditions(IEnumerable<V2HorizontalPodAutoscalerCondition>? stored, DateTimeOffset now)
{
    private readonly List<V2HorizontalPodAutoscalerCondition> _all = [.. stored ?? []];

    /// <summary>All conditions.</summary>
    public IList<V2HorizontalPodAutoscalerCondition> All => _all;

    /// <summary>Whether the target's scale can be read and changed.</summary>
    public void AbleToScale(bool status, string reason, string message) => Set("AbleToScale", status, reason, message);

    /// <summary>Whether the metrics lead to a number of replicas.</summary>
    public void ScalingActive(bool status, string reason, string message) => Set("ScalingActive", status, reason, message);

    /// <summary>Whether the number is limited by the spec.</summary>
    public void ScalingLimited(bool status, string reason, string message) => Set("ScalingLimited", status, reason, message);

    private void Set(string type, bool status, string reason, string message)
    {
        var word = status ? "True" : "False";
        var index = _all.FindIndex(c => c.Type == type);
        var since = index >= 0 && _all[index].Status == word ? _all[index].LastTransitionTime : now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)).UtcDateTime;
        var condition = new V2HorizontalPodAutoscalerCondition { Type = type, Status = word, Reason = reason, Message = message, LastTransitionTime = since };
        if (index >= 0)
        {
            _all[index] = condition;
        }
        else
        {
            _all.Add(condition);
        }
    }
}
