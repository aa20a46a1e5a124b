using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Workloads;
using Orchestrator.Tests.Kit;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.Deployments;

/// <summary>A deployment, its replica sets and pods, moved by the planners alone; the test chooses who acts next.</summary>
internal sealed class RolloutWorld(V1Deployment deployment)
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private int _ids;

    public V1Deployment Deployment { get; } = deployment;

    public List<V1ReplicaSet> ReplicaSets { get; } = [];

    public List<V1Pod> Pods { get; } = [];

    public List<DeploymentEvent> Events { get; } = [];

    public List<DeploymentRollback> Rollbacks { get; } = [];

    /// <summary>The versions of the configuration; null for none.</summary>
    public Func<V1PodTemplateSpec, string?>? Versions { get; set; }

    /// <summary>Images whose pods never become ready, besides those called "broken…".</summary>
    public HashSet<string> Breaks { get; } = [];

    public DateTimeOffset Now { get; set; } = Start;

    public int Available => Pods.Count(p => p.Outline().IsReady);

    public int Planned => ReplicaSets.Sum(r => r.Spec.Replicas!.Value);

    public static V1Deployment NewDeployment(int replicas, string image = "v1", string surge = "25%", string unavailable = "25%") => new()
    {
        Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default", Uid = "d-uid", Generation = 1 },
        Spec = new V1DeploymentSpec
        {
            Replicas = replicas,
            Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } },
            Strategy = new V1DeploymentStrategy { Type = "RollingUpdate", RollingUpdate = new V1RollingUpdateDeployment { MaxSurge = surge, MaxUnavailable = unavailable } },
            Template = new V1PodTemplateSpec
            {
                Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "web" } },
                Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = image }] },
            },
        },
    };

    public void SetImage(string image)
    {
        Deployment.Spec.Template.Spec.Containers[0].Image = image;
        Deployment.Metadata.Generation++;
    }

    /// <summary>Pins the versions of the configuration, as the controller does before it plans.</summary>
    public void Pin()
    {
        Deployment.Spec.Template = ConfigPin.With(Deployment.Spec.Template, Versions!(Deployment.Spec.Template));
        Deployment.Metadata.Generation++;
    }

    public void SetReplicas(int replicas)
    {
        Deployment.Spec.Replicas = replicas;
        Deployment.Metadata.Generation++;
    }

    public string ImageOf(V1ReplicaSet rs) => rs.Spec.Template.Spec.Containers[0].Image;

    public V1ReplicaSet WithImage(string image) => ReplicaSets.Single(r => ImageOf(r) == image);

    public V1DeploymentCondition? Condition(string type) => DeploymentConditions.Find(Deployment.Status?.Conditions, type);

    /// <summary>Carries out a plan; without its status or its annotations if the host is killed in between.</summary>
    public DeploymentPlan StepDeployment(bool losesStatus = false, bool losesAnnotations = false)
    {
        Now = Now.AddSeconds(1);
        var plan = DeploymentPlanner.Plan(Deployment, ReplicaSets, [.. Pods.Select(p => p.Outline())], Now, versions: Versions);
        if (plan.Rollback is { } rollback)
        {
            Rollbacks.Add(rollback);
            Deployment.Spec.Template = Models.Copy(rollback.Template);
            Deployment.Spec.Template.Metadata.Labels.Remove(TemplateHash.Label);
            Deployment.Metadata.Generation++;
            Deployment.Metadata.Annotations[AutoRollback.From] = Revisions.Text(rollback.From);
            Deployment.Metadata.Annotations[AutoRollback.To] = AutoRollback.HashOf(rollback.Template);
            return plan;
        }

        if (plan.CreateReplicaSet is { } created)
        {
            created.Metadata.Uid = "rs-" + ++_ids;
            created.Metadata.CreationTimestamp = Now.UtcDateTime;
            created.Metadata.Generation = 1;
            ReplicaSets.Add(created);
        }

        foreach (var scale in plan.Scale)
        {
            scale.Rs.Spec.Replicas = scale.Replicas;
            scale.Rs.Metadata.Generation++;
            scale.Rs.Metadata.Annotations ??= new Dictionary<string, string>();
            foreach (var (key, value) in scale.Annotations)
            {
                scale.Rs.Metadata.Annotations[key] = value;
            }
        }

        ReplicaSets.RemoveAll(plan.Delete.Contains);
        Deployment.Metadata.Annotations ??= new Dictionary<string, string>();
        foreach (var (key, value) in plan.Annotations.Where(_ => !losesAnnotations))
        {
            if (value is null)
            {
                Deployment.Metadata.Annotations.Remove(key);
            }
            else
            {
                Deployment.Metadata.Annotations[key] = value;
            }
        }

        Deployment.Status = losesStatus ? Deployment.Status : plan.Status ?? Deployment.Status;
        Events.AddRange(plan.Events);
        return plan;
    }

    public bool StepReplicaSet(V1ReplicaSet rs)
    {
        Now = Now.AddSeconds(1);
        var mine = Pods.Select(p => p.Outline()).Where(p => p.Object.Controller?.Uid == rs.Metadata.Uid).ToList();
        var plan = ReplicaSetPlanner.Plan(rs, mine, Now);
        rs.Status = plan.Status ?? rs.Status;
        Pods.RemoveAll(p => plan.Delete.Any(d => d.Object.Uid == p.Metadata.Uid));
        for (var i = 0; i < plan.CreateCount; i++)
        {
            var pod = TemplatedPods.NewPod(ReplicaSetDefinition.Instance, rs.Metadata, rs.Spec.Template);
            pod.Metadata.Uid = pod.Metadata.Name = pod.Metadata.GenerateName + ++_ids;
            pod.Metadata.CreationTimestamp = Now.UtcDateTime;
            pod.Status = new V1PodStatus { Phase = "Pending" };
            Pods.Add(pod);
        }

        return plan.Status is not null || plan.CreateCount > 0 || plan.Delete.Count > 0;
    }

    /// <summary>Pods of images that are broken by now are no longer ready.</summary>
    public void Break() => Judge(p => IsBroken(p), "False");

    /// <summary>Pods of images that are not broken become ready.</summary>
    public void Mend() => Judge(p => !IsBroken(p), "True");

    /// <summary>Starts one pod; pods of an image called "broken…" run without ever becoming ready.</summary>
    public bool StepPod(V1Pod pod)
    {
        if (pod.Status.Phase == "Running")
        {
            return false;
        }

        Now = Now.AddSeconds(1);
        var isReady = !IsBroken(pod);
        pod.Spec.NodeName = "n";
        pod.Status = new V1PodStatus
        {
            Phase = "Running",
            Conditions = [new V1PodCondition { Type = "Ready", Status = isReady ? "True" : "False", LastTransitionTime = Now.UtcDateTime }],
        };
        return true;
    }

    /// <summary>Lets one of them act, chosen by the number.</summary>
    public void Step(int choice)
    {
        var turn = choice % (1 + ReplicaSets.Count + Pods.Count);
        if (turn == 0 || ReplicaSets.Count == 0)
        {
            StepDeployment();
        }
        else if (turn <= ReplicaSets.Count)
        {
            StepReplicaSet(ReplicaSets[turn - 1]);
        }
        else
        {
            StepPod(Pods[turn - 1 - ReplicaSets.Count]);
        }
    }

    /// <summary>Nobody acts until the deadline of a rollout has passed; then everyone does.</summary>
    public void Expire(Action? check = null)
    {
        Now += TimeSpan.FromSeconds(601);
        Settle(check);
    }

    /// <summary>Everyone acts until nobody has anything left to do.</summary>
    public void Settle(Action? check = null)
    {
        for (var round = 0; round < 300; round++)
        {
            var plan = StepDeployment();
            var moved = plan.CreateReplicaSet is not null || plan.Status is not null || plan.Scale.Count > 0 || plan.Delete.Count > 0 || plan.Rollback is not null;
            check?.Invoke();
            foreach (var rs in ReplicaSets.ToList())
            {
                moved |= StepReplicaSet(rs);
            }

            foreach (var pod in Pods.ToList())
            {
                moved |= StepPod(pod);
            }

            check?.Invoke();
            if (!moved)
            {
                return;
            }
        }

        Assert.Fail("The deployment does not settle.");
    }

    private bool IsBroken(V1Pod pod) => pod.Spec.Containers[0].Image is var image && (image.StartsWith("broken", StringComparison.Ordinal) || Breaks.Contains(image));

    private void Judge(Func<V1Pod, bool> which, string isReady)
    {
        Now = Now.AddSeconds(1);
        foreach (var pod in Pods.Where(p => p.Status.Phase == "Running" && which(p)))
        {
            pod.Status.Conditions = [new V1PodCondition { Type = "Ready", Status = isReady, LastTransitionTime = Now.UtcDateTime }];
        }
    }
}
