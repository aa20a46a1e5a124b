using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ReplicaSets;

namespace Orchestrator.Tests.Simulation;

/// <summary>A cluster on one thread in simulated time: two control hosts, nodes, users and watchers over one journal. Its seed decides everything.</summary>
internal sealed class World
{
    private static readonly TimeSpan Troubled = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(45);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);
    private const long MaxSteps = 200_000;
    private TimeSpan _calmAt;
    private string? _lacks = "";
    private bool _isDone;

    private World(int seed, Parts parts)
    {
        Random = new Random(seed);
        Parts = parts;
        Time = new Timeline(Random);
        Trace = new Trace(Time);
        Faults = parts.FaultsOf(Random);
        Ids = new SimulatedIds();
        Network = new Network(this);
        Journal = new SimulatedJournal(this);
        Region = new Region(this);
        Restarts = new Restarts(this);
        Invariants = new Invariants(this);
        Singletons = new Singletons(this);
        Client = new SimulatedClient(this);
        Hosts = [new ControlHost(this, 1), new ControlHost(this, 2)];
        Nodes = [.. Enumerable.Range(1, 1 + Random.Next(3)).Select(i => new SimulatedNode(this, $"node-{i}"))];
        parts.Enter(this);
    }

    public Random Random { get; }

    public Parts Parts { get; }

    public Timeline Time { get; }

    public Trace Trace { get; }

    public Faults Faults { get; private set; }

    public SimulatedIds Ids { get; }

    public Network Network { get; }

    public SimulatedJournal Journal { get; }

    public Region Region { get; }

    public Restarts Restarts { get; }

    public Invariants Invariants { get; }

    public Singletons Singletons { get; }

    public SimulatedClient Client { get; }

    public IReadOnlyList<ControlHost> Hosts { get; }

    public IReadOnlyList<SimulatedNode> Nodes { get; }

    public IReadOnlyList<SimulatedWatcher> Watchers { get; private set; } = [];

    /// <summary>Runs a seed.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="parts">Production's parts, or broken ones.</param>
    public static SimulationRun Run(int seed, Parts? parts = null)
    {
        var world = new World(seed, parts ?? new Parts());
        string? violation = null;
        try
        {
            world.Live();
        }
        catch (SimulationViolation e)
        {
            violation = e.Message;
        }
        catch (Exception e) when (e is InvalidOperationException or NullReferenceException or KeyNotFoundException or FormatException or ArgumentException)
        {
            violation = $"a part threw {e}";
        }

        return new SimulationRun(seed, violation, world.Trace.Hash, world.Trace.Count, world.Time.Steps, world.Journal.Revision, world.Time.Now, world.Trace.Last);
    }

    /// <summary>The journal has grown.</summary>
    public void TellHosts()
    {
        foreach (var host in Hosts)
        {
            host.Follow();
        }
    }

    private void Live()
    {
        Trace.Note($"{Faults}");
        foreach (var host in Hosts)
        {
            host.Start();
        }

        Singletons.Start(Hosts[0]);
        foreach (var node in Nodes)
        {
            node.Start();
        }

        Watchers = [new(this, PodDefinition.Instance), new(this, ReplicaSetDefinition.Instance), new(this, DeploymentDefinition.Instance)];
        for (var i = 0; i < 3; i++)
        {
            Time.After(TimeSpan.FromSeconds(i * 16), () => Client.CreateNamespace("default"));
            Time.After(TimeSpan.FromSeconds(i * 16), () => Client.CreateNamespace("team"));
            foreach (var (kind, o) in Parts.Fixtures)
            {
                Time.After(TimeSpan.FromSeconds((i * 16) + 1), () => Client.CreateFixture(kind, o));
            }
        }

        // Users come in groups, so that their requests meet each other's consequences.
        for (var groups = 2 + Random.Next(4); groups > 0; groups--)
        {
            var at = 1 + (Random.NextDouble() * (Troubled.TotalSeconds - 1));
            for (var requests = 1 + Random.Next(5); requests > 0; requests--)
            {
                Time.After(TimeSpan.FromSeconds(at + (Random.NextDouble() * 4)), Client.Act);
            }
        }

        Time.After(Troubled * 1.25, Calm);
        while (!_isDone && Time.Step())
        {
            if (Time.Steps > MaxSteps)
            {
                throw new SimulationViolation($"it does not come to rest in {MaxSteps} steps");
            }
        }

        Invariants.AtEnd();
    }

    // From here on nothing goes wrong, and everything is up again.
    private void Calm()
    {
        Trace.Note("faults end");
        (Faults, _calmAt) = (Faults.None, Time.Now);
        foreach (var host in Hosts.Where(h => !h.IsUp))
        {
            host.Start();
        }

        foreach (var node in Nodes.Where(n => !n.IsUp))
        {
            node.Start();
        }

        Check();
    }

    private void Check()
    {
        var isQuiet = Time.Now - Journal.LastAt >= Quiet;
        if (Time.Now - _calmAt >= Settling && isQuiet)
        {
            _lacks = Convergence.Lacks(this);
            _isDone = _lacks is null;
        }

        if (!_isDone && Time.Now - _calmAt > Bound)
        {
            throw new SimulationViolation(isQuiet ? $"it does not converge: {_lacks}" : $"it does not come to rest in {Bound.TotalMinutes} min: {Convergence.Lacks(this) ?? "everything is as it should be"}");
        }

        Time.After(CheckInterval, Check);
    }
}

/// <summary>What a seed came to.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Violation">The invariant that does not hold; null if all do.</param>
/// <param name="Hash">Hash of the trace.</param>
/// <param name="Lines">Number of lines of the trace.</param>
/// <param name="Steps">Number of actions that ran.</param>
/// <param name="Events">Number of events in the journal.</param>
/// <param name="Time">Simulated time that passed.</param>
/// <param name="Trace">The last lines of the trace.</param>
internal sealed record SimulationRun(int Seed, string? Violation, ulong Hash, long Lines, long Steps, long Events, TimeSpan Time, IReadOnlyCollection<string> Trace)
{
    /// <summary>What a failure prints.</summary>
    public string Report => $"Seed {Seed}: {Violation}{Environment.NewLine}{string.Join(Environment.NewLine, Trace)}";
}
