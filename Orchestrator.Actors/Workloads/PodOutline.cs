using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Workloads;

/// <summary>The properties of a pod that controllers use. Reading them costs a tenth of
/// reading the whole pod.</summary>
/// <param name="Object">The pod.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="IsReady">Whether its condition Ready is true.</param>
/// <param name="ReadySince">When it became ready; null if it is not.</param>
/// <param name="Restarts">Highest restart count of its containers.</param>
/// <param name="DeletionCost">Cost of its deletion relative to its siblings (annotation <c>controller.kubernetes.io/pod-deletion-cost</c>).</param>
public sealed record PodOutline(KubeObject Object, DateTime? CreatedAt, bool IsReady, DateTime? ReadySince, int Restarts, int DeletionCost)
{
    private const string CostAnnotation = "controller.kubernetes.io/pod-deletion-cost";
    private const string IndexAnnotation = "batch.kubernetes.io/job-completion-index";
    private const string FailuresAnnotation = "batch.kubernetes.io/job-index-failure-count";
    private const string IgnoredAnnotation = "batch.kubernetes.io/job-index-ignored-failure-count";

    /// <summary>Restarts of all its containers.</summary>
    public int AllRestarts { get; init; }

    /// <summary>Restarts of all its init containers.</summary>
    public int InitRestarts { get; init; }

    /// <summary>When it ended: the end of its last container or, if its containers are not known to have ended, the begin of its deletion. Null if it has
    /// not ended.</summary>
    public DateTime? FinishedAt { get; init; }

    /// <summary>When its deletion is to be complete, if it has begun: the field <c>deletionTimestamp</c>, the end of its grace period.</summary>
    public DateTime? DeletionDue { get; init; }

    /// <summary>Its grace period in seconds, if its deletion has begun.</summary>
    public long DeletionGraceSeconds { get; init; }

    /// <summary>Which of the completions of an indexed job it is to bring about (annotation <c>batch.kubernetes.io/job-completion-index</c>); null for none.</summary>
    public int? CompletionIndex { get; init; }

    /// <summary>Whether its condition Ready is true; null if it has none.</summary>
    public bool? Readiness { get; init; }

    /// <summary>When its condition Ready last changed; null if it has none.</summary>
    public DateTime? ReadinessChangedAt { get; init; }

    /// <summary>When its agent accepted it; null before.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>How often pods of its completion index failed before it (annotation <c>batch.kubernetes.io/job-index-failure-count</c>).</summary>
    public int IndexFailures { get; init; }

    /// <summary>How often pods of its completion index failed before it without being counted (annotation
    /// <c>batch.kubernetes.io/job-index-ignored-failure-count</c>).</summary>
    public int IgnoredIndexFailures { get; init; }

    /// <summary>Its first address; null if it has none yet.</summary>
    public string? Address { get; init; }

    /// <summary>All its addresses: one, or one of each family.</summary>
    public ImmutableArray<string> Addresses { get; init; } = [];

    /// <summary><c>spec.hostname</c>; null if it is absent.</summary>
    public string? Hostname { get; init; }

    /// <summary><c>spec.subdomain</c>; null if it is absent.</summary>
    public string? Subdomain { get; init; }

    /// <summary>The ports of its containers that have a name.</summary>
    public ImmutableArray<EndpointPort> Ports { get; init; } = [];

    /// <summary>Whether it has no network of its own (<c>spec.hostNetwork</c>).</summary>
    public bool IsHostNetwork { get; init; }

    /// <summary>Whether it has not ended and is not being deleted.</summary>
    public bool IsActive => !HasEnded && !Object.IsDeleting;

    /// <summary>Whether its phase is Succeeded or Failed.</summary>
    public bool HasEnded => Object.Phase is "Succeeded" or "Failed";

    /// <summary>Returns the outline of a pod; cached for each version.</summary>
    public static PodOutline Of(KubeObject pod) => pod.Outline(Read);

