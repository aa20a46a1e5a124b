using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api.Tables;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Commands;

/// <summary>Decides from the responses of a server whether the parts of its cluster are healthy. Pure.</summary>
internal static class ClusterChecks
{
    /// <summary>Minimum remaining lifetime of a certificate. Certificates are renewed long before.</summary>
    private const double MinCertificateDays = 30;

    /// <summary>Reads the checks of <c>/readyz?verbose</c>.</summary>
    /// <param name="code">Status code of the response: the server is ready only if it is 200.</param>
    /// <param name="readyz">Body of the response: a line for each check.</param>
    /// <param name="version">Version of the server.</param>
    public static ClusterCheck ApiServer(int code, string readyz, string version)
    {
        if (code == 200)
        {
            return new("API server", true, $"ready, version {version}");
        }

        var failed = readyz.Split('\n').Where(l => l.StartsWith("[-]", StringComparison.Ordinal)).Select(l => l[3..].Replace(" failed: ", ": ", StringComparison.Ordinal)).ToList();
        return failed.Count > 0 ? new("API server", false, "not ready", failed) : new("API server", false, $"not ready: /readyz returned {code}");
    }

    /// <summary>Checks the journal: size, age and errors.</summary>
    public static ClusterCheck Journal(MetricsText metrics, DateTimeOffset now)
    {
        if (metrics.Value("orchestrator_journal_up") is not { } up)
        {
            return new("Journal", null, "the server has no metrics of a journal");
        }

        var size = $"{(metrics.Value("orchestrator_journal_size_bytes") ?? 0) / (1 << 20):0.0} MiB".ToString(CultureInfo.InvariantCulture);
        var oldest = metrics.Value("orchestrator_journal_oldest_event_timestamp_seconds") is > 0 and var at
            ? $", oldest event {Age.Of(DateTimeOffset.FromUnixTimeSeconds((long)at), now)} old" : "";
        return up == 0 ? new("Journal", false, "its database cannot be read")
            : metrics.Value("orchestrator_journal_full") > 0 ? new("Journal", false, $"its disk is full ({size}): free space on it")
            : metrics.Value("orchestrator_cache_unreadable_objects") is > 0 and var unreadable
                ? new("Journal", false, $"objects with an event that cannot be applied: {unreadable}; see 'orc events -A --types=Warning'")
            : new("Journal", true, $"writable, {size}{oldest}");
    }

    /// <summary>Checks the remaining lifetime of the server's certificates.</summary>
    public static ClusterCheck Certificates(MetricsText metrics)
    {
        var left = metrics.ByLabel("orchestrator_certificate_ttl_seconds").Select(c => (Name: c.Label, Days: Math.Floor(c.Value / 86_400))).OrderBy(c => c.Days).ThenBy(c => c.Name, StringComparer.Ordinal).ToList();
        if (left.Count == 0)
        {
            return new("Certificates", null, "the server has no metrics of its certificates");
        }

        var ending = left.Where(c => c.Days < MinCertificateDays).Select(c => $"{c.Name} ({c.Days} days)").ToList();
        return ending.Count > 0 ? new("Certificates", false, $"{ending.Count} {(ending.Count == 1 ? "ends" : "end")} soon", ending) : new("Certificates", true, $"{left[0].Name} ends first, in {left[0].Days} days");
    }

    /// <summary>Checks for nodes that are not ready. Cordoned nodes are healthy.</summary>
    public static ClusterCheck Nodes(IReadOnlyCollection<JsonObject> nodes)
    {
        var notReady = nodes.Select(n => (Node: n, Ready: n.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == "Ready")))
            .Where(n => n.Ready.Text("status") != "True").Select(n => Named(n.Node, n.Ready.Text("reason") ?? "NotReady")).ToList();
        var cordoned = nodes.Count(n => n.Flag("spec", "unschedulable"));
        return new("Nodes", nodes.Count > 0 && notReady.Count == 0, $"{nodes.Count - notReady.Count} of {nodes.Count} ready{(cordoned > 0 ? $", {cordoned} cordoned" : "")}", notReady);
    }

    /// <summary>Checks for pods that are not ready. Pods that have ended or are being deleted are ignored.</summary>
    public static ClusterCheck Pods(IReadOnlyCollection<JsonObject> pods)
    {
        var alive = pods.Where(IsAlive).ToList();
        var notReady = alive.Where(p => !p.Items("status", "conditions").Any(c => c.Text("type") == "Ready" && c.Text("status") == "True"))
            .Select(p => Named(p, RolloutStatus.Reason(p) ?? p.Text("status", "phase") ?? "Pending")).ToList();
        return new("Pods", notReady.Count == 0, $"{alive.Count - notReady.Count} of {alive.Count} ready", notReady);
    }

    /// <summary>Checks for workloads with fewer replicas of their current template than desired.</summary>
    public static ClusterCheck Workloads(IReadOnlyCollection<JsonObject> workloads)
    {
        // Owned workloads are counted with their owner.
        var own = workloads.Where(w => !w.Items("metadata", "ownerReferences").Any(o => o.Flag("controller"))).ToList();
        var behind = own.Select(w => (Workload: w, Replicas: Replicas(w))).Where(w => w.Replicas.Has < w.Replicas.Wants)
            .Select(w => $"{w.Workload.Text("kind")!.ToLowerInvariant()} {Named(w.Workload, $"{w.Replicas.Has}/{w.Replicas.Wants}")}").ToList();
        return new("Workloads", behind.Count == 0, $"{own.Count - behind.Count} of {own.Count} complete", behind);
    }

    /// <summary>Checks for unschedulable pods.</summary>
    public static ClusterCheck Scheduler(IReadOnlyCollection<JsonObject> pods)
    {
        var waiting = pods.Where(p => IsAlive(p) && p.Text("spec", "nodeName") is null).ToList();
        return waiting.Count == 0 ? new("Scheduler", true, "no pods wait for a node")
            : new("Scheduler", false, $"{waiting.Count} {(waiting.Count == 1 ? "pod waits" : "pods wait")} for a node", [.. waiting.Select(p => Named(p, Unscheduled(p)))]);
    }

    private static string Unscheduled(JsonObject pod) =>
        pod.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == "PodScheduled").Text("message") ?? "not tried yet";

    private static (long Has, long Wants) Replicas(JsonObject workload)
    {
        long Status(string field) => workload.Number("status", field) ?? 0;
        var isObserved = Status("observedGeneration") >= (workload.Number("metadata", "generation") ?? 0);
        var (has, wants) = workload.Text("kind") switch
        {
            "DaemonSet" => (Math.Min(Status("numberAvailable"), Status("updatedNumberScheduled")), isObserved ? Status("desiredNumberScheduled") : 1),
            "Deployment" or "StatefulSet" => (Math.Min(Status("availableReplicas"), Status("updatedReplicas")), workload.Number("spec", "replicas") ?? 1),
            _ => (Status("availableReplicas"), workload.Number("spec", "replicas") ?? 1),
        };
        return (isObserved ? has : 0, wants);
    }

    private static bool IsAlive(JsonObject pod) => pod.Text("status", "phase") is not ("Succeeded" or "Failed") && pod.Text("metadata", "deletionTimestamp") is null;

    private static string Named(JsonObject o, string why) => $"{(o.Namespace() is { } ns ? ns + "/" : "")}{o.Name()} ({why})";
}
