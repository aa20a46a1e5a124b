using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>What a command would be answered: its decision folded onto the object, and nothing kept.</summary>
internal static class DryRun
{
    public static CommandReply Reply(ResourceDefinition kind, KubeObject? state, ObjectCommand command, DecideContext context)
    {
        var decision = ObjectDecider.Decide(kind, state, command, context);
        if (decision.Error is not null)
        {
            return new CommandReply(null, decision.Error);
        }

        var after = state;
        foreach (var e in decision.Events)
        {
            e.Revision = state?.Revision ?? 0;
            if (e.IsDeletion)
            {
                return new CommandReply(after, null, IsDeleted: true);
            }

            after = ObjectState.Apply(kind, after, e);
        }

        if (state is null && after?.ToNode() is { } created)
        {
            ((System.Text.Json.Nodes.JsonObject)created["metadata"]!).Remove("resourceVersion");
            after = KubeObject.From(kind, created);
        }

        return new CommandReply(after, null);
    }
}
