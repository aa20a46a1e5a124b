namespace Orchestrator.Actors.Scheduling;

/// <summary>What a command of the scheduler is to bring about.</summary>
internal enum ErrandKind
{
    /// <summary>The pod gets its node.</summary>
    Bind,

    /// <summary>The pod says that it is unschedulable.</summary>
    Mark,

    /// <summary>The claims of the pod learn which node it gets.</summary>
    Select,

    /// <summary>The pod goes for a more important one.</summary>
    Preempt,
}

/// <summary>The subject of the scheduler's commands: if one fails, it decides again what the command was to bring about, and nothing else.</summary>
/// <param name="Uid">Uid of the pod.</param>
/// <param name="Kind">What for.</param>
internal readonly record struct Errand(string Uid, ErrandKind Kind);
