using System.Formats.Tar;
using System.IO.Compression;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Cli;

/// <summary><c>orc backup</c> and <c>orc restore</c> with a real host.</summary>
public sealed class BackupSpec(LocalCluster cluster) : IClassFixture<LocalCluster>
{
    [Fact]
    public async Task A_backup_is_made_while_the_host_is_written_to_and_a_new_host_continues_with_it()
    {
        using var folder = new TempFolder();
        var (file, data) = (folder.File("cluster.tar.gz"), folder.File("restored"));
        (await cluster.OrcAsync("create -f -", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"before"}}""")).Succeeded();
        using var stop = new CancellationTokenSource();
        var writing = WriteAsync(stop.Token);
        var saved = (await cluster.OrcAsync($"backup {file}")).Succeeded();
        await stop.CancelAsync();
        var written = await writing;
        Assert.Contains($" is saved in {file} (", saved, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Empty(Directory.GetFiles(cluster.Data, "backup-*"));
        (await cluster.OrcAsync($"backup {file}")).EndedWith(2);
        (await cluster.OrcAsync("create -f -", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"after"}}""")).Succeeded();
        var last = long.Parse((await cluster.OrcAsync("get cm after -o jsonpath={.metadata.resourceVersion}")).Succeeded());

        (await cluster.OrcAsync($"restore {file} --data-dir {cluster.Data}")).EndedWith(1);
        (await cluster.OrcAsync($"restore {file} --data-dir {data}")).Succeeded();
        var address = FreePort.Address();
        try
        {
            (await cluster.OrcAsync($"up --data-dir {data} --api-address {address} --runtime simulated --simulated-nodes 3")).Succeeded();
            var names = (await cluster.OrcAsync($"get cm -o name --kubeconfig {data}/admin.kubeconfig")).Succeeded();
            Assert.Contains("configmap/before", names, StringComparison.Ordinal);
            Assert.DoesNotContain("configmap/after", names, StringComparison.Ordinal);

            // What was written while the copy was made is in it up to one moment, without a gap.
            var kept = Enumerable.Range(0, written).TakeWhile(i => names.Contains($"configmap/w{i}\n", StringComparison.Ordinal)).Count();
            Assert.All(Enumerable.Range(kept, written - kept), i => Assert.DoesNotContain($"configmap/w{i}\n", names, StringComparison.Ordinal));

            // Who has seen later changes is not told the past as news.
            (await cluster.OrcAsync($"create -f - --kubeconfig {data}/admin.kubeconfig", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"later"}}""")).Succeeded();
            Assert.True(long.Parse((await cluster.OrcAsync($"get cm later -o jsonpath={{.metadata.resourceVersion}} --kubeconfig {data}/admin.kubeconfig")).Succeeded()) > last);
        }
        finally
        {
            (await cluster.OrcAsync($"down --purge --data-dir {data}")).Succeeded();
        }
    }

    [Fact]
    public async Task A_torn_or_foreign_file_is_refused_and_leaves_nothing()
    {
        using var folder = new TempFolder();
        var (file, data) = (folder.File("cluster.tar.gz"), folder.File("restored"));
        (await cluster.OrcAsync($"backup {file}")).Succeeded();
        var whole = await File.ReadAllBytesAsync(file);
        foreach (var length in (int[])[0, 20, whole.Length / 3, whole.Length - 200])
        {
            await File.WriteAllBytesAsync(file, whole[..length]);
            await RefusedAsync();
        }

        foreach (var name in (string[])["../escaped", "pki/../../escaped", "/etc/escaped", "pki/", "other"])
        {
            await using (var zip = new GZipStream(File.Create(file), CompressionLevel.Fastest))
            await using (var tar = new TarWriter(zip))
            {
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1]) });
            }

            await RefusedAsync();
        }

        async Task RefusedAsync()
        {
            var refused = await cluster.OrcAsync($"restore {file} --data-dir {data}");
            refused.EndedWith(1);
            Assert.Contains("is not a", refused.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(data));
        }
    }

    private async Task<int> WriteAsync(CancellationToken ended)
    {
        var i = 0;
        for (; !ended.IsCancellationRequested; i++)
        {
            (await cluster.OrcAsync("create -f -", $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"w{{{i}}}"}}""")).Succeeded();
        }

        return i;
    }
}
