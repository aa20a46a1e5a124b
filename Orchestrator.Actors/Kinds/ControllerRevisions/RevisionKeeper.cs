using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ControllerRevisions;

/// <summary>Translates the plan of <see cref="RevisionHistory"/> to commands.</summary>
/// <param name="self">The workload.</param>
/// <param name="workload">Its template and history.</param>
/// <param name="selector">Its selector.</param>
/// <param name="by">Name of the controller in the journal.</param>
/// <param name="context">The inputs of the controller's plan.</param>
internal sealed class RevisionKeeper(KubeObject self, RevisedWorkload workload, V1LabelSelector selector, string by, PlanContext context)
{
    /// <summary>The revisions of the workload, what to do about them, and the commands for it. With a command the workload waits: the changed revision wakes it.</summary>
    public (IReadOnlyList<TemplateRevision> Owned, RevisionPlan Plan, ImmutableArray<ObjectCommand> Commands) Plan(IClusterView view)
    {
        var refs = ControllerRefs.Of(workload.Metadata, selector, Adoption.Candidates(self, view, ControllerRevisionDefinition.Instance), o => o);
        List<TemplateRevision> owned = [.. refs.Owned.Select(TemplateRevision.Of)];
        var refused = context.RejectedCommands.Where(r => r is { Command: CreateObject, Error.Reason: ApiReason.AlreadyExists }).Select(r => r.Command.Key).ToHashSet();
        var plan = RevisionHistory.Plan(workload, owned, name => KeyOf(name) is var key && (view.Find(key) is not null || refused.Contains(key)));
        var own = new ControllerCommands(self, by, context.Cause);
        var commands = ImmutableArray.CreateBuilder<ObjectCommand>();
        commands.AddRange(refs.Adopt.Select(own.Adopt));
        commands.AddRange(refs.Release.Select(own.Release));
        if (commands.Count == 0 && plan.Create is { } created)
        {
            commands.Add(new CreateObject(KeyOf(created.Metadata.Name), (JsonObject)Models.ToNode(created), by, context.Cause));
        }
        else if (commands.Count == 0 && plan is { Renumber: { } number, Update: { } update })
        {
            commands.Add(new MergeObject(update.Object.Key, update.Object.Uid, new JsonObject { ["revision"] = number }, "renumbered", by, context.Cause));
        }

        return (owned, plan, commands.ToImmutable());
    }

    /// <summary>Commands that delete the revisions beyond the limit.</summary>
    public IEnumerable<ObjectCommand> DeleteOutdated(IReadOnlyList<TemplateRevision> owned, Func<TemplateRevision, bool> isInUse) =>
        RevisionHistory.Outdated(workload, owned, isInUse).Select(r => new DeleteObject(r.Object.Key, by, context.Cause, ExpectedUid: r.Object.Uid));

    private ObjectKey KeyOf(string name) => ControllerRevisionDefinition.Instance.Key(self.Namespace, name);
}
