using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Hosting;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Client;

/// <summary>Finds and reads kubeconfig files.</summary>
internal static class Kubeconfig
{
    /// <summary>Returns the files in order of precedence: --kubeconfig, KUBECONFIG, that of the local cluster, ~/.kube/config.</summary>
    public static IReadOnlyList<string> Files(string? option, Func<string, string?> environment, Func<string, bool> exists)
    {
        if (option is { Length: > 0 })
        {
            return exists(option) ? [option] : throw new CliException($"The kubeconfig {option} does not exist: specify another one, or start a cluster with 'orc up'.");
        }

        if (environment("KUBECONFIG") is { Length: > 0 } list)
        {
            var named = list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
            var there = named.Where(exists).ToList();
            return there.Count > 0 ? there : throw new CliException($"KUBECONFIG names {list}, which does not exist: correct or unset it, or start a cluster with 'orc up'.");
        }

        var home = environment("HOME") ?? "/";
        string[] usual = [Path.Combine(DataDirectory.Default(environment), "admin.kubeconfig"), Path.Combine(home, ".kube", "config")];
        return usual.FirstOrDefault(exists) is { } found ? [found]
            : throw new CliException("No kubeconfig found: start a cluster with 'orc up', or specify one with --kubeconfig.");
    }

    /// <summary>Reads the connection of a context from merged files; the first definition wins.</summary>
    public static Connection Read(IEnumerable<(string Path, string Text)> files, string? context, Func<string, string> readFile)
    {
        var documents = files.Select(f => (f.Path, Node: Yaml.Read(f.Text, f.Path).FirstOrDefault() as JsonObject
            ?? throw new CliException($"{f.Path} is not a kubeconfig."))).ToList();
        var all = string.Join(", ", documents.Select(d => d.Path));
        var name = context ?? documents.Select(d => d.Node.Text("current-context")).FirstOrDefault(c => c is { Length: > 0 })
            ?? throw new CliException($"{all} has no current context: choose one with --context.");
        var (_, chosen) = Named(documents, "contexts", name, "context")
            ?? throw new CliException($"{all} has no context {name}: choose one of {string.Join(", ", Names(documents, "contexts"))} with --context.");
        var (clusterFile, cluster) = Named(documents, "clusters", chosen.Text("cluster") ?? "", "cluster")
            ?? throw new CliException($"The context {name} of {all} refers to the cluster {chosen.Text("cluster")}, which does not exist.");
        var user = Named(documents, "users", chosen.Text("user") ?? "", "user");
        if (!Uri.TryCreate(cluster.Text("server"), UriKind.Absolute, out var server))
        {
            throw new CliException($"The server of cluster {chosen.Text("cluster")} in {clusterFile} is not a URL.");
        }

        string? Pem(string file, JsonNode? from, string field)
        {
            if (from.Text(field + "-data") is { Length: > 0 } data)
            {
                try
                {
                    return Encoding.UTF8.GetString(Convert.FromBase64String(data));
                }
                catch (FormatException)
                {
                    throw new CliException($"{field}-data in {file} is not base64.");
                }
            }

            return from.Text(field) is { Length: > 0 } path ? readFile(Path.Combine(Path.GetDirectoryName(file) ?? "", path)) : null;
        }

        var token = user?.Value.Text("token") ?? (user is { } u && u.Value.Text("tokenFile") is { } t ? readFile(Path.Combine(Path.GetDirectoryName(u.File) ?? "", t)).Trim() : null);
        return new Connection(server, Pem(clusterFile, cluster, "certificate-authority"),
            user is null ? null : Pem(user.Value.File, user.Value.Value, "client-certificate"),
            user is null ? null : Pem(user.Value.File, user.Value.Value, "client-key"),
            token, cluster.Flag("insecure-skip-tls-verify"), chosen.Text("namespace"));
    }

    private static (string File, JsonNode Value)? Named(List<(string Path, JsonObject Node)> documents, string list, string name, string field)
    {
        foreach (var (path, node) in documents)
        {
            if (node.Items(list).FirstOrDefault(i => i.Text("name") == name) is { } found && found[field] is { } value)
            {
                return (path, value);
            }
        }

        return null;
    }

    private static IEnumerable<string> Names(List<(string Path, JsonObject Node)> documents, string list) =>
        documents.SelectMany(d => d.Node.Items(list)).Select(i => i.Text("name") ?? "");
}
