using System.Collections.Immutable;
using Akka.Actor;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.Proxy;

/// <summary>Sent to the proxy by an actor of the same node that needs some services: it gets a <see cref="ServiceSeen"/> for each, now or as soon as the node knows its services, and again at each change.</summary>
/// <param name="Services">All that it needs; no longer those that it has asked for before.</param>
internal sealed record WatchServices(ImmutableHashSet<ObjectKey> Services);

/// <summary>A service as it is now.</summary>
/// <param name="Key">The service.</param>
/// <param name="Service">The object; null if there is none.</param>
/// <param name="Slices">Its EndpointSlices.</param>
internal sealed record ServiceSeen(ObjectKey Key, KubeObject? Service, ImmutableArray<KubeObject> Slices);

/// <summary>Who needs which services of a copy. For one actor at a time: a later one takes the place of the one before.</summary>
/// <param name="copy">The copy.</param>
internal sealed class ServiceInterest(ServiceCopy copy)
{
    private IActorRef _who = ActorRefs.Nobody;
    private ImmutableHashSet<ObjectKey> _wanted = [];

    /// <summary>Somebody needs services.</summary>
    public void Take(IActorRef who, WatchServices watch)
    {
        (_who, _wanted) = (who, watch.Services);
        if (copy.Source.Length > 0)
        {
            Tell(_wanted);
        }
    }

    /// <summary>Services may have changed.</summary>
    /// <param name="touched">Which; null for all.</param>
    public void Tell(IEnumerable<ObjectKey>? touched)
    {
        foreach (var key in (touched ?? _wanted).Where(_wanted.Contains))
        {
            _who.Tell(new ServiceSeen(key, copy.Find(key), [.. copy.SlicesOf(key)]));
        }
    }
}
