using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Orchestrator.Node.Network.Cni;

/// <summary>The configuration of a network: a chain of plugins (CNI specification, section 1). Pure.</summary>
/// <param name="File">Where it was read.</param>
/// <param name="Text">Its text, by which it is told from others.</param>
/// <param name="Name">Name of the network.</param>
/// <param name="Versions">Versions of the specification that it is for.</param>
/// <param name="Plugins">The plugins, in the order in which they add a pod.</param>
/// <param name="MayCheck">Whether they may be asked if a pod's network is as they made it.</param>
/// <param name="MayCollect">Whether they may be told which networks are still used: nobody else uses this one.</param>
internal sealed partial record CniConfiguration(string File, string Text, string Name, ImmutableArray<string> Versions, ImmutableArray<CniPlugin> Plugins, bool MayCheck, bool MayCollect)
{
    private const string List = "plugins";

    /// <summary>Reads a configuration: one with a list of plugins, or one that is a plugin itself.</summary>
    /// <exception cref="NetworkException">It cannot be used. The message begins with the file.</exception>
    public static CniConfiguration Read(string file, string text)
    {
        var body = CniJson.Read(text, file);
        var name = CniJson.Text(body["name"]);
        if (name is null || !NameForm().IsMatch(name))
        {
            throw new NetworkException($"{file}: \"name\" must be letters, digits, dots, dashes and underscores, and begin with a letter or a digit");
        }

        if (body[List] is not (null or JsonArray))
        {
            throw new NetworkException($"{file}: \"{List}\" must be a list");
        }

        ImmutableArray<CniPlugin> plugins = [.. (body.ContainsKey(List) ? CniJson.Items(body[List]) : [body]).Select((p, i) => CniPlugin.Read(p) ?? throw new NetworkException($"{file}: plugin {i + 1} has no \"type\" that could be the name of a program"))];
        if (plugins.IsEmpty)
        {
            throw new NetworkException($"{file}: \"{List}\" is empty");
        }

        ImmutableArray<string> versions = [.. CniJson.Items(body["cniVersions"]).Append(body["cniVersion"]).Select(CniJson.Text).OfType<string>().Distinct()];
        return versions.Any(CniVersions.Known.Contains) ? new CniConfiguration(file, text, name, versions, plugins, !CniJson.IsTrue(body["disableCheck"]), !CniJson.IsTrue(body["disableGC"]))
            : throw new NetworkException($"{file}: \"cniVersion\" must be one of {string.Join(", ", CniVersions.Known)}");
    }

    /// <summary>Whether another one says the same, in the same file.</summary>
    public bool IsSame(CniConfiguration other) => File == other.File && Text == other.Text;

    [GeneratedRegex(@"^[a-zA-Z0-9][a-zA-Z0-9_.\-]{0,127}\z")]
    private static partial Regex NameForm();
}
