using System.CommandLine;
using Orchestrator.Cli.Hosting;
using Orchestrator.Cli.Output;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orc backup</c>: saves the journal and the credentials of a running control host.</summary>
internal static class BackupCommand
{
    public static Command Create(Setup setup)
    {
        var file = new Argument<string>("file") { Description = "File to create, a gzipped tar archive" };
        return setup.Command("backup", "Saves the journal and the credentials of a control host while it runs. 'orc restore' reads the file.", [file],
        [
            "orc backup cluster.tar.gz",
            "orc backup /backups/$(date +%F).tar.gz",
        ], context => BackUpAsync(context, context.Get(file)!));
    }

    private static async Task<int> BackUpAsync(CommandContext context, string file)
    {
        if (File.Exists(file))
        {
            throw new UsageException($"{file} exists: choose another name, or delete it.");
        }

        var partial = file + ".partial";
        try
        {
            File.Delete(partial);
            PrivateFile.Prepare(partial);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{file} cannot be written: {e.Message}");
        }

        try
        {
            var description = await Progress.WaitAsync(context.Io, "The server copies its journal", async tell =>
            {
                await using (var output = new FileStream(partial, FileMode.Open, FileAccess.Write))
                {
                    await context.Client.SaveAsync("/backup", output, bytes => tell($"Receiving the backup, {bytes >> 20} MiB"), context.Cancellation);
                    output.Flush(flushToDisk: true);
                }

                tell("Verifying the backup");
                return await BackupArchive.VerifyAsync(partial, context.Cancellation);
            });
            File.Move(partial, file);
            context.Out.WriteLine($"Revision {description.Revision} is saved in {file} ({new FileInfo(file).Length / 1024.0 / 1024:0.0} MiB). It contains the keys of the cluster: keep it secret.");
            if (!description.HasJournal)
            {
                context.Io.Error.WriteLine("Warning: the journal is in PostgreSQL and not in the file: save it with pg_dump.");
            }

            return ExitCodes.Ok;
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
