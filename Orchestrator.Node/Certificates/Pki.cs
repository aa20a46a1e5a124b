using System.Security.Cryptography;

namespace Orchestrator.Node.Certificates;

/// <summary>Credentials of a host in <c>&lt;data-dir&gt;/pki</c>: generated at the first start, or read from its join file.</summary>
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

    /// <summary>CA of the hosts.</summary>
    public Authority Cluster { get; }

    /// <summary>CA of the API server and the admin; only on control hosts.</summary>
    public Authority? Api { get; }

    public string? AdminToken { get; }

    /// <summary>Checks whether the host has, or can get, valid credentials. Returns the error, or null. Writes nothing.</summary>
    public static string? Validate(string dataDir, string? join, bool isControl, bool mayBootstrap) => CatchErrors(dataDir, () => Resolve(dataDir, join, isControl, mayBootstrap)).Error;

    /// <summary>Loads the credentials of the host, generates missing ones and stores new ones.</summary>
    /// <param name="dataDir">The data directory.</param>
    /// <param name="join">The join file, if one is given.</param>
    /// <param name="isControl">Whether the host serves the API.</param>
    /// <param name="mayBootstrap">Whether the host may form a new cluster.</param>
    /// <param name="now">Current time.</param>
    /// <returns>The credentials, or an error.</returns>
    public static (Pki? Pki, string? Error) Open(string dataDir, string? join, bool isControl, bool mayBootstrap, DateTimeOffset now) => CatchErrors<Pki>(dataDir, () =>
    {
        var (resolved, error) = Resolve(dataDir, join, isControl, mayBootstrap);
        error ??= Expired(resolved!, now);
        return (error is null ? Store(dataDir, resolved!, isControl, now) : null, error);
    });

    public void Dispose()
    {
        Cluster.Dispose();
        Api?.Dispose();
    }

    private static (Credentials? Resolved, string? Error) Resolve(string dataDir, string? join, bool isControl, bool mayBootstrap)
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
            return (null, $"join: there is no file {join}"); // Only needed for the first start.
        }

        var (resolved, error) = Credentials.Resolve(own, given, isControl, mayBootstrap && join is null);
        return (resolved, error is null ? null : $"join: {(join is null ? "" : join + ": ")}{error}");
    }

    // Credentials that do not exist yet are made now, so they are valid.
    private static string? Expired(Credentials credentials, DateTimeOffset now)
    {
        foreach (var (pair, name) in ((KeyPair?, string)[])[(credentials.Cluster, ClusterName), (credentials.Api, ApiName)])
        {
            if (pair is null)
            {
                continue;
            }

            using var authority = new Authority(pair);
            if (authority.Expired($"pki/{name}.crt", now) is { } expired)
            {
                return expired;
            }
        }

        return null;
    }

    private static Pki Store(string dataDir, Credentials resolved, bool isControl, DateTimeOffset now)
    {
        var folder = Path.Combine(dataDir, "pki");
        Directory.CreateDirectory(folder, OwnerOnly);
        var whole = new Credentials(
            resolved.Cluster ?? Authority.Create("orchestrator-cluster-ca", now),
            isControl ? resolved.Api ?? Authority.Create("orchestrator-ca", now) : null,
            isControl ? resolved.AdminToken ?? Convert.ToHexString(RandomNumberGenerator.GetBytes(32)) : null);
        Keep(whole.Cluster!, ClusterName);
        if (isControl)
        {
            Keep(whole.Api!, ApiName);
            if (ReadToken(folder) is null)
            {
                SecretFile.Write(Path.Combine(folder, "admin.token"), whole.AdminToken!);
            }

            SecretFile.Write(Path.Combine(folder, "control.join"), whole.ToText());
            SecretFile.Write(Path.Combine(folder, "worker.join"), new Credentials(whole.Cluster, null, null).ToText());
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

    private static (T? Value, string? Error) CatchErrors<T>(string dataDir, Func<(T?, string?)> work) where T : class
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
