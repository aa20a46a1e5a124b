using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;

namespace Orchestrator.Actors.Reconcile;

/// <summary>A plan whose commands have been sent. Matches replies to commands by correlation id.</summary>
internal sealed class PlanRun
{
    private readonly ObjectCommand[] _commands;
    private readonly ApiError?[] _errors;
    private readonly bool[] _isAnswered;
    private int _open;

    /// <param name="plan">The plan that the commands belong to.</param>
    /// <param name="commands">The commands of it that are sent.</param>
    /// <param name="firstCorrelationId">The correlation id of the first command; the others follow it. None of them may be used elsewhere.</param>
    /// <param name="isFree">Whether all of the plan is sent; false while rejected commands wait for their next try.</param>
    public PlanRun(ControllerPlan plan, ImmutableArray<ObjectCommand> commands, long firstCorrelationId, bool isFree)
    {
        (Plan, IsFree) = (plan, isFree);
        _commands = [.. commands.Select((c, i) => c with { CorrelationId = firstCorrelationId + i })];
        _errors = new ApiError?[_commands.Length];
        _isAnswered = new bool[_commands.Length];
        _open = _commands.Length;
    }

    /// <summary>The plan that the commands belong to.</summary>
    public ControllerPlan Plan { get; }

    /// <summary>Whether all of the plan is sent.</summary>
    public bool IsFree { get; }

    /// <summary>What to send.</summary>
    public IReadOnlyList<ObjectCommand> Commands => _commands;

    /// <summary>Number of commands without an answer.</summary>
    public int Open => _open;

    /// <summary>Records an answer.</summary>
    /// <returns>False if it answers no open command of this plan.</returns>
    public bool Take(CommandReply reply)
    {
        var i = reply.CorrelationId - _commands[0].CorrelationId;
        if (i < 0 || i >= _commands.Length || _isAnswered[i])
        {
            return false;
        }

        Settle((int)i, reply.Error);
        return true;
    }

    /// <summary>Counts every command without an answer as rejected, with a timeout.</summary>
    public void GiveUp(TimeSpan waited)
    {
        for (var i = 0; i < _commands.Length; i++)
        {
            if (!_isAnswered[i])
            {
                Settle(i, new ApiError(ApiReason.Timeout, $"{_commands[i].Key} did not answer in {waited.TotalSeconds:0} s"));
            }
        }
    }

    /// <summary>The commands that were not carried out.</summary>
    public ImmutableArray<RejectedCommand> RejectedCommands() => [.. Outcomes.Where(o => o.Error is not null).Select(o => new RejectedCommand(o.Command, o.Error!))];

    /// <summary>The objects that accepted a command.</summary>
    public IReadOnlySet<ObjectKey> Accepted() => Outcomes.Where(o => o.Error is null).Select(o => o.Command.Key).ToHashSet();

    private IEnumerable<(ObjectCommand Command, ApiError? Error)> Outcomes => _commands.Zip(_errors);

    private void Settle(int i, ApiError? error)
    {
        (_isAnswered[i], _errors[i]) = (true, error);
        _open--;
    }
}
