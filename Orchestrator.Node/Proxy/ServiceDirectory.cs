using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.Proxy;

/// <summary>The services that the pods of a node find by their environment. Written by one actor and read by all pods.</summary>
internal sealed class ServiceDirectory(TimeProvider time)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableArray<V1Service> _services = [];

    /// <summary>Replaces the services.</summary>
    public void Set(IEnumerable<KubeObject> services)
    {
        ImmutableInterlocked.InterlockedExchange(ref _services, [.. services.Select(s => s.As<V1Service>()).Where(s => s.Spec?.ClusterIP is { Length: > 0 } and not "None")]);
        _known.TrySetResult();
    }

    /// <summary>The services that have an address, once they are known.</summary>
    /// <exception cref="TimeoutException">They are not known yet: no control host answers.</exception>
    public async Task<ImmutableArray<V1Service>> AllAsync(CancellationToken cancellation)
    {
        await _known.Task.WaitAsync(Bound, time, cancellation).ConfigureAwait(false);
        return _services;
    }
}
