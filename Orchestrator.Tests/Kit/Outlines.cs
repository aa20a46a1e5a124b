using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Tests.Kit;

/// <summary>Pods as controllers and agents see them.</summary>
internal static class Outlines
{
    public static PodOutline Outline(this V1Pod pod) => PodOutline.Of(KubeObject.From(PodDefinition.Instance, (JsonObject)Models.ToNode(pod)));

    public static PodManifest Manifest(this V1Pod pod) => new(pod.Metadata, pod.Spec, pod.Status?.Phase is "Succeeded" or "Failed");
}
