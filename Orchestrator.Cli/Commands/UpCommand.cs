using System.CommandLine;
using System.Diagnostics;
using Orchestrator.Cli.Hosting;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc up</c>: starts a node on this machine and returns when it is ready.</summary>
internal static class UpCommand
{
    private const string DefaultApi = "127.0.0.1:6443";
    private const int LogLines = 15;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public static Option<string?> DataDir()
    {
        var option = Setup.Text("Where the node keeps its journal, keys and log (default: ~/.orchestrator, /var/lib/orchestrator for root)", "directory", "--data-dir");
        option.Validators.Add(r =>
        {
            if (r.Tokens is [{ Value.Length: 0 }])
            {
                r.AddError("--data-dir must not be empty");
            }
        });
        return option;
    }

    public static Command Create(Setup setup)
    {
        var data = DataDir();
        Option<string?>[] passed =
        [
            Setup.Text($"Address of the API server (default: {DefaultApi})", "host:port", "--api-address"),
            Setup.Text("Address for the other nodes of the cluster", "host:port", "--cluster-address"),
            Setup.Text("Cluster addresses of nodes to join", "host:port,...", "--seed-nodes"),
            Setup.Text("File of a control host that lets this one join, for the first time: pki/worker.join or pki/control.join of its data directory", "file", "--join"),
            Setup.Text("What this node does: control, worker or control,worker (default)", "roles", "--roles"),
            Setup.Text("Name of the node (default: this machine's)", "name", "--node-name"),
            Setup.Text("docker or simulated", "runtime", "--runtime"),
            Setup.Text("Where the Docker engine listens (default: DOCKER_HOST, or its usual socket)", "unix:///path", "--docker-host"),
            Setup.Text("How many nodes to simulate", "count", "--simulated-nodes"),
            Setup.Text("Where the journal is: a SQLite file or a PostgreSQL connection", "journal", "--journal"),
            Setup.Text("How old events become before the journal forgets them, or off (default: 30d)", "duration", "--journal-retention"),
            Setup.Text("How long known nodes have to come back after a start", "duration", "--node-patience"),
            Setup.Text("A file with settings", "file", "--config"),
        ];
        var timeout = Setup.Bound("How long to wait until it is ready", "60s");
        return setup.Command("up", "Starts a node on this machine and returns when it is ready.", [data, .. passed, timeout],
        [
            "orc up                                              # a cluster of this one machine",
            "orc up --runtime simulated --simulated-nodes 100    # without containers",
            "orc up --roles worker --seed-nodes 10.0.0.1:7000 --join worker.join    # joins a cluster",
        ], context =>
        {
            var given = passed.Where(o => context.Get(o) is not null).ToDictionary(o => o.Name, o => context.Get(o)!);
            return UpAsync(context, DataDirectory.At(context.Get(data)), FormerStart.Absolute(given), context.Get(timeout));
        });
    }

