using System.Text.Json.Nodes;
using k8s;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.PodDisruptionBudgets;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Reads;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>POST of a pod's eviction: a deletion in which the disruption budgets have a say (Kubernetes, "API-initiated Eviction").</summary>
internal sealed class EvictionHandler(ApiServices services, ObjectWriter writer)
{
    private const int Attempts = 100;

    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var options = await DeleteOptions.ReadAsync(http, request.Path).ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            var pod = await writer.CurrentAsync(http, request).ConfigureAwait(false);
            var delete = new DeleteObject(pod.Key, request.User, 0, options.GraceSeconds, options.Propagation, options.Uid, options.Revision);

            // Preconditions that do not hold refuse the request before a disruption is counted.
            var reply = await writer.TellAsync(http, request.Kind, delete, isDryRun: true).ConfigureAwait(false);
            var verdict = await ReserveAsync(http, request, pod, options.IsDryRun).ConfigureAwait(false);
            if (!options.IsDryRun)
            {
                // The pod tells why it goes before it does, for whoever counts its end (Kubernetes, "Pod disruption conditions").
                var told = await services.Store.SendAsync(new MergeObject(pod.Key, pod.Uid, DisruptionTarget.Patch("EvictionByEvictionAPI", "Eviction API: evicting", services.Time.GetUtcNow()), "evicted", request.User,
                    ExpectedRevision: verdict.HoldsForVersion ? pod.Revision : options.Revision), http.RequestAborted).ConfigureAwait(false);
                if (told.Error is { Reason: ApiReason.Conflict } && verdict.HoldsForVersion && options.Revision == 0 && attempt < Attempts)
                {
                    continue;
                }

                if (told.Error is { } error)
                {
                    throw new ApiException(error);
                }

                reply = await writer.TellAsync(http, request.Kind, delete with { ExpectedUid = pod.Uid, ExpectedRevision = 0 }, isDryRun: false).ConfigureAwait(false);
            }

            await StatusErrors.WriteJsonAsync(http, 201, StatusErrors.Success(request.Path, reply.Object!.Uid)).ConfigureAwait(false);
            return;
        }
    }

    // The disruption is counted in the budget's own entity before the pod goes, so that two evictions at once cannot both use the last one that is allowed.
    private async Task<EvictionVerdict> ReserveAsync(HttpContext http, RequestInfo request, KubeObject pod, bool isDryRun)
    {
        for (var attempt = 1; ; attempt++)
        {
            var all = await services.Cache.SnapshotAsync(PodDisruptionBudgetDefinition.Instance, http.RequestAborted).ConfigureAwait(false);
            var budgets = await Task.WhenAll(Evictions.Of(pod, all.Objects.In(pod.Namespace)).Select(b => services.Store.FindAsync(b.Key, request.User, http.RequestAborted))).ConfigureAwait(false);
            var verdict = Evictions.Judge(pod, budgets.OfType<KubeObject>(), services.Time.GetUtcNow());
            if (verdict.Refusal is { } refusal)
            {
                throw new ApiException(refusal) { SaysWhenToRepeat = verdict.IsSoonOver };
            }

            if (verdict.Reserved is not { } reserved || isDryRun)
            {
                return verdict;
            }

            var budget = budgets.OfType<KubeObject>().Single();
            var status = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = budget.Uid }, ["status"] = JsonNode.Parse(KubernetesJson.Serialize(reserved)) };
            var reply = await services.Store.SendAsync(new ReplaceObject(budget.Key, status, "status", budget.Revision, request.User, Verb: "disrupted"), http.RequestAborted).ConfigureAwait(false);
            if (reply.Error is null)
            {
                return verdict;
            }

            if (reply.Error.Reason is not (ApiReason.Conflict or ApiReason.NotFound) || attempt == Attempts)
            {
                throw new ApiException(reply.Error);
            }
        }
    }
}
