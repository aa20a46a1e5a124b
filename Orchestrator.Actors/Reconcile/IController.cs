using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Reconcile;

/// <summary>The controller of a kind: compares an object with the cluster and plans commands. Pure: time, cause and name suffixes are arguments.</summary>
public interface IController
{
    /// <summary>The kind whose objects it reconciles.</summary>
    ResourceDefinition Kind { get; }

    /// <summary>Changes of other objects that wake objects of this kind. They are also woken by their own changes, by changes of objects that they own,
    /// and when they are due.</summary>
    ImmutableArray<WakeRule> WokenBy => [];

    /// <summary>Compares desired and observed state and returns the commands that bring them together. Called whenever the object is woken.</summary>
    ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context);

    /// <summary>The Kubernetes Event to record about a command of the plan that was rejected; null for none.</summary>
    RecordedEvent? EventFor(RejectedCommand rejected) => null;
}

/// <summary>Inputs of a plan besides object and cluster.</summary>
/// <param name="Now">The current time.</param>
/// <param name="Cause">Revision of the event that led to the plan.</param>
/// <param name="NewSuffix">Creates a random five-character suffix for a generated name.</param>
/// <param name="RejectedCommands">The commands of the last plan that were rejected. They are sent again when their back-off is over,
/// if the plan still has them; until then only commands to the object itself are sent.</param>
public sealed record PlanContext(DateTimeOffset Now, long Cause, Func<string> NewSuffix, ImmutableArray<RejectedCommand> RejectedCommands);

/// <summary>The result of one level-triggered pass.</summary>
/// <param name="Commands">Commands to send, all at once.</param>
/// <param name="RecheckAfter">Plan again after this time, even if nothing changes. Null if only a change can alter the plan.</param>
public sealed record ControllerPlan(ImmutableArray<ObjectCommand> Commands, TimeSpan? RecheckAfter)
{
    /// <summary>Nothing to do.</summary>
    public static readonly ControllerPlan Nothing = new([], null);

    /// <summary>Whether objects are created or deleted. If so, the next plan is made without a pause.</summary>
    public bool Advances { get; } = Commands.Any(c => c is CreateObject or DeleteObject);

    /// <summary>Kubernetes Events of the object itself; each is recorded once its command to another object is accepted.</summary>
    public ImmutableArray<PlannedEvent> PlannedEvents { get; init; } = [];

    /// <summary>What the plan found and can do nothing about. Each is recorded when the previous plan did not find it.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>The verb of the journal event that carries the <see cref="PlannedEvents"/>.</summary>
    public string EventsVerb { get; init; } = "progressed";
}

/// <summary>A Kubernetes Event that is recorded only if a command of the plan is accepted.</summary>
/// <param name="Of">Receiver of the command.</param>
/// <param name="Event">The event to record.</param>
public sealed record PlannedEvent(ObjectKey Of, RecordedEvent Event);

/// <summary>A Kubernetes Event about something that calls for no command.</summary>
/// <param name="Key">Tells it from other findings of the object.</param>
/// <param name="Event">The event to record.</param>
/// <param name="By">Name of the controller in the journal.</param>
public sealed record Finding(string Key, RecordedEvent Event, UserInfo By);

/// <summary>A command of a plan that was not carried out, and why.</summary>
/// <param name="Command">The command.</param>
/// <param name="Error">The error of the reply; Timeout if there was none.</param>
public sealed record RejectedCommand(ObjectCommand Command, ApiError Error)
{
    /// <summary>Whether the plan was based on a stale view, so that a new plan may succeed.</summary>
    public bool IsStale => RetryPolicy.IsStale(Error);
}
