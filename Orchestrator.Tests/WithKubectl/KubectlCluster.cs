using System.Globalization;
using System.Net;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>One simulated node process that all kubectl specs share; each test works in a namespace of its own.</summary>
public class KubectlCluster : IAsyncLifetime
{
    // A spec uses a few at most.
    private const int SpacesInUse = 20;
    private NodeProcess? _node;
    private int _spaces;

    internal NodeProcess Node => _node ?? throw new InvalidOperationException("The node has not been started.");

    /// <summary>What the names of the cluster's nodes begin with.</summary>
    internal virtual string Nodes => Node.Name;

    public async Task InitializeAsync() => _node = await StartAsync();

    private protected virtual Task<NodeProcess> StartAsync() => NodeProcess.StartAsync();

    public virtual async Task DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }
    }

    /// <summary>A kubectl in a new, empty namespace.</summary>
    internal async Task<Kubectl> SpaceAsync(string version)
    {
        var number = Interlocked.Increment(ref _spaces);
        await Node.CreateNamespaceAsync(Space(number));
        if (number > SpacesInUse)
        {
            await ClearAsync(Space(number - SpacesInUse));
        }

        return Node.Kubectl(version, Space(number));
    }

    // Three nodes take 330 pods, and the specs make more.
    private async Task ClearAsync(string space)
    {
        try
        {
            await Node.AskAsync(HttpMethod.Delete, $"/api/v1/namespaces/{space}");
        }
        catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // Its spec has deleted it.
        }
    }

    private static string Space(int number) => $"test-{number.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>A kubectl in a new namespace in which the deployment <c>web</c> is rolled out.</summary>
    internal async Task<Kubectl> WebAsync(string version, int replicas = 3)
    {
        var kubectl = await SpaceAsync(version);
        await Node.AskAsync(HttpMethod.Post, $"/apis/apps/v1/namespaces/{kubectl.Space}/deployments", Manifests.DeploymentJson("web", replicas));
        await kubectl.SucceedAsync("rollout status deployment/web --timeout=30s");
        return kubectl;
    }

    /// <summary>A kubectl in a new namespace with the pod of this shell line, which is at least scheduled.</summary>
    internal async Task<Kubectl> PodAsync(string version, string name, string line, string restartPolicy = "Always")
    {
        var kubectl = await SpaceAsync(version);
        await Node.AskAsync(HttpMethod.Post, $"/api/v1/namespaces/{kubectl.Space}/pods", Manifests.PodJson(name, line, restartPolicy));
        await kubectl.WaitForAsync($"get pod {name} -o jsonpath={{.status.containerStatuses[*].started}}", s => s.Length > 0);
        return kubectl;
    }
}

/// <summary>The specs that share the process; they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class KubectlCollection : ICollectionFixture<KubectlCluster>
{
    public const string Name = "kubectl";
}
