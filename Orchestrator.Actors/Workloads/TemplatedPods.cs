using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Workloads;

/// <summary>Makes pods from the template of a workload.</summary>
internal static class TemplatedPods
{
    /// <summary>Returns a pod from a template, owned by the workload. Its name is generated when it is created.</summary>
    /// <param name="kind">Kind of the workload.</param>
    /// <param name="owner">Metadata of the workload.</param>
    /// <param name="template">The template. It is copied.</param>
    public static V1Pod NewPod(ResourceDefinition kind, V1ObjectMeta owner, V1PodTemplateSpec template)
    {
        var copy = Models.Copy(template);
        return new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new V1ObjectMeta
            {
                GenerateName = owner.Name + "-",
                NamespaceProperty = owner.NamespaceProperty,
                Labels = copy.Metadata?.Labels,
                Annotations = copy.Metadata?.Annotations,
                Finalizers = copy.Metadata?.Finalizers,
                OwnerReferences = [ControllerRefs.ReferenceTo(kind.ApiVersion, kind.Kind, owner)],
            },
            Spec = copy.Spec,
        };
    }

    /// <summary>Runs admission for a pod, so that commands to create it need no other.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="view">What admission may look up.</param>
    /// <returns>The pod, and why it can't be created; null if it can. Commands may share the pod: entities copy it.</returns>
    public static (JsonObject Pod, ApiError? Error) Admit(V1Pod pod, IAdmissionView view)
    {
        var o = (JsonObject)Models.ToNode(pod);
        var error = Admitter.Create(PodDefinition.Instance, o, view);
        JsonFilling.Unfold(o);
        return (o, error);
    }
}
