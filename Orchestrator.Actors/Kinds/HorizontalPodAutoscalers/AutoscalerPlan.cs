using System.Collections.Immutable;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>A decision of an autoscaler.</summary>
/// <param name="Rescale">The new size of the target; null if it stays as it is.</param>
/// <param name="Status">The new status; null if it does not change. With a new size it is <see cref="AutoscalerMemory.Pending"/> instead.</param>
/// <param name="Warnings">What keeps the autoscaler from deciding, if it is new.</param>
/// <param name="Memory">What to remember.</param>
internal sealed record AutoscalerPlan(Rescale? Rescale, V2HorizontalPodAutoscalerStatus? Status, ImmutableArray<Warning> Warnings, AutoscalerMemory Memory);

/// <summary>A new size.</summary>
/// <param name="Replicas">Number of replicas.</param>
/// <param name="Reason">Why, as the Event says it.</param>
internal sealed record Rescale(int Replicas, string Reason);

/// <summary>Reason and message of a Kubernetes Event of the type Warning.</summary>
internal sealed record Warning(string Reason, string Message);