    /// <summary>Returns the time until a ready pod is available: zero if it is already, null if it is not ready.</summary>
    public TimeSpan? UntilAvailable(int minReadySeconds, DateTimeOffset now)
    {
        if (!IsReady || minReadySeconds <= 0)
        {
            return IsReady ? TimeSpan.Zero : null;
        }

        if (ReadySince is not { } since)
        {
            return null;
        }

        var left = since.AddSeconds(minReadySeconds) - now.UtcDateTime;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static PodOutline Read(KubeObject pod)
    {
        using var document = JsonDocument.Parse(pod.Json);
        var metadata = document.RootElement.GetProperty("metadata");
        var status = document.RootElement.TryGetProperty("status", out var s) ? s : default;
        var spec = document.RootElement.TryGetProperty("spec", out var wanted) ? wanted : default;
        var ready = Ready(status);
        var isReady = ready is { } condition && condition.GetProperty("status").ValueEquals("True");
        var changedAt = ready is { } known ? Time(known, "lastTransitionTime") : null;
        var restarts = CountRestarts(status, "containerStatuses");
        return new PodOutline(pod, Time(metadata, "creationTimestamp"), isReady, isReady ? changedAt : null, restarts.Most, Number(metadata, CostAnnotation) ?? 0)
        {
            AllRestarts = restarts.All,
            InitRestarts = CountRestarts(status, "initContainerStatuses").All,
            FinishedAt = pod.IsDeleting || pod.Phase is "Succeeded" or "Failed" ? EndOf(status, ready) ?? BeginOfDeletion(metadata) : null,
            DeletionDue = Time(metadata, "deletionTimestamp"),
            DeletionGraceSeconds = metadata.TryGetProperty("deletionGracePeriodSeconds", out var grace) ? grace.GetInt64() : 0,
            CompletionIndex = Number(metadata, IndexAnnotation) is { } index and >= 0 ? index : null,
            Readiness = ready is null ? null : isReady,
            ReadinessChangedAt = changedAt,
            StartedAt = status.ValueKind == JsonValueKind.Object ? Time(status, "startTime") : null,
            IndexFailures = Math.Max(0, Number(metadata, FailuresAnnotation) ?? 0),
            IgnoredIndexFailures = Math.Max(0, Number(metadata, IgnoredAnnotation) ?? 0),
            Address = Text(status, "podIP"),
            Addresses = Text(status, "podIP") is not { } first ? [] : [first, .. Items(status, "podIPs").Select(i => Text(i, "ip")).OfType<string>().Where(i => i != first)],
            Hostname = Text(spec, "hostname"),
            Subdomain = Text(spec, "subdomain"),
            Ports = NamedPorts(spec),
            IsHostNetwork = spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty("hostNetwork", out var isHost) && isHost.ValueKind == JsonValueKind.True,
        };
    }

    private static ImmutableArray<EndpointPort> NamedPorts(JsonElement spec)
    {
        ImmutableArray<EndpointPort>.Builder? ports = null;
        foreach (var container in Items(spec, "containers").Concat(Items(spec, "initContainers").Where(c => Text(c, "restartPolicy") == "Always")))
        {
            foreach (var port in Items(container, "ports"))
            {
                if (Text(port, "name") is { } name)
                {
                    (ports ??= ImmutableArray.CreateBuilder<EndpointPort>()).Add(new EndpointPort(name, port.GetProperty("containerPort").GetInt32(), Text(port, "protocol") ?? "TCP", null));
                }
            }
        }

        return ports?.ToImmutable() ?? [];
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static int? Number(JsonElement metadata, string annotation) => metadata.TryGetProperty("annotations", out var annotations) && annotations.TryGetProperty(annotation, out var text)
        && int.TryParse(text.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    // The condition Ready became false when the last container ended.
    private static DateTime? EndOf(JsonElement status, JsonElement? ready)
    {
        DateTime? end = null;
        var (all, ended) = (0, 0);
        foreach (var container in Items(status, "containerStatuses"))
        {
            all++;
            if (container.TryGetProperty("state", out var state) && state.TryGetProperty("terminated", out var terminated) && Time(terminated, "finishedAt") is { } at)
            {
                (end, ended) = (end is null || at > end ? at : end, ended + 1);
            }
        }

        return ended > 0 && ended == all ? end
            : ready is { } condition && condition.GetProperty("status").ValueEquals("False") ? Time(condition, "lastTransitionTime") : null;
    }

    private static DateTime? BeginOfDeletion(JsonElement metadata) => Time(metadata, "deletionTimestamp")
        ?.AddSeconds(metadata.TryGetProperty("deletionGracePeriodSeconds", out var grace) ? -grace.GetInt64() : 0);

    private static JsonElement? Ready(JsonElement status)
    {
        foreach (var condition in Items(status, "conditions"))
        {
            if (condition.GetProperty("type").ValueEquals("Ready"))
            {
                return condition;
            }
        }

        return null;
    }

    private static (int Most, int All) CountRestarts(JsonElement status, string list)
    {
        var (most, all) = (0, 0);
        foreach (var container in Items(status, list))
        {
            var restarts = container.TryGetProperty("restartCount", out var count) ? count.GetInt32() : 0;
            (most, all) = (Math.Max(most, restarts), all + restarts);
        }

        return (most, all);
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : default;

    private static DateTime? Time(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? KubeTime.Read(value.GetString()!)?.UtcDateTime : null;
}
