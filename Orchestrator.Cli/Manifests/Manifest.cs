using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Manifests;

/// <summary>An object of a manifest file and its target path. Source is null if it was built from options.</summary>
internal sealed record Manifest(ResourceType Type, string? Namespace, JsonObject Object, string? Source)
{
    public string Name => Object.Name();

    public string Collection => Type.Path(Namespace);

    public string Path => Type.Path(Namespace, Name);
}
