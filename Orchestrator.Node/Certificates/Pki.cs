using System.Security.Cryptography;

namespace Orchestrator.Node.Certificates;

/// <summary>A host's credentials in <c>&lt;data-dir&gt;/pki</c>: made at first start, or taken from the file that it joins with.</summary>
internal sealed class Pki : IDisposable
{
    private const string ClusterName = "cluster-ca";
    private const string ApiName = "ca";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private Pki(string directory, Credentials credentials)
    {
        Folder = directory;
        Cluster = new Authority(credentials.Cluster!);
        Api = credentials.Api is { } api ? new Authority(api) : null;
        AdminToken = credentials.AdminToken;
    }

    public string Folder { get; }

    /// <summary>Signs the hosts.</summary>
    public Authority Cluster { get; }

    /// <summary>Signs the API server and the admin; control hosts have it.</summary>
    public Authority? Api { get; }

    public string? AdminToken { get; }

    /// <summary>Why the host cannot be one of its cluster; null when it can. Changes nothing.</summary>
    public static string? Fault(string dataDir, string? join, bool isControl, bool mayFound) => Guarded(dataDir, () => Settle(dataDir, join, isControl, mayFound)).Error;

    /// <summary>Settles what the host goes by, makes what is missing and stores what is new.</summary>
    /// <param name="dataDir">Has, or gets, the folder.</param>
    /// <param name="join">The file to join with, if one was named.</param>
    /// <param name="isControl">The host serves the API.</param>
    /// <param name="mayFound">It begins a cluster of its own when it knows none.</param>
    /// <param name="now">The time.</param>
    /// <returns>The credentials, or a sentence that says what is in the way.</returns>
    public static (Pki? Pki, string? Error) Open(string dataDir, string? join, bool isControl, bool mayFound, DateTimeOffset now) => Guarded<Pki>(dataDir, () =>
    {
        var (settled, error) = Settle(dataDir, join, isControl, mayFound);
        return (settled is null ? null : Store(dataDir, settled, isControl, now), error);
    });

    public void Dispose()
    {
        Cluster.Dispose();
        Api?.Dispose();
    }

    private static (Credentials? Settled, string? Error) Settle(string dataDir, string? join, bool isControl, bool mayFound)
    {
        var folder = Path.Combine(dataDir, "pki");
        var own = new Credentials(KeyPair.Read(folder, ClusterName), KeyPair.Read(folder, ApiName), ReadToken(folder));
        var given = Credentials.None;
        if (join is not null && File.Exists(join))
        {
            try
            {
                given = Credentials.Parse(File.ReadAllText(join));
            }
            catch (FormatException e)
            {
                return (null, $"join: {join}: {e.Message}");
            }
        }
        else if (join is not null && own.Cluster is null)
        {
            return (null, $"join: there is no file {join}"); // Later nobody needs it.
        }

        var (settled, error) = Credentials.Settle(own, given, isControl, mayFound && join is null);
        return (settled, error is null ? null : $"join: {(join is null ? "" : join + ": ")}{error}");
    }

    private static Pki Store(string dataDir, Credentials settled, bool isControl, DateTimeOffset now)
    {
        var folder = Path.Combine(dataDir, "pki");
        Directory.CreateDirectory(folder, OwnerOnly);
        var whole = new Credentials(
            settled.Cluster ?? Authority.Create("orchestrator-cluster-ca", now),
            isControl ? settled.Api ?? Authority.Create("orchestrator-ca", now) : null,
            isControl ? settled.AdminToken ?? Convert.ToHexString(RandomNumberGenerator.GetBytes(32)) : null);
        Keep(whole.Cluster!, ClusterName);
        if (isControl)
        {
            Keep(whole.Api!, ApiName);
            if (ReadToken(folder) is null)
            {
                OwnFile.Write(Path.Combine(folder, "admin.token"), whole.AdminToken!);
            }

            OwnFile.Write(Path.Combine(folder, "control.join"), whole.ToText());
            OwnFile.Write(Path.Combine(folder, "worker.join"), new Credentials(whole.Cluster, null, null).ToText());
        }

        return new Pki(folder, whole);

        void Keep(KeyPair pair, string name)
        {
            if (KeyPair.Read(folder, name) is null)
            {
                pair.Write(folder, name);
            }
        }
    }

    private static (T? Value, string? Error) Guarded<T>(string dataDir, Func<(T?, string?)> work) where T : class
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return (null, $"the certificates in {Path.Combine(dataDir, "pki")} cannot be used: {e.Message}");
        }
    }

    private static string? ReadToken(string folder) =>
        Path.Combine(folder, "admin.token") is var path && File.Exists(path) ? File.ReadAllText(path).Trim() : null;
}
