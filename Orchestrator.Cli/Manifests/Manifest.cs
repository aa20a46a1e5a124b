using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Manifests;

/// <summary>One object of a manifest file, with where it goes; without a source it is made of options.</summary>
internal sealed record Manifest(ResourceType Type, string? Namespace, JsonObject Object, string? Source)
{
    public string Name => Object.Name();

    public string Collection => Type.Path(Namespace);

    public string Path => Type.Path(Namespace, Name);
}
