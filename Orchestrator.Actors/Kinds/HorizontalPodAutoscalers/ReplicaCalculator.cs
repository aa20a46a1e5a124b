using k8s.Models;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>How many replicas the values of pods ask for: the number of pods times value divided by target, rounded up (Kubernetes, "Horizontal Pod Autoscaling",
/// algorithm details). Pure.</summary>
/// <param name="settings">See <see cref="AutoscalerSettings"/>.</param>
/// <param name="now">The current time.</param>
internal sealed class ReplicaCalculator(AutoscalerSettings settings, DateTimeOffset now)
{
    private const string NoPods = "no pods returned by selector while calculating replica count";
    private const string NotReady = "did not receive metrics for targeted pods (pods might be unready)";

    /// <summary>By the share of what pods request that they use.</summary>
    /// <param name="current">Present number of replicas.</param>
    /// <param name="targetPercent">Desired share in percent.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="container">Name of a container; empty for whole pods.</param>
    /// <param name="pods">The pods.</param>
    public Calculation ByUtilization(int current, int targetPercent, string resource, string container, IReadOnlyList<AutoscaledPod> pods)
    {
        var (samples, error) = Samples(resource, container, pods);
        if (error is not null)
        {
            return Calculation.Failed(error);
        }

        var groups = PodGroups.Of(pods, samples, resource == "cpu", settings, now);
        var values = Counted(samples, groups);
        if (values.Count == 0)
        {
            return Calculation.Failed(NotReady);
        }

        var (requests, missing) = Requests(resource, container, pods);
        if (missing is not null)
        {
            return Calculation.Failed(missing);
        }

        if (values.Keys.Sum(name => requests[name]) == 0)
        {
            return Calculation.Failed("no metrics returned matched known pods");
        }

        var measured = Measure(values);
        return measured with { Replicas = Replicas(current, values, groups, v => Measure(v).Ratio, pod => requests[pod.Name] * Math.Max(100, targetPercent) / 100) };

        Calculation Measure(IReadOnlyDictionary<string, long> all)
        {
            // Whole percent, as Kubernetes rounds: 33 of 100 and not 33.3.
            var (used, requested) = (all.Values.Sum(), all.Keys.Sum(name => requests[name]));
            var percent = (int)Int128.Clamp((Int128)used * 100 / Math.Max(1, requested), int.MinValue, int.MaxValue);
            return new Calculation(0, used / all.Count, percent, (double)percent / targetPercent, null);
        }
    }

    /// <summary>By what pods use on average.</summary>
    /// <param name="current">Present number of replicas.</param>
    /// <param name="targetMilli">Desired average in thousandths.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="container">Name of a container; empty for whole pods.</param>
    /// <param name="pods">The pods.</param>
    public Calculation ByAverage(int current, long targetMilli, string resource, string container, IReadOnlyList<AutoscaledPod> pods)
    {
        var (samples, error) = Samples(resource, container, pods);
        return error is not null ? Calculation.Failed(error) : ByAverage(current, targetMilli, samples, resource == "cpu", pods);
    }

    /// <summary>By the average of any value that pods have.</summary>
    /// <param name="current">Present number of replicas.</param>
    /// <param name="targetMilli">Desired average in thousandths.</param>
    /// <param name="samples">The values by the names of pods.</param>
    /// <param name="isCpu">See <see cref="PodGroups.Of"/>.</param>
    /// <param name="pods">The pods.</param>
    public Calculation ByAverage(int current, long targetMilli, IReadOnlyDictionary<string, ResourceSample> samples, bool isCpu, IReadOnlyList<AutoscaledPod> pods)
    {
        if (pods.Count == 0)
        {
            return Calculation.Failed(NoPods);
        }

        var groups = PodGroups.Of(pods, samples, isCpu, settings, now);
        var values = Counted(samples, groups);
        if (values.Count == 0)
        {
            return Calculation.Failed(NotReady);
        }

        var measured = Measure(values);
        return measured with { Replicas = Replicas(current, values, groups, v => Measure(v).Ratio, _ => targetMilli) };

        Calculation Measure(IReadOnlyDictionary<string, long> all)
        {
            var average = all.Values.Sum() / all.Count;
            return new Calculation(0, average, null, (double)average / targetMilli, null);
        }
    }

    /// <summary>By one value for all pods: the ready ones times value divided by target.</summary>
    /// <param name="current">Present number of replicas.</param>
    /// <param name="milli">The value in thousandths.</param>
    /// <param name="targetMilli">Desired value in thousandths.</param>
    /// <param name="pods">The pods.</param>
    public Calculation ByValue(int current, long milli, long targetMilli, IReadOnlyList<AutoscaledPod> pods)
    {
        var ratio = (double)milli / targetMilli;
        return current == 0 ? new Calculation(Ceiling(ratio), milli, null, ratio, null)
            : IsWithinTolerance(ratio) ? new Calculation(current, milli, null, ratio, null)
            : pods.Count == 0 ? Calculation.Failed($"unable to calculate ready pods: {NoPods}")
            : new Calculation(Ceiling(ratio * pods.Count(p => p.Outline is { IsReady: true, Object.Phase: "Running" })), milli, null, ratio, null);
    }

    /// <summary>By one value that the pods share: the value divided by what each of them shall have.</summary>
    /// <param name="observed">Observed number of pods.</param>
    /// <param name="milli">The value in thousandths.</param>
    /// <param name="targetMilli">Desired value for each pod in thousandths.</param>
    public Calculation ByShare(int observed, long milli, long targetMilli)
    {
        var ratio = milli / ((double)targetMilli * observed);
        var average = observed == 0 ? milli : (long)Math.Ceiling((double)milli / observed);
        return new Calculation(IsWithinTolerance(ratio) ? observed : Ceiling((double)milli / targetMilli), average, null, ratio, null);
    }

    // What is unknown must not lead to a change: a pod without a value uses all that it may when pods are to be removed, and nothing when pods are to be added.
    private int Replicas(int current, Dictionary<string, long> values, PodGroups groups, Func<IReadOnlyDictionary<string, long>, double> ratioOf, Func<AutoscaledPod, long> most)
    {
        var ratio = ratioOf(values);
        var isUpWithUnready = groups.Unready.Count > 0 && ratio > 1;
        if (!isUpWithUnready && groups.Missing.Count == 0)
        {
            return IsWithinTolerance(ratio) ? current : Ceiling(ratio * groups.ReadyCount);
        }

        foreach (var pod in ratio < 1 || ratio > 1 ? groups.Missing : [])
        {
            values[pod.Name] = ratio < 1 ? most(pod) : 0;
        }

        foreach (var pod in isUpWithUnready ? groups.Unready : [])
        {
            values[pod.Name] = 0;
        }

        var cautious = ratioOf(values);
        if (IsWithinTolerance(cautious) || (ratio < 1 && cautious > 1) || (ratio > 1 && cautious < 1))
        {
            return current;
        }

        var replicas = Ceiling(cautious * values.Count);
        return (cautious < 1 && replicas > current) || (cautious > 1 && replicas < current) ? current : replicas;
    }

    private static (Dictionary<string, ResourceSample> Samples, string? Error) Samples(string resource, string container, IReadOnlyList<AutoscaledPod> pods)
    {
        Dictionary<string, ResourceSample> samples = [];
        if (!pods.Any(p => p.Usage is not null))
        {
            return (samples, $"unable to get metrics for resource {resource}: no metrics returned from resource metrics API");
        }

        foreach (var pod in pods.Where(p => p.Usage is not null))
        {
            if (container.Length > 0 && pod.Usage!.Containers.All(c => c.Name != container))
            {
                return (samples, $"unable to get metrics for resource {resource}: failed to get container metrics: container {container} not present in metrics for pod {pod.Outline.Object.Namespace}/{pod.Name}");
            }

            if (pod.Sample(resource, container) is { } sample)
            {
                samples[pod.Name] = sample;
            }
        }

        return (samples, null);
    }

    // Pods of one template share their spec, so it is read once for all of them.
    private static (Dictionary<string, long> Requests, string? Error) Requests(string resource, string container, IReadOnlyList<AutoscaledPod> pods)
    {
        Dictionary<string, long> requests = new(pods.Count);
        Dictionary<V1PodSpec, long> known = new(ReferenceEqualityComparer.Instance);
        foreach (var pod in pods)
        {
            if (!known.TryGetValue(pod.Spec, out var milli))
            {
                (milli, var error) = pod.Request(resource, container);
                if (error is not null)
                {
                    return (requests, error);
                }

                known[pod.Spec] = milli;
            }

            requests[pod.Name] = milli;
        }

        return (requests, null);
    }

    private static Dictionary<string, long> Counted(IReadOnlyDictionary<string, ResourceSample> samples, PodGroups groups)
    {
        var values = samples.ToDictionary(s => s.Key, s => s.Value.Milli);
        foreach (var pod in groups.Ignored.Concat(groups.Unready))
        {
            values.Remove(pod.Name);
        }

        return values;
    }

    private bool IsWithinTolerance(double ratio) => 1 - settings.Tolerance <= ratio && ratio <= 1 + settings.Tolerance;

    private static int Ceiling(double replicas) => (int)Math.Min(int.MaxValue, Math.Ceiling(replicas));
}

/// <summary>What the values of one metric ask for.</summary>
/// <param name="Replicas">Number of replicas.</param>
/// <param name="AverageMilli">Average value of the pods whose values count, in thousandths.</param>
/// <param name="Percent">Average share of their requests; null if the target is not a share.</param>
/// <param name="Ratio">Value divided by target.</param>
/// <param name="Error">Why there is no result, worded as in Kubernetes; null if there is one.</param>
internal readonly record struct Calculation(int Replicas, long AverageMilli, int? Percent, double Ratio, string? Error)
{
    /// <summary>No result.</summary>
    public static Calculation Failed(string error) => new(0, 0, null, 0, error);
}
