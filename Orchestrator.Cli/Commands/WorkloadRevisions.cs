using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary>One of the pod templates that a workload has had.</summary>
/// <param name="Template">The template.</param>
/// <param name="Cause">Why it was changed, from the annotation <c>kubernetes.io/change-cause</c>.</param>
internal sealed record WorkloadRevision(JsonObject Template, string? Cause);

/// <summary>A workload with its revisions by number: of a deployment its replica sets, of other workloads their ControllerRevisions.</summary>
internal sealed record WorkloadRevisions(JsonObject Workload, SortedDictionary<long, WorkloadRevision> ByNumber)
{
    private const string Number = "deployment.kubernetes.io/revision";

    public static async Task<WorkloadRevisions> ReadAsync(CommandContext context, Target target)
    {
        var isDeployment = target.Type.Kind == "Deployment";
        var workload = await context.Client.GetAsync(context.PathOf(target), context.Cancellation);
        var type = (await context.DiscoveryAsync()).OfManifest("apps/v1", isDeployment ? "ReplicaSet" : "ControllerRevision");
        var found = new SortedDictionary<long, WorkloadRevision>();
        foreach (var o in (await context.Client.GetAsync(type.Path(context.Namespace), context.Cancellation)).Items("items"))
        {
            if (o.Items("metadata", "ownerReferences").Any(r => r.Text("uid") == workload.Uid())
                && (isDeployment ? o.Number("metadata", "annotations", Number) : o.Number("revision")) is { } number)
            {
                found[number] = new(Template(isDeployment ? o : o["data"]), o.Text("metadata", "annotations", "kubernetes.io/change-cause"));
            }
        }

        return new(workload, found);
    }

    public WorkloadRevision One(Target target, long number) => ByNumber.GetValueOrDefault(number)
        ?? throw new CliException($"{target.Type.Display}/{target.Name} has no revision {number}: it has {string.Join(", ", ByNumber.Keys)}.");

    // Without what only the owner of the copy needs: the label of a replica set, the directive of a revision.
    private static JsonObject Template(JsonNode? holder)
    {
        var template = (JsonObject)holder.At("spec", "template")!.DeepClone();
        (template.At("metadata", "labels") as JsonObject)?.Remove("pod-template-hash");
        template.Remove("$patch");
        return template;
    }
}
