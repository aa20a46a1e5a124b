using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>Writes a backup of the host to the response while it runs: a gzipped tar archive of a copy of its journal, its credentials and what binds
/// them to its data directory. A journal in PostgreSQL is left out, because its own tools copy it. <c>orc restore</c> reads it.</summary>
internal static class BackupHandler
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly string[] Files = ["journal.id", "node.id"];

    /// <summary>Answers with the archive.</summary>
    /// <exception cref="ApiException">507: the data directory has no room for a copy of the journal.</exception>
    public static async Task HandleAsync(HttpContext http, ApiServices services)
    {
        var copy = Path.Combine(services.DataDir, $"backup-{services.Ids.NewSuffix()}.tmp");
        try
        {
            var description = await DescribeAsync(http, services, copy).ConfigureAwait(false);
            http.Response.ContentType = "application/gzip";
            var zip = new GZipStream(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
            await using (zip.ConfigureAwait(false))
            {
                var tar = new TarWriter(zip, TarEntryFormat.Pax, leaveOpen: true);
                await using (tar.ConfigureAwait(false))
                {
                    await AddAsync(tar, "backup.json", new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(description)), http.RequestAborted).ConfigureAwait(false);
                    foreach (var (name, path) in Content(services.DataDir, copy))
                    {
                        await AddAsync(tar, name, File.OpenRead(path), http.RequestAborted).ConfigureAwait(false);
                    }
                }
            }
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private static async Task<JsonObject> DescribeAsync(HttpContext http, ApiServices services, string copy)
    {
        if (!services.Journal.IsShared)
        {
            var needed = services.Journal.Figures().Bytes;
            if (new DriveInfo(services.DataDir).AvailableFreeSpace < needed)
            {
                throw new ApiException(ApiReason.InsufficientStorage, $"the data directory of the host has no room for a copy of the journal of {needed >> 20} MiB; free space on it");
            }
        }

        var revision = await Task.Run(() => services.Journal.IsShared ? services.Journal.Head() : services.Journal.CopyTo(copy), http.RequestAborted).ConfigureAwait(false);
        return new JsonObject
        {
            ["created"] = KubeTime.Text(services.Time.GetUtcNow()),
            ["version"] = Release.Full,
            ["journal"] = services.Journal.IsShared ? "postgresql" : "sqlite",
            ["revision"] = revision,
        };
    }

    private static IEnumerable<(string Name, string Path)> Content(string dataDir, string copy)
    {
        var pki = Directory.GetFiles(Path.Combine(dataDir, "pki")).Select(f => ($"pki/{Path.GetFileName(f)}", f));
        var files = Files.Select(f => (f, Path.Combine(dataDir, f)));
        return files.Concat(pki).Append(("journal.db", copy)).Where(f => File.Exists(f.Item2));
    }

    private static async Task AddAsync(TarWriter tar, string name, Stream content, CancellationToken cancellation)
    {
        await using (content.ConfigureAwait(false))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = OwnerOnly }, cancellation).ConfigureAwait(false);
        }
    }
}
