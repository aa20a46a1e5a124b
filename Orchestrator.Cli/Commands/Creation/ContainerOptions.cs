using System.CommandLine;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary>Options that describe the one container of a new workload, and what follows <c>--</c>.</summary>
internal sealed class ContainerOptions
{
    private readonly Option<string?> _image = Setup.Text("Image of the container", "image", "--image");
    private readonly Option<long?> _port = Setup.Number("Port of the container", "number", "--port");
    private readonly Option<string[]> _environment = new("--env") { Description = "Environment variable; may be repeated", HelpName = "name=value" };
    private readonly Argument<string[]> _words = Setup.Words("words", "After --, what the container runs", isRequired: false);

    public ContainerOptions(bool isImageRequired = true) => _image.Required = isImageRequired;

    public ResourceOptions Resources { get; } = new();

    public Symbol[] Symbols => [_image, _port, _environment, .. Resources.Options, _words];

    public string? Image(CommandContext context) => context.Get(_image);

    public long? Port(CommandContext context) => context.Get(_port);

    /// <summary>The container. The words after <c>--</c> replace the command of its image, or else only the arguments.</summary>
    public JsonObject Of(CommandContext context, string? name = null, bool isCommand = true)
    {
        var words = new JsonArray([.. (context.Get(_words) ?? []).Select(w => JsonValue.Create(w))]);
        return Draft.Fields(
            ("name", name ?? NameOf(context.Get(_image)!)),
            ("image", context.Get(_image)),
            (isCommand ? "command" : "args", words),
            ("ports", context.Get(_port) is { } port ? new JsonArray(new JsonObject { ["containerPort"] = port }) : null),
            ("env", Environment(Pairs.Each(context.Get(_environment), "--env", "LEVEL=debug"))),
            ("resources", Resources.Of(context)));
    }

    /// <summary>The template of a pod of the container.</summary>
    public static JsonObject Template(JsonObject container, JsonObject? labels = null, string? restart = null) => Draft.Fields(
        ("metadata", Draft.Fields(("labels", labels?.DeepClone()))),
        ("spec", Draft.Fields(("restartPolicy", restart), ("containers", new JsonArray(container)))));

    /// <summary>Derives the name of a container from its image: <c>sample</c> of <c>orchestrator/sample:1</c>.</summary>
    private static string NameOf(string image) => image.Split('@')[0].Split('/')[^1].Split(':')[0].ToLowerInvariant().Replace('_', '-').Replace('.', '-');

    private static JsonArray Environment(JsonObject pairs) =>
        new([.. pairs.Select(p => new JsonObject { ["name"] = p.Key, ["value"] = p.Value?.DeepClone() })]);
}
