using Akka.Actor;
using Akka.Actor.Setup;

namespace Orchestrator.Actors.Resources;

/// <summary>Provides an actor system with the registry of its host.</summary>
/// <param name="registry">The kinds that the host serves.</param>
public sealed class ResourceRegistrySetup(ResourceRegistry registry) : Setup
{
    /// <summary>Returns the registry of an actor system; one with the built-in kinds if none was provided.</summary>
    public static ResourceRegistry Of(ActorSystem system) => system.Settings.Setup.Get<ResourceRegistrySetup>() is { HasValue: true } setup ? setup.Value.Registry : new ResourceRegistry();

    private ResourceRegistry Registry => registry;
}
