using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Tests.Simulation;

/// <summary>One pod on a node: production's <see cref="PodPlanner"/>, <see cref="PodStatusBuilder"/>, <see cref="PodWaiting"/> and <see cref="StepFailure"/> in the
/// order of <see cref="PodWorkerActor"/>, on a simulated runtime.</summary>
internal sealed class SimulatedPodWorker
{
    private static readonly TimeSpan CreatingShownAfter = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan UnexpectedFailureDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RemovalRetryDelay = TimeSpan.FromSeconds(5);
    private readonly World _world;
    private readonly SimulatedNode _node;
    private readonly SimulatedAgent _agent;
    private readonly Life _life = new();
    private readonly SimulatedOutbox<PodCommand> _commands;
    private readonly ReportPace _pace = new();
    private KubeObject _pod;
    private RuntimePodStatus? _observed;
    private PodMemory _memory = PodMemory.Empty;
    private Action? _step;
    private int _stepNumber;
    private bool _isStale = true;
    private bool _hasLooked;
    private int _unexpectedFailures;
    private DateTimeOffset? _sandboxNotBefore;
    private bool _mayReport;
    private bool _isReporting;
    private bool _isLeaving;
    private Removal? _removal;

    public SimulatedPodWorker(World world, SimulatedNode node, SimulatedAgent agent, KubeObject pod)
    {
        (_world, _node, _agent, _pod) = (world, node, agent, pod);
        _commands = new SimulatedOutbox<PodCommand>(world, $"{By} pod {pod.Uid}", _life, ObjectCommand.ReplyBound, RetryPolicy.Default, Settled, Due);
        world.Time.After(CreatingShownAfter, _life, Show);
    }

    private string By => $"system:node:{_node.Name}";

    private PodManifest Spec => PodManifest.Of(_pod);

    /// <summary>The agent ends. The runtime may do the step that is under way.</summary>
    public void Die()
    {
        _life.End();
        Abandon();
    }

    /// <summary>A version of the pod arrived.</summary>
    public void Change(KubeObject pod)
    {
        if (pod.Revision > _pod.Revision)
        {
            _pod = pod;
        }

        if (_pod.IsDeleting)
        {
            Remove(TimeSpan.FromSeconds(Math.Max(0, Spec.Metadata.DeletionGracePeriodSeconds ?? 30)), isGone: false);
            return;
        }

        Continue();
        Report();
    }

    /// <summary>The object is gone.</summary>
    public void Gone() => Remove(TimeSpan.FromSeconds(1), isGone: true);

    /// <summary>A container may have started or ended.</summary>
    public void RuntimeChanged()
    {
        _isStale = true;
        Continue();
    }

    private void Continue()
    {
        if (_step is not null || _isLeaving)
        {
            return;
        }

        if (_isStale)
        {
            _isStale = false;
            Run("look", 5, () => m => m);
            return;
        }

        var now = _world.Time.GetUtcNow();
        var step = _world.Parts.Next(Spec, _observed, _memory, now);
        switch (step)
        {
            case PodStep.Idle:
                Show();
                break;
            case PodStep.WaitUntil wait:
                Wait(wait.At, now);
                break;
            case PodStep.CreateSandbox when _sandboxNotBefore > now:
                Wait(_sandboxNotBefore.Value, now);
                break;
            default:
                Run(PodSteps.About(step), 300, () => Effect(step));
                break;
        }
    }

    private void Wait(DateTimeOffset at, DateTimeOffset now)
    {
        var wait = PodWaiting.Explain(Spec, _observed, _memory, at, now);
        _memory = wait.Memory;
        _world.Time.After(wait.Wake, _life, Continue);
        Show();
    }

