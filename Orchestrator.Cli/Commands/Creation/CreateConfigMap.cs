using System.CommandLine;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands.Creation;

/// <summary><c>orc create configmap</c>.</summary>
internal static class CreateConfigMap
{
    public static Command Create(Creator creator)
    {
        var options = new DataOptions();
        return creator.Of(("configmap", "cm"), "Creates a config map.", options.Options,
            ["orc create configmap web --from-literal=level=debug --from-file=web.conf", "orc create configmap web --from-file=conf.d/ --from-env-file=web.env"], (context, name) =>
            {
                var (texts, others) = (new JsonObject(), new JsonObject());
                foreach (var (key, value) in options.Read(context))
                {
                    if (DataOptions.Text(value) is { } text)
                    {
                        texts[key] = text;
                    }
                    else
                    {
                        others[key] = Convert.ToBase64String(value);
                    }
                }

                return Draft.Of("v1", "ConfigMap", name, ("data", texts), ("binaryData", others));
            });
    }
}
