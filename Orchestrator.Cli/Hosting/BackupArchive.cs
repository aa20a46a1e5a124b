using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Hosting;

/// <summary>What a backup says of itself.</summary>
/// <param name="Created">When it was made.</param>
/// <param name="Revision">The last change in it.</param>
/// <param name="HasJournal">False if the journal is in PostgreSQL.</param>
internal sealed record BackupDescription(string Created, long Revision, bool HasJournal);

/// <summary>Reads the archives that <c>orc backup</c> saves.</summary>
internal static class BackupArchive
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads an archive to its end, so that a torn one is found.</summary>
    /// <exception cref="CliException">It is not a whole backup.</exception>
    public static Task<BackupDescription> VerifyAsync(string file, CancellationToken cancellation) => ReadAsync(file, null, cancellation);

    /// <summary>Unpacks an archive into a directory.</summary>
    /// <exception cref="CliException">It is not a whole backup.</exception>
    public static Task<BackupDescription> ExtractAsync(string file, string directory, CancellationToken cancellation) => ReadAsync(file, directory, cancellation);

    private static async Task<BackupDescription> ReadAsync(string file, string? directory, CancellationToken cancellation)
    {
        try
        {
            BackupDescription? description = null;
            var hasJournal = false;
            await using var zip = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
            await using var tar = new TarReader(zip);
            while (await tar.GetNextEntryAsync(copyData: false, cancellation) is { } entry)
            {
                if (entry.EntryType != TarEntryType.RegularFile || !IsKnown(entry.Name))
                {
                    throw new CliException($"{file} is not a backup: it contains {entry.Name}.");
                }

                hasJournal |= entry.Name == "journal.db";
                if (entry.Name == "backup.json")
                {
                    description = Describe(await JsonNode.ParseAsync(entry.DataStream!, cancellationToken: cancellation));
                }
                else if (directory is not null)
                {
                    await ExtractAsync(entry, Path.Combine(directory, entry.Name), cancellation);
                }
                else if (entry.DataStream is { } content)
                {
                    await content.CopyToAsync(Stream.Null, cancellation);
                }
            }

            return description is not null && description.HasJournal == hasJournal ? description : throw new CliException($"{file} is not a whole backup.");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or JsonException or FormatException)
        {
            throw new CliException($"{file} is not a whole backup: {e.Message}");
        }
    }

    // Names come from a file: nothing is written outside the directory.
    private static bool IsKnown(string name) =>
        name is "backup.json" or "journal.db" or "journal.id" or "node.id" || (name.Split('/') is ["pki", var key] && key.Length > 0 && !key.StartsWith('.'));

    private static BackupDescription? Describe(JsonNode? o) => o is JsonObject && (string?)o["created"] is { } created && (long?)o["revision"] is { } revision
        ? new BackupDescription(created, revision, (string?)o["journal"] == "sqlite") : null;

    private static async Task ExtractAsync(TarEntry entry, string path, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        if (entry.DataStream is { } content)
        {
            await content.CopyToAsync(file, cancellation);
        }

        file.Flush(flushToDisk: true);
    }
}
