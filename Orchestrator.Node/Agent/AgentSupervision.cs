using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Logs;

namespace Orchestrator.Node.Agent;

/// <summary>What becomes of a part of the agent that fails. A pod worker or a session ends, since it would begin with the version of its pod that it was created with; a part that looks after the whole node begins anew.</summary>
/// <param name="log">Where the failure is told.</param>
/// <param name="node">Key of the node.</param>
/// <param name="lasting">Names of the parts that begin anew.</param>
internal sealed class AgentSupervision(ILoggingAdapter log, ObjectKey node, IReadOnlyCollection<string> lasting) : OneForOneStrategy(_ => Directive.Stop)
{
    /// <inheritdoc/>
    protected override Directive Handle(IActorRef child, Exception exception)
    {
        var isLasting = lasting.Contains(child.Path.Name);
        log.Fail(exception, isLasting ? "A part of the agent failed and begins anew" : "A pod worker or a log session failed", ("object", node), ("part", child.Path.Name));
        return isLasting ? Directive.Restart : Directive.Stop;
    }
}
