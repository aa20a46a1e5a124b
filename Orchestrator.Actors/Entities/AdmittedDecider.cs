using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Entities;

/// <summary>Admits a new object unless its sender did, then decides: nothing is stored that was not admitted, whoever sends it. Pure.</summary>
internal static class AdmittedDecider
{
    /// <summary>Decides one command on the current state.</summary>
    public static Decision Decide(ResourceDefinition kind, KubeObject? state, ObjectCommand command, DecideContext context)
    {
        if (command is CreateObject && state is null && kind.IsTerminating)
        {
            return Decision.Reject(new ApiError(ApiReason.MethodNotAllowed, $"create not allowed while the definition of {kind.Resource} is terminating"));
        }

        if (command is CreateObject { IsAdmitted: false } create && state is null)
        {
            var o = (JsonObject)create.Object.DeepClone();
            var meta = JsonFilling.Child(o, "metadata");
            meta["name"] = command.Key.Name;
            if (kind.Namespaced)
            {
                meta["namespace"] = command.Key.Namespace;
            }

            if (Admitter.Create(kind, o, context.View) is { } error)
            {
                return Decision.Reject(error);
            }

            command = create with { Object = o };
        }

        return ObjectDecider.Decide(kind, state, command, context);
    }
}
