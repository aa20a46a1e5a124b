using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.LimitRanges;

/// <summary>What the limit ranges of a namespace mean for new pods and claims (Kubernetes, "Limit Ranges"; admission plugin LimitRanger). A namespace
/// without them costs one look-up.</summary>
internal static class LimitRangeAdmission
{
    /// <summary>Gives the containers of a pod the requests and limits that they do not have.</summary>
    public static void SetDefaults(JsonObject pod, IAdmissionView view)
    {
        foreach (var item in ItemsOf(pod, view))
        {
            if (item.Type == LimitRangeItemRules.Container)
            {
                ContainerDefaults.Set(pod, item);
            }
        }
    }

    /// <summary>Decides whether a pod keeps within the ranges.</summary>
    /// <param name="pod">A valid pod, with defaults.</param>
    /// <param name="total">Reads requests and limits of all containers of a spec together.</param>
    /// <param name="view">What may be looked up.</param>
    /// <returns>All reasons why it does not; null if it does.</returns>
    public static string? Judge(JsonObject pod, Func<JsonObject, (ResourceAmounts Requests, ResourceAmounts Limits)> total, IAdmissionView view)
    {
        var reasons = new List<string>();
        foreach (var item in ItemsOf(pod, view))
        {
            var spec = (JsonObject)pod["spec"]!;
            if (item.Type == LimitRangeItemRules.Container)
            {
                foreach (var resources in ContainerDefaults.Containers(spec).Select(c => c.Container["resources"]))
                {
                    LimitConstraints.Check(reasons, item, ResourceAmounts.Read(resources?["requests"]), ResourceAmounts.Read(resources?["limits"]));
                }
            }
            else if (item.Type == LimitRangeItemRules.Pod)
            {
                var (requests, limits) = total(spec);
                LimitConstraints.Check(reasons, item, requests, limits);
            }
        }

        return Text(reasons);
    }

    /// <summary>Decides whether a claim keeps within the ranges.</summary>
    /// <param name="claim">A valid claim.</param>
    /// <param name="view">What may be looked up.</param>
    /// <returns>All reasons why it does not; null if it does.</returns>
    public static string? JudgeClaim(JsonObject claim, IAdmissionView view)
    {
        var reasons = new List<string>();
        foreach (var item in ItemsOf(claim, view).Where(i => i.Type == LimitRangeItemRules.Claim))
        {
            LimitConstraints.CheckStorage(reasons, item, ResourceAmounts.Read(claim["spec"]?["resources"]?["requests"]));
        }

        return Text(reasons);
    }

    private static IEnumerable<V1LimitRangeItem> ItemsOf(JsonObject o, IAdmissionView view) => view.All(LimitRangeDefinition.Instance, (string?)o["metadata"]?["namespace"] ?? "")
        .Where(r => !r.IsDeleting).SelectMany(r => r.As<V1LimitRange>().Spec?.Limits ?? []);

    // As Kubernetes prints several errors: each once.
    private static string? Text(IReadOnlyList<string> reasons) => reasons.Distinct().ToList() switch
    {
        [] => null,
        [var only] => only,
        var all => $"[{string.Join(", ", all)}]",
    };
}
