using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Tests.Kit;

/// <summary>A private PostgreSQL in a temporary folder, shared by the specs of one run; stopped by its own process when the run ends.</summary>
public static class PostgresServer
{
    private static readonly Lazy<int> Started = new(Start);
    private static int _databases;

    /// <summary>A fresh database.</summary>
    public static string Database()
    {
        var name = $"journal{Interlocked.Increment(ref _databases)}";
        using var connection = new Npgsql.NpgsqlConnection(ConnectionString("postgres"));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        command.ExecuteNonQuery();
        return ConnectionString(name);
    }

    private static string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={Started.Value};Username=postgres;Database={database};Include Error Detail=true";

    private static int Start()
    {
        var bin = Directory.GetDirectories("/usr/lib/postgresql").OrderBy(d => d, StringComparer.Ordinal).Select(d => Path.Combine(d, "bin"))
            .LastOrDefault(d => File.Exists(Path.Combine(d, "initdb"))) ?? throw new InvalidOperationException("PostgreSQL is missing: apt-get install postgresql");
        var data = Directory.CreateTempSubdirectory("postgres").FullName;
        if (Environment.UserName == "root")
        {
            Run("chown", "postgres", data);
        }

        RunAsServer(Path.Combine(bin, "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C");
        var port = FreePort();
        var server = Process.Start(AsServer(Path.Combine(bin, "postgres"), "-D", data, "-p", $"{port}", "-k", data, "-c", "listen_addresses=127.0.0.1", "-c", "logging_collector=off"))!;
        server.ErrorDataReceived += (_, _) => { };
        server.OutputDataReceived += (_, _) => { };
        server.BeginErrorReadLine();
        server.BeginOutputReadLine();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop(bin, data);
        for (var i = 0; ; i++)
        {
            if (Process.Start(new ProcessStartInfo(Path.Combine(bin, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", $"{port}", "-t", "5"])) is { } probe)
            {
                probe.WaitForExit();
                if (probe.ExitCode == 0)
                {
                    return port;
                }
            }

            if (server.HasExited || i > 2_000)
            {
                throw new InvalidOperationException($"PostgreSQL did not start in {data}.");
            }

            Thread.Yield();
        }
    }

    // pg_ctl stops the process whose id the data folder names.
    private static void Stop(string bin, string data)
    {
        RunAsServer(Path.Combine(bin, "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop");
        Directory.Delete(data, recursive: true);
    }

    private static void RunAsServer(string program, params string[] arguments) => Finish(AsServer(program, arguments));

    private static void Run(string program, params string[] arguments) => Finish(new ProcessStartInfo(program, arguments));

    private static void Finish(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{start.FileName}: {error}");
        }
    }

    // PostgreSQL refuses to run as root.
    private static ProcessStartInfo AsServer(string program, params string[] arguments)
    {
        var start = Environment.UserName == "root"
            ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.WorkingDirectory = "/";
        return start;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
