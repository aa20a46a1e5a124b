using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;

namespace Orchestrator.Actors.Reconcile;

/// <summary>Declares which changes of other objects wake objects of a kind. Pure.</summary>
/// <param name="Concern">Returns how a changed object affects the kind; null if it does not. Called for every change, so it must be fast.</param>
/// <param name="Woken">Returns the objects to wake. Called once for each concern of a batch, however many changes share it.</param>
public sealed record WakeRule(Func<KubeObject, WakeConcern?> Concern, Func<WakeConcern, IClusterView, IEnumerable<ObjectKey>> Woken);

/// <summary>A key shared by changes that wake the same objects, such as the node of a thousand pods.</summary>
/// <param name="Namespace">A namespace; empty if not used.</param>
/// <param name="Name">A name; empty if not used.</param>
public readonly record struct WakeConcern(string Namespace, string Name);
