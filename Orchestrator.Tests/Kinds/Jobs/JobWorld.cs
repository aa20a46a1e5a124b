using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using Orchestrator.Tests.Kit;
using k8s;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.Jobs;

/// <summary>A job and its pods, to which the plans of <see cref="JobPlanner"/> are applied.</summary>
internal sealed class JobWorld
{
    private const string Tracking = "batch.kubernetes.io/job-tracking";
    private readonly List<V1Pod> _gone = [];
    private int _number;

    public JobWorld(Action<V1JobSpec>? change = null)
    {
        change?.Invoke(Job.Spec);
    }

    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public V1Job Job { get; } = new()
    {
        Metadata = new V1ObjectMeta { Name = "work", Uid = "job-uid", NamespaceProperty = "default", Generation = 1 },
        Spec = new V1JobSpec
        {
            Completions = 1,
            Parallelism = 1,
            BackoffLimit = 6,
            CompletionMode = "NonIndexed",
            PodReplacementPolicy = "TerminatingOrFailed",
            Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["controller-uid"] = "job-uid" } },
            Template = new V1PodTemplateSpec
            {
                Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["controller-uid"] = "job-uid" } },
                Spec = new V1PodSpec { RestartPolicy = "Never", Containers = [new V1Container { Name = "c", Image = "i" }] },
            },
        },
    };

    public List<V1Pod> Pods { get; } = [];

    /// <summary>Pods that were ever created, the ones that are gone too.</summary>
    public IEnumerable<V1Pod> Ever => Pods.Concat(_gone);

    public List<JobEvent> Events { get; } = [];

    public IEnumerable<V1Pod> Active => Pods.Where(p => p.Outline().IsActive);

    /// <summary>The active pod of a completion index.</summary>
    public V1Pod ActiveAt(int index) => Active.Single(p => p.Outline().CompletionIndex == index);

    public JobPlan Plan() => JobPlanner.Plan(Job, [.. Pods.Select(p => p.Outline())], Now);

    /// <summary>Plans and applies until nothing is left to do now.</summary>
    public JobPlan Settle()
    {
        for (var i = 0; i < 100; i++)
        {
            var plan = Plan();
            if (!Apply(plan, _ => true))
            {
                return plan;
            }
        }

        throw new InvalidOperationException("The plans do not come to an end.");
    }

    /// <summary>Applies the commands of a plan that are carried out.</summary>
    /// <returns>Whether the plan had any.</returns>
    public bool Apply(JobPlan plan, Func<int, bool> isDone)
    {
        var number = 0;
        bool Next() => isDone(number++);
        foreach (var pod in plan.Delete.Where(_ => Next()))
        {
            Delete(Find(pod));
        }

        foreach (var pod in plan.Untrack.Where(_ => Next()))
        {
            Untrack(Find(pod));
        }

        foreach (var pod in plan.Adopt.Where(_ => Next()))
        {
            Find(pod).Metadata.OwnerReferences = [ControllerRefs.ReferenceTo("batch/v1", "Job", Job.Metadata)];
            Find(pod).Metadata.Finalizers = [Tracking];
        }

        foreach (var wanted in plan.Create.Where(_ => Next()))
        {
            Create(wanted);
        }

        if (plan.Status is not null && Next())
        {
            Job.Status = plan.Status;
            Events.AddRange(plan.Events);
        }

        return number > 0;
    }

    public V1Pod Create(NewPod wanted = default, bool isOrphan = false)
    {
        var made = JobTemplate.NewPods(Job, [wanted], NoObjects.Instance, () => "x").Single();
        Assert.True(made.IsAdmitted);
        var pod = KubernetesJson.Deserialize<V1Pod>(made.Pod.ToJsonString());
        pod.Metadata.Name = pod.Metadata.Uid = $"p{_number++}";
        pod.Metadata.CreationTimestamp = Now.UtcDateTime;
        pod.Spec.NodeName = "n1";
        pod.Status = new V1PodStatus { Phase = "Running", Conditions = [new V1PodCondition { Type = "Ready", Status = "True", LastTransitionTime = Now.UtcDateTime }] };
        if (isOrphan)
        {
            (pod.Metadata.OwnerReferences, pod.Metadata.Finalizers) = (null, null);
        }

        Pods.Add(pod);
        return pod;
    }

    public void Succeed(V1Pod pod) => End(pod, "Succeeded", 0);

    public void Fail(V1Pod pod, int exitCode = 1) => End(pod, "Failed", exitCode);

    public void Delete(V1Pod pod) => pod.Metadata.DeletionTimestamp ??= Now.UtcDateTime;

    /// <summary>What is being deleted ends and is gone, unless it is tracked.</summary>
    public void Terminate()
    {
        foreach (var pod in Pods.Where(p => p.Metadata.DeletionTimestamp is not null).ToList())
        {
            if (pod.Metadata.Finalizers is { Count: > 0 })
            {
                End(pod, pod.Status.Phase is "Succeeded" ? "Succeeded" : "Failed", 143);
            }
            else
            {
                Pods.Remove(pod);
                _gone.Add(pod);
            }
        }
    }

    public V1JobCondition? Condition(string type) => Job.Status?.Conditions?.FirstOrDefault(c => c.Type == type);

    public bool Is(string type) => Condition(type)?.Status == "True";

    private void End(V1Pod pod, string phase, int exitCode)
    {
        pod.Status.Phase = phase;
        pod.Status.Conditions = [new V1PodCondition { Type = "Ready", Status = "False", LastTransitionTime = Now.UtcDateTime }];
        pod.Status.ContainerStatuses =
        [
            new V1ContainerStatus { Name = "c", State = new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = exitCode, FinishedAt = Now.UtcDateTime } } },
        ];
    }

    private static void Untrack(V1Pod pod) => pod.Metadata.Finalizers = null;

    private V1Pod Find(PodOutline pod) => Pods.Single(p => p.Metadata.Uid == pod.Object.Uid);
}