    private static async Task<int> UpAsync(CommandContext context, DataDirectory data, Dictionary<string, string> given, TimeSpan timeout)
    {
        var former = FormerStart.Options(data);
        if (NodeProcess.Running(data) is { } running)
        {
            var differences = FormerStart.Differences(former, given);
            if (differences.Count > 0)
            {
                throw new CliException($"A node is already running in {data.Path} (pid {running}), with other options: {string.Join("; ", differences)}. Stop it with 'orc down{Where(data)}', then start it anew.");
            }

            context.Out.WriteLine($"A node is already running in {data.Path} (pid {running}).");
            return ExitCodes.Ok;
        }

        if (given.Count == 0 && former.Count > 0)
        {
            given = former;
            context.Io.Error.WriteLine($"With the options of the former start: {FormerStart.Text(given)}");
        }

        string[] arguments = ["--data-dir", data.Path, .. given.SelectMany(g => (string[])[g.Key, g.Value])];
        var program = NodeProcess.Find(AppContext.BaseDirectory, Environment.GetEnvironmentVariable("PATH"));
        var settings = await NodeSettings.AskAsync(program, arguments, context.Cancellation);
        var api = Server(settings.ApiAddress);
        if (settings.HasApi)
        {
            await ListenCheck.CheckAsync(System.Net.IPEndPoint.Parse(settings.ApiAddress), api, context.Cancellation);
        }

        try
        {
            Directory.CreateDirectory(data.Path);
            File.Delete(data.Ready);
            await File.WriteAllLinesAsync(data.Arguments, arguments, context.Cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--data-dir {data.Path} is no directory that can be written to: {e.Message}");
        }

        var logStart = File.Exists(data.Log) ? new FileInfo(data.Log).Length : 0;
        using var process = NodeProcess.Start(program, arguments, data);
        IReadyProbe probe = settings.HasApi ? new ApiReadyProbe(data, api) : new FileReadyProbe(data);
        try
        {
            await Progress.WaitAsync(context.Io, $"Starting a node in {data.Path} (pid {process.Id})", async tell =>
            {
                await ReadyAsync(context, data, process, probe, timeout, logStart, tell);
                return true;
            });
        }
        catch (OperationCanceledException)
        {
            context.Io.Error.WriteLine($"The node (pid {process.Id}) goes on starting: 'orc down{Where(data)}' stops it.");
            throw;
        }

        context.Out.WriteLine(settings.HasApi ? $"The cluster is ready at {api.GetLeftPart(UriPartial.Authority)}." : $"The node is ready (pid {process.Id}).");
        if (settings.HasApi)
        {
            context.Out.WriteLine($"export KUBECONFIG={data.Kubeconfig}");
        }

        if (settings is { HasApi: true, IsWorker: true, Runtime: not "simulated" } && await NodeCheck.FaultAsync(context, data, settings.NodeName) is { } fault)
        {
            context.Io.Error.WriteLine($"Warning: {fault.TrimEnd('.')}. No pod runs there until that is right; see 'orc describe node {settings.NodeName}'.");
        }

        return ExitCodes.Ok;
    }

    private static async Task ReadyAsync(
        CommandContext context, DataDirectory data, Process process, IReadyProbe probe, TimeSpan timeout, long logStart, Action<string> tell)
    {
        var since = context.Io.Time.GetTimestamp();
        while (true)
        {
            if (process.HasExited)
            {
                throw new CliException($"The node ended with exit code {process.ExitCode}. The end of {data.Log}:{Environment.NewLine}{Tail(data.Log, logStart)}");
            }

            var missing = File.Exists(data.Ready) ? null : await probe.MissingAsync(context.Cancellation);
            if (missing is null && !process.HasExited)
            {
                return;
            }

            if (context.Io.Time.GetElapsedTime(since) > timeout)
            {
                throw new CliException($"The node (pid {process.Id}) was not ready within {Durations.Text(timeout)}; it still waits {missing}. Read {data.Log}, wait longer with --timeout, or stop it with 'orc down{Where(data)}'.");
            }

            tell($"Waiting {missing}");
            await Task.Delay(Pause, context.Io.Time, context.Cancellation);
        }
    }

    /// <summary>How other commands are told the data directory, if they have to be.</summary>
    private static string Where(DataDirectory data) => data.Path == DataDirectory.At(null).Path ? "" : $" --data-dir {data.Path}";

    /// <summary>Where this machine reaches a server that listens at an address.</summary>
    public static Uri Server(string address)
    {
        var text = address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "[::1]", StringComparison.Ordinal);
        return Uri.TryCreate($"https://{text}", UriKind.Absolute, out var uri) && uri.AbsolutePath == "/" && text.Contains(':', StringComparison.Ordinal)
            ? uri : throw new UsageException($"--api-address {address} is not host:port, such as {DefaultApi}.");
    }

    private static string Tail(string log, long start)
    {
        using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(Math.Min(start, file.Length), SeekOrigin.Begin);
        using var reader = new StreamReader(file);

        // What went wrong, without where in the program.
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(l => l.TrimStart() is var text && !text.StartsWith("at ", StringComparison.Ordinal) && !text.StartsWith("---", StringComparison.Ordinal)).ToArray();
        return lines.Length == 0 ? "  (it wrote nothing)" : string.Join(Environment.NewLine, lines.TakeLast(LogLines).Select(l => "  " + l));
    }
}
