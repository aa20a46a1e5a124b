using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;

namespace Orchestrator.Actors.Reconcile;

/// <summary>A plan whose commands have been sent, with their outcomes.</summary>
/// <param name="plan">The plan that the commands belong to.</param>
/// <param name="commands">The commands that are sent.</param>
/// <param name="isFree">Whether all commands of the plan are sent; false while rejected ones are in back-off.</param>
internal sealed class PlanRun(ControllerPlan plan, ImmutableArray<ObjectCommand> commands, bool isFree)
{
    private readonly ApiError?[] _errors = new ApiError?[commands.Length];

    /// <summary>The plan that the commands belong to.</summary>
    public ControllerPlan Plan => plan;

    /// <summary>Whether all commands of the plan are sent.</summary>
    public bool IsFree => isFree;

    /// <summary>The commands to send.</summary>
    public ImmutableArray<ObjectCommand> Commands => commands;

    /// <summary>Records why a command was not carried out; null if it was.</summary>
    public void Record(int index, ApiError? error) => _errors[index] = error;

    /// <summary>The commands that were not carried out.</summary>
    public ImmutableArray<RejectedCommand> RejectedCommands() => [.. Outcomes.Where(o => o.Error is not null).Select(o => new RejectedCommand(o.Command, o.Error!))];

    /// <summary>The objects that accepted a command.</summary>
    public IReadOnlySet<ObjectKey> Accepted() => Outcomes.Where(o => o.Error is null).Select(o => o.Command.Key).ToHashSet();

    private IEnumerable<(ObjectCommand Command, ApiError? Error)> Outcomes => commands.Zip(_errors);
}
