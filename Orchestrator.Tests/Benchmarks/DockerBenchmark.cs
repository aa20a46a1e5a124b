using System.Diagnostics;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Orchestrator.Benchmarks;

/// <summary>Pods on the Docker engine, against the same pause and container by the engine's API alone.</summary>
internal sealed class DockerBenchmark : IBenchmark
{
    private const string Image = "orchestrator/sample:1";
    private const string Pause = "orchestrator/pause:3";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    // Time in which the networks of pods are made ahead again, and the engine is done with what was removed.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(4);

    public string Name => "docker";

    public string What => "apply to running on the Docker engine, against the engine alone; skipped without one";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        using var docker = new DockerClientConfiguration().CreateClient();
        try
        {
            await docker.System.PingAsync(cancellation).WaitAsync(TimeSpan.FromSeconds(5), cancellation);
            await docker.Images.InspectImageAsync(Image, cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or DockerApiException)
        {
            run.Tell($"skipped: {e.Message} Run scripts/start-docker.sh and scripts/import-sample-image.sh first.");
            return [];
        }

        await using var host = await HostProcess.StartAsync("--runtime docker", null, cancellation);
        await using var follower = await PodFollower.StartAsync(host.Api, cancellation);
        var many = run.IsLong ? 50 : 20;

        // Once unmeasured on both sides: programs that have just begun compile what they do first.
        for (var i = 0; i < 3; i++)
        {
            run.Tell($"warm-up {i + 1}");
            await OursAsync(host, follower, $"warm-{i}", many, cancellation);
            await BareAsync(docker, $"warm-{i}", many, cancellation);
        }

        await Task.Delay(Settle, cancellation);
        List<double> ours = [], bare = [];
        for (var i = 0; i < 7; i++)
        {
            ours.Add((await OursAsync(host, follower, $"one-{i}", 1, cancellation)).TotalSeconds);
            bare.Add((await BareAsync(docker, $"one-{i}", 1, cancellation)).TotalSeconds);
        }

        List<double> oursMany = [], bareMany = [];
        for (var i = 0; i < 3; i++)
        {
            run.Tell($"{many} pods, round {i + 1}");
            await Task.Delay(Settle, cancellation);
            oursMany.Add((await OursAsync(host, follower, $"many-{i}", many, cancellation)).TotalSeconds);
            await Task.Delay(Settle, cancellation);
            bareMany.Add((await BareAsync(docker, $"many-{i}", many, cancellation)).TotalSeconds);
        }

        double Median(List<double> all) => all.Order().ElementAt(all.Count / 2);
        return
        [
            new("1 pod, apply to running (median of 7)", Median(ours), "s"),
            new("1 pause and container, engine alone", Median(bare), "s"),
            new("1 pod, over the engine alone", Median(ours) / Median(bare), "×", Budget.AtMost(0.7)),
            new($"{many} pods, apply to running (median of 3)", many / Median(oursMany), "/s"),
            new($"{many} of the engine alone, 8 side by side", many / Median(bareMany), "/s"),
            new($"{many} pods, rate over the engine alone", Median(bareMany) / Median(oursMany), "×", Budget.AtLeast(1.5)),
        ];
    }

    private static async Task<TimeSpan> OursAsync(HostProcess host, PodFollower follower, string name, int count, CancellationToken cancellation)
    {
        var ready = follower.WaitAsync(f => f.Ready >= count, Bound, cancellation);
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => host.Api.PostAsync(Samples.Pods, Samples.Pod($"{name}-{i}", Image), cancellation)));
        var taken = await ready;
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => host.Api.DeleteAsync($"{Samples.Pods}/{name}-{i}", cancellation)));
        await follower.WaitAsync(f => f.Count == 0, Bound, cancellation);
        return taken;
    }

    private static async Task<TimeSpan> BareAsync(DockerClient docker, string name, int count, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(Bound);
        using var gate = new SemaphoreSlim(8);
        var made = new System.Collections.Concurrent.ConcurrentBag<string>();
        var clock = Stopwatch.StartNew();
        try
        {
            await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
            {
                await gate.WaitAsync(bound.Token);
                try
                {
                    var pause = await StartAsync(docker, made, new CreateContainerParameters { Name = $"bench-{Environment.ProcessId}-{name}-{i}", Image = Pause, Entrypoint = ["/pause"], HostConfig = new HostConfig { IpcMode = "shareable" } }, bound.Token);
                    await StartAsync(docker, made, new CreateContainerParameters
                    {
                        Image = Image,
                        HostConfig = new HostConfig { NetworkMode = $"container:{pause}", IpcMode = $"container:{pause}" },
                    }, bound.Token);
                }
                finally
                {
                    gate.Release();
                }
            }));
            return clock.Elapsed;
        }
        finally
        {
            await Task.WhenAll(made.Select(id => docker.Containers.RemoveContainerAsync(id, new ContainerRemoveParameters { Force = true, RemoveVolumes = true }, CancellationToken.None)))
                .WaitAsync(Bound, CancellationToken.None);
        }
    }

    private static async Task<string> StartAsync(DockerClient docker, System.Collections.Concurrent.ConcurrentBag<string> made, CreateContainerParameters parameters, CancellationToken cancellation)
    {
        var created = await docker.Containers.CreateContainerAsync(parameters, cancellation);
        made.Add(created.ID);
        await docker.Containers.StartContainerAsync(created.ID, new ContainerStartParameters(), cancellation);
        return created.ID;
    }
}
