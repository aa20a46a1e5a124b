using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;

namespace Orchestrator.Node.Agent.Images;

/// <summary>A login of a registry.</summary>
/// <param name="Server">The registry as the Secret names it.</param>
/// <param name="User">Name of the user.</param>
/// <param name="Password">Password of the user; it is in no log.</param>
internal sealed record RegistryLogin(string Server, string User, string Password)
{
    public override string ToString() => $"{User} at {Server}";
}

/// <summary>Finds the logins of imagePullSecrets that are for the registry of an image. Pure.</summary>
/// <remarks>Rules: Kubernetes, "Images", using imagePullSecrets and interpretation of config.json.</remarks>
internal static class PullCredentials
{
    private const string DockerHub = "docker.io";
    private static readonly (string Type, string Key, bool HasAuths)[] Forms = [("kubernetes.io/dockerconfigjson", ".dockerconfigjson", true), ("kubernetes.io/dockercfg", ".dockercfg", false)];

    /// <summary>Returns the logins for an image, the one with the longest matching name first, each once.</summary>
    /// <param name="image">The image as in the container's spec.</param>
    /// <param name="secrets">The Secrets; others than of the two types for registries, and those that cannot be read, have none.</param>
    public static ImmutableArray<RegistryLogin> For(string image, IEnumerable<V1Secret> secrets)
    {
        var (registry, path) = RegistryOf(image);
        return [.. secrets.SelectMany(Logins).Where(l => Matches(l.Server, registry, path)).OrderByDescending(l => Bare(l.Server).Length).Distinct()];
    }

    /// <summary>The registry of an image, with its port, and the path of its repository.</summary>
    public static (string Registry, string Path) RegistryOf(string image)
    {
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : image[..slash];

        // Like the engine: only what looks like a host is one.
        return first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal) || first == "localhost"
            ? (first is "index.docker.io" ? DockerHub : first, image[(slash + 1)..])
            : (DockerHub, image);
    }

    private static IEnumerable<RegistryLogin> Logins(V1Secret secret)
    {
        foreach (var (type, key, hasAuths) in Forms)
        {
            if (secret.Type == type && secret.Data?.TryGetValue(key, out var bytes) == true && Parse(bytes) is { } config)
            {
                return ((hasAuths ? config["auths"] : config) as JsonObject ?? []).Select(e => Login(e.Key, e.Value as JsonObject)).OfType<RegistryLogin>();
            }
        }

        return [];
    }

    private static JsonObject? Parse(byte[] bytes)
    {
        try
        {
            return JsonNode.Parse(bytes) as JsonObject;
        }
        catch (JsonException)
        {
            return null; // Nothing of it may reach a message.
        }
    }

    // "auth" is the Base64 of name and password, and stands over the two.
    private static RegistryLogin? Login(string server, JsonObject? entry)
    {
        var (user, password) = (Text(entry, "username"), Text(entry, "password"));
        if (Text(entry, "auth") is { Length: > 0 } auth)
        {
            var bytes = new byte[auth.Length];
            var pair = Convert.TryFromBase64String(auth, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : "";
            if (!pair.Contains(':', StringComparison.Ordinal))
            {
                return null;
            }

            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            (user, password) = (pair[..colon], pair[(colon + 1)..].TrimEnd('\0'));
        }

        return user.Length == 0 ? null : new RegistryLogin(server, user, password);
    }

    private static string Text(JsonObject? o, string name) => o?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    // A star is a part of one label of the host, and never matches a dot; a path is the beginning of the image's.
    private static bool Matches(string server, string registry, string path)
    {
        var bare = Bare(server);
        var slash = bare.IndexOf('/', StringComparison.Ordinal);
        var (host, prefix) = slash < 0 ? (bare, "") : (bare[..slash], bare[(slash + 1)..]);
        return HostMatches(host, registry) && (prefix.Length == 0 || path == prefix || path.StartsWith($"{prefix}/", StringComparison.Ordinal) || path.StartsWith($"{prefix}:", StringComparison.Ordinal)
            || path.StartsWith($"{prefix}@", StringComparison.Ordinal));
    }

    private static bool HostMatches(string host, string registry)
    {
        var (pattern, port) = Split(host is "index.docker.io" ? DockerHub : host);
        var (name, itsPort) = Split(registry);
        var (wanted, given) = (pattern.Split('.'), name.Split('.'));
        return port == itsPort && wanted.Length == given.Length && wanted.Zip(given, LabelMatches).All(m => m);
    }

    private static bool LabelMatches(string pattern, string label)
    {
        var parts = pattern.Split('*');
        if (parts.Length == 1)
        {
            return string.Equals(pattern, label, StringComparison.OrdinalIgnoreCase);
        }

        return System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern.Replace("?", "\\?", StringComparison.Ordinal), label);
    }

    private static (string Host, string Port) Split(string host) => host.LastIndexOf(':') is var colon and > 0 ? (host[..colon], host[(colon + 1)..]) : (host, "");

    // Clients write addresses of the API, such as https://index.docker.io/v1/.
    private static string Bare(string server)
    {
        var bare = server.StartsWith("https://", StringComparison.Ordinal) ? server["https://".Length..] : server.StartsWith("http://", StringComparison.Ordinal) ? server["http://".Length..] : server;
        bare = bare.TrimEnd('/');
        foreach (var version in (string[])["/v1", "/v2"])
        {
            if (bare.EndsWith(version, StringComparison.Ordinal))
            {
                return bare[..^version.Length];
            }
        }

        return bare;
    }
}
