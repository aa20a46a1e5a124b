using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Orchestrator.Node.Hosting;

/// <summary>Reads settings from the embedded reference file and from the user's file, which overrides it.</summary>
internal static class SettingsFile
{
    private const string Section = "orchestrator";

    // For whoever knows what he does.
    private const string Akka = "akka";

    /// <summary>The settings of the reference file with their defaults and comments, for the help.</summary>
    public static string Explained => string.Join('\n', ReferenceText().Split('\n').SkipWhile(l => l != Section + " {").TakeWhile(l => l != "}").Append("}"));

    /// <summary>Reads the user's file, if one is given, with the reference file as fallback.</summary>
    /// <exception cref="FormatException">The user's file cannot be used; the message says why.</exception>
    public static Config Read(string? path)
    {
        var reference = ConfigurationFactory.ParseString(ReferenceText());
        if (path is not { Length: > 0 })
        {
            return reference;
        }

        var file = Parse(path);
        var known = Keys(reference.GetConfig(Section)).ToHashSet();
        if (file.Root is { } root && root.IsObject() && root.GetObject().Items.Keys.FirstOrDefault(k => k is not (Section or Akka)) is { } stray)
        {
            throw new FormatException($"{path}: {stray} is not a setting: settings are in {Section} {{ … }}, such as {Section}.{(known.Contains(stray) ? stray : "pod-cidr")}");
        }

        return file.HasPath(Section) && Keys(file.GetConfig(Section)).FirstOrDefault(k => !known.Contains(k)) is { } unknown
            ? throw new FormatException($"{path}: {Section}.{unknown} is not a setting; settings are {string.Join(", ", known.Order())}")
            : file.WithFallback(reference);
    }

    private static Config Parse(string path)
    {
        if (!File.Exists(path))
        {
            throw new FormatException($"--config: there is no file {path}");
        }

        try
        {
            var text = File.ReadAllText(path);
            return HoconSyntax.FindError(text) is { } fault ? throw new FormatException(fault) : ConfigurationFactory.ParseString(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"--config: {path} cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is FormatException or ConfigurationException)
        {
            throw new FormatException($"--config: {path} is not valid HOCON: {e.Message}", e);
        }
    }

    private static IEnumerable<string> Keys(Config config) => Keys(config.Root.GetObject(), "");

    private static IEnumerable<string> Keys(HoconObject node, string prefix) => node.Items.SelectMany(i =>
        i.Value.IsObject() ? Keys(i.Value.GetObject(), $"{prefix}{i.Key}.") : [prefix + i.Key]);

    private static string ReferenceText()
    {
        using var stream = typeof(SettingsFile).Assembly.GetManifestResourceStream("reference.conf")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
