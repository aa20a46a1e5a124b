using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.PodTemplates;

/// <summary>Rules of PodTemplates.</summary>
internal sealed class PodTemplateStrategy() : TemplateStrategy("template");
