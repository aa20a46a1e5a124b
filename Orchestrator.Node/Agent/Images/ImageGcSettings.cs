namespace Orchestrator.Node.Agent.Images;

/// <summary>When images are removed (Kubernetes, "Garbage Collection", container image lifecycle; the kubelet's imageGCHighThresholdPercent, imageGCLowThresholdPercent and imageMinimumGCAge).</summary>
/// <param name="HighPercent">Use of the disk from which on images are removed; 100 never.</param>
/// <param name="LowPercent">Use of the disk to which they are removed.</param>
/// <param name="MinimumAge">Time for which an image that was seen first stays, also if nothing uses it.</param>
internal sealed record ImageGcSettings(int HighPercent = 85, int LowPercent = 80, TimeSpan? MinimumAge = null)
{
    /// <summary>Time for which an image that was seen first stays.</summary>
    public TimeSpan Age => MinimumAge ?? TimeSpan.FromMinutes(2);
}
