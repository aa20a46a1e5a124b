using System.Text;
using System.Xml;

namespace Orchestrator.Node.ApiServer.OpenApi;

/// <summary>What the fields and kinds mean, out of the documentation file that comes with the client package; nothing where the file is absent.</summary>
internal sealed class ModelDescriptions
{
    private readonly Dictionary<string, string> _texts = [];

    /// <summary>Where the build puts the file.</summary>
    public static string DefaultPath => Path.Combine(AppContext.BaseDirectory, "KubernetesClient.xml");

    /// <summary>Reads the texts of some model classes; the others of this large file are skipped.</summary>
    public static ModelDescriptions Read(string path, IReadOnlySet<Type> models)
    {
        var read = new ModelDescriptions();
        if (!File.Exists(path))
        {
            return read;
        }

        var names = models.Select(m => m.FullName!).ToHashSet();
        using var xml = XmlReader.Create(path, new XmlReaderSettings { IgnoreWhitespace = true, IgnoreComments = true });
        while (xml.ReadToFollowing("member"))
        {
            var name = xml.GetAttribute("name") ?? "";
            var type = name.StartsWith("T:", StringComparison.Ordinal) ? name[2..]
                : name.StartsWith("P:", StringComparison.Ordinal) ? name[2..name.LastIndexOf('.')]
                : "";
            if (names.Contains(type) && xml.ReadToDescendant("summary"))
            {
                using var summary = xml.ReadSubtree();
                read._texts[name] = Text(summary);
            }
        }

        return read;
    }

    /// <summary>The text of a class; null when there is none.</summary>
    public string? Of(Type model) => _texts.GetValueOrDefault($"T:{model.FullName}");

    /// <summary>The text of a property; null when there is none.</summary>
    public string? Of(Type model, string property) => _texts.GetValueOrDefault($"P:{model.FullName}.{property}");

    private static string Text(XmlReader xml)
    {
        var text = new StringBuilder();
        while (xml.Read())
        {
            if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA)
            {
                text.Append(xml.Value);
            }
            else if (xml is { NodeType: XmlNodeType.Element, Name: "see" } && xml.GetAttribute("cref") is { } reference)
            {
                text.Append(reference[(reference.LastIndexOfAny(['.', ':']) + 1)..]);
            }
        }

        // The file wraps its lines; an empty one is a paragraph.
        var lines = text.ToString().Split('\n').Select(l => l.Trim()).ToList();
        return string.Join("\n\n", Paragraphs(lines).Where(p => p.Length > 0));
    }

    private static IEnumerable<string> Paragraphs(List<string> lines)
    {
        var start = 0;
        for (var i = 0; i <= lines.Count; i++)
        {
            if (i == lines.Count || lines[i].Length == 0)
            {
                yield return string.Join(' ', lines[start..i]).Trim();
                start = i + 1;
            }
        }
    }
}
