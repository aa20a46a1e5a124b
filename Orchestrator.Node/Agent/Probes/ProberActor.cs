using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using k8s.Models;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Node.Agent.Probes;

/// <summary>Runs the probes of one attempt of a container and reports changed results to its pod (Kubernetes, "Liveness, Readiness and Startup Probes").</summary>
internal sealed class ProberActor : ReceiveActor, IWithTimers
{
    private readonly string _podUid;
    private readonly V1Container _container;
    private readonly string? _podIp;
    private readonly AgentServices _services;
    private readonly Dictionary<ProbeKind, ProbeCount> _counts = [];
    private ProbeOutcome _outcome;

    public ProberActor(string podUid, V1Container container, ProbeOutcome initial, string? podIp, AgentServices services)
    {
        _podUid = podUid;
        _container = container;
        _podIp = podIp;
        _services = services;
        _outcome = initial;
        Receive<ProbeKind>(kind => RunAsync(kind, Of(kind)!).PipeTo(Self));
        Receive<ProbeResult>(Judge);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(string podUid, V1Container container, ProbeOutcome initial, string? podIp, AgentServices services) =>
        Akka.Actor.Props.Create(() => new ProberActor(podUid, container, initial, podIp, services));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        if (!_outcome.IsStarted)
        {
            Schedule(ProbeKind.Startup, isFirst: true);
        }
        else
        {
            Begin();
        }
    }

    private void Begin()
    {
        Tell(null);
        foreach (var kind in (ProbeKind[])[ProbeKind.Readiness, ProbeKind.Liveness])
        {
            if (Of(kind) is not null)
            {
                Schedule(kind, isFirst: true);
            }
        }
    }

    private V1Probe? Of(ProbeKind kind) => kind switch
    {
        ProbeKind.Startup => _container.StartupProbe,
        ProbeKind.Readiness => _container.ReadinessProbe,
        _ => _container.LivenessProbe,
    };

    private void Schedule(ProbeKind kind, bool isFirst)
    {
        var probe = Of(kind)!;
        var delay = isFirst ? probe.InitialDelaySeconds ?? 0 : Math.Max(1, probe.PeriodSeconds ?? 10);
        if (delay == 0)
        {
            Self.Tell(kind);
        }
        else
        {
            Timers.StartSingleTimer(kind, kind, TimeSpan.FromSeconds(delay));
        }
    }

    private void Judge(ProbeResult result)
    {
        var kind = result.Kind;
        _services.Probes.Count(_podUid, _container.Name, kind.ToString(), result.IsSuccess);
        var probe = Of(kind)!;
        var count = _counts[kind] = _counts.GetValueOrDefault(kind, new ProbeCount(0, 0)).Next(result.IsSuccess);
        var isGood = count.Successes >= Math.Max(1, probe.SuccessThreshold ?? 1);
        var isBad = count.Failures >= Math.Max(1, probe.FailureThreshold ?? 3);
        var recorded = result.IsSuccess ? null : new RecordedEvent("Warning", "Unhealthy", $"{kind} probe failed: {result.Message}", "kubelet");
        var before = _outcome;
        _outcome = (kind, isGood, isBad) switch
        {
            (ProbeKind.Startup, true, _) => _outcome with { IsStarted = true },
            (ProbeKind.Startup, _, true) => _outcome with { KillReason = ProbeOutcome.FailedStartup },
            (ProbeKind.Liveness, _, true) => _outcome with { KillReason = ProbeOutcome.FailedLiveness },
            (ProbeKind.Readiness, true, _) => _outcome with { IsReady = true },
            (ProbeKind.Readiness, _, true) => _outcome with { IsReady = false },
            _ => _outcome,
        };
        if (_outcome != before || recorded is not null)
        {
            Tell(recorded);
        }

        if (_outcome.KillReason is not null)
        {
            Context.Stop(Self);
        }
        else if (kind == ProbeKind.Startup && _outcome.IsStarted)
        {
            Begin();
        }
        else
        {
            Schedule(kind, isFirst: false);
        }
    }

    private void Tell(RecordedEvent? recorded) => Context.Parent.Tell(new PodWorkerActor.ProbeReport(_container.Name, _outcome, recorded));

    private async Task<ProbeResult> RunAsync(ProbeKind kind, V1Probe probe)
    {
        var bound = TimeSpan.FromSeconds(Math.Max(1, probe.TimeoutSeconds ?? 1));
        try
        {
            if (probe.Exec is { } exec)
            {
                var (code, output) = await _services.Runtime.ExecAsync(_podUid, _container.Name, [.. exec.Command], bound, CancellationToken.None).ConfigureAwait(false);
                return new ProbeResult(kind, code == 0, code is null ? $"command timed out after {bound.TotalSeconds:0}s" : output.Trim());
            }

            if (!_services.Runtime.HasNetwork)
            {
                return new ProbeResult(kind, true, "");
            }

            using var timeout = new CancellationTokenSource(bound, _services.Time);
            if (probe.HttpGet is { } get)
            {
                var status = await HttpAction.GetAsync(get, _container, _podIp, "kube-probe", timeout.Token).ConfigureAwait(false);
                return new ProbeResult(kind, status is >= HttpStatusCode.OK and < HttpStatusCode.BadRequest,
                    string.Create(CultureInfo.InvariantCulture, $"HTTP probe failed with statuscode: {(int)status}"));
            }

            if (probe.TcpSocket is { } tcp)
            {
                using var client = new TcpClient();
                await client.ConnectAsync(tcp.Host ?? _podIp ?? "", HttpAction.Port(tcp.Port, _container), timeout.Token).ConfigureAwait(false);
                return new ProbeResult(kind, true, "");
            }

            if (probe.Grpc is { } grpc)
            {
                var why = await GrpcAction.AskAsync(grpc, _podIp ?? "", timeout.Token).ConfigureAwait(false);
                return new ProbeResult(kind, why is null, why ?? "");
            }

            return new ProbeResult(kind, true, "");
        }
        catch (OperationCanceledException)
        {
            return new ProbeResult(kind, false, $"no answer in {bound.TotalSeconds:0}s");
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or RuntimeUnavailableException or ContainerRefusedException or ArgumentException or UriFormatException)
        {
            return new ProbeResult(kind, false, e.Message);
        }
    }

    internal enum ProbeKind
    {
        Startup,
        Readiness,
        Liveness,
    }

    private sealed record ProbeResult(ProbeKind Kind, bool IsSuccess, string Message);

    private sealed record ProbeCount(int Successes, int Failures)
    {
        public ProbeCount Next(bool isSuccess) => isSuccess ? new(Successes + 1, 0) : new(0, Failures + 1);
    }
}