    // What the runtime does, and what is remembered of it.
    private Func<PodMemory, PodMemory> Effect(PodStep step)
    {
        switch (step)
        {
            case PodStep.CreateSandbox:
                _node.Runtime.EnsureSandbox(_pod.Uid, _pod.Namespace, _pod.Name);
                return m => m;
            case PodStep.PullImage pull:
                return m => m.With(pull.Container.Name, c => c with { IsImagePresent = true });
            case PodStep.Start start:
                _node.Runtime.Start(_pod.Uid, start.Container, start.Attempt);
                Crash(start.Container.Name);
                return m => m.With(start.Container.Name, c => c with { Waiting = null, NotBefore = null, Failures = 0, IsImagePresent = false, Probes = null });
            case PodStep.StopSandbox:
                _node.Runtime.StopSandbox(_pod.Uid);
                return m => m;
            case PodStep.StopContainers:
                foreach (var running in PodPlanner.Running(Spec.Spec.All(), _observed))
                {
                    _node.Runtime.End(_pod.Uid, running.Name, 143);
                }

                return m => m;
            case PodStep.Kill kill:
                _node.Runtime.End(_pod.Uid, kill.Container.Name, 143);
                return m => m.With(kill.Container.Name, c => c with { Probes = null });
            default:
                throw new InvalidOperationException($"no pod of the simulation needs {step}");
        }
    }

    private void Crash(string container)
    {
        if (Spec.Spec.RestartPolicy == "Never")
        {
            End(container, _world.Parts.TaskFails(_world.Random) ? 1 : 0);
        }
        else if (_world.Random.NextDouble() < _world.Faults.Crash)
        {
            End(container, 1);
        }
    }

    private void End(string container, int exitCode)
    {
        var uid = _pod.Uid;
        _world.Time.After(TimeSpan.FromSeconds(_world.Random.NextDouble() * 5), () =>
        {
            if (_node.Runtime.End(uid, container, exitCode))
            {
                _node.Changed(uid);
            }
        });
    }

    private void Run(string about, int milliseconds, Func<Func<PodMemory, PodMemory>> effect)
    {
        var number = ++_stepNumber;
        _step = () => effect();
        _world.Time.After(TimeSpan.FromMilliseconds(1 + _world.Random.Next(milliseconds)), _life, () =>
        {
            if (number != _stepNumber)
            {
                return;
            }

            _step = null;
            try
            {
                Fail(about);
                Done(effect());
            }
            catch (Exception e) when (e is RuntimeUnavailableException or ImageUnavailableException or ContainerRefusedException or IOException)
            {
                Failed(about, e);
            }
        });
    }

    private void Fail(string about)
    {
        if (_world.Random.NextDouble() >= _world.Faults.Runtime)
        {
            return;
        }

        throw _world.Random.Next(4) switch
        {
            0 => new RuntimeUnavailableException("the runtime does not answer"),
            1 when about != "look" && PodSteps.IsContainer(about) => new ImageUnavailableException("ErrImagePull", "the registry does not answer"),
            2 when about != "look" && PodSteps.IsContainer(about) => new ContainerRefusedException("RunContainerError", "the runtime refuses"),
            _ => new IOException("the runtime failed"),
        };
    }

    private void Done(Func<PodMemory, PodMemory> remember)
    {
        var observed = ContainerRecords.Completed(_node.Runtime.Find(_pod.Uid), _hasLooked ? _observed : ContainerRecords.Reported(_pod, runtimeKeeps: true), _world.Time.GetUtcNow());
        _hasLooked = true;
        if (observed is { IsSandboxRunning: true })
        {
            _unexpectedFailures = 0;
        }

        _observed = observed?.IsSameAs(_observed) == true ? _observed : observed;
        _memory = remember(_memory);
        foreach (var last in Spec.Spec.All().Select(c => PodPlanner.Latest(_observed, c.Name)).OfType<RuntimeContainerStatus>())
        {
            _memory = _memory.With(last.Name, m => PodPlanner.Count(m, last));
        }

        Continue();
    }

    private void Failed(string about, Exception cause)
    {
        _world.Trace.Note($"{_node.Name} {about} of {_pod.Name} failed: {cause.Message}");
        var now = _world.Time.GetUtcNow();
        switch (StepFailure.Classify(about, cause, _memory, _unexpectedFailures, now))
        {
            case StepFailure.RuntimeUnavailable:
                _isStale = true;
                _agent.RuntimeLost();
                break;
            case StepFailure.ContainerBackOff backOff:
                _memory = backOff.Memory;
                _mayReport = true;
                Continue();
                break;
            case StepFailure.Unexpected unexpected:
                _unexpectedFailures++;
                _sandboxNotBefore = now + unexpected.SandboxDelay;
                _isStale = true;
                Show();
                _world.Time.After(UnexpectedFailureDelay, _life, Continue);
                break;
        }
    }

