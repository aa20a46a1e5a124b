using System.Diagnostics;

namespace Orchestrator.Tests.Kit;

/// <summary>A private PostgreSQL server in a temporary folder. A watchdog shell stops it and removes the folder when the test process is gone,
/// however it ended.</summary>
public sealed class PostgresServer : IDisposable
{
    private const string Guard = """
        trap '' INT TERM HUP
        data=$1; shift
        begin() { "$@" >/dev/null 2>&1 </dev/null & server=$!; }
        end() { [ -z "$server" ] || { kill -QUIT "$server"; wait "$server"; }; server=; }
        begin "$@"
        while read -r word; do case $word in end) end; echo ended;; begin) begin "$@";; esac; done
        end
        rm -rf "$data"
        """;

    private static readonly Lazy<PostgresServer> Shared = new(() => new PostgresServer());
    private static int _databases;
    private readonly Process _guard;
    private readonly string _probe;
    private readonly string _address;
    private readonly int _port = FreePort.Next();

    /// <summary>Starts a separate server.</summary>
    /// <param name="maxConnections">How many clients it lets in.</param>
    /// <param name="address">The IPv4 address that it listens on; it trusts whoever comes from the 24-bit network of that address.</param>
    public PostgresServer(int maxConnections = 300, string address = "127.0.0.1")
    {
        _address = address;
        var bin = Directory.GetDirectories("/usr/lib/postgresql").OrderBy(d => d, StringComparer.Ordinal).Select(d => Path.Combine(d, "bin"))
            .LastOrDefault(d => File.Exists(Path.Combine(d, "initdb"))) ?? throw new InvalidOperationException("PostgreSQL is missing: apt-get install postgresql");
        _probe = Path.Combine(bin, "pg_isready");
        if (Environment.UserName == "root")
        {
            Finish("chown", "postgres", DataDir);
        }

        var initdb = AsServer(Path.Combine(bin, "initdb"), "-D", DataDir, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C");
        Finish(initdb[0], initdb[1..]);
        File.AppendAllText(Path.Combine(DataDir, "pg_hba.conf"), $"host all all {address}/24 trust\n");
        _guard = Process.Start(new ProcessStartInfo("sh",
        [
            "-c", Guard, "guard", DataDir,
            .. AsServer(Path.Combine(bin, "postgres"), "-D", DataDir, "-p", $"{_port}", "-k", DataDir, "-c", $"listen_addresses={address}", "-c", "logging_collector=off", "-c", $"max_connections={maxConnections}"),
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        })!;
        WaitReady();
    }

    /// <summary>Its folder while it exists.</summary>
    public string DataDir { get; } = Directory.CreateTempSubdirectory("postgres").FullName;

    /// <summary>A new database on the server that all specs of a run share.</summary>
    public static string Database() => Shared.Value.NewDatabase();

    /// <summary>A new database.</summary>
    public string NewDatabase()
    {
        var name = $"journal{Interlocked.Increment(ref _databases)}";
        using var connection = new Npgsql.NpgsqlConnection(ConnectionString("postgres"));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        command.ExecuteNonQuery();
        return ConnectionString(name);
    }

    /// <summary>Kills the server: connections break, nothing is flushed.</summary>
    public void Crash()
    {
        _guard.StandardInput.WriteLine("end");
        _guard.StandardInput.Flush();
        _guard.StandardOutput.ReadLine();
    }

    /// <summary>Starts it again with its data.</summary>
    public void Restart()
    {
        _guard.StandardInput.WriteLine("begin");
        _guard.StandardInput.Flush();
        WaitReady();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _guard.StandardInput.Close();
        _guard.WaitForExit(TimeSpan.FromSeconds(20));
        _guard.Dispose();
    }

    private string ConnectionString(string database) => $"Host={_address};Port={_port};Username=postgres;Database={database};Include Error Detail=true";

    private void WaitReady()
    {
        for (var i = 0; ; i++)
        {
            using var probe = Process.Start(new ProcessStartInfo(_probe, ["-q", "-h", _address, "-p", $"{_port}", "-t", "5"]))!;
            probe.WaitForExit();
            if (probe.ExitCode == 0)
            {
                return;
            }

            if (_guard.HasExited || i > 2_000)
            {
                throw new InvalidOperationException("PostgreSQL did not start.");
            }

            Thread.Yield();
        }
    }

    private static void Finish(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
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
    private static string[] AsServer(string program, params string[] arguments) => Environment.UserName == "root"
        ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", program, .. arguments]
        : [program, .. arguments];
}
