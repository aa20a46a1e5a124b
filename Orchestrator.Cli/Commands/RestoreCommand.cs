using System.CommandLine;
using Orchestrator.Cli.Hosting;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc restore</c>: makes a data directory from a backup.</summary>
internal static class RestoreCommand
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static Command Create(Setup setup)
    {
        var file = new Argument<string>("file") { Description = "File that 'orc backup' saved" };
        var data = UpCommand.DataDir();
        return setup.Command("restore", "Makes a data directory from a backup. 'orc up' then starts the node with it.", [file, data],
        [
            "orc restore cluster.tar.gz",
            "orc restore cluster.tar.gz --data-dir /srv/orchestrator && orc up --data-dir /srv/orchestrator",
        ], context => RestoreAsync(context, context.Get(file)!, DataDirectory.At(context.Get(data))));
    }

    private static async Task<int> RestoreAsync(CommandContext context, string file, DataDirectory data)
    {
        if (!File.Exists(file))
        {
            throw new UsageException($"There is no file {file}.");
        }

        if (Directory.Exists(data.Path) && Directory.EnumerateFileSystemEntries(data.Path).Any())
        {
            throw new CliException($"{data.Path} is not empty: choose another --data-dir. If it holds a cluster that is no longer needed, 'orc down --purge --data-dir {data.Path}' deletes it.");
        }

        // A backup that is torn leaves no directory that looks like a cluster.
        await BackupArchive.VerifyAsync(file, context.Cancellation);
        Directory.CreateDirectory(data.Path, OwnerOnly);
        File.SetUnixFileMode(data.Path, OwnerOnly);
        Directory.CreateDirectory(Path.Combine(data.Path, "pki"), OwnerOnly);
        var description = await BackupArchive.ExtractAsync(file, data.Path, context.Cancellation);
        context.Out.WriteLine($"Revision {description.Revision} of {description.Created} is restored in {data.Path}. Start the node with 'orc up --data-dir {data.Path}' and the options of the former one.");
        if (!description.HasJournal)
        {
            context.Io.Error.WriteLine("Warning: the journal is in PostgreSQL and not in the file: restore it with pg_restore before you start the node.");
        }

        return ExitCodes.Ok;
    }
}
