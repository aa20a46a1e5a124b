using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;

namespace Orchestrator.Actors.Entities;

/// <summary>What a planner may see: the cache's indexes.</summary>
public interface IClusterView
{
    /// <summary>A copy of what stands under an index key now; in no order.</summary>
    IReadOnlyCollection<KubeObject> Indexed(IndexKey key);
}

/// <summary>The outcome of one level-triggered pass.</summary>
/// <param name="Commands">To send, all at once.</param>
/// <param name="RecheckAfter">When time alone can change the outcome.</param>
public sealed record ControllerPlan(ImmutableArray<ObjectCommand> Commands, TimeSpan? RecheckAfter)
{
    /// <summary>Whether other objects are made, changed or deleted: what remains to be done should not wait.</summary>
    public bool Advances { get; } = Commands.Any(c => c is CreateObject or DeleteObject);

    /// <summary>All is as it should be.</summary>
    public static readonly ControllerPlan Nothing = new([], null);
}

/// <summary>The behaviour of a kind that acts on its own. Pure: time, cause and name suffixes are handed in.</summary>
public interface IController
{
    /// <summary>The kind that behaves so.</summary>
    KindInfo Kind { get; }

    /// <summary>Compares the object with what it is responsible for.</summary>
    ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context);
}

/// <summary>What the shell supplies to a plan.</summary>
/// <param name="Now">The moment.</param>
/// <param name="Cause">Revision of the event that made it plan.</param>
/// <param name="NewSuffix">A fresh five-letter suffix for a generated name.</param>
public sealed record PlanContext(DateTimeOffset Now, long Cause, Func<string> NewSuffix);
