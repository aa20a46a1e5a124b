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
        var option = Setup.Text("Directory for journal, keys and log (default: ~/.orchestrator, /var/lib/orchestrator for root)", "directory", "--data-dir");
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
            Setup.Text("Address for communication between hosts; set a port if other hosts join", "host:port", "--cluster-address"),
            Setup.Text("Cluster addresses of control hosts; required for workers", "host:port,...", "--seed-nodes"),
            Setup.Text("Join file for the first start: pki/worker.join or pki/control.join from the data directory of a control host", "file", "--join"),
            Setup.Text("Roles of this node: control, worker or control,worker (default)", "roles", "--roles"),
            Setup.Text("Name of the node (default: the host name)", "name", "--node-name"),
            Setup.Text("docker or simulated", "runtime", "--runtime"),
            Setup.Text("Address of the Docker engine (default: DOCKER_HOST, or unix:///var/run/docker.sock)", "unix:///path", "--docker-host"),
            Setup.Text("Number of nodes of a simulated host", "count", "--simulated-nodes"),
            Setup.Text("Journal: path of a SQLite file, or a PostgreSQL connection string", "journal", "--journal"),
            Setup.Text("Maximum age of journal events before they are compacted into snapshots, at least 1h; off keeps them (default: 30d)", "duration", "--journal-retention"),
            Setup.Text("Time that known nodes have to reconnect after a start (default: 40s)", "duration", "--node-patience"),
            Setup.Text("Lines of the log: text (default) or json", "format", "--log-format"),
            Setup.Text("Minimum level of the lines of the log: debug, info (default), warning or error", "level", "--log-level"),
            Setup.Text("HOCON file with settings", "file", "--config"),
        ];
        var timeout = Setup.Bound("Timeout of the start", "60s");
        return setup.Command("up", "Starts a node on this machine and returns when it is ready.", [data, .. passed, timeout],
        [
            "orc up                                              # a cluster of this one machine",
            "orc up --runtime simulated --simulated-nodes 100    # without containers",
            "orc up --roles worker --seed-nodes 10.0.0.1:7000 --join worker.join    # joins a cluster",
        ], context =>
        {
            var given = passed.Where(o => context.Get(o) is not null).ToDictionary(o => o.Name, o => context.Get(o)!);
            return UpAsync(context, DataDirectory.At(context.Get(data)), SavedOptions.Absolute(given), context.Get(timeout));
        });
    }

    private static async Task<int> UpAsync(CommandContext context, DataDirectory data, Dictionary<string, string> given, TimeSpan timeout)
    {
        var saved = SavedOptions.Read(data);
        if (NodeProcess.Running(data) is { } running)
        {
            var differences = SavedOptions.Differences(saved, given);
            if (differences.Count > 0)
            {
                throw new CliException($"A node is already running in {data.Path} (pid {running}), with other options: {string.Join("; ", differences)}. Stop it with 'orc down{Where(data)}', then start it again.");
            }

            context.Out.WriteLine($"A node is already running in {data.Path} (pid {running}).");
            return ExitCodes.Ok;
        }

        if (given.Count == 0 && saved.Count > 0)
        {
            given = saved;
            context.Io.Error.WriteLine($"Using the options of the last start: {SavedOptions.Format(given)}");
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
            PrivateFile.Prepare(data.Arguments);
            await File.WriteAllLinesAsync(data.Arguments, arguments, context.Cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--data-dir {data.Path} is not writable: {e.Message}");
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
            context.Io.Error.WriteLine($"The node (pid {process.Id}) is still starting: stop it with 'orc down{Where(data)}'.");
            throw;
        }

        context.Out.WriteLine(settings.HasApi ? $"The cluster is ready at {api.GetLeftPart(UriPartial.Authority)}." : $"The node is ready (pid {process.Id}).");
        if (settings.HasApi)
        {
            context.Out.WriteLine($"export KUBECONFIG={data.Kubeconfig}");
        }

        if (settings is { HasApi: true, IsWorker: true, Runtime: not "simulated" } && await NodeCheck.FaultAsync(context, data, settings.NodeName) is { } fault)
        {
            context.Io.Error.WriteLine($"Warning: {fault.TrimEnd('.')}. It runs no pods until this is fixed; see 'orc describe node {settings.NodeName}'.");
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
                throw new CliException($"The node exited with code {process.ExitCode}. The end of {data.Log}:{Environment.NewLine}{Tail(data.Log, logStart)}");
            }

            var missing = File.Exists(data.Ready) ? null : await probe.MissingAsync(context.Cancellation);
            if (missing is null && !process.HasExited)
            {
                return;
            }

            if (context.Io.Time.GetElapsedTime(since) > timeout)
            {
                throw new CliException($"The node (pid {process.Id}) was not ready within {Durations.Text(timeout)}; still waiting {missing}. Read {data.Log}, wait longer with --timeout, or stop it with 'orc down{Where(data)}'.");
            }

            tell($"Waiting {missing}");
            await Task.Delay(Pause, context.Io.Time, context.Cancellation);
        }
    }

    /// <summary>The --data-dir option for suggested commands; empty for the default directory.</summary>
    private static string Where(DataDirectory data) => data.Path == DataDirectory.At(null).Path ? "" : $" --data-dir {data.Path}";

    /// <summary>URL of a server on this machine that listens at an address.</summary>
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

        // The messages without stack traces.
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(l => l.TrimStart() is var text && !text.StartsWith("at ", StringComparison.Ordinal) && !text.StartsWith("---", StringComparison.Ordinal)).ToArray();
        return lines.Length == 0 ? "  (no output)" : string.Join(Environment.NewLine, lines.TakeLast(LogLines).Select(l => "  " + l));
    }
}