    private void Abandon()
    {
        _stepNumber++;
        if (_step is { } step && _world.Random.Next(2) == 0)
        {
            try
            {
                step();
            }
            catch (ContainerRefusedException)
            {
                // Without a sandbox nothing starts.
            }
        }

        _step = null;
    }

    private void Show()
    {
        _mayReport = true;
        Report();
    }

    private void Report()
    {
        if (_isReporting || !_mayReport || _removal is not null)
        {
            return;
        }

        var before = _pod.ToNode()["status"] as JsonObject ?? [];
        var status = PodStatusBuilder.Build(_pod, _observed, _memory, before, ["127.0.0.1"], "simulated", _world.Time.GetUtcNow());
        if (JsonMerge.Diff(before, status) is { } change)
        {
            if (_pace.Take((change["containerStatuses"] as JsonArray)?.Count ?? 0, _world.Time.GetUtcNow()) is var wait && wait > TimeSpan.Zero)
            {
                _world.Time.After(wait, _life, Report);
                return;
            }

            _isReporting = true;
            _commands.Send(PodCommand.Report, new MergeObject(_pod.Key, _pod.Uid, new JsonObject { ["status"] = change }, "reported", By, _pod.Revision));
        }
    }

    private void Settled(SettledCommand<PodCommand> settled)
    {
        var reply = settled.Reply;
        if (settled.About == PodCommand.Confirm)
        {
            if (reply.IsDeleted || reply.Error is { Reason: ApiReason.NotFound })
            {
                Finish();
            }

            return;
        }

        if (reply.Object is { } pod && pod.Uid == _pod.Uid && pod.Revision > _pod.Revision)
        {
            _pod = pod;
        }

        if (settled.AgainIn is not null)
        {
            return;
        }

        _isReporting = false;
        if (reply.Error is null)
        {
            Report();
        }
    }

    private void Due(DueCommands<PodCommand> due)
    {
        foreach (var givenUp in due.GivenUp)
        {
            Settled(givenUp);
        }

        foreach (var about in due.Again)
        {
            if (about == PodCommand.Confirm)
            {
                Confirm();
                continue;
            }

            _isReporting = false;
            Report();
        }
    }

    private void Remove(TimeSpan grace, bool isGone)
    {
        if (_removal is { } current && current.Grace <= grace && (current.IsGone || !isGone))
        {
            Confirm();
            return;
        }

        _isLeaving = true;
        Abandon();
        var removal = _removal = new Removal(grace, isGone);
        _world.Parts.BeforeRemoval(this);
        var longest = Math.Min(grace.TotalSeconds, 3);
        _world.Time.After(TimeSpan.FromSeconds(_world.Random.NextDouble() * longest), _life, () =>
        {
            if (_removal != removal)
            {
                return;
            }

            if (_world.Random.NextDouble() < _world.Faults.Runtime)
            {
                _removal = null;
                _world.Time.After(RemovalRetryDelay, _life, isGone ? Gone : () => Change(_pod));
                return;
            }

            _node.Runtime.Remove(_pod.Uid);
            removal.IsDone = true;
            if (isGone)
            {
                Finish();
            }
            else
            {
                Confirm();
            }
        });
    }

    private void Confirm()
    {
        if (_removal is { IsDone: true })
        {
            SayStopped();
        }
    }

    /// <summary>Tells the entity that the containers of the pod have stopped.</summary>
    public void SayStopped() => _commands.Send(PodCommand.Confirm, new ConfirmPodStopped(_pod.Key, _pod.Uid, By));

    private void Finish()
    {
        _life.End();
        _agent.Finished(_pod.Uid);
    }

    private sealed class Removal(TimeSpan grace, bool isGone)
    {
        public TimeSpan Grace => grace;

        public bool IsGone => isGone;

        public bool IsDone { get; set; }
    }
}
