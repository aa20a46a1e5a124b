using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>A claim of a pod.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Volume">The volume that it is bound to; null if there is none.</param>
internal sealed record ClaimedVolume(V1PersistentVolumeClaim Claim, V1PersistentVolume? Volume);
