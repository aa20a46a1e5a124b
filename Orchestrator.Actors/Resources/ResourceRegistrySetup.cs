using Akka.Actor;
using Akka.Actor.Setup;

namespace Orchestrator.Actors.Resources;

/// <summary>Gives an actor system the registry of its host.</summary>
/// <param name="registry">The kinds that the host serves.</param>
public sealed class ResourceRegistrySetup(ResourceRegistry registry) : Setup
{
    /// <summary>The registry of an actor system; the built-in kinds if it was given none.</summary>
    public static ResourceRegistry Of(ActorSystem system) => system.Settings.Setup.Get<ResourceRegistrySetup>() is { HasValue: true } setup ? setup.Value.Registry : new ResourceRegistry();

    private ResourceRegistry Registry => registry;
}
