using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;

namespace Orchestrator.Actors.Reconcile;

/// <summary>Declares which changes of other objects wake objects of a kind. Pure.</summary>
/// <param name="Concern">What a version of a changed object means to the kind; null for nothing. Called for every change, so it must be cheap.</param>
/// <param name="Woken">Whom it wakes. Called once for a concern, however many changes of a batch share it.</param>
public sealed record WakeRule(Func<KubeObject, WakeConcern?> Concern, Func<WakeConcern, IClusterView, IEnumerable<ObjectKey>> Woken);

/// <summary>What many changes have in common: a thousand pods have one owner, one node and one namespace.</summary>
/// <param name="Namespace">A namespace; empty when it does not matter.</param>
/// <param name="Name">A name; empty when it does not matter.</param>
public readonly record struct WakeConcern(string Namespace, string Name);
