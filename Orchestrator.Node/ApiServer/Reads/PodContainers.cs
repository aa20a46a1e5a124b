using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;
using k8s.Models;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>Finds the container that a request to a pod means.</summary>
internal static class PodContainers
{
    /// <summary>Returns the name of a container: the one that was asked for, or the only one.</summary>
    /// <exception cref="ApiException">There is none of this name, or several and none was asked for.</exception>
    public static string Named(KubeObject pod, string asked)
    {
        var spec = pod.As<V1Pod>().Spec;
        var names = spec.Containers.Concat(spec.InitContainers ?? []).Select(c => c.Name).Concat((spec.EphemeralContainers ?? []).Select(c => c.Name)).ToList();
        if (asked.Length > 0)
        {
            return names.Contains(asked) ? asked : throw new ApiException(ApiReason.BadRequest, $"container {asked} is not valid for pod {pod.Name}");
        }

        return spec.Containers.Count == 1 && names.Count == 1 ? names[0] : throw new ApiException(ApiReason.BadRequest,
            $"a container name must be specified for pod {pod.Name}, choose one of: [{string.Join(" ", names)}]");
    }
}
