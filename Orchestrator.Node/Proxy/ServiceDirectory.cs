using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Services;

namespace Orchestrator.Node.Proxy;

/// <summary>The services that the pods of a node find by their environment. Written by one actor and read by all pods.</summary>
internal sealed class ServiceDirectory(TimeProvider time)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableDictionary<ObjectKey, V1Service> _services = ImmutableDictionary<ObjectKey, V1Service>.Empty;

    /// <summary>Replaces the services.</summary>
    public void Set(IEnumerable<KubeObject> services)
    {
        Volatile.Write(ref _services, services.Where(HasAddress).ToImmutableDictionary(s => s.Key, s => s.As<V1Service>()));
        _known.TrySetResult();
    }

    /// <summary>Takes changes of some services, with what each is now; null for one that is gone.</summary>
    public void Change(IEnumerable<(ObjectKey Key, KubeObject? Now)> changes)
    {
        var services = _services.ToBuilder();
        foreach (var (key, now) in changes)
        {
            if (now is not null && HasAddress(now))
            {
                services[key] = now.As<V1Service>();
            }
            else
            {
                services.Remove(key);
            }
        }

        Volatile.Write(ref _services, services.ToImmutable());
    }

    /// <summary>The services that have an address, once they are known.</summary>
    /// <exception cref="TimeoutException">They are not known yet: no control host answers.</exception>
    public async Task<IEnumerable<V1Service>> AllAsync(CancellationToken cancellation)
    {
        await _known.Task.WaitAsync(Bound, time, cancellation).ConfigureAwait(false);
        return Volatile.Read(ref _services).Values;
    }

    private static bool HasAddress(KubeObject service) => service.As<V1Service>().Spec?.ClusterIP is { Length: > 0 } and not ServiceForm.NoAddress;
}
