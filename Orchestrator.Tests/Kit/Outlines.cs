using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Tests.Kit;

/// <summary>Pods as controllers see them.</summary>
internal static class Outlines
{
    public static PodOutline Outline(this V1Pod pod) => PodOutline.Of(KubeObject.From(PodDefinition.Instance, (JsonObject)Models.ToNode(pod)));
}
